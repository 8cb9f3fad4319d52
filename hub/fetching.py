"""From ids to verified files: what ``hub fetch`` and the Python functions share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hub.api import fetch, open_cache, open_lock, open_registry
from hub.assets.bars import make_watcher
from hub.assets.batch import UNWATCHED, Job, Outcome, Watcher, fetch_jobs, refuse_unlocked
from hub.assets.cache.cache import Cache
from hub.assets.lockfile import LockFile
from hub.cards.asset import Asset
from hub.cards.record import Card
from hub.errors import ArgumentError, HubError, ModelNotFoundError
from hub.ids import ModelId, parse_reference
from hub.redaction import redact_url
from hub.registry.registry import Registry

if TYPE_CHECKING:
    from hub.api import AnyCache, AnyLock, AnyModelId, AnyRegistry

ALL_FORMATS = "all"


@dataclass(frozen=True, slots=True)
class Found:
    """A card that is meant.

    Attributes:
        card: The card.
        place: Its path or URL, if it was named by that; empty if a registry has it.
    """

    card: Card
    place: str = ""


def fetch_many(
    model_ids: Iterable[AnyModelId],
    *,
    file_format: str | None = None,
    jobs: int = 4,
    registry: AnyRegistry | None = None,
    cache: AnyCache | None = None,
    allow_unverified: bool = False,
    progress: bool = True,
    lock: AnyLock | None = None,
    locked: bool = False,
) -> list[Path]:
    """Return the paths of several models' assets, several of them downloaded at once.

    One that fails does not stop the others: all are tried before the first error is raised, so that
    what could be fetched is in the cache. The same file asked for twice is fetched once.

    Args:
        model_ids: Each ``owner/name[@version]``, an official uid, a card's path or its https URL.
        file_format: Which asset of each, such as ``ckpt``; None takes each card's first, ``"all"``
            all of them.
        jobs: How many files may arrive at once.
        registry: Where the cards are looked up; None takes ``MSHUB_REGISTRY`` or the shipped cards.
        cache: Where the files are kept; None takes ``MSHUB_CACHE`` or the user's cache folder.
        allow_unverified: Accept assets whose card states no digest at all.
        progress: Whether a terminal shows a bar for each file.
        lock: A ``hub.lock`` file, whose digests count instead of the cards'; None takes the nearest
            one from the current folder upwards, if there is one.
        locked: Refuse to fetch anything if there is a file that the lock does not list.

    Returns:
        Read-only files in the cache, in the order of the ids.

    Raises:
        HubError: The first error, as :func:`hub.fetch` raises it; if there were more ids than one,
            its message lists all that failed.

    Example:
        >>> import hub
        >>> hub.fetch_many(["MindSpore/efficientnet_b8", "MindSpore/efficientnet_b9"])
        Traceback (most recent call last):
        ...
        hub.errors.ModelNotFoundError: 2 of 2 failed:
          MindSpore/efficientnet_b8 is in no registry ...
    """
    ids = list_ids(model_ids)
    formats = () if file_format is None else (file_format,)
    requests = resolve_jobs(ids, open_registry(registry, cache), file_formats=formats)
    outcomes = fetch_requests(
        requests,
        open_cache(cache),
        threads=jobs,
        watcher=make_watcher(len(requests), jobs, wanted=progress),
        allow_unverified=allow_unverified,
        lock=open_lock(lock),
        locked=locked,
    )
    raise_first(outcomes)
    return [outcome.file.path for outcome in outcomes if outcome.file]


async def fetch_async(
    model_id: AnyModelId,
    *,
    file_format: str | None = None,
    registry: AnyRegistry | None = None,
    cache: AnyCache | None = None,
    allow_unverified: bool = False,
    progress: bool = True,
    lock: AnyLock | None = None,
    locked: bool = False,
) -> Path:
    """Return the path of a model's asset without blocking the event loop.

    :func:`hub.fetch` runs in a thread of the loop's default executor. Cancelling the task stops the
    waiting, not the thread: the download goes on to its end, and the file is in the cache
    afterwards. ``asyncio.run`` waits for that thread before it returns. Several calls at once may
    ask for the same file; it is downloaded once.

    Args:
        model_id: As for :func:`hub.fetch`, like all other arguments.
        file_format: Which asset.
        registry: Where the card is looked up.
        cache: Where the file is kept.
        allow_unverified: Accept an asset whose card states no digest at all.
        progress: Whether a terminal shows a progress bar.
        lock: A ``hub.lock`` file.
        locked: Refuse a file that the lock does not list.

    Returns:
        A read-only file in the cache that ends in the asset's own file name.

    Raises:
        HubError: As :func:`hub.fetch`.

    Example:
        >>> import asyncio
        >>> import hub
        >>> asyncio.run(hub.fetch_async("MindSpore/efficientnet_b9"))
        Traceback (most recent call last):
        ...
        hub.errors.ModelNotFoundError: MindSpore/efficientnet_b9 is in no registry ...
    """
    import asyncio

    return await asyncio.to_thread(
        fetch,
        model_id,
        file_format=file_format,
        registry=registry,
        cache=cache,
        allow_unverified=allow_unverified,
        progress=progress,
        lock=lock,
        locked=locked,
    )


def list_ids(model_ids: Iterable[AnyModelId]) -> list[AnyModelId]:
    """Return several ids as a list.

    Raises:
        ArgumentError: They are none that can be listed, or are a single one.
    """
    if isinstance(model_ids, str | os.PathLike | ModelId):
        shown = repr(_name(model_ids))
        raise ArgumentError(f"model_ids must be a list of ids, not the single one {shown}")
    if not isinstance(model_ids, Iterable):
        raise ArgumentError(f"model_ids must be a list of ids, not {model_ids!r}")
    return list(model_ids)


def resolve_jobs(
    model_ids: Iterable[AnyModelId],
    registry: Registry,
    *,
    patterns: Sequence[str] = (),
    file_formats: Sequence[str] = (),
) -> list[Job | Outcome]:
    """Find the assets that are meant by ids and patterns.

    Args:
        model_ids: Ids, uids, cards' paths or their URLs.
        registry: Where they are looked up.
        patterns: Shell patterns; each model that matches one is meant, in its newest version.
        file_formats: Which assets of each card: none takes its first, ``all`` all of them.

    Returns:
        A job for each asset, in the order of the ids, and in the place of what could not be found
        an outcome that says why.
    """
    return [
        request
        for found in resolve_cards(model_ids, registry, patterns)
        for request in (
            [found]
            if isinstance(found, Outcome)
            else choose_assets(found.card, file_formats, found.place)
        )
    ]


def fetch_requests(
    requests: Sequence[Job | Outcome],
    cache: Cache,
    *,
    threads: int = 4,
    watcher: Watcher = UNWATCHED,
    allow_unverified: bool = False,
    lock: LockFile | None = None,
    locked: bool = False,
) -> list[Outcome]:
    """Fetch what was resolved, and return what became of each request, in their order.

    The arguments are those of :func:`hub.assets.batch.fetch_jobs`.

    Raises:
        ArgumentError: ``threads`` is no number from 1.
        IntegrityError: ``locked`` is set, and there is something that the lock does not list.
    """
    jobs = [request for request in requests if isinstance(request, Job)]
    if locked:
        refuse_unlocked(jobs, lock)
    for request in requests:
        if isinstance(request, Outcome):
            watcher.finish(request)
    outcomes = iter(
        fetch_jobs(
            jobs,
            cache,
            threads=threads,
            watcher=watcher,
            allow_unverified=allow_unverified,
            lock=lock,
            locked=locked,
        )
    )
    return [next(outcomes) if isinstance(request, Job) else request for request in requests]


def raise_first(outcomes: Sequence[Outcome]) -> None:
    """Raise the first error among outcomes, if there is one, with a message that lists all.

    Raises:
        HubError: The first error; the only outcome's error is raised as it is.
    """
    errors = [outcome.error for outcome in outcomes if outcome.error]
    if not errors:
        return
    if len(outcomes) > 1:
        listed = "\n".join(f"  {outcome.explain()}" for outcome in outcomes if outcome.error)
        errors[0].args = (f"{len(errors)} of {len(outcomes)} failed:\n{listed}",)
    raise errors[0]


def resolve_cards(
    model_ids: Iterable[AnyModelId], registry: Registry, patterns: Sequence[str] = ()
) -> list[Found | Outcome]:
    """Find the cards that are meant by ids and patterns; an outcome says what was not found."""
    found = [resolve_card(model_id, registry) for model_id in model_ids]
    for pattern in patterns:
        found += _resolve_pattern(pattern, registry)
    return found


def resolve_card(model_id: AnyModelId, registry: Registry) -> Found | Outcome:
    """Find the card that an id means, or return an outcome that says why there is none."""
    try:
        card = registry.resolve(model_id)
        named = isinstance(parse_reference(model_id), ModelId)
    except HubError as error:
        return Outcome(_name(model_id), None, error=error)
    return Found(card, "" if named else card.source)


def _resolve_pattern(pattern: str, registry: Registry) -> Iterator[Found | Outcome]:
    matched = False
    try:
        for model_id, card in registry.resolve_matching(pattern):
            matched = True
            if isinstance(card, HubError):
                yield Outcome(model_id, None, error=card)
            else:
                yield Found(card)
        if not matched:
            message = f"no model matches {pattern!r}; `hub list` shows all that there are"
            raise ModelNotFoundError(message, model_id=pattern)
    except HubError as error:
        yield Outcome(pattern, None, error=error)


def choose_assets(card: Card, file_formats: Sequence[str], place: str = "") -> list[Job | Outcome]:
    """Make a job of each asset of a card that is wanted.

    Args:
        card: The card.
        file_formats: None takes the card's first asset, ``all`` all of them.
        place: The card's path or URL, if it was named by that.
    """
    chosen: dict[Job | Outcome, None] = {}
    for choose in _list_choices(card, file_formats):
        try:
            chosen[Job(str(card.id), choose(), place)] = None
        except HubError as error:
            chosen[Outcome(str(card.id), None, error=error)] = None
    return list(chosen)


def _list_choices(card: Card, file_formats: Sequence[str]) -> Iterator[Callable[[], Asset]]:
    """Yield the ways to the assets that are wanted; each raises if its asset cannot be had."""
    for file_format in file_formats or (None,):
        if file_format != ALL_FORMATS:
            yield partial(card.asset, file_format)
        elif card.assets:
            yield from (partial(card.check_asset, asset) for asset in card.assets)
        else:
            yield card.asset


def _name(model_id: AnyModelId) -> str:
    """Return what a user wrote; of a URL, what can hold no secret."""
    text = str(model_id)
    return redact_url(text) if "://" in text else text
