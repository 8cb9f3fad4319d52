"""From ids to a ``hub.lock``: what ``hub lock`` does."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hub.api import open_cache, open_registry
from hub.assets.bars import make_watcher
from hub.assets.batch import Job, Outcome
from hub.assets.lockfile import (
    LOCK_NAME,
    LockedAsset,
    LockFile,
    find_lock_file,
    format_lock_file,
    read_lock_file,
    write_lock_file,
)
from hub.assets.lockfile_changes import (
    LockChange,
    find_stale,
    merge_assets,
    plan_changes,
    state_digest,
)
from hub.assets.store import name_file
from hub.digests import Digest
from hub.errors import ArgumentError, IntegrityError, ModelIdError
from hub.fetching import (
    Found,
    choose_assets,
    fetch_requests,
    list_ids,
    resolve_card,
    resolve_cards,
)
from hub.ids import ModelId
from hub.registry.registry import Registry

if TYPE_CHECKING:
    from hub.api import AnyCache, AnyModelId, AnyRegistry
    from hub.assets.cache.cache import Cache

PRINTED = "-"  # the path of a lock that is shown, and not written


@dataclass(frozen=True, slots=True)
class LockReport:
    """What became of a ``hub.lock``.

    Attributes:
        path: Where it is.
        changes: The entries that came, changed or went, or would.
        failures: What could not be locked, and why.
        written: Whether the file was written.
        assets: What it lists now, or as before if nothing was fetched.
        asked: How many files it was about.
    """

    path: Path
    changes: tuple[LockChange, ...]
    failures: tuple[Outcome, ...]
    written: bool
    assets: tuple[LockedAsset, ...]
    asked: int


def lock_models(
    model_ids: Iterable[AnyModelId] = (),
    *,
    patterns: Sequence[str] = (),
    file_formats: Sequence[str] = (),
    path: str | os.PathLike[str] | None = None,
    check: bool = False,
    jobs: int = 4,
    registry: AnyRegistry | None = None,
    cache: AnyCache | None = None,
    allow_unverified: bool = False,
    progress: bool = True,
) -> LockReport:
    """Write the whole digests of models' files into a ``hub.lock``, for a project to commit.

    What is not cached is fetched and verified. A file that the lock lists must be the same again,
    unless its card states another digest now. Entries of other models stay.

    Args:
        model_ids: Each ``owner/name[@version]``, an official uid, a card's path or its https URL.
            Without ids and patterns, all that the lock lists is gone through again.
        patterns: Shell patterns; each model that matches one is locked, in its newest version.
        file_formats: Which assets of each card: none takes its first, ``all`` all of them.
        path: The lock; None takes the nearest one from the current folder upwards, or else a new
            one in the current folder. ``-`` is a new one, which is not written: the report has it.
        check: Fetch and write nothing; only say what would change.
        jobs: How many files may arrive at once.
        registry: Where the cards are looked up; None takes ``MSHUB_REGISTRY`` or the shipped cards.
        cache: Where the files are kept; None takes ``MSHUB_CACHE`` or the user's cache folder.
        allow_unverified: Accept assets whose card states no digest at all, at first sight.
        progress: Whether a terminal shows a bar for each file.

    Returns:
        What changed, and what failed.

    Raises:
        ArgumentError: The lock is damaged, or lists nothing and no id is given; an argument
            cannot work.
        IntegrityError: An entry of another model says of a fetched file that it is another one.
        CacheError: The lock cannot be written.

    Example:
        >>> lock_models(["MindSpore/efficientnet_b0"], path="new.lock", check=True).changes[0].action
        'added'
    """
    ids = list_ids(model_ids)
    if path == "":
        raise ArgumentError("path must be that of a lock file, not ''")
    place = Path(path or find_lock_file() or LOCK_NAME)
    printed = path == PRINTED
    lock = LockFile(place) if printed else read_lock_file(place, needed=False)
    opened, files = open_registry(registry, cache), open_cache(cache)
    cards: list[Found] = []
    if ids or patterns:
        found = resolve_cards(ids, opened, patterns)
        cards = [card for card in found if isinstance(card, Found)]
        requests: list[Job | Outcome] = [card for card in found if isinstance(card, Outcome)]
        for one in cards:
            requests += choose_assets(one.card, file_formats, one.place)
    else:
        requests = list(_repeat_entries(lock, opened, cards))
    chosen = [request for request in requests if isinstance(request, Job)]
    links = {asset.link for found in cards for asset in found.card.assets}
    stale = find_stale(lock, chosen, links)
    if check:
        failures = tuple(request for request in requests if isinstance(request, Outcome))
        changes = plan_changes(lock, chosen, stale, _find_sizes(lock, chosen, files))
        return LockReport(place, tuple(changes), failures, False, lock.assets, len(requests))  # noqa: FBT003
    outcomes = fetch_requests(
        [_expect(lock, request) for request in requests],
        files,
        threads=jobs,
        watcher=make_watcher(len(chosen), jobs, wanted=progress),
        allow_unverified=allow_unverified,
    )
    pairs = list(zip(requests, outcomes, strict=True))
    fetched = [
        LockedAsset(
            request.model_id,
            request.asset.file_format,
            request.asset.link,
            state_digest(request),
            outcome.file.sha256,
            outcome.file.size,
            lock.relate_card(request.card),
        )
        for request, outcome in pairs
        if isinstance(request, Job) and outcome.file
    ]
    arrived = [request for request, outcome in pairs if isinstance(request, Job) and outcome.file]
    assets, changes = merge_assets(lock, fetched, find_stale(lock, arrived, links))
    written = not printed and format_lock_file(assets) != format_lock_file(lock.assets)
    if written:
        write_lock_file(place, assets)
    failed = (_explain_locked(lock, outcome) for outcome in outcomes if outcome.error)
    return LockReport(place, tuple(changes), tuple(failed), written, assets, len(requests))


def _find_sizes(lock: LockFile, jobs: Iterable[Job], cache: Cache) -> Mapping[str, int]:
    """Return the sizes of the locked files that the cache has, by SHA-256."""
    sizes: dict[str, int] = {}
    for job in jobs:
        if entry := lock.find(job.asset):
            for digest in (Digest(entry.sha256), job.asset.digest):
                file = cache.find(entry.link, digest, name_file(job.asset))
                if file and file.sha256 == entry.sha256:
                    sizes[entry.sha256] = file.size
    return sizes


def _repeat_entries(
    lock: LockFile, registry: Registry, cards: list[Found]
) -> Iterator[Job | Outcome]:
    """Find the assets behind the entries of a lock again; the cards are added to a list."""
    if not lock.assets:
        raise ArgumentError(f"{lock.path} lists nothing yet; name the models: `hub lock ID…`")
    known: dict[str, Found | Outcome] = {}
    for entry in lock.assets:
        name = lock.name_card(entry)
        if name not in known:
            found = known[name] = _resolve_entry(lock, entry, registry)
            if isinstance(found, Found):
                cards.append(found)
            else:
                yield found
        found = known[name]
        if isinstance(found, Found):
            card = found.card
            same = tuple(asset for asset in card.assets if asset.link == entry.link)
            narrowed = replace(card, assets=same or card.assets)
            yield from choose_assets(narrowed, () if same else (entry.file_format,), found.place)


def _resolve_entry(lock: LockFile, entry: LockedAsset, registry: Registry) -> Found | Outcome:
    """Find the card of an entry by its path or URL if it notes one, else by its id alone."""
    if entry.card:
        name = lock.name_card(entry)
        return resolve_card(name if "://" in name else Path(name), registry)
    try:
        return resolve_card(ModelId.parse(entry.model_id), registry)
    except ModelIdError as error:
        return Outcome(entry.model_id, None, error=error)


def _expect(lock: LockFile, request: Job | Outcome) -> Job | Outcome:
    """Ask for the very file that a lock lists, unless the card means another one now."""
    if isinstance(request, Outcome):
        return request
    try:
        return replace(request, asset=lock.strengthen(request.asset))
    except IntegrityError:
        return request


def _explain_locked(lock: LockFile, outcome: Outcome) -> Outcome:
    """Say how another file is accepted where a lock lists one and the card says no more."""
    error = outcome.error
    if isinstance(error, IntegrityError) and outcome.asset and lock.find(outcome.asset):
        message = (
            f"{error.args[0]}. {lock.path} lists the file that is expected; if another one is"
            " right, remove its entry there, and lock again"
        )
        error.args = (message,)
    return outcome
