"""What a rule looks at: one card, as text, as nodes and as a record."""

from __future__ import annotations

import datetime

from hub.cards.document import Document
from hub.cards.nodes import Fault, FaultKind, MapNode, ScalarNode, Span
from hub.cards.record import Card, build_card
from hub.errors import CardError
from hub.findings import Fix
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

    __slots__ = (
        "body",
        "document",
        "header",
        "location",
        "record",
        "text",
        "today",
        "vocabulary",
    )

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
        self.location: Location | None = locate(document.source)
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
