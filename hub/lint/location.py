"""What a card's path says about it, in the official layouts of a registry."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from hub.cards.fields import read_version
from hub.versions import Version

_WORD = re.compile(r"[^\W_]+")
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


def locate(source: str, user_id: str = "") -> Location | None:
    """Read owner, backend, version and stem from a path; None outside of the official layouts.

    Any checkout may have a folder ``2.5`` in it, so the folder above counts as a publisher's only
    if it shares a word with the card's ``user-id``, or the beginning of one.

    Args:
        source: The card's path.
        user_id: Its ``user-id``; empty takes any folder for a publisher's.

    Example:
        >>> locate("assets/noah-cvlab/gpu/1.8/fastmim.md", "Noah's Ark Lab").uid
        'noah-cvlab/gpu/1.8/fastmim'
        >>> locate("checkout/2.5/efficientnet_b0.md", "MindSpore") is None
        True
        >>> locate("cards/MindSpore/efficientnet_b0.md") is None
        True
    """
    folder, name = os.path.split(source)
    owner, backend, version = _read_folder(os.path.abspath(folder))  # noqa: PTH100, a Path costs more
    if version is None or not owner or not _may_be(owner, user_id):
        return None
    return Location(owner, backend, version, name.removesuffix(".md"))


def _may_be(owner: str, user_id: str) -> bool:
    """Tell whether a folder may be a publisher's, of whom a card says who it is."""
    folder, publisher = owner.lower(), user_id.lower()
    words = [word[:4] for word in _WORD.findall(publisher) if len(word) >= 3]
    return not words or any(word in folder for word in words)


@lru_cache(maxsize=64)
def _read_folder(folder: str) -> tuple[str, str | None, Version | None]:
    parts = Path(folder).parts
    version = read_version(parts[-1]) if len(parts) > 2 else None
    if version is None or len(version) < 2:  # 3/ or 123/ is any folder, 2.5/ is a version's
        return "", None, None
    if parts[-2].lower() in _BACKENDS and len(parts) > 3:
        return parts[-3], parts[-2], version
    return parts[-2], None, version
