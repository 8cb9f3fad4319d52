"""How the lines of a card's header are laid out, so that new lines look like their neighbours.

Cards differ in line ends, in blank lines between keys, in the layout of assets, and ``_cn`` cards
in the names of keys and in their colons.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from hub.cards.document import Document
from hub.cards.keys import ASSET_KEYS, CARD_KEYS
from hub.cards.nodes import MapNode
from hub.metadata.spelling import spell_value

WIDE_COLON = "\N{FULLWIDTH COLON}"
RANKS = MappingProxyType({key.name: rank for rank, key in enumerate((*CARD_KEYS, *ASSET_KEYS))})
_CHINESE = MappingProxyType(
    {key.name: key.chinese for key in (*CARD_KEYS, *ASSET_KEYS) if key.chinese}
)
_BLANK_LINE = re.compile(r"\n[ \t]*\r?\n")
_BARE_DASH = re.compile(r"^(?P<indent> *)-[ \t]*(?:#.*)?\r?$", re.MULTILINE)


class Layout(NamedTuple):
    r"""What the lines of a header have in common.

    Attributes:
        line_end: ``\n`` or ``\r\n``.
        spaced: Whether blank lines stand between the keys.
        chinese: Whether the keys have Chinese names.
        wide: Whether full-width colons stand behind them.
    """

    line_end: str = "\n"
    spaced: bool = True
    chinese: bool = False
    wide: bool = False

    @property
    def gap(self) -> str:
        """What stands between the end of an entry and the beginning of the next."""
        return self.line_end * (1 + self.spaced)

    def write_line(self, key: str, text: str) -> str:
        """Write a key with its value, as this header has it.

        Args:
            key: The key's English name.
            text: The text that the value stands for.

        Raises:
            ValueError: One line of a header cannot hold the text.

        Example:
            >>> Layout().write_line("model-version", "1.10")
            "model-version: '1.10'"
            >>> Layout(chinese=True).write_line("model-name", "lite0")
            '模型名称: lite0'
        """
        value = spell_value(key, text)
        colon = WIDE_COLON if self.wide and not value.startswith("'") else ": "
        return f"{self.write_key(key)}{colon}{value}".rstrip()

    def write_key(self, key: str) -> str:
        """Write the name of a key, as this header has it."""
        return _CHINESE.get(key, key) if self.chinese else key


class ItemLayout(NamedTuple):
    """Where the lines of an asset stand.

    Attributes:
        dash: How many blanks stand before the ``-``.
        column: How many characters stand before each key.
        alone: Whether the ``-`` has a line of its own.
        spaced: Whether blank lines stand between the keys.
    """

    dash: int = 0
    column: int = 2
    alone: bool = False
    spaced: bool = False

    def write_lines(self, lines: Sequence[str], line_end: str) -> str:
        r"""Write an item of some ``key: value`` lines.

        Example:
            >>> ItemLayout().write_lines(["file-format: ckpt", "asset-sha256: f8d7aa2a"], "\n")
            '- file-format: ckpt\n  asset-sha256: f8d7aa2a'
        """
        indent = " " * self.column
        dash = " " * self.dash + "-"
        text = (line_end * (1 + self.spaced)).join(indent + line for line in lines)
        if self.alone:
            return f"{dash}{line_end}{text}"
        return dash.ljust(self.column) + text[self.column :]


def read_layout(document: Document) -> Layout:
    r"""See how a card's header is laid out; what most lines do counts.

    Args:
        document: A card with both fences.

    Example:
        >>> read_layout(Document("---\r\nlicense: MIT\r\nsummary: s\r\n---\r\n"))
        Layout(line_end='\r\n', spaced=False, chinese=False, wide=False)
    """
    text = document.text
    keys = sorted(document.header.keys.values(), key=lambda key: key.start)
    line_end = "\r\n" if text[: document.fences[0].end].endswith("\r\n") else "\n"
    pairs = list(pairwise(keys))
    if pairs:
        apart = sum(is_apart(text, key.end, following.start) for key, following in pairs)
        spaced = 2 * apart >= len(pairs)
    else:
        header = text[document.fences[0].end - 1 : document.fences[1].start]
        spaced = _BLANK_LINE.match(header) is not None
    chinese = sum(not key.text.isascii() for key in keys)
    wide = sum(text[find_colon(text, key.end)] == WIDE_COLON for key in keys)
    return Layout(line_end, spaced, 2 * chinese > len(keys), 2 * wide > len(keys))


def read_item_layout(document: Document, item: MapNode) -> ItemLayout | None:
    r"""See how an item of a list is laid out; None if it is no block of lines.

    Example:
        >>> document = Document("---\nasset:\n\n-\n    file-format: ckpt\n---\n")
        >>> read_item_layout(document, document.find("asset[0]"))
        ItemLayout(dash=0, column=4, alone=True, spaced=False)
    """
    text = document.text
    keys = sorted(item.keys.values(), key=lambda key: key.start)
    start = line_start(text, keys[0].start)
    before = text[start : keys[0].start]
    spaced = len(keys) > 1 and is_apart(text, keys[0].end, keys[1].start)
    if before.strip() == "-":
        return ItemLayout(before.index("-"), len(before), alone=False, spaced=spaced)
    dashes = list(_BARE_DASH.finditer(text, document.fences[0].end, start))
    if before.strip() or not dashes:
        return None
    return ItemLayout(len(dashes[-1]["indent"]), len(before), alone=True, spaced=spaced)


def is_apart(text: str, end: int, start: int) -> bool:
    """Tell whether a blank line stands between two places of a text."""
    return _BLANK_LINE.search(text, end, start) is not None


def find_colon(text: str, end: int) -> int:
    """Return the place of the colon behind a key that ends at a place."""
    places = [place for colon in (":", WIDE_COLON) if (place := text.find(colon, end)) >= 0]
    return min(places, default=end)


def line_start(text: str, place: int) -> int:
    r"""Return where the line of a character begins.

    Example:
        >>> line_start("ab\ncd", 4)
        3
    """
    return text.rfind("\n", 0, place) + 1


def line_end(text: str, place: int) -> int:
    r"""Return where the line of a character ends, before its line end.

    Example:
        >>> line_end("ab\r\ncd", 0)
        2
    """
    found = text.find("\n", place)
    end = len(text) if found < 0 else found
    return end - 1 if end > place and text[end - 1] == "\r" else end
