"""From the scores that a network puts out to the likeliest classes."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.errors import ArgumentError

if TYPE_CHECKING:
    from hub.images.kinds import Array


@dataclass(frozen=True, slots=True)
class Prediction:
    """One class that an image may show, and how likely that is.

    Attributes:
        label: The name of the class.
        index: Its number among the network's outputs, from 0.
        probability: From 0 to 1; over all classes it sums up to 1.

    Example:
        >>> print(Prediction("espresso", 967, 0.9512))
        95.1% espresso
    """

    label: str
    index: int
    probability: float

    def __str__(self) -> str:
        return f"{self.probability:.1%} {self.label}"


def check_top(top: int) -> int:
    """Return a number of predictions, if it is one.

    Raises:
        ArgumentError: It is no whole number from 1.

    Example:
        >>> check_top(5)
        5
    """
    try:
        number = 0 if isinstance(top, bool) else operator.index(top)
    except TypeError:
        number = 0
    if number < 1:
        raise ArgumentError(f"top must be a whole number from 1, not {top!r}")
    return number


def rank_classes(scores: Array, labels: Sequence[str], top: int) -> list[list[Prediction]]:
    """Return the likeliest classes of each image, the likeliest first.

    Args:
        scores: What the network puts out for each image and class (logits), finite, (N, classes).
        labels: The classes' names, in the order of the outputs.
        top: How many are wanted; if there are fewer classes, it is all of them.

    Example:
        >>> import numpy as np
        >>> print(*rank_classes(np.float32([[0, 1000, 0]]), ["cat", "dog", "cow"], 2)[0])
        100.0% dog 0.0% cat
    """
    import numpy as np

    shifted = scores.astype(np.float64) - scores.max(axis=1, keepdims=True)
    odds = np.exp(shifted)  # at most 1, so that nothing overflows
    probabilities = odds / odds.sum(axis=1, keepdims=True)
    order = np.argsort(-shifted, axis=1, kind="stable")[:, :top]
    return [
        [Prediction(labels[i], int(i), float(row[i])) for i in best]
        for row, best in zip(probabilities, order, strict=True)
    ]
