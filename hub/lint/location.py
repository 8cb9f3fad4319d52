"""What a card's path says about it, in the official layouts of a registry."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from hub.cards.fields import read_version
from hub.versions import Version

_BACKENDS = frozenset({"ascend", "gpu", "cpu"})


class Location(NamedTuple):
    """Where a card lies: ``owner/version/stem.md`` or ``owner/backend/version/stem.md``.

    Attributes:
        owner: The publisher's folder.
        backend: The device's folder, or None.
        version: The version's folder.
        stem: The file's name without ``.md``.
    """

    owner: str
    backend: str | None
    version: Version
    stem: str

    @property
    def uid(self) -> str:
        """The official uid, as ``mindspore_hub.load`` takes it."""
        parts = (self.owner, self.backend, str(self.version), self.stem)
        return "/".join(part for part in parts if part)

    @property
    def folder(self) -> str:
        """The uid without the stem: what cards of one version share."""
        return self.uid.rpartition("/")[0]


def locate(source: str) -> Location | None:
    """Read owner, backend, version and stem from a path; None outside of the official layouts.

    Example:
        >>> locate("assets/noah-cvlab/gpu/1.8/fastmim.md").uid
        'noah-cvlab/gpu/1.8/fastmim'
        >>> locate("cards/MindSpore/efficientnet_b0.md") is None
        True
    """
    folder, name = os.path.split(source)
    owner, backend, version = _read_folder(os.path.abspath(folder))  # noqa: PTH100, a Path costs more
    if version is None or not owner:
        return None
    return Location(owner, backend, version, name.removesuffix(".md"))


@lru_cache(maxsize=64)
def _read_folder(folder: str) -> tuple[str, str | None, Version | None]:
    parts = Path(folder).parts
    version = read_version(parts[-1]) if len(parts) > 2 else None
    if version is None:
        return "", None, None
    if parts[-2].lower() in _BACKENDS and len(parts) > 3:
        return parts[-3], parts[-2], version
    return parts[-2], None, version
