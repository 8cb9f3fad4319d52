r"""Code, comments and headings of a card's Markdown.

Every function takes the body behind one line end (``"\n## Results\n"``), so that all lines begin
alike, and a ``shift``: what is added to an offset in that text to get the offset in the card.
Each reads its text once from the left to the right, so that no text takes longer than its length.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from hub.markdown.markup import CodeBlock, Comment, Section, strip_markup

_END = r"(?=\n|\Z)"
# Backticks or tildes that open a fence; it may stand in a list or a quote, at any depth.
_OPENING_FENCE = re.compile(
    r"\n[ \t>]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)?"
    rf"(?P<fence>`{{3,}}(?=[^`\n]*{_END})|~{{3,}})(?P<info>[^\n]*)"
)
_DEEPEST_FENCE = 100  # characters before a fence on its line
_CLOSING_FENCE = re.compile(rf"\n[ \t>]*(?P<fence>`{{3,}}|~{{3,}})[ \t\r]*{_END}")
_RUN = re.compile("`+|~+")
_BACKTICKS = re.compile("`+")
_SIMPLE_SPAN = re.compile(r"`[^`\n]+`(?!`)")
_HEADING = re.compile(rf"\n {{0,3}}(?P<marks>#{{1,6}})(?:[ \t\r](?P<title>[^\n]*))?{_END}")
_NOT_IN_SLUG = re.compile(r"[^\w\- ]")


class Blocks(NamedTuple):
    """A text whose code and comments are told apart from its Markdown.

    Attributes:
        markdown: The text, with blanks in the place of code blocks and comments.
        prose: The same, with blanks in the place of ```code spans``` too.
        code_blocks: The code blocks.
        comments: The comments.
    """

    markdown: str
    prose: str
    code_blocks: tuple[CodeBlock, ...]
    comments: tuple[Comment, ...]


def read_blocks(text: str, shift: int) -> Blocks:
    r"""Find code and comments, and the text that is left without them.

    A code span ends on the line on which it begins. (GFM 4.5 fences, 4.6 and 6.6 comments, 6.3
    code spans; a fence may be indented as far as a deep list indents it.)

    Args:
        text: A line end and the body, with ``\n`` or ``\r\n`` as its line ends.
        shift: What is added to an offset in ``text``.

    Example:
        >>> blocks = read_blocks("\n# a <!-- b -->\n~~~sh\n# c\n~~~", 0)
        >>> blocks.markdown.rstrip(), blocks.code_blocks[0].text, blocks.comments[0].text
        ('\n# a', '# c', 'b')
    """
    if "`" not in text and "<!--" not in text and "~~~" not in text:
        return Blocks(text, text, (), ())
    reader = _BlockReader(text, shift)
    reader.read()
    markdown = _blank(text, reader.blocks)
    prose = _blank(markdown, reader.spans) if reader.spans else markdown
    return Blocks(markdown, prose, tuple(reader.code_blocks), tuple(reader.comments))


class _BlockReader:
    """Leaps from mark to mark through a text; what one mark hides is not looked at again."""

    def __init__(self, text: str, shift: int) -> None:
        self._text = text
        self._shift = shift
        self._runs: dict[int, list[int]] | None = None
        self.code_blocks: list[CodeBlock] = []
        self.comments: list[Comment] = []
        self.blocks: list[tuple[int, int]] = []
        self.spans: list[tuple[int, int]] = []

    def read(self) -> None:
        backtick, tilde, comment = map(self._find, ("`", "~~~", "<!--"), (0, 0, 0))
        while (start := min(backtick, tilde, comment)) < len(self._text):
            done = self._read_comment(start) if start == comment else self._read_run(start)
            if backtick < done:
                backtick = self._find("`", done)
            if tilde < done:
                tilde = self._find("~~~", done)
            if comment < done:
                comment = self._find("<!--", done)

    def _find(self, mark: str, start: int) -> int:
        found = self._text.find(mark, start)
        return len(self._text) if found < 0 else found

    def _read_comment(self, start: int) -> int:
        """Read from ``<!--`` on; give the place behind, as all these methods do."""
        text, shift = self._text, self._shift
        if _is_escaped(text, start):
            return start + 1
        found = text.find("-->", start + 2)
        behind, end = (len(text), len(text)) if found < 0 else (found, found + 3)
        words = _mend_line_ends(text[start + 4 : behind]).removeprefix("-").strip()
        self.comments.append(Comment(words, start + shift, end + shift, found >= 0))
        self.blocks.append((start, end))
        return end

    def _read_run(self, start: int) -> int:
        text = self._text
        run = _RUN.match(text, start)
        end = run.end() if run else start + 1
        if end - start >= 3:
            line = text.rfind("\n", max(0, start - _DEEPEST_FENCE), start)
            opening = _OPENING_FENCE.match(text, line) if line >= 0 else None
            if opening and opening.start("fence") == start:
                return self._read_code(opening)
        if text[start] == "~":
            return end
        return start + 1 if _is_escaped(text, start) else self._read_span(start, end)

    def _read_code(self, opening: re.Match[str]) -> int:
        text, shift, inside = self._text, self._shift, opening.end()
        behind, end, closed = len(text), len(text), False
        for closing in _CLOSING_FENCE.finditer(text, inside):
            if closing["fence"].startswith(opening["fence"]):
                behind, end, closed = closing.start(), closing.end(), True
                break
        language = "".join(opening["info"].split(maxsplit=1)[:1])
        start, code = opening.start() + 1, _mend_line_ends(text[inside + 1 : behind])
        self.code_blocks.append(CodeBlock(language, code, start + shift, end + shift, closed))
        self.blocks.append((start, end))
        return end

    def _read_span(self, start: int, opened: int) -> int:
        """Read a code span, if a run of as many backticks on the same line closes it."""
        if span := _SIMPLE_SPAN.match(self._text, start):
            self.spans.append(span.span())
            return span.end()
        if self._runs is None:
            self._runs = {}
            for run in _BACKTICKS.finditer(self._text):
                self._runs.setdefault(len(run[0]), []).append(run.end())
        ends = self._runs.get(opened - start, [])
        following = bisect_left(ends, opened + 1)
        if following == len(ends) or self._text.find("\n", opened, ends[following]) >= 0:
            return opened
        self.spans.append((start, ends[following]))
        return ends[following]


def _mend_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").removesuffix("\r")


def _is_escaped(text: str, place: int) -> bool:
    before = place
    while text[before - 1] == "\\":
        before -= 1
    return (place - before) % 2 == 1


def _blank(text: str, places: Sequence[tuple[int, int]]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end in places:
        pieces += text[done:start], " " * (end - start)
        done = end
    return "".join([*pieces, text[done:]])


def read_sections(markdown: str, shift: int) -> tuple[Section, ...]:
    r"""Find the headings (GFM 4.2) and what stands below each.

    Args:
        markdown: A text without code and comments, as ``read_blocks`` gives it.
        shift: What is added to an offset in it.

    Example:
        >>> [section[:2] for section in read_sections("\n# a\n\n## **b** ##\n", -1)]
        [('a', 1), ('b', 2)]
    """
    headings = list(_HEADING.finditer(markdown))
    ends = [len(markdown) + shift] * 7
    places = []
    for heading in reversed(headings):
        level, start = len(heading["marks"]), heading.start() + 1 + shift
        places.append((level, start, ends[level]))
        ends[level:] = [start] * (7 - level)
    taken: dict[str, int] = {}
    sections = []
    for heading, (level, start, end) in zip(headings, reversed(places), strict=True):
        title = strip_markup(_strip_closing_marks(heading["title"] or ""))
        sections.append(Section(title, level, start, end, _name_anchor(title, taken)))
    return tuple(sections)


def _strip_closing_marks(title: str) -> str:
    title = title.strip()
    words = title.rstrip("#")
    return words if not words or words[-1] in " \t" else title


def _name_anchor(title: str, taken: dict[str, int]) -> str:
    """Name a heading as GitHub does: a name that is taken gets -1, then -2."""
    slug = name = _NOT_IN_SLUG.sub("", title.lower()).replace(" ", "-")
    while name in taken:
        taken[slug] += 1
        name = f"{slug}-{taken[slug]}"
    taken[name] = 0
    return name
