"""Writing into a folder that several processes share: whole files, or nothing.

Every file is written under a random name and then moved to its final one in a single step, so a
reader sees all of it or none of it, whatever locks do and whoever is killed.
"""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hub.errors import CacheError

_TAG = """Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache of mshub. It can be deleted; what is needed is fetched again.
"""
_ABANDONED = 24 * 3600  # seconds after which a partial file has no writer any more


@dataclass(frozen=True, slots=True)
class SharedFolder:
    """The root of a cache, with the few ways in which anything gets into it.

    Attributes:
        root: The folder; made when it is first written to, and then marked with a CACHEDIR.TAG.
    """

    root: Path

    @contextlib.contextmanager
    def receive(self) -> Iterator[tuple[BinaryIO, Path]]:
        """Open a file for content that is still arriving; it is gone when the block ends.

        Yields:
            The open file and its path, in the same file system as all final names.

        Raises:
            CacheError: The folder cannot be written.
        """
        with explain_errors(self.root):
            folder = self.make("partial")
            _sweep(folder)
            path = folder / uuid.uuid4().hex
            try:
                with path.open("xb") as file:
                    yield file, path
            finally:
                path.unlink(missing_ok=True)

    def write(self, path: Path, content: bytes) -> None:
        """Write a small file below the root in one step.

        Raises:
            CacheError: The folder cannot be written.
        """
        self.make(path.parent.name)
        with self.receive() as (file, partial):
            file.write(content)
            file.close()
            partial.replace(path)

    def make(self, name: str) -> Path:
        """Return a folder below the root, made if need be.

        Raises:
            CacheError: It cannot be made.
        """
        folder = self.root / name
        with explain_errors(self.root):
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                (self.root / "CACHEDIR.TAG").write_text(_TAG, encoding="ascii")
        return folder


def publish_file(partial: Path, path: Path) -> None:
    """Make a complete file read-only, as far as the umask lets it be read, and name it.

    Raises:
        OSError: The file system refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial.chmod(partial.stat().st_mode & 0o444)
    partial.replace(path)


@contextlib.contextmanager
def explain_errors(root: Path) -> Iterator[None]:
    """Turn what the operating system says of the folder into a CacheError with advice."""
    try:
        yield
    except OSError as error:
        if isinstance(error, CacheError) or error.errno is None:
            raise
        place = error.filename or root
        raise CacheError(
            f"the cache cannot be used: {error.strerror} ({place}); free some space, mend the"
            " permissions, or choose another folder with MSHUB_CACHE",
            path=str(place),
        ) from error


def _sweep(folder: Path) -> None:
    """Remove what killed processes left behind."""
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _ABANDONED:
                path.unlink()
