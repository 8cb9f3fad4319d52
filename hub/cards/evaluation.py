"""The ``evaluation`` line of a card: ``top1acc76.88 | top5acc93.28``."""

from __future__ import annotations

import re
from decimal import Decimal

from hub.cards.frozen import FrozenMapping

# A name, then a number that ends the segment. The name takes as little as it can, and does not end
# in a digit, so that "set5psnr37.6" is set5psnr 37.6 and "top1acc76.88" is top1acc 76.88.
_SEGMENT = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9@./_:%= -]{0,79}?(?<![0-9.+-]))[:= ]?"
    r"(?P<value>[+-]?\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,2})?)",
    re.ASCII,
)
_NONE = frozenset({"", "-", "no", "none", "n/a"})


class Evaluation(FrozenMapping[Decimal]):
    """The metrics that a card states, by name, exactly as written.

    Attributes:
        text: The line as it stands in the card.
        unread: The segments that are no ``name number``, or that repeat a name: kept, not guessed.

    Example:
        >>> evaluation = Evaluation("top1acc76.88 | top5acc93.28")
        >>> evaluation["top1acc"]
        Decimal('76.88')
        >>> dict(Evaluation("-"))
        {}
        >>> Evaluation("top1acc69.73 | top1acc89.35").unread
        ('top1acc89.35',)
    """

    __slots__ = ("text", "unread")
    text: str
    unread: tuple[str, ...]

    def __init__(self, text: str) -> None:
        metrics: dict[str, Decimal] = {}
        unread: list[str] = []
        segments = [] if text.strip().lower() in _NONE else text.split("|")
        for segment in map(str.strip, segments):
            match = _SEGMENT.fullmatch(segment)
            if match is None or match["name"] in metrics:
                unread.append(segment)
            else:
                metrics[match["name"]] = Decimal(match["value"])
        super().__init__(metrics)
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "unread", tuple(unread))

    def __repr__(self) -> str:
        return f"Evaluation({self.text!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return Evaluation, (self.text,)
