"""What the rules about several cards need to know of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from hub.cards.fields import read_link
from hub.cards.nodes import ListNode, MapNode, Node, ScalarNode
from hub.lint.location import Location
from hub.lint.subject import Subject

_KEYS = (
    "model-name",
    "backbone-name",
    "module-type",
    "model-version",
    "mindspore-version",
    "train-dataset",
    "evaluation",
)


class Offer(NamedTuple):
    """An asset with a link and a digest.

    Attributes:
        key: The path of its key, such as ``asset[0]``.
        link: Its URL.
        digest: What the card states as its digest, in lower case.
        node: The digest's place.
    """

    key: str
    link: str
    digest: str
    node: ScalarNode


class Summary(NamedTuple):
    """A card in an official layout, as other cards are compared with it.

    Attributes:
        source: The card's path.
        location: What the path says.
        fields: The texts of the keys that are compared, with their places.
        offers: The assets that have a link and a digest.
    """

    source: str
    location: Location
    fields: Mapping[str, ScalarNode]
    offers: tuple[Offer, ...]

    def text(self, key: str) -> str:
        """The text of a field; empty if the card has none."""
        node = self.fields.get(key)
        return node.text.strip() if node else ""


def summarise(card: Subject) -> Summary | None:
    """Say of a card what other cards are compared with; None outside of the official layouts."""
    if card.location is None:
        return None
    values = card.header.values
    fields = {
        key: node for key in _KEYS if isinstance(node := values.get(key), ScalarNode) and node.text
    }
    offers = tuple(_read_offers(values.get("asset")))
    return Summary(card.document.source, card.location, fields, offers)


def _read_offers(node: Node | None) -> Iterator[Offer]:
    for index, item in enumerate(node.items if isinstance(node, ListNode) else ()):
        if isinstance(item, MapNode):
            link, digest = item.values.get("asset-link"), item.values.get("asset-sha256")
            if isinstance(link, ScalarNode) and isinstance(digest, ScalarNode) and digest.text:
                url = read_link(link.text.strip())
                yield Offer(f"asset[{index}]", url, digest.text.strip().lower(), digest)
