"""One process at a time fetches a file, as far as the file system lets it be so.

The locks only save double work: names on the way are unique and publishing is one step, so a lock
that is missing, lies, or is given up after a while costs a second download and nothing else.

A waiter never waits for ever. It waits as long as the holder makes progress, that is, as long as
something changes among the partial files of the key. Only changes count, no times, since the
machines that share a folder may have different clocks.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import random
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from hub.assets.cache.folder import SharedFolder
from hub.assets.cache.records import format_time, read_json
from hub.errors import CacheError
from hub.redaction import redact_url

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from filelock import BaseFileLock

_log = logging.getLogger(__name__)

STALLED = 60.0  # seconds without progress of the holder, after which a waiter goes on
ANNOUNCED = 3.0  # seconds of waiting, after which the user is told
_PAUSE = 0.1  # seconds between two attempts, on average
_PLAIN = sys.platform != "win32"  # whether there is a flock to call
_GLANCE = 1.0  # seconds between two looks at the holder's progress


class _Turn:
    """A lock between the threads of this process; on NFS, flock does not keep them apart."""

    __slots__ = ("__weakref__", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()


# Two Cache objects on one folder must meet somewhere: by process (after a fork, the child's locks
# are its own) and path. An entry lives as long as somebody holds it or waits for it.
_TURNS: WeakValueDictionary[tuple[int, str], _Turn] = WeakValueDictionary()
_TURNS_GUARD = threading.Lock()


@dataclass(frozen=True, slots=True)
class KeyLock:
    """The lock of one key in a cache folder.

    Attributes:
        folder: The cache folder.
        key: What is locked, as :func:`hub.assets.cache.layout.make_key` gives it.
        link: What is fetched meanwhile, for messages.
        stalled: Seconds without progress of the holder, after which a waiter goes on without.
        announced: Seconds of waiting, after which a warning names the holder.
    """

    folder: SharedFolder
    key: str
    link: str
    stalled: float = STALLED
    announced: float = ANNOUNCED

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the lock while the block runs, or go on without it if that cannot be helped."""
        with contextlib.ExitStack() as held:
            turn = self._find_turn()
            attempt = _Attempt(turn, self._make_lock())
            if self._wait(attempt):
                held.callback(attempt.release)
                if attempt.lock is not None:
                    self._write_note()
                    held.callback(self._remove_note)
            yield

    @contextlib.contextmanager
    def try_hold(self) -> Iterator[bool]:
        """Hold the lock while the block runs, if nobody else does; this never waits.

        Yields:
            Whether it is held; also where there can be no lock, since nothing depends on it.
        """
        attempt = _Attempt(self._find_turn(), None if _PLAIN else self._make_lock())
        held = attempt.succeeds()
        try:
            with self._flock() if held and _PLAIN else contextlib.nullcontext(held) as free:
                yield free
        finally:
            if held:
                attempt.release()

    @contextlib.contextmanager
    def _flock(self) -> Iterator[bool]:
        """Lock as filelock does, at a tenth of its cost, since there may be many keys to try."""
        try:
            descriptor = self._open()
        except OSError as error:
            _log.info("going on without a lock: %s", error)
            yield True
            return
        try:
            yield _is_free(descriptor)
        finally:
            os.close(descriptor)  # and so let go of it

    def _open(self) -> int:
        path = self.folder.layout.locks / f"{self.key}.lock"
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        with contextlib.suppress(FileNotFoundError):
            return os.open(path, flags, 0o666)
        return os.open(self.folder.make("locks") / path.name, flags, 0o666)

    def _find_turn(self) -> _Turn:
        place = (os.getpid(), str(self.folder.layout.locks / self.key))
        with _TURNS_GUARD:
            return _TURNS.setdefault(place, _Turn())

    def _make_lock(self) -> BaseFileLock | None:
        from filelock import FileLock

        try:
            path = self.folder.make("locks") / f"{self.key}.lock"
        except CacheError as error:
            _log.info("going on without a lock: %s", error)
            return None
        return FileLock(path, thread_local=False, fallback_to_soft=False)

    def _wait(self, attempt: _Attempt) -> bool:
        """Try until it works, or until the holder has made no progress for too long."""
        if attempt.succeeds():
            return True
        start = changed = looked = time.monotonic()
        seen = self._look()
        announced = False
        while not attempt.succeeds():
            now = time.monotonic()
            if now - looked >= min(_GLANCE, self.stalled / 4):
                looked, before, seen = now, seen, self._look()
                changed = now if seen != before else changed
            if now - changed >= self.stalled:
                _log.warning(
                    "going on without waiting for %s: there was no progress for %.0f s",
                    self._describe_owner(),
                    now - changed,
                )
                return False
            if not announced and now - start >= self.announced:
                announced = True
                _log.warning("waiting for %s", self._describe_owner())
            time.sleep(_PAUSE * random.uniform(0.5, 1.5))  # noqa: S311, it spreads the waiters
        return True

    def _look(self) -> frozenset[tuple[str, int, int]]:
        """Take in what a holder changes while it fetches."""
        found = set()
        with contextlib.suppress(OSError), os.scandir(self.folder.layout.partials) as entries:
            for entry in entries:
                if entry.name.startswith(f"{self.key}."):
                    with contextlib.suppress(OSError):
                        status = os.lstat(entry.path)  # an entry's own stat may be an old one
                        found.add((entry.name, status.st_mtime_ns, status.st_size))
        return frozenset(found)

    def _write_note(self) -> None:
        note = {
            "process": os.getpid(),
            "host": socket.gethostname(),
            "since": time.time(),
            "time": format_time(time.time()),
            "link": redact_url(self.link),
        }
        content = json.dumps(note, indent=1).encode()
        with contextlib.suppress(CacheError):  # it only serves messages
            self.folder.write(self.folder.layout.locks / f"{self.key}.json", content)

    def _remove_note(self) -> None:
        with contextlib.suppress(OSError):
            (self.folder.layout.locks / f"{self.key}.json").unlink()

    def _describe_owner(self) -> str:
        link = redact_url(self.link)
        try:
            note = read_json(self.folder.layout.locks / f"{self.key}.json")
        except OSError:
            note = {}
        process, host, since = note.get("process"), note.get("host"), note.get("since")
        if type(process) is not int or type(host) is not str or type(since) is not float:
            return f"another process, which is fetching {link}"
        seconds = max(0, time.time() - since)
        return (
            f"process {process} on host {host}, which has been fetching {link} for {seconds:.0f} s"
        )


def _is_free(descriptor: int) -> bool:
    """Lock an open file; tell whether nobody else has it, as far as there are locks here."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        _log.info("going on without a lock: %s", error)
    return True


@dataclass(slots=True)
class _Attempt:
    """Getting hold of both locks: the one between threads and the one between processes.

    Attributes:
        turn: The lock between threads.
        lock: The lock between processes; None if there can be none.
    """

    turn: _Turn
    lock: BaseFileLock | None

    def succeeds(self) -> bool:
        """Try once, without waiting; then all that there is to hold is held."""
        if not self.turn.lock.acquire(blocking=False):
            return False
        held = False
        try:
            held = self._acquire()
        finally:
            if not held:
                self.turn.lock.release()
        return held

    def release(self) -> None:
        """Let go of all."""
        try:
            if self.lock is not None:
                self.lock.release()
        except OSError as error:
            _log.info("a lock could not be released in order: %s", error)
        finally:
            self.turn.lock.release()

    def _acquire(self) -> bool:
        if self.lock is None:
            return True
        from filelock import Timeout

        try:
            self.lock.acquire(blocking=False)
        except Timeout:
            return False
        except (OSError, NotImplementedError) as error:
            # There is no flock here (ENOSYS, ENOLCK, EOPNOTSUPP), or the lock file is another
            # user's and cannot be opened.
            _log.info("going on without the lock %s: %s", self.lock.lock_file, error)
            self.lock = None
        return True
