"""What a variant's stages cost, by arithmetic alone: parameters, multiply-adds, resolutions.

A multiply-add is one product and its addition; where a tool counts floating-point operations, they
are two. Counted are the convolutions, those of squeeze-and-excitation among them, and the classifier.
Batch normalisation, activations, means, sums and the scaling of channels are not: together they are
a few hundredths of the whole, and depend on how a network is run.

torchvision counts the same, and prints the same figures beside its weights. So do the authors of V2
in the README of their code (https://github.com/google/automl/tree/master/efficientnetv2), to a
hundredth. The other publications are within 6 % of what is counted here, on either side; in units of
10^9: B0 0.39, B1 0.70, B2 1.0, B3 1.8, B4 4.2, B5 9.9, B6 19, B7 37 in the paper
https://arxiv.org/abs/1905.11946, Table 2; V2-S 8.8, M 24, L 53 in https://arxiv.org/abs/2104.00298,
Table 7; Lite0 0.407 to Lite4 2.64 in the README that :mod:`hub.networks.variants` names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hub.errors import ArgumentError
from hub.networks.stages import Block, Stage, count_conv_norm
from hub.networks.variants import Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSummary:
    """One row of the table: a stage, or what stands before and behind all stages.

    Attributes:
        name: ``"stem"``, the number of the stage from 1, ``"head"`` or ``"classifier"``.
        operator: What it is built of, as the papers write it: ``"MBConv6, k5x5"``.
        stride: How many times smaller the sides of its output are than those of its input.
        channels: Channels that it puts out; of the classifier, its classes.
        repeats: Number of blocks.
        input_size: Side of the feature maps that go in, in pixels.
        output_size: Side of the feature maps that come out, in pixels.
        parameters: Values that training adjusts.
        multiply_adds: Multiply-adds for one image.
    """

    name: str
    operator: str
    stride: int
    channels: int
    repeats: int
    input_size: int
    output_size: int
    parameters: int
    multiply_adds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The whole table, from stem to classifier.

    Attributes:
        architecture: The variant's name.
        resolution: Side of the square image, in pixels.
        in_channels: Channels of the image.
        stages: The rows, in the order in which an image passes them.
    """

    architecture: str
    resolution: int
    in_channels: int
    stages: tuple[StageSummary, ...]

    @property
    def parameters(self) -> int:
        """Values that training adjusts, in all rows."""
        return sum(stage.parameters for stage in self.stages)

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds for one image, in all rows."""
        return sum(stage.multiply_adds for stage in self.stages)


def summarise_variant(
    variant: Variant,
    *,
    resolution: int | None = None,
    num_classes: int = 1000,
    in_channels: int = 3,
) -> Summary:
    """Count what a variant is made of and what it costs, stage by stage; nothing is built.

    Args:
        variant: Which one, from :func:`hub.networks.variants.find_variant`.
        resolution: Side of the square image, in pixels; None takes the variant's own.
        num_classes: Outputs of the classifier.
        in_channels: Channels of the image.

    Returns:
        The table. Its parameters are those of :meth:`Variant.count_parameters`; what its
        multiply-adds are is said at the top of this module.

    Raises:
        ArgumentError: A number is no positive integer.

    Example:
        >>> from hub.networks.variants import find_variant
        >>> summary = summarise_variant(find_variant("efficientnet_b0"))
        >>> summary.parameters, summary.multiply_adds
        (5288548, 385814752)
        >>> stage = summary.stages[5]
        >>> stage.operator, stage.channels, stage.repeats, stage.input_size, stage.output_size
        ('MBConv6, k5x5', 112, 3, 14, 14)
    """
    size = variant.resolution if resolution is None else resolution
    asked = {"resolution": size, "num_classes": num_classes, "in_channels": in_channels}
    for name, number in asked.items():
        if type(number) is not int or number < 1:
            raise ArgumentError(f"{name} must be a positive integer, not {number!r}")
    rows = [_summarise_stem(variant, in_channels, size)]
    for stage, blocks in zip(variant.stages, variant.blocks(), strict=True):
        rows.append(_summarise_stage(str(len(rows)), stage, blocks, rows[-1].output_size))
    rows.append(_summarise_head(variant, rows[-1].output_size))
    rows.append(_summarise_classifier(variant, num_classes, rows[-1].output_size))
    return Summary(
        architecture=variant.name, resolution=size, in_channels=in_channels, stages=tuple(rows)
    )


def _summarise_stem(variant: Variant, in_channels: int, size: int) -> StageSummary:
    channels, output_size = variant.stem_channels, _shrink(size, 2)
    return StageSummary(
        name="stem",
        operator="Conv3x3",
        stride=2,
        channels=channels,
        repeats=1,
        input_size=size,
        output_size=output_size,
        parameters=count_conv_norm(in_channels, channels, 3),
        multiply_adds=in_channels * channels * 3**2 * output_size**2,
    )


def _summarise_stage(
    name: str, stage: Stage, blocks: Iterable[Block], input_size: int
) -> StageSummary:
    parameters = multiply_adds = 0
    size = input_size
    for block in blocks:
        parameters += block.count_parameters()
        multiply_adds += _count_block(block, size)
        size = _shrink(size, block.stride)
    kind = {"mbconv": "MBConv", "fused": "Fused-MBConv"}[stage.block]
    return StageSummary(
        name=name,
        operator=f"{kind}{stage.expand}, k{stage.kernel}x{stage.kernel}",
        stride=stage.stride,
        channels=stage.channels,
        repeats=stage.repeats,
        input_size=input_size,
        output_size=size,
        parameters=parameters,
        multiply_adds=multiply_adds,
    )


def _summarise_head(variant: Variant, size: int) -> StageSummary:
    before, channels = variant.stages[-1].channels, variant.head_channels
    return StageSummary(
        name="head",
        operator="Conv1x1",
        stride=1,
        channels=channels,
        repeats=1,
        input_size=size,
        output_size=size,
        parameters=count_conv_norm(before, channels, 1),
        multiply_adds=before * channels * size**2,
    )


def _summarise_classifier(variant: Variant, num_classes: int, size: int) -> StageSummary:
    return StageSummary(
        name="classifier",
        operator="Mean, Dense",
        stride=size,
        channels=num_classes,
        repeats=1,
        input_size=size,
        output_size=1,
        parameters=(variant.head_channels + 1) * num_classes,
        multiply_adds=variant.head_channels * num_classes,
    )


def _count_block(block: Block, input_size: int) -> int:
    """Count a block's multiply-adds; ``input_size`` is the side of what goes in."""
    inside, output_size = block.hidden_channels, _shrink(input_size, block.stride)
    filters = block.kernel**2 * output_size**2
    project = inside * block.out_channels * output_size**2
    if block.kind == "fused":
        if not block.expands:
            return block.in_channels * block.out_channels * filters
        return block.in_channels * inside * filters + project
    expand = block.in_channels * inside * input_size**2 if block.expands else 0
    squeeze_excite = 2 * inside * block.squeeze_channels
    return expand + inside * filters + squeeze_excite + project


def _shrink(size: int, stride: int) -> int:
    """Return the side of a convolution's output: ``size / stride``, rounded up.

    Both paddings give it. ``"same"`` is defined by it; ``"symmetric"`` puts ``(k - 1) / 2`` zeros
    on each side, so that ``floor((size - 1) / stride) + 1`` come out, for the odd ``k`` of all
    filters of this family.
    """
    return -(-size // stride)
