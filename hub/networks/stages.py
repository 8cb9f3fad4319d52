"""Stages and blocks: the arithmetic that turns a row of a paper's table into convolutions.

A stage is a row as the papers print it; a block is what a builder needs, with every number filled
in. Both are plain records, so that a network can be described and counted without MindSpore.

The block comes from MobileNetV2, https://arxiv.org/abs/1801.04381 (inverted residual), with the
channel weights of https://arxiv.org/abs/1709.01507 (squeeze-and-excitation).
"""

from __future__ import annotations

from dataclasses import dataclass
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
