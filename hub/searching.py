"""Search in the registries, as :func:`hub.search`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.api import open_registry

if TYPE_CHECKING:
    from hub.api import AnyRegistry
    from hub.cards.record import Card


def search(
    query: str, *, limit: int | None = None, registry: AnyRegistry | None = None
) -> list[Card]:
    """Find the models whose cards say all words of a query, the best first.

    Args:
        query: Words, or parts of words, separated by blanks; ``field:word`` looks in one field
            (``owner``, ``name``, ``model``, ``backbone``, ``type``, ``dataset`` or ``summary``).
        limit: The most cards that are returned; None takes them all.
        registry: Where to look; None takes ``MSHUB_REGISTRY`` or the shipped cards.

    Returns:
        The records of the cards. One that is broken is passed over, with a warning in the log.

    Raises:
        ArgumentError: The query has no word, names a field that there is not, or an argument has
            the wrong type.
        RegistryError: A registry cannot be read.

    Example:
        >>> import hub
        >>> [str(card.id) for card in hub.search("efficientnet dataset:imagenet", limit=1)]
        ['MindSpore/efficientnet_b0@2.5']
    """
    from hub.registry.word_search import search_cards

    return search_cards(open_registry(registry, None), query, limit=limit)
