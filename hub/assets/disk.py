"""The disk under the cache: whether it has room, and what its errors mean."""

from __future__ import annotations

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from hub.errors import CacheError

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_MARGIN = 16 << 20  # bytes that must stay free when a large file has come
_LEAST_MARGIN = 1 << 20  # bytes that must stay free when a small one has
_NO_RIGHT = frozenset({errno.EACCES, errno.EPERM})
_BROKEN = frozenset({errno.EIO, getattr(errno, "ESTALE", errno.EIO)})
_ADVICE = (
    "Free some space, for example with 'hub cache prune', or choose another disk with MSHUB_CACHE"
)


def require_room(folder: Path, size: int, kept: str) -> None:
    """Make sure that a disk has room.

    Args:
        folder: A folder on the disk.
        size: Bytes that are still to come.
        kept: What becomes of the bytes that are here already, in words.

    Raises:
        CacheError: It has not, with a margin.
    """
    with explain_disk(folder, kept):
        free = shutil.disk_usage(folder).free
    needed = size + min(_MARGIN, max(_LEAST_MARGIN, size // 8))
    if free < needed:
        raise CacheError(
            f"the disk of {folder} has {free:,} bytes free, but at least {needed:,} are needed"
            f" ({size:,} to come, and a margin); {kept}. {_ADVICE}",
            path=str(folder),
        )


@contextlib.contextmanager
def explain_disk(folder: Path, kept: str, needed: int = 0) -> Iterator[None]:
    """Turn what the operating system says into a CacheError with advice.

    Args:
        folder: Where is written or read.
        kept: What becomes of the bytes that are here already, in words.
        needed: Bytes that are being written.

    Raises:
        CacheError: Something went wrong.
    """
    try:
        yield
    except CacheError:
        raise
    except OSError as error:
        message = describe_fault(error, folder, kept=kept, needed=needed)
        raise CacheError(message, path=_name_place(error, folder)) from error


def describe_fault(error: OSError, folder: Path, *, kept: str = "", needed: int = 0) -> str:
    """Say what an error of the operating system means for the cache, and what to do.

    Args:
        error: What the operating system said.
        folder: Where was written or read; named if the error names no place.
        kept: What becomes of the bytes that are here already, in words.
        needed: Bytes that were being written.

    Example:
        >>> describe_fault(PermissionError(errno.EACCES, "Permission denied", "/c/x"), Path("/c"))
        'the cache cannot be used: Permission denied (/c/x); mend the permissions, or choose another folder with MSHUB_CACHE'
    """
    reason = error.strerror or str(error)
    if error.errno in NO_ROOM:
        reason += f", with {needed:,} more bytes at hand" if needed else ""
        kept = f"; {kept}" if kept else ""
        return f"the disk of {folder} is full ({reason}){kept}. {_ADVICE}"
    advice = ""
    if error.errno in _NO_RIGHT:
        advice = "mend the permissions, or "
    elif error.errno in _BROKEN:
        advice = "have the disk or the network drive looked at, or "
    return (
        f"the cache cannot be used: {reason} ({_name_place(error, folder)}); {advice}choose another"
        " folder with MSHUB_CACHE"
    )


def _name_place(error: OSError, folder: Path) -> str:
    return str(error.filename2 or error.filename or folder)
