"""The cache folder: verified files by their SHA-256, and small records that lead to them.

::

    CACHEDIR.TAG
    blobs/ab/<sha256>/<file name>   read-only files; the folder's name is the content's digest
    links/<key>.json                which blob a link with its digest leads to, and its stamp
    pins/<prefix>.json              the whole digest that a prefix meant when it was first seen
    cards/<key>.md                  the last text of each card that was read from a URL
    partial/<random>                what is still arriving; never read by anyone else
    locks/<key>.lock                so that two processes do not fetch one file twice

There are no symbolic links, and nothing depends on the locks: every file is written under a
random name and then moved, so a reader sees all of it or nothing.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import logging
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from hub import settings
from hub.assets.records import Record, is_sha256, read_json, read_record
from hub.digests import Digest, hash_file
from hub.errors import CacheError, IntegrityError

_log = logging.getLogger(__name__)

_TAG = """Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache of mshub. It can be deleted; what is needed is fetched again.
"""
_ABANDONED = 24 * 3600  # seconds after which a partial file has no writer any more
_LONGEST_WAIT = 600  # seconds for another process that fetches the same file


@dataclass(frozen=True, slots=True)
class CachedFile:
    """A file in the cache that is what it should be.

    Attributes:
        path: Where it is; ends in the asset's own file name.
        sha256: Its whole digest, 64 hexadecimal digits.
        size: Its size in bytes.
        link: The link in the card.
        digest: The digest in the card, whole or a prefix; empty if it states none.
        served_by: The URL that it came from: the card's link or a mirror.
        fetched_at: When it came, ISO 8601 in UTC.
    """

    path: Path
    sha256: str
    size: int
    link: str
    digest: str
    served_by: str
    fetched_at: str


class Cache:
    """A folder of verified files, safe for several processes at once.

    Args:
        folder: The cache folder; None takes ``MSHUB_CACHE`` or the user's cache folder.

    Example:
        >>> import tempfile
        >>> cache = Cache(tempfile.mkdtemp())
        >>> list(cache.files())
        []
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder = Path(folder).expanduser() if folder else settings.cache_folder()

    def __repr__(self) -> str:
        return f"Cache({str(self.folder)!r})"

    def find(self, link: str, digest: Digest | None, filename: str) -> CachedFile | None:
        """Return the verified file behind a link, or None if it has to be fetched.

        A file whose size, time or inode is not what was recorded is hashed again. If its content
        changed it is removed, since nothing unverified may carry its name.

        Args:
            link: The link in the card.
            digest: The digest in the card.
            filename: The safe name under which the file is stored.

        Raises:
            CacheError: The cache folder cannot be read or written.
        """
        with _explained(self.folder):
            record = self._read_record(link, digest)
            if record and record.filename == filename:
                path = self._blob(record.sha256, filename)
                with contextlib.suppress(FileNotFoundError):
                    if record.describes(path.stat()):
                        return _describe(record, path)
            return self._verify_again(link, digest, filename, record)

    def _verify_again(
        self, link: str, digest: Digest | None, filename: str, record: Record | None
    ) -> CachedFile | None:
        """Look for the content by its digest, under any name, and hash it."""
        sha256 = record.sha256 if record else self._known_sha256(digest)
        folder = self._blob(sha256, filename).parent if sha256 else None
        if not sha256 or not folder or not folder.is_dir():
            return None
        for path in sorted(folder.iterdir(), key=lambda path: path.name != filename):
            if hash_file(path) == sha256:
                named = self._name_blob(path, filename)
                served_by = record.served_by if record else link
                return self._write_record(link, digest, sha256, named, served_by)
            _log.warning("%s changed on disk; it is removed and fetched again", path)
            path.unlink(missing_ok=True)
        return None

    def _known_sha256(self, digest: Digest | None) -> str | None:
        if digest is None:
            return None
        return digest.hex if digest.complete else self._read_pin(digest)

    def _name_blob(self, path: Path, filename: str) -> Path:
        """Give content that is here already the name that this asset has."""
        named = path.with_name(filename)
        if named != path:
            with self.receive() as (_, partial):
                shutil.copyfile(path, partial)
                _move(partial, named)
        return named

    @contextlib.contextmanager
    def receive(self) -> Iterator[tuple[BinaryIO, Path]]:
        """Open a file for content that is still arriving; it is gone when the block ends.

        Yields:
            The open file and its path, in the cache's own file system.

        Raises:
            CacheError: The cache folder cannot be written.
        """
        with _explained(self.folder):
            folder = self._make_folder("partial")
            _sweep(folder)
            path = folder / uuid.uuid4().hex
            try:
                with path.open("xb") as file:
                    yield file, path
            finally:
                path.unlink(missing_ok=True)

    def publish(
        self,
        partial: Path,
        sha256: str,
        *,
        link: str,
        digest: Digest | None,
        filename: str,
        served_by: str,
    ) -> CachedFile:
        """Check a file that has arrived, and move it to its final name in one step.

        Args:
            partial: The file that :meth:`receive` opened, complete and closed.
            sha256: Its whole digest.
            link: The link in the card.
            digest: The digest in the card.
            filename: The safe name under which the file is stored.
            served_by: The URL that it came from.

        Raises:
            IntegrityError: The content is not what the digest, or the pin of its prefix, says.
            CacheError: The cache folder cannot be written.
        """
        with _explained(self.folder):
            self._check(sha256, digest, served_by)
            path = self._blob(sha256, filename)
            path.parent.mkdir(parents=True, exist_ok=True)
            _move(partial, path)
            if digest and not digest.complete:
                self._write_json(self._pin(digest), {"sha256": sha256})
            return self._write_record(link, digest, sha256, path, served_by)

    def _check(self, sha256: str, digest: Digest | None, url: str) -> None:
        if digest is None:
            return
        if not digest.matches(sha256):
            raise IntegrityError(
                f"{url} is not the file that the card means: its SHA-256 is {sha256}, the card"
                f" says {digest}; it was not kept. Try again, or ask the publisher of the card",
                url=url,
                expected=digest.hex,
                actual=sha256,
            )
        pinned = self._read_pin(digest)
        if pinned and pinned != sha256:
            raise IntegrityError(
                f"{url} begins with the digits that the card gives ({digest}), but it is another"
                f" file than the one first seen under them: its SHA-256 is {sha256}, first seen was"
                f" {pinned}. If you know that the change is right, delete {self._pin(digest)}",
                url=url,
                expected=pinned,
                actual=sha256,
            )

    @contextlib.contextmanager
    def lock(self, link: str, digest: Digest | None) -> Iterator[None]:
        """Keep other processes from fetching the same file meanwhile; waits, but not for ever."""
        from filelock import FileLock, Timeout

        with _explained(self.folder):
            path = self._make_folder("locks") / f"{_key(link, digest)}.lock"
        lock = FileLock(path, timeout=_LONGEST_WAIT)
        try:
            lock.acquire()
        except (Timeout, NotImplementedError, OSError) as error:
            _log.warning("going on without the lock %s (%s)", path, error)
        try:
            yield
        finally:
            lock.release()

    def files(self) -> Iterator[CachedFile]:
        """List what the cache holds, by link; nothing is hashed.

        Raises:
            CacheError: The cache folder cannot be read.
        """
        with _explained(self.folder):
            records = map(read_record, sorted((self.folder / "links").glob("*.json")))
            for record in sorted((r for r in records if r), key=lambda record: record.link):
                path = self._blob(record.sha256, record.filename)
                if path.is_file():
                    yield _describe(record, path)

    def read_card(self, url: str) -> bytes | None:
        """Return the last text of a card that was read from a URL, if there is one."""
        with _explained(self.folder), contextlib.suppress(FileNotFoundError):
            return self._card(url).read_bytes()
        return None

    def write_card(self, url: str, content: bytes) -> None:
        """Keep the text of a card that was read from a URL."""
        with _explained(self.folder):
            self._make_folder("cards")
            self._write(self._card(url), content)

    def _blob(self, sha256: str, filename: str) -> Path:
        return self.folder / "blobs" / sha256[:2] / sha256 / filename

    def _pin(self, digest: Digest) -> Path:
        return self.folder / "pins" / f"{digest.hex}.json"

    def _link(self, link: str, digest: Digest | None) -> Path:
        return self.folder / "links" / f"{_key(link, digest)}.json"

    def _card(self, url: str) -> Path:
        return self.folder / "cards" / f"{_key(url, None)}.md"

    def _read_pin(self, digest: Digest) -> str | None:
        pin = read_json(self._pin(digest)).get("sha256")
        return str(pin) if is_sha256(pin) and digest.matches(str(pin)) else None

    def _read_record(self, link: str, digest: Digest | None) -> Record | None:
        record = read_record(self._link(link, digest))
        if record is None or (digest and not digest.matches(record.sha256)):
            return None
        return record

    def _write_record(
        self, link: str, digest: Digest | None, sha256: str, path: Path, served_by: str
    ) -> CachedFile:
        status = path.stat()
        record = Record(
            link=link,
            digest=str(digest or ""),
            sha256=sha256,
            filename=path.name,
            size=status.st_size,
            mtime_ns=status.st_mtime_ns,
            inode=status.st_ino,
            served_by=served_by,
            fetched_at=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        )
        self._write_json(self._link(link, digest), asdict(record))
        return _describe(record, path)

    def _write_json(self, path: Path, values: dict[str, object]) -> None:
        self._make_folder(path.parent.name)
        self._write(path, json.dumps(values, indent=1).encode())

    def _write(self, path: Path, content: bytes) -> None:
        with self.receive() as (file, partial):
            file.write(content)
            file.close()
            partial.replace(path)

    def _make_folder(self, name: str) -> Path:
        folder = self.folder / name
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            (self.folder / "CACHEDIR.TAG").write_text(_TAG, encoding="ascii")
        return folder


def _move(partial: Path, path: Path) -> None:
    """Make a file read-only as the umask allows, and give it its final name."""
    partial.chmod(partial.stat().st_mode & 0o444)
    partial.replace(path)


def _describe(record: Record, path: Path) -> CachedFile:
    return CachedFile(
        path=path,
        sha256=record.sha256,
        size=record.size,
        link=record.link,
        digest=record.digest,
        served_by=record.served_by,
        fetched_at=record.fetched_at,
    )


def _key(link: str, digest: Digest | None) -> str:
    return hashlib.sha256(f"{link}\n{digest or ''}".encode()).hexdigest()


def _sweep(folder: Path) -> None:
    """Remove what killed processes left behind."""
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _ABANDONED:
                path.unlink()


@contextlib.contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn what the operating system says of the cache folder into a CacheError."""
    try:
        yield
    except OSError as error:
        if isinstance(error, CacheError) or error.errno is None:
            raise
        place = error.filename or folder
        raise CacheError(
            f"the cache cannot be used: {error.strerror} ({place}); free some space, mend the"
            " permissions, or choose another folder with MSHUB_CACHE",
            path=str(place),
        ) from error
