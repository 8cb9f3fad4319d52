"""The pipe tables of a card's Markdown, with the place of every cell."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from hub.markdown.markup import Cell, Link, Table, strip_markup

_DELIMITER_ROW = re.compile(r"\n[ \t>]*(?=[|:-])(?P<cells>[|: \t\r-]*)(?=\n|\Z)")
_PIPE = re.compile(r"(?<!\\)\|")


def read_tables(markdown: str, shift: int, links: Sequence[Link]) -> tuple[Table, ...]:
    r"""Find the tables (GFM 4.10).

    A header has a pipe, and a table ends before the first line without one; GFM would take such a
    line as a row.

    Args:
        markdown: A text without code and comments, as ``read_blocks`` gives it.
        shift: What is added to an offset in it.
        links: The links of the text, in their order.

    Example:
        >>> (table,) = read_tables("\n| Model | Top-1 |\n| --- | --- |\n| **b0** | 76.89 |", -1, ())
        >>> [cell.text for cell in table.rows[0]]
        ['b0', '76.89']
    """
    return tuple(_TableReader(markdown, shift, links).read())


class _TableReader:
    """Leaps from one line with a pipe to the next."""

    def __init__(self, markdown: str, shift: int, links: Sequence[Link]) -> None:
        self._markdown = markdown
        self._shift = shift
        self._targets = [link.target for link in links]
        self._places = [link.start - shift for link in links]

    def read(self) -> Iterator[Table]:
        text, shift, done = self._markdown, self._shift, 0
        while (pipe := text.find("|", done)) >= 0:
            start, done = text.rfind("\n", done, pipe) + 1, self._end_line(pipe)
            rule = _DELIMITER_ROW.match(text, done)
            if rule is None or "|" not in rule["cells"] or "-" not in rule["cells"]:
                continue
            header = self._read_row(start, done)
            if len(header) != len(_split_row(rule["cells"].strip())[0]):
                continue
            rows = []
            done, end = rule.end(), self._end_line(rule.end() + 1)
            while text.find("|", done, end) >= 0:
                rows.append(self._read_row(done + 1, end))
                done, end = end, self._end_line(end + 1)
            yield Table(header, tuple(rows), start + shift, done + shift)

    def _end_line(self, place: int) -> int:
        end = self._markdown.find("\n", place)
        return len(self._markdown) if end < 0 else end

    def _read_row(self, start: int, end: int) -> tuple[Cell, ...]:
        row = self._markdown[start:end].lstrip(" \t>")
        pieces, before = _split_row(row.rstrip())
        has_markup = "*" in row or "<" in row or "\\" in row
        shift, place = self._shift, end - len(row) + before
        upcoming = bisect_left(self._places, place)
        cells = []
        for piece in pieces:
            text, link = piece.strip(), None
            begin = place + piece.find(text)
            behind = begin + len(text)
            if upcoming < len(self._places) and self._places[upcoming] < behind:
                link = self._targets[upcoming]
                upcoming = bisect_left(self._places, behind, upcoming)
            if has_markup or link is not None:
                text = strip_markup(text)
            cells.append(Cell(text, begin + shift, behind + shift, link))
            place += len(piece) + 1
        return tuple(cells)


def _split_row(row: str) -> tuple[list[str], int]:
    """Split a row at its pipes; tell also how many characters stand before the first cell."""
    inside = row.removeprefix("|")
    before = len(row) - len(inside)
    if "\\" in inside:
        pieces = _PIPE.split(inside)
        return (pieces if pieces[-1] or len(pieces) == 1 else pieces[:-1]), before
    return inside.removesuffix("|").split("|"), before
