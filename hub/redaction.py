"""Showing URLs to people: without what may be a secret.

A login stands between ``//`` and ``@``. It should end before the first ``/``, but a password may
hold a raw slash, question mark or ``#``. So everything up to the last ``@`` counts as a login,
unless a host can be told right behind the ``//``: a name with a dot, ``localhost`` or an address in
brackets, perhaps with a port. ``https://example.org/@scope/a`` stays as it is; in doubt, as in
``https://mirror/@scope/a``, it is hidden. A backslash behind ``https:`` counts as a slash, as
browsers take it, and so does one slash alone. Behind ``?`` and ``#`` everything is hidden.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

MASK = "***"
_HOST = r"(?:(?:[\w-]+\.)+[\w-]+\.?|localhost|\[[\w:.%-]+\])(?::\d{1,5})?"
_START = r"(?://|https?:[/\\]+(?![/\\]))"
_NO_HOST = re.compile(rf"{_START}(?!{_HOST}[/?#])", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.IGNORECASE)
_WORD = re.compile(r"[^\s'\"<>]+")
_QUERY = re.compile(r"([?#]).+", re.DOTALL)


def redact_url(url: str) -> str:
    """Return a URL without login, query and fragment, any of which may hold a secret.

    Example:
        >>> redact_url("https://me:word@example.org/a.ckpt?signature=secret#part")
        'https://example.org/a.ckpt'
        >>> redact_url("https://me:pa/ss@example.org/a.ckpt")
        'https://example.org/a.ckpt'
    """
    return re.split("[?#]", _hide_login(url, ""), maxsplit=1)[0]


def redact_text(text: str) -> str:
    """Return somebody else's message without the logins and queries of the URLs in it.

    Example:
        >>> redact_text("Failed to parse: 'https://me:word@a.org/x?key=secret'")
        "Failed to parse: 'https://a.org/x'"
    """
    return _WORD.sub(lambda word: _QUERY.sub("", _hide_login(word[0], "")), text)


def mask_text(text: str) -> str:
    """Return a text that shows where logins and queries of URLs were in it, and none of them.

    Example:
        >>> mask_text("see https://ada:secret@example.org/a?key=1 and https://example.org/@b")
        'see https://***@example.org/a?*** and https://example.org/@b'
    """
    return _WORD.sub(lambda word: _QUERY.sub(rf"\1{MASK}", _hide_login(word[0], f"{MASK}@")), text)


def mask_proxy(value: str) -> str:
    """Hide the login of a proxy, which may be written without a scheme, and what no proxy has.

    Example:
        >>> mask_proxy("ada:secret@proxy:3128"), mask_proxy("http://proxy:3128")
        ('***@proxy:3128', 'http://proxy:3128')
    """
    login, at, host = value.rpartition("@")
    scheme, separator, _ = login.partition("://")
    start = f"{scheme}://" if separator and _SCHEME.fullmatch(scheme) else ""
    return _QUERY.sub(rf"\1{MASK}", f"{start}{MASK}@{host}" if at else value)


def find_host(url: str) -> str:
    """Return the host of a URL and perhaps its port, without a login; empty if it has none.

    Example:
        >>> find_host("https://me:pa/ss@example.org:8443/a.ckpt")
        'example.org:8443'
    """
    try:
        return urlsplit(redact_url(url)).netloc
    except ValueError:
        return ""


def _hide_login(url: str, shown: str) -> str:
    """Put something in the place of a login, or of what may be one."""
    end = url.rfind("@")
    start = _NO_HOST.search(url)
    if end < 0 or start is None or start.end() > end:
        return url
    return url[: start.end()] + shown + url[end + 1 :]
