"""The registries that a user has, asked in order.

Listing reads no card, so what reads cards (YAML, JSON Schema) and what fetches them are imported
only by the functions that do so.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hub import settings
from hub.errors import HubError, ModelIdError, ModelNotFoundError
from hub.ids import CardUrl, ModelId, Reference, is_name, parse_reference
from hub.redaction import redact_url
from hub.registry.entry import Entry, Root
from hub.registry.matching import Listing, choose_entry, has_version, suggest_ids
from hub.registry.roots import open_root

if TYPE_CHECKING:
    from hub.assets.cache.cache import Cache
    from hub.cards.record import Card


class Registry:
    """Folders of cards, here or on the web. The first one that knows an id answers for it.

    Args:
        *roots: Folders and https URLs, in the order in which they are asked; ``"shipped"`` is the
            package's own folder. None given takes ``MSHUB_REGISTRY``, or else the cards shipped
            with the package. At a URL lie cards as in a folder, and the ``index.json`` that
            ``hub index`` writes.
        cache: Where what is read from a URL is kept for the time without a network.

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
        return f"Registry({', '.join(repr(_show(root)) for root in self._named)})"

    @property
    def roots(self) -> tuple[Root, ...]:
        """The folders and URLs, in the order in which they are asked.

        Raises:
            ArgumentError: A root is a URL that cannot be asked, or there is no place for a cache.
        """
        return tuple(open_root(name, self._cache) for name in self._named)

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
            RegistryError: A registry cannot be read, or a card is not what its index says.
            DownloadError: A card or a registry at a URL cannot be fetched, nor was it ever.
            OfflineError: It was never fetched, and ``MSHUB_OFFLINE`` is set.
            CacheError: ``MSHUB_OFFLINE`` is set, and the cache cannot be read.
            ArgumentError: A setting cannot work.
        """
        try:
            reference = parse_reference(model_id)
        except ModelIdError as error:
            raise self._suggest_owner(error) from None
        return self._read(reference, self._list_roots())

    def resolve_matching(self, pattern: str = "*") -> Iterator[tuple[str, Card | HubError]]:
        """Find the card of each model that matches a pattern; every registry is listed once.

        Args:
            pattern: As for :meth:`list_models`.

        Yields:
            The ids that :meth:`list_models` returns, in that order, each with the card that
            :meth:`resolve` returns for it, or the error that it raises.

        Raises:
            HubError: As :meth:`entries`, before the first id.

        Example:
            >>> [(model_id, card.model_name) for model_id, card in
            ...     Registry("shipped").resolve_matching("*b1")]
            [('MindSpore/efficientnet_b1', 'efficientnet_b1')]
        """
        listings = list(self._list_roots())
        entries = (entry for listing in listings for entry in listing.entries)
        for model_id in _match_ids(entries, pattern):
            found: Card | HubError
            try:
                found = self._read(parse_reference(model_id), listings)
            except HubError as error:
                found = error
            yield model_id, found

    def entries(self) -> Iterator[Entry]:
        """List all cards of all registries by their paths; no card is opened.

        Raises:
            RegistryError: A registry cannot be read.
            DownloadError: A registry at a URL cannot be fetched, nor was it ever.
            OfflineError: It was never fetched, and ``MSHUB_OFFLINE`` is set.
            CacheError: ``MSHUB_OFFLINE`` is set, and the cache cannot be read.
            ArgumentError: A setting cannot work.
        """
        for root in self.roots:
            yield from root.list_entries()

    def list_models(self, pattern: str = "*") -> list[str]:
        """List the ids whose owner/name, or name alone, matches a pattern.

        Args:
            pattern: With ``*``, ``?`` and ``[…]`` as in a shell, without regard to case.

        Returns:
            ``owner/name`` of each model once, in alphabetical order.

        Raises:
            HubError: As :meth:`entries`.
        """
        return _match_ids(self.entries(), pattern)

    def _list_roots(self) -> Iterator[Listing]:
        """List the registries one by one, no further than is asked for."""
        for root in self.roots:
            yield Listing(root.list_entries())

    def _read(self, reference: Reference, listings: Iterable[Listing]) -> Card:
        """Read the card that is meant; the listings are looked into for an id alone."""
        if isinstance(reference, CardUrl):
            return self._read_url(reference.url)
        if isinstance(reference, Path):
            from hub.cards.record import read_card

            return read_card(_check_card_file(reference))
        return self._find_entry(reference, listings).read_card()

    def _find_entry(self, model_id: ModelId, listings: Iterable[Listing]) -> Entry:
        known: list[Entry] = []
        other_versions: list[Entry] = []
        for listing in listings:
            matches = listing.match(model_id)
            if has_version(matches, model_id):
                return choose_entry(matches, model_id)
            other_versions += matches
            known += listing.entries
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
        from hub.cards.document import LARGEST_CARD
        from hub.cards.record import parse_card
        from hub.registry.pages import Pages

        parse = partial(parse_card, source=redact_url(url))
        return Pages(self._cache).read(url, parse, name="the card", largest=LARGEST_CARD)


def _check_card_file(path: Path) -> Path:
    if not os.path.isfile(path):  # noqa: PTH113, that one raises where it may not look
        raise ModelNotFoundError(
            f"there is no card file {path}; an id has the form owner/name, without .md",
            model_id=str(path),
        )
    return path


def _match_ids(entries: Iterable[Entry], pattern: str) -> list[str]:
    """List the ids of models that match, each once, in alphabetical order."""
    wanted = pattern.casefold()
    ids = {f"{entry.owner}/{entry.name}" for entry in entries}
    found = (model_id for model_id in ids if _matches(model_id.casefold(), wanted))
    return sorted(found, key=lambda model_id: (model_id.casefold(), model_id))


def _matches(model_id: str, pattern: str) -> bool:
    name = model_id.partition("/")[2]
    return fnmatch.fnmatchcase(model_id, pattern) or fnmatch.fnmatchcase(name, pattern)


def _show(root: str | os.PathLike[str]) -> str:
    return redact_url(str(root)) if "://" in str(root) else str(root)
