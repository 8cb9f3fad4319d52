"""Hashing by a thread of its own, while the next bytes arrive."""

from __future__ import annotations

import errno
import hashlib
import io
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor

_PIECE = 1 << 20  # bytes read back at a time
_BACKLOG = 8  # pieces of work that may wait for the thread


class Hashing:
    """The SHA-256 of bytes, in the order in which they are given.

    Example:
        >>> hashing = Hashing()
        >>> hashing.update(b"some")
        >>> hashing.hexdigest()[:8]
        'a6b46dd0'
        >>> hashing.close()
    """

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._closed = threading.Event()
        self._waiting: deque[Future[None]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mshub-sha256")

    def update(self, chunk: bytes) -> None:
        """Hash some bytes; wait if the thread lags behind.

        Raises:
            OSError: What was to be read back before cannot be read.
        """
        self._submit(self._sha256.update, chunk)

    def read_back(self, file: io.FileIO, start: int, end: int) -> None:
        """Hash a part of a file that nobody else reads by this handle.

        Args:
            file: The file.
            start: The first byte.
            end: The byte after the last one.

        Raises:
            OSError: What was to be read back before cannot be read.
        """
        self._submit(self._read, file, start, end)

    def hexdigest(self) -> str:
        """Return the digest of all that was given, when all of it is hashed.

        Raises:
            OSError: What was to be read back cannot be read.
            CancelledError: It was closed before all was hashed.
        """
        self._await_fewer(1)
        return self._sha256.hexdigest()

    def close(self) -> None:
        """End the thread at once; more than once does no harm.

        What is not hashed by now never will be: whoever wants the digest asks for it before.
        """
        self._closed.set()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _submit(self, work: Callable[..., None], *args: object) -> None:
        self._await_fewer(_BACKLOG)
        self._waiting.append(self._thread.submit(work, *args))

    def _await_fewer(self, limit: int) -> None:
        """Wait until less work is left than this; what failed, or is interrupted, stays in line."""
        while len(self._waiting) >= limit:
            self._waiting[0].result()
            self._waiting.popleft()

    def _read(self, file: io.FileIO, start: int, end: int) -> None:
        file.seek(start)
        while start < end:
            if self._closed.is_set():
                raise CancelledError
            piece = file.read(min(_PIECE, end - start))
            if not piece:
                raise OSError(errno.EIO, "the file lost bytes", str(file.name))
            self._sha256.update(piece)
            start += len(piece)
