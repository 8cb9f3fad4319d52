"""Stages and blocks: the papers' tables, and the arithmetic that turns a row into convolutions.

A stage is a row as the papers print it; a block is what a builder needs, with every number filled
in. Both are plain records, so that a network can be described and counted without MindSpore.

B0's table is Table 1 of https://arxiv.org/abs/1905.11946, V2-S's is Table 4 of
https://arxiv.org/abs/2104.00298; the other V2 ones stand in that paper's code,
https://github.com/google/automl/tree/master/efficientnetv2 (``effnetv2_configs.py``).

The block comes from MobileNetV2, https://arxiv.org/abs/1801.04381 (inverted residual), with the
channel weights of https://arxiv.org/abs/1709.01507 (squeeze-and-excitation).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

BlockKind = Literal["mbconv", "fused"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of a paper's table: blocks that all put out the same number of channels.

    Args:
        block: ``"mbconv"`` widens its input by a 1x1 convolution, filters each channel by itself
            (depthwise) and projects back; ``"fused"`` does the first two in one full convolution.
        expand: How many times wider a block is inside than its input.
        kernel: Side of the filtering convolution, in pixels.
        stride: Step of the first block's filter, in pixels; the other blocks have stride 1.
        channels: Channels that each block puts out.
        repeats: Number of blocks.

    Example:
        >>> stage = Stage("mbconv", expand=6, kernel=5, stride=2, channels=40, repeats=2)
        >>> for block in stage.blocks(in_channels=24, squeeze_excite=True):
        ...     print(block.in_channels, block.hidden_channels, block.out_channels, block.stride)
        24 144 40 2
        40 240 40 1
    """

    block: BlockKind
    expand: int
    kernel: int
    stride: int
    channels: int
    repeats: int

    def scale(self, width: float, depth: float, *, least: float = 0.9) -> Stage:
        """Make the stage wider and deeper, as the papers derive one network from another.

        Args:
            width: How many times more channels.
            depth: How many times more blocks, rounded up.
            least: As for :func:`round_channels`.

        Returns:
            The scaled stage.

        Example:
            >>> Stage("mbconv", 6, 5, 2, 40, 2).scale(width=1.2, depth=1.4)
            Stage(block='mbconv', expand=6, kernel=5, stride=2, channels=48, repeats=3)
        """
        return replace(
            self,
            channels=round_channels(self.channels * width, least=least),
            repeats=math.ceil(self.repeats * depth),
        )

    def blocks(self, in_channels: int, *, squeeze_excite: bool) -> tuple[Block, ...]:
        """Fill in every number of the stage's blocks.

        Args:
            in_channels: Channels that the stage before puts out.
            squeeze_excite: Whether ``mbconv`` blocks weigh their channels.

        Returns:
            The blocks, in order.
        """
        squeezes = squeeze_excite and self.block == "mbconv"

        def block(in_channels: int, stride: int) -> Block:
            return Block(
                kind=self.block,
                in_channels=in_channels,
                hidden_channels=in_channels * self.expand,
                out_channels=self.channels,
                kernel=self.kernel,
                stride=stride,
                squeeze_channels=max(1, in_channels // 4) if squeezes else 0,
            )

        first, other = block(in_channels, self.stride), block(self.channels, stride=1)
        return (first, *[other] * (self.repeats - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One residual block, complete; ``squeeze_channels`` is 0 without squeeze-and-excitation."""

    kind: BlockKind
    in_channels: int
    hidden_channels: int
    out_channels: int
    kernel: int
    stride: int
    squeeze_channels: int

    @property
    def expands(self) -> bool:
        """Whether the block is wider inside than its input."""
        return self.hidden_channels != self.in_channels

    @property
    def has_shortcut(self) -> bool:
        """Whether the output has the input's shape, and the input is added to it."""
        return self.stride == 1 and self.in_channels == self.out_channels

    def count_parameters(self) -> int:
        """Count the values that training adjusts."""
        inside, out = self.hidden_channels, self.out_channels
        if self.kind == "fused" and not self.expands:
            return count_conv_norm(self.in_channels, out, self.kernel)
        project = count_conv_norm(inside, out, 1)
        if self.kind == "fused":
            return count_conv_norm(self.in_channels, inside, self.kernel) + project
        expand = count_conv_norm(self.in_channels, inside, 1) if self.expands else 0
        depthwise = count_conv_norm(1, inside, self.kernel)
        return expand + depthwise + self._count_squeeze_excite() + project

    def _count_squeeze_excite(self) -> int:
        if not self.squeeze_channels:
            return 0
        reduce = (self.hidden_channels + 1) * self.squeeze_channels
        expand = (self.squeeze_channels + 1) * self.hidden_channels
        return reduce + expand


def count_conv_norm(in_channels: int, out_channels: int, kernel: int) -> int:
    """Count the values in a convolution without bias and in the batch normalisation after it.

    Args:
        in_channels: Channels that each filter sees: all of the input's, or 1 when depthwise.
        out_channels: Number of filters.
        kernel: Side of a filter, in pixels.

    Returns:
        The filters' weights, and a scale and a shift for each output channel.

    Example:
        >>> count_conv_norm(3, 32, 3)
        928
    """
    return in_channels * out_channels * kernel**2 + 2 * out_channels


def round_channels(exact: float, *, least: float = 0.9) -> int:
    """Round a number of channels to the nearest multiple of 8, which hardware likes.

    Args:
        exact: What a scaling gave.
        least: Share of ``exact`` that must remain: below it, the next multiple is taken.

    Returns:
        The number of channels, at least 8.

    Example:
        >>> round_channels(1280 * 1.1), round_channels(32 * 1.1), round_channels(11)
        (1408, 32, 16)
    """
    rounded = max(8, int(exact + 4) // 8 * 8)
    return rounded if rounded >= least * exact else rounded + 8


B0_STAGES = (
    # block, expand, kernel, stride, channels, repeats
    Stage("mbconv", 1, 3, 1, 16, 1),
    Stage("mbconv", 6, 3, 2, 24, 2),
    Stage("mbconv", 6, 5, 2, 40, 2),
    Stage("mbconv", 6, 3, 2, 80, 3),
    Stage("mbconv", 6, 5, 1, 112, 3),
    Stage("mbconv", 6, 5, 2, 192, 4),
    Stage("mbconv", 6, 3, 1, 320, 1),
)

V2_B0_STAGES = (
    Stage("fused", 1, 3, 1, 16, 1),
    Stage("fused", 4, 3, 2, 32, 2),
    Stage("fused", 4, 3, 2, 48, 2),
    Stage("mbconv", 4, 3, 2, 96, 3),
    Stage("mbconv", 6, 3, 1, 112, 5),
    Stage("mbconv", 6, 3, 2, 192, 8),
)

V2_S_STAGES = (
    Stage("fused", 1, 3, 1, 24, 2),
    Stage("fused", 4, 3, 2, 48, 4),
    Stage("fused", 4, 3, 2, 64, 4),
    Stage("mbconv", 4, 3, 2, 128, 6),
    Stage("mbconv", 6, 3, 1, 160, 9),
    Stage("mbconv", 6, 3, 2, 256, 15),
)

V2_M_STAGES = (
    Stage("fused", 1, 3, 1, 24, 3),
    Stage("fused", 4, 3, 2, 48, 5),
    Stage("fused", 4, 3, 2, 80, 5),
    Stage("mbconv", 4, 3, 2, 160, 7),
    Stage("mbconv", 6, 3, 1, 176, 14),
    Stage("mbconv", 6, 3, 2, 304, 18),
    Stage("mbconv", 6, 3, 1, 512, 5),
)

V2_L_STAGES = (
    Stage("fused", 1, 3, 1, 32, 4),
    Stage("fused", 4, 3, 2, 64, 7),
    Stage("fused", 4, 3, 2, 96, 7),
    Stage("mbconv", 4, 3, 2, 192, 10),
    Stage("mbconv", 6, 3, 1, 224, 19),
    Stage("mbconv", 6, 3, 2, 384, 25),
    Stage("mbconv", 6, 3, 1, 640, 7),
)

V2_XL_STAGES = (
    Stage("fused", 1, 3, 1, 32, 4),
    Stage("fused", 4, 3, 2, 64, 8),
    Stage("fused", 4, 3, 2, 96, 8),
    Stage("mbconv", 4, 3, 2, 192, 16),
    Stage("mbconv", 6, 3, 1, 256, 24),
    Stage("mbconv", 6, 3, 2, 512, 32),
    Stage("mbconv", 6, 3, 1, 640, 8),
)
