"""Marks in the names of files on their way: which process writes them, and whether it still may.

A file that is being written is called ``<key>.<host>-<process>-<random>.<kind>``. So whoever cleans up
can tell what is left of a process that died from what a living one is busy with, without a lock.
A file that its process has let go of has zeros for host and process.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import time
import uuid
from pathlib import Path

_MARK = re.compile(r"(?P<host>[0-9a-f]+)-(?P<process>\d+)-[0-9a-f]+", re.ASCII)
_NOBODY = "0"
_QUIET = 3600  # seconds without a write after which a process on another machine counts as gone


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


def release_name(name: str) -> str:
    """Return the name under which this process lets go of a file.

    Example:
        >>> release_name("0a1b.c2d3e4f5-117-99aa.part")
        '0a1b.0-0-99aa.part'
    """
    key, mark, kind = name.rsplit(".", 2)
    return f"{key}.{_NOBODY}-0-{mark.rpartition('-')[2]}.{kind}"


def is_released(path: Path) -> bool:
    """Tell whether nobody can be writing to a file: it was let go of, or its process is dead.

    Args:
        path: A file that was named by :func:`mark_name` or :func:`release_name`.

    Returns:
        True if that is sure; of a process on another machine nothing is.

    Example:
        >>> is_released(Path(mark_name("0a1b", "part"))), is_released(Path("0a1b.0-0-99aa.part"))
        (False, True)
    """
    mark = _MARK.fullmatch(path.name.rpartition(".")[0].rpartition(".")[2])
    if mark is None:
        return False
    here = mark["host"] == _name_host() and os.name == "posix"
    return mark["host"] == _NOBODY or (here and not _is_alive(int(mark["process"])))


def is_abandoned(path: Path) -> bool:
    """Tell whether nobody writes to a file any more, by its name or else by its last write.

    Args:
        path: Any file on its way.

    Example:
        >>> is_abandoned(Path(mark_name("0a1b", "part"))), is_abandoned(Path("0a1b.0-0-99aa.part"))
        (False, True)
    """
    if is_released(path):
        return True
    try:
        return time.time() - path.lstat().st_mtime > _QUIET
    except OSError:
        return False  # it is gone, and so none of our business


def _name_host() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
