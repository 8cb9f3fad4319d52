"""The probabilities by which training leaves something out."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from hub.errors import ArgumentError


def check_rate(argument: str, rate: Any) -> float:
    """Make sure that a number can be the probability of leaving something out.

    Args:
        argument: What the caller calls it, for the message.
        rate: The number.

    Returns:
        The same as Python's own float.

    Raises:
        ArgumentError: It is no number from 0 to less than 1: by 1 nothing would be left.

    Example:
        >>> check_rate("drop_rate", 0)
        0.0
        >>> check_rate("drop_rate", 1.5)
        Traceback (most recent call last):
        ...
        hub.errors.ArgumentError: drop_rate must be a number from 0 to less than 1, not 1.5
    """
    number = float(rate) if isinstance(rate, Real) and not isinstance(rate, bool) else math.nan
    if not 0 <= number < 1:
        raise ArgumentError(f"{argument} must be a number from 0 to less than 1, not {rate!r}")
    return number
