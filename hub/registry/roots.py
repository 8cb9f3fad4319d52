"""The kinds of registries, told apart by how they are named."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hub import settings
from hub.registry.addresses import check_address
from hub.registry.entry import Root
from hub.registry.layouts import FileEntry, scan_folder
from hub.resources import cards_folder

if TYPE_CHECKING:
    from hub.assets.cache.cache import Cache


@dataclass(frozen=True, slots=True)
class FolderRegistry(Root):
    """Cards in a folder, found by walking it.

    Attributes:
        folder: The folder.
    """

    folder: Path

    def __str__(self) -> str:
        return str(self.folder)

    def list_entries(self) -> list[FileEntry]:
        """List the cards by their paths.

        Raises:
            RegistryError: The folder is missing or cannot be read.
        """
        return scan_folder(self.folder)


def open_root(name: str | os.PathLike[str], cache: Cache | None = None) -> Root:
    """Return the registry that a user names; it is not looked at yet.

    Args:
        name: A folder, an https URL, or ``"shipped"`` for the package's own cards.
        cache: Where what is read from URLs is kept; None takes ``MSHUB_CACHE`` or the user's
            cache folder, when it is needed.

    Raises:
        ArgumentError: It is a URL that cannot be asked, or there is no place for a cache.

    Example:
        >>> [entry.name for entry in open_root("shipped").list_entries()]
        ['efficientnet_b0', 'efficientnet_b1']
    """
    if name == settings.REGISTRY.default:
        return FolderRegistry(cards_folder())
    if "://" in str(name):
        from hub.registry.pages import Pages
        from hub.registry.remote import RemoteRegistry

        return RemoteRegistry(check_address(str(name)), Pages(cache))
    return FolderRegistry(Path(os.path.expanduser(name)))  # noqa: PTH111, that one raises for ~nobody
