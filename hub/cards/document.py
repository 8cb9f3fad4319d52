"""A card's file as it stands, byte for byte, with the place of everything in it.

The text is the truth: nodes are views of it, an edit gives a new text, and what was not touched
stays as it was, down to line ends and blanks.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Iterable
from io import FileIO
from itertools import accumulate, repeat
from operator import add

from hub.cards.header import read_header
from hub.cards.nodes import Fault, ListNode, MapNode, Node, ScalarNode, Span
from hub.errors import ArgumentError, CardError
from hub.findings import Edit
from hub.markdown.body import Body

LARGEST_CARD = 1 << 20  # bytes; the largest official card has 78,201
_CHUNK = 1 << 16  # bytes
_LARGEST_HEADER = 1 << 16  # characters; the largest official header has 1,072
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d{1,9})\]")


class Document:
    r"""A card, before any field is converted. It never changes: edits give a new one.

    Attributes:
        source: The file's path or the card's URL.
        text: The whole card. Bytes that are not UTF-8 are lone surrogates in it.
        title: The line before the first fence without its ``#``, or None.
        fences: The lines of the first two ``---``; fewer if the card lacks them.
        header: The keys and values between the fences.
        faults: What was got over while reading.
        body: The Markdown behind the second fence.

    Example:
        >>> document = Document.parse(b"# lite0\n\n---\n\nmodel-name: lite0\n\n---\n\nHello.\n")
        >>> document.title, document.header.values["model-name"].text, document.body.text
        ('lite0', 'lite0', 'Hello.')
    """

    __slots__ = ("_line_starts", "body", "faults", "fences", "header", "source", "text", "title")

    def __init__(self, text: str, source: str = "<card>") -> None:
        self.source = source
        self.text = text
        self._line_starts: list[int] | None = None
        self.faults: tuple[Fault, ...] = tuple(_find_bytes(text))
        self.fences = _find_fences(text)
        self.header = MapNode({}, {}, (), 0, 0)
        body_start = 0
        if len(self.fences) < 2:
            found = "one '---' line" if self.fences else "no '---' line"
            message = f"{found} found; a card's header stands between two"
            first_line = text.partition("\n")[0]
            self._report(Fault("missing-fence", message, 0, len(first_line)))
        else:
            body_start = self.fences[1].end
            self._read_header()
        self.title = self._read_title()
        self.body = Body(text, body_start)

    @classmethod
    def parse(cls, content: bytes, source: str = "<card>") -> Document:
        """Read a card from its bytes, whatever they are.

        Args:
            content: The card; UTF-8, if it is a proper one.
            source: The name that findings are reported under.

        Raises:
            CardError: It is larger than ``LARGEST_CARD``.
            ArgumentError: It is no bytes.
        """
        if not isinstance(content, bytes | bytearray | memoryview):
            raise ArgumentError(
                f"parse takes the bytes of a card, not {type(content).__name__}; Document(text)"
                " takes a text"
            )
        if len(content) > LARGEST_CARD:
            message = f"larger than {LARGEST_CARD:,} bytes, the most a card may have"
            raise CardError(f"{source}: {message}", source=source, reason=message)
        return cls(bytes(content).decode("utf-8", "surrogateescape"), source)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Document:
        """Read a card's file.

        Raises:
            CardError: The file is missing, unreadable or larger than ``LARGEST_CARD``.

        Example:
            >>> from hub.resources import cards_folder
            >>> Document.read(cards_folder() / "MindSpore" / "efficientnet_b0.md").title
            'efficientnet_b0'
        """
        try:
            with open(path, "rb", buffering=0) as file:  # noqa: PTH123, a Path costs more than the file
                content = _read_start(file)
        except (OSError, ValueError) as error:  # a NUL in a path is a ValueError
            message = f"the card cannot be read: {getattr(error, 'strerror', None) or error}"
            raise CardError(f"{path}: {message}", source=str(path), reason=message) from error
        return cls.parse(content, str(path))

    def to_bytes(self) -> bytes:
        """The card as it stands in a file; what :meth:`parse` has read comes back byte for byte."""
        return self.text.encode("utf-8", "surrogateescape")

    def place(self, offset: int) -> tuple[int, int]:
        r"""Return the line and the column of a character, both from 1.

        Example:
            >>> Document("# lite0\n\n---\n").place(9)
            (3, 1)
        """
        if self._line_starts is None:
            lengths = map(add, map(len, self.text.split("\n")), repeat(1))
            self._line_starts = list(accumulate(lengths, initial=0))[:-1]
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line(self, number: int) -> str | None:
        """Return a line without its line end, counted from 1; None if there is none."""
        self.place(0)
        starts = self._line_starts or []
        if not 1 <= number <= len(starts):
            return None
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def find(self, path: str) -> Node | None:
        r"""Return the node at the path of a key; None if there is none.

        Args:
            path: A key, such as ``update-time``, or one further down: ``asset[0].asset-link``.

        Example:
            >>> Document("---\nasset:\n- file-format: ckpt\n---\n").find("asset[0].file-format")
            ScalarNode(text='ckpt', start=26, end=30)
        """
        node: Node = self.header
        if not path:
            return None
        for name, index in _STEP.findall(path):
            if name and isinstance(node, MapNode) and name in node.values:
                node = node.values[name]
            elif index and isinstance(node, ListNode) and int(index) < len(node.items):
                node = node.items[int(index)]
            else:
                return None
        return node

    def scalar(self, key: str) -> ScalarNode | None:
        """Return the text of a key of the header; None if it has none, or no line of text."""
        node = self.header.values.get(key)
        return node if isinstance(node, ScalarNode) else None

    def edit(self, edits: Iterable[Edit]) -> Document:
        """Return the card with some places replaced; the rest stays as it was.

        Args:
            edits: Places in this card's text; they must not overlap.

        Raises:
            ValueError: They overlap or lie outside of the text.
        """
        pieces: list[str] = []
        last = 0
        for edit in sorted(edits):
            if not last <= edit.start <= edit.end <= len(self.text):
                raise ValueError(f"{edit} overlaps another edit, or lies outside of the text")
            pieces += (self.text[last : edit.start], edit.text)
            last = edit.end
        return Document("".join((*pieces, self.text[last:])), self.source)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Document):
            return NotImplemented
        return (self.text, self.source) == (other.text, other.source)

    def __hash__(self) -> int:
        return hash((self.text, self.source))

    def __repr__(self) -> str:
        return f"Document({self.source!r}, {len(self.text)} characters)"

    def __reduce__(self) -> tuple[object, ...]:
        return Document, (self.text, self.source)

    def _read_header(self) -> None:
        start, end = self.fences[0].end, self.fences[1].start
        if end - start > _LARGEST_HEADER:
            message = f"the header has over {_LARGEST_HEADER:,} characters"
            self._report(Fault("large-header", message, *self.fences[0]))
            return
        self.header, faults = read_header(self.text, start, end)
        if not self.header.values:
            message = "no 'key: value' line between the two '---' lines"
            faults = [Fault("no-metadata", message, *self.fences[0])]
        self._report(*faults)

    def _read_title(self) -> str | None:
        above = self.text[: self.fences[0].start] if self.fences else self.text
        title = above.strip("\ufeff \t\r\n")
        first, _, more = title.partition("\n")
        if self.fences and title and (more or not first.startswith("#")):
            message = "only a title line ('# name') may stand before the first '---'"
            start = above.index(title)
            self._report(Fault("text-before-header", message, start, start + len(first.rstrip())))
        return first.lstrip("#").strip() or None if first.startswith("#") else None

    def _report(self, *faults: Fault) -> None:
        self.faults += faults


def _read_start(file: FileIO) -> bytes:
    """Read a file up to one byte more than a card may have."""
    content = b""
    while len(content) <= LARGEST_CARD and (chunk := file.read(_CHUNK)):
        content += chunk
    return content[: LARGEST_CARD + 1]


def _find_fences(text: str) -> tuple[Span, ...]:
    """Return the lines of the first two fences, with their line ends."""
    fences: list[Span] = []
    place = 1 if text.startswith("\ufeff---") else 0
    if not text.startswith("---", place):
        place = text.find("\n---") + 1
    while len(fences) < 2 and text.startswith("---", place):
        end = text.find("\n", place) + 1 or len(text)
        if not text[place + 3 : end].strip(" \t\r\n"):
            fences.append(Span(place, end))
        place = text.find("\n---", end - 1) + 1 or len(text)
    return tuple(fences)


def _find_bytes(text: str) -> list[Fault]:
    """Find bytes that are not UTF-8, which stand in the text as lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message = "not UTF-8 text; is this a model card?"
        return [Fault("not-utf8", message, error.start, error.end)]
    return []
