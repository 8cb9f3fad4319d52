"""The header of a card, read entry by entry, so that one broken line costs that line alone.

Nearly every entry of every card is ``key: plain text`` on one line, which a pattern reads. What is
more than that (quotes with escapes, nested values, several lines) goes to PyYAML, one entry at a
time; a property test holds the two readers together.
"""

from __future__ import annotations

import re

from hub.cards.keys import ASSET_KEYS, CARD_KEYS
from hub.cards.map_builder import MapBuilder
from hub.cards.nodes import BARE_DASH, Fault, ListNode, MapNode, Node, ScalarNode, YamlFault
from hub.cards.scalars import is_plain, read_quoted, split_comment

_new = tuple.__new__  # a NamedTuple's own constructor takes twice as long
_WIDE_COLON = "\N{FULLWIDTH COLON}"
_SIMPLE_KEY = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
_USUAL_KEYS = frozenset(key.name for key in (*CARD_KEYS, *ASSET_KEYS))
_CONTINUES = frozenset(" \t-#")  # with which a line begins that belongs to the entry above
_INDICATORS = frozenset("'\"&*!|>%@`{}[],#?:-")  # with which plain text does not begin, or seldom
_MOST_REFUSALS = 1_000  # entries of one header; what is broken behind them is not looked into
_KEY = (
    rf"(?P<key>[^\W\d][\w .+/-]*)(?P<colon>:(?=[ \t\r\n]|\Z)|{_WIDE_COLON})"
    r"[ \t]*(?P<value>[^\n]*)"
)
_ENTRY = re.compile(_KEY)
_ASSETS_HEADING = re.compile(  # as the example card has it
    r"#+ *(?:assets?|资源)\s*", re.IGNORECASE
)
_ASSET_KEY = re.compile(rf"(?:asset|资源)[ \t]*[:{_WIDE_COLON}]\s*")  # items below are its own
_MORE = re.compile(r"[ \t]*[^\s#]")


def read_header(text: str, start: int, end: int) -> tuple[MapNode, list[Fault]]:
    r"""Read the header of a card into nodes.

    Args:
        text: The card.
        start: Where the header begins, behind the line of the first fence.
        end: Where it ends, before the second fence.

    Returns:
        The keys and values, every scalar as text with its place; and the faults that were got
        over. There are no keys if nothing in the header is ``key: value``.

    Example:
        >>> card = "---\nmindspore-version: 1.10\nevaluation: -\n---\n"
        >>> header, faults = read_header(card, 4, 42)
        >>> header.values["mindspore-version"]
        ScalarNode(text='1.10', start=23, end=27)
        >>> header.values["evaluation"].text, faults[0].message
        ('-', "a lone '-' is no value; write none, or put it in quotes")
    """
    return _HeaderReader(text, start, end).read()


class _HeaderReader:
    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self._start = start
        self._end = end
        self._lines = _split_lines(text, start, end)
        self._map = MapBuilder()
        self._faults: list[Fault] = []
        self._wide_colons: list[int] = []
        self._refusals: list[YamlFault] = []

    def read(self) -> tuple[MapNode, list[Fault]]:
        place = self._start
        while place < self._end:
            place = self._read_entry(self._read_simple_lines(place))
        if any(fault.kind == "bad-header-line" for fault in self._faults):
            self._read_whole()
        if self._wide_colons:
            self._report_wide_colons()
        return self._map.finish(self._start, self._end), self._faults

    def _read_whole(self) -> None:
        """Believe YAML if it reads all of it: brackets and quotes may span lines at the edge."""
        try:
            header, faults = _read_yaml(self._text, self._start, self._end)
        except YamlFault:
            return
        if not faults:
            self._map, self._faults, self._wide_colons = MapBuilder(), [], []
            self._map.merge(header)

    def _read_simple_lines(self, place: int) -> int:
        """Read entries of one simple line for as long as they last; return where they end."""
        lines, keys, values = self._lines, self._map.keys, self._map.values
        while lines and lines[-1][0] < place:
            lines.pop()
        while lines:
            place, line = lines[-1]
            if len(lines) > 1 and lines[-2][1][0] in _CONTINUES:
                return place
            key, _, rest = line.partition(": ")
            value = rest.strip(" \t\r")
            if not _is_simple(key, value) or key in values:
                return place
            start = place + len(key) + 2 + rest.index(value)
            keys[key] = _new(ScalarNode, (key, place, place + len(key)))
            values[key] = _new(ScalarNode, (value, start, start + len(value)))
            lines.pop()
        return self._end

    def _read_entry(self, start: int) -> int:
        """Read any entry: a line at the left edge, and all that belongs to it.

        Blank lines, comments, indented lines and list items belong to the entry above them.
        """
        text = self._text
        if start >= self._end:
            return start
        line_end = text.find("\n", start, self._end) + 1 or self._end
        end, has_more = self._find_end(start, line_end)
        match = _ENTRY.match(text, start, end)
        if match is None:
            self._read_other(start, line_end, end)
            return end
        key, node = _read_key(match), self._read_value(match, line_end, end, has_more=has_more)
        if match["colon"] == _WIDE_COLON:
            self._wide_colons.append(match.start("colon"))
            node = node or self._keep_text(match.start("value"), end)
        if node is not None:
            self._map.add(key, node)
            return end
        try:
            entry, faults = self._ask_yaml(start, end)
        except YamlFault as fault:
            self._map.add(key, self._keep_value(fault, match, line_end, end))
        else:
            self._faults += faults
            self._map.merge(entry)
        return end

    def _ask_yaml(self, start: int, end: int) -> tuple[MapNode, list[Fault]]:
        """Read an entry with PyYAML; one of a header that it has refused too often is refused."""
        if len(self._refusals) == _MOST_REFUSALS:
            raise self._refusals[-1]
        try:
            return _read_yaml(self._text, start, end)
        except YamlFault as fault:
            self._refusals.append(fault)
            raise

    def _find_end(self, start: int, place: int) -> tuple[int, bool]:
        """Return where the entry ends whose first line ends here, and whether it has more lines."""
        text, has_more = self._text, False
        more = " \t\r\n-#:" if text[start] == "?" else " \t\r\n-#"
        is_asset = _ASSET_KEY.fullmatch(text, start, place) is not None
        while place < self._end and text[place] in more:
            line_end = text.find("\n", place, self._end) + 1 or self._end
            if (
                text[place] == "#"
                and not is_asset
                and _ASSETS_HEADING.fullmatch(text, place, line_end)
            ):
                break
            has_more = has_more or _MORE.match(text, place) is not None
            place = line_end
        return place, has_more

    def _read_value(
        self, match: re.Match[str], line_end: int, end: int, *, has_more: bool
    ) -> Node | None:
        """Read the value of an entry; None if it takes a YAML reader."""
        if not has_more:
            return self._read_dash(match) or _read_line(match)
        return None if match["value"].strip() else self._read_items(line_end, end)

    def _read_dash(self, match: re.Match[str]) -> ScalarNode | None:
        """Take a lone '-' for the text that it is: the one mistake that published cards share."""
        bare, _ = split_comment(match["value"].rstrip(" \t\r"))
        if bare != "-" or match["colon"] == _WIDE_COLON:
            return None
        start = match.start("value")
        self._faults.append(
            Fault("bare-dash-value", BARE_DASH, start, start + 1, _read_key(match).text)
        )
        return ScalarNode(bare, start, start + 1)

    def _read_other(self, start: int, line_end: int, end: int) -> None:
        """Read what begins with no bare key: a heading over assets, a quoted key, no entry."""
        text = self._text
        if text[start] == "#":
            items = self._read_items(line_end, end)
            if items and _ASSETS_HEADING.fullmatch(text, start, line_end):
                self._map.add(ScalarNode("asset", start, line_end), items)
                return
        start = self._find_text(start, end)
        if start == end:
            return
        try:
            entry, faults = self._ask_yaml(start, end)
        except YamlFault as fault:
            self._report_bad_line(fault, self._keep_text(start, end))
        else:
            self._faults += faults
            self._map.merge(entry)

    def _read_items(self, start: int, end: int) -> ListNode | None:
        """Read a list of ``key: plain text`` items; None if a line is anything else.

        All three layouts of the official cards are such lists: ``-`` alone above indented keys,
        ``- key:`` with the others below it, and that with blank lines between.
        """
        place, dash, column, first = start, -1, -1, start
        items: list[MapBuilder] = []
        for line in self._text[start:end].split("\n"):
            body = line.lstrip(" ")
            here = len(line) - len(body)
            if body[:1] == "-" and body[1:2] in {"", " ", "\r"}:
                if dash not in {-1, here}:
                    return None
                if not items:
                    first = place + here
                dash, column = here, -1
                items.append(MapBuilder())
                body = body[1:].lstrip(" ")
                here = len(line) - len(body)
            if body.strip(" \t\r"):
                pair = self._read_pair(body, place + here)
                if pair is None or not items or here <= dash or column not in {-1, here}:
                    return None
                column = here
                items[-1].add(*pair)
            place += len(line) + 1
        if not items or not all(item.keys for item in items):
            return None
        nodes = tuple(item.finish_item() for item in items)
        return ListNode(nodes, first, nodes[-1].end)

    def _read_pair(self, line: str, place: int) -> tuple[ScalarNode, ScalarNode] | None:
        """Read ``key: plain text`` from a place in a line on; None if it is anything else."""
        key, _, rest = line.partition(": ")
        value = rest.strip(" \t\r")
        if _is_simple(key, value):
            start = place + len(key) + 2 + rest.index(value)
            name = ScalarNode(key, place, place + len(key))
            return name, ScalarNode(value, start, start + len(value))
        match = _ENTRY.match(self._text, place, place + len(line))
        node = _read_line(match) if match else None
        if match is None or node is None:
            return None
        if match["colon"] == _WIDE_COLON:
            self._wide_colons.append(match.start("colon"))
        return _read_key(match), node

    def _report_bad_line(self, fault: YamlFault, line: ScalarNode) -> None:
        last = self._faults[-1] if self._faults else None
        same = last and (last.kind, last.message, last.key) == (fault.kind, str(fault), "")
        if last and same and self._text[last.end : line.start].isspace():
            self._faults[-1] = last._replace(end=line.end)
        else:
            self._faults.append(Fault(fault.kind, str(fault), line.start, line.end))

    def _report_wide_colons(self) -> None:
        count = len(self._wide_colons)
        lines = "this line has a full-width colon"
        if count > 1:
            lines = f"{count} lines have full-width colons"
        message = f"{lines} ('{_WIDE_COLON}'), which YAML does not read; write ': '"
        first = self._wide_colons[0]
        self._faults.append(Fault("full-width-colon", message, first, first + 1))

    def _keep_value(
        self, fault: YamlFault, match: re.Match[str], line_end: int, end: int
    ) -> ScalarNode:
        """Report what YAML refuses; keep the value of the first line if the others spoil it."""
        first = _read_line(match)
        more = self._find_text(line_end, end)
        if first and first.text and more < end:
            message = "this line continues no value; begin it at the left edge, or remove it"
            rest = self._keep_text(more, end)
            self._faults.append(Fault("bad-header-line", message, rest.start, rest.end))
            return first
        value = self._keep_text(match.start("value"), end)
        key = _read_key(match).text
        self._faults.append(Fault(fault.kind, str(fault), value.start, value.end, key))
        return value

    def _find_text(self, place: int, end: int) -> int:
        """Return where the first line begins that is neither blank nor a comment."""
        while place < end and not _MORE.match(self._text, place, end):
            place = self._text.find("\n", place, end) + 1 or end
        return place

    def _keep_text(self, start: int, end: int) -> ScalarNode:
        text = self._text[start:end].rstrip(" \t\r\n")  # what else is blank stays a fault
        return ScalarNode(text, start, start + len(text))


def _split_lines(text: str, start: int, end: int) -> list[tuple[int, str]]:
    """Return the lines that are not blank, with their places, the first one last."""
    lines = []
    for line in text[start:end].split("\n"):
        if line.strip(" \t\r"):
            lines.append((start, line))
        start += len(line) + 1
    lines.reverse()
    return lines


def _is_simple(key: str, value: str) -> bool:
    """Tell whether a key and a value need no closer look; what is not simple may still be plain."""
    return (
        (key in _USUAL_KEYS or _SIMPLE_KEY.fullmatch(key) is not None)
        and value != ""
        and value[0] not in _INDICATORS
        and value.isprintable()
        and ": " not in value
        and " #" not in value
        and value[-1] != ":"
    )


def _read_key(match: re.Match[str]) -> ScalarNode:
    text = match["key"].rstrip()
    start = match.start("key")
    return ScalarNode(text, start, start + len(text))


def _read_line(match: re.Match[str]) -> ScalarNode | None:
    """Read a value that stands on the line of its key; None if it takes a YAML reader."""
    value, start = match["value"].rstrip(" \t\r"), match.start("value")
    if not value:
        return ScalarNode("", match.end("colon"), match.end("colon"))
    if is_plain(value):
        return ScalarNode(value, start, start + len(value))
    if (quoted := read_quoted(value)) is not None:
        return ScalarNode(quoted, start, start + len(value))
    if value[0] not in "'\"":
        bare, comment = split_comment(value)
        if comment and (not bare or is_plain(bare)):
            place = start if bare else match.end("colon")
            return ScalarNode(bare, place, place + len(bare))
    return None


def _read_yaml(text: str, start: int, end: int) -> tuple[MapNode, list[Fault]]:
    """Read an entry with PyYAML, which is imported when the first card needs it."""
    from hub.cards.yaml_values import read_entry

    return read_entry(text, start, end)
