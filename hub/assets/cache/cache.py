"""The cache: verified files by their SHA-256, and small records that lead to them.

:mod:`hub.assets.cache.layout` shows where everything lies. Reading asks the own folder first, then the
shared ones; writing goes to the own folder alone.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hub import settings
from hub.assets.cache.copying import copy_file, place_file, require_readable
from hub.assets.cache.folder import SharedFolder, check_layout, explain_errors, name_folder
from hub.assets.cache.layers import Layers
from hub.assets.cache.layout import Layout, make_key
from hub.assets.cache.quarantine import quarantine_file
from hub.assets.cache.records import CachedFile, Record, describe_file, draft_record, stamp_record
from hub.assets.cache.recovery import Search
from hub.assets.cache.wording import describe_mismatch, describe_other_pin
from hub.assets.remainders import remove, sweep_folder
from hub.digests import Digest
from hub.errors import CacheError
from hub.redaction import redact_url

if TYPE_CHECKING:
    from hub.assets.partials import Partial

__all__ = ["Cache", "CachedFile"]

_log = logging.getLogger(__name__)


class Cache:
    """A folder of verified files, safe for several processes and machines at once.

    Args:
        folder: The cache folder; None takes ``MSHUB_CACHE`` or the user's cache folder.
        shared: Cache folders that are only read, asked in order after ``folder``; None takes
            ``MSHUB_SHARED_CACHE``.

    Attributes:
        folder: The cache folder.
        shared: The cache folders that are only read.
        layout: Where everything lies in ``folder``.

    Raises:
        ArgumentError: No folder can have this name.

    Example:
        >>> import tempfile
        >>> cache = Cache(tempfile.mkdtemp())
        >>> list(cache.files())
        []
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        shared: Sequence[str | os.PathLike[str]] | None = None,
    ) -> None:
        self.folder = name_folder(folder or settings.cache_folder())
        others = settings.shared_caches() if shared is None else shared
        roots = dict.fromkeys(name_folder(other) for other in others)
        self.shared = tuple(root for root in roots if root != self.folder)
        self.layout = Layout(self.folder)
        self._folder = SharedFolder(self.folder)
        self._understood = False
        self._layers = Layers(self.layout, self.shared)

    def __repr__(self) -> str:
        return f"Cache({str(self.folder)!r})"

    def find(self, link: str, digest: Digest | None, filename: str) -> CachedFile | None:
        """Return the verified file behind a link at the cost of one ``stat``, and note its use.

        Args:
            link: The link in the card.
            digest: The digest in the card.
            filename: The safe name under which the file is stored.

        Returns:
            The file, or None if it is missing or is not the one that was hashed any more.

        Raises:
            CacheError: The cache folder cannot be read, or has a layout that we do not know.
        """
        failure = None
        try:
            self._require_layout()
            if found := self._layers.find_own(link, digest, filename):
                return describe_file(*found, self._note_use(link, digest))
        except CacheError:
            raise
        except OSError as error:  # a shared cache may have the file all the same
            failure = error
        with explain_errors(self.folder):
            if shared := self._layers.find_shared(link, digest, filename):
                return describe_file(*shared)
            if failure:
                raise failure
        return None

    def recover(self, link: str, digest: Digest | None, filename: str) -> CachedFile | None:
        """Look for content that is here under a known digest, and hash it again.

        It may have been touched, or copied with other tools, or have come under another link or
        name; it may lie in a shared cache. Content of one's own that changed goes to quarantine,
        since nothing unverified may carry its name. Call this under :meth:`lock`.

        Args:
            link: The link in the card.
            digest: The digest in the card.
            filename: The safe name under which the file is to be stored.

        Returns:
            The file, or None if it has to be fetched.

        Raises:
            CacheError: The cache folder cannot be read, or a folder or a damaged pin is in the way.
        """
        with explain_errors(self.folder):
            self._require_layout()
            known = self._layers.read_record(link, digest)
            sha256 = self._layers.expect(digest, known)
            if sha256 is None:
                return None
            wanted = draft_record(link, digest, sha256, filename, served_by=link, known=known)
            record = Search(self._folder, digest, wanted).search(self._layers)
            if record is None:
                return None
            try:
                sweep_folder(self.layout.partials, make_key(link, digest))
                self._note_pin(digest, sha256)
                self._note_record(record, digest)
            except CacheError as error:
                _log.info("%s will be hashed again next time: %s", filename, error)
            return describe_file(record, self._layers.locate(record), time.time())

    def lock(self, link: str, digest: Digest | None) -> contextlib.AbstractContextManager[None]:
        """Keep other processes from fetching the same file meanwhile.

        Waits as long as the holder of the lock makes progress, but not for ever, and goes on
        without the lock where there can be none.

        Args:
            link: The link in the card.
            digest: The digest in the card.

        Raises:
            CacheError: The cache folder has a layout that we do not know.
        """
        from hub.assets.cache.locks import KeyLock

        with explain_errors(self.folder), contextlib.suppress(PermissionError):
            self._require_layout()
        return KeyLock(self._folder, make_key(link, digest), link).hold()

    @contextlib.contextmanager
    def receive(self, link: str, digest: Digest | None) -> Iterator[Partial]:
        """Open the partial file of what arrives, with what an earlier call left of it.

        Args:
            link: The link in the card.
            digest: The digest in the card.

        Yields:
            The partial file; :meth:`publish` moves it away.

        Raises:
            CacheError: The cache folder cannot be written.
        """
        from hub.assets.partials import open_partial

        folder = self._folder.make("partial")
        note = {"link": redact_url(link), "digest": str(digest or "")}
        with open_partial(folder, make_key(link, digest), note=note) as partial:
            yield partial

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
            partial: The file, complete and closed, in the file system of the cache.
            sha256: Its whole digest.
            link: The link in the card.
            digest: The digest in the card.
            filename: The safe name under which the file is stored.
            served_by: The URL that it came from.

        Raises:
            IntegrityError: The content is not what the digest, or the pin of its prefix, says; the
                partial file is where it was.
            CacheError: The cache folder cannot be written, or another process removed the file.
        """
        with explain_errors(self.folder):
            self._require_layout()
            self._check(partial, sha256, digest, served_by or link)
            self._folder.make("blobs")
            path = self.layout.blob(sha256, filename)
            status = place_file(partial, path, sha256)
            self._sweep(partial, make_key(link, digest))
            self._note_pin(digest, sha256)
            draft = draft_record(link, digest, sha256, filename, served_by=served_by)
            record = stamp_record(draft, status)
            self._note_record(record, digest)
            return describe_file(record, path, time.time())

    def _sweep(self, published: Path, key: str) -> None:
        """Remove what was on its way to a file that has its name now, before its record is there.

        So a record means that nothing is left over, whenever a process may be killed.
        """
        remove(published.with_suffix(".json"))
        sweep_folder(self.layout.partials, key)

    def add(self, path: Path, *, link: str, digest: Digest | None, filename: str) -> CachedFile:
        """Copy a local file into the cache, verified, as if it had been downloaded.

        Args:
            path: The file; it stays as it is.
            link: The link in the card.
            digest: The digest in the card.
            filename: The safe name under which the file is stored.

        Raises:
            ArgumentError: The file cannot be read.
            IntegrityError: The content is not what the digest, or the pin of its prefix, says.
            CacheError: The cache folder cannot be written.
        """
        require_readable(path)
        with self._folder.receive(make_key(link, digest)) as (copy, partial):
            sha256 = copy_file(path, copy)
            self._check(path, sha256, digest, str(path))
            return self.publish(
                partial, sha256, link=link, digest=digest, filename=filename, served_by=""
            )

    def quarantine(
        self, path: Path, *, link: str, digest: Digest | None, sha256: str, reason: str
    ) -> Path:
        """Put a file aside that is not what it should be, in place of the last one of its link.

        This never fails: where the file cannot be moved, it is removed.

        Args:
            path: The file, in the file system of the cache.
            link: The link in the card.
            digest: The digest in the card.
            sha256: The file's whole digest.
            reason: What is wrong with it, in words.

        Returns:
            Where the file lies, unless it had to be removed.
        """
        return quarantine_file(
            self._folder, path, link=link, digest=digest, sha256=sha256, reason=reason
        )

    def files(self) -> Iterator[CachedFile]:
        """List what the cache holds itself, by link; nothing is hashed.

        Raises:
            CacheError: The cache folder cannot be read.
        """
        with explain_errors(self.folder):
            self._require_layout()
            yield from self._layers.own.list_files()

    def pins(self) -> dict[str, str]:
        """Return the whole digest of each prefix that was seen here; damaged pins are passed over.

        Raises:
            CacheError: The cache folder cannot be read.
        """
        with explain_errors(self.folder):
            self._require_layout()
            return self._layers.own.list_pins()

    def read_card(self, url: str) -> bytes | None:
        """Return the last text of a card that was read from a URL, if there is one.

        Raises:
            CacheError: The cache folder cannot be read.
        """
        with explain_errors(self.folder), contextlib.suppress(FileNotFoundError):
            self._require_layout()
            return self.layout.card(url).read_bytes()
        return None

    def write_card(self, url: str, content: bytes) -> None:
        """Keep the text of a card that was read from a URL.

        Raises:
            CacheError: The cache folder cannot be written.
        """
        self._folder.write(self.layout.card(url), content)

    def _require_layout(self) -> None:
        """Make sure, once, that the folder has a layout that we know."""
        if not self._understood:
            check_layout(self.layout)
            self._understood = True

    def _note_use(self, link: str, digest: Digest | None) -> float:
        """Have the record's time say when the file was last used; return that time."""
        path = self.layout.link(make_key(link, digest))
        try:
            os.utime(path)
        except OSError:  # a cache that is only read
            with contextlib.suppress(OSError):
                return path.stat().st_mtime
        return time.time()

    def _note_record(self, record: Record, digest: Digest | None) -> None:
        self._folder.write(self.layout.link(make_key(record.link, digest)), record.format())

    def _note_pin(self, digest: Digest | None, sha256: str) -> None:
        """Note what a prefix meant when it was first seen."""
        if digest and not digest.complete and self._layers.own.read_pin(digest) is None:
            content = json.dumps({"sha256": sha256}, indent=1).encode()
            self._folder.write(self.layout.pin(digest), content)

    def _check(self, path: Path, sha256: str, digest: Digest | None, url: str) -> None:
        if digest is None:
            return
        size = None
        with contextlib.suppress(OSError):
            size = path.stat().st_size
        if not digest.matches(sha256):
            raise describe_mismatch(url, digest, sha256, size)
        pinned = None if digest.complete else self._layers.read_pin(digest)
        if pinned and pinned[0] != sha256:
            raise describe_other_pin(url, digest, sha256, size, pinned=pinned[0], pin=pinned[1])
