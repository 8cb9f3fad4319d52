"""A file that a card offers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from hub.cards import fields
from hub.cards.nodes import ListNode, MapNode, Node, ScalarNode
from hub.digests import Digest


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that a card offers.

    Attributes:
        file_format: What kind of file, such as ``ckpt``, in lower case; empty if not stated.
        link: Its URL; empty if not stated.
        digest: The SHA-256 that the file must have, whole or as a prefix; None if the card states
            none that can be read.
        digest_text: What the card states in its place; a digest that can be read in lower case.
        index: Its place among the card's assets, from 0.
    """

    file_format: str
    link: str
    digest: Digest | None
    digest_text: str = ""
    index: int = 0

    @property
    def filename(self) -> str:
        """The last part of the link, as the publisher names the file; not safe as a path.

        Example:
            >>> Asset("ckpt", "https://example.org/a/lite0-01234567.ckpt", None).filename
            'lite0-01234567.ckpt'
        """
        path = self.link.partition("?")[0].partition("#")[0]
        return unquote(path.rpartition("/")[2])

    @property
    def key(self) -> str:
        """The path of its key in the card, such as ``asset[0]``."""
        return f"asset[{self.index}]"


def read_assets(node: Node | None) -> Iterator[Asset]:
    """Read the assets of a header's ``asset`` list; what is no map of keys is passed over."""
    items = node.items if isinstance(node, ListNode) else ()
    for index, item in enumerate(items):
        if not isinstance(item, MapNode):
            continue
        texts = {
            key: value.text.strip()
            for key, value in item.values.items()
            if isinstance(value, ScalarNode)
        }
        digest = texts.get("asset-sha256", "")
        read = fields.read_digest(digest)
        yield Asset(
            file_format=texts.get("file-format", "").lower(),
            link=fields.read_link(texts.get("asset-link", "")),
            digest=read,
            digest_text=str(read or digest),
            index=index,
        )
