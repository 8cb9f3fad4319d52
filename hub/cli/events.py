"""Progress for programs: one JSON object a line on standard error, and nothing else there.

All have ``event`` and ``time`` (ISO 8601, UTC); sizes are in bytes, null where they are not known.
``received`` counts what came over the network now, ``present`` all of the file that is here.

::

    start      id, file, received, present, size   a transfer begins, perhaps not for the first time
    progress   id, file, received, present, size   at most ten a second for each file
    note       id, file, message                   a pause, a failed source, what is logged
    done       id, file, received, size, sha256, path, cached
    error      id, file, error, message, exit_code
    total      done, failed, received, size        how it ended for all files together
"""

from __future__ import annotations

import contextlib
import datetime
import json
import logging
import sys
import threading
import time
from collections.abc import Iterator

from hub.assets.batch import Job, Outcome, Watcher
from hub.assets.progress import Progress
from hub.assets.store import name_file

_INTERVAL = 0.1  # seconds between two progress events of one file


class Events(Watcher):
    """Writes what happens to a batch, event by event; several threads may tell it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()  # over all counts, and the writing of them
        self._sizes: dict[str, int | None] = {}
        self._received = self._done = self._failed = 0

    def emit(self, event: str, **values: object) -> None:
        """Write one event; a reader that went away is no reason to fail."""
        with self.lock:
            now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
            line = json.dumps({"event": event, "time": now, **values})
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.write(f"{line}\n")
                sys.stderr.flush()

    def follow(self, job: Job, slot: int) -> Progress:  # noqa: ARG002
        """Return what writes the events of one file."""
        return _FileEvents(self, job)

    def finish(self, outcome: Outcome) -> None:
        """Write how a file ended, and how far all are."""
        name = name_file(outcome.asset) if outcome.asset else None
        with self.lock:
            self._received += outcome.received
            if outcome.error:
                self._failed += 1
                self.emit_error(outcome.error, outcome.model_id, name)
            elif outcome.file:
                file, self._done = outcome.file, self._done + 1
                self.note_size(file.link, file.size)
                self.emit(
                    "done",
                    id=outcome.model_id,
                    file=name,
                    received=outcome.received,
                    size=file.size,
                    sha256=file.sha256,
                    path=str(file.path),
                    cached=outcome.cached,
                )

    def emit_error(
        self, error: Exception | str, model_id: str | None = None, name: str | None = None
    ) -> None:
        """Write that something failed."""
        self.emit(
            "error",
            id=model_id,
            file=name,
            error=type(error).__name__ if isinstance(error, Exception) else "KeyboardInterrupt",
            message=str(error),
            exit_code=getattr(error, "exit_code", 130),
        )

    def note_size(self, link: str, size: int | None) -> None:
        """Learn how large one file is."""
        with self.lock:
            self._sizes[link] = size

    def close(self) -> None:
        """Write how far all files are together."""
        with self.lock:
            known = [size for size in self._sizes.values() if size is not None]
            self.emit(
                "total",
                done=self._done,
                failed=self._failed,
                received=self._received,
                size=sum(known) if len(known) == len(self._sizes) else None,
            )


class _FileEvents(Progress):
    """Writes the events of one file: each start, and progress now and then."""

    def __init__(self, events: Events, job: Job) -> None:
        self._events = events
        self._link = job.asset.link
        self._names = {"id": job.model_id, "file": name_file(job.asset)}
        self._size: int | None = None
        self._received = self._present = 0
        self._told = 0.0

    def begin(self, total: int | None, received: int) -> None:
        with self._events.lock:
            self._size, self._present = total, received
            self._events.note_size(self._link, total)
            self._emit("start")

    def advance(self, size: int) -> None:
        with self._events.lock:
            self._received += size
            self._present += size
            if size and time.monotonic() - self._told >= _INTERVAL:
                self._emit("progress")

    def note(self, text: str) -> None:
        self._events.emit("note", **self._names, message=text)

    def _emit(self, event: str) -> None:
        self._told = time.monotonic()
        self._events.emit(
            event,
            **self._names,
            received=self._received,
            present=self._present,
            size=self._size,
        )


class _LogEvents(logging.Handler):
    """Turns what is logged meanwhile into events."""

    def __init__(self, events: Events) -> None:
        super().__init__()
        self._events = events

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname.lower()
        self._events.emit("note", id=None, file=None, message=record.getMessage(), level=level)


@contextlib.contextmanager
def log_to(events: Events) -> Iterator[None]:
    """Write log records as events, so that standard error holds nothing but JSON."""
    root = logging.getLogger()
    before, root.handlers = root.handlers, [_LogEvents(events)]
    try:
        yield
    finally:
        root.handlers = before
