"""A line of a card with carets under a part of it, as a terminal shows it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from hub.terminal import neutralise_line

_WIDTH = 100  # columns of the terminal that a line may fill
_TAB = 4
_CUT = "…"


class Glyph(NamedTuple):
    """One character of a line: what is shown for it, and how many columns that takes."""

    text: str
    width: int


class Window(NamedTuple):
    """The part of a line that is shown, from the cell ``start`` up to the cell ``end``."""

    start: int
    end: int


def draw_excerpt(line: str, column: int, end_column: int | None) -> tuple[str, str]:
    r"""Draw a line and, for the line below it, the carets under a part of it.

    Tabs become blanks and controls become escapes. The carets stand right although wide
    characters take two columns and combining marks none. A long line is cut around them.

    Args:
        line: The line without its end.
        column: Where the part begins, in characters from 1.
        end_column: The column behind the part; None if it goes to the end of the line.

    Returns:
        The line and its carets, at least one.

    Example:
        >>> print(*draw_excerpt("summary:\t漢字 net", 10, 12), sep="\n")
        summary:    漢字 net
                    ^^^^
    """
    cells = _lay_out(line)
    start = min(column - 1, len(cells))
    end = len(cells) if end_column is None else min(end_column - 1, len(cells))
    window = _choose_window([cell.width for cell in cells], start)
    text = "".join(cell.text for cell in cells[window.start : window.end])
    before, after = (_CUT if window.start else ""), (_CUT if window.end < len(cells) else "")
    indent = len(before) + _measure(cells[window.start : start])
    carets = max(1, _measure(cells[start : min(end, window.end)]))
    return f"{before}{text}{after}".rstrip(), " " * indent + "^" * carets


def _measure(cells: Sequence[Glyph]) -> int:
    return sum(cell.width for cell in cells)


def _lay_out(line: str) -> list[Glyph]:
    cells: list[Glyph] = []
    position = 0
    for char in line:
        cell = _expand_tab(position) if char == "\t" else _show(char)
        cells.append(cell)
        position += cell.width
    return cells


def _expand_tab(position: int) -> Glyph:
    width = _TAB - position % _TAB
    return Glyph(" " * width, width)


def _show(char: str) -> Glyph:
    if " " <= char <= "~":
        return Glyph(char, 1)
    if unicodedata.category(char) in {"Mn", "Me"}:
        return Glyph(char, 0)
    if unicodedata.east_asian_width(char) in {"W", "F"} and char.isprintable():
        return Glyph(char, 2)
    text = neutralise_line(char)
    return Glyph(text, len(text))


def _choose_window(widths: Sequence[int], start: int) -> Window:
    """Choose what is shown: three quarters of it from the carets on, if there is that much."""
    from_start = _count_fitting(widths[start:], _WIDTH * 3 // 4)
    used = sum(widths[start : start + from_start])
    before = _count_fitting(widths[:start][::-1], _WIDTH - used)
    used += sum(widths[start - before : start])
    more = _count_fitting(widths[start + from_start :], _WIDTH - used)
    return Window(start - before, start + from_start + more)


def _count_fitting(widths: Sequence[int], room: int) -> int:
    return sum(width <= room for width in accumulate(widths))
