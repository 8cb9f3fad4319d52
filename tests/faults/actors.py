"""A process that forks children which fetch, so that a test can have hundreds of them, and kill them.

It imports everything once. A test writes one JSON object a line to its standard input and reads
one a line from its standard output::

    {"do": "start", "link": …, "digest": …, "folder": …}   ->  {"pid": 123}
    {"do": "wait", "pid": 123}                             ->  {"signal": 9} or {"path": …, …}

Started alone, ``python tests/faults/actors.py once JSON`` does one fetch and prints its outcome.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import gc
import json
import os
import resource
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from hub.assets.cache.cache import Cache
from hub.assets.patience import Patience
from hub.assets.store import fetch_asset
from hub.cards.asset import Asset
from hub.digests import Digest
from hub.errors import HubError

_CHANGES = frozenset(
    {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod", "os.utime"}
    | {"os.link", "os.symlink", "shutil.copyfile", "shutil.move", "fcntl.flock"}
)


def fetch(order: dict[str, Any]) -> dict[str, Any]:
    """Fetch one asset, and return what came of it."""
    _spoil_locks(order.get("flock", "works"))
    if order.get("die_at") is not None:
        _die_at(order["die_at"], Path(order["folder"]))
    digest = Digest(order["digest"]) if order["digest"] else None
    asset = Asset("ckpt", order["link"], digest)
    before = _peak()
    try:
        file = fetch_asset(
            asset,
            Cache(order["folder"]),
            patience=Patience(**order.get("patience", {})),
            allow_unverified=digest is None,
        )
    except HubError as error:
        kind, received = type(error).__name__, getattr(error, "received", None)
        trace = traceback.format_exc()
        return {"error": kind, "message": str(error), "received": received, "trace": trace}
    return {"path": str(file.path), "sha256": file.sha256, "grown": _peak() - before}


def _peak() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _spoil_locks(flock: str) -> None:
    """Make flock what it is on some file systems: missing, or a liar who always agrees."""

    def lack(*_: object) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    if flock != "works":
        fcntl.flock = lack if flock == "missing" else lambda *_: None


def _die_at(step: int, folder: Path) -> None:
    """Kill this process just before the given change to the folder's files, counted from 0."""
    left, root = [step], str(folder)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        changes = event in _CHANGES
        if event == "open":
            changes = isinstance(arguments[2], int) and bool(arguments[2] & (os.O_CREAT | 3))
        if not changes or not (event == "fcntl.flock" or root in str(arguments[0])):
            return
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    sys.addaudithook(watch)


def _fork(order: dict[str, Any], outcomes: dict[int, Path]) -> int:
    handle, name = tempfile.mkstemp(prefix="outcome-")
    pid = os.fork()
    if pid:
        os.close(handle)
        outcomes[pid] = Path(name)
        return pid
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            outcome = fetch(order)
        except BaseException as error:  # noqa: BLE001, the test is told
            outcome = {"error": type(error).__name__, "message": traceback.format_exc()}
        os.write(handle, json.dumps(outcome).encode())
    finally:
        os._exit(0)


def _wait(pid: int, outcome: Path) -> dict[str, Any]:
    _, status = os.waitpid(pid, 0)
    text = outcome.read_text(encoding="utf-8")
    outcome.unlink()
    if os.WIFSIGNALED(status):
        return {"signal": os.WTERMSIG(status)}
    return dict(json.loads(text or '{"error": "nothing", "message": "the child said nothing"}'))


def main() -> None:
    """Obey, until there are no more orders."""
    for module in ("requests", "urllib3", "filelock", "hub.assets.transfer.download"):
        __import__(module)
    with contextlib.suppress(ImportError):
        __import__("hub.assets.partials")
    if sys.argv[1:2] == ["once"]:
        print(json.dumps(fetch(json.loads(sys.argv[2]))))  # noqa: T201
        return
    gc.freeze()
    outcomes: dict[int, Path] = {}
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "start":
            answer: dict[str, Any] = {"pid": _fork(order, outcomes)}
        else:
            answer = _wait(order["pid"], outcomes.pop(order["pid"]))
        print(json.dumps(answer), flush=True)  # noqa: T201
    for pid, outcome in outcomes.items():  # of a test that failed
        os.kill(pid, signal.SIGKILL)
        _wait(pid, outcome)


if __name__ == "__main__":
    main()
