"""The cache: verified files by their SHA-256, and small records that lead to them.

:mod:`hub.assets.cache.layout` shows where everything lies. Reading asks the own folder first, then the
shared ones; writing goes to the own folder alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hub import settings
from hub.assets.cache.copying import copy_file, place_file, require_readable
from hub.assets.cache.folder import SharedFolder, check_layout, explain_errors, name_folder
from hub.assets.cache.layers import Layers
from hub.assets.cache.layout import Layout, make_key
from hub.assets.cache.pins import check_content, pin_content
from hub.assets.cache.quarantine import quarantine_file
from hub.assets.cache.records import (
    CachedFile,
    describe_file,
    draft_record,
    note_use,
    read_json,
    read_use,
    stamp_record,
)
from hub.assets.cache.recovery import recover_file
from hub.assets.cache.texts import KeptText, read_text
from hub.assets.remainders import remove, sweep_folder
from hub.digests import Digest
from hub.errors import CacheError
from hub.redaction import redact_url

if TYPE_CHECKING:
    from hub.assets.partials import Partial

__all__ = ["Cache", "CachedFile"]


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
            if hit := self._layers.find_own(link, digest, filename):
                return describe_file(hit.record, hit.path, note_use(hit.place))
        except CacheError:
            raise
        except OSError as error:  # a shared cache may have the file all the same
            failure = error
        with explain_errors(self.folder):
            if hit := self._layers.find_shared(link, digest, filename):
                return describe_file(hit.record, hit.path, read_use(hit.place))
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
            IntegrityError: Another process has pinned another file for the prefix meanwhile.
            CacheError: The cache folder cannot be read, or a folder or a damaged pin is in the way.
        """
        with explain_errors(self.folder):
            self._require_layout()
            return recover_file(self._folder, self._layers, link, digest, filename)

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
    def receive(
        self, link: str, digest: Digest | None, *, resume: bool = True
    ) -> Iterator[Partial]:
        """Open the partial file of what arrives, with what an earlier call left of it.

        Args:
            link: The link in the card.
            digest: The digest in the card.
            resume: Whether to go on with what an earlier call left.

        Yields:
            The partial file; :meth:`publish` moves it away.

        Raises:
            CacheError: The cache folder cannot be written.
        """
        from hub.assets.partials import open_partial

        folder = self._folder.make("partial")
        note = {"link": redact_url(link), "digest": str(digest or "")}
        with open_partial(folder, make_key(link, digest), note=note, resume=resume) as partial:
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
            pin_content(self._folder, self._layers, partial, sha256, digest, url=served_by or link)
            self._folder.make("blobs")
            path = self.layout.blob(sha256, filename)
            status = place_file(partial, path, sha256)
            # Before the record, so that a record means that nothing is left over of its key.
            remove(partial.with_suffix(".json"))
            sweep_folder(self.layout.partials, make_key(link, digest), status.st_mtime)
            draft = draft_record(link, digest, sha256, filename, served_by=served_by)
            record = stamp_record(draft, status)
            self._folder.write(self.layout.link(make_key(link, digest)), record.format())
            return describe_file(record, path, time.time())

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
            with explain_errors(self.folder):
                check_content(self._layers, path, sha256, digest, url=str(path))
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
        from hub.assets.cache.entries import list_files

        with explain_errors(self.folder):
            self._require_layout()
            yield from list_files(self)

    def pins(self) -> dict[str, str]:
        """Return the whole digest of each prefix that was seen here; damaged pins are passed over.

        Raises:
            CacheError: The cache folder cannot be read.
        """
        with explain_errors(self.folder):
            self._require_layout()
            return self._layers.own.list_pins()

    def read_card(self, url: str) -> KeptText | None:
        """Return the last text of a card or an index that was read from a URL, if there is one.

        Raises:
            CacheError: The cache folder cannot be read.
        """
        with explain_errors(self.folder):
            self._require_layout()
            return read_text(self.layout.card(url))

    def write_card(self, url: str, content: bytes) -> None:
        """Keep the text of a card or an index that was read from a URL.

        Raises:
            CacheError: The cache folder cannot be written.
        """
        self._folder.write(self.layout.card(url), content)

    def read_answer(self, url: str) -> dict[str, object]:
        """Return what was kept of a server's answer for a URL; empty if there is nothing.

        Raises:
            CacheError: The cache folder cannot be read.
        """
        with explain_errors(self.folder):
            self._require_layout()
            return read_json(self.layout.answer(url))

    def write_answer(self, url: str, answer: Mapping[str, object]) -> None:
        """Keep what JSON can hold of a server's answer for a URL.

        Raises:
            CacheError: The cache folder cannot be written.
        """
        self._folder.write(self.layout.answer(url), json.dumps(answer, indent=1).encode())

    def require_layout(self) -> None:
        """Make sure that the folder has a layout that we know, or is not there yet.

        Raises:
            CacheError: A newer version of mshub wrote it, or another program; it was not touched.
        """
        with explain_errors(self.folder):
            check_layout(self.layout)

    def _require_layout(self) -> None:
        """Make sure, once, that the folder has a layout that we know."""
        if not self._understood:
            check_layout(self.layout)
            self._understood = True
