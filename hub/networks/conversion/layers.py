"""A variant as a row of layers with parameters: what the names of all publishers are derived from.

Publishers build the same layers in the same order, and give them names that say where they stand:
in which stage, in which block, after which other steps. :class:`Layer` has all of these facts, so
that a publisher's names are one small function of a layer.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from hub.networks.stages import Block
from hub.networks.variants import Variant

Step = Literal["stem", "expand", "filter", "weigh", "project", "head", "classify"]
Kind = Literal["conv", "norm", "reduce", "restore", "dense"]
Shape = tuple[int, ...]

#: What PyTorch calls the tensors of a layer, in the order in which MindSpore has them.
PYTORCH_TENSORS: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        "conv": ("weight",),
        "norm": ("running_mean", "running_var", "weight", "bias"),
        "reduce": ("weight", "bias"),
        "restore": ("weight", "bias"),
        "dense": ("weight", "bias"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer that has parameters, and where it stands.

    Args:
        step: What it is for. In a block, ``expand`` widens, ``filter`` convolves (depthwise, or
            in full in a fused block), ``weigh`` is squeeze-and-excitation, ``project`` narrows.
        kind: What it is. ``reduce`` and ``restore`` are the two convolutions of ``weigh``.
        shape: The shape of its weight.
        stage: 0 is the stem; the last stage is followed by the head.
        index: Which block of its stage, from 0.
        number: Which block of the network, from 0.
        before: The steps of its block that come before its own.
        block: Its block; None in stem, head and classifier.
    """

    step: Step
    kind: Kind
    shape: Shape
    stage: int
    index: int = 0
    number: int = 0
    before: tuple[Step, ...] = ()
    block: Block | None = None

    @property
    def tensor_shapes(self) -> tuple[Shape, ...]:
        """The shapes of its tensors, in the order of :data:`PYTORCH_TENSORS`."""
        if self.kind == "norm":
            return (self.shape,) * 4
        return (self.shape,) if self.kind == "conv" else (self.shape, self.shape[:1])


def list_layers(variant: Variant, num_classes: int = 1000, in_channels: int = 3) -> Iterator[Layer]:
    """Follow a network from its input to its output.

    Args:
        variant: The network.
        num_classes: Outputs of its classifier.
        in_channels: Channels of its images.

    Yields:
        Its layers, in order.

    Example:
        >>> from hub.networks.variants import find_variant
        >>> for layer in list_layers(find_variant("efficientnet_b0")):
        ...     if layer.number == 1 and layer.kind == "conv" and layer.block:
        ...         print(layer.stage, layer.index, layer.step, layer.shape)
        2 0 expand (96, 16, 1, 1)
        2 0 filter (96, 1, 3, 3)
        2 0 project (24, 96, 1, 1)
    """
    stem, head = variant.stem_channels, variant.head_channels
    yield Layer(step="stem", kind="conv", shape=(stem, in_channels, 3, 3), stage=0)
    yield Layer(step="stem", kind="norm", shape=(stem,), stage=0)
    number = itertools.count()
    for stage, blocks in enumerate(variant.blocks(), start=1):
        for index, block in enumerate(blocks):
            yield from _list_block(block, stage, index, next(number))
    stage = len(variant.stages) + 1
    last = variant.stages[-1].channels
    yield Layer(step="head", kind="conv", shape=(head, last, 1, 1), stage=stage)
    yield Layer(step="head", kind="norm", shape=(head,), stage=stage)
    yield Layer(step="classify", kind="dense", shape=(num_classes, head), stage=stage)


def _list_block(block: Block, stage: int, index: int, number: int) -> Iterator[Layer]:
    before: tuple[Step, ...] = ()
    for step, shapes in _list_steps(block):
        for kind, shape in shapes.items():
            yield Layer(
                step=step,
                kind=kind,
                shape=shape,
                stage=stage,
                index=index,
                number=number,
                before=before,
                block=block,
            )
        before = (*before, step)


def _list_steps(block: Block) -> Iterator[tuple[Step, Mapping[Kind, Shape]]]:
    """Name the steps of a block, each with its layers' shapes."""
    inputs, inside, outputs = block.in_channels, block.hidden_channels, block.out_channels
    if block.kind == "fused":
        filters = inside if block.expands else outputs
        yield "filter", _conv_norm(filters, inputs, block.kernel)
        if block.expands:
            yield "project", _conv_norm(outputs, inside, 1)
        return
    if block.expands:
        yield "expand", _conv_norm(inside, inputs, 1)
    yield "filter", _conv_norm(inside, 1, block.kernel)
    if narrow := block.squeeze_channels:
        yield "weigh", {"reduce": (narrow, inside, 1, 1), "restore": (inside, narrow, 1, 1)}
    yield "project", _conv_norm(outputs, inside, 1)


def _conv_norm(filters: int, inputs: int, kernel: int) -> Mapping[Kind, Shape]:
    return {"conv": (filters, inputs, kernel, kernel), "norm": (filters,)}
