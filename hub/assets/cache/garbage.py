"""What is left behind in a cache folder and nobody needs any more."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterable
from pathlib import Path

from hub.assets.cache.cache import Cache
from hub.assets.cache.entries import Entry, leads_to, list_entries
from hub.assets.cache.inventory import (
    Found,
    is_key,
    list_blobs,
    list_folders,
    list_plain_files,
)
from hub.assets.cache.occupancy import is_quiet, list_locks, try_locks
from hub.assets.cache.removal import Broom, Kind, Removal
from hub.assets.marks import is_dead
from hub.assets.remainders import find_remainders

_ARRIVING = re.compile(r"([0-9A-Za-z]+\.)?([0-9a-f]+-\d+-)?[0-9a-f]{32}(\.(part|json|tmp))?")
_QUARANTINED = re.compile(r"[0-9a-f]{64}\.(bad|json)")
_ENDING = re.compile(r"\.(part|json|tmp)$")
_RESUMABLE = 24 * 3600  # seconds for which a partial download may wait to be gone on with
_SETTLING = 3600  # seconds that a file may have to wait for its record, or for its next bytes
_STALE = 30 * 24 * 3600  # seconds after which a remembered answer or card is of no use


def collect_garbage(cache: Cache, *, dry_run: bool = False) -> Removal:
    """Remove what is left behind and nobody needs.

    That is: partial downloads that nobody went on with for a day; what else was on its way, if its
    process is gone or did not write to it for an hour; quarantine; records without a file; files
    without a record that are older than an hour; the locks that nobody holds; the answers of
    servers and the cards that are older than 30 days. What mshub did not write stays.

    Args:
        cache: The cache.
        dry_run: Change nothing.

    Returns:
        What went and what stayed.

    Raises:
        CacheError: The cache folder cannot be read, or a newer version wrote it.
    """
    cache.require_layout()
    broom = Broom(cache.layout, dry_run)
    _collect_partials(broom)
    _collect_quarantine(broom)
    entries = list_entries(cache)
    _collect_dangling(cache, broom, entries)
    _collect_strays(cache, broom, entries)
    _collect_folders(broom)
    _collect_notes(broom, "answer", broom.layout.answers, ".json")
    _collect_notes(broom, "card", broom.layout.cards, ".md")
    _collect_locks(broom)
    return broom.report()


def _collect_partials(broom: Broom) -> None:
    """Remove what is arriving no more: a download and its note go together."""
    arrivals: dict[str, list[Found]] = {}
    for found in list_plain_files(broom.layout.partials):
        if _ARRIVING.fullmatch(found.path.name):
            arrivals.setdefault(_ENDING.sub("", found.path.name), []).append(found)
    dead = {name for name, files in arrivals.items() if is_dead(files[0].path)}
    # In this order: of a dead process, nothing becomes useful later.
    useful = {found.path.stem for found in find_remainders(broom.layout.partials)}
    for name, files in arrivals.items():
        age = min(map(_get_age, files))
        if age > _RESUMABLE or (name not in useful and (name in dead or age > _SETTLING)):
            broom.remove_arrivals(found.path for found in files)


def _collect_quarantine(broom: Broom) -> None:
    for found in list_plain_files(broom.layout.quarantine):
        if _QUARANTINED.fullmatch(found.path.name):
            broom.remove_arrivals([found.path])


def _collect_dangling(cache: Cache, broom: Broom, entries: Iterable[Entry]) -> None:
    """Remove the records whose file is not there."""
    for entry in entries:
        if entry.own and not os.path.lexists(entry.path):
            place = cache.layout.link(entry.key)
            with broom.hold(place, [entry.key]) as free:
                if free and leads_to(cache, entry) and not os.path.lexists(entry.path):
                    broom.remove("record", place, entry.record.link)


def _collect_strays(cache: Cache, broom: Broom, entries: Iterable[Entry]) -> None:
    """Remove the files to which no record leads, unless one of them may still wait for its own."""
    blobs = list(list_blobs(cache))
    known = {entry.path for entry in list_entries(cache, entries)}
    strays = [found for found in blobs if found.path not in known]
    quiet = not strays or is_quiet(broom.layout)
    for found in strays:
        with contextlib.suppress(FileNotFoundError):
            arrived = max(found.status.st_ctime, found.path.parent.lstat().st_mtime)
            if not quiet:
                broom.skip(found.path, "it has no record, but another process is fetching files")
            elif time.time() - arrived <= _SETTLING:
                broom.skip(found.path, "it has no record, but it came within the last hour")
            else:
                broom.remove("stray", found.path)


def _collect_folders(broom: Broom) -> None:
    """Remove the folders of files that are gone."""
    shelves = [] if broom.dry_run else list_folders(broom.layout.blobs)
    folders = [folder for shelf in shelves for folder in [*list_folders(shelf), shelf]]
    empty = list(filter(_is_left, folders))
    for folder in empty if empty and is_quiet(broom.layout) else []:
        with contextlib.suppress(OSError):  # it is not empty any more, or gone already
            folder.rmdir()


def _collect_notes(broom: Broom, kind: Kind, folder: Path, suffix: str) -> None:
    """Remove what was remembered for so long that it is of no use."""
    for found in list_plain_files(folder, suffix):
        if is_key(found.path.stem) and _get_age(found) > _STALE:
            broom.remove(kind, found.path)


def _collect_locks(broom: Broom) -> None:
    """Remove the lock files that nobody holds; who comes for one at this moment makes it anew."""
    if os.name == "nt":  # there, whoever lets go of a lock removes it
        return
    for key in list_locks(broom.layout):
        with try_locks(broom.layout, [key], dry_run=broom.dry_run) as free:
            if free:
                broom.remove("note", broom.layout.locks / f"{key}.json")
                broom.remove("lock", broom.layout.locks / f"{key}.lock")


def _is_left(folder: Path) -> bool:
    """Tell whether a folder has been empty for so long that nobody puts anything there."""
    with contextlib.suppress(OSError), os.scandir(folder) as inside:
        return time.time() - folder.lstat().st_mtime > _SETTLING and not any(inside)
    return False


def _get_age(found: Found) -> float:
    """Return the seconds since a file was written."""
    return time.time() - found.status.st_mtime
