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

from hub.errors import RegistryError
from hub.ids import ModelId, is_name
from hub.versions import Version

_log = logging.getLogger(__name__)

_HEADER_ROOM = 1 << 17  # bytes; a header ends before that
_FENCE = re.compile(rb"^---[ \t\r]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A card's place in a registry, known from its path alone; the card is not read.

    Attributes:
        location: The path of the card's file.
        owner: The folder of the publisher.
        name: The file's stem.
        version: The folder of the version, or None in our layout.
        backend: The folder of the device, or None.
    """

    location: str
    owner: str
    name: str
    version: Version | None = None
    backend: str | None = None

    @property
    def path(self) -> Path:
        """The card's file."""
        return Path(self.location)

    def read_value(self, key: str) -> str | None:
        """Return a key's text from the header without reading it as YAML, which may be broken."""
        line = re.compile(rf"^{re.escape(key)}:(.*)$".encode(), re.MULTILINE)
        try:
            with self.path.open("rb") as file:
                parts = _FENCE.split(file.read(_HEADER_ROOM).removeprefix(BOM_UTF8), 2)
        except OSError:
            return None
        match = line.search(parts[1]) if len(parts) > 1 else None
        text = match[1].decode("utf-8", "replace").partition(" #")[0] if match else ""
        return text.strip().strip("'\"") or None

    def stated_version(self) -> Version | None:
        """The version that the folder or else the card states; None if neither does."""
        if self.version is not None:
            return self.version
        try:
            return Version.parse(self.read_value("mindspore-version") or "")
        except ValueError:
            return None

    def exact_id(self) -> ModelId:
        """The id that means this card, as far as folders and header tell."""
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
        return sorted(_walk(str(root)), key=lambda entry: entry.location)
    except (OSError, ValueError) as error:  # a NUL in a path is a ValueError
        reason = getattr(error, "strerror", None) or error
        place = getattr(error, "filename", None) or root
        raise RegistryError(
            f"the registry {root} cannot be read: {reason} ({place}); MSHUB_REGISTRY and"
            " registry= name folders that hold cards as owner/name.md",
            location=str(root),
        ) from error


def _walk(root: str) -> Iterator[Entry]:
    os.scandir(root).close()  # what is wrong with the root is no warning but an error
    for owner in _list_folder(root).folders:
        within = _list_folder(os.path.join(root, owner))
        yield from (Entry(path, owner, name) for name, path in within.cards)
        for folder in within.folders:
            deeper = _list_folder(os.path.join(root, owner, folder))
            yield from _name_version(deeper, owner, None, folder)
            for version in deeper.folders:
                deepest = _list_folder(os.path.join(root, owner, folder, version))
                yield from _name_version(deepest, owner, folder, version)


def _name_version(
    listing: _Listing, owner: str, backend: str | None, folder: str
) -> Iterator[Entry]:
    try:
        version = Version.parse(folder)
    except ValueError:
        return
    for name, path in listing.cards:
        yield Entry(path, owner, name, version, backend)


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
