"""The small JSON records of the cache, read with distrust: a damaged one counts as none."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import stat
import time
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from hub.assets.cache.folder import read_small
from hub.assets.filenames import safe_filename
from hub.digests import Digest

SCHEMA_VERSION = 1

_LATEST = 253402300799  # seconds since 1970: the last that datetime knows, in the year 9999


@dataclass(frozen=True, slots=True)
class Record:
    """Where a link led, and the stamp of the file when it was last hashed.

    Attributes:
        link: The link in the card.
        digest: The digest in the card; empty if it states none.
        sha256: The file's whole digest.
        filename: The file's name in its blob folder.
        size: The file's size in bytes.
        mtime_ns: When the file was last written, in nanoseconds.
        inode: Which file it is to the file system.
        served_by: The URL that the file came from.
        fetched_at: When it came, ISO 8601 in UTC.
        schema_version: The version of this record's form.
        layer: The root of the shared cache that holds the file; empty if it lies in the record's
            own cache. It counts only while that cache is one of the configured ones.
    """

    link: str
    digest: str
    sha256: str
    filename: str
    size: int
    mtime_ns: int
    inode: int
    served_by: str
    fetched_at: str
    schema_version: int = SCHEMA_VERSION
    layer: str = ""

    def describes(self, status: os.stat_result) -> bool:
        """Tell whether a file is still the one that was hashed, by one ``lstat`` of it."""
        stamp = (status.st_size, status.st_mtime_ns, status.st_ino)
        return stat.S_ISREG(status.st_mode) and stamp == (self.size, self.mtime_ns, self.inode)

    def format(self) -> bytes:
        """Return the record as JSON. Programs that know no layers can read it if it has none."""
        values = asdict(self)
        if not self.layer:
            del values["layer"]
        return json.dumps(values, indent=1).encode()


_FIELDS = fields(Record)


@dataclass(frozen=True, slots=True)
class CachedFile:
    """A file in the cache that is what it should be.

    Attributes:
        path: Where it is; ends in the asset's own file name.
        sha256: Its whole digest, 64 hexadecimal digits.
        size: Its size in bytes.
        link: The link in the card.
        digest: The digest in the card, whole or a prefix; empty if it states none.
        served_by: The URL that it came from: the card's link or a mirror; empty if it was a
            local file, or was here already under another link.
        fetched_at: When it came, ISO 8601 in UTC.
        last_used: When it was last asked for, ISO 8601 in UTC; does not count in comparisons.
    """

    path: Path
    sha256: str
    size: int
    link: str
    digest: str
    served_by: str
    fetched_at: str
    last_used: str = field(default="", compare=False)


def draft_record(
    link: str,
    digest: Digest | None,
    sha256: str,
    filename: str,
    *,
    served_by: str,
    known: Record | None = None,
) -> Record:
    """Return a record that has no stamp yet, so that it describes no file.

    Args:
        link: The link in the card.
        digest: The digest in the card.
        sha256: The file's whole digest.
        filename: The file's name in its blob folder.
        served_by: The URL that the file came from.
        known: An older record; if it is of the same content, it knows better where and when that
            came.
    """
    same = known if known and known.sha256 == sha256 else None
    return Record(
        link=link,
        digest=str(digest or ""),
        sha256=sha256,
        filename=filename,
        size=-1,
        mtime_ns=0,
        inode=0,
        served_by=same.served_by if same else served_by,
        fetched_at=same.fetched_at if same else format_time(time.time()),
    )


def stamp_record(record: Record, status: os.stat_result) -> Record:
    """Return the record with the stamp of a file that was hashed."""
    return replace(record, size=status.st_size, mtime_ns=status.st_mtime_ns, inode=status.st_ino)


def describe_file(record: Record, path: Path, used: float) -> CachedFile:
    """Return the facts about a file.

    Args:
        record: What its record says.
        path: Where it is.
        used: When it was last used, in seconds since 1970.
    """
    return CachedFile(
        path=path,
        sha256=record.sha256,
        size=record.size,
        link=record.link,
        digest=record.digest,
        served_by=record.served_by,
        fetched_at=record.fetched_at,
        last_used=format_time(used),
    )


def note_use(place: Path) -> float:
    """Have a record's time say that its file is used now; return what it says then."""
    try:
        os.utime(place)
    except OSError:  # a cache that is only read
        return read_use(place)
    return time.time()


def read_use(place: Path) -> float:
    """Return when the file of a record was last used, in seconds since 1970."""
    with contextlib.suppress(OSError):
        return place.stat().st_mtime
    return time.time()  # it is gone at this moment


def format_time(seconds: float) -> str:
    """Return a time as ISO 8601 in UTC; one outside of the years 1970 to 9999 as the nearest.

    Args:
        seconds: The time in seconds since 1970.

    Example:
        >>> format_time(0.5), format_time(1e15)
        ('1970-01-01T00:00:00+00:00', '9999-12-31T23:59:59+00:00')
    """
    shown = min(max(seconds, 0), _LATEST)  # the times of files may be anything
    moment = datetime.datetime.fromtimestamp(shown, datetime.timezone.utc)
    return moment.isoformat(timespec="seconds")


def read_record(path: Path) -> Record | None:
    """Read a record; None if it is missing, damaged, or of another version.

    Raises:
        OSError: The file is there but cannot be read.
    """
    values = read_json(path)
    known: dict[str, Any] = {}
    for entry in _FIELDS:
        value = values.get(entry.name, None if entry.default is MISSING else entry.default)
        if type(value) is not (int if entry.type == "int" else str):
            return None
        known[entry.name] = value
    record = Record(**known)
    safe = record.filename == safe_filename(record.filename) and is_sha256(record.sha256)
    return record if safe and record.schema_version == SCHEMA_VERSION else None


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; empty if the file is missing or holds something else.

    Raises:
        OSError: The file is there but cannot be read.
    """
    try:
        return parse_json(read_small(path))
    except FileNotFoundError:
        return {}


def parse_json(content: bytes | None) -> dict[str, Any]:
    """Understand a JSON object; empty if the content is something else."""
    try:
        values = json.loads(content or b"")
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def is_sha256(text: object) -> bool:
    """Tell whether something is a whole digest in lower case: it becomes part of a path.

    Example:
        >>> is_sha256("../../etc/passwd"), is_sha256(64 * "0")
        (False, True)
    """
    try:
        return isinstance(text, str) and Digest.parse(text).complete and text == text.lower()
    except ValueError:
        return False
