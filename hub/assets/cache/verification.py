"""Hashing what a cache holds, without a network, and saying what is wrong with it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from hub.assets.cache.cache import Cache
from hub.assets.cache.entries import Entry, leads_to, list_entries, require_matches, select
from hub.assets.cache.folder import explain_errors
from hub.assets.cache.inventory import Found, list_blobs, list_plain_files
from hub.assets.cache.records import is_sha256, read_json, read_record
from hub.assets.plain_files import open_plain
from hub.assets.progress import SILENT, Progress
from hub.digests import hash_open_file

State = Literal["ok", "touched", "changed", "missing", "unreadable", "stray", "damaged"]

_GOOD = frozenset({"ok", "touched", "stray"})
_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
)

Stamp = tuple[int, int, int]  # size, time of the last write in nanoseconds, inode


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of a file, a record or a pin in the cache.

    Attributes:
        state: ``ok``; ``touched``: the content is right, but its stamp is another one; ``changed``:
            the content is wrong; ``missing``: there is a record, but no file; ``unreadable``;
            ``stray``: the content is right, but no record leads to it; ``damaged``: a record or
            pin that cannot be understood.
        path: Where it is.
        sha256: What the content should be; empty if a record or pin is meant.
        actual: What the content is instead, if it is wrong and a file.
        size: The size in bytes; of a file that is missing, what it should be.
        links: The links that lead to it.
        detail: What is wrong, in words.
        remedy: What was done about it, or has to be done, in words.
        mended: Whether all is well again.
        stamp: The size, time and inode of the file when its content was found right.
    """

    state: State
    path: Path
    sha256: str = ""
    actual: str = ""
    size: int = 0
    links: tuple[str, ...] = ()
    detail: str = ""
    remedy: str = ""
    mended: bool = False
    stamp: Stamp | None = None

    @property
    def good(self) -> bool:
        """Whether nothing is wrong, or not any more."""
        return self.state in _GOOD or self.mended


def verify_files(
    cache: Cache, selectors: Sequence[str] = (), *, progress: Progress = SILENT
) -> Iterator[Verdict]:
    """Hash files and compare them with the digests under which they lie.

    Args:
        cache: The cache.
        selectors: See :func:`hub.assets.cache.entries.require_matches`; without any, all files are
            hashed, and records and pins are looked at as well.
        progress: Is told of the bytes that are hashed.

    Yields:
        A verdict on each file, then on each file without a record, each damaged record and pin.

    Raises:
        AssetNotFoundError: A selector means nothing here.
        CacheError: The cache folder cannot be read, or a newer version wrote it.
    """
    cache.require_layout()
    entries = list_entries(cache)
    groups: dict[Path, list[Entry]] = {}
    require_matches(selectors, entries)
    for entry in select(selectors or ["*"], entries):
        groups.setdefault(entry.path, []).append(entry)
    known = {entry.path for entry in entries}
    strays = [] if selectors else [found for found in list_blobs(cache) if found.path not in known]
    total = sum(group[0].record.size for group in groups.values())
    progress.begin(total + sum(found.status.st_size for found in strays), 0)
    try:
        for path, group in groups.items():
            verdict = _judge_file(path, group, progress)
            if verdict.state in _GOOD or any(leads_to(cache, entry) for entry in group):
                yield verdict
        for found in strays:
            verdict = _judge_stray(found, progress)
            if verdict.state != "missing":
                yield verdict
    finally:
        progress.end()
    if not selectors:
        yield from _find_damaged_records(cache)
        yield from _find_damaged_pins(cache)


def _judge_file(path: Path, group: list[Entry], progress: Progress) -> Verdict:
    record, links = group[0].record, tuple(entry.record.link for entry in group)
    verdict = Verdict("ok", path, record.sha256, size=record.size, links=links)
    verdict = _judge_content(verdict, progress)
    if verdict.stamp and any(entry.stamp != verdict.stamp for entry in group):
        detail = "the content is right, but the file was touched since it was last hashed"
        return replace(verdict, state="touched", detail=detail)
    return verdict


def _judge_stray(found: Found, progress: Progress) -> Verdict:
    sha256 = found.path.parent.name
    verdict = Verdict("stray", found.path, sha256, size=found.status.st_size)
    detail = "the content is right, but no record leads to it"
    return _judge_content(replace(verdict, detail=detail), progress)


def _judge_content(verdict: Verdict, progress: Progress) -> Verdict:
    """Hash a file and return the verdict as it is if the content is right, else another one."""
    try:
        if odd := describe_odd_file(verdict.path):
            detail = f"it is {odd} where a file should be"
            return replace(verdict, state="changed", detail=detail)
        actual, status = _hash(verdict.path, progress)
    except (FileNotFoundError, NotADirectoryError):
        detail = "the file of this record is not there"
        return replace(verdict, state="missing", detail=detail)
    except OSError as error:
        detail = f"it cannot be read: {error.strerror}"
        return replace(verdict, state="unreadable", detail=detail)
    verdict = replace(verdict, size=status.st_size)
    if actual != verdict.sha256:
        detail = f"its SHA-256 is {actual}, and should be {verdict.sha256}"
        return replace(verdict, state="changed", actual=actual, detail=detail)
    return replace(verdict, stamp=(status.st_size, status.st_mtime_ns, status.st_ino))


def describe_odd_file(path: Path) -> str:
    """Say what is in the place of a file; empty if it is a regular one.

    Raises:
        OSError: There is nothing, or it cannot be looked at.
    """
    mode = path.lstat().st_mode
    if stat.S_ISREG(mode):
        return ""
    return next((name for test, name in _KINDS if test(mode)), "a device or a socket")


def _hash(path: Path, progress: Progress) -> tuple[str, os.stat_result]:
    """Hash a file, and return its status from before it was read."""
    with open_plain(path) as file:
        status = os.fstat(file.fileno())
        sha256 = hash_open_file(file, lambda piece: progress.advance(len(piece)))
    return sha256, status


def _find_damaged_records(cache: Cache) -> Iterator[Verdict]:
    for found in list_plain_files(cache.layout.links, ".json"):
        with explain_errors(cache.folder):
            damaged = read_record(found.path) is None and found.path.exists()
        if damaged:
            detail = "the record cannot be understood"
            yield Verdict("damaged", found.path, size=found.status.st_size, detail=detail)


def _find_damaged_pins(cache: Cache) -> Iterator[Verdict]:
    for found in list_plain_files(cache.layout.pins, ".json"):
        prefix = found.path.stem
        with explain_errors(cache.folder):
            pin = read_json(found.path).get("sha256")
            damaged = not (is_sha256(pin) and str(pin).startswith(prefix)) and found.path.exists()
        if damaged:
            detail = f"the pin does not say which file {prefix} meant when it was first seen"
            yield Verdict("damaged", found.path, size=found.status.st_size, detail=detail)
