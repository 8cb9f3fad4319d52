"""The registries that a user has, asked in order.

Listing reads no card, so what reads cards (YAML, JSON Schema) and what fetches them are imported
only by the functions that do so.
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
from hub.errors import (
    CacheError,
    ModelIdError,
    ModelNotFoundError,
    NoAnswerError,
    OfflineError,
    RegistryError,
)
from hub.ids import CardUrl, ModelId, is_name, parse_reference
from hub.registry.layouts import Entry, scan_folder
from hub.registry.matching import choose_entry, has_version, match_entries, suggest_ids
from hub.resources import cards_folder

if TYPE_CHECKING:
    from hub.assets.cache.cache import Cache
    from hub.cards.record import Card

_log = logging.getLogger(__name__)


class Registry:
    """Folders of cards. The first folder that knows an id answers for it.

    Args:
        *roots: Folders, in the order in which they are asked; ``"shipped"`` is the package's own.
            None given takes ``MSHUB_REGISTRY``, or else the cards shipped with the package.
        cache: Where cards that are read from a URL are kept for the time without a network.

    Example:
        >>> registry = Registry("shipped")
        >>> registry.resolve("mindspore/EfficientNet_B0@2.5").model_name
        'efficientnet_b0'
        >>> registry.list_models("*b1")
        ['MindSpore/efficientnet_b1']
    """

    def __init__(self, *roots: str | os.PathLike[str], cache: Cache | None = None) -> None:
        self._cache = cache
        self._named = roots or settings.registries()

    def __repr__(self) -> str:
        return f"Registry({', '.join(repr(str(root)) for root in self._named)})"

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders, in the order in which they are asked.

        Raises:
            RegistryError: A root is a URL.
        """
        return tuple(map(_find_root, self._named))

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
            CacheError: The card at a URL cannot be reached, and the cache cannot be read.
            ArgumentError: A setting cannot work.
        """
        from hub.cards.record import read_card

        try:
            reference = parse_reference(model_id)
        except ModelIdError as error:
            raise self._suggest_owner(error) from None
        if isinstance(reference, CardUrl):
            return self._read_url(reference.url)
        if isinstance(reference, Path):
            return read_card(_check_card_file(reference))
        entry = self._find_entry(reference)
        return read_card(entry.path, ModelId(entry.owner, entry.name, entry.version, entry.backend))

    def entries(self) -> Iterator[Entry]:
        """List all cards of all registries by their paths; the files are not opened.

        Raises:
            RegistryError: A registry cannot be read.
        """
        for root in self.roots:
            yield from scan_folder(root)

    def list_models(self, pattern: str = "*") -> list[str]:
        """List the ids whose owner/name, or name alone, matches a pattern.

        Args:
            pattern: With ``*``, ``?`` and ``[…]`` as in a shell, without regard to case.

        Returns:
            ``owner/name`` of each model once, in alphabetical order.

        Raises:
            RegistryError: A registry cannot be read.
        """
        wanted = pattern.casefold()
        ids = {f"{entry.owner}/{entry.name}" for entry in self.entries()}
        found = (model_id for model_id in ids if _matches(model_id.casefold(), wanted))
        return sorted(found, key=lambda model_id: (model_id.casefold(), model_id))

    def _find_entry(self, model_id: ModelId) -> Entry:
        known: list[Entry] = []
        other_versions: list[Entry] = []
        for root in self.roots:
            entries = scan_folder(root)
            matches = match_entries(entries, model_id)
            if has_version(matches, model_id):
                return choose_entry(matches, model_id)
            other_versions += matches
            known += entries
        if other_versions:
            return choose_entry(other_versions, model_id)  # which says which versions there are
        suggestions = suggest_ids(known, model_id)
        near = f"did you mean {' or '.join(suggestions)}?" if suggestions else "see `hub list`"
        asked = ", ".join(map(str, self.roots))
        raise ModelNotFoundError(
            f"{model_id} is in no registry (asked: {asked}); {near}",
            model_id=str(model_id),
            suggestions=suggestions,
        )

    def _suggest_owner(self, error: ModelIdError) -> ModelIdError:
        """Add the whole ids to an error about a name alone, such as efficientnet_b0."""
        ids = self.list_models(error.text) if is_name(error.text) else []
        if not ids:
            return error
        message = f"{error.text!r} lacks its owner: write {' or '.join(ids)}"
        return ModelIdError(message, text=error.text)

    def _read_url(self, url: str) -> Card:
        """Read a card from its URL; without a network, as it was when it was last read."""
        from hub.assets.cache.cache import Cache
        from hub.assets.transfer.download import download
        from hub.cards.document import LARGEST_CARD
        from hub.cards.record import parse_card

        cache, content = self._cache or Cache(), BytesIO()
        if settings.offline():
            if (kept := cache.read_card(url)) is None:
                raise OfflineError(f"{url} was never read, and MSHUB_OFFLINE is set", url=url)
            return parse_card(kept, url)
        try:
            download(url, content, name=url, progress=False, largest=LARGEST_CARD)
        except NoAnswerError as error:
            if (kept := cache.read_card(url)) is None:
                raise
            _log.warning("%s; the card is taken as it was last read", error)
            return parse_card(kept, url)
        card = parse_card(content.getvalue(), url)
        try:
            cache.write_card(url, content.getvalue())
        except CacheError as error:
            _log.warning("%s", error)
        return card


def _find_root(root: str | os.PathLike[str]) -> Path:
    if root == settings.REGISTRY.default:
        return cards_folder()
    if "://" in str(root):
        raise RegistryError(
            f"{root}: a registry is a folder; a single card can be named by its URL, as in"
            " hub.load('https://…/name.md')",
            location=str(root),
        )
    return Path(os.path.expanduser(root))  # noqa: PTH111, that one raises for ~nobody


def _check_card_file(path: Path) -> Path:
    if not os.path.isfile(path):  # noqa: PTH113, that one raises where it may not look
        raise ModelNotFoundError(
            f"there is no card file {path}; an id has the form owner/name, without .md",
            model_id=str(path),
        )
    return path


def _matches(model_id: str, pattern: str) -> bool:
    name = model_id.partition("/")[2]
    return fnmatch.fnmatchcase(model_id, pattern) or fnmatch.fnmatchcase(name, pattern)
