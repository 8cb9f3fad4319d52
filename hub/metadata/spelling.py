"""How a value is spelt in a header: what each key takes, and in which form it is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from hub.cards import fields
from hub.cards.scalars import write_scalar
from hub.errors import ArgumentError
from hub.terms.formats import FILE_FORMATS

_LINK = re.compile(r"https?://[^\s<>]+")


def check_value(key: str, text: str, place: str) -> str:
    """Check what somebody wants to put under a key, and return its normal form.

    Dates are written year-month-day with zeros, digests and file formats in lower case, booleans
    as ``True`` and ``False``, links without ``<…>``. Every other key takes any line of text.

    Args:
        key: The key's English name, without the path before it.
        text: The value, without quotes.
        place: What the value is for, as errors name it, such as ``card.md: update-time``.

    Returns:
        The text that the value stands for.

    Raises:
        ArgumentError: The key takes no such value, or no header can hold it on one line.

    Example:
        >>> check_value("update-time", "2025-3-10", "card.md: update-time")
        '2025-03-10'
        >>> check_value("update-time", "banana", "card.md: update-time")
        Traceback (most recent call last):
        hub.errors.ArgumentError: card.md: update-time: 'banana' is no day; write one such as 2025-03-10
    """
    if not isinstance(text, str):
        raise ArgumentError(f"{place}: a value is a text, not {text!r}; write it in quotes")
    normal, wanted = _normalise(key, text.strip())
    if wanted:
        if normal is None:
            raise ArgumentError(f"{place}: {text[:80]!r} is no {wanted}")
        return normal
    try:
        write_scalar(text)
    except ValueError as error:
        raise ArgumentError(
            f"{place}: {text[:80]!r} has a line end or another character that one line of a header "
            "cannot hold; write it as one line of text"
        ) from error
    return text


def spell_value(key: str, text: str) -> str:
    """Write a value as it stands behind its key: links in ``<…>``, quotes where they are needed.

    Args:
        key: The key's English name, without the path before it.
        text: The text that the value stands for.

    Raises:
        ValueError: One line of a header cannot hold it.

    Example:
        >>> spell_value("repo-link", "https://example.org/a"), spell_value("model-version", "1.10")
        ('<https://example.org/a>', "'1.10'")
    """
    return write_scalar(f"<{text}>" if is_link_key(key) and _LINK.fullmatch(text) else text)


def normalise_value(key: str, text: str) -> str:
    """Return the usual form of a value that a card has, without changing the card's record.

    Args:
        key: The key's English name, without the path before it.
        text: The text that the card has.

    Returns:
        The usual form; the text itself if the key takes no such value.

    Example:
        >>> normalise_value("update-time", "2025-3-10"), normalise_value("update-time", "banana")
        ('2025-03-10', 'banana')
    """
    if key in {"update-time", "repo-link", "asset-link", "file-format", "fine-tunable"}:
        normal, _ = _normalise(key, text.strip())
        return text if normal is None else normal
    return text


def is_link_key(key: str) -> bool:
    """Tell whether a key's value is a link: ``asset-link``, ``repo-link``, ``vit-repo-link``.

    Example:
        >>> is_link_key("vit-repo-link"), is_link_key("summary")
        (True, False)
    """
    return key in {"asset-link", "repo-link"} or key.endswith("-repo-link")


def _normalise(key: str, text: str) -> tuple[str | None, str]:
    """Return a value's normal form, or None, and what the key wants; '' if it takes any text."""
    kind = "link" if is_link_key(key) else _KINDS.get(key)
    if kind is None:
        return text, ""
    read, wanted = _READERS[kind]
    return read(text), wanted


def _read_date(text: str) -> str | None:
    day = fields.read_date(text)
    return day.isoformat() if day else None


def _read_version(text: str) -> str | None:
    return text if fields.read_version(text) else None


def _read_boolean(text: str) -> str | None:
    value = fields.read_boolean(text)
    if value is None or text in {"是", "否"}:
        return None if value is None else text
    return str(value)


def _read_digest(text: str) -> str | None:
    digest = fields.read_digest(text)
    return digest.hex if digest else None


def _read_file_format(text: str) -> str | None:
    return text.lower() if text.lower() in FILE_FORMATS else None


def _read_link(text: str) -> str | None:
    link = fields.read_link(text)
    return link if _LINK.fullmatch(link) else None


_KINDS = MappingProxyType(
    {
        "update-time": "date",
        "model-version": "version",
        "mindspore-version": "version",
        "fine-tunable": "boolean",
        "allow-cache-ckpt": "boolean",
        "asset-sha256": "digest",
        "file-format": "file format",
    }
)
_READERS: Mapping[str, tuple[Callable[[str], str | None], str]] = MappingProxyType(
    {
        "date": (_read_date, "day; write one such as 2025-03-10"),
        "version": (_read_version, "version; write one such as 2.5"),
        "boolean": (_read_boolean, "yes or no; write True or False"),
        "digest": (
            _read_digest,
            "SHA-256 digest; write its 64 hexadecimal digits, or at least the first 8",
        ),
        "file format": (_read_file_format, f"file format; write one of: {', '.join(FILE_FORMATS)}"),
        "link": (_read_link, "link; write one such as https://example.org/weights.ckpt"),
    }
)
