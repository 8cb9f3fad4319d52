"""Looking for content that is here under a known digest, and hashing it again."""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import time
from dataclasses import dataclass, replace
from pathlib import Path

from hub.assets.cache.copying import copy_file
from hub.assets.cache.folder import SharedFolder, publish_file, remove_file
from hub.assets.cache.layers import Layer, Layers, pass_over
from hub.assets.cache.layout import make_key
from hub.assets.cache.pins import pin_content
from hub.assets.cache.quarantine import quarantine_file
from hub.assets.cache.records import CachedFile, Record, describe_file, draft_record, stamp_record
from hub.assets.remainders import sweep_folder
from hub.digests import Digest, hash_file
from hub.errors import CacheError

_log = logging.getLogger(__name__)


def recover_file(
    folder: SharedFolder, layers: Layers, link: str, digest: Digest | None, filename: str
) -> CachedFile | None:
    """Look for content that is here under a known digest, hash it again, and note what it is.

    Args:
        folder: The own cache folder.
        layers: The cache folders to search.
        link: The link in the card.
        digest: The digest in the card.
        filename: The safe name under which the file is to be stored.

    Returns:
        The file, or None if it has to be fetched.

    Raises:
        IntegrityError: Another process has pinned another file for the prefix meanwhile.
        CacheError: A folder or a damaged pin is in the way.
        OSError: The own folder cannot be read, and no shared cache has the file.
    """
    known = layers.read_record(link, digest)
    sha256 = layers.expect(digest, known)
    if sha256 is None:
        return None
    wanted = draft_record(link, digest, sha256, filename, served_by="", known=known)
    record = Search(folder, digest, wanted).search(layers)
    if record is None:
        return None
    key, path = make_key(link, digest), layers.locate(record)
    try:
        sweep_folder(folder.layout.partials, key)
        pin_content(folder, layers, path, sha256, digest, url=link)
        folder.write(folder.layout.link(key), record.format())
    except CacheError as error:
        _log.info("%s will be hashed again next time: %s", filename, error)
    return describe_file(record, path, time.time())


@dataclass(frozen=True, slots=True)
class Search:
    """The search for one file.

    The stamp in a record is always the one from before the file was hashed, so whatever happens
    to the file from then on is noticed.

    Attributes:
        folder: The own cache folder.
        digest: The digest in the card.
        wanted: The record that is written if the file is found, still without a stamp.
    """

    folder: SharedFolder
    digest: Digest | None
    wanted: Record

    def search(self, layers: Layers) -> Record | None:
        """Search the own folder, then the shared caches.

        Args:
            layers: All of them.

        Returns:
            The record of the file, or None.

        Raises:
            CacheError: A folder is where the file should be, and no shared cache has it.
            OSError: The own folder cannot be read or written, and no shared cache has it.
        """
        failure = None
        try:
            if found := self.search_own(layers.own):
                return found
        except OSError as error:
            failure = error
        for layer in layers.shared:
            if found := self.search_shared(layer):
                return found
        if failure:
            raise failure
        return None

    def search_own(self, layer: Layer) -> Record | None:
        """Search the own folder; what is no file or has changed is cleared away.

        Args:
            layer: The own folder, as a place to read from.

        Returns:
            The record of the file, or None.

        Raises:
            CacheError: A folder is where the file should be.
            OSError: The folder cannot be read or written.
        """
        wanted = self.wanted
        copies = layer.list_copies(wanted.sha256, wanted.filename)
        for path, status in copies:
            if not stat.S_ISREG(status.st_mode):
                self._clear(path, status)
                continue
            try:
                found = self._take(path, status, layer="")
            except FileNotFoundError:  # another process cleared it away
                continue
            if isinstance(found, Record):
                return found
            _log.warning("%s changed on disk; it goes to quarantine and is fetched again", path)
            quarantine_file(
                self.folder,
                path,
                link=wanted.link,
                digest=self.digest,
                sha256=found,
                reason=f"{path.name} changed on disk: it should have SHA-256 {wanted.sha256}",
            )
        return None

    def search_shared(self, layer: Layer) -> Record | None:
        """Search a shared cache; what is wrong there is passed over, and nothing is changed.

        A file that has another name there is copied to the own folder.

        Args:
            layer: The shared cache.

        Returns:
            The record of the file, or None.
        """
        wanted = self.wanted
        copies: list[tuple[Path, os.stat_result]] = []
        with pass_over(layer):
            copies = layer.list_copies(wanted.sha256, wanted.filename)
        for path, status in copies:
            if not stat.S_ISREG(status.st_mode):
                _log.warning("%s in a shared cache is no regular file; it is passed over", path)
                continue
            with pass_over(layer):
                found = self._take(path, status, layer=str(layer))
                if isinstance(found, Record):
                    return found
                _log.warning(
                    "%s in a shared cache has SHA-256 %s; it is passed over. Tell who keeps %s",
                    path,
                    found,
                    layer,
                )
        return None

    def _take(self, path: Path, status: os.stat_result, *, layer: str) -> Record | str:
        """Hash a file; return its record, or the digest that it has instead."""
        wanted = self.wanted
        if path.name == wanted.filename:
            sha256 = hash_file(path)
            if sha256 != wanted.sha256:
                return sha256
            return stamp_record(replace(wanted, layer=layer), status)
        with self.folder.receive(make_key(wanted.link, self.digest)) as (copy, partial):
            sha256 = copy_file(path, copy)
            if sha256 != wanted.sha256:
                return sha256
            named = self.folder.layout.blob(sha256, wanted.filename)
            return stamp_record(wanted, publish_file(partial, named))

    def _clear(self, path: Path, status: os.stat_result) -> None:
        """Remove what somebody put where only verified files may be."""
        if not stat.S_ISDIR(status.st_mode):
            _log.warning("%s is no regular file; it is removed", path)
            with contextlib.suppress(FileNotFoundError):
                remove_file(path)
        elif path.name == self.wanted.filename:
            raise CacheError(
                f"{path} is a folder, where a verified file should be; mshub made no such folder."
                " Move it away, or remove it",
                path=str(path),
            )
