"""Which characters go when a key or an item is taken out of a header."""

from __future__ import annotations

import re

from hub.cards.document import Document
from hub.cards.nodes import ListNode, MapNode, Node
from hub.findings import Edit
from hub.metadata.header_layout import line_end, line_start, read_item_layout

_BLANK_LINES = re.compile(r"(?:[ \t]*\r?\n)*")


def find_removal(document: Document, parent: Node, step: str | int) -> Edit | None:
    r"""Return the edit that removes one of several children of a list or a map.

    The blank lines behind it go too; those before it if it is the last of an asset or a list.

    Args:
        document: The card.
        parent: The list or the map, which may be the whole header.
        step: The number of the item or the English name of the key.

    Returns:
        The edit; None if the child does not stand on lines of its own.

    Example:
        >>> document = Document("---\nlicense: MIT\nsummary: s\n---\n")
        >>> find_removal(document, document.header, "license")
        Edit(start=4, end=17, text='')
    """
    if isinstance(parent, ListNode) and isinstance(step, int):
        return _find_item(document, parent, step)
    if isinstance(parent, MapNode) and isinstance(step, str):
        return _find_key(document, parent, step)
    return None


def _find_item(document: Document, parent: ListNode, step: int) -> Edit | None:
    text, item = document.text, parent.items[step]
    if not isinstance(item, MapNode):
        return None
    layout = read_item_layout(document, item)
    if layout is None:
        return None
    start = line_start(text, min(key.start for key in item.keys.values()))
    if layout.alone:
        start = line_start(text, text.rindex("-", 0, start))
    last = step == len(parent.items) - 1
    return _remove_last(text, start, item) if last else _remove_lines(text, start, item)


def _find_key(document: Document, parent: MapNode, step: str) -> Edit | None:
    text, key, node = document.text, parent.keys[step], parent.values[step]
    start = line_start(text, key.start)
    before = text[start : key.start].strip()
    starts = sorted(other.start for other in parent.keys.values())
    if before == "-":  # it stays for the next key
        return Edit(key.start, starts[1], "")
    if before:
        return None
    if parent is document.header or key.start < starts[-1]:
        return _remove_lines(text, start, node)
    return _remove_last(text, start, node)


def _remove_lines(text: str, start: int, node: Node) -> Edit:
    """Remove lines up to the next one that is not blank."""
    match = _BLANK_LINES.match(text, _find_end(text, node))
    return Edit(start, match.end() if match else start, "")


def _remove_last(text: str, start: int, node: Node) -> Edit:
    """Remove lines and the blank ones before them."""
    return Edit(len(text[:start].rstrip()), _find_end(text, node), "")


def _find_end(text: str, node: Node) -> int:
    return line_end(text, node.start + len(text[node.start : node.end].rstrip()))
