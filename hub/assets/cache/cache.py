"""The cache: verified files by their SHA-256, and small records that lead to them.

::

    CACHEDIR.TAG
    blobs/ab/<sha256>/<file name>   read-only files; the folder's name is the content's digest
    links/<key>.json                which blob a link with its digest leads to, and its stamp
    pins/<prefix>.json              the whole digest that a prefix meant when it was first seen
    cards/<key>.md                  the last text of each card that was read from a URL
    partial/<random>                what is still arriving; never read by anyone else
    locks/<key>.lock                so that two processes do not fetch one file twice

There are no symbolic links, and nothing depends on the locks but the number of downloads.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from hub import settings
from hub.assets.cache.folder import SharedFolder, explain_errors, publish_file
from hub.assets.cache.records import Record, is_sha256, read_json, read_record
from hub.digests import Digest, hash_file
from hub.errors import ArgumentError, CacheError, IntegrityError

_log = logging.getLogger(__name__)

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

    Raises:
        ArgumentError: No folder can have this name.

    Example:
        >>> import tempfile
        >>> cache = Cache(tempfile.mkdtemp())
        >>> list(cache.files())
        []
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        try:
            chosen = os.path.expanduser(folder) if folder else settings.cache_folder()  # noqa: PTH111
            self.folder = Path(chosen).absolute()
            unusable = b"\0" in os.fsencode(self.folder)
        except (TypeError, ValueError, OSError) as error:
            raise ArgumentError(f"{folder!r} cannot be a cache folder: {error}") from error
        if unusable:
            raise ArgumentError(f"{folder!r} cannot be a cache folder: it holds a NUL")
        self._shared = SharedFolder(self.folder)

    def __repr__(self) -> str:
        return f"Cache({str(self.folder)!r})"

    def find(self, link: str, digest: Digest | None, filename: str) -> CachedFile | None:
        """Return the verified file behind a link at the cost of one ``stat``.

        Args:
            link: The link in the card.
            digest: The digest in the card.
            filename: The safe name under which the file is stored.

        Returns:
            The file, or None if it is missing or is not the one that was hashed any more.

        Raises:
            CacheError: The cache folder cannot be read.
        """
        with explain_errors(self.folder), contextlib.suppress(FileNotFoundError):
            record = self._read_record(link, digest)
            if record and record.filename == filename:
                path = self._blob(record.sha256, filename)
                if record.describes(path.stat()):
                    return _describe(record, path)
        return None

    def recover(self, link: str, digest: Digest | None, filename: str) -> CachedFile | None:
        """Look for content that is here under a known digest, and hash it again.

        It may have been touched, or have come under another link or name. Content that changed
        is removed, since nothing unverified may carry its name. Call this under :meth:`lock`.

        Args:
            link: The link in the card.
            digest: The digest in the card.
            filename: The safe name under which the file is to be stored.

        Returns:
            The file, or None if it has to be fetched.

        Raises:
            CacheError: The cache folder cannot be read or written.
        """
        with explain_errors(self.folder):
            record = self._read_record(link, digest)
            sha256 = record.sha256 if record else self._known_sha256(digest)
            folder = self._blob(sha256, filename).parent if sha256 else None
            if sha256 is None or folder is None or not folder.is_dir():
                return None
            for path in sorted(folder.iterdir(), key=lambda path: path.name != filename):
                if hash_file(path) == sha256:
                    named = self._name_blob(path, filename)
                    served_by = record.served_by if record else link
                    return self._write_record(link, digest, sha256, named, served_by)
                _log.warning("%s changed on disk; it is removed and fetched again", path)
                path.unlink(missing_ok=True)
        return None

    @contextlib.contextmanager
    def lock(self, link: str, digest: Digest | None) -> Iterator[None]:
        """Keep other processes from fetching the same file meanwhile; waits, but not for ever.

        Raises:
            CacheError: The cache folder cannot be written.
        """
        from filelock import FileLock, Timeout

        path = self._shared.make("locks") / f"{_key(link, digest)}.lock"
        lock = FileLock(path, timeout=_LONGEST_WAIT)
        try:
            lock.acquire()
        except (Timeout, NotImplementedError, OSError) as error:
            _log.warning("going on without the lock %s (%s)", path, error)
        try:
            yield
        finally:
            lock.release()

    def receive(self) -> contextlib.AbstractContextManager[tuple[BinaryIO, Path]]:
        """Open a file for content that is still arriving; it is gone when the block ends.

        Returns:
            A context manager: the open file and its path, in the cache's own file system.
        """
        return self._shared.receive()

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
        with explain_errors(self.folder):
            self._check(sha256, digest, served_by)
            path = self._blob(sha256, filename)
            publish_file(partial, path)
            if digest and not digest.complete:
                self._write_json(self._pin(digest), {"sha256": sha256})
            return self._write_record(link, digest, sha256, path, served_by)

    def files(self) -> Iterator[CachedFile]:
        """List what the cache holds, by link; nothing is hashed.

        Raises:
            CacheError: The cache folder cannot be read.
        """
        with explain_errors(self.folder), contextlib.suppress(FileNotFoundError):
            records = [read_record(path) for path in (self.folder / "links").iterdir()]
            for record in sorted(filter(None, records), key=lambda record: record.link):
                path = self._blob(record.sha256, record.filename)
                if path.is_file():
                    yield _describe(record, path)

    def read_card(self, url: str) -> bytes | None:
        """Return the last text of a card that was read from a URL, if there is one.

        Raises:
            CacheError: The cache folder cannot be read.
        """
        with explain_errors(self.folder), contextlib.suppress(FileNotFoundError):
            return self._card(url).read_bytes()
        return None

    def write_card(self, url: str, content: bytes) -> None:
        """Keep the text of a card that was read from a URL.

        Raises:
            CacheError: The cache folder cannot be written.
        """
        self._shared.write(self._card(url), content)

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

    def _known_sha256(self, digest: Digest | None) -> str | None:
        if digest is None:
            return None
        return digest.hex if digest.complete else self._read_pin(digest)

    def _name_blob(self, path: Path, filename: str) -> Path:
        """Give content that is here already the name that this asset has."""
        named = path.with_name(filename)
        if named != path:
            with self.receive() as (file, partial):
                file.close()
                shutil.copyfile(path, partial)
                publish_file(partial, named)
        return named

    def _blob(self, sha256: str, filename: str) -> Path:
        return self.folder / "blobs" / sha256[:2] / sha256 / filename

    def _pin(self, digest: Digest) -> Path:
        return self.folder / "pins" / f"{digest.hex}.json"

    def _link(self, link: str, digest: Digest | None) -> Path:
        return self.folder / "links" / f"{_key(link, digest)}.json"

    def _card(self, url: str) -> Path:
        return self.folder / "cards" / f"{_key(url, None)}.md"

    def _read_pin(self, digest: Digest) -> str | None:
        path = self._pin(digest)
        pin = read_json(path).get("sha256")
        if pin is None and not path.exists():
            return None
        if is_sha256(pin) and digest.matches(str(pin)):
            return str(pin)
        raise CacheError(
            f"the pin {path} is damaged, so nothing tells which file {digest} meant when it was"
            " first seen; delete the pin to trust the next file with these digits",
            path=str(path),
        )

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
        self._shared.write(path, json.dumps(values, indent=1).encode())


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
    text = f"{link}\n{digest or ''}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
