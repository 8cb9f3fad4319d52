"""Taking files out of a cache folder, and the report of what went and what stayed.

A file is removed only if it is a file, lies below the cache folder without a symbolic link on the
way, and nobody else holds its lock. Whatever stands against it is noted, and the next one follows.
"""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from hub.assets.cache.folder import remove_file
from hub.assets.cache.inventory import is_inside, is_key, read_link
from hub.assets.cache.layout import Layout
from hub.assets.cache.occupancy import try_locks

Kind = Literal[
    "file",
    "record",
    "pin",
    "partial",
    "note",
    "temporary",
    "quarantined",
    "stray",
    "lock",
    "answer",
    "card",
]


@dataclass(frozen=True, slots=True)
class Removed:
    """Something that is gone, or would be.

    Attributes:
        kind: What it was: a verified ``file``, a ``stray`` without a record, a ``partial`` …
        path: Where it was.
        size: The bytes that this set free.
        link: The link that it belonged to; empty if that is not known.
    """

    kind: Kind
    path: Path
    size: int
    link: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that stayed.

    Attributes:
        path: Where it is.
        reason: Why it stayed, in words.
        refused: Whether the operating system refused to remove it.
    """

    path: Path
    reason: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """What went and what stayed.

    Attributes:
        removed: What is gone, in order; of a dry run, what would be.
        skipped: What stayed although it was meant.
        dry_run: Whether nothing was touched.

    Example:
        >>> Removal((Removed("file", Path("a.ckpt"), 10, ""),), (), dry_run=True).freed
        10
    """

    removed: tuple[Removed, ...]
    skipped: tuple[Skipped, ...]
    dry_run: bool

    @property
    def freed(self) -> int:
        """The bytes that were set free."""
        return sum(removed.size for removed in self.removed)

    def count(self) -> dict[Kind, tuple[int, int]]:
        """Return how many of each kind went, and how many bytes they were."""
        totals: dict[Kind, tuple[int, int]] = {}
        for removed in self.removed:
            number, size = totals.get(removed.kind, (0, 0))
            totals[removed.kind] = number + 1, size + removed.size
        return totals


@dataclass(slots=True)
class Broom:
    """Removes files of one cache folder, one after the other, and keeps the report.

    Attributes:
        layout: Where things are.
        dry_run: Whether to touch nothing.
    """

    layout: Layout
    dry_run: bool
    _removed: list[Removed] = field(default_factory=list)
    _skipped: list[Skipped] = field(default_factory=list)

    def report(self) -> Removal:
        """Return what went and what stayed so far."""
        return Removal(tuple(self._removed), tuple(self._skipped), dry_run=self.dry_run)

    def skip(self, path: Path, reason: str) -> None:
        """Note that something stays."""
        self._skipped.append(Skipped(path, reason))

    def remove(self, kind: Kind, path: Path, link: str = "") -> None:
        """Remove a file, or note why it stays; one that is gone already is not mentioned."""
        with contextlib.suppress(FileNotFoundError):
            status = path.lstat()
            if not is_inside(self.layout.root, path):
                self.skip(path, "a symbolic link on the way leads out of the cache folder")
            elif stat.S_ISDIR(status.st_mode):
                self.skip(path, "it is a folder, which mshub did not make")
            elif self._unlink(path):
                size = status.st_size if stat.S_ISREG(status.st_mode) else 0
                self._removed.append(Removed(kind, path, size, link))

    @contextlib.contextmanager
    def hold(self, path: Path, keys: Iterable[str]) -> Iterator[bool]:
        """Hold the locks of several keys, without ever waiting.

        Args:
            path: What is to be removed; it is noted as skipped if a lock is held elsewhere.
            keys: The keys.

        Yields:
            Whether all of them are held.
        """
        with try_locks(self.layout, keys, dry_run=self.dry_run) as free:
            if not free:
                self.skip(path, "in use: another process holds its lock")
            yield free

    def remove_arrivals(self, files: Iterable[Path]) -> None:
        """Remove partial or quarantined files of one key with their notes, unless it is in use.

        Args:
            files: Their names begin with the key and a dot, if they belong to one.
        """
        paths = sorted(files, key=lambda path: path.suffix == ".json")
        key = paths[0].name.partition(".")[0]
        with self.hold(paths[0], [key] if is_key(key) else []) as free:
            link = read_link(paths[0])
            for path in paths if free else []:
                self.remove(_name_kind(path), path, link)

    def _unlink(self, path: Path) -> bool:
        if self.dry_run:
            return True
        try:
            remove_file(path)
        except FileNotFoundError:
            return False
        except OSError as error:
            reason = f"it cannot be removed: {error.strerror}"
            self._skipped.append(Skipped(path, reason, refused=True))
            return False
        return True


def _name_kind(path: Path) -> Kind:
    if path.suffix == ".json":
        return "note"
    if path.suffix == ".bad":
        return "quarantined"
    return "partial" if path.suffix == ".part" else "temporary"
