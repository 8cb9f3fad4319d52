"""The header of a card: YAML read as text, with the place of every value.

YAML guesses types, and its guesses lose facts: ``1.10`` becomes 1.1, ``0e737186`` zero, ``no``
False. So the header is read from PyYAML's event stream, below the level where types exist. Aliases
and tags, which cards never use and attackers do, are refused there too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # 6 to 9 times faster where libyaml is
_DEEPEST = 8  # levels of nesting; cards need three
_MOST_FAULTS = 8  # broken lines that are got over; no official card has two
_VALUE = re.compile(r"(?P<key>[ \t]*(- +)?[\w-]+:[ \t]+)(?P<value>[^'\"\s].*)")

_EARLY_END = "'...', '%' or '---' with more behind it ends the header early; remove it"
_FAULTS = {
    "did not find expected <document start>": _EARLY_END,
    "mapping values are not allowed": "a second ': ' in this line; put the value in quotes",
    "block sequence entries are not allowed": "a lone '-' is no value; write none instead",
    "found character that cannot start any token": "this character cannot begin a value; put the"
    " value in quotes",
    "control characters are not allowed": "a control character; is this a text file?",
    "could not find expected ':'": "this line is neither 'key: value' nor an item that begins with"
    " '- '",
}


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A value, as the text that stands in the file. Lines and columns count from 1."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ListNode:
    """The items of a ``- `` list."""

    items: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class MapNode:
    """Keys with their values; a key that was written twice is in ``repeated`` too."""

    values: dict[str, Node]
    keys: dict[str, ScalarNode]
    repeated: tuple[ScalarNode, ...]
    line: int
    column: int


Node = ScalarNode | ListNode | MapNode


class HeaderFault(Exception):
    """The header cannot be read any further than this place."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class SyntaxFault(HeaderFault):
    """A line is not YAML; the lines around it may well be. ``key`` is the line's, if it has one."""

    key = ""


def read_header(text: str, first_line: int = 1) -> tuple[MapNode, list[SyntaxFault]]:
    r"""Read a header into nodes; a value that is not YAML costs a complaint, not the header.

    One official card in twenty has a line such as ``evaluation: -``, which YAML refuses. Such a
    value is taken as the text that it is, as if it stood in quotes.

    Args:
        text: What stands between the two fences.
        first_line: The line of the card's file on which ``text`` begins.

    Returns:
        The keys and values, every scalar as text; and the faults that were got over.

    Raises:
        HeaderFault: It is not YAML in other ways or in many lines, uses an anchor, alias or tag,
            nests too deeply, or holds no ``key: value`` lines.

    Example:
        >>> header, faults = read_header("mindspore-version: 1.10\nevaluation: -", 4)
        >>> header.values["mindspore-version"]
        ScalarNode(text='1.10', line=4, column=20)
        >>> header.values["evaluation"].text, faults[0].line, str(faults[0])
        ('-', 5, "a lone '-' is no value; write none instead")
    """
    lines = text.split("\n")
    faults: list[SyntaxFault] = []
    while True:
        try:
            return _read_strictly("\n".join(lines), first_line), faults
        except SyntaxFault as fault:
            index = fault.line - first_line
            match = _VALUE.fullmatch(lines[index]) if index < len(lines) else None
            if match is None or len(faults) == _MOST_FAULTS:
                raise
            lines[index] = match["key"] + _quote(match["value"])
            fault.key = match["key"].strip("- \t:")
            faults.append(fault)


def _quote(value: str) -> str:
    return "'" + value.rstrip().replace("'", "''") + "'"


def _read_strictly(text: str, first_line: int) -> MapNode:
    events = iter(yaml.parse(text, Loader=_LOADER))
    try:
        return _Reader(events, first_line).read()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        raise SyntaxFault(_explain(error.problem), first_line + line, column + 1) from error
    except yaml.reader.ReaderError as error:
        line = first_line + text.encode()[: error.position].count(b"\n")
        raise HeaderFault(_explain(error.reason), line, 1) from error


class _Reader:
    def __init__(self, events: Iterator[yaml.Event], first_line: int) -> None:
        self._events = events
        self._first_line = first_line

    def read(self) -> MapNode:
        next(self._events)  # the stream starts
        start = next(self._events)
        if not isinstance(start, yaml.DocumentStartEvent):
            raise HeaderFault("no 'key: value' line between the fences", self._first_line, 1)
        node = self._read_node(next(self._events), depth=0)
        next(self._events)  # the document ends
        if not isinstance(extra := next(self._events), yaml.StreamEndEvent):
            raise self._fault(extra, _EARLY_END)
        if not isinstance(node, MapNode):
            raise HeaderFault("no 'key: value' line between the fences", node.line, node.column)
        return node

    def _read_node(self, event: yaml.Event, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._fault(event, "'&' and '*' (YAML anchors) are refused; quote the value")
        if getattr(event, "tag", None) is not None:
            raise self._fault(event, "'!' (a YAML tag) is refused; quote the value")
        if depth > _DEEPEST:
            raise self._fault(event, f"nested more than {_DEEPEST} levels deep")
        line, column = self._place(event)
        if isinstance(event, yaml.ScalarEvent):
            return ScalarNode(event.value, line, column)
        if isinstance(event, yaml.SequenceStartEvent):
            return ListNode(tuple(self._read_items(depth)), line, column)
        return self._read_map(depth, line, column)

    def _read_items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._read_node(event, depth + 1)

    def _read_map(self, depth: int, line: int, column: int) -> MapNode:
        values: dict[str, Node] = {}
        keys: dict[str, ScalarNode] = {}
        repeated: list[ScalarNode] = []
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._read_node(event, depth + 1)
            if not isinstance(key, ScalarNode):
                raise self._fault(event, "a key must be plain text")
            value = self._read_node(next(self._events), depth + 1)
            if key.text in values:
                repeated.append(key)
            else:
                keys[key.text], values[key.text] = key, value
        return MapNode(values, keys, tuple(repeated), line, column)

    def _place(self, event: Any) -> tuple[int, int]:
        return self._first_line + event.start_mark.line, event.start_mark.column + 1

    def _fault(self, event: yaml.Event, message: str) -> HeaderFault:
        return HeaderFault(message, *self._place(event))


def _explain(problem: str | None) -> str:
    for beginning, words in _FAULTS.items():
        if problem and beginning in problem:
            return words
    return f"not valid YAML: {problem}"
