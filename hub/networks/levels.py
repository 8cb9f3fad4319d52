"""Feature levels: the last and richest map of each size that an image shrinks to.

Detection and segmentation read a network at several sizes at once (Feature Pyramid Networks,
https://arxiv.org/abs/1612.03144): for each stride, the outputs of the last stage that has it. An
EfficientNet has five of them, as in timm: strides 2, 4, 8, 16 and 32.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, SupportsIndex

from hub.errors import ArgumentError
from hub.networks.variants import Variant

_STEM_STRIDE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A feature map: ``stage`` counts from 0, ``stride`` is in pixels of the image."""

    stage: int
    channels: int
    stride: int


def find_levels(variant: Variant) -> tuple[Level, ...]:
    """Find the feature levels of a variant.

    Args:
        variant: The variant.

    Returns:
        The levels, from the largest map to the smallest.

    Example:
        >>> from hub.networks.variants import find_variant
        >>> [(level.stride, level.channels) for level in find_levels(find_variant("efficientnet_b0"))]
        [(2, 16), (4, 24), (8, 40), (16, 112), (32, 320)]
    """
    levels: dict[int, Level] = {}
    stride = _STEM_STRIDE
    for index, stage in enumerate(variant.stages):
        stride *= stage.stride
        levels[stride] = Level(stage=index, channels=stage.channels, stride=stride)
    return tuple(levels.values())


def choose_levels(
    variant: Variant, out_indices: Sequence[SupportsIndex] | None
) -> tuple[Level, ...]:
    """Choose among the feature levels of a variant.

    Args:
        variant: The variant.
        out_indices: Which ones: 0 is the largest map, -1 the smallest. None takes all.

    Returns:
        The levels that were chosen, in that order.

    Raises:
        ArgumentError: There is no such level, or the indices do not rise from level to level.

    Example:
        >>> from hub.networks.variants import find_variant
        >>> [level.stride for level in choose_levels(find_variant("efficientnet_b0"), (2, -1))]
        [8, 32]
        >>> choose_levels(find_variant("efficientnet_b0"), (5,))
        Traceback (most recent call last):
        ...
        hub.errors.ArgumentError: out_indices must be ... from 0 to 4 (or from -5 to -1), not (5,)
    """
    levels = find_levels(variant)
    if out_indices is None:
        return levels
    count = len(levels)
    chosen = _places(out_indices, count)
    if not chosen or chosen != sorted(set(chosen)):
        raise ArgumentError(
            f"out_indices must be a tuple of different levels of {variant.name}, in rising order: "
            f"from 0 to {count - 1} (or from {-count} to -1), not {out_indices!r}"
        )
    return tuple(levels[place] for place in chosen)


def _places(indices: Any, count: int) -> list[int]:
    """Count every index from 0; nothing if one of them is none."""
    if not isinstance(indices, (tuple, list)) or any(isinstance(index, bool) for index in indices):
        return []
    try:
        return [range(count)[index] for index in indices]
    except (TypeError, IndexError):
        return []
