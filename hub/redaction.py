"""Showing URLs to people: without what may be a secret."""

from __future__ import annotations

import re

_LOGIN = re.compile(r"(?<=//)[^/?#\s'\"]*@")
_SECRET = re.compile(r"[?#][^\s'\"<>]*")


def redact_url(url: str) -> str:
    """Return a URL without login, query and fragment, any of which may hold a secret.

    Example:
        >>> redact_url("https://me:word@example.org/a.ckpt?signature=secret#part")
        'https://example.org/a.ckpt'
    """
    return _LOGIN.sub("", re.split("[?#]", url, maxsplit=1)[0])


def redact_text(text: str) -> str:
    """Return somebody else's message without the logins and queries of the URLs in it.

    Example:
        >>> redact_text("Failed to parse: 'https://me:word@a.org/x?key=secret'")
        "Failed to parse: 'https://a.org/x'"
    """
    return _LOGIN.sub("", _SECRET.sub("", text))
