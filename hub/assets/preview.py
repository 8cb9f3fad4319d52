"""What fetching would do, said before it is done: nothing is downloaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hub import settings
from hub.assets.batch import Job
from hub.assets.cache.cache import Cache, CachedFile
from hub.assets.lockfile import LockFile
from hub.assets.patience import PATIENCE, Patience
from hub.assets.store import list_sources, name_file
from hub.cards.asset import Asset
from hub.errors import DownloadError, NoAnswerError
from hub.redaction import find_host, redact_url


@dataclass(frozen=True, slots=True)
class Preview:
    """What fetching one asset would do.

    Attributes:
        model_id: Whose asset it is.
        file_format: What kind of file, such as ``ckpt``.
        name: The file's name.
        link: The link in the card, without its query.
        size: Its size in bytes; None if it cannot be found out.
        size_from: Who says so: ``cache``, ``lock``, ``server``, or nobody (empty).
        cached: Whether the cache has the file, so that nothing is downloaded.
        source: The URL that would serve it, without its query; empty if it is cached or none would.
        host: The host of that URL, or else of the link.
        sha256: What is known of its digest: all, a beginning, or nothing.
        strength: What that is worth, in words.
        target: Where the file would be; the cache folder as long as its digest is not known.
        problem: Why no source would serve it; empty if one would.
    """

    model_id: str
    file_format: str
    name: str
    link: str
    size: int | None
    size_from: str
    cached: bool
    source: str
    host: str
    sha256: str
    strength: str
    target: Path
    problem: str


@dataclass(slots=True)
class Previewer:
    """Looks at assets one by one, and asks a host that gave no answer no second time.

    Args:
        cache: Where the files are, or would be.
        lock: A project's ``hub.lock``.
        patience: How long servers are waited for, and how often they are asked again.
    """

    cache: Cache
    lock: LockFile | None = None
    patience: Patience = PATIENCE
    _silent: set[str] = field(default_factory=set)

    def look(self, job: Job, target: Path | None = None) -> Preview:
        """Say what fetching an asset would do.

        Args:
            job: What is asked for.
            target: Where the file would be delivered; None leaves it in the cache.

        Raises:
            IntegrityError: The card states another digest than the lock.
            CacheError: The cache folder cannot be read.
            ArgumentError: A setting cannot work.
        """
        asset = self.lock.strengthen(job.asset) if self.lock else job.asset
        digest, name = asset.digest, name_file(asset)
        found = self._find(asset, job.asset)
        locked = self.lock.find(asset) if self.lock else None
        size, size_from, source, problem = None, "", "", ""
        if found:
            size, size_from = found.size, "cache"
        else:
            size, source, problem = self._ask(asset.link)
            size_from = "server" if size is not None else ""
            if locked:
                size, size_from = locked.size, "lock"
        return Preview(
            model_id=job.model_id,
            file_format=asset.file_format,
            name=name,
            link=redact_url(asset.link),
            size=size,
            size_from=size_from,
            cached=found is not None,
            source=redact_url(source),
            host=find_host(source or asset.link),
            sha256=found.sha256 if found else str(digest or ""),
            strength=digest.strength if digest else "none",
            target=target or self._place(found, asset, name),
            problem=problem,
        )

    def _find(self, asset: Asset, stated: Asset) -> CachedFile | None:
        """Find the file under the lock's digest, or else under the card's own."""
        name = name_file(asset)
        if found := self.cache.find(asset.link, asset.digest, name):
            return found
        found = self.cache.find(stated.link, stated.digest, name)
        right = found and (asset.digest is None or asset.digest.matches(found.sha256))
        return found if right else None

    def _ask(self, link: str) -> tuple[int | None, str, str]:
        """Return the size, the first source that has the file, and else what is wrong."""
        if settings.offline():
            return None, "", "MSHUB_OFFLINE is set"
        from hub.assets.transfer.probe import probe

        problem = ""
        for url in list_sources(link):
            host = find_host(url)
            if host in self._silent:
                problem = f"{host} does not answer"
                continue
            try:
                found = probe(url, self.patience)
            except NoAnswerError:
                self._silent.add(host)
                problem = f"{host} does not answer"
            except DownloadError as error:
                problem = str(error)
            else:
                if found.status == 200:
                    return found.length, url, ""
                problem = f"{host} answers {found.status}"
        return None, "", problem

    def _place(self, found: CachedFile | None, asset: Asset, name: str) -> Path:
        if found:
            return found.path
        if asset.digest and asset.digest.complete:
            return self.cache.layout.blob(asset.digest.hex, name)
        return self.cache.folder
