"""Files that are arriving: bytes in order or in pieces, hashed on the way, kept for a resume.

A partial file has a name of its own, ``<key>.<random>.part``, that no other process writes to, and
it only ever holds bytes of one source. A small file beside it, ``<key>.<random>.json``, says which.
Whoever goes on with a file that somebody else left behind copies it first. So two processes
that fetch one file at once, with or without a lock, never meet in one file.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import shutil
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

from hub.assets.remainders import (
    Remainder,
    Source,
    find_remainders,
    remove,
    remove_stale,
    sweep,
    write_sidecar,
)
from hub.errors import CacheError

__all__ = ["Partial", "Remainder", "Source", "find_remainders", "open_partial", "sweep"]

_log = logging.getLogger(__name__)

_PIECE = 1 << 20  # bytes copied or read back at a time
_MARGIN = 16 << 20  # bytes that must stay free on the disk
_BACKLOG = 8  # pieces that may wait for the hashing thread
_NOTED = 8 << 20  # bytes after which the size is noted anew, where it has to be
_ABANDONED = 3600  # seconds after which nobody writes any more to what cannot be resumed
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
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
        with self._explained():
            free = shutil.disk_usage(self._folder).free
        if free < size + _MARGIN:
            raise CacheError(
                f"the disk of {self._folder} has {free:,} bytes free, but {size + _MARGIN:,} are"
                f" needed ({size:,} to come, and a margin); {self._describe_kept()}. Free some"
                " space, for example with 'hub cache prune', or choose another disk with"
                " MSHUB_CACHE",
                path=str(self._folder),
            )

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
            self._reader.close()
            self._file.close()

    def take_over(self, remainder: Remainder) -> bool:
        """Copy what an earlier call left behind, hashing it on the way.

        Args:
            remainder: What to go on with; it is removed once it is copied.

        Returns:
            Whether that worked; if not, nothing is here.
        """
        try:
            self.reserve(remainder.size)
            with remainder.path.open("rb", buffering=0) as file:
                while self.size < remainder.size:
                    piece = file.read(min(_PIECE, remainder.size - self.size))
                    if not piece:
                        break
                    self.append(piece)
            self.source = remainder.source
            self._write_sidecar()
        except OSError as error:  # CacheErrors, too: a disk without room for a copy
            _log.warning("%s cannot be gone on with (%s); it is removed", remainder.path, error)
            self._renew()
        remove(remainder.path, remainder.sidecar)
        return self.source is not None

    def leave(self) -> None:
        """Close, and keep on the disk what can be of use to the next call, and nothing else.

        If the file was moved away, it has its final name: then the sidecar goes, and with it
        whatever else was on its way to the same name.
        """
        try:
            self.close()
        finally:
            if not self.path.exists():
                remove(*self._folder.glob(f"{self._key}.*"))
            elif self.source is None or not self.source.resumable or not self.size:
                self._remove()
            elif self._scattered:
                self._write_sidecar()

    def _renew(self) -> None:
        self.close()
        self._remove()
        self._open()

    def _open(self) -> None:
        self.path = self._folder / f"{self._key}.{uuid.uuid4().hex}.part"
        self.source = None
        self.size = 0
        self._scattered = False
        self._noted = 0
        self._sha256 = hashlib.sha256()
        self._waiting: deque[Future[None]] = deque()
        with self._explained():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("xb", buffering=0)
            self._reader = self.path.open("rb", buffering=0)
        self._hasher = ThreadPoolExecutor(1, thread_name_prefix="mshub-sha256")

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
        if self.source is None:
            return
        size = self.size if self._scattered else None
        with self._explained():
            write_sidecar(self.path, self.source, size, self._note)
        self._noted = self.size

    def _remove(self) -> None:
        remove(self.path, self.sidecar, self.sidecar.with_suffix(".tmp"))

    def _describe_kept(self) -> str:
        kept = self.source is not None and self.source.resumable and self.size
        return f"{self.size:,} bytes are kept, to be gone on with" if kept else "nothing is kept"

    @contextlib.contextmanager
    def _explained(self, size: int = 0) -> Iterator[None]:
        """Turn what the operating system says into a CacheError with advice."""
        try:
            yield
        except CacheError:
            raise
        except OSError as error:
            place = str(error.filename or self.path)
            if error.errno in _NO_ROOM:
                message = (
                    f"the disk of {self._folder} is full ({error.strerror}, at byte"
                    f" {self.size:,} with {size:,} more at hand); {self._describe_kept()}. Free"
                    " some space, for example with 'hub cache prune', or choose another disk"
                    " with MSHUB_CACHE"
                )
            else:
                message = (
                    f"the cache cannot be used: {error.strerror or error} ({place}); mend the"
                    " permissions, or choose another folder with MSHUB_CACHE"
                )
            raise CacheError(message, path=place) from error


@contextlib.contextmanager
def open_partial(
    folder: Path, key: str, *, note: Mapping[str, str] = _NOTHING
) -> Iterator[Partial]:
    """Open a file for content that is still to come, with what earlier calls have of it.

    When the block ends, the file stays if a later call can go on with it. If it was moved away,
    everything else under this key goes.

    Args:
        folder: Where partial files are; made if need be.
        key: What stands for the content, such as ``make_key(link, digest)``.
        note: Texts for the sidecar, for people and for ``hub cache``.

    Yields:
        The open file; ``source`` and ``size`` say what is here.

    Raises:
        CacheError: The folder cannot be written.
    """
    found = sorted(find_remainders(folder, key), key=lambda found: found.size)
    partial = Partial(folder, key, note)
    try:
        while found and not partial.take_over(found.pop()):
            pass
        spared = {path.stem for path in (partial.path, *(left.path for left in found))}
        orphans = [path for path in folder.glob(f"{key}.*") if path.stem not in spared]
        remove_stale(orphans, _ABANDONED)
        yield partial
    finally:
        partial.leave()
