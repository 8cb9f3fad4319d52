"""A batch on a terminal: a bar for each file that is arriving, and one for all at the bottom."""

from __future__ import annotations

import sys
import threading

from hub.assets.batch import UNWATCHED, Job, Outcome, Watcher
from hub.assets.progress import Bar, Progress
from hub.assets.store import name_file


class _Bars(Watcher):
    """Draws bars on standard error.

    Args:
        files: How many files there are; a single one needs no total.
        threads: How many of them may arrive at once.
    """

    def __init__(self, files: int, threads: int) -> None:
        self._lock = threading.Lock()
        self._files = files
        self._left = files
        self._threads = threads
        self._total: Bar | None = None
        self._sizes: dict[str, int] = {}
        self._received: dict[str, int] = {}

    def follow(self, job: Job, slot: int) -> Progress:
        return _FileBar(self, job.asset.link, name_file(job.asset), slot)

    def finish(self, outcome: Outcome) -> None:  # noqa: ARG002
        with self._lock:
            self._left -= 1
            if self._total:
                self._total.note(f"{self._files - self._left} of {self._files} files")

    def close(self) -> None:
        with self._lock:
            if self._total:
                self._total.end()
                self._total = None

    def begin(self, link: str, total: int | None, received: int) -> None:
        """Learn what is known of one file; the total grows with it."""
        with self._lock:
            self._received[link] = received
            self._sizes[link] = total or received
            if self._files > 1:
                self._total = self._total or Bar("total", min(self._files, self._threads))
                self._total.begin(sum(self._sizes.values()), sum(self._received.values()))

    def advance(self, link: str, size: int) -> None:
        """Learn that some more bytes of one file have arrived; perhaps none, before it begins."""
        with self._lock:
            self._received[link] = self._received.get(link, 0) + size
            if self._total:
                self._total.advance(size)


class _FileBar(Progress):
    """The bar of one file, which tells the bar of all."""

    def __init__(self, bars: _Bars, link: str, name: str, slot: int) -> None:
        self._bars = bars
        self._link = link
        self._bar = Bar(name, slot)
        self._lock = threading.Lock()

    def begin(self, total: int | None, received: int) -> None:
        with self._lock:
            self._bar.begin(total, received)
        self._bars.begin(self._link, total, received)

    def advance(self, size: int) -> None:
        with self._lock:
            self._bar.advance(size)
        self._bars.advance(self._link, size)

    def note(self, text: str) -> None:
        with self._lock:
            self._bar.note(text)

    def end(self) -> None:
        with self._lock:
            self._bar.end()


def make_watcher(files: int, threads: int, *, wanted: bool) -> Watcher:
    """Return bars if they are wanted and standard error is a terminal, else what stays silent."""
    shown = wanted and sys.stderr is not None and sys.stderr.isatty()
    return _Bars(files, threads) if shown else UNWATCHED
