"""The one layout that every card can have: the specification's, without a change of any fact."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from hub.cards.document import Document
from hub.cards.keys import english_key
from hub.cards.nodes import ListNode, MapNode, Node, ScalarNode
from hub.cards.scalars import write_scalar
from hub.metadata.header_layout import RANKS, find_colon, line_end, line_start
from hub.metadata.spelling import normalise_value, spell_value

_LAYOUT_FAULTS = frozenset({"bare-dash-value", "unquoted-colon", "full-width-colon"})
_BLANK_LINES = re.compile(r"(?:[ \t]*\n)*")
_PLAIN_KEY = re.compile(r"[^\W\d][\w .+/-]*")


class _Entry(NamedTuple):
    """A key with its value, and the comments above it."""

    name: str
    key: ScalarNode
    value: Node
    comments: tuple[str, ...] = ()

    @property
    def start(self) -> int:
        return self.key.start


class _NotInLinesError(Exception):
    """A header is no list of entries, each on lines of its own."""


def format_card(document: Document) -> Document:
    r"""Write a card in the specification's layout; what it says stays the same.

    Line ends become ``\n``, a byte order mark goes, and one line end ends the file. In the header,
    blank lines stand between the keys, which come in their usual order (an unknown key keeps its
    place behind the known one that it followed); links stand in ``<…>``, days have zeros, values
    have quotes where YAML needs them and nowhere else. Comments stay with the entry below or
    beside them. The body keeps its words, blanks and blank lines.

    A value of several lines is left as it is written. So is a whole header that has faults, other
    than those that quotes and colons mend: nobody but its author knows what it means.

    Args:
        document: The card, in whatever layout.

    Returns:
        The formatted card; formatting it again changes nothing.

    Example:
        >>> card = "# b0\r\n---\r\nsummary:  'B0'\r\nupdate-time: 2025-3-10\r\n---\r\nHello."
        >>> print(format_card(Document(card)).text)
        # b0
        <BLANKLINE>
        ---
        <BLANKLINE>
        update-time: 2025-03-10
        <BLANKLINE>
        summary: B0
        <BLANKLINE>
        ---
        <BLANKLINE>
        Hello.
        <BLANKLINE>
    """
    plain = Document(_mend_line_ends(document.text), document.source)
    if _read_facts(plain) != _read_facts(document):
        return document
    if not can_format(plain):
        return plain
    try:
        entries, closing = _read_entries(plain)
        header = [_write_entry(plain, entry) for entry in _sort(entries)]
    except _NotInLinesError:
        return plain
    title = plain.text[: plain.fences[0].start].strip()
    body = plain.body.source
    body = body[_find_text(body) :]
    parts = (title, "---", *header, *(["\n".join(closing)] if closing else []), "---", body)
    after = Document("\n\n".join(part for part in parts if part), document.source)
    if not body:
        after = Document(after.text + "\n", document.source)
    return after if _read_facts(after) == _read_facts(document) else plain


def can_format(document: Document) -> bool:
    r"""Tell whether a card's header can be laid out anew: whether it has no faults that are content.

    Example:
        >>> can_format(Document("---\nevaluation: -\n---\n"))
        True
        >>> can_format(Document("---\nlicense: MIT\nwhat is this\n---\n"))
        False
    """
    return all(fault.kind in _LAYOUT_FAULTS for fault in document.faults)


def _mend_line_ends(text: str) -> str:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    return text + "\n" if text else ""


def _find_text(body: str) -> int:
    """Return where the first line of a body begins that is not blank."""
    match = _BLANK_LINES.match(body)
    return match.end() if match else 0


def _read_facts(document: Document) -> tuple[object, ...]:
    """Return all that formatting must not change."""
    return document.title, _to_fact(document.header), document.body.text


def _to_fact(node: Node, key: str = "") -> object:
    if isinstance(node, ScalarNode):
        return normalise_value(key, node.text)
    if isinstance(node, ListNode):
        return [_to_fact(item, key) for item in node.items]
    repeated = [(english_key(key.text), _to_fact(value)) for key, value in node.repeated]
    return {name: _to_fact(value, name) for name, value in node.values.items()}, repeated


def _read_entries(document: Document) -> tuple[list[_Entry], list[str]]:
    """Read the entries of a header in the order of the card, and the comments behind them."""
    entries = []
    place = document.fences[0].end
    for entry in _list_entries(document.header):
        if (
            entry.start < place
            or document.text[line_start(document.text, entry.start) : entry.start]
        ):
            raise _NotInLinesError
        comments = _read_comments(document.text[place : entry.start])
        entries.append(entry._replace(comments=comments))
        place = _find_end(document.text, entry)
    return entries, list(_read_comments(document.text[place : document.fences[1].start]))


def _list_entries(node: MapNode) -> list[_Entry]:
    entries = [_Entry(name, node.keys[name], value) for name, value in node.values.items()]
    entries += [_Entry(english_key(key.text), key, value) for key, value in node.repeated]
    return sorted(entries, key=lambda entry: entry.start)


def _find_end(text: str, entry: _Entry) -> int:
    """Return where the last line of an entry ends."""
    start = max(entry.value.start, entry.key.start)
    end = max(entry.value.end, entry.key.end)
    return line_end(text, max(start + len(text[start:end].rstrip()) - 1, entry.key.start))


def _read_comments(text: str, marks: str = "") -> tuple[str, ...]:
    """Return the comments of lines that hold nothing else, but for ``marks``."""
    lines = [line.strip() for line in text.split("\n")]
    if marks:
        lines = [line[1:].strip() if line.startswith(marks) else line for line in lines]
    if any(line and not line.startswith("#") for line in lines):
        raise _NotInLinesError
    return tuple(line for line in lines if line)


def _sort(entries: Iterable[_Entry]) -> list[_Entry]:
    """Put known keys in their usual order; an unknown one stays behind the known one before it."""
    ranked = []
    rank = -1
    for entry in entries:
        rank = RANKS.get(entry.name, rank)
        ranked.append(((rank, entry.name not in RANKS), entry))
    return [entry for _, entry in sorted(ranked, key=lambda pair: pair[0])]


def _write_entry(document: Document, entry: _Entry) -> str:
    return "\n".join((*entry.comments, _write_value(document, entry)))


def _write_value(document: Document, entry: _Entry) -> str:
    """Write an entry of the header, without the comments above it."""
    try:
        if entry.name == "asset" and isinstance(entry.value, ListNode):
            return _write_assets(document, entry, entry.value)
        return _write_line(document, entry)
    except _NotInLinesError:
        return document.text[entry.start : _find_end(document.text, entry)].rstrip()


def _write_line(document: Document, entry: _Entry) -> str:
    text, value = document.text, entry.value
    end = line_end(text, entry.start)
    if not isinstance(value, ScalarNode) or not _PLAIN_KEY.fullmatch(entry.key.text):
        raise _NotInLinesError
    if value.end > end:
        raise _NotInLinesError
    try:
        written = _spell(entry.name, value.text)
    except ValueError as error:
        raise _NotInLinesError from error
    return _add_comment(f"{entry.key.text}: {written}", text[value.end : end])


def _spell(key: str, text: str) -> str:
    """Write a value; a bare link under a key that is the card's own stays bare, as its fact is."""
    if key in {"repo-link", "asset-link"}:
        return spell_value(key, normalise_value(key, text))
    return write_scalar(normalise_value(key, text))


def _add_comment(line: str, behind: str) -> str:
    comment = behind.strip()
    if comment and not comment.startswith("#"):
        raise _NotInLinesError
    return f"{line.rstrip()}  {comment}".rstrip()


def _write_assets(document: Document, entry: _Entry, node: ListNode) -> str:
    text = document.text
    place = line_end(text, entry.start)
    heading = text[entry.start] == "#"  # '## assets' in the place of 'asset:'
    behind = "" if heading else text[find_colon(text, entry.key.end) + 1 : place]
    lines = [_add_comment(f"{entry.key.text}:", behind)]
    for item in node.items:
        lines.append("")
        if not isinstance(item, MapNode):
            raise _NotInLinesError
        entries: list[_Entry] = []
        for found in _list_entries(item):
            if found.start < place:
                raise _NotInLinesError
            above = _read_comments(text[place : found.start], "" if entries else "-")
            entries.append(found._replace(comments=above))
            place = _find_end(text, found)
        for number, found in enumerate(_sort(entries)):
            lines += [f"  {comment}" if number else comment for comment in found.comments]
            lines.append(("  " if number else "- ") + _write_line(document, found))
    return "\n".join(lines)
