"""What a caller may want of a network besides its architecture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkOptions:
    """How a network is to differ from its architecture as published.

    Args:
        num_classes: Outputs of the classifier; None takes the weights' own, or ImageNet's 1000.
        in_channels: Channels of the images; other than 3 adapts the first convolution.
        features_only: Whether the network puts out feature maps of its stages, not classes.
        out_indices: Which stages' feature maps, counted from 0; None takes all of them.
        drop_rate: Probability that training zeroes an input of the classifier; None takes the
            architecture's own.
        drop_path_rate: Probability that training skips the last block (earlier ones less); None
            takes the architecture's own.
    """

    num_classes: int | None = None
    in_channels: int = 3
    features_only: bool = False
    out_indices: Sequence[int] | None = None
    drop_rate: float | None = None
    drop_path_rate: float | None = None
