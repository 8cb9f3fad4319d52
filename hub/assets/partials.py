"""Files that are arriving: bytes in order or in pieces, hashed on the way, kept for a resume.

A partial file has a name of its own, ``<key>.<mark>.part``, that no other process writes to, and it
only ever holds bytes of one source. A small file beside it, ``<key>.<mark>.json``, says which. The mark
tells who writes it (:mod:`hub.assets.marks`). What surely nobody writes to any more is taken over
under a new name, if it is a file of this user; all else is copied, and left alone if it may still be
written to. So two processes that fetch one file at once, with or without a lock, never meet in one
file.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from hub.assets.disk import explain_disk, require_room
from hub.assets.hashing import Hashing
from hub.assets.marks import mark_name
from hub.assets.plain_files import move_own, open_plain
from hub.assets.remainders import (
    Remainder,
    Source,
    find_remainders,
    remove,
    sweep_remainders,
    write_sidecar,
)
from hub.errors import CacheError

__all__ = ["Partial", "Remainder", "Source", "find_remainders", "open_partial"]

_log = logging.getLogger(__name__)

_PIECE = 1 << 20  # bytes copied at a time
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
            with self._explained():
                self._hashing.update(chunk)
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
                with self._explained():
                    self._hashing.read_back(self._reader, self.size, size)
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
            return self._hashing.hexdigest()

    def close(self) -> None:
        """Close the file and end the hashing thread; more than once does no harm.

        Raises:
            CacheError: The last bytes cannot be written.
        """
        self._hashing.close()
        with self._explained():
            self._close_file()

    def resume(self) -> None:
        """Go on with the longest that earlier calls left, and tidy up the rest.

        Raises:
            CacheError: The disk has no room, or cannot be written; what was left stays.
        """
        with self._explained():
            now = self.path.lstat().st_mtime  # it has just been made
        found = sorted(find_remainders(self._folder, self._key), key=lambda found: found.size)
        while found and not self.take_over(found.pop()):
            pass
        if self.size:
            sweep_remainders(self._folder, self._key, now, but=self.path)

    def take_over(self, remainder: Remainder) -> bool:
        """Go on with what an earlier call left behind, hashing it on the way.

        Args:
            remainder: What to go on with. If it is released, and a file of this user, the file
                itself is used; else it is copied, and left alone if it is not released.

        Returns:
            Whether that worked; if not, nothing is here, and what was left stays.

        Raises:
            CacheError: The disk cannot be written.
        """
        if not (remainder.released and self._adopt(remainder)) and not self._copy(remainder):
            self._renew()
            return False
        self.source = remainder.source
        self._write_sidecar()
        if remainder.released:
            remove(remainder.path, remainder.sidecar)
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
                with contextlib.suppress(OSError):  # on a full disk, what was noted last stands
                    self._note_all(self.source, released=True)

    def _adopt(self, remainder: Remainder) -> bool:
        """Make a released file our own; if that cannot be, it may still be copied."""
        try:
            write_sidecar(self.path, remainder.source, remainder.size, self._note)
            file = move_own(remainder.path, self.path)
        except OSError:  # somebody else's, or somebody else was faster
            return False
        if file is None:
            self._renew()
            return False
        self._close_file()
        self._file = file
        with self._explained():
            self._file.truncate(remainder.size)
            self._reader = open_plain(self.path)
            self.size = remainder.size
            self._hashing.read_back(self._reader, 0, self.size)
        return True

    def _copy(self, remainder: Remainder) -> bool:
        """Append what another process has of the file, and may still be adding to."""
        stays = f"the {remainder.size:,} bytes in {remainder.path} stay, and are not gone on with"
        try:
            require_room(self._folder, remainder.size, stays)
            file = open_plain(remainder.path)
        except CacheError as error:
            _log.warning("%s", error)
            return False
        except OSError as error:  # it has its final name now, perhaps, or may not be read
            _log.info("%s cannot be copied: %s", remainder.path, error)
            return False
        with file:
            while self.size < remainder.size:
                try:
                    piece = file.read(min(_PIECE, remainder.size - self.size))
                except OSError as error:
                    _log.info("%s cannot be gone on with: %s", remainder.path, error)
                    return False
                if not piece:
                    break
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
        with self._explained():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("xb", buffering=0)
            self._reader = open_plain(self.path)
        self._hashing = Hashing()

    def _close_file(self) -> None:
        self._reader.close()
        self._file.close()

    def _write(self, offset: int, chunk: bytes) -> None:
        with self._explained(len(chunk)):
            self._file.seek(offset)
            rest = memoryview(chunk)
            while rest:  # a disk that fills up takes a part
                rest = rest[self._file.write(rest) :]

    def _write_sidecar(self) -> None:
        if self.source is not None:
            with self._explained():
                self._note_all(self.source)
            self._noted = self.size

    def _note_all(self, source: Source, *, released: bool = False) -> None:
        size = self.size if self._scattered else None  # else the file is exactly that long
        write_sidecar(self.path, source, size, self._note, released=released)

    def _remove(self) -> None:
        remove(self.path, self.sidecar)

    def _describe_kept(self) -> str:
        kept = self.source is not None and self.source.resumable and self.size
        return f"{self.size:,} bytes are kept, to be gone on with" if kept else "nothing is kept"

    def _explained(self, needed: int = 0) -> contextlib.AbstractContextManager[None]:
        return explain_disk(self._folder, self._describe_kept(), needed)


@contextlib.contextmanager
def open_partial(
    folder: Path, key: str, *, note: Mapping[str, str] = _NOTHING, resume: bool = True
) -> Iterator[Partial]:
    """Open a file for content that is still to come, with what earlier calls have of it.

    When the block ends, the file stays if it was not moved away and a later call can go on with it.

    Args:
        folder: Where partial files are; made if need be.
        key: What stands for the content, such as ``make_key(link, digest)``.
        note: Texts for the sidecar, for people and for ``hub cache``.
        resume: Whether to go on with what is there; if not, it stays as it is.

    Yields:
        The open file; ``source`` and ``size`` say what is here.

    Raises:
        CacheError: The folder cannot be written.
    """
    partial = Partial(folder, key, note)
    try:
        if resume:
            partial.resume()
        yield partial
    finally:
        partial.leave()
