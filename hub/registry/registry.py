"""The registries that a user has, asked in order.

Listing reads no card, so what reads cards (YAML, JSON Schema) and what fetches them are imported
only by the functions that do so: ``hub list`` answers in a tenth of a second.
"""

from __future__ import annotations

import fnmatch
import logging
import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from hub import settings
from hub.errors import DownloadError, ModelNotFoundError, OfflineError, RegistryError
from hub.ids import CardUrl, ModelId, parse_reference
from hub.registry.layouts import Entry, scan_folder
from hub.registry.matching import choose_entry, match_entries, suggest_ids
from hub.resources import cards_folder

if TYPE_CHECKING:
    from hub.assets.cache import Cache
    from hub.cards.record import Card

_log = logging.getLogger(__name__)


class Registry:
    """Folders of cards. The first folder that knows an id answers for it.

    Args:
        *roots: Folders, in the order in which they are asked; ``"shipped"`` is the package's own.
            None given takes ``MSHUB_REGISTRY``, or else the cards shipped with the package.
        cache: Where cards that are read from a URL are kept for the time without a network.

    Raises:
        RegistryError: A root is a URL.

    Example:
        >>> registry = Registry("shipped")
        >>> registry.resolve("mindspore/EfficientNet_B0@2.5").model_name
        'efficientnet_b0'
        >>> registry.list_models("*b1")
        ['MindSpore/efficientnet_b1']
    """

    def __init__(self, *roots: str | os.PathLike[str], cache: Cache | None = None) -> None:
        self._cache = cache
        self.roots = tuple(_find_root(root) for root in roots or settings.registries())

    def __repr__(self) -> str:
        return f"Registry({', '.join(repr(str(root)) for root in self.roots)})"

    def resolve(self, model_id: str | os.PathLike[str] | ModelId) -> Card:
        """Find the one card that an id, an official uid, a path or a URL means, and read it.

        Args:
            model_id: ``owner/name[@version]``, an official uid such as
                ``mindspore/2.5/efficientnet_b0_imagenet2012``, the path of a card file that ends
                in ``.md``, or the https URL of one. Owner and name match without regard to case;
                without a version, the newest ``mindspore-version`` wins.

        Returns:
            The validated card.

        Raises:
            ModelIdError: It has none of these forms.
            ModelNotFoundError: No registry knows it; the message names the nearest ids.
            AmbiguousModelError: Several cards answer to it; the message lists exact ids.
            CardError: The card is no valid record.
            RegistryError: A registry cannot be read.
            DownloadError: The card at a URL cannot be fetched, nor was it ever.
            OfflineError: The card at a URL was never fetched, and ``MSHUB_OFFLINE`` is set.
        """
        from hub.validation import parse_card, read_card

        reference = parse_reference(model_id)
        if isinstance(reference, CardUrl):
            return parse_card(self._fetch_card(reference.url), reference.url)
        if isinstance(reference, Path):
            return read_card(_check_card_file(reference))
        entry = self._find_entry(reference)
        return read_card(entry.path, entry.exact_id())

    def entries(self) -> Iterator[Entry]:
        """List all cards of all registries by their paths; the files are not opened."""
        for root in self.roots:
            yield from scan_folder(root)

    def list_models(self, pattern: str = "*") -> list[str]:
        """List the ids whose owner/name, or name alone, matches a pattern.

        Args:
            pattern: With ``*``, ``?`` and ``[…]`` as in a shell, without regard to case.

        Returns:
            ``owner/name`` of each model once, in alphabetical order.
        """
        wanted = pattern.casefold()
        ids = {f"{entry.owner}/{entry.name}" for entry in self.entries()}
        return sorted((i for i in ids if _matches(i.casefold(), wanted)), key=str.casefold)

    def _find_entry(self, model_id: ModelId) -> Entry:
        known: list[Entry] = []
        for root in self.roots:
            entries = scan_folder(root)
            if matches := match_entries(entries, model_id):
                return choose_entry(matches, model_id)
            known += entries
        suggestions = suggest_ids(known, model_id)
        near = f"did you mean {' or '.join(suggestions)}?" if suggestions else "see `hub list`"
        asked = ", ".join(map(str, self.roots))
        raise ModelNotFoundError(
            f"{model_id} is in no registry (asked: {asked}); {near}",
            model_id=str(model_id),
            suggestions=suggestions,
        )

    def _fetch_card(self, url: str) -> bytes:
        """Read a card from its URL; without a network, as it was when it was last read."""
        from hub.assets.cache import Cache
        from hub.assets.download import download
        from hub.cards.document import LARGEST_CARD

        cache = self._cache or Cache()
        kept = cache.read_card(url)
        if settings.offline():
            if kept is None:
                raise OfflineError(f"{url} was never read, and MSHUB_OFFLINE is set", url=url)
            return kept
        content = BytesIO()
        try:
            download(url, content, name=url, progress=False, largest=LARGEST_CARD)
        except DownloadError as error:
            if kept is None or error.status is not None:
                raise
            _log.warning("%s; going on with the card as it was last read", error)
            return kept
        cache.write_card(url, content.getvalue())
        return content.getvalue()


def _find_root(root: str | os.PathLike[str]) -> Path:
    if root == settings.REGISTRY.default:
        return cards_folder()
    if "://" in str(root):
        raise RegistryError(
            f"{root}: a registry is a folder; a single card can be named by its URL, as in"
            " hub.load('https://…/name.md')",
            location=str(root),
        )
    return Path(root).expanduser()


def _check_card_file(path: Path) -> Path:
    if not path.is_file():
        raise ModelNotFoundError(
            f"there is no card file {path}; an id has the form owner/name, without .md",
            model_id=str(path),
        )
    return path


def _matches(model_id: str, pattern: str) -> bool:
    name = model_id.partition("/")[2]
    return fnmatch.fnmatchcase(model_id, pattern) or fnmatch.fnmatchcase(name, pattern)
