"""Putting right, without a network, what :mod:`hub.assets.cache.verification` found wrong.

Wrong content leaves its name at once. If the right content lies under another name, or in a shared
cache, it comes back; otherwise its records go, and the file is fetched when it is next needed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import replace

from hub.assets.cache.cache import Cache
from hub.assets.cache.entries import Entry, leads_to, list_entries, read_digest
from hub.assets.cache.folder import SharedFolder, explain_errors, remove_file
from hub.assets.cache.inventory import is_inside, is_key
from hub.assets.cache.occupancy import try_locks
from hub.assets.cache.records import SCHEMA_VERSION, read_json, read_record
from hub.assets.cache.verification import Stamp, Verdict, describe_odd_file

_LATER = "it will be fetched again when it is next needed"


def repair_file(cache: Cache, verdict: Verdict) -> Verdict:
    """Put right what a verdict says is wrong, as far as that is possible without a network.

    A touched file has its new stamp noted. Changed content goes to quarantine; what is no file at
    all in its place is removed. A copy of the right content under another name, or in a shared
    cache, is hashed and takes its place; if there is none, the records go. Damaged records go.
    Damaged pins stay, since only people can tell what they meant.

    Args:
        cache: The cache.
        verdict: What :func:`hub.assets.cache.verification.verify_files` said.

    Returns:
        The verdict, with what was done and whether all is well again.

    Raises:
        CacheError: The cache folder cannot be written, or a newer version wrote it.
    """
    cache.require_layout()
    if verdict.state == "damaged":
        return _repair_record(cache, verdict)
    if verdict.state == "unreadable":
        return replace(verdict, remedy="mend its permissions, or remove it")
    if verdict.state not in {"touched", "changed", "missing"}:
        return verdict
    entries = [entry for entry in list_entries(cache) if entry.path == verdict.path]
    with explain_errors(cache.folder), try_locks(cache.layout, [e.key for e in entries]) as free:
        if not free:
            return replace(verdict, remedy="skipped: another process holds its lock")
        if verdict.state == "touched" and verdict.stamp:
            return _note_stamp(cache, verdict, verdict.stamp, entries)
        return _restore(cache, verdict, entries)


def _note_stamp(cache: Cache, verdict: Verdict, stamp: Stamp, entries: Iterable[Entry]) -> Verdict:
    size, mtime_ns, inode = stamp
    for entry in entries:
        if leads_to(cache, entry):
            record = replace(entry.record, size=size, mtime_ns=mtime_ns, inode=inode)
            place = cache.layout.link(entry.key)
            SharedFolder(cache.folder).write(place, record.format())
            _set_use(cache, entry)
    return replace(verdict, remedy="its stamp was noted anew", mended=True)


def _restore(cache: Cache, verdict: Verdict, entries: list[Entry]) -> Verdict:
    """Take wrong content away, and bring the right one back for each of its records."""
    own = all(entry.own for entry in entries)
    removed = _take_away(cache, verdict, entries) if verdict.state == "changed" and own else ""
    if removed is None:
        return replace(verdict, remedy="it was left alone: mshub did not make it; remove it")
    restored = [_recover(cache, entry) for entry in entries]
    remedy = _describe_restored(verdict, restored) if entries else ""
    return replace(verdict, remedy="; ".join(filter(None, [removed, remedy])), mended=all(restored))


def _describe_restored(verdict: Verdict, restored: list[str]) -> str:
    if not all(restored):
        return _LATER
    if all(path == str(verdict.path) for path in restored):
        return "it was restored from another copy of the same content"
    return f"{restored[0]} takes its place"


def _take_away(cache: Cache, verdict: Verdict, entries: list[Entry]) -> str | None:
    """Remove what is in the place of a file; None if that is not ours to remove."""
    path = verdict.path
    if not is_inside(cache.folder, path):
        return None
    with contextlib.suppress(FileNotFoundError):
        odd = describe_odd_file(path)
        if odd == "a folder":
            return None
        if odd:
            remove_file(path)
            return f"{odd} was removed"
        record = entries[0].record if entries else None
        kept = cache.quarantine(
            path,
            link=record.link if record else "",
            digest=read_digest(record) if record else None,
            sha256=verdict.actual,
            reason=verdict.detail,
        )
        return f"it was moved to {kept}"
    return ""


def _recover(cache: Cache, entry: Entry) -> str:
    """Bring back the right content of a record; empty, and the record gone, if there is none."""
    record = entry.record
    if not leads_to(cache, entry):
        return ""
    if found := cache.recover(record.link, read_digest(record), record.filename):
        _set_use(cache, entry)
        return str(found.path)
    with contextlib.suppress(FileNotFoundError):
        remove_file(cache.layout.link(entry.key))
    return ""


def _set_use(cache: Cache, entry: Entry) -> None:
    """Give a record that was written anew the time of its last use back."""
    with contextlib.suppress(FileNotFoundError):
        os.utime(cache.layout.link(entry.key), ns=(entry.used, entry.used))


def _repair_record(cache: Cache, verdict: Verdict) -> Verdict:
    """Remove a damaged record, but none that a newer version may have written, and no pin."""
    path = verdict.path
    if path.parent != cache.layout.links:
        digits = path.stem
        return replace(
            verdict, remedy=f"delete it to trust the next file that begins with {digits}"
        )
    if not is_key(path.stem) or not is_inside(cache.folder, path):
        return replace(verdict, remedy="it was left alone: mshub did not make it")
    with explain_errors(cache.folder), try_locks(cache.layout, [path.stem]) as free:
        if not free:
            return replace(verdict, remedy="skipped: another process holds its lock")
        version = read_json(path).get("schema_version")
        if isinstance(version, int) and version > SCHEMA_VERSION:
            return replace(verdict, remedy="it was left alone: a newer mshub wrote it")
        if read_record(path) is None:
            with contextlib.suppress(FileNotFoundError):
                remove_file(path)
        return replace(verdict, remedy="the record was removed", mended=True)
