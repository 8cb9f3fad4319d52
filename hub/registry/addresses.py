"""Which URLs can name a registry, and how URLs are shown."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from hub.errors import ArgumentError
from hub.redaction import redact_url

_LOGIN = re.compile(r"(?<=://)[^/?#]*@")
_OBJECT_STORES = frozenset({"cos", "gs", "obs", "oss", "s3"})


def check_address(url: str) -> str:
    """Return a registry's URL without slashes at its end, if it is one that can be asked.

    Whether its host may be asked without TLS is the transfer's question.

    Raises:
        ArgumentError: It is no https URL, or holds a login, a query or a fragment.

    Example:
        >>> check_address("https://example.org/cards/")
        'https://example.org/cards'
    """
    shown = redact_url(url)
    if _LOGIN.search(url):
        raise _refuse(shown, "a login in a URL is refused; a token belongs into MSHUB_TOKEN")
    if "?" in url or "#" in url:
        raise _refuse(
            shown, "a registry's URL has no '?' and no '#'; a token belongs into MSHUB_TOKEN"
        )
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # whose text may hold a part of a password
        raise _refuse(shown, "this is no URL: see its host and its port") from None
    if parts.scheme in _OBJECT_STORES:
        raise _refuse(
            shown, f"{parts.scheme}:// is not read; name the bucket by its https URL instead"
        )
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise _refuse(shown, "a registry is a folder or an https URL")
    return url.rstrip("/")


def _refuse(shown: str, reason: str) -> ArgumentError:
    return ArgumentError(f"{shown}: {reason}")
