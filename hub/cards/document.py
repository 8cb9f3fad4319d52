"""A card's file as text: title, header, body, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import frontmatter
from frontmatter.default_handlers import BaseHandler

from hub.cards.header import HeaderFault, MapNode, SyntaxFault, read_header
from hub.errors import CardError
from hub.problems import Problem

LARGEST_CARD = 1 << 20  # bytes; the largest official card has 78,201
_LARGEST_HEADER = 1 << 16  # characters; the largest official header has 1,072
_FENCE = re.compile(r"^---[ \t\r]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """A card as it stands in its file, before any field is converted.

    Attributes:
        source: The file's path or the card's URL.
        title: The line before the first fence without its ``#``, or None.
        fence_line: The line of the first fence.
        header: The keys and values between the first two fences.
        faults: The values that are not YAML and were read as plain text.
        body: The Markdown after the second fence.
    """

    source: str
    title: str | None
    fence_line: int
    header: MapNode
    faults: tuple[Problem, ...]
    body: str


def read_document(path: Path) -> Document:
    """Read a card's file.

    Raises:
        CardError: The file is missing, unreadable, too large, no UTF-8 text, or has no header.

    Example:
        >>> from hub.resources import cards_folder
        >>> read_document(cards_folder() / "MindSpore" / "efficientnet_b0.md").title
        'efficientnet_b0'
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_CARD + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise _fault(str(path), 1, 1, f"the card cannot be read: {reason}") from error
    return parse_document(content, str(path))


def parse_document(content: bytes, source: str = "<card>") -> Document:
    r"""Split a card's text into title, header and body.

    python-frontmatter does the splitting, with a handler that accepts a title line and takes the
    first two fences only, so that a ``---`` rule in the body stays part of the body.

    Args:
        content: The card as UTF-8 bytes.
        source: The name that problems are reported under.

    Raises:
        CardError: There is no header that can be read; the problem names the line.

    Example:
        >>> card = b"# lite0\n\n---\n\nmodel-name: lite0\n\n---\n\nHello.\n"
        >>> parse_document(card).header.values["model-name"].text
        'lite0'
    """
    text = _decode(content, source)
    stripped = text.strip()
    if not stripped:
        raise _fault(source, 1, 1, "the card is empty")
    first_line = 1 + text.count("\n", 0, text.index(stripped[0]))
    fences = list(islice(_FENCE.finditer(stripped), 2))
    if len(fences) < 2:
        found = "one '---' line" if fences else "no '---' line"
        raise _fault(source, first_line, 1, f"{found} found; a card's header stands between two")
    fence_line = first_line + stripped.count("\n", 0, fences[0].start())
    title = stripped[: fences[0].start()].strip()
    if title and (not title.startswith("#") or "\n" in title):
        message = "only a title line ('# name') may stand before the first '---'"
        raise _fault(source, first_line, 1, message)
    if fences[1].start() - fences[0].end() > _LARGEST_HEADER:
        raise _fault(source, fence_line, 1, f"the header has over {_LARGEST_HEADER} characters")
    handler = _CardHandler(fence_line)
    try:
        _, body = frontmatter.parse(stripped, handler=handler)
    except HeaderFault as fault:
        raise _fault(source, fault.line, fault.column, str(fault)) from fault
    return Document(
        source=source,
        title=title.lstrip("# ") or None,
        fence_line=fence_line,
        header=handler.header,
        faults=tuple(_describe(source, fault) for fault in handler.faults),
        body=body,
    )


class _CardHandler(BaseHandler):  # type: ignore[misc]
    """Teaches python-frontmatter the format of cards."""

    FM_BOUNDARY = _FENCE

    def __init__(self, fence_line: int) -> None:
        super().__init__()
        self._fence_line = fence_line
        self.header: MapNode
        self.faults: list[SyntaxFault] = []

    def load(self, fm: str) -> dict[str, object]:
        # The text begins behind the first fence, on the fence's own line.
        self.header, self.faults = read_header(fm, self._fence_line)
        return dict(self.header.values)


def _decode(content: bytes, source: str) -> str:
    if len(content) > LARGEST_CARD:
        raise _fault(source, 1, 1, f"larger than {LARGEST_CARD:,} bytes, the most a card may have")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + content.count(b"\n", 0, error.start)
        message = f"not UTF-8 text (byte {error.start}); is this a model card?"
        raise _fault(source, line, 1, message) from error


def _describe(source: str, fault: SyntaxFault) -> Problem:
    return Problem(source, fault.line, fault.column, fault.key, str(fault))


def _fault(source: str, line: int, column: int, message: str) -> CardError:
    problem = Problem(source, line, column, "", message)
    return CardError(f"{problem}", source=source, problems=[problem])
