"""What a card's Markdown consists of, each part with its place in the card.

Source: the GitHub Flavored Markdown specification (GFM), https://github.github.com/gfm/
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

LinkKind = Literal["inline", "autolink", "html", "bare"]

_LINK_MARKUP = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_TAG = re.compile(r"<(?:(https?://[^<>\s]+)|/?[A-Za-z][^<>]*)>")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


class Section(NamedTuple):
    """A heading and all that stands below it.

    Attributes:
        title: The heading's words, without ``#``, ``**`` and link markup.
        level: 1 for ``#`` up to 6 for ``######``.
        start: Where the heading's line begins, as a character offset into the card.
        end: Where the next heading of this or a higher level begins, or the text's end.
        anchor: The name that ``#anchor`` links use on GitHub, such as ``quick-start``.
    """

    title: str
    level: int
    start: int
    end: int
    anchor: str


class Cell(NamedTuple):
    """A cell of a table.

    Attributes:
        text: What a reader sees, without link markup and ``**``.
        start: Where the cell's source, without the blanks around it, begins in the card.
        end: The offset behind its last character.
        link: The target of the first link in it, or None.
    """

    text: str
    start: int
    end: int
    link: str | None


class Table(NamedTuple):
    """A pipe table.

    Attributes:
        header: The cells of the first row.
        rows: The rows below the delimiter row, as they are: a row may be shorter or longer.
        start: Where the header's line begins in the card.
        end: Where the last row ends.
    """

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    start: int
    end: int


class Link(NamedTuple):
    """A link or a picture.

    Attributes:
        text: What a reader sees; empty for a link that shows its target.
        target: The address as written, also when it is empty or malformed.
        start: Where the target begins in the card.
        end: The offset behind the target.
        image: Whether it is a picture.
        kind: ``inline`` is ``[a](b)``, ``autolink`` is ``<b>``, ``html`` an ``href`` or ``src``,
            ``bare`` an address that stands in the text.
    """

    text: str
    target: str
    start: int
    end: int
    image: bool
    kind: LinkKind


class CodeBlock(NamedTuple):
    r"""A fenced block of code.

    Attributes:
        language: The first word behind the opening fence, such as ``python``; may be empty.
        text: The code, with ``\n`` between its lines.
        start: Where the opening fence's line begins in the card.
        end: Where the closing fence's line ends.
        closed: Whether there is a closing fence; without one the block runs to the text's end.
    """

    language: str
    text: str
    start: int
    end: int
    closed: bool


class Comment(NamedTuple):
    """What stands between ``<!--`` and ``-->``.

    Attributes:
        text: The words of the comment; the third dash of ``<!---`` is none of them.
        start: Where ``<!--`` begins in the card.
        end: The offset behind ``-->``.
        closed: Whether there is a ``-->``; without one the comment runs to the text's end.
    """

    text: str
    start: int
    end: int
    closed: bool


def strip_markup(text: str) -> str:
    r"""Leave the words of a piece of Markdown: no link targets, tags, ``**`` and backslashes.

    Example:
        >>> strip_markup("**[weights](https://example.com/b0.ckpt)**, 12\\*")
        'weights, 12*'
    """
    if "](" in text:
        text = _LINK_MARKUP.sub(r"\1", _LINK_MARKUP.sub(r"\1", text))
    if "<" in text:
        text = _TAG.sub(r"\1", text)
    if "**" in text:
        text = text.replace("**", "")
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    return text.strip()
