"""SHA-256 digests: whole ones, and the short prefixes that the 2.x cards carry."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedIOBase, RawIOBase
from pathlib import Path

_PATTERN = re.compile(r"[0-9a-fA-F]{8,64}")
_READ_SIZE = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Digest:
    """A SHA-256 digest as a card states it: 64 hexadecimal digits, or the first 8 to 63 of them.

    A prefix of 8 digits guards against accidents, not against attackers: a file with a chosen
    prefix of 32 bits is made in under a minute. So a prefix says that it is one (``complete``).

    Attributes:
        hex: The digits, in lower case.

    Example:
        >>> short = Digest.parse("f8d7aa2a")
        >>> short.complete, short.strength
        (False, 'weak: a prefix of 32 bits')
        >>> short.matches("f8d7aa2a" + 56 * "0")
        True
    """

    hex: str

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read 8 to 64 hexadecimal digits.

        Raises:
            ValueError: ``text`` is anything else.
        """
        if not _PATTERN.fullmatch(text):
            raise ValueError(f"{text!r} is not 8 to 64 hexadecimal digits")
        return cls(text.lower())

    @property
    def complete(self) -> bool:
        """Whether all 256 bits are stated."""
        return len(self.hex) == 64

    @property
    def strength(self) -> str:
        """How far the digest can be trusted, in words."""
        return "full" if self.complete else f"weak: a prefix of {4 * len(self.hex)} bits"

    def matches(self, sha256: str) -> bool:
        """Tell whether a whole SHA-256 (64 lower-case hexadecimal digits) begins with this one."""
        return sha256.startswith(self.hex)

    def __str__(self) -> str:
        return self.hex


def hash_file(path: Path) -> str:
    """Read a file once, 1 MiB at a time, and return its SHA-256 as 64 hexadecimal digits.

    Raises:
        OSError: The file cannot be read.

    Example:
        >>> import tempfile
        >>> empty = Path(tempfile.mkdtemp(), "empty")
        >>> empty.touch()
        >>> hash_file(empty)[:8]
        'e3b0c442'
    """
    with path.open("rb", buffering=0) as file:
        return hash_open_file(file)


def hash_open_file(
    file: RawIOBase | BufferedIOBase, take: Callable[[memoryview], object] | None = None
) -> str:
    """Read an open file to its end, and return the SHA-256 of that as 64 hexadecimal digits.

    Args:
        file: The file, opened for reading without a buffer.
        take: Is given each piece, 1 MiB at most; the piece is only valid during the call.

    Raises:
        OSError: The file cannot be read, or ``take`` cannot write.

    Example:
        >>> import io
        >>> copy = io.BytesIO()
        >>> hash_open_file(io.BytesIO(b"weights"), copy.write)[:8], copy.getvalue()
        ('9a129038', b'weights')
    """
    sha256 = hashlib.sha256()
    buffer = bytearray(_READ_SIZE)
    view = memoryview(buffer)
    while size := file.readinto(buffer):
        sha256.update(view[:size])
        if take:
            take(view[:size])
    return sha256.hexdigest()
