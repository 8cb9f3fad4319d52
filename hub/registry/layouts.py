"""How cards lie in folders: ours, and the two of the official hub, side by side.

::

    owner/name.md                        ours: the version stands in the card
    owner/version/name.md                official
    owner/backend/version/name.md        official, for one kind of device
"""

from __future__ import annotations

import logging
import os
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hub.errors import RegistryError
from hub.ids import is_name
from hub.registry.entry import Entry
from hub.versions import Version

if TYPE_CHECKING:
    from hub.cards.record import Card

_log = logging.getLogger(__name__)

_HEADER_ROOM = 1 << 17  # bytes; a header ends before that
_FENCE = re.compile(rb"^---[ \t\r]*$", re.MULTILINE)


class Place(NamedTuple):
    """What the path of a card below its registry tells.

    Attributes:
        owner: The folder of the publisher.
        name: The file's stem.
        version: The folder of the version, or None in our layout.
        backend: The folder of the device, or None.
    """

    owner: str
    name: str
    version: Version | None = None
    backend: str | None = None


@dataclass(frozen=True, slots=True)
class FileEntry(Entry):
    """A card's file in a folder."""

    @property
    def path(self) -> Path:
        """The card's file."""
        return Path(self.location)

    def read_value(self, key: str) -> str | None:
        """Return a key's text from the header without reading it as YAML, which may be broken."""
        try:
            with self.path.open("rb") as file:
                return find_value(file.read(_HEADER_ROOM), key)
        except OSError:
            return None

    def read_card(self) -> Card:
        """Read the card.

        Raises:
            CardError: It is no valid record, or cannot be read.
        """
        from hub.cards.record import read_card

        return read_card(self.path, self.path_id())


def find_value(content: bytes, key: str) -> str | None:
    r"""Return a key's text from a card's header, which need not be proper YAML.

    Args:
        content: The card, or the beginning of it.
        key: A key that has its value on its own line.

    Returns:
        The text without quotes and comments; None if there is none.

    Example:
        >>> find_value(b"---\nmodel-name: 'lite0'  # small\n---\n", "model-name")
        'lite0'
    """
    line = re.compile(rf"^{re.escape(key)}:(.*)$".encode(), re.MULTILINE)
    parts = _FENCE.split(content[:_HEADER_ROOM].removeprefix(BOM_UTF8), 2)
    match = line.search(parts[1]) if len(parts) > 1 else None
    text = match[1].decode("utf-8", "replace").partition(" #")[0] if match else ""
    return text.strip().strip("'\"") or None


def read_place(path: str) -> Place | None:
    """Tell a card's place from its path below the registry, in any of the layouts.

    Args:
        path: Folders and file, with ``/`` between them.

    Returns:
        The place; None if no card can lie there.

    Example:
        >>> read_place("Noah/gpu/1.8/fastmim.md")
        Place(owner='Noah', name='fastmim', version=(1, 8), backend='gpu')
        >>> read_place("../secret.md")
    """
    *folders, file = path.split("/")
    stem = file.removesuffix(".md")
    if stem == file or not all(map(is_name, (*folders, stem))) or not 1 <= len(folders) <= 3:
        return None
    owner, *backend = folders
    if not backend:
        return Place(owner, stem)
    try:
        version = Version.parse(backend.pop())
    except ValueError:
        return None
    return Place(owner, stem, version, backend[0] if backend else None)


def scan_folder(root: Path) -> list[FileEntry]:
    """List the cards of a registry by walking its folders; files are not opened.

    Args:
        root: The registry's folder.

    Returns:
        The entries in the order of their paths.

    Raises:
        RegistryError: The folder is missing, no folder, or cannot be read.

    Example:
        >>> from hub.resources import cards_folder
        >>> [entry.name for entry in scan_folder(cards_folder())]
        ['efficientnet_b0', 'efficientnet_b1']
    """
    try:
        return sorted(_walk(str(root)), key=lambda entry: entry.location)
    except (OSError, ValueError) as error:  # a NUL in a path is a ValueError
        reason = getattr(error, "strerror", None) or error
        place = getattr(error, "filename", None) or root
        raise RegistryError(
            f"the registry {root} cannot be read: {reason} ({place}); MSHUB_REGISTRY and"
            " registry= name folders that hold cards as owner/name.md, or https URLs",
            location=str(root),
        ) from error


def _walk(root: str) -> Iterator[FileEntry]:
    os.scandir(root).close()  # what is wrong with the root is no warning but an error
    for owner in _list_folder(root).folders:
        within = _list_folder(os.path.join(root, owner))
        yield from (FileEntry(path, owner, name, None, None) for name, path in within.cards)
        for folder in within.folders:
            deeper = _list_folder(os.path.join(root, owner, folder))
            yield from _name_version(deeper, owner, None, folder)
            for version in deeper.folders:
                deepest = _list_folder(os.path.join(root, owner, folder, version))
                yield from _name_version(deepest, owner, folder, version)


def _name_version(
    listing: _Listing, owner: str, backend: str | None, folder: str
) -> Iterator[FileEntry]:
    try:
        version = Version.parse(folder)
    except ValueError:
        return
    for name, path in listing.cards:
        yield FileEntry(path, owner, name, version, backend)


def _is(kind: Callable[[], bool]) -> bool:
    try:
        return kind()
    except OSError:  # a symbolic link in a circle
        return False


@dataclass(frozen=True, slots=True)
class _Listing:
    """What a folder holds: subfolders, and cards as (name, path), all with names fit for ids."""

    folders: list[str]
    cards: list[tuple[str, str]]


def _list_folder(folder: str) -> _Listing:
    """List a folder; ``name_cn.md`` is the Chinese twin of ``name.md``, not another model."""
    try:
        with os.scandir(folder) as items:
            entries = list(items)
    except OSError as error:
        _log.warning("%s is passed over: %s", folder, error.strerror)
        return _Listing([], [])
    names = {item.name for item in entries if item.name.endswith(".md") and _is(item.is_file)}
    twins = {f"{name.removesuffix('.md')}_cn.md" for name in names} | {"README.md"}
    stems = (name.removesuffix(".md") for name in names - twins)
    return _Listing(
        folders=[item.name for item in entries if is_name(item.name) and _is(item.is_dir)],
        cards=[(stem, os.path.join(folder, f"{stem}.md")) for stem in stems if is_name(stem)],
    )
