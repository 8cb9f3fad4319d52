"""The ``evaluation`` line of a card: ``top1acc76.88 | top5acc93.28``."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, NamedTuple

from hub.frozen import FrozenMapping
from hub.terms.metrics import canonical_metric

# A name, then a number that ends the segment. The name takes as little as it can, and does not end
# in a digit, so that "set5psnr37.6" is set5psnr 37.6 and "top1acc76.88" is top1acc 76.88.
_SEGMENT = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9@./_:%= -]{0,79}?(?<![0-9.+-]))[:= ]?"
    r"(?P<value>[+-]?\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,2})?)",
    re.ASCII,
)
_NONE = frozenset({"-", "no", "none", "n/a"})


class Metric(NamedTuple):
    """A segment of the line that is a name and a number.

    Attributes:
        name: The name as written, such as ``top1acc``.
        value: The number, with the digits that are written.
        start: Where the segment begins in the line.
        end: Where it ends.
    """

    name: str
    value: Decimal
    start: int
    end: int

    @property
    def canonical(self) -> str:
        """The name that all spellings of this metric share, such as ``top1_accuracy``."""
        return canonical_metric(self.name)


class Segment(NamedTuple):
    """A segment of the line that is no metric."""

    text: str
    start: int
    end: int


class Evaluation(FrozenMapping[Decimal]):
    """The metrics that a card states, by name, exactly as written.

    Attributes:
        text: The line as it stands in the card.
        metrics: All segments that are ``name number``, in order, also those that repeat a name.
        unparsed: The segments that are not, in order.
        unread: The texts that the mapping lacks: what is no metric, or repeats a name.

    Example:
        >>> evaluation = Evaluation("top1acc76.88 | top5acc93.28")
        >>> evaluation["top1acc"], evaluation.metrics[1].canonical
        (Decimal('76.88'), 'top5_accuracy')
        >>> dict(Evaluation("-")), Evaluation("-").state
        ({}, 'none')
        >>> Evaluation("top1acc69.73 | top1acc89.35").unread
        ('top1acc89.35',)
    """

    __slots__ = ("metrics", "text", "unparsed", "unread")
    text: str
    metrics: tuple[Metric, ...]
    unparsed: tuple[Segment, ...]
    unread: tuple[str, ...]

    def __init__(self, text: str) -> None:
        values: dict[str, Decimal] = {}
        metrics: list[Metric] = []
        unparsed: list[Segment] = []
        unread: list[str] = []
        for segment in _split(text):
            match = _SEGMENT.fullmatch(segment.text)
            if match is None:
                unparsed.append(segment)
                unread.append(segment.text)
                continue
            metric = Metric(match["name"], Decimal(match["value"]), segment.start, segment.end)
            metrics.append(metric)
            if metric.name in values:
                unread.append(segment.text)
            else:
                values[metric.name] = metric.value
        super().__init__(values)
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "metrics", tuple(metrics))
        object.__setattr__(self, "unparsed", tuple(unparsed))
        object.__setattr__(self, "unread", tuple(unread))

    @property
    def state(self) -> Literal["stated", "none", "absent", "unparsed"]:
        """Whether there are metrics, ``none`` in so many words, no line, or no metric in it."""
        if self.metrics:
            return "stated"
        if not self.text.strip():
            return "absent"
        return "none" if self.text.strip().lower() in _NONE else "unparsed"

    def __eq__(self, other: object) -> bool:
        """Whether the same is stated, also by what is no metric; a plain mapping has no such."""
        if isinstance(other, Evaluation):
            return (self._values, self.unread) == (other._values, other.unread)
        return super().__eq__(other)

    __hash__ = FrozenMapping.__hash__

    def __repr__(self) -> str:
        return f"Evaluation({self.text!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return Evaluation, (self.text,)


def _split(text: str) -> list[Segment]:
    if text.strip().lower() in _NONE:
        return []
    segments = []
    start = 0
    for part in text.split("|"):
        bare = part.strip()
        if bare:
            first = start + part.index(bare)
            segments.append(Segment(bare, first, first + len(bare)))
        start += len(part) + 1
    return segments
