"""Paths of values in a header: ``update-time``, ``asset[0].asset-sha256``."""

from __future__ import annotations

import re

from hub.cards.document import Document
from hub.cards.fields import read_link
from hub.cards.keys import english_key
from hub.cards.nodes import ListNode, MapNode, Node, to_plain
from hub.errors import ArgumentError
from hub.metadata.spelling import is_link_key

Step = str | int
_PATH = re.compile(r"[^.\[\]=\s]+(?:\[\d{1,4}\]|\.[^.\[\]=\s]+)*")
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def read_path(document: Document, path: str) -> tuple[Step, ...]:
    r"""Split a path into English keys and numbers of items.

    Raises:
        ArgumentError: It is no path, or the card has no header.

    Example:
        >>> read_path(Document("---\nlicense: MIT\n---\n"), "asset[0].asset-link")
        ('asset', 0, 'asset-link')
    """
    require_header(document)
    if not isinstance(path, str) or not _PATH.fullmatch(path):
        raise ArgumentError(
            f"{document.source}: {str(path)[:80]!r} is no key; write one such as update-time or "
            "asset[0].asset-sha256"
        )
    return tuple(int(n) if n else english_key(key) for n, key in _STEP.findall(path))


def require_header(document: Document) -> None:
    """Refuse a card that has no header to edit.

    Raises:
        ArgumentError: It is no document, a fence is missing, or the header is too large to be read.
    """
    if not isinstance(document, Document):
        raise ArgumentError(
            f"a Document is edited, not a {type(document).__name__}; Document.read(path) gives one,"
            " and so does card.document"
        )
    for fault in document.faults:
        if fault.kind in {"missing-fence", "large-header"}:
            place = locate(document, fault.start)
            raise ArgumentError(f"{place}: {fault.message}; mend the header first")


def find_node(document: Document, steps: tuple[Step, ...]) -> Node | None:
    r"""Return the node at a path; None if there is none.

    Example:
        >>> find_node(Document("---\nlicense: MIT\n---\n"), ("license",))
        ScalarNode(text='MIT', start=13, end=16)
    """
    node: Node | None = document.header
    for step in steps:
        node = list_children(node).get(step)
    return node


def list_children(node: Node | None) -> dict[Step, Node]:
    """Return what is one step below a node, by step; a text has nothing there."""
    if isinstance(node, MapNode):
        return dict(node.values.items())
    return dict(enumerate(node.items)) if isinstance(node, ListNode) else {}


def read_plain(node: Node, key: Step = "") -> object:
    r"""Return what a node stands for, as text (links without ``<…>``), list or dict.

    Args:
        node: The node.
        key: The step that leads to it.

    Example:
        >>> document = Document("---\nrepo-link: <https://example.org/a>\n---\n")
        >>> read_plain(document.header.values["repo-link"], "repo-link")
        'https://example.org/a'
    """
    return to_plain(node, _read_text, str(key))


def _read_text(key: str, text: str) -> str:
    return read_link(text) if is_link_key(key) else text


def list_keys(document: Document) -> str:
    """Say which keys a card has, for the end of an error."""
    keys = ", ".join(document.header.values)
    return f"it has: {keys}" if keys else "its header is empty"


def locate(document: Document, offset: int) -> str:
    """Name a place of a card, as errors begin: ``card.md:9:14``."""
    line, column = document.place(offset)
    return f"{document.source}:{line}:{column}"
