"""A verified local file for an asset: from the cache if it is there, else from its sources."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from hub import settings
from hub.assets.cache.cache import Cache, CachedFile
from hub.assets.transfer.download import download
from hub.assets.filenames import safe_filename
from hub.cards.asset import Asset
from hub.errors import AssetError, DownloadError, IntegrityError, OfflineError

_log = logging.getLogger(__name__)


def fetch_asset(
    asset: Asset, cache: Cache, *, progress: bool = True, allow_unverified: bool = False
) -> CachedFile:
    """Return an asset's file, verified; it is downloaded only if the cache does not have it.

    Mirrors (``MSHUB_MIRRORS``) are tried in order, then the card's own link; all must deliver
    the same digest.

    Args:
        asset: What a card offers.
        cache: Where the file is, or will be.
        progress: Whether a terminal gets a progress bar.
        allow_unverified: Accept an asset whose card states no digest at all.

    Raises:
        IntegrityError: What came is not what the card means, or the card states no digest.
        DownloadError: No source delivered the file.
        OfflineError: It is not in the cache, and ``MSHUB_OFFLINE`` is set.
        CacheError: The cache folder cannot be used.
    """
    if asset.digest is None and not allow_unverified:
        raise IntegrityError(
            f"the card gives no asset-sha256 for {asset.link}, so nothing tells whether the file"
            " is the right one; add the digest to the card, or accept the file unverified with"
            " allow_unverified=True (--allow-unverified)",
            url=asset.link,
        )
    filename = safe_filename(asset.filename, fallback=f"asset.{asset.file_format}")
    place = (asset.link, asset.digest, filename)
    if found := cache.find(*place):
        return found
    with cache.lock(asset.link, asset.digest):
        if found := cache.find(*place) or cache.recover(*place):
            return found
        if settings.offline():
            raise OfflineError(
                f"{asset.link} is not in the cache {cache.folder}, and MSHUB_OFFLINE is set; unset"
                " it to download the file",
                url=asset.link,
            )
        return _download(asset, cache, filename, progress=progress)


def _download(asset: Asset, cache: Cache, filename: str, *, progress: bool) -> CachedFile:
    failures: list[AssetError] = []
    for url in _sources(asset.link):
        try:
            with cache.receive() as (file, partial):
                transfer = download(url, file, name=filename, progress=progress)
                file.close()
                return cache.publish(
                    partial,
                    transfer.sha256,
                    link=asset.link,
                    digest=asset.digest,
                    filename=filename,
                    served_by=url,
                )
        except (DownloadError, IntegrityError) as error:
            _log.info("%s", error)
            failures.append(error)
    raise failures[0] if len(failures) == 1 else _summarise(asset.link, failures)


def _sources(link: str) -> Iterator[str]:
    for mirror in settings.mirrors():
        if url := mirror.rewrite(link):
            yield url
    yield link


def _summarise(link: str, failures: list[AssetError]) -> AssetError:
    """One error for all sources; a wrong file weighs more than a missing one."""
    listed = "\n".join(f"  {failure}" for failure in failures)
    message = f"none of the {len(failures)} sources of {link} delivered it:\n{listed}"
    for failure in failures:
        if isinstance(failure, IntegrityError):
            return IntegrityError(
                message, url=failure.url, expected=failure.expected, actual=failure.actual
            )
    return DownloadError(message, url=link, status=getattr(failures[-1], "status", None))
