"""What transfers leave behind: files that did not arrive whole, with a note of what they are.

Beside ``<key>.<mark>.part`` lies ``<key>.<mark>.json``. It is read with distrust, since it may be
damaged, or be from another version, or be the work of somebody else.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.assets.marks import is_dead, is_quiet, mark_name
from hub.assets.plain_files import open_plain

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
        return is_strong(self.etag)


@dataclass(frozen=True, slots=True)
class Remainder:
    """What an earlier call left behind, to be gone on with.

    Attributes:
        path: The file.
        source: What it is part of.
        size: The bytes that are surely there, from the start and without holes.
        released: Whether surely nobody writes to it any more: its process said so, or is dead.
        note: What its writer noted besides, such as the link and the digest of the card.
    """

    path: Path
    source: Source
    size: int
    released: bool
    note: Mapping[str, str]

    @property
    def key(self) -> str:
        """The key of the content."""
        return self.path.name.partition(".")[0]

    @property
    def sidecar(self) -> Path:
        """The small file that describes this one."""
        return self.path.with_suffix(".json")


def write_sidecar(
    path: Path,
    source: Source,
    size: int | None,
    note: Mapping[str, str],
    *,
    released: bool = False,
) -> None:
    """Note, in one step, what a partial file is part of.

    Args:
        path: The partial file.
        source: What it is part of.
        size: The bytes that are there without holes; None if the file itself is as long.
        note: Texts for people and for ``hub cache``.
        released: Whether nobody writes to the file any more.

    Raises:
        OSError: The folder cannot be written.
    """
    values = {
        **note,
        "url": source.url,
        "etag": source.etag,
        "length": source.length,
        "size": size,
        "released": released,
    }
    temporary = path.with_name(mark_name(path.name.partition(".")[0], "tmp"))
    try:
        with temporary.open("xb") as file:  # never through a link that lies there
            file.write(json.dumps(values, indent=1).encode())
        temporary.replace(path.with_suffix(".json"))
    except BaseException:
        remove(temporary)
        raise


def is_strong(etag: str) -> bool:
    """Tell whether a validator is one that two files of different bytes never share.

    Example:
        >>> is_strong('"1a2b"'), is_strong('W/"1a2b"')
        (True, False)
    """
    return _STRONG.fullmatch(etag) is not None


def find_remainders(folder: Path, key: str = "*") -> list[Remainder]:
    """Return what earlier calls left behind that can be gone on with; nothing is changed.

    Args:
        folder: Where partial files are.
        key: The key of the content; all by default.
    """
    paths = sorted(folder.glob(f"{key}.*.part"))
    return [found for path in paths if (found := _read_remainder(path)) is not None]


def sweep_folder(folder: Path, key: str, now: float | None = None) -> None:
    """Remove what nobody writes to any more and nobody can go on with.

    Args:
        folder: Where partial files are.
        key: The key of a file that has its final name, so that nothing of it is needed any more.
        now: The time at which a file was just written to in the same file system, to tell what has
            been quiet for long; None removes only what is surely released, or of dead processes.
    """
    sweep_remainders(folder, key, now)
    for path in sorted(folder.glob("*")):
        # In this order: of a dead process, nothing becomes useful later.
        if (is_dead(path) or is_quiet(path, now)) and not _is_useful(path, key):
            remove(path)


def sweep_remainders(folder: Path, key: str, now: float | None, *, but: Path | None = None) -> None:
    """Remove what nobody goes on with of one key.

    Args:
        folder: Where partial files are.
        key: The key.
        now: As for :func:`sweep_folder`.
        but: The file that is gone on with.
    """
    for found in find_remainders(folder, key):
        if found.path != but and (found.released or is_quiet(found.path, now)):
            remove(found.path, found.sidecar)


def _is_useful(path: Path, key: str) -> bool:
    """Tell whether a file is something to go on with, or its sidecar, and not of a key."""
    found = (
        _read_remainder(path.with_suffix(".part")) if path.suffix in {".part", ".json"} else None
    )
    return found is not None and found.key != key


def remove(*paths: Path) -> None:
    """Remove files as far as they are there and may be removed."""
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()


def _read_remainder(path: Path) -> Remainder | None:
    """Read a sidecar with distrust; None if it does not say all that is needed."""
    try:
        with open_plain(path) as file:  # before the sidecar, which notes a size before any hole
            here = os.fstat(file.fileno()).st_size
        with open_plain(path.with_suffix(".json")) as file:
            values = json.loads(file.read(_LARGEST_SIDECAR))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(values, dict):
        return None
    url, etag = values.pop("url", None), values.pop("etag", None)
    length, size = values.pop("length", None), values.pop("size", None)
    released = values.pop("released", None) is True or is_dead(path)
    if not isinstance(url, str) or not isinstance(etag, str):
        return None
    if not all(number is None or _is_size(number) for number in (length, size)):
        return None
    source = Source(url, etag, length)
    size = here if size is None else size
    if not source.resumable or not 0 < size <= here or (length is not None and size > length):
        return None
    note = {name: text for name, text in values.items() if isinstance(text, str)}
    return Remainder(path, source, size, released, note)


def _is_size(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0
