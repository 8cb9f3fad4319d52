"""What transfers leave behind: files that did not arrive whole, with a note of what they are.

Beside ``<key>.<random>.part`` lies ``<key>.<random>.json``. It is read with distrust, since it may
be damaged, or be from another version.
"""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

_LARGEST_SIDECAR = 1 << 16  # bytes of a sidecar that are read
_STRONG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')


@dataclass(frozen=True, slots=True)
class Source:
    """What the bytes of a partial file are part of.

    Attributes:
        url: The URL that was asked, without query and fragment, which may hold a signature.
        etag: The file's strong validator, with its quotes; empty if the server gave none.
        length: The bytes of the whole file, if the server announced them.

    Example:
        >>> Source("https://example.org/a.ckpt", '"1a2b"', 1000).resumable
        True
    """

    url: str
    etag: str = ""
    length: int | None = None

    @property
    def resumable(self) -> bool:
        """Whether more bytes of the very same file can be asked for later."""
        return _STRONG.fullmatch(self.etag) is not None


@dataclass(frozen=True, slots=True)
class Remainder:
    """What an earlier call left behind, to be gone on with.

    Attributes:
        path: The file; whoever goes on with it copies it.
        source: What it is part of.
        size: The bytes that are surely there, from the start and without holes.
        note: What its writer noted besides, such as the link and the digest of the card.
    """

    path: Path
    source: Source
    size: int
    note: Mapping[str, str]

    @property
    def sidecar(self) -> Path:
        """The small file that describes this one."""
        return self.path.with_suffix(".json")


def write_sidecar(path: Path, source: Source, size: int | None, note: Mapping[str, str]) -> None:
    """Note, in one step, what a partial file is part of.

    Args:
        path: The partial file.
        source: What it is part of.
        size: The bytes that are there without holes; None if the file itself is as long.
        note: Texts for people and for ``hub cache``.

    Raises:
        OSError: The folder cannot be written.
    """
    values = {
        **note,
        "url": source.url,
        "etag": source.etag,
        "length": source.length,
        "size": size,
    }
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(values, indent=1), encoding="utf-8")
    temporary.replace(path.with_suffix(".json"))


def find_remainders(folder: Path, key: str = "*") -> list[Remainder]:
    """Return what earlier calls left behind that can be gone on with; nothing is changed.

    Args:
        folder: Where partial files are.
        key: The key of the content; all by default.
    """
    paths = sorted(folder.glob(f"{key}.*.part"))
    return [found for path in paths if (found := _read_remainder(path)) is not None]


def sweep(folder: Path, older_than: float) -> list[Path]:
    """Remove what nobody has written to for some time.

    A partial file and its sidecar go together, by the time of the last write to either.

    Args:
        folder: Where partial files are.
        older_than: Seconds since the last write.

    Returns:
        What was removed.
    """
    return remove_stale(folder.glob("*"), older_than)


def remove_stale(paths: Iterable[Path], older_than: float) -> list[Path]:
    """Remove those of some files that nobody has written to for some time.

    Args:
        paths: The files; those that differ in their suffix alone stay or go together.
        older_than: Seconds since the last write.

    Returns:
        What was removed.
    """
    removed = []
    for _, group in groupby(sorted(paths), key=lambda path: path.stem):
        files = list(group)
        with contextlib.suppress(OSError):  # somebody else removed one
            if time.time() - max(path.stat().st_mtime for path in files) > older_than:
                remove(*files)
                removed += files
    return removed


def remove(*paths: Path) -> None:
    """Remove files as far as they are there and may be removed."""
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()


def _read_remainder(path: Path) -> Remainder | None:
    """Read a sidecar with distrust; None if it does not say all that is needed."""
    try:
        here = path.stat().st_size  # before the sidecar: it notes a size before there are holes
        with path.with_suffix(".json").open("rb") as file:
            values = json.loads(file.read(_LARGEST_SIDECAR))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(values, dict):
        return None
    url, etag = values.pop("url", None), values.pop("etag", None)
    length, size = values.pop("length", None), values.pop("size", None)
    if not isinstance(url, str) or not isinstance(etag, str):
        return None
    if not all(number is None or _is_size(number) for number in (length, size)):
        return None
    source = Source(url, etag, length)
    size = here if size is None else size
    if not source.resumable or not 0 < size <= here or (length is not None and size > length):
        return None
    note = {name: text for name, text in values.items() if isinstance(text, str)}
    return Remainder(path, source, size, note)


def _is_size(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0
