"""How cards lie in folders: ours, and the two of the official hub, side by side.

::

    owner/name.md                        ours: the version stands in the card
    owner/version/name.md                official
    owner/backend/version/name.md        official, for one kind of device
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hub.errors import RegistryError
from hub.ids import ModelId
from hub.versions import Version

_HEADER_ROOM = 1 << 17  # bytes; a header ends before that


@dataclass(frozen=True, slots=True)
class Entry:
    """A card's place in a registry, known from its path alone; the card is not read.

    Attributes:
        path: The card's file.
        owner: The folder of the publisher.
        name: The file's stem.
        version: The folder of the version, or None in our layout.
        backend: The folder of the device, or None.
    """

    path: Path
    owner: str
    name: str
    version: Version | None = None
    backend: str | None = None

    def read_value(self, key: str) -> str | None:
        """Return a key's text from the file without reading it as a card, which may be broken."""
        line = re.compile(rf"^{re.escape(key)}:(.*)$".encode(), re.MULTILINE)
        try:
            with self.path.open("rb") as file:
                match = line.search(file.read(_HEADER_ROOM))
        except OSError:
            return None
        return match[1].decode("utf-8", "replace").strip(" \t\r'\"") if match else None

    def stated_version(self) -> Version | None:
        """The version that the folder or else the card states; None if neither does."""
        if self.version is not None:
            return self.version
        try:
            return Version.parse(self.read_value("mindspore-version") or "")
        except ValueError:
            return None

    def exact_id(self) -> ModelId:
        """The id that means this card and no other."""
        return ModelId(self.owner, self.name, self.stated_version(), self.backend)


def scan_folder(root: Path) -> list[Entry]:
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
        return sorted(_walk(root), key=lambda entry: entry.path)
    except OSError as error:
        raise RegistryError(
            f"the registry {root} cannot be read: {error.strerror or error} ({error.filename});"
            " MSHUB_REGISTRY and"
            " registry= name folders that hold cards as owner/name.md",
            location=str(root),
        ) from error


def _walk(root: Path) -> Iterator[Entry]:
    for owner in _subfolders(root):
        yield from (Entry(path, owner.name, path.stem) for path in _cards(owner))
        for folder in _subfolders(owner):
            yield from _walk_version(owner.name, None, folder)
            for version in _subfolders(folder):
                yield from _walk_version(owner.name, folder.name, version)


def _walk_version(owner: str, backend: str | None, folder: Path) -> Iterator[Entry]:
    try:
        version = Version.parse(folder.name)
    except ValueError:
        return
    for path in _cards(folder):
        yield Entry(path, owner, path.stem, version, backend)


def _subfolders(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as items:
        names = [i.name for i in items if i.is_dir() and not i.name.startswith(".")]
    return (folder / name for name in names)


def _cards(folder: Path) -> Iterator[Path]:
    """List the English cards: ``name_cn.md`` is the Chinese twin of ``name.md``, no other model."""
    with os.scandir(folder) as items:
        names = {item.name for item in items if item.name.endswith(".md") and item.is_file()}
    names.discard("README.md")
    twins = {name.removesuffix(".md") + "_cn.md" for name in names}
    return (folder / name for name in names - twins)
