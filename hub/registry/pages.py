"""Small pages at URLs, cards and indexes, kept for the time without a network."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from hub import settings
from hub.assets.cache.cache import Cache
from hub.assets.cache.texts import KeptText
from hub.assets.patience import PATIENCE, Patience
from hub.errors import CacheError, HubError, NoAnswerError, OfflineError
from hub.redaction import redact_url
from hub.registry.advice import fit_advice

_log = logging.getLogger(__name__)

_QUICK = Patience(connect=5, silence=10, attempts=2)  # for what is here already, if a bit older

Page = TypeVar("Page")


class Pages:
    """Reads pages and keeps them in the cache.

    Args:
        cache: Where they are kept; None takes ``MSHUB_CACHE`` or the user's cache folder.

    Raises:
        ArgumentError: There is no place for a cache.
    """

    def __init__(self, cache: Cache | None = None) -> None:
        self._cache = cache or Cache()

    def read(
        self,
        url: str,
        parse: Callable[[bytes], Page],
        *,
        name: str,
        largest: int,
        fresh: float = 0,
    ) -> Page:
        """Read a page; without a network, as it was when it was last read.

        Args:
            url: Where it is.
            parse: Makes a record of its bytes, or raises; only what it accepts is kept.
            name: What a warning calls the page, such as ``the card``.
            largest: The most bytes that are accepted.
            fresh: Seconds for which a page that was read is not asked for again.

        Raises:
            NoAnswerError: The server cannot be reached, and the page was never read.
            DownloadError: The answer is wrong, or the URL is unsafe.
            OfflineError: It was never read, and ``MSHUB_OFFLINE`` is set.
            CacheError: ``MSHUB_OFFLINE`` is set, and the cache cannot be read.
            ArgumentError: A setting cannot work.
        """
        kept = self._find(url)
        if settings.offline():
            if kept is None:
                shown = redact_url(url)
                raise OfflineError(f"{shown} was never read, and MSHUB_OFFLINE is set", url=shown)
            return parse(kept.content)
        if kept is not None and kept.age < fresh:
            with suppress(HubError):  # damaged on disk: it is read again
                return parse(kept.content)
        try:
            content = self.fetch(url, largest, PATIENCE if kept is None else _QUICK)
        except NoAnswerError as error:
            if kept is None:
                raise
            _log.warning("%s; %s is taken as it was last read", error, name)
            return parse(kept.content)
        page = parse(content)
        self.keep(url, content)
        return page

    def fetch(self, url: str, largest: int, patience: Patience = PATIENCE) -> bytes:
        """Ask for a page, whatever is kept, and keep nothing.

        Raises:
            DownloadError: It cannot be had, or is larger than allowed.
        """
        from hub.assets.transfer.download import read_small

        with fit_advice():
            return read_small(url, largest=largest, patience=patience)

    def find(self, url: str) -> bytes | None:
        """Return a page as it was last read; None if it never was.

        Raises:
            CacheError: ``MSHUB_OFFLINE`` is set, and the cache cannot be read.
        """
        kept = self._find(url)
        return None if kept is None else kept.content

    def _find(self, url: str) -> KeptText | None:
        try:
            return self._cache.read_card(url)
        except CacheError as error:
            if settings.offline():
                raise
            _log.warning("%s", error)
            return None

    def keep(self, url: str, content: bytes) -> None:
        """Keep a page, if the cache can be written."""
        try:
            self._cache.write_card(url, content)
        except CacheError as error:
            _log.warning("%s", error)
