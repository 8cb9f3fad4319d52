"""How standard error tells of a batch, and what became of it as JSON and as an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from hub.cli.render import echo_text, format_size, to_json
from hub.errors import HubError

if TYPE_CHECKING:
    from hub.assets.batch import Job, Outcome, Watcher
    from hub.assets.cache.cache import Cache
    from hub.assets.delivery import Delivered
    from hub.assets.lockfile import LockFile
    from hub.cli.events import Events

_INTERRUPTED = 130

Deliveries = dict[tuple[str, str], "Delivered"]
"""What was delivered, by link and SHA-256."""


class Voice:
    """How standard error tells of a batch.

    Args:
        style: ``bar``, ``json`` or ``none``.
    """

    def __init__(self, style: str) -> None:
        self.style = style
        self.events: Events | None = None
        if style == "json":
            from hub.cli.events import Events

            self.events = Events()

    def make_watcher(self, files: int, threads: int) -> Watcher:
        """Return what is told how the files of a batch get on."""
        from hub.assets.bars import make_watcher

        return self.events or make_watcher(files, threads, wanted=self.style == "bar")


@contextlib.contextmanager
def open_voice(style: str) -> Iterator[Voice]:
    """Tell of a batch in one of the styles; as JSON, its errors and what is logged are events."""
    shown = Voice(style)
    if shown.events is None:
        yield shown
        return
    from hub.cli.events import log_to

    with log_to(shown.events):
        try:
            yield shown
        except HubError as error:
            shown.events.emit_error(error)
            sys.exit(error.exit_code)


@contextlib.contextmanager
def keep_word(
    requests: Sequence[Job | Outcome], cache: Cache, lock: LockFile | None, shown: Voice
) -> Iterator[None]:
    """On Ctrl-C, say what is kept, and end even if a thread waits for a silent server."""
    try:
        yield
    except KeyboardInterrupt:
        text = f"interrupted; {_describe_kept(requests, cache, lock)}"
        if shown.events:
            shown.events.emit_error(text)
        else:
            echo_text(text, err=True)
        if any(thread.name.startswith("fetch-") for thread in threading.enumerate()):
            with contextlib.suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(_INTERRUPTED)
        raise


def _describe_kept(requests: Sequence[Job | Outcome], cache: Cache, lock: LockFile | None) -> str:
    from hub.assets.batch import Job
    from hub.assets.cache.layout import Layout, make_key
    from hub.assets.partials import find_remainders
    from hub.assets.store import name_file

    kept: dict[str, tuple[str, int]] = {}
    for request in requests:
        if isinstance(request, Job):
            asset = request.asset
            with contextlib.suppress(HubError):
                asset = lock.strengthen(asset) if lock else asset
            key = make_key(asset.link, asset.digest)
            found = find_remainders(Layout(cache.folder).partials, key)
            if size := max((part.size for part in found), default=0):
                kept[key] = (name_file(asset), size)
    if not kept:
        return "nothing is left half done; the same command starts anew"
    listed = ", ".join(f"{format_size(size)} of {name}" for name, size in kept.values())
    return f"kept are {listed}; the same command goes on from there"


def summarise_outcomes(outcomes: Sequence[Outcome], delivered: Deliveries) -> dict[str, object]:
    """Return what a batch brought, for JSON: ``file`` only if it was the only one."""
    from hub.assets.store import name_file

    files = []
    for outcome in outcomes:
        if outcome.file and outcome.asset:
            place = delivered.get((outcome.file.link, outcome.file.sha256))
            files.append(
                {
                    **to_json(outcome.file),
                    "id": outcome.model_id,
                    "file": name_file(outcome.asset),
                    "file_format": outcome.asset.file_format,
                    "cached": outcome.cached,
                    "received": outcome.received,
                    **({"output": str(place.path), "state": place.state} if place else {}),
                }
            )
    failures = [describe_failure(outcome) for outcome in outcomes if outcome.error]
    one = {"file": files[0]} if len(files) == len(outcomes) == 1 else {}
    return {**one, "files": files, "failures": failures}


def describe_failure(outcome: Outcome) -> dict[str, object]:
    """Return why there is no file, for JSON."""
    return {
        "id": outcome.model_id,
        "file_format": outcome.asset.file_format if outcome.asset else None,
        "error": type(outcome.error).__name__,
        "message": str(outcome.error),
        "exit_code": getattr(outcome.error, "exit_code", 1),
    }


def end_batch(outcomes: Sequence[Outcome], shown: Voice, asked: int | None = None) -> None:
    """List what failed, and leave with the exit code of the first failure.

    Args:
        outcomes: What became of each file, or of those alone that failed.
        shown: Whether events have told of it already.
        asked: How many files there were; None if there is an outcome for each.
    """
    errors = [outcome.error for outcome in outcomes if outcome.error]
    if not errors:
        return
    if not shown.events:
        asked = len(outcomes) if asked is None else asked
        if asked == 1:
            echo_text(f"error: {errors[0]}", err=True)
        else:
            for outcome in outcomes:
                if outcome.error:
                    echo_text(f"error: {outcome.explain()}", err=True)
            echo_text(f"{len(errors)} of {asked} failed", err=True)
    sys.exit(errors[0].exit_code)
