"""Marks in the names of files on their way: which process writes them, and whether it still may.

A file that is being written is called ``<key>.<host>-<process>-<random>.<kind>``. So whoever cleans up
can tell what is left of a process that died from what a living one is busy with, without a lock.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import socket
import uuid
from pathlib import Path

_MARK = re.compile(r"(?P<host>[0-9a-f]+)-(?P<process>\d+)-[0-9a-f]+", re.ASCII)
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")

# Seconds without a write after which a process that cannot be looked at counts as gone. A living one
# never pauses for so long: between two writes lie at most ``attempts`` times a connection, a silence
# and a pause (:class:`hub.assets.patience.Patience`), which are 4 x (10 + 30 + 30) s.
QUIET = 300


def mark_name(key: str, kind: str) -> str:
    """Return a new name for a file that this process is going to write.

    Args:
        key: What the file is about.
        kind: Its suffix, without the dot.

    Example:
        >>> mark_name("0a1b", "part").startswith("0a1b.")
        True
    """
    return f"{key}.{_name_host()}-{os.getpid()}-{uuid.uuid4().hex}.{kind}"


def is_dead(path: Path) -> bool:
    """Tell whether the process that wrote a file is surely gone.

    Args:
        path: A file that was named by :func:`mark_name`.

    Returns:
        True if that is sure; of a process on another machine, or in another container, nothing is.

    Example:
        >>> is_dead(Path(mark_name("0a1b", "part"))), is_dead(Path("0a1b.part"))
        (False, False)
    """
    mark = _MARK.fullmatch(path.name.rpartition(".")[0].rpartition(".")[2])
    if mark is None or mark["host"] != _name_host() or os.name != "posix":
        return False
    return not _is_alive(int(mark["process"]))


def is_quiet(path: Path, now: float | None) -> bool:
    """Tell whether a file has not been written to for longer than a living process pauses.

    Args:
        path: Any file on its way.
        now: The time at which another file was just written to in the same folder, so that one
            clock, the file server's, measures both; None if nobody knows, and so nothing is quiet.

    Example:
        >>> import tempfile
        >>> with tempfile.NamedTemporaryFile() as file:
        ...     written = os.stat(file.name).st_mtime
        ...     [is_quiet(Path(file.name), now) for now in (written + QUIET + 1, written, None)]
        [True, False, False]
    """
    try:
        return now is not None and now - path.lstat().st_mtime > QUIET
    except OSError:
        return False  # it is gone, and so none of our business


@functools.cache
def _name_host() -> str:
    """Stand for all processes whose numbers mean the same here: one machine, boot and namespace."""
    facts = [socket.gethostname()]
    with contextlib.suppress(OSError):
        facts.append(_BOOT.read_text(encoding="utf-8"))
    with contextlib.suppress(OSError):
        facts.append(str(_NAMESPACE.readlink()))
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:8]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_name_host.cache_clear)  # it may be in a new namespace


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
