"""Several assets at once: a few threads, each file once, and nothing lost when one fails."""

from __future__ import annotations

import contextlib
import shlex
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue

from hub.assets.cache.cache import Cache, CachedFile
from hub.assets.lockfile import LockFile
from hub.assets.patience import PATIENCE, Patience
from hub.assets.progress import SILENT, Progress
from hub.assets.store import fetch_asset, name_file
from hub.cards.asset import Asset
from hub.errors import ArgumentError, HubError, IntegrityError
from hub.redaction import redact_url

_TICK = 0.2  # seconds after which a waiting main thread looks at its signals
_LAST_WORDS = 1.5  # seconds that all threads together get to close their files when stopped


@dataclass(frozen=True, slots=True)
class Job:
    """One asset that is asked for.

    Attributes:
        model_id: Whose asset it is.
        asset: What the card offers.
        card: The path or URL of the card, if it was named by that; empty if a registry has it.
    """

    model_id: str
    asset: Asset
    card: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job, or of an id that never became one.

    Attributes:
        model_id: Whose asset it is; what the user wrote, if that means no model.
        asset: What the card offers; None if the id means no asset.
        file: The verified file; None if there is an error.
        error: Why there is no file.
        cached: Whether the cache had the file already.
        received: The bytes that came over the network for this outcome.
    """

    model_id: str
    asset: Asset | None
    file: CachedFile | None = None
    error: HubError | None = None
    cached: bool = False
    received: int = 0

    def explain(self) -> str:
        """Return whose error it is and what it says; an error that begins with the id says both."""
        said = str(self.error)
        return said if said.startswith(f"{self.model_id} ") else f"{self.model_id}: {said}"


class Watcher:
    """Is told how a batch gets on; this one keeps it to itself. Several threads call it."""

    def follow(self, job: Job, slot: int) -> Progress:  # noqa: ARG002
        """Return what is told how a job gets on that begins now.

        Args:
            job: The job.
            slot: Which of the threads works on it, from 0.
        """
        return SILENT

    def finish(self, outcome: Outcome) -> None:
        """Learn what became of a job."""

    def close(self) -> None:
        """Learn that there is nothing more to come, whether all went well or not."""


UNWATCHED = Watcher()


def fetch_jobs(
    jobs: Sequence[Job],
    cache: Cache,
    *,
    threads: int = 4,
    watcher: Watcher = UNWATCHED,
    allow_unverified: bool = False,
    patience: Patience = PATIENCE,
    lock: LockFile | None = None,
    locked: bool = False,
) -> list[Outcome]:
    """Fetch several assets at once; one that fails does not stop the others.

    Jobs with the same link are one transfer. When the caller is interrupted (Ctrl-C), transfers
    stop at their next bytes, and what has come is kept, to be gone on with. A thread that waits
    for a silent server is left behind, which harms no file.

    Args:
        jobs: What is asked for.
        cache: Where the files are, or will be.
        threads: How many transfers may run at once.
        watcher: Is told how it gets on.
        allow_unverified: Accept assets whose card states no digest at all.
        patience: How long servers are waited for, and how often they are asked again.
        lock: A project's ``hub.lock``.
        locked: Refuse what the lock does not list.

    Returns:
        What became of each job, in the order of the jobs; errors of :func:`fetch_asset` are there.

    Raises:
        ArgumentError: ``threads`` is no number from 1.
    """
    if not isinstance(threads, int) or isinstance(threads, bool) or threads < 1:
        raise ArgumentError(f"jobs must be a number of files from 1, not {threads!r}")

    def fetch(job: Job, progress: Progress, before: CachedFile | None) -> CachedFile:
        asset, digest = job.asset, job.asset.digest
        known = digest.matches(before.sha256) if before and digest else allow_unverified
        if before and known and not (lock and lock.find(asset)) and not locked:
            place = (asset.link, digest, name_file(asset))
            if found := cache.find(*place):
                return found
            with cache.lock(asset.link, digest):
                found = cache.recover(*place)
                return found or cache.add(
                    before.path, link=asset.link, digest=digest, filename=name_file(asset)
                )
        return fetch_asset(
            asset,
            cache,
            progress=progress,
            allow_unverified=allow_unverified,
            patience=patience,
            lock=lock,
            locked=locked,
        )

    return _Batch(jobs, fetch, watcher).run(threads)


class _Batch:
    """The threads, and what they share.

    Args:
        jobs: What is asked for.
        fetch: Fetches one job; is given the file that has come from the same link before.
        watcher: Is told how it gets on.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        fetch: Callable[[Job, Progress, CachedFile | None], CachedFile],
        watcher: Watcher,
    ) -> None:
        self._jobs = jobs
        self._fetch = fetch
        self._watcher = watcher
        self._stop = threading.Event()
        self._waiting: SimpleQueue[list[int]] = SimpleQueue()
        self._done: SimpleQueue[tuple[int, Outcome] | BaseException] = SimpleQueue()

    def run(self, threads: int) -> list[Outcome]:
        """Do all jobs, and return what became of them."""
        groups = _group_by_link(self._jobs)
        for group in groups:
            self._waiting.put(group)
        workers = [
            threading.Thread(target=self._work, args=(slot,), name=f"fetch-{slot}", daemon=True)
            for slot in range(min(threads, len(groups)))
        ]
        outcomes: dict[int, Outcome] = {}
        try:
            for worker in workers:
                worker.start()
            while len(outcomes) < len(self._jobs):
                with contextlib.suppress(Empty):
                    done = self._done.get(timeout=_TICK)
                    if isinstance(done, BaseException):
                        raise done
                    outcomes[done[0]] = done[1]
        except BaseException:
            self._stop.set()
            deadline = time.monotonic() + _LAST_WORDS
            for worker in workers:
                if worker.ident is not None:
                    worker.join(max(0, deadline - time.monotonic()))
            raise
        finally:
            self._watcher.close()
        return [outcomes[index] for index in range(len(self._jobs))]

    def _work(self, slot: int) -> None:
        try:
            while not self._stop.is_set():
                self._fetch_group(self._waiting.get_nowait(), slot)
        except Empty:
            return
        except BaseException as error:  # noqa: BLE001, the main thread raises it
            self._done.put(error)

    def _fetch_group(self, group: list[int], slot: int) -> None:
        """Fetch jobs with the same link, one after the other; equal ones share their outcome."""
        first: Outcome | None = None
        told: dict[object, Outcome] = {}
        for index in group:
            job = self._jobs[index]
            known = told.get(job.asset.digest)
            if known is None:
                outcome = self._fetch_one(job, slot, first)
                told[job.asset.digest] = outcome
                first = first or (outcome if outcome.file else None)
            else:
                outcome = replace(known, model_id=job.model_id, asset=job.asset, received=0)
            self._watcher.finish(outcome)
            self._done.put((index, outcome))

    def _fetch_one(self, job: Job, slot: int, first: Outcome | None) -> Outcome:
        """Fetch one job; the first one with this link may have brought the file."""
        progress = _Stoppable(self._watcher.follow(job, slot), self._stop)
        try:
            file = self._fetch(job, progress, first.file if first else None)
        except HubError as error:
            return Outcome(job.model_id, job.asset, error=error, received=progress.received)
        cached = not progress.begun and (first is None or first.cached)
        return Outcome(job.model_id, job.asset, file, cached=cached, received=progress.received)


class _Stoppable(Progress):
    """Passes on what it is told; once all is stopped, it interrupts whoever tells it.

    Attributes:
        begun: Whether a transfer began.
        received: The bytes that came.
    """

    def __init__(self, inner: Progress, stop: threading.Event) -> None:
        self._inner = inner
        self._stop = stop
        self._lock = threading.Lock()
        self.begun = False
        self.received = 0

    def begin(self, total: int | None, received: int) -> None:
        self._check()
        self.begun = True
        self._inner.begin(total, received)

    def advance(self, size: int) -> None:
        self._check()
        with self._lock:
            self.received += size
        self._inner.advance(size)

    def note(self, text: str) -> None:
        self._check()
        self._inner.note(text)

    def end(self) -> None:
        self._inner.end()

    def _check(self) -> None:
        if self._stop.is_set():
            raise KeyboardInterrupt


def _group_by_link(jobs: Sequence[Job]) -> list[list[int]]:
    """Put jobs with the same link together, those with the longest digest first."""
    groups: dict[str, list[int]] = {}
    for index, job in enumerate(jobs):
        groups.setdefault(job.asset.link, []).append(index)

    def weakness(index: int) -> int:
        return -len(str(jobs[index].asset.digest or ""))

    return [sorted(group, key=weakness) for group in groups.values()]


def refuse_unlocked(jobs: Sequence[Job], lock: LockFile | None) -> None:
    """Make sure that a lock lists all that is asked for, before anything is fetched.

    Args:
        jobs: What is asked for.
        lock: The lock; None if there is none.

    Raises:
        IntegrityError: It does not list a job's asset, or there is no lock.
    """
    missing = [job for job in jobs if lock is None or lock.find(job.asset) is None]
    if not missing:
        return
    named = " ".join(dict.fromkeys(shlex.quote(job.card or job.model_id) for job in missing))
    files = ", ".join(f"{name_file(job.asset)} of {job.model_id}" for job in missing)
    where = f"{lock.path} does not list" if lock else "there is no hub.lock that lists"
    raise IntegrityError(
        f"{where} {files}, and only what is locked may be used, so nothing is fetched; add it"
        f" with `hub lock {named}`",
        url=redact_url(missing[0].asset.link),
    )
