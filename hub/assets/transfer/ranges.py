"""Ranges: several connections that fetch the rest of one large file together.

The rest is cut into segments, in order. Each worker takes the next segment, asks for exactly these
bytes of exactly this file, and puts them into their place. What lies below the first missing byte
counts as here. A server that does not play along costs nothing but the attempt: the caller goes on
with one stream from there.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

import requests

from hub.assets.partials import Partial, Source
from hub.assets.patience import Patience
from hub.assets.progress import Progress
from hub.assets.transfer.connections import find_shutter
from hub.assets.transfer.faults import (
    PassingFault,
    break_off,
    check_encoding,
    refuse_status,
)
from hub.assets.transfer.headers import (
    ContentRange,
    read_content_range,
    read_length,
    read_strong_etag,
    takes_ranges,
)
from hub.assets.transfer.pauses import Tries
from hub.assets.transfer.session import Session
from hub.assets.transfer.stream import read_pieces
from hub.errors import DownloadError

CONNECTIONS = 4
SEGMENT = 8 << 20  # bytes that are asked for at once
WORTH_SHARING = 32 << 20  # bytes that must be left, so that more connections may help
FIRST_LOOK = 0.5  # seconds over which one stream shows how fast it is
WORTH_SAVING = 2.0  # seconds that one stream must still need
_AHEAD = 8  # segments that may be taken before the first missing byte has come
_TICK = 0.25  # seconds after which the caller looks how far the workers are
_GLANCE = 3.0  # seconds that the answer about one byte may take
_LAST_WORDS = 1.0  # seconds that workers get to end


def worth_sharing(response: requests.Response, left: int, pace: float) -> bool:
    """Tell whether more connections are allowed and likely to be faster.

    Args:
        response: The answer that is being read.
        left: Bytes that are still to come.
        pace: Bytes a second that come over one connection.
    """
    return (
        left >= WORTH_SHARING
        and left > pace * WORTH_SAVING
        and (response.status_code == 206 or takes_ranges(response.headers))
        and read_strong_etag(response.headers) != ""
    )


def continues(response: requests.Response, start: int, source: Source) -> ContentRange | None:
    """Tell whether an answer goes on, from a byte, with the very file that a source is.

    Args:
        response: The answer to a request for a part.
        start: The byte from which more was asked for.
        source: What the bytes before it are part of.

    Returns:
        Which part the answer holds, with the file's total; None if it is anything else.
    """
    part = read_content_range(response.headers)
    if response.status_code != 206 or part is None or part.start != start or part.total is None:
        return None
    right_file = read_strong_etag(response.headers) == source.etag and source.resumable
    right_total = part.total == (part.total if source.length is None else source.length)
    right_length = read_length(response.headers) in {None, part.end - part.start}
    return part if right_file and right_total and right_length else None


class _StoppedFault(Exception):
    """The other workers, or the caller, have ended the attempt."""


@dataclass(slots=True)
class _Segment:
    """A stretch of the file: ``position`` is its first missing byte, ``end`` is not part of it."""

    position: int
    end: int


class Ranges:
    """One attempt at the rest of a file over several connections.

    Args:
        url: What is asked: the URL that answered behind all redirects.
        partial: Where the bytes go; its source has a strong validator and a length.
        progress: Is told what arrives.
        patience: How long the server is waited for.
    """

    def __init__(self, url: str, partial: Partial, progress: Progress, patience: Patience) -> None:
        assert partial.source is not None  # noqa: S101, the caller has begun it
        assert partial.source.length is not None  # noqa: S101
        self._url = url
        self._partial = partial
        self._source = partial.source
        self._length = partial.source.length
        self._progress = progress
        self._patience = patience
        starts = range(partial.size, self._length, SEGMENT)
        self._segments = deque(_Segment(at, min(at + SEGMENT, self._length)) for at in starts)
        self._waiting = deque(self._segments)
        self._change = threading.Condition()
        self._stopped = threading.Event()
        self._workers = 0
        self._bodies: set[requests.Response] = set()
        self._failure: BaseException | None = None

    def are_served(self) -> bool:
        """Ask for one byte, before a connection that works is given up for several."""
        at = self._partial.size
        wanted = {"Range": f"bytes={at}-{at}", "If-Range": self._source.etag}
        brief = replace(self._patience, silence=min(_GLANCE, self._patience.silence))
        try:
            with Session(brief) as session, session.ask(self._url, headers=wanted) as one:
                return continues(one, at, self._source) is not None
        except (PassingFault, DownloadError):
            return False

    def receive(self, response: requests.Response, pieces: Iterator[bytes]) -> bool:
        """Fetch what is missing, and count it in the partial file as far as there is no hole.

        Args:
            response: The answer over the one connection that there is.
            pieces: The rest of its body, which becomes the first segment.

        Returns:
            Whether all of it came; if not, one stream should go on.

        Raises:
            CacheError: The disk is full, or cannot be written.
        """
        threads = [
            threading.Thread(target=self._work, args=work, daemon=True, name="mshub-range")
            for work in [(response, pieces), *[(None, None)] * (CONNECTIONS - 1)]
        ]
        self._workers = len(threads)
        for thread in threads:
            thread.start()
        try:
            while self._await_change():
                self._partial.settle(self._find_frontier())
        finally:
            self._stop(threads)
            self._partial.settle(self._find_frontier())
        if isinstance(self._failure, DownloadError):
            self._progress.note(f"going on over one connection: {self._failure}")
        elif self._failure is not None:
            raise self._failure
        return self._partial.size == self._length

    def _await_change(self) -> bool:
        """Wait for news from the workers; tell whether there will be more."""
        with self._change:
            if self._workers and not self._stopped.is_set():
                self._change.wait(_TICK)
            return self._workers > 0 and not self._stopped.is_set()

    def _find_frontier(self) -> int:
        """Return the first byte that is missing."""
        with self._change:
            while self._segments and self._segments[0].position == self._segments[0].end:
                self._segments.popleft()
            return self._segments[0].position if self._segments else self._length

    def _stop(self, threads: list[threading.Thread]) -> None:
        with self._change:
            self._stopped.set()
            bodies = list(self._bodies)
            self._change.notify_all()
        for body in bodies:  # wakes up whoever waits for its next byte
            with contextlib.suppress(OSError, RuntimeError, ValueError):
                find_shutter(body.raw)()
        for thread in threads:
            thread.join(_LAST_WORDS / len(threads))

    def _work(self, response: requests.Response | None, pieces: Iterator[bytes] | None) -> None:
        """Fetch segments until there is none left; what goes wrong ends all workers."""
        try:
            with Session(self._patience) as session:
                if response is not None and pieces is not None:
                    self._begin_with(response, pieces)
                self._fetch_segments(session)
        except BaseException as error:  # noqa: BLE001, the caller's thread raises it
            with self._change:
                if not self._stopped.is_set():
                    self._failure = error
                self._stopped.set()
                self._change.notify_all()

    def _begin_with(self, response: requests.Response, pieces: Iterator[bytes]) -> None:
        segment = self._take()
        if segment is None:
            return
        try:
            with self._listed(response):
                self._fill(segment, pieces)
        except PassingFault:
            self._give_back(segment)

    def _fetch_segments(self, session: Session) -> None:
        tries = Tries(self._patience, self._progress, self._stopped.wait)
        received = 0
        while (segment := self._take()) is not None:
            start = segment.position
            try:
                self._ask(session, segment)
                received += segment.end - start
            except PassingFault as fault:
                received += segment.position - start
                self._give_back(segment)
                if fault.crowded and self._leave():
                    return
                tries.wait(fault, received)

    def _ask(self, session: Session, segment: _Segment) -> None:
        wanted = {
            "Range": f"bytes={segment.position}-{segment.end - 1}",
            "If-Range": self._source.etag,
        }
        with session.ask(self._url, headers=wanted) as response:
            part = continues(response, segment.position, self._source)
            if part is None or part.end != segment.end:
                raise refuse_status(response)
            check_encoding(response)
            with self._listed(response):
                self._fill(segment, read_pieces(response, self._patience))
        if segment.position < segment.end:
            raise break_off(self._url, f"{segment.end - segment.position:,} bytes short")

    def _fill(self, segment: _Segment, pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            part = piece[: segment.end - segment.position]
            with self._change:
                if self._stopped.is_set():
                    raise _StoppedFault
                self._partial.place(segment.position, part)
                segment.position += len(part)
                if segment.position == segment.end:
                    self._change.notify_all()
            self._progress.advance(len(part))
            if segment.position == segment.end:
                return

    @contextlib.contextmanager
    def _listed(self, response: requests.Response) -> Iterator[None]:
        """Let :meth:`_stop` know of a body that is waited for."""
        with self._change:
            if self._stopped.is_set():
                raise _StoppedFault
            self._bodies.add(response)
        try:
            yield
        finally:
            with self._change:
                self._bodies.discard(response)

    def _take(self) -> _Segment | None:
        """Return the next segment, not too far ahead of the first missing byte; None at the end."""
        with self._change:
            while self._waiting and not self._stopped.is_set():
                if self._waiting[0].position < self._find_frontier() + _AHEAD * SEGMENT:
                    return self._waiting.popleft()
                self._change.wait(_TICK)
            self._workers -= 1
            self._change.notify_all()
            return None

    def _give_back(self, segment: _Segment) -> None:
        with self._change:
            self._waiting.appendleft(segment)

    def _leave(self) -> bool:
        """End one worker, if there is another one to go on; tell whether that is so."""
        with self._change:
            if self._workers == 1:
                return False
            self._workers -= 1
            return True
