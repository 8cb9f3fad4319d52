"""What transfers leave behind: files that did not arrive whole, with a note of what they are.

Beside ``<key>.<random>.part`` lies ``<key>.<random>.json``. It is read with distrust, since it may
be damaged, or be from another version.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.assets.marks import is_abandoned, is_released

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
    def key(self) -> str:
        """The key of the content."""
        return self.path.name.partition(".")[0]

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
    try:
        temporary.write_text(json.dumps(values, indent=1), encoding="utf-8")
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


def sweep_folder(folder: Path, key: str) -> None:
    """Remove what nobody writes to any more and nobody can go on with.

    Args:
        folder: Where partial files are.
        key: The key of a file that has its final name, so that nothing of it is needed any more.
    """
    useful = {found.path.stem for found in find_remainders(folder) if found.key != key}
    for path in sorted(folder.glob("*")):
        if path.stem not in useful and is_abandoned(path):
            remove(path)


def remove_released(*paths: Path) -> None:
    """Remove those of some files that surely nobody writes to."""
    remove(*(path for path in paths if is_released(path)))


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
