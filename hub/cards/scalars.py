"""How a line of text stands in a header: plain where YAML lets it, otherwise in quotes."""

from __future__ import annotations

import re

# A character that YAML allows inside a value and that ends no line, in no version of YAML.
_CHAR = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"
_BEGINS_PLAIN = re.compile(r"[^\s'\"&*!|>%@`{}\[\],#?:-]|[?:-](?=[^\s:#])")
_SAFE = re.compile(_CHAR + "*")
_QUOTED = re.compile(rf"""'(?P<single>(?:(?!'){_CHAR})*)'|"(?P<double>(?:(?!["\\]){_CHAR})*)\"""")
_COMMENT = re.compile(r"(?:^|[ \t])#")
_NUMBER_IN_DISGUISE = re.compile(r"\d+\.\d*0|0\d+|\d+[eE][+-]?\d+", re.ASCII)


def is_plain(text: str) -> bool:
    """Tell whether a value may stand without quotes; see YAML 1.1, section 9.1.3.

    Example:
        >>> is_plain("top1acc76.88 | top5acc93.28"), is_plain("a: b"), is_plain("-")
        (True, False, False)
    """
    return (
        _BEGINS_PLAIN.match(text) is not None
        and text.isprintable()
        and ": " not in text
        and " #" not in text
        and text[-1] != ":"
    )


def read_quoted(text: str) -> str | None:
    """Return what stands in plain quotes; None if there is none or it needs a real YAML reader.

    Example:
        >>> read_quoted("'1.10'"), read_quoted("1.10"), read_quoted("'it''s'")
        ('1.10', None, None)
    """
    match = _QUOTED.fullmatch(text)
    if match is None:
        return None
    single, double = match.groups()
    return single if double is None else double


def quote(text: str) -> str:
    """Put a text in single quotes, as YAML 1.1 reads them (section 9.1.2).

    Example:
        >>> quote("it's: -")
        "'it''s: -'"
    """
    return "'" + text.replace("'", "''") + "'"


def write_scalar(text: str) -> str:
    """Write a text so that every YAML reader takes it for that text.

    Numbers that YAML readers would change (``1.10``, ``01234567``, ``0e737186``) get quotes.

    Args:
        text: One line, without control characters.

    Raises:
        ValueError: It has a line end or another character that no header can hold.

    Example:
        >>> write_scalar("2.5"), write_scalar("1.10"), write_scalar("a: b")
        ('2.5', "'1.10'", "'a: b'")
    """
    if not _SAFE.fullmatch(text):
        raise ValueError(f"{text!r} has a character that one line of a header cannot hold")
    if text and text == text.strip() and is_plain(text) and not is_number_in_disguise(text):
        return text
    return quote(text) if text else text


def is_number_in_disguise(text: str) -> bool:
    """Tell whether YAML readers take a text for a number and lose digits of it.

    ``1.10`` becomes 1.1, ``0e737186`` zero, and ``01234567`` the octal number 342391.

    Example:
        >>> is_number_in_disguise("1.10"), is_number_in_disguise("2.5")
        (True, False)
    """
    return _NUMBER_IN_DISGUISE.fullmatch(text) is not None


def split_comment(text: str) -> tuple[str, str]:
    """Split a value that is not in quotes from a comment behind it.

    Example:
        >>> split_comment("2.5  # the newest"), split_comment("C# 7")
        (('2.5', '# the newest'), ('C# 7', ''))
    """
    match = _COMMENT.search(text)
    if match is None:
        return text.rstrip(" \t\r"), ""
    return text[: match.start()].rstrip(" \t\r"), text[match.start() :].lstrip()
