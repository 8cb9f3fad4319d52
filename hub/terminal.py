"""Text from cards and servers, made safe to show on a terminal."""

from __future__ import annotations

import unicodedata


def neutralise(text: str) -> str:
    r"""Write out the characters that would steer a terminal, such as ``\x1b``.

    Controls, invisible formatting and lone surrogates become their Python escape; ends of
    lines and blanks stay.

    Args:
        text: Text of any origin.

    Returns:
        The text, with nothing in it that a terminal obeys and nothing that can't be encoded.

    Example:
        >>> print(neutralise("red \x1b[31m and\nanother line"))
        red \x1b[31m and
        another line
    """
    if text.isprintable():
        return text
    return "".join(char if _is_plain(char) else repr(char)[1:-1] for char in text)


def neutralise_line(text: str) -> str:
    r"""Do the same for text that has to stay on one line: its ends of lines are written out too.

    Args:
        text: Text of any origin.

    Returns:
        The text on one line.

    Example:
        >>> print(neutralise_line("one\ntwo"))
        one\ntwo
    """
    return neutralise(text).replace("\n", "\\n")


def _is_plain(char: str) -> bool:
    return char.isprintable() or char == "\n" or unicodedata.category(char) == "Zs"
