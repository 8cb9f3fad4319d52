"""Versions as MindSpore Hub writes them: digits separated by dots, compared number by number."""

from __future__ import annotations

import re

_PATTERN = re.compile(r"(0|[1-9]\d{0,5})(\.(0|[1-9]\d{0,5})){0,3}", re.ASCII)


class Version(tuple[int, ...]):
    """A version as a tuple of integers, so that 2.10 is newer than 2.5 and 1.10 than 1.9.

    YAML reads ``1.10`` as the number 1.1: 448 official cards lose their version that way. A
    version here is read from the card's text and prints as it stands there.

    Example:
        >>> Version.parse("1.10") > Version.parse("1.9")
        True
        >>> str(Version.parse("1.10"))
        '1.10'
        >>> Version.parse("2.5") == (2, 5)
        True
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read a version such as ``2.5``.

        Raises:
            ValueError: ``text`` is not one to four numbers separated by dots.
        """
        if not _PATTERN.fullmatch(text):
            raise ValueError(f"{text!r} is not a version such as 2.5")
        return cls(int(number) for number in text.split("."))

    def __str__(self) -> str:
        return ".".join(map(str, self))
