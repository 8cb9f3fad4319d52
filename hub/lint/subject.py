"""What a rule looks at: one card, as text, as nodes and as a record."""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate

from hub.cards.document import Document
from hub.cards.evaluation import Evaluation, Metric, Segment
from hub.cards.fields import read_link
from hub.cards.nodes import Fault, FaultKind, ListNode, MapNode, ScalarNode, Span
from hub.cards.record import Card, build_card
from hub.errors import CardError
from hub.findings import Edit, Fix
from hub.lint.location import Location, locate
from hub.lint.rule import Draft, Drafts, Place
from hub.lint.vocabulary import Vocabulary
from hub.markdown.body import Body


class Subject:
    """A card under the eyes of the rules.

    Attributes:
        document: The card as it stands.
        text: The document's text.
        header: The header's nodes.
        body: The Markdown.
        record: The typed record; None if there is no header or no ``model-name``.
        location: What the path says; None outside of the official layouts.
        vocabulary: The words that the project adds.
        today: The day of the check.
    """

    def __init__(
        self,
        document: Document,
        vocabulary: Vocabulary | None = None,
        today: datetime.date | None = None,
    ) -> None:
        self.document = document
        self.text: str = document.text
        self.header: MapNode = document.header
        self.body: Body = document.body
        self.location: Location | None = locate(document.source, _read_user(document))
        self.vocabulary = vocabulary or Vocabulary()
        self.today = today or datetime.datetime.now(tz=datetime.timezone.utc).date()
        self.record: Card | None
        try:
            self.record = build_card(document)
        except CardError:
            self.record = None

    @property
    def top(self) -> Span:
        """The line of the first fence, or else the first line: the place of what is not there."""
        start = self.document.fences[0].start if self.document.fences else 0
        end = self.text.find("\n", start)
        return Span(start, len(self.text) if end < 0 else end)

    def scalar(self, key: str) -> ScalarNode | None:
        """Return the text of a key of the header; None if it has none, or no line of text."""
        node = self.header.values.get(key)
        return node if isinstance(node, ScalarNode) else None

    @cached_property
    def assets(self) -> Sequence[tuple[str, MapNode]]:
        """The assets that have keys, each with its path."""
        node = self.header.values.get("asset")
        items = node.items if isinstance(node, ListNode) else ()
        return [
            (f"asset[{index}]", item)
            for index, item in enumerate(items)
            if isinstance(item, MapNode)
        ]

    @cached_property
    def asset_texts(self) -> Mapping[str, Sequence[tuple[str, ScalarNode]]]:
        """The texts of all assets by key, each with its path; no list for a key without any."""
        texts: dict[str, list[tuple[str, ScalarNode]]] = defaultdict(list)
        for path, item in self.assets:
            for key, node in item.values.items():
                if isinstance(node, ScalarNode) and node.text.strip():
                    texts[key].append((f"{path}.{key}", node))
        return texts

    @cached_property
    def repo_links(self) -> Sequence[tuple[str, ScalarNode, str]]:
        """The links of ``repo-link`` and of keys such as ``vit-repo-link``."""
        others = self.record.extra if self.record else self.header.values.keys() - {"repo-link"}
        return [
            (key, node, link)
            for key in ("repo-link", *others)
            if key.endswith("repo-link") and (node := self.scalar(key))
            if (link := read_link(node.text.strip()))
        ]

    @cached_property
    def evaluation(self) -> Evaluation:
        """The metrics of the header."""
        if self.record:
            return self.record.evaluation
        node = self.scalar("evaluation")
        return Evaluation(node.text.strip() if node else "")

    @cached_property
    def _evaluation_line(self) -> Span | None:
        """Where the metrics stand; None if the line is spread over several lines."""
        node = self.scalar("evaluation")
        return self.find_part(node, self.evaluation.text) if node else None

    def place_metric(self, part: Metric | Segment, length: int | None = None) -> Span | None:
        """Find a metric in the card; None if the line is spread over several lines.

        Args:
            part: The metric, or what is none.
            length: How many characters of it are meant; None for all.
        """
        line = self._evaluation_line
        if line is None:
            return None
        end = part.end if length is None else part.start + length
        return Span(line.start + part.start, line.start + end)

    def find_part(self, node: ScalarNode, part: str, start: int = 0) -> Span | None:
        """Find a part of a value in the card; None if escapes or line ends spell it differently.

        Args:
            node: The value.
            part: The part.
            start: Where in the card to begin; the beginning of the value if that is further on.
        """
        start = self.text.find(part, max(start, node.start), node.end)
        return None if start < 0 else Span(start, start + len(part))

    def rewrite(self, node: ScalarNode, text: str) -> Edit:
        """The edit that gives a key another value; the end of its line stays."""
        written = self.text[node.start : node.end].rstrip()
        return Edit(node.start, node.start + len(written), text)

    def is_quoted(self, node: ScalarNode) -> bool:
        """Tell whether a value stands in quotes."""
        return self.text[node.start : node.start + 1] in {"'", '"'}

    def flag(
        self, key: str, message: str, fix: Fix | None = None, *, at: Place | None = None
    ) -> Draft:
        """Report something.

        Args:
            key: The path of the key that it is about, such as ``asset[0].asset-link``; empty for
                what has no key.
            message: What is wrong and what is wanted.
            fix: How it can be mended.
            at: The exact place; None takes the key's value.
        """
        place: Place = at or self.document.find(key) or self.top
        return Draft(place.start, place.end, key, message, fix)

    def flag_faults(self, kind: FaultKind) -> Drafts:
        """Report the faults of a kind that reading the card has come across."""
        for fault in self.faults(kind):
            yield Draft(fault.start, fault.end, fault.key, fault.message, None)

    def faults(self, kind: FaultKind) -> list[Fault]:
        """List the faults of a kind that reading the card has come across."""
        return [fault for fault in self.document.faults if fault.kind == kind]


def make_cover(places: Iterable[Place]) -> Callable[[int], bool]:
    """Make what tells of a character of the card whether it stands in one of several places.

    Example:
        >>> is_inside = make_cover([Span(2, 9), Span(4, 5)])
        >>> [is_inside(offset) for offset in (1, 2, 7, 9)]
        [False, True, True, False]
    """
    ordered = sorted((place.start, place.end) for place in places)
    starts = [start for start, _ in ordered]
    furthest = [0, *accumulate((end for _, end in ordered), max)]
    return lambda offset: offset < furthest[bisect_right(starts, offset)]


def _read_user(document: Document) -> str:
    node = document.scalar("user-id")
    return node.text.strip() if node else ""
