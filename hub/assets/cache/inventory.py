"""What lies in a cache folder, seen from outside: records and their files, partials, quarantine.

Nothing here follows a symbolic link, hashes, locks or changes anything. What mshub did not write is
passed over, whatever it is.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hub.assets.cache.folder import explain_errors
from hub.assets.cache.layout import LaidOut
from hub.assets.cache.records import format_time, is_sha256, read_json
from hub.assets.remainders import find_remainders

_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file.

    Attributes:
        path: Where it is.
        status: Its ``lstat``.
    """

    path: Path
    status: os.stat_result


@dataclass(frozen=True, slots=True)
class PartialFile:
    """A file of which some bytes are here, so that a fetch goes on with them.

    Attributes:
        path: Where they are.
        link: The link in the card; empty if it was not noted.
        digest: The digest in the card; empty if it states none, or it was not noted.
        size: How many bytes are here.
        total: How many there will be; None if the server did not say.
        written_at: When the last of them came, ISO 8601 in UTC.
    """

    path: Path
    link: str
    digest: str
    size: int
    total: int | None
    written_at: str

    @property
    def sha256(self) -> str:
        """What the digest is to be, as far as the card states it."""
        return self.digest

    @property
    def filename(self) -> str:
        """The name of the file as the link has it."""
        return self.link.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class QuarantinedFile:
    """A file that was not what its digest says.

    Attributes:
        path: Where it is.
        link: The link in the card; empty if it was not noted.
        sha256: What its digest is instead; empty if it was not noted.
        reason: What is wrong with it; empty if it was not noted.
        size: Its size in bytes.
        quarantined_at: When it was put there, ISO 8601 in UTC.
    """

    path: Path
    link: str
    sha256: str
    reason: str
    size: int
    quarantined_at: str

    @property
    def filename(self) -> str:
        """The name of the file as the link has it."""
        return self.link.rpartition("/")[2]


def list_blobs(cache: LaidOut) -> Iterator[Found]:
    """List the files that lie where verified files do, by digest; none is hashed.

    Raises:
        CacheError: The cache folder cannot be read.
    """
    for shelf in list_folders(cache.layout.blobs):
        for folder in list_folders(shelf):
            if is_sha256(folder.name) and folder.name[:2] == shelf.name:
                yield from list_plain_files(folder)


def list_partials(cache: LaidOut) -> list[PartialFile]:
    """List the files of which some bytes are here and can be gone on with, by path.

    Raises:
        CacheError: The cache folder cannot be read.
    """
    times = {
        found.path: found.status.st_mtime
        for found in list_plain_files(cache.layout.partials, ".part")
    }
    return [
        PartialFile(
            path=remainder.path,
            link=remainder.note.get("link", ""),
            digest=remainder.note.get("digest", ""),
            size=remainder.size,
            total=remainder.source.length,
            written_at=format_time(times[remainder.path]),
        )
        for remainder in (find_remainders(cache.layout.partials) if times else ())
        if remainder.path in times
    ]


def list_quarantined(cache: LaidOut) -> list[QuarantinedFile]:
    """List the files that were not what their digest says, by path.

    Raises:
        CacheError: The cache folder cannot be read.
    """
    files = []
    for found in list_plain_files(cache.layout.quarantine):
        if found.path.suffix == ".json":
            continue
        note = read_note(found.path.with_suffix(".json"))
        files.append(
            QuarantinedFile(
                path=found.path,
                link=_pick_text(note, "link"),
                sha256=_pick_text(note, "sha256"),
                reason=_pick_text(note, "reason"),
                size=found.status.st_size,
                quarantined_at=_pick_text(note, "time") or format_time(found.status.st_mtime),
            )
        )
    return files


def list_arrivals(cache: LaidOut) -> list[PartialFile | QuarantinedFile]:
    """List what came without becoming a verified file: partial downloads, then quarantined files.

    Raises:
        CacheError: The cache folder cannot be read.
    """
    return [*list_partials(cache), *list_quarantined(cache)]


def list_plain_files(folder: Path, suffix: str = "") -> list[Found]:
    """List the regular files in a folder, by name: no links, pipes or folders.

    Args:
        folder: A folder that need not be there.
        suffix: How their names end.

    Raises:
        CacheError: The folder cannot be read.
    """
    found = []
    for entry in _scan(folder):
        with contextlib.suppress(FileNotFoundError):
            status = os.lstat(entry.path)  # an entry's own stat lacks the inode on Windows
            if stat.S_ISREG(status.st_mode) and entry.name.endswith(suffix):
                found.append(Found(Path(entry.path), status))
    return found


def read_note(path: Path) -> dict[str, object]:
    """Read what was noted beside a file; empty if nothing was, or it cannot be read."""
    try:
        return read_json(path) if stat.S_ISREG(path.lstat().st_mode) else {}
    except OSError:
        return {}


def read_link(path: Path) -> str:
    """Return the link that was noted beside a partial or quarantined file; empty if none was."""
    return _pick_text(read_note(path.with_suffix(".json")), "link")


def is_inside(root: Path, path: Path) -> bool:
    """Tell whether the way from a folder to a file leads through real folders alone."""
    below = path.parent.relative_to(root)
    return os.path.realpath(path.parent) == str(Path(os.path.realpath(root), below))


def is_key(text: str) -> bool:
    """Tell whether a name is one that :func:`hub.assets.cache.layout.make_key` gives.

    Example:
        >>> is_key("a" * 64), is_key("notes")
        (True, False)
    """
    return _KEY.fullmatch(text) is not None


def list_folders(folder: Path) -> list[Path]:
    """List the folders in a folder, by name; no links to folders.

    Raises:
        CacheError: The folder cannot be read.
    """
    return [Path(entry.path) for entry in _scan(folder) if entry.is_dir(follow_symlinks=False)]


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    """List a folder by name; nothing if it is missing, or no real folder.

    Raises:
        CacheError: It cannot be read, or what should be the cache folder is a file.
    """
    with explain_errors(folder), contextlib.suppress(FileNotFoundError):
        if stat.S_ISDIR(folder.lstat().st_mode):
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
    return []


def _pick_text(note: dict[str, object], name: str) -> str:
    value = note.get(name)
    return value if isinstance(value, str) else ""
