"""Removing verified files: those that are named, or those that were not used for longest.

A record goes first and its file after it, if no other record leads there. So whoever is killed in
between leaves a file without a record, which :mod:`hub.assets.cache.garbage` collects.
"""

from __future__ import annotations

import contextlib
import stat
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from hub.assets.cache.cache import Cache
from hub.assets.cache.entries import (
    Entry,
    leads_to,
    list_entries,
    read_digest,
    require_matches,
    select,
)
from hub.assets.cache.inventory import list_arrivals
from hub.assets.cache.removal import Broom, Removal
from hub.errors import ArgumentError
from hub.redaction import redact_url

_BATCH = 64  # files whose locks are held at once

_Groups = dict[Path, list[Entry]]  # the records that lead to each file


def remove_files(
    cache: Cache, selectors: Sequence[str], *, pins: bool = False, dry_run: bool = False
) -> Removal:
    """Remove the files that are named.

    What of them is arriving or in quarantine goes as well. A file that another link leads to, too,
    stays for that one; its record under the chosen link goes. The pins of prefix digests stay, so that a prefix goes on meaning the file that it meant.

    Args:
        cache: The cache.
        selectors: See :func:`hub.assets.cache.entries.require_matches`.
        pins: Forget the pins of what is removed, too.
        dry_run: Change nothing.

    Returns:
        What went and what stayed.

    Raises:
        AssetNotFoundError: A selector means nothing here.
        ArgumentError: There is no selector.
        CacheError: The cache folder cannot be read.
    """
    if not selectors:
        raise ArgumentError("name what is to be removed; '*' is every file")
    cache.require_layout()
    broom = Broom(cache.layout, dry_run)
    entries, arrivals = list_entries(cache), list_arrivals(cache)
    require_matches(selectors, [*entries, *arrivals])
    _remove_groups(cache, broom, _group(select(selectors, entries)), pins=pins)
    for arrival in select(selectors, arrivals):
        broom.remove_arrivals([arrival.path, arrival.path.with_suffix(".json")])
    return broom.report()


def prune_files(
    cache: Cache,
    *,
    max_size: int | None = None,
    older_than: float | None = None,
    dry_run: bool = False,
) -> Removal:
    """Remove the files that were not used for longest.

    Uses are recorded by mshub, so a backup or a search through the folder is none. A file with
    several links counts once, and as used when the last of them was.

    Args:
        cache: The cache.
        max_size: Remove until the files that are left have this many bytes at most.
        older_than: Remove what was not used for this many seconds.
        dry_run: Change nothing.

    Returns:
        What went and what stayed.

    Raises:
        ArgumentError: Neither limit is given, or one is negative.
        CacheError: The cache folder cannot be read.
    """
    if max_size is None and older_than is None:
        raise ArgumentError("prune needs a limit: the size to keep, or the age to remove from")
    if min(max_size or 0, older_than or 0) < 0:
        raise ArgumentError("a limit cannot be negative")
    cache.require_layout()
    broom = Broom(cache.layout, dry_run)
    groups = _group(entry for entry in list_entries(cache) if entry.own)
    uses = {path: max(entry.used for entry in entries) for path, entries in groups.items()}
    sizes = {path: size for path in groups if (size := _measure(path)) is not None}
    waiting = sorted(sizes, key=lambda path: (uses[path], path))
    if older_than is not None:
        limit = (time.time() - older_than) * 1e9
        old = [path for path in waiting if uses[path] < limit]
        _remove_groups(cache, broom, {path: groups[path] for path in old}, uses=uses)
        waiting = waiting[len(old) :]
    while max_size is not None and waiting:
        gone = {removed.path for removed in broom.report().removed}
        left = sum(size for path, size in sizes.items() if path not in gone)
        chosen = list(_take(waiting, sizes, left - max_size))
        if not chosen:
            break
        _remove_groups(cache, broom, {path: groups[path] for path in chosen}, uses=uses)
        waiting = waiting[len(chosen) :]
    return broom.report()


def _group(entries: Iterable[Entry]) -> _Groups:
    """Put the records together that lead to one file."""
    groups: _Groups = {}
    for entry in entries:
        groups.setdefault(entry.path, []).append(entry)
    return groups


def _measure(path: Path) -> int | None:
    with contextlib.suppress(OSError):
        status = path.lstat()
        return status.st_size if stat.S_ISREG(status.st_mode) else None
    return None


def _take(paths: Iterable[Path], sizes: Mapping[Path, int], excess: int) -> Iterator[Path]:
    """Yield as many files as it takes to be rid of some bytes."""
    for path in paths:
        if excess <= 0:
            return
        excess -= sizes[path]
        yield path


def _remove_groups(
    cache: Cache,
    broom: Broom,
    groups: _Groups,
    *,
    uses: Mapping[Path, int] | None = None,
    pins: bool = False,
) -> None:
    """Remove records, and those of their files to which no other record leads.

    Args:
        cache: The cache.
        broom: What removes.
        groups: The records to remove, by file.
        uses: When each file was last used; one that was used since stays.
        pins: Whether the pins go too.
    """
    chosen = {entry.key for entries in groups.values() for entry in entries}
    entries = list_entries(cache)
    paths = iter(groups)
    while batch := list(islice(paths, _BATCH)):
        with contextlib.ExitStack() as locks:
            held = [
                path
                for path in batch
                if locks.enter_context(broom.hold(path, [entry.key for entry in groups[path]]))
                and not _was_used(broom, path, groups[path], uses)
            ]
            for entry in (entry for path in held for entry in groups[path]):
                if leads_to(cache, entry):
                    broom.remove("record", cache.layout.link(entry.key), entry.link)
            if not broom.dry_run:
                entries = list_entries(cache, entries)
            others = [e for e in entries if not (broom.dry_run and e.key in chosen)]
            owners = _group(others)
            for path in held:
                _remove_file(broom, path, groups[path], owners.get(path, ()))
            if pins:
                _forget_pins(broom, [entry for path in held for entry in groups[path]], others)


def _was_used(
    broom: Broom, path: Path, entries: Iterable[Entry], uses: Mapping[Path, int] | None
) -> bool:
    """Tell whether a file was used since it was found to be unused for long."""
    if uses is None:
        return False
    for entry in entries:
        with contextlib.suppress(OSError):
            if broom.layout.link(entry.key).lstat().st_mtime_ns > uses[path]:
                broom.skip(path, "used meanwhile")
                return True
    return False


def _remove_file(
    broom: Broom, path: Path, entries: Sequence[Entry], owners: Iterable[Entry]
) -> None:
    """Remove a file, unless a record leads there: of another link, or one that could not go."""
    removed = {entry.key for entry in entries}
    strangers = [owner.link for owner in owners if owner.key not in removed]
    if strangers:
        broom.skip(path, f"it stays, since it is also the file of {redact_url(strangers[0])}")
    elif not entries[0].own:
        broom.skip(path, "it lies in a shared cache, which is only read; its record here goes")
    elif not owners:
        broom.remove("file", path, entries[0].link)


def _forget_pins(broom: Broom, entries: Iterable[Entry], others: Sequence[Entry]) -> None:
    meant = {entry.record.digest for entry in others}
    for entry in entries:
        digest = read_digest(entry.record)
        if digest and not digest.complete and entry.record.digest not in meant:
            broom.remove("pin", broom.layout.pin(digest), entry.link)
