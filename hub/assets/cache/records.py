"""The small JSON records of the cache, read with distrust: a damaged one counts as none."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from hub.assets.filenames import safe_filename
from hub.digests import Digest

_VERSION = 1


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
    schema_version: int = _VERSION

    def describes(self, status: os.stat_result) -> bool:
        """Tell whether a file is still the one that was hashed, by one ``stat`` of it."""
        stamp = (status.st_size, status.st_mtime_ns, status.st_ino)
        return stamp == (self.size, self.mtime_ns, self.inode)


def read_record(path: Path) -> Record | None:
    """Read a record; None if it is missing, damaged, or of another version.

    Raises:
        OSError: The file is there but cannot be read.
    """
    values: dict[str, Any] = read_json(path)
    kinds = {field.name: int if field.type == "int" else str for field in fields(Record)}
    if {name: type(value) for name, value in values.items()} != kinds:
        return None
    record = Record(**values)
    safe = record.filename == safe_filename(record.filename) and is_sha256(record.sha256)
    return record if safe and record.schema_version == _VERSION else None


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; empty if the file is missing or holds something else.

    Raises:
        OSError: The file is there but cannot be read.
    """
    try:
        values = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def is_sha256(text: object) -> bool:
    """Tell whether something is a whole digest: it becomes part of a path.

    Example:
        >>> is_sha256("../../etc/passwd"), is_sha256(64 * "0")
        (False, True)
    """
    try:
        return isinstance(text, str) and Digest.parse(text).complete
    except ValueError:
        return False
