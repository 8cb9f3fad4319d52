"""One value of a card is set, added or removed; every other line stays byte for byte.

Values are addressed by path: ``update-time``, ``asset[0].asset-sha256``. The English name of a key
addresses the line of a Chinese card too. What was edited is read again, and the edit is refused if
anything but the wanted value has changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

from hub.cards.document import Document
from hub.cards.keys import ASSET_KEYS, CARD_KEYS, english_key
from hub.cards.nodes import ListNode, MapNode, ScalarNode
from hub.errors import ArgumentError
from hub.findings import Edit
from hub.metadata.header_layout import (
    RANKS,
    WIDE_COLON,
    ItemLayout,
    find_colon,
    is_apart,
    line_end,
    line_start,
    read_item_layout,
    read_layout,
)
from hub.metadata.key_paths import (
    Step,
    find_node,
    list_children,
    list_keys,
    locate,
    read_path,
    read_plain,
    require_header,
)
from hub.metadata.removal import find_removal
from hub.metadata.spelling import check_value, is_link_key, spell_value

_NEW_KEY = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
_KNOWN = (*(key.name for key in CARD_KEYS), *(key.name for key in ASSET_KEYS))


def get_value(document: Document, path: str = "") -> object:
    r"""Return what a card has at a path, as plain values.

    Args:
        document: The card.
        path: The path of a key; empty for the whole header.

    Returns:
        A text (links without ``<…>``), a list, or a dict with English keys.

    Raises:
        ArgumentError: The path is none, or the card has nothing there.

    Example:
        >>> document = Document("---\nmindspore-version: 1.10\nasset:\n- file-format: ckpt\n---\n")
        >>> get_value(document, "mindspore-version"), get_value(document, "asset")
        ('1.10', [{'file-format': 'ckpt'}])
    """
    if not path:
        return read_plain(document.header)
    steps = read_path(document, path)
    node = find_node(document, steps)
    if node is None:
        raise ArgumentError(
            f"{document.source}: {path}: the card has no such value; {list_keys(document)}"
        )
    return read_plain(node, steps[-1])


def set_value(document: Document, path: str, value: str) -> Document:
    r"""Put a value in the place of another one, or add the line of a key that is missing.

    Exactly one line changes. A new key gets its place in the usual order, in the look of the
    card's other lines. A comment behind the value stays.

    Args:
        document: The card.
        path: The path of a key, such as ``update-time`` or ``asset[0].asset-sha256``.
        value: One line of text, without quotes and ``<…>``; those are written where needed.

    Returns:
        The changed card.

    Raises:
        ArgumentError: The path leads nowhere, to a list or to a map; the key takes no such value;
            the card has no header; or another value would change with this one.

    Example:
        >>> document = Document("---\nmindspore-version: 1.9  # or newer\n---\n")
        >>> print(set_value(document, "mindspore-version", "1.10").text)
        ---
        mindspore-version: '1.10'  # or newer
        ---
        <BLANKLINE>
    """
    steps = read_path(document, path)
    text = check_value(str(steps[-1]), value, f"{document.source}: {path}")
    node = find_node(document, steps)
    if isinstance(node, ListNode | MapNode):
        kind = "list" if isinstance(node, ListNode) else "group of keys"
        raise ArgumentError(
            f"{locate(document, node.start)}: {path} is a {kind}; name one of its values, such as "
            "asset[0].asset-link"
        )
    edit = _insert(document, path, steps, text) if node is None else _put(document, steps, text)
    return _apply(document, edit, path, steps, text)


def add_asset(document: Document, values: Mapping[str, str]) -> Document:
    r"""Add an asset behind the others, in their layout; ``asset:`` too if the card lacks it.

    Args:
        document: The card.
        values: ``file-format``, ``asset-link`` and, if it is known, ``asset-sha256``; in any order.

    Returns:
        The changed card.

    Raises:
        ArgumentError: A key takes no such value, format or link is missing, the card has no
            header, or its assets are not a list of lines.

    Example:
        >>> document = Document("---\nasset:\n- file-format: ckpt\n---\n")
        >>> asset = {"file-format": "onnx", "asset-link": "https://example.org/b0.onnx"}
        >>> get_value(add_asset(document, asset), "asset[1].file-format")
        'onnx'
    """
    require_header(document)
    known = [key.name for key in ASSET_KEYS]
    missing = [key for key in known[:2] if not values.get(key)]
    if missing:
        raise ArgumentError(
            f"{document.source}: an asset needs {' and '.join(missing)}; state them"
        )
    ordered = sorted(values, key=lambda key: known.index(key) if key in known else len(known))
    node = document.header.values.get("asset")
    count = len(node.items) if isinstance(node, ListNode) else 0
    path = f"asset[{count}]"
    item = {
        key: check_value(key, values[key], f"{document.source}: {path}.{key}") for key in ordered
    }
    layout = read_layout(document)
    lines = [layout.write_line(key, text) for key, text in item.items()]
    block = ItemLayout().write_lines(lines, layout.line_end)
    if isinstance(node, ListNode):
        edit = _append_item(document, node, lines)
    elif node is None:
        head = layout.write_key("asset") + (WIDE_COLON if layout.wide else ":")
        edit = _insert_entry(document, "asset", f"{head}{layout.gap}{block}")
    elif isinstance(node, ScalarNode) and not node.text:
        place = line_end(document.text, node.end)
        edit = Edit(place, place, layout.gap + block)
    else:
        where = locate(document, node.start)
        raise ArgumentError(
            f"{where}: asset is no list; write its items as lines that begin with '-'"
        )
    return _apply(document, edit, path, ("asset", count), item)


def remove_value(document: Document, path: str) -> Document:
    r"""Take a key with its value out of a card, or one asset; the last asset takes ``asset:`` along.

    Args:
        document: The card.
        path: The path of a key or of an item, such as ``train-dataset`` or ``asset[1]``.

    Returns:
        The changed card.

    Raises:
        ArgumentError: The path leads nowhere, the key is stated twice, or another value would
            change with this one.

    Example:
        >>> document = Document("---\n\nlicense: MIT\n\nsummary: s\n\n---\n")
        >>> remove_value(document, "license").text
        '---\n\nsummary: s\n\n---\n'
    """
    steps = read_path(document, path)
    if find_node(document, steps) is None:
        raise ArgumentError(
            f"{document.source}: {path}: the card has no such value; {list_keys(document)}"
        )
    while len(steps) > 1 and len(list_children(find_node(document, steps[:-1]))) == 1:
        steps = steps[:-1]
    parent = find_node(document, steps[:-1])
    for key, _ in parent.repeated if isinstance(parent, MapNode) else ():
        if english_key(key.text) == steps[-1]:
            place = locate(document, key.start)
            raise ArgumentError(f"{place}: {path} is stated twice; remove one of the lines by hand")
    edit = find_removal(document, parent, steps[-1]) if parent else None
    if edit is None:
        raise ArgumentError(f"{document.source}: {path}: stands beside others; remove it by hand")
    return _apply(document, edit, path, steps, None)


def _put(document: Document, steps: tuple[Step, ...], text: str) -> Edit:
    """Replace a value's characters; of a full-width colon too where quotes need a real one."""
    value = spell_value(str(steps[-1]), text)
    node, parent = find_node(document, steps), find_node(document, steps[:-1])
    start, end = (node.start, node.end) if node else (0, 0)
    source = document.text
    end = start + len(source[start:end].rstrip())
    if not isinstance(parent, MapNode):
        return Edit(start, end, value)
    colon = find_colon(source, parent.keys[str(steps[-1])].end)
    wide = source[colon] == WIDE_COLON
    if wide and value.startswith("'"):
        return Edit(colon, max(end, colon + 1), f": {value}")
    if start == end or not value:
        rest = source[end : line_end(source, end)]
        end += 0 if rest.strip() else len(rest)
        return Edit(colon + 1, max(end, colon + 1), value if wide or not value else f" {value}")
    return Edit(start, end, value)


def _insert(document: Document, path: str, steps: tuple[Step, ...], text: str) -> Edit:
    """Add the line of a key that is missing."""
    key, parent = steps[-1], find_node(document, steps[:-1])
    if not isinstance(parent, MapNode) or not isinstance(key, str):
        items = document.header.values.get("asset")
        count = len(items.items) if isinstance(items, ListNode) else 0
        counted = f"the card has {count} asset{'' if count == 1 else 's'}"
        raise ArgumentError(
            f"{document.source}: {path}: there is no such place; {counted}"
            f"{', counted from 0' if count else ''}; {list_keys(document)}"
        )
    near = [] if is_link_key(key) else get_close_matches(key, _KNOWN, n=1, cutoff=0.85)
    if (near and near[0] != key) or not _NEW_KEY.fullmatch(key):
        meant = f"write {near[0]}" if near else "write letters, digits and '-'"
        raise ArgumentError(f"{document.source}: {path}: {key!r} is no key of a card; {meant}")
    layout = read_layout(document)
    line = layout.write_line(key, text)
    if parent is document.header:
        return _insert_entry(document, key, line)
    item = read_item_layout(document, parent)
    if item is None:
        place = locate(document, parent.start)
        raise ArgumentError(f"{place}: {path}: this is no list of lines; add the key by hand")
    end = line_end(document.text, parent.end)
    before = layout.line_end * (1 + item.spaced) + " " * item.column
    return Edit(end, end, before + line)


def _insert_entry(document: Document, key: str, lines: str) -> Edit:
    """Put an entry behind the one that usually stands before it, or before all others."""
    header, text = document.header, document.text
    layout = read_layout(document)
    if key in RANKS:
        before = [name for name in header.values if RANKS.get(name, len(RANKS)) < RANKS[key]]
        last = max(before, key=RANKS.__getitem__, default=None)
    elif is_link_key(key) and "repo-link" in header.values:
        last = "repo-link"
    else:
        last = max(header.values, key=lambda name: header.keys[name].start, default=None)
    if last is not None:
        node = header.values[last]
        end = line_end(text, node.start + len(text[node.start : node.end].rstrip()))
        return Edit(end, end, layout.gap + lines)
    first = document.fences[0].end
    inside = text[first : document.fences[1].start]
    place = first + len(inside) - len(inside.lstrip(" \t\r\n"))
    if not inside.strip():
        return Edit(first, first, lines + layout.line_end)
    place = line_start(text, place)
    return Edit(place, place, lines + layout.gap)


def _append_item(document: Document, node: ListNode, lines: list[str]) -> Edit:
    last = node.items[-1] if node.items else None
    item = read_item_layout(document, last) if isinstance(last, MapNode) and last.keys else None
    if item is None:
        place = locate(document, node.start)
        raise ArgumentError(f"{place}: the assets are no list of lines; add the asset by hand")
    line = read_layout(document).line_end
    spaced = len(node.items) > 1 and is_apart(
        document.text, node.items[-2].end, line_start(document.text, node.items[-1].start)
    )
    end = line_end(document.text, node.end)
    return Edit(end, end, line * (1 + spaced) + item.write_lines(lines, line))


def _apply(
    document: Document, edit: Edit, path: str, steps: tuple[Step, ...], wanted: object
) -> Document:
    """Make an edit; refuse it if anything but the wanted value has changed. None: removed."""
    after = document.edit([edit])
    expected = _replace(get_value(document), steps, wanted)
    same_body = after.body.source == document.body.source
    if get_value(after) != expected or not same_body or after.title != document.title:
        raise ArgumentError(
            f"{locate(document, edit.start)}: {path} cannot be changed here without changing more "
            "than it; edit the line by hand"
        )
    return after


def _replace(tree: object, steps: tuple[Step, ...], wanted: object) -> object:
    if not steps:
        return wanted
    children: dict[Step, object]
    children = dict(tree) if isinstance(tree, dict) else {}
    if isinstance(tree, list):
        children = dict(enumerate(tree))
    child = _replace(children.get(steps[0]), steps[1:], wanted)
    if child is None:
        children.pop(steps[0], None)
    else:
        children[steps[0]] = child
    return list(children.values()) if isinstance(steps[0], int) else children
