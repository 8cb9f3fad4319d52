"""What a header consists of, each part with its place in the card's text.

A scalar is text and nothing else: ``1.10`` is no number here, ``no`` no boolean. Places are
character offsets into the whole card; :meth:`hub.cards.document.Document.place` turns one into a
line and a column.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple


class Span(NamedTuple):
    """The characters from ``start`` up to ``end``."""

    start: int
    end: int


class ScalarNode(NamedTuple):
    """A value as the text that it stands for; the place includes its quotes."""

    text: str
    start: int
    end: int


class ListNode(NamedTuple):
    """The items of a ``- `` list."""

    items: tuple[Node, ...]
    start: int
    end: int


class MapNode(NamedTuple):
    """Keys with their values.

    Attributes:
        values: The values under the format's own names (``model-name`` also for ``模型名称``).
        keys: The keys as they are written, under the same names.
        repeated: Keys that were written before, with the values that they would have given.
        start: Where the first key begins; of a header, where its first line does.
        end: Where the last value ends; of a header, where its last line does.
    """

    values: dict[str, Node]
    keys: dict[str, ScalarNode]
    repeated: tuple[tuple[ScalarNode, Node], ...]
    start: int
    end: int


Node = ScalarNode | ListNode | MapNode


def to_plain(
    node: Node, convert: Callable[[str, str], object] = lambda _, text: text, key: str = ""
) -> object:
    """Turn a node into texts, lists and dicts.

    Args:
        node: The node.
        convert: What makes a value of a key and its text.
        key: The key that the node belongs to.

    Example:
        >>> to_plain(ListNode((ScalarNode("ckpt", 2, 6),), 0, 6))
        ['ckpt']
    """
    if isinstance(node, ScalarNode):
        return convert(key, node.text)
    if isinstance(node, ListNode):
        return [to_plain(item, convert, key) for item in node.items]
    return {name: to_plain(value, convert, name) for name, value in node.values.items()}


FaultKind = Literal[
    "not-utf8",
    "missing-fence",
    "text-before-header",
    "large-header",
    "no-metadata",
    "full-width-colon",
    "bad-header-line",
    "unquoted-colon",
    "bare-dash-value",
    "refused-yaml",
]


BARE_DASH = "a lone '-' is no value; write none, or put it in quotes"


class Fault(NamedTuple):
    """A place that the format has no meaning for, and that was got over.

    Attributes:
        kind: The name of the rule that reports it.
        message: What is wrong, in a card author's words.
        start: Where it begins.
        end: Where it ends.
        key: The key of the line, if it has one.
    """

    kind: FaultKind
    message: str
    start: int
    end: int
    key: str = ""


class YamlFault(Exception):
    """A text that is not YAML, or more of YAML than a card may use."""

    def __init__(self, kind: FaultKind, message: str, place: int) -> None:
        super().__init__(message)
        self.kind = kind
        self.place = place
