"""What online rules ask the network: once per URL, politely, and remembered for a day."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from hub import settings
from hub.assets.cache.cache import Cache, CachedFile
from hub.assets.lockfile import find_lock_file, read_lock_file
from hub.assets.store import fetch_asset, list_sources, name_file
from hub.assets.transfer.probe import probe
from hub.cards.asset import Asset
from hub.digests import Digest
from hub.errors import AssetError, DownloadError, NoAnswerError, OfflineError
from hub.redaction import redact_url

_REMEMBERED = 24 * 3600  # seconds
_SOON_OVER = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back when a link was asked for.

    Attributes:
        url: The URL that answered, behind mirrors and redirects, or else the link; without what
            may be a secret in it.
        status: The HTTP status, or None if there was no answer.
        length: The file's size in bytes, or None if the server does not tell.
        content_type: The media type, such as ``text/html``; may be empty.
        problem: Why there was no answer; empty if there was one.

    Example:
        >>> answer = Answer("https://example.org/a.ckpt", 404)
        >>> answer.alive, answer.settled, str(answer)
        (False, True, 'the server answered 404 Not Found')
    """

    url: str
    status: int | None = None
    length: int | None = None
    content_type: str = ""
    problem: str = ""

    @property
    def alive(self) -> bool:
        """Whether there is something behind the link."""
        return self.status is not None and self.status < 400

    @property
    def settled(self) -> bool:
        """Whether the next try would most likely give the same: no outage, no 'too many'."""
        return self.status is not None and self.status < 500 and self.status not in _SOON_OVER

    def __str__(self) -> str:
        if self.status is None:
            return self.problem
        phrase = next((item.phrase for item in HTTPStatus if item == self.status), "")
        later = "" if self.alive or self.settled else "; try again later"
        return f"the server answered {self.status} {phrase}".rstrip() + later


class Network:
    """Asks for links without fetching what is behind them; not for several threads at once.

    An answer is kept for a day in ``answers/`` of the cache folder, unless it is of the kind that
    passes. Mirrors (``MSHUB_MIRRORS``) are asked before the link itself, as for a download.

    Args:
        per_second: The most requests to one host in a second.
        cache: Where answers and files are; None takes the user's cache.
        clock: Tells the time in seconds.
        sleep: Waits for some seconds.

    Raises:
        ArgumentError: No folder can have the cache's name, or ``hub.lock`` cannot be read.
    """

    def __init__(
        self,
        per_second: float = 2.0,
        cache: Cache | None = None,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.cache = cache or Cache()
        self._interval = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._answers: dict[str, Answer] = {}
        self._failures: dict[tuple[str, Digest | None], AssetError] = {}
        self._next: dict[str, float] = {}
        self._silent: set[str] = set()
        path = find_lock_file()
        self._lock = read_lock_file(path) if path else None

    def ask(self, link: str) -> Answer:
        """Ask whether there is something behind a link; a dead one is an answer, too.

        Args:
            link: An https URL, as a card states it.

        Raises:
            OfflineError: There is no remembered answer, and ``MSHUB_OFFLINE`` is set.
            CacheError: The cache folder cannot be used.
        """
        *mirrors, link = list_sources(link)
        answers = (self._ask(url) for url in mirrors)
        return next((answer for answer in answers if answer.alive), None) or self._ask(link)

    def find_cached(self, asset: Asset) -> CachedFile | None:
        """Return the verified file of an asset, if the cache has it."""
        return self.cache.find(asset.link, asset.digest, name_file(asset))

    def find_sha256(self, asset: Asset) -> tuple[str, str] | None:
        """Return an asset's whole digest and who knows it: ``hub.lock``, else the cache."""
        locked = self._lock.find(asset) if self._lock else None
        if locked and asset.digest and asset.digest.matches(locked.sha256):
            return locked.sha256, "hub.lock"
        cached = self.find_cached(asset)
        return (cached.sha256, "the file in the cache") if cached else None

    def fetch(self, asset: Asset) -> CachedFile:
        """Return the verified file of an asset, downloaded if need be; a failure is final.

        Raises:
            DownloadError: No source delivered it.
            IntegrityError: What came is not the file that the card means.
            CacheError: The cache folder cannot be used.
        """
        place = asset.link, asset.digest
        if failure := self._failures.get(place):
            raise failure
        try:
            return fetch_asset(asset, self.cache)
        except AssetError as error:
            self._failures[place] = error
            raise

    def _ask(self, url: str) -> Answer:
        if known := self._answers.get(url) or self._recall(url):
            self._answers[url] = known
            return known
        if settings.offline():
            shown = redact_url(url)
            message = (
                f"{shown} cannot be asked for: MSHUB_OFFLINE is set; unset it for online rules"
            )
            raise OfflineError(message, url=shown)
        answer = self._answers[url] = self._probe(url, urlsplit(url).netloc if "://" in url else "")
        if answer.settled:
            facts = {"link": redact_url(url), "asked_at": self._clock(), **asdict(answer)}
            self.cache.write_answer(url, facts)
        return answer

    def _probe(self, url: str, host: str) -> Answer:
        shown = redact_url(url)
        if host in self._silent:
            return Answer(shown, problem=f"no answer from {shown}: its host gave none before")
        self._wait(host)
        try:
            found = probe(url)
        except NoAnswerError as error:
            self._silent.add(host)
            return Answer(shown, problem=str(error))
        except DownloadError as error:
            return Answer(shown, error.status, problem=str(error))
        return Answer(found.url, found.status, found.length, found.content_type)

    def _wait(self, host: str) -> None:
        now = self._clock()
        turn = max(now, self._next.get(host, now))
        if turn > now:
            self._sleep(turn - now)
        self._next[host] = turn + self._interval

    def _recall(self, url: str) -> Answer | None:
        """Read a remembered answer; None if there is none, or it is damaged or too old."""
        record: dict[str, Any] = self.cache.read_answer(url)
        try:
            age = self._clock() - record.pop("asked_at")
            right = record.pop("link") == redact_url(url) and 0 <= age < _REMEMBERED
            answer = Answer(**record)
        except (KeyError, TypeError, OverflowError):
            return None
        kinds = (str, int, int | None, str, str)
        values = asdict(answer).values()
        same = all(isinstance(value, kind) for value, kind in zip(values, kinds, strict=True))
        return answer if right and same else None
