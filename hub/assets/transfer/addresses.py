"""Addresses: which URLs may be asked, who may see the token, and how a URL is shown to people."""

from __future__ import annotations

import ipaddress
from urllib.parse import urljoin, urlsplit

from hub import settings
from hub.errors import DownloadError
from hub.redaction import redact_url

_PORTS = {"http": 80, "https": 443}

USE_MIRROR = "name a mirror in MSHUB_MIRRORS, or tell the publisher"

Origin = tuple[str, str, int]  # scheme, host, port


def check_url(url: str, redirected_from: str = "") -> str:
    """Return the scheme of a URL, if it may be asked.

    Args:
        url: What is to be asked.
        redirected_from: The URL that named it, if one did.

    Raises:
        DownloadError: It is no URL, holds a login, or is neither https nor, on this machine and
            not after https, http.

    Example:
        >>> check_url("http://127.0.0.1:9000/a.ckpt")
        'http'
    """
    shown = redact_url(url)
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        message = f"{shown!r} is not a URL: {error}; {USE_MIRROR}"
        raise DownloadError(message, url=shown) from None
    if any(character.isspace() for character in parts.netloc):
        message = f"{shown!r} is not a URL: its host holds a blank; {USE_MIRROR}"
        raise DownloadError(message, url=shown)
    if "@" in parts.netloc:
        raise DownloadError(
            f"a login in a URL is refused (the host is {host}); name the file's public URL",
            url=host,
        )
    downgraded = urlsplit(redirected_from).scheme == "https"
    safe_http = parts.scheme == "http" and _is_loopback(host) and not downgraded
    if not (safe_http or (parts.scheme == "https" and host)):
        origin = f" (redirected from {redact_url(redirected_from)})" if redirected_from else ""
        raise DownloadError(
            f"{shown}{origin} is refused: only https is safe (http only on this machine); ask the"
            " publisher for an https link, or name a mirror in MSHUB_MIRRORS",
            url=shown,
        )
    return parts.scheme


def join_redirect(url: str, location: str) -> str:
    """Return the URL that a redirect leads to.

    Args:
        url: What was asked.
        location: The header as it came: UTF-8 that was read as Latin-1.

    Raises:
        DownloadError: It is no URL.
    """
    try:
        return urljoin(url, location.encode("latin-1").decode())
    except ValueError:
        shown, target = redact_url(url), redact_url(location)
        message = f"{shown} redirects to {target!r}, which is no URL; {USE_MIRROR}"
        raise DownloadError(message, url=shown) from None


def find_token(url: str) -> str | None:
    """Return the token, if this URL's host is that of a registry that the user named.

    Args:
        url: A URL that :func:`check_url` let pass.

    Raises:
        ArgumentError: ``MSHUB_TOKEN`` cannot be a token.
    """
    token = settings.token()
    if token is None:
        return None
    trusted = {_find_origin(entry) for entry in settings.registries() if "://" in entry}
    origin = _find_origin(url)
    return token if origin is not None and origin in trusted else None


def _find_origin(url: str) -> Origin | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (KeyError, ValueError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
