"""How the text of a field becomes its value; None where the text has no such value."""

from __future__ import annotations

import datetime
import re

from hub.digests import Digest
from hub.versions import Version

_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_BOOLEANS = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}


def read_version(text: str | None) -> Version | None:
    """Read a version such as ``1.10``.

    Example:
        >>> read_version("1.10"), read_version("banana")
        ((1, 10), None)
    """
    try:
        return Version.parse(text or "")
    except ValueError:
        return None


def read_date(text: str | None) -> datetime.date | None:
    """Read a day as year-month-day; the official cards write it with and without zeros.

    Example:
        >>> read_date("2025-3-10"), read_date("2025-02-30")
        (datetime.date(2025, 3, 10), None)
    """
    match = _DATE.fullmatch(text or "")
    if match is None:
        return None
    try:
        return datetime.date(*map(int, match.groups()))
    except ValueError:
        return None


def read_boolean(text: str | None) -> bool | None:
    """Read ``True`` or ``False``, in any case.

    Example:
        >>> read_boolean("True"), read_boolean("maybe")
        (True, None)
    """
    return _BOOLEANS.get((text or "").lower())


def read_link(text: str) -> str:
    """Take a link out of its ``<…>``.

    Example:
        >>> read_link("<https://example.org/a.ckpt>")
        'https://example.org/a.ckpt'
    """
    return text[1:-1].strip() if text.startswith("<") and text.endswith(">") else text


def read_digest(text: str) -> Digest | None:
    """Read a SHA-256 digest, whole or as a prefix of 8 digits or more.

    Example:
        >>> print(read_digest("0E737186"), read_digest("zzz"))
        0e737186 None
    """
    try:
        return Digest.parse(text)
    except ValueError:
        return None
