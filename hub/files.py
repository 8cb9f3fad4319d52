"""Writing files whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from hub.errors import CacheError


def write_file(path: str, content: bytes) -> None:
    """Put content into a file, all of it or nothing; a file that is there keeps its mode.

    A pipe or a device, such as ``/dev/stdout``, is written to as it is.

    Raises:
        CacheError: It cannot be written.
    """
    target = Path(os.path.realpath(path))  # a symbolic link stays one
    try:
        if target.exists() and not target.is_file():
            Path(path).write_bytes(content)
        else:
            _replace(target, content)
    except OSError as error:
        reason = error.strerror or error
        raise CacheError(f"{path} cannot be written: {reason}", path=path) from error


def _replace(target: Path, content: bytes) -> None:
    temporary = target.with_name(f".mshub-{os.urandom(8).hex()}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
        with contextlib.suppress(FileNotFoundError):
            _take_after(temporary, target.stat())
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _take_after(file: Path, model: os.stat_result) -> None:
    """Give a file the owner of another one, where that is allowed, and its mode."""
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(file, model.st_uid, model.st_gid)
    file.chmod(model.st_mode)
