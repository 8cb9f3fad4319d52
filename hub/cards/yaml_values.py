"""The values of a header that are more than a line of plain text, read by PyYAML.

YAML guesses types, and its guesses lose facts: ``1.10`` becomes 1.1, ``0e737186`` zero, ``no``
False. So values are read from PyYAML's event stream, below the level where types exist. Aliases
and tags, which cards never use and attackers do, are refused there too.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import Any

import yaml

from hub.cards.keys import english_key
from hub.cards.nodes import (
    BARE_DASH,
    Fault,
    FaultKind,
    ListNode,
    MapNode,
    Node,
    ScalarNode,
    Span,
    YamlFault,
)
from hub.cards.scalars import is_plain, quote, read_quoted, split_comment

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # 6 to 9 times faster where libyaml is
_DEEPEST = 8  # levels of nesting; cards need three
_MOST_FAULTS = 8  # broken lines of one entry that are got over
_VALUE = re.compile(r"(?P<before>[ \t]*(?:- +)?(?P<key>[\w-]+):[ \t]+)(?P<value>\S[^\n]*)")
_STRAY = re.compile(r" *\t|[ \t]*(?!-(?:\s|\Z))[^\s#](?:[^:]|:(?=\S))*\Z")  # no key, no item
_OPEN = {
    "while scanning a quoted scalar",
    "while parsing a flow sequence",
    "while parsing a flow mapping",
}

_NEITHER = "this line is neither 'key: value' nor an item that begins with '- '"
_CONTROL = "a control character; is this a text file?"
_TAB = "YAML lets no tab begin a line; indent with blanks"
_FAULTS: tuple[tuple[str, FaultKind, str], ...] = (
    (
        "mapping values are not allowed",
        "unquoted-colon",
        "a second ': ' in this line; put the value in quotes",
    ),
    (
        "sequence entries are not allowed",
        "bare-dash-value",
        BARE_DASH,
    ),
    (
        "that cannot start any token",
        "bad-header-line",
        "this character cannot begin a value; put the value in quotes",
    ),
    ("control characters", "bad-header-line", _CONTROL),
    ("special characters", "bad-header-line", _CONTROL),
    (
        "could not find expected ':'",
        "bad-header-line",
        _NEITHER,
    ),
)


def read_entry(text: str, start: int, end: int) -> tuple[MapNode, list[Fault]]:
    r"""Read one or more ``key: value`` entries; a line that is not YAML costs a complaint.

    One official card in twenty has a line such as ``evaluation: -``, which YAML refuses. Such a
    value is taken as the text that it is, as if it stood in quotes.

    Args:
        text: The card.
        start: Where the entry begins.
        end: Where it ends.

    Returns:
        The entry, every scalar as text with its place in the card; and what was got over.

    Raises:
        YamlFault: It is not YAML in other ways or in many lines, uses an anchor, alias or tag,
            nests too deeply, or is no ``key: value``. ``place`` is where, in the card.

    Example:
        >>> entry, faults = read_entry("evaluation: -", 0, 13)
        >>> entry.values["evaluation"], faults[0].kind
        (ScalarNode(text='-', start=12, end=13), 'bare-dash-value')
    """
    lines = _Lines(text[start:end], start)
    faults: list[Fault] = []
    while True:
        try:
            return _EventReader(lines).read(), faults
        except yaml.MarkedYAMLError as error:
            if lines.clear_blanks():
                continue
            mark = error.problem_mark or error.context_mark
            if error.context in _OPEN and error.context_mark:
                mark = error.context_mark
            index = mark.index if mark else 0
            kind, message = _explain(error.problem)
            fault = (
                lines.quote_value(index, kind, message)
                or lines.drop_line(index)
                or lines.quote_open(index, kind, message)
            )
            if fault is None or len(faults) == _MOST_FAULTS:
                raise YamlFault(kind, message, lines.find_place(index)) from error
            faults.append(fault)
        except yaml.reader.ReaderError as error:
            raise YamlFault(*_explain(error.reason), start) from error
        except UnicodeEncodeError as error:  # libyaml takes no bytes that are not UTF-8
            message = "bytes that are not UTF-8 text"
            raise YamlFault("bad-header-line", message, start + error.start) from error


class _Lines:
    """The lines of an entry, some of them with quotes that the card lacks."""

    def __init__(self, entry: str, offset: int) -> None:
        self._lines = entry.split("\n")
        self._starts = [offset + bound for bound in self._measure()]  # in the card
        self._bounds = self._measure()  # in what YAML reads
        self._quoted: dict[int, Span] = {}

    @property
    def text(self) -> str:
        """The entry as YAML is to read it."""
        return "\n".join(self._lines)

    def quote_value(self, index: int, kind: FaultKind, message: str) -> Fault | None:
        """Put the value of the line at an index in quotes; None if it has no bare value."""
        number = self._find_line(index)
        match = _VALUE.match(self._lines[number])
        if match is None or number in self._quoted:
            return None
        value, comment = split_comment(match["value"])
        if not value or is_plain(value) or read_quoted(value) is not None:
            return None
        first = self._starts[number] + match.start("value")
        self._quoted[number] = Span(first, first + len(value))
        self._lines[number] = f"{match['before']}{quote(value)} {comment}".rstrip()
        self._bounds = self._measure()
        return Fault(kind, message, first, first + len(value), match["key"])

    def quote_open(self, index: int, kind: FaultKind, message: str) -> Fault | None:
        """Put the last value above an index in quotes that opens a quote or bracket in its line."""
        for number in range(self._find_line(index) - 1, -1, -1):
            match = _VALUE.match(self._lines[number])
            if match and match["value"][0] in "'\"[{":
                fault = self.quote_value(self._bounds[number], kind, message)
                if fault:
                    return fault
        return None

    def clear_blanks(self) -> bool:
        """Take the tabs out of blank lines, which YAML refuses; tell whether there were any."""
        blank = [
            number for number, line in enumerate(self._lines) if "\t" in line and line.isspace()
        ]
        for number in blank:
            self._lines[number] = ""
        self._bounds = self._measure()
        return bool(blank)

    def drop_line(self, index: int) -> Fault | None:
        """Take out the line at an index, or the one above it, if it is no ``key: value``."""
        number = self._find_line(index)
        above = number - 1
        while above > 0 and not self._lines[above].strip():
            above -= 1
        for stray in (number, above):
            line = self._lines[stray]
            if stray > 0 and stray not in self._quoted and _STRAY.match(line):
                start = len(line) - len(line.lstrip())
                self._lines[stray] = ""
                self._bounds = self._measure()
                message = _TAB if "\t" in line[:start] else _NEITHER
                start += self._starts[stray]
                return Fault("bad-header-line", message, start, start + len(line.strip()))
        return None

    def find_place(self, index: int) -> int:
        """Turn an index into the text that YAML reads into a place in the card."""
        number = self._find_line(index)
        place = self._starts[number] + index - self._bounds[number]
        quoted = self._quoted.get(number)
        return quoted.end if quoted and place > quoted.start else place

    def _find_line(self, index: int) -> int:
        return bisect_right(self._bounds, index) - 1

    def _measure(self) -> list[int]:
        return list(accumulate((len(line) + 1 for line in self._lines[:-1]), initial=0))


class _EventReader:
    """Turns PyYAML's events into nodes, whose places are those of the card."""

    def __init__(self, lines: _Lines) -> None:
        self._events = iter(yaml.parse(lines.text, Loader=_LOADER))
        self._lines = lines

    def read(self) -> MapNode:
        next(self._events)  # the stream starts
        start = next(self._events)
        if not isinstance(start, yaml.DocumentStartEvent):
            raise self._fault(start, "bad-header-line", "no 'key: value' line")
        node = self._read_node(next(self._events), depth=0)
        next(self._events)  # the document ends
        if not isinstance(extra := next(self._events), yaml.StreamEndEvent):
            raise self._fault(extra, "bad-header-line", "'---' or '...' inside the header")
        if not isinstance(node, MapNode):
            raise YamlFault("bad-header-line", "no 'key: value' line", node.start)
        return node

    def _read_node(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            message = "'&' and '*' (YAML anchors) are refused; quote the value"
            raise self._fault(event, "refused-yaml", message)
        if getattr(event, "tag", None) is not None:
            message = "'!' (a YAML tag) is refused; quote the value"
            raise self._fault(event, "refused-yaml", message)
        if depth > _DEEPEST:
            raise self._fault(event, "refused-yaml", f"nested more than {_DEEPEST} levels deep")
        if isinstance(event, yaml.ScalarEvent):
            return ScalarNode(event.value, *self._span(event))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._read_list(event, depth)
        return self._read_map(event, depth)

    def _read_list(self, event: Any, depth: int) -> ListNode:
        start = end = self._span(event).start
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._read_node(event, depth + 1))
            end = items[-1].end
        return ListNode(tuple(items), start, end)

    def _read_map(self, event: Any, depth: int) -> MapNode:
        start = end = self._span(event).start
        values: dict[str, Node] = {}
        keys: dict[str, ScalarNode] = {}
        repeated: list[tuple[ScalarNode, Node]] = []
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._read_node(event, depth + 1)
            if not isinstance(key, ScalarNode):
                raise self._fault(event, "bad-header-line", "a key must be plain text")
            value = self._read_node(next(self._events), depth + 1)
            name = english_key(key.text)
            if name in values:
                repeated.append((key, value))
            else:
                keys[name], values[name] = key, value
            end = value.end
        return MapNode(values, keys, tuple(repeated), start, end)

    def _span(self, event: Any) -> Span:
        return Span(
            self._lines.find_place(event.start_mark.index),
            self._lines.find_place(event.end_mark.index),
        )

    def _fault(self, event: Any, kind: FaultKind, message: str) -> YamlFault:
        return YamlFault(kind, message, self._span(event).start)


def _explain(problem: str | None) -> tuple[FaultKind, str]:
    for beginning, kind, words in _FAULTS:
        if problem and beginning in problem:
            return kind, words
    return "bad-header-line", f"not valid YAML: {problem}"
