"""The fields of a card: how the text of each becomes the value that the schema describes.

A converter returns the text as it is when it cannot convert it. So every fault is found by one
judge, the schema, and none hides another.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from hub.cards.evaluation import Evaluation
from hub.cards.header import ListNode, MapNode, Node, ScalarNode

KeyPath = tuple[str | int, ...]
Converter = Callable[[str], object]

_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_WRAPPED = re.compile(r"<[^<>]*>")
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}


def convert_header(header: MapNode) -> dict[str, object]:
    r"""Convert a header to the plain values that ``schemas/model-card.schema.json`` describes.

    Args:
        header: The nodes of the header, every scalar as text.

    Returns:
        The header as JSON could hold it, under its own kebab-case keys: versions and dates as
        text in their normal form, links without ``<…>``, metrics as decimals by name.

    Example:
        >>> from hub.cards.header import read_header
        >>> header, _ = read_header("update-time: 2025-3-10\nasset-sha256: 01234567")
        >>> convert_header(header)
        {'update-time': '2025-03-10', 'asset-sha256': '01234567'}
    """
    return {key: _convert(node, _CONVERTERS.get(key, _text)) for key, node in header.values.items()}


def find_node(header: MapNode, path: KeyPath) -> Node:
    """Return the node at a key path, or the nearest one above it that exists."""
    node: Node = header
    for step in path:
        if isinstance(node, MapNode) and step in node.values:
            node = node.values[str(step)]
        elif isinstance(node, ListNode) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            break
    return node


def _convert(node: Node, converter: Converter) -> object:
    if isinstance(node, ScalarNode):
        return converter(node.text.strip())
    if isinstance(node, ListNode):
        return [_convert(item, converter) for item in node.items]
    return {k: _convert(value, _CONVERTERS.get(k, _text)) for k, value in node.values.items()}


def _text(text: str) -> str:
    return text


def _boolean(text: str) -> object:
    return _BOOLEANS.get(text.lower(), text)


def _date(text: str) -> str:
    match = _DATE.fullmatch(text)
    if match is None:
        return text
    try:
        return datetime.date(*map(int, match.groups())).isoformat()
    except ValueError:
        return text


def _link(text: str) -> str:
    return text[1:-1].strip() if _WRAPPED.fullmatch(text) else text


def _evaluation(text: str) -> object:
    return Evaluation(text)


_CONVERTERS: Mapping[str, Converter] = MappingProxyType(
    {
        "fine-tunable": _boolean,
        "update-time": _date,
        "repo-link": _link,
        "asset-link": _link,
        "asset-sha256": str.lower,
        "file-format": str.lower,
        "evaluation": _evaluation,
    }
)
