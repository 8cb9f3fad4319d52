"""Files that are arriving: bytes in order or in pieces, hashed on the way, kept for a resume.

A partial file has a name of its own, ``<key>.<mark>.part``, that no other process writes to, and it
only ever holds bytes of one source. A small file beside it, ``<key>.<mark>.json``, says which. The mark
tells who writes it (:mod:`hub.assets.marks`). What a dead process left behind is taken over under a
new name; what may still be written to is copied, and left alone. So two processes that fetch one
file at once, with or without a lock, never meet in one file.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

from hub.assets.disk import explain_disk, require_room
from hub.assets.marks import is_released, mark_name, release_name
from hub.assets.remainders import (
    Remainder,
    Source,
    find_remainders,
    remove,
    remove_released,
    write_sidecar,
)

__all__ = ["Partial", "Remainder", "Source", "find_remainders", "open_partial"]

_log = logging.getLogger(__name__)

_PIECE = 1 << 20  # bytes copied or read back at a time
_BACKLOG = 8  # pieces that may wait for the hashing thread
_NOTED = 8 << 20  # bytes after which the size is noted anew, where it has to be
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Partial:
    """A file that is arriving, under a name that only this process writes to.

    Attributes:
        path: Where it is; another one after :meth:`begin`, if there was something before.
        source: What its bytes are part of; None if nothing is here.
        size: The bytes that are here, from the start and without holes.
    """

    path: Path
    source: Source | None
    size: int
    _scattered: bool  # whether there may be holes, so that the sidecar notes the size

    def __init__(self, folder: Path, key: str, note: Mapping[str, str] = _NOTHING) -> None:
        self._folder = folder
        self._key = key
        self._note = dict(note)
        self._lock = threading.RLock()
        self._open()

    def __repr__(self) -> str:
        return f"Partial({str(self.path)!r}, size={self.size})"

    @property
    def sidecar(self) -> Path:
        """The small file that says what this one is part of."""
        return self.path.with_suffix(".json")

    def begin(self, source: Source) -> None:
        """Start from zero.

        Args:
            source: What the bytes are part of from now on.

        Raises:
            CacheError: The folder cannot be written.
        """
        self.restart()
        self.source = source
        self._write_sidecar()

    def restart(self) -> None:
        """Throw away all that is here, and go on under a new name.

        Raises:
            CacheError: The folder cannot be written.
        """
        if self.source is not None:
            self._renew()

    def append(self, chunk: bytes) -> None:
        """Write the next bytes, and have them hashed while the next ones arrive.

        Raises:
            CacheError: The disk is full, or cannot be written.
        """
        with self._lock:
            self._write(self.size, chunk)
            self.size += len(chunk)
            self._hash(self._sha256.update, chunk)
            if self._scattered and self.size >= self._noted + _NOTED:
                self._write_sidecar()

    def place(self, offset: int, chunk: bytes) -> None:
        """Write bytes ahead of what is here; several threads may do so at once.

        They count once :meth:`settle` says that there is no hole before them.

        Args:
            offset: Where in the file they belong.
            chunk: The bytes.

        Raises:
            CacheError: The disk is full, or cannot be written.
        """
        with self._lock:
            if not self._scattered:  # noted before there is a first hole
                self._scattered = True
                self._write_sidecar()
            self._write(offset, chunk)

    def settle(self, size: int) -> None:
        """Count all bytes below a size as here: they are read back, hashed and noted.

        Raises:
            CacheError: The disk is full, or cannot be written.
        """
        with self._lock:
            if size > self.size:
                self._hash(self._read_back, self.size, size)
                self.size = size
                self._write_sidecar()

    def reserve(self, size: int) -> None:
        """Make sure that the disk has room.

        Args:
            size: How many bytes are still to come.

        Raises:
            CacheError: It has not, with a margin; nothing is lost.
        """
        require_room(self._folder, size, self._describe_kept())

    def hexdigest(self) -> str:
        """Return the SHA-256 of all bytes up to :attr:`size`, when all of them are hashed.

        Raises:
            CacheError: What was written cannot be read back.
        """
        with self._lock, self._explained():
            while self._waiting:
                self._waiting.popleft().result()
            return self._sha256.hexdigest()

    def close(self) -> None:
        """Close the file and end the hashing thread; more than once does no harm.

        Raises:
            CacheError: The last bytes cannot be written.
        """
        self._hasher.shutdown(wait=True)
        with self._explained():
            self._close_file()

    def take_over(self, remainder: Remainder) -> bool:
        """Go on with what an earlier call left behind, hashing it on the way.

        Args:
            remainder: What to go on with. If its process is gone, the file itself is used; else
                it is copied, and left alone.

        Returns:
            Whether that worked; if not, nothing is here.

        Raises:
            CacheError: The disk has no room, or cannot be written; what was left stays.
        """
        taken = self._adopt if is_released(remainder.path) else self._copy
        if not taken(remainder):
            self._renew()
            return False
        self.source = remainder.source
        self._write_sidecar()
        remove_released(remainder.path, remainder.sidecar)
        return True

    def leave(self) -> None:
        """Close, and keep on the disk what can be of use to the next call, and nothing else.

        Raises:
            CacheError: The last bytes cannot be written.
        """
        try:
            self.close()
        finally:
            if not self.path.exists():  # it has its final name, or was put aside
                remove(self.sidecar)
            elif self.source is None or not self.source.resumable or not self.size:
                self._remove()
            else:
                self._let_go(self.source)

    def _let_go(self, source: Source) -> None:
        """Give the file a name that says that nobody writes to it any more."""
        released = self.path.with_name(release_name(self.path.name))
        with contextlib.suppress(OSError):  # on a full disk, what was noted last stands
            write_sidecar(released, source, self._noted_size, self._note)
            self.path.replace(released)
            remove(self.sidecar)

    def _adopt(self, remainder: Remainder) -> bool:
        """Make the file of a dead process our own, unless somebody else was faster."""
        self._close_file()
        with self._explained():
            write_sidecar(self.path, remainder.source, remainder.size, self._note)
            try:
                remainder.path.replace(self.path)
            except FileNotFoundError:
                return False
            os.truncate(self.path, remainder.size)
            self._open_file("r+b")
        self.size = remainder.size
        self._hash(self._read_back, 0, self.size)
        return True

    def _copy(self, remainder: Remainder) -> bool:
        """Append what another process has of the file, and may still be adding to."""
        self.reserve(remainder.size)
        try:
            file = remainder.path.open("rb", buffering=0)
        except OSError:  # it has its final name now, perhaps
            return False
        with file, self._explained():
            while piece := file.read(min(_PIECE, remainder.size - self.size)):
                self.append(piece)
        return self.size > 0

    def _renew(self) -> None:
        self.close()
        self._remove()
        self._open()

    def _open(self) -> None:
        self.path = self._folder / mark_name(self._key, "part")
        self.source = None
        self.size = 0
        self._scattered = False
        self._noted = 0
        self._sha256 = hashlib.sha256()
        self._waiting: deque[Future[None]] = deque()
        with self._explained():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._open_file("xb")
        self._hasher = ThreadPoolExecutor(1, thread_name_prefix="mshub-sha256")

    def _open_file(self, mode: str) -> None:
        self._file: io.FileIO = self.path.open(mode, buffering=0)  # type: ignore[assignment]
        self._reader = self.path.open("rb", buffering=0)

    def _close_file(self) -> None:
        self._reader.close()
        self._file.close()

    def _write(self, offset: int, chunk: bytes) -> None:
        with self._explained(len(chunk)):
            self._file.seek(offset)
            rest = memoryview(chunk)
            while rest:  # a disk that fills up takes a part
                rest = rest[self._file.write(rest) :]

    def _hash(self, work: Callable[..., None], *args: object) -> None:
        """Give work to the hashing thread; wait for the oldest if it lags behind."""
        with self._explained():
            while len(self._waiting) >= _BACKLOG:
                self._waiting.popleft().result()
        self._waiting.append(self._hasher.submit(work, *args))

    def _read_back(self, start: int, end: int) -> None:
        self._reader.seek(start)
        while start < end:
            piece = self._reader.read(min(_PIECE, end - start))
            if not piece:
                raise OSError(errno.EIO, "the file lost bytes", str(self.path))
            self._sha256.update(piece)
            start += len(piece)

    def _write_sidecar(self) -> None:
        if self.source is not None:
            with self._explained():
                write_sidecar(self.path, self.source, self._noted_size, self._note)
            self._noted = self.size

    @property
    def _noted_size(self) -> int | None:
        """What the sidecar says of the size: nothing, if the file is exactly that long."""
        return self.size if self._scattered else None

    def _remove(self) -> None:
        remove(self.path, self.sidecar, self.sidecar.with_suffix(".tmp"))

    def _describe_kept(self) -> str:
        kept = self.source is not None and self.source.resumable and self.size
        return f"{self.size:,} bytes are kept, to be gone on with" if kept else "nothing is kept"

    def _explained(self, needed: int = 0) -> contextlib.AbstractContextManager[None]:
        return explain_disk(self._folder, self._describe_kept(), needed)


@contextlib.contextmanager
def open_partial(
    folder: Path, key: str, *, note: Mapping[str, str] = _NOTHING
) -> Iterator[Partial]:
    """Open a file for content that is still to come, with what earlier calls have of it.

    When the block ends, the file stays if it was not moved away and a later call can go on with it.

    Args:
        folder: Where partial files are; made if need be.
        key: What stands for the content, such as ``make_key(link, digest)``.
        note: Texts for the sidecar, for people and for ``hub cache``.

    Yields:
        The open file; ``source`` and ``size`` say what is here.

    Raises:
        CacheError: The folder cannot be written.
    """
    partial = Partial(folder, key, note)
    try:
        found = sorted(find_remainders(folder, key), key=lambda found: found.size)
        while found and not partial.take_over(found.pop()):
            pass
        yield partial
    finally:
        partial.leave()
