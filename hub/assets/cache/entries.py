"""The records of a cache with what they lead to, and how people choose among them."""

from __future__ import annotations

import contextlib
import fnmatch
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol, TypeVar

from hub.assets.cache.folder import explain_errors
from hub.assets.cache.inventory import Found, is_key, list_plain_files
from hub.assets.cache.layout import LaidOut, Layout
from hub.assets.cache.records import CachedFile, Record, describe_file, read_record
from hub.digests import Digest
from hub.errors import AssetNotFoundError
from hub.redaction import redact_url

_DIGITS = re.compile(r"[0-9a-fA-F]{6,64}")


class Named(Protocol):
    """What people may name: a verified file, a partial or a quarantined one."""

    @property
    def link(self) -> str:
        """The link in the card."""

    @property
    def sha256(self) -> str:
        """The SHA-256 as far as it is known."""

    @property
    def filename(self) -> str:
        """The name of the file."""


Thing = TypeVar("Thing", bound=Named)


@dataclass(frozen=True, slots=True)
class Entry:
    """A record, and where the file is that it leads to.

    Attributes:
        key: The name of the record, its lock and its partial files.
        record: What it says.
        path: Where the file should be.
        used: When it was last used, in nanoseconds since 1970: when the record was written.
        inode: Which file the record is to the file system.
    """

    key: str
    record: Record
    path: Path
    used: int
    inode: int

    @property
    def link(self) -> str:
        """The link in the card."""
        return self.record.link

    @property
    def sha256(self) -> str:
        """The file's whole digest."""
        return self.record.sha256

    @property
    def filename(self) -> str:
        """The file's name."""
        return self.record.filename

    @property
    def own(self) -> bool:
        """Whether the file belongs to this cache, not to a shared one that is only read."""
        return not self.record.layer

    @property
    def stamp(self) -> tuple[int, int, int]:
        """The size, time of writing and inode of the file when it was last hashed."""
        return self.record.size, self.record.mtime_ns, self.record.inode


def list_entries(cache: LaidOut, known: Iterable[Entry] = ()) -> list[Entry]:
    """Read all records that can be read, by link; their files need not be there.

    Args:
        cache: The cache.
        known: What was read before; a record that was not written since is not read again.

    Raises:
        CacheError: The cache folder cannot be read.
    """
    unchanged = {(entry.key, entry.inode, entry.used): entry for entry in known}
    entries = []
    for found in list_plain_files(cache.layout.links, ".json"):
        key, status = found.path.stem, found.status
        entry = unchanged.get((key, status.st_ino, status.st_mtime_ns))
        if entry or (is_key(key) and (entry := _read_entry(cache, found))):
            entries.append(entry)
    return sorted(entries, key=lambda entry: (entry.link, entry.record.digest))


def list_files(cache: LaidOut) -> Iterator[CachedFile]:
    """List the files that a cache holds itself and that have a record, by link.

    Raises:
        CacheError: The cache folder cannot be read.
    """
    for entry in list_entries(cache):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            if entry.own and stat.S_ISREG(entry.path.lstat().st_mode):
                yield describe_file(entry.record, entry.path, entry.used / 1e9)


def _read_entry(cache: LaidOut, found: Found) -> Entry | None:
    with explain_errors(cache.layout.root):
        record = read_record(found.path)
    if record is None:
        return None
    layout = Layout(Path(record.layer)) if record.layer else cache.layout
    path = layout.blob(record.sha256, record.filename)
    return Entry(found.path.stem, record, path, found.status.st_mtime_ns, found.status.st_ino)


def leads_to(cache: LaidOut, entry: Entry) -> bool:
    """Tell whether a record still says what it said.

    Raises:
        CacheError: The record cannot be read.
    """
    with explain_errors(cache.layout.root):
        record = read_record(cache.layout.link(entry.key))
    return record is not None and (record.sha256, record.filename, record.layer) == (
        entry.record.sha256,
        entry.record.filename,
        entry.record.layer,
    )


def require_matches(selectors: Sequence[str], things: Sequence[Named]) -> None:
    """Make sure that each selector means something.

    Args:
        selectors: Each is a file name or a pattern of names (``*.ckpt``), a link or a pattern of
            links (it holds ``://``), or the first 6 or more digits of a SHA-256.
        things: What there is.

    Raises:
        AssetNotFoundError: A selector means nothing here; ``available`` are the nearest names.
    """
    for selector in selectors:
        if not select([selector], things):
            raise _explain_miss(selector, things)


def select(selectors: Sequence[str], things: Iterable[Thing]) -> list[Thing]:
    """Choose by what people know of a file.

    Args:
        selectors: See :func:`require_matches`.
        things: What there is.

    Returns:
        What one of the selectors means, in the order in which it was.
    """
    return [
        thing
        for thing in things
        if any(
            matches(each, link=thing.link, sha256=thing.sha256, filename=thing.filename)
            for each in selectors
        )
    ]


def matches(selector: str, *, link: str, sha256: str, filename: str) -> bool:
    """Tell whether a selector (see :func:`require_matches`) means a file.

    Example:
        >>> matches("*.ckpt", link="https://example.org/a.ckpt", sha256="", filename="a.ckpt")
        True
    """
    if selector in {link, redact_url(link)}:
        return True
    if "://" in selector:
        return fnmatch.fnmatchcase(link, selector)
    if _DIGITS.fullmatch(selector) and sha256.startswith(selector.lower()):
        return True
    return fnmatch.fnmatchcase(filename, selector)


def read_digest(record: Record) -> Digest | None:
    """Return the digest that a record's card states, if it states one that can be read."""
    try:
        return Digest.parse(record.digest) if record.digest else None
    except ValueError:
        return None


def _explain_miss(selector: str, things: Iterable[Named]) -> AssetNotFoundError:
    names = sorted({thing.filename for thing in things})
    nearest = get_close_matches(selector, names, n=3, cutoff=0.4)
    near = f"; the nearest: {', '.join(nearest)}" if nearest else ""
    return AssetNotFoundError(
        f"nothing in the cache matches {selector!r}{near}. Write a file name, a pattern such as"
        " '*.ckpt', a link, or 6 or more digits of a SHA-256; `hub cache ls` lists what is there",
        available=nearest,
    )
