"""Plain files in a folder that others may write to, too: opened without trust in their names.

A name there may be a link to any file of the user, or a pipe that never answers, and another user may
own what lies under it, and change it later.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
from pathlib import Path

_WARY = (
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def open_plain(path: Path, mode: str = "rb") -> io.FileIO:
    """Open a regular file under its own name; no link is followed, no pipe is waited for.

    Args:
        path: The file.
        mode: ``rb``, or ``r+b`` to write to it as well.

    Raises:
        OSError: It is not there, is anything else, or may not be opened.
    """
    seen = path.lstat()
    access = os.O_RDWR if "+" in mode else os.O_RDONLY
    descriptor = os.open(path, access | _WARY)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or not os.path.samestat(seen, found):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a plain file", str(path))
    return io.FileIO(descriptor, mode)


def move_own(source: Path, target: Path) -> io.FileIO | None:
    """Give a file of this user another name, and open it for writing.

    Args:
        source: A file that nobody writes to any more, as far as its name says.
        target: Its new name; a file that has it is replaced.

    Returns:
        The open file; None if, at the last moment, something else came under its name.

    Raises:
        OSError: Nothing was moved: it belongs to somebody else, has other names, is not a regular
            file, or is gone; or this system does not tell who owns a file.
    """
    if not hasattr(os, "geteuid"):
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP), str(source))
    file = open_plain(source, "r+b")
    try:
        status = os.fstat(file.fileno())
        if status.st_uid != os.geteuid() or status.st_nlink != 1:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM), str(source))
        os.utime(file.fileno())  # it is not quiet any more
        source.replace(target)
    except BaseException:
        file.close()
        raise
    with contextlib.suppress(OSError):
        if os.path.samestat(target.lstat(), status):
            return file
    file.close()
    return None
