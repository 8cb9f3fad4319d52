"""A verified local file for an asset: from the cache if it is there, else from its sources."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hub import settings
from hub.assets.cache.cache import Cache, CachedFile
from hub.assets.cache.folder import explain_errors
from hub.assets.filenames import safe_filename
from hub.assets.magic import sniff_file
from hub.assets.patience import PATIENCE, Patience
from hub.assets.progress import SILENT, Progress
from hub.cards.asset import Asset
from hub.errors import (
    AssetError,
    CacheError,
    DownloadError,
    IntegrityError,
    OfflineError,
    UnsafeFileError,
)
from hub.redaction import redact_url

if TYPE_CHECKING:
    from hub.assets.lockfile import LockFile

_log = logging.getLogger(__name__)


def fetch_asset(
    asset: Asset,
    cache: Cache,
    *,
    progress: Progress = SILENT,
    allow_unverified: bool = False,
    patience: Patience = PATIENCE,
    lock: LockFile | None = None,
    locked: bool = False,
) -> CachedFile:
    """Return an asset's file, verified; it is downloaded only if the cache does not have it.

    Mirrors (``MSHUB_MIRRORS``) are tried in order, then the card's own link; all must deliver the
    same digest. A download that breaks off is continued by the next call. A file that is not what
    its digest says goes to quarantine and is fetched once more from the beginning.

    Args:
        asset: What a card offers.
        cache: Where the file is, or will be.
        progress: Is told how far the file has come.
        allow_unverified: Accept an asset whose card states no digest at all.
        patience: How long a server is waited for, and how often it is asked again.
        lock: A project's ``hub.lock``; its whole digest counts instead of what the card states.
        locked: Refuse what the lock does not list.

    Returns:
        The file in the cache, and where it came from.

    Raises:
        IntegrityError: What came is not what the card or the lock means, or there is no digest.
        DownloadError: No source delivered the file, or the link holds a login.
        OfflineError: It is not in the cache, and ``MSHUB_OFFLINE`` is set.
        CacheError: The cache folder cannot be used.
    """
    refuse_login(asset.link)
    meant = _apply_lock(asset, lock, locked=locked)
    if meant.digest is None and not allow_unverified:
        raise IntegrityError(
            f"the card gives no asset-sha256 for {redact_url(asset.link)}, so nothing tells whether the file"
            " is the right one; add the digest to the card, or accept the file unverified with"
            " allow_unverified=True (--allow-unverified)",
            url=redact_url(asset.link),
        )
    place = (meant.link, meant.digest, name_file(meant))
    if found := cache.find(*place):
        return found
    try:
        with cache.lock(meant.link, meant.digest):
            if found := cache.find(*place) or cache.recover(*place):
                return found
            _check_online(meant, cache)
            return _Order(meant, cache, progress, patience).fetch()
    except (AssetError, CacheError):
        if found := cache.find(*place):  # another process had more luck
            return found
        raise
    finally:
        progress.end()


def name_file(asset: Asset) -> str:
    """Return the name under which an asset's file is kept: the publisher's, made safe.

    Example:
        >>> name_file(Asset("ckpt", "https://example.org/a/lite0.ckpt", None))
        'lite0.ckpt'
        >>> name_file(Asset("ckpt", "https://example.org/", None))
        'asset.ckpt'
    """
    return safe_filename(asset.filename, fallback=f"asset.{asset.file_format}")


def list_sources(link: str) -> list[str]:
    """Return where a file is asked for, in order: at the mirrors, then behind the link itself.

    Raises:
        ArgumentError: ``MSHUB_MIRRORS`` cannot be read.

    Example:
        >>> list_sources("https://example.org/lite0.ckpt")
        ['https://example.org/lite0.ckpt']
    """
    mirrored = (mirror.rewrite(link) for mirror in settings.mirrors())
    return list(dict.fromkeys([*filter(None, mirrored), link]))


def refuse_login(link: str) -> None:
    """Refuse a link that would put a password into records, locks and messages, cached or not.

    Raises:
        DownloadError: The link holds a login.
    """
    shown = redact_url(link)
    try:
        host = urlsplit(link).netloc
    except ValueError:
        host = link
    if "@" in host:
        raise DownloadError(
            f"a login in a link is refused ({shown}); name the file's public URL in the card",
            url=shown,
        )


def _apply_lock(asset: Asset, lock: LockFile | None, *, locked: bool) -> Asset:
    if lock is not None and lock.find(asset):
        return lock.strengthen(asset)
    if locked:
        where = f"{lock.path} does not list" if lock else "there is no hub.lock that lists"
        raise IntegrityError(
            f"{where} {redact_url(asset.link)}, and only what is locked may be used; add it with"
            " `hub lock ID`",
            url=redact_url(asset.link),
        )
    return asset


def _check_online(asset: Asset, cache: Cache) -> None:
    if settings.offline():
        raise OfflineError(
            f"{redact_url(asset.link)} is not in the cache {cache.folder}, and MSHUB_OFFLINE is"
            " set; unset it to download the file",
            url=redact_url(asset.link),
        )


@dataclass(frozen=True, slots=True)
class _Order:
    """One file that has to be fetched, from one source or another."""

    asset: Asset
    cache: Cache
    progress: Progress
    patience: Patience

    def fetch(self) -> CachedFile:
        """Ask one source after the other."""
        failures: list[AssetError | CacheError] = []
        for url in list_sources(self.asset.link):
            try:
                file = self._ask(url)
            except (DownloadError, IntegrityError, CacheError) as error:
                _log.info("%s", error)
                self.progress.note(f"failed: {redact_url(url)}")
                failures.append(error)
                continue
            for failure in failures:
                _log.warning("%s", failure)
            level = logging.WARNING if failures else logging.INFO
            _log.log(level, "%s came from %s", file.path.name, file.served_by)
            return file
        raise failures[0] if len(failures) == 1 else _summarise(self.asset.link, failures)

    def _ask(self, url: str) -> CachedFile:
        """Fetch from one source; a wrong file is fetched once more, past all caches on the way."""
        try:
            return self._receive(url)
        except UnsafeFileError:
            raise
        except IntegrityError:
            shown = redact_url(url)
            _log.warning("%s sent a wrong file; fetching it once more from the beginning", shown)
            self.progress.note("a wrong file came; once more from the beginning")
            return self._receive(url, fresh=True)

    def _receive(self, url: str, *, fresh: bool = False) -> CachedFile:
        from hub.assets.transfer.download import download

        asset = self.asset
        with self.cache.receive(asset.link, asset.digest, resume=not fresh) as partial:
            transfer = download(
                url,
                partial,
                progress=self.progress,
                patience=self.patience,
                fresh=fresh,
                judged=asset.digest is not None,
            )
            partial.close()
            try:
                with explain_errors(self.cache.folder):
                    kind = sniff_file(partial.path)
                _refuse_unsafe(asset, url, kind)
                return self.cache.publish(
                    partial.path,
                    transfer.sha256,
                    link=asset.link,
                    digest=asset.digest,
                    filename=name_file(asset),
                    served_by=redact_url(url),
                )
            except IntegrityError as error:
                kept = self.cache.quarantine(
                    partial.path,
                    link=asset.link,
                    digest=asset.digest,
                    sha256=transfer.sha256,
                    reason=str(error),
                )
                error.kept = str(kept) if kept.exists() else ""
                raise


def _refuse_unsafe(asset: Asset, url: str, kind: str | None) -> None:
    if kind:
        raise UnsafeFileError(
            f"{redact_url(url)} sent {kind}, where the card promises a"
            f" {asset.file_format or 'model'} file; mshub opens no such file. Look at what the link"
            " leads to, and tell the publisher",
            url=redact_url(url),
        )


def _summarise(link: str, failures: list[AssetError | CacheError]) -> AssetError | CacheError:
    """Return the gravest error, with all that was said."""
    said = "\n".join(f"  {failure.args[0]}" for failure in failures)
    kinds = (IntegrityError, CacheError, DownloadError)
    gravest = next(error for kind in kinds for error in failures if isinstance(error, kind))
    shown = redact_url(link)
    if isinstance(gravest, DownloadError):
        gravest.received = getattr(failures[-1], "received", 0)  # what is there in the end
    gravest.args = (f"none of the {len(failures)} sources of {shown} delivered it:\n{said}",)
    return gravest
