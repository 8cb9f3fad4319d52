"""The settings: one table that the code, ``hub env`` and the documentation share.

All are environment variables, read when they are needed, never at import. Proxies and certificate
authorities are requests' own business (``HTTPS_PROXY``, ``NO_PROXY``, ``REQUESTS_CA_BUNDLE``).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from hub.errors import ArgumentError

_MIRROR = re.compile(r"(?P<prefix>https?://\S+?)=(?P<replacement>https?://\S+)")
_TOKEN = re.compile(r"[!-~]*")
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table: an environment variable, what it is for, and its default."""

    variable: str
    meaning: str
    default: str


CACHE = Setting("MSHUB_CACHE", "cache folder", "the user's cache folder, mshub")
SHARED_CACHE = Setting(
    "MSHUB_SHARED_CACHE",
    f"caches that are only read, asked after MSHUB_CACHE, separated by '{os.pathsep}'",
    "none",
)
REGISTRY = Setting(
    "MSHUB_REGISTRY",
    f"folders of cards, in order, separated by '{os.pathsep}', or blanks if https URLs are among"
    " them; 'shipped' is the package's own",
    "shipped",
)
MIRRORS = Setting(
    "MSHUB_MIRRORS",
    "blank-separated PREFIX=REPLACEMENT pairs, tried before the card's own link",
    "none",
)
OFFLINE = Setting("MSHUB_OFFLINE", "1: no network at all", "0")
TOKEN = Setting(
    "MSHUB_TOKEN",
    "a bearer token, sent to the hosts of the URLs in MSHUB_REGISTRY and to no others",
    "none",
)
TABLE = (CACHE, SHARED_CACHE, REGISTRY, MIRRORS, OFFLINE, TOKEN)


@dataclass(frozen=True, slots=True)
class Mirror:
    """Another place for the same files: links that begin with ``prefix`` are tried there first."""

    prefix: str
    replacement: str

    def __str__(self) -> str:
        return f"{self.prefix}={self.replacement}"

    def rewrite(self, url: str) -> str | None:
        """Return the URL at the mirror, or None if this mirror does not serve it.

        Example:
            >>> Mirror("https://a.org/", "http://127.0.0.1:9000/").rewrite("https://a.org/b.ckpt")
            'http://127.0.0.1:9000/b.ckpt'
        """
        if not url.startswith(self.prefix):
            return None
        return self.replacement + url.removeprefix(self.prefix)


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the cache folder: ``MSHUB_CACHE``, else the platform's place for caches.

    Raises:
        ArgumentError: The variable is not set, and the user has no home folder; or it holds a
            relative path, and the current folder was removed.
    """
    if chosen := environ.get(CACHE.variable):
        return _find_folder(CACHE, chosen)
    from platformdirs import user_cache_path

    try:
        return user_cache_path("mshub")
    except RuntimeError as error:
        message = f"{CACHE.variable} is not set, and there is no home folder to keep a cache in"
        raise ArgumentError(f"{message}; set {CACHE.variable} to a folder") from error


def shared_caches(environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Return the caches that are only read, in the order in which they are asked.

    Raises:
        ArgumentError: One of them is a relative path, and the current folder was removed.

    Example:
        >>> shared_caches({})
        ()
    """
    entries = environ.get(SHARED_CACHE.variable, "").split(os.pathsep)
    return tuple(_find_folder(SHARED_CACHE, entry) for entry in entries if entry)


def token(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the bearer token, or None if there is none.

    Raises:
        ArgumentError: It holds something that no HTTP header may hold; the token is not repeated.

    Example:
        >>> token({"MSHUB_TOKEN": " abc "})
        'abc'
    """
    text = environ.get(TOKEN.variable, "").strip()
    if not _TOKEN.fullmatch(text):
        raise ArgumentError(
            f"{TOKEN.variable} holds a character that a bearer token cannot have; copy it again"
        )
    return text or None


def registries(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the registries in the order in which they are asked.

    Folders stand between ``os.pathsep``. Where a URL is among them, blanks separate the entries.

    Example:
        >>> registries({})
        ('shipped',)
        >>> registries({"MSHUB_REGISTRY": f"/cards{os.pathsep}shipped"})
        ('/cards', 'shipped')
    """
    text = environ.get(REGISTRY.variable) or REGISTRY.default
    entries = text.split() if "://" in text else [text]
    return tuple(
        part
        for entry in entries
        for part in ([entry] if "://" in entry else entry.split(os.pathsep))
        if part
    )


def mirrors(environ: Mapping[str, str] = os.environ) -> tuple[Mirror, ...]:
    """Return the mirrors in the order in which they are tried.

    Raises:
        ArgumentError: A pair is not ``PREFIX=REPLACEMENT`` with two http(s) URLs without login.

    Example:
        >>> mirrors({"MSHUB_MIRRORS": "https://a.org/=http://127.0.0.1:9000/"})
        (Mirror(prefix='https://a.org/', replacement='http://127.0.0.1:9000/'),)
    """
    pairs = environ.get(MIRRORS.variable, "").split()
    return tuple(map(_read_mirror, pairs))


def _find_folder(setting: Setting, text: str) -> Path:
    try:
        return Path(os.path.expanduser(text)).absolute()  # noqa: PTH111, that one raises for ~nobody
    except OSError as error:
        raise ArgumentError(
            f"{setting.variable}: {text!r} is a relative path, and the current folder is gone"
            f" ({error.strerror or error}); write an absolute path, or go to another folder"
        ) from error


def _read_mirror(pair: str) -> Mirror:
    match = _MIRROR.fullmatch(pair)
    try:
        hosts = [urlsplit(url).netloc for url in match.groups()] if match else []
    except ValueError:
        hosts = []
    if any("@" in host for host in hosts) or (not hosts and "@" in pair):
        raise ArgumentError(f"{MIRRORS.variable}: a login in a URL is refused")
    if match is None or not hosts:
        raise ArgumentError(
            f"{MIRRORS.variable}: {pair!r} is not PREFIX=REPLACEMENT, for example"
            " https://download-mindspore.osinfra.cn/=http://127.0.0.1:9000/"
        )
    return Mirror(match["prefix"], match["replacement"])


def offline(environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether the network is switched off.

    Raises:
        ArgumentError: ``MSHUB_OFFLINE`` is neither a yes nor a no.

    Example:
        >>> offline({"MSHUB_OFFLINE": "1"}), offline({})
        (True, False)
    """
    text = environ.get(OFFLINE.variable, "").strip().lower()
    if text not in _YES | _NO:
        raise ArgumentError(f"{OFFLINE.variable}={text!r}: write 1 (no network) or 0")
    return text in _YES
