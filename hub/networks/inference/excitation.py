"""Squeeze-and-excitation whose means are a matrix product.

MindSpore's mean over two dimensions is slow on CPU. The product of each channel's pixels with a column
of 1 / (H * W) is the same number in a third to a sixth of the time.
"""

from __future__ import annotations

from typing import Any

from mindspore import nn, ops

from hub.networks.efficientnet import SqueezeExcite


class ProductSqueezeExcite(nn.Cell):  # type: ignore[misc]
    """Weigh each channel by a factor between 0 and 1, as :class:`SqueezeExcite` does.

    Args:
        original: Whose convolutions to use.

    Inputs:
        x: float32 ``(N, channels, H, W)``.

    Outputs:
        float32 ``(N, channels, H, W)``.
    """

    def __init__(self, original: SqueezeExcite) -> None:
        super().__init__()
        self.conv_reduce = original.conv_reduce
        self.conv_expand = original.conv_expand

    def construct(self, x: Any) -> Any:
        """Weigh the channels of ``x``."""
        batch, channels, height, width = x.shape
        pixels = height * width
        shares = ops.full((pixels, 1), 1 / pixels, dtype=x.dtype)
        means = ops.matmul(x.reshape(batch * channels, pixels), shares)
        weights = means.reshape(batch, channels, 1, 1)
        weights = ops.silu(self.conv_reduce(weights))  # (N, squeeze_channels, 1, 1)
        weights = ops.sigmoid(self.conv_expand(weights))  # (N, channels, 1, 1)
        return x * weights
