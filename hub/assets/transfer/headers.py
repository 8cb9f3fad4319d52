"""Headers: strict readers of what a server says of a file, since any text may come."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from urllib3 import Retry
from urllib3.exceptions import InvalidHeader

from hub.assets.remainders import is_strong

_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_PART = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)", re.ASCII)
_NO_PART = re.compile(r"bytes \*/([0-9]{1,18})", re.ASCII)
_LONGEST_PAUSE_TEXT = 64  # characters of a Retry-After that are looked at

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ContentRange:
    """Which bytes of a file a body holds.

    Attributes:
        start: The first byte.
        end: The byte after the last one.
        total: The bytes of the whole file, or None if the server does not say.
    """

    start: int
    end: int
    total: int | None


def read_length(headers: Headers) -> int | None:
    """Return the announced bytes of a body, or None if there is no sensible number.

    Example:
        >>> read_length({"Content-Length": "12"}), read_length({"Content-Length": "-1"})
        (12, None)
    """
    text = headers.get("Content-Length", "")
    return int(text) if _NUMBER.fullmatch(text) else None


def read_content_range(headers: Headers) -> ContentRange | None:
    """Return which part of a file a body is, or None if no sensible one is stated.

    Example:
        >>> read_content_range({"Content-Range": "bytes 5-9/10"})
        ContentRange(start=5, end=10, total=10)
        >>> read_content_range({"Content-Range": "bytes 9-5/10"})
    """
    match = _PART.fullmatch(headers.get("Content-Range", ""))
    if match is None:
        return None
    start, last = int(match[1]), int(match[2])
    total = None if match[3] == "*" else int(match[3])
    sensible = start <= last and (total is None or last < total)
    return ContentRange(start, last + 1, total) if sensible else None


def read_unsatisfied_range(headers: Headers) -> int | None:
    """Return the file's size as a 416 answer states it.

    Example:
        >>> read_unsatisfied_range({"Content-Range": "bytes */12"})
        12
    """
    match = _NO_PART.fullmatch(headers.get("Content-Range", ""))
    return int(match[1]) if match else None


def read_strong_etag(headers: Headers) -> str:
    """Return the validator that two files of different bytes never share; empty if there is none.

    Example:
        >>> read_strong_etag({"ETag": '"1a2b"'}), read_strong_etag({"ETag": 'W/"1a2b"'})
        ('"1a2b"', '')
    """
    text = headers.get("ETag", "")
    return text if is_strong(text) else ""


def read_retry_after(headers: Headers) -> float | None:
    """Return the seconds that a server asks to be left alone; None if it does not, or garbles it.

    Example:
        >>> read_retry_after({"Retry-After": "120"})
        120.0
        >>> read_retry_after({"Retry-After": "soon"})
    """
    text = headers.get("Retry-After", "")[:_LONGEST_PAUSE_TEXT]
    if not text:
        return None
    try:
        return float(Retry().parse_retry_after(text))
    except (InvalidHeader, ValueError, OverflowError, TypeError):
        return None


def read_media_type(headers: Headers) -> str:
    """Return the media type in small letters, without its parameters; it may be empty.

    Example:
        >>> read_media_type({"Content-Type": "Text/HTML; charset=utf-8"})
        'text/html'
    """
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


def read_encoding(headers: Headers) -> str:
    """Return how a body is encoded; empty if it is the file itself.

    Example:
        >>> read_encoding({"Content-Encoding": "gzip"}), read_encoding({})
        ('gzip', '')
    """
    text = headers.get("Content-Encoding", "").strip().lower()
    return "" if text == "identity" else text


def takes_ranges(headers: Headers) -> bool:
    """Tell whether a server says that it sends parts of a file."""
    return headers.get("Accept-Ranges", "").strip().lower() == "bytes"
