"""Writing into a folder that several processes share: whole files, or nothing.

Every file is written under a random name and then moved to its final one in a single step, so a
reader sees all of it or none of it, whatever locks do and whoever is killed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hub.assets.cache.layout import VERSION, Layout
from hub.assets.marks import mark_name
from hub.errors import ArgumentError, CacheError

_log = logging.getLogger(__name__)

_TAG = b"""Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache of mshub. It can be deleted; what is needed is fetched again.
"""
_LARGEST = 1 << 20  # bytes of a record; a larger one is not ours
_OPENING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_WINDOWS = os.name == "nt"
_ATTEMPTS = 5  # times that a small file is written if another process is in the way
# A temporary file that another process swept; on Windows also a file that is just being read.
_PASSING = (FileNotFoundError, PermissionError) if _WINDOWS else (FileNotFoundError,)


@dataclass(frozen=True, slots=True)
class SharedFolder:
    """The root of a cache, with the few ways in which anything gets into it.

    Attributes:
        root: The folder; made when it is first written to, and then marked with a CACHEDIR.TAG
            and the version of its layout.
    """

    root: Path

    @property
    def layout(self) -> Layout:
        """Where everything lies."""
        return Layout(self.root)

    @contextlib.contextmanager
    def receive(self, key: str) -> Iterator[tuple[BinaryIO, Path]]:
        """Open a file for content on its way; it is gone when the block ends, if it is still there.

        Args:
            key: What it belongs to; whoever publishes something under this key sweeps it.

        Yields:
            The open file and its path, in the same file system as all final names.

        Raises:
            CacheError: The folder cannot be written.
        """
        with explain_errors(self.root):
            path = self.make("partial") / mark_name(key, "tmp")
            try:
                with path.open("xb") as file:
                    yield file, path
            finally:
                with contextlib.suppress(FileNotFoundError):
                    remove_file(path)

    def write(self, path: Path, content: bytes) -> None:
        """Write a small file below the root in one step.

        Args:
            path: Its final name, in a folder below the root.
            content: All that it shall hold.

        Raises:
            CacheError: The folder cannot be written.
        """
        self._write_below(path, content, Path.replace)

    def write_new(self, path: Path, content: bytes) -> None:
        """Write a small file as :meth:`write` does, unless there is one by that name already.

        Args:
            path: Its final name, in a folder below the root.
            content: All that it shall hold.

        Raises:
            CacheError: The folder cannot be written.
        """
        self._write_below(path, content, _name_new)

    def _write_below(
        self, path: Path, content: bytes, name: Callable[[Path, Path], object]
    ) -> None:
        with explain_errors(self.root):
            self.make(path.parent.name)
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    self._write(path, content, name)
                except _PASSING:
                    if attempt == _ATTEMPTS:
                        raise
                    time.sleep(0.01 * attempt)
                    self.make(path.parent.name)
                else:
                    return

    def make(self, name: str) -> Path:
        """Return a folder below the root, made if need be.

        Args:
            name: The folder's name.

        Raises:
            CacheError: It cannot be made, or the root follows a layout that we do not know.
        """
        folder = self.root / name
        with explain_errors(self.root):
            marked = check_layout(self.layout)
            folder.mkdir(parents=True, exist_ok=True)
            if not marked:
                self._mark()
        return folder

    def _mark(self) -> None:
        (self.root / "partial").mkdir(exist_ok=True)
        marks = {self.layout.tag: _TAG, self.layout.version: b"%d\n" % VERSION}
        for path, content in marks.items():
            if not path.is_file():
                self._write(path, content, Path.replace)

    def _write(self, path: Path, content: bytes, name: Callable[[Path, Path], object]) -> None:
        partial = self.root / "partial" / mark_name(path.stem, "tmp")
        try:
            with partial.open("xb") as file:
                file.write(content)
            name(partial, path)
        except BaseException:
            with contextlib.suppress(OSError):
                partial.unlink()
            raise


def _name_new(partial: Path, path: Path) -> None:
    """Give a file its final name, unless another one has it; then that one stays."""
    try:
        path.hardlink_to(partial)
    except (FileExistsError, FileNotFoundError):
        if not path.exists():
            raise
    except OSError:  # a file system without hard links
        if not path.exists():
            partial.replace(path)
            return
    partial.unlink(missing_ok=True)


def check_layout(layout: Layout) -> bool:
    """Make sure that a cache folder is laid out in a way that we know; nothing is changed.

    Args:
        layout: The cache folder.

    Returns:
        Whether it states its layout. If not, it is new, or was written before there was a second
        version; both count as version 1.

    Raises:
        CacheError: It follows a newer layout, or does not say which one.
        OSError: The file that states it cannot be read.
    """
    try:
        content = read_small(layout.version)
    except (FileNotFoundError, NotADirectoryError):
        return False
    text = "" if content is None else content[:80].decode("ascii", "replace").strip()
    advice = "nothing in it was touched. Choose another folder with MSHUB_CACHE"
    if not (text.isascii() and text.isdigit()):
        raise CacheError(
            f"{layout.version} should hold the number of the cache's layout, but holds {text!r}, so"
            f" {layout.root} may be the cache of another mshub, or of another program; {advice}",
            path=str(layout.version),
        )
    if int(text) > VERSION:
        raise CacheError(
            f"the cache {layout.root} was written by a newer mshub: it has layout {int(text)}, and"
            f" this mshub knows layouts up to {VERSION}; {advice}, or upgrade with"
            " `pip install --upgrade mshub`",
            path=str(layout.version),
        )
    return True


def read_small(path: Path) -> bytes | None:
    """Read a small file that may be anything; never waits for a pipe.

    Returns:
        Its content, or None if it is not a regular file or is larger than any of ours.

    Raises:
        OSError: It is not there, or cannot be read.
    """
    descriptor = os.open(path, _OPENING)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            return None
        return os.read(descriptor, _LARGEST)
    finally:
        os.close(descriptor)


def publish_file(partial: Path, path: Path) -> os.stat_result:
    """Make a complete file read-only, as far as the umask lets it be read, and name it.

    Args:
        partial: The file; its mode must follow the umask.
        path: Its final name.

    Returns:
        The file's status. It was taken before the file could be reached by its name.

    Raises:
        OSError: The file system refuses, or the partial file is gone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(PermissionError):  # some network file systems have no modes
        partial.chmod(partial.stat().st_mode & 0o444)
    status = partial.stat()
    if _WINDOWS and path.is_file():
        path.chmod(0o666)  # a read-only file is not replaced there
    partial.replace(path)
    return status


def remove_file(path: Path) -> None:
    """Remove a file, also a read-only one on Windows.

    Raises:
        OSError: The file system refuses, or it is not there.
    """
    if _WINDOWS:
        path.chmod(0o666)
    path.unlink()


def name_folder(folder: str | os.PathLike[str]) -> Path:
    """Return the path of a cache folder, absolute and with the user's home folder put in.

    Raises:
        ArgumentError: No folder can have this name.
    """
    try:
        path = Path(os.path.expanduser(folder)).absolute()  # noqa: PTH111, does not raise
        unusable = b"\0" in os.fsencode(path)
    except (TypeError, ValueError, OSError) as error:
        raise ArgumentError(f"{folder!r} cannot be a cache folder: {error}") from error
    if unusable:
        raise ArgumentError(f"{folder!r} cannot be a cache folder: it holds a NUL")
    return path


@contextlib.contextmanager
def explain_errors(root: Path) -> Iterator[None]:
    """Turn what the operating system says of the folder into a CacheError with advice.

    Args:
        root: The cache folder, named if the error names no place.
    """
    try:
        yield
    except OSError as error:
        if isinstance(error, CacheError) or error.errno is None:
            raise
        from hub.assets.disk import describe_fault

        place = error.filename2 or error.filename or root
        raise CacheError(describe_fault(error, root), path=str(place)) from error
