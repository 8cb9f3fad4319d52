"""The Markdown below a card's header, as its sections, tables, links, code blocks and comments."""

from __future__ import annotations

import re
from functools import cached_property
from typing import NoReturn

from hub.markdown.blocks import Blocks, read_blocks, read_sections
from hub.markdown.links import read_links, read_names
from hub.markdown.markup import Cell, CodeBlock, Comment, Link, Section, Table
from hub.markdown.tables import read_tables

__all__ = ["Body", "Cell", "CodeBlock", "Comment", "Link", "Section", "Table"]

_LONE_RETURN = re.compile(r"\r(?!\n)")


class Body:
    r"""The Markdown of a card; nothing is read from it before it is asked for.

    A body cannot be changed. Two bodies are equal when their ``text`` is.

    Args:
        text: The whole text of the card.
        start: Where the body begins in it. All places are offsets into the whole text.

    Example:
        >>> body = Body("---\nlicense: MIT\n---\n\n## Results\n\nSee [MindCV](https://example.com).\n", 21)
        >>> str(body)
        '## Results\n\nSee [MindCV](https://example.com).'
        >>> body.section("results").level, body.links[0].target
        (2, 'https://example.com')
    """

    _document: str
    _start: int

    def __init__(self, text: str, start: int = 0) -> None:
        self.__dict__["_document"] = text
        self.__dict__["_start"] = start

    @property
    def source(self) -> str:
        """The body exactly as it stands in the card."""
        return self._document[self._start :]

    @cached_property
    def text(self) -> str:
        r"""The Markdown with ``\n`` as its line ends, and no blank lines at either end."""
        text = self.source.replace("\r\n", "\n").replace("\r", "\n").rstrip()
        first = len(text) - len(text.lstrip())
        return text[text.rfind("\n", 0, first) + 1 :]

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The headings, in their order, each with the place of what stands below it."""
        return read_sections(self._blocks.markdown, self._shift)

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The pipe tables, in their order."""
        if "|" not in self._blocks.markdown:
            return ()
        return read_tables(self._blocks.markdown, self._shift, self.links)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The links and pictures, in the order of their targets."""
        return read_links(self._blocks.prose, self._blocks.markdown, self._shift)

    @property
    def code_blocks(self) -> tuple[CodeBlock, ...]:
        """The fenced blocks of code, in their order."""
        return self._blocks.code_blocks

    @property
    def comments(self) -> tuple[Comment, ...]:
        """The HTML comments, in their order."""
        return self._blocks.comments

    def section(self, title: str) -> Section | None:
        """Find the first section of a title, without regard to case.

        Args:
            title: The words of the heading, such as ``Quick Start``.

        Returns:
            The section, or None if there is none.
        """
        wanted = title.strip().casefold()
        return next((part for part in self.sections if part.title.casefold() == wanted), None)

    def anchors(self) -> frozenset[str]:
        r"""Name all places that a ``#name`` link in this body can lead to.

        Returns:
            The anchors of the headings, every ``id``, and the ``name`` of every ``<a>``.

        Example:
            >>> sorted(Body("# Quick Start\n\n<a id='top'></a>").anchors())
            ['quick-start', 'top']
        """
        return read_names(self._blocks.prose).union(part.anchor for part in self.sections)

    @property
    def _shift(self) -> int:
        return self._start - 1

    @cached_property
    def _blocks(self) -> Blocks:
        source = self.source
        if "\r" in source:  # nothing changes its length, so that places stay right
            source = _LONE_RETURN.sub("\n", source)
        return read_blocks("\n" + source, self._shift)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Body({self.text!r})"

    def __bool__(self) -> bool:
        return bool(self.text)

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Body) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{name} cannot be set: a body cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{name} cannot be deleted: a body cannot be changed")

    def __reduce__(self) -> tuple[object, ...]:
        return Body, (self._document, self._start)
