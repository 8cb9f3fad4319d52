"""The disk under a file that is arriving: whether it has room, and what its errors mean."""

from __future__ import annotations

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from hub.errors import CacheError

_MARGIN = 16 << 20  # bytes that must stay free
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
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
    if free < size + _MARGIN:
        known = f"{size:,} to come" if size else "nobody knows how many will come"
        raise CacheError(
            f"the disk of {folder} has {free:,} bytes free, but {size + _MARGIN:,} are needed"
            f" ({known}, and a margin); {kept}. {_ADVICE}",
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
        place = str(error.filename or folder)
        if error.errno in _NO_ROOM:
            message = (
                f"the disk of {folder} is full ({error.strerror}, with {needed:,} more bytes at"
                f" hand); {kept}. {_ADVICE}"
            )
        else:
            message = (
                f"the cache cannot be used: {error.strerror or error} ({place}); mend the"
                " permissions, or choose another folder with MSHUB_CACHE"
            )
        raise CacheError(message, path=place) from error
