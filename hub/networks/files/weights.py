"""What every reader of weights gives, and what all of them need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

Array = npt.NDArray[Any]


class MalformedError(Exception):
    """What is wrong with a file, worded to follow "it cannot be read: ", without its path."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What a file of weights holds.

    Args:
        arrays: Names and values, in the file's order.
        architecture: The network that they are for, as ``"efficientnet_b0.torchvision"``; empty if
            the file does not say. Only files that mshub wrote do.
    """

    arrays: Mapping[str, Array]
    architecture: str = ""


def widen_bfloat16(bits: Array) -> Array:
    """Turn bfloat16, which numpy lacks, into the float32 of exactly the same value.

    Args:
        bits: The 16 bits of each number: the upper half of a float32's.

    Returns:
        The numbers, in the same shape.

    Example:
        >>> import numpy
        >>> widen_bfloat16(numpy.array([0x3F80, 0xC120], numpy.uint16))
        array([  1., -10.], dtype=float32)
    """
    return (bits.astype("<u4") << 16).view("<f4")
