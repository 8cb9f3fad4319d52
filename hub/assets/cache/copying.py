"""Bringing whole files into the cache: copied with their digest, and named in one step."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import BinaryIO

from hub.assets.cache.folder import publish_file, remove_file
from hub.digests import hash_file, hash_open_file
from hub.errors import ArgumentError, CacheError


def place_file(partial: Path, path: Path, sha256: str) -> os.stat_result:
    """Give a verified file its final name; what another process put there meanwhile is as good.

    Args:
        partial: The file.
        path: Its final name.
        sha256: The digest of the file.

    Returns:
        The status of the file that now has the name, from before it could be reached by it.

    Raises:
        CacheError: The file is gone.
        OSError: The file system refuses.
    """
    try:
        return publish_file(partial, path)
    except OSError as error:
        twin = _find_twin(path, sha256)
        if twin:
            with contextlib.suppress(OSError):
                remove_file(partial)
            return twin
        if isinstance(error, FileNotFoundError):
            raise CacheError(
                f"{partial} was removed by another process before it could be named {path}; fetch"
                " it again",
                path=str(partial),
            ) from error
        raise


def copy_file(source: Path, copy: BinaryIO) -> str:
    """Copy a file, hashing it on the way, and close the copy.

    Args:
        source: The file to read.
        copy: The open file to write.

    Returns:
        The SHA-256 of what was copied.

    Raises:
        OSError: Reading or writing failed.
    """
    with source.open("rb", buffering=0) as file:
        sha256 = hash_open_file(file, copy.write)
    copy.close()
    return sha256


def _find_twin(path: Path, sha256: str) -> os.stat_result | None:
    try:
        status = path.lstat()
        same = stat.S_ISREG(status.st_mode) and hash_file(path) == sha256
    except OSError:
        return None
    return status if same else None


def require_readable(path: Path) -> None:
    """Make sure that a file of the user's is there and can be read.

    Raises:
        ArgumentError: It is not, or is no regular file.
    """
    try:
        if path.is_file():
            path.open("rb").close()
            return
        reason = "it is no regular file" if path.exists() else "it is not there"
    except OSError as error:
        reason = error.strerror or str(error)
    raise ArgumentError(
        f"{path} cannot be added to the cache: {reason}; name a file that can be read"
    )
