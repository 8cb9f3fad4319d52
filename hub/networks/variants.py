"""The EfficientNet family as a table: seventeen variants, each a literal network.

The rows are the papers' rows. Where a paper says "as B0, but 1.2 times as wide", the scaling is
done here and before anything is built, so that :attr:`Variant.stages` is the network that runs.

Papers: B0 to B7, https://arxiv.org/abs/1905.11946 (Table 1 is B0). V2,
https://arxiv.org/abs/2104.00298 (Table 4 is S; M, L and XL come from its code). Lite,
https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite (its README).
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from hub.errors import ArchitectureError
from hub.networks.stages import Block, Stage, count_conv_norm

Activation = Literal["swish", "relu6"]
Padding = Literal["same", "symmetric"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One size of the architecture, with nothing left to scale or to look up.

    Args:
        name: The architecture's name, as model cards write it.
        stages: The residual stages between stem and head.
        stem_channels: Channels that the first convolution (3x3, stride 2) puts out.
        head_channels: Channels that the last convolution (1x1) puts out.
        resolution: Side of the square input at evaluation, in pixels.
        dropout: Probability that training zeroes an input of the classifier.
        drop_path: Probability that training skips a block (stochastic depth): it grows linearly
            with depth, from 0 at the first block towards this value.
        activation: The non-linearity after every convolution but the last of a block.
        squeeze_excite: Whether the ``mbconv`` blocks weigh their channels.
        norm_epsilon: What batch normalisation adds to the variance.
        norm_momentum: Share of the running statistics that a training step keeps.
        padding: Where a convolution's zeros go: ``"same"`` as TensorFlow and MindCV have it (at
            stride 2 the odd one right and below), ``"symmetric"`` as PyTorch has it.

    Example:
        >>> b0 = find_variant("efficientnet_b0")
        >>> b0.stages[1]
        Stage(block='mbconv', expand=6, kernel=3, stride=2, channels=24, repeats=2)
        >>> b0.count_parameters()
        5288548
    """

    name: str
    stages: tuple[Stage, ...]
    stem_channels: int
    head_channels: int
    resolution: int
    dropout: float
    drop_path: float = 0.2
    activation: Activation = "swish"
    squeeze_excite: bool = True
    norm_epsilon: float = 1e-5
    norm_momentum: float = 0.9
    padding: Padding = "same"

    def blocks(self) -> tuple[tuple[Block, ...], ...]:
        """Spell out the blocks of each stage, so that a builder only has to follow.

        Returns:
            For each stage, its blocks in order.

        Example:
            >>> [len(blocks) for blocks in find_variant("efficientnet_b0").blocks()]
            [1, 2, 2, 3, 3, 4, 1]
        """
        inputs = (self.stem_channels, *(stage.channels for stage in self.stages))
        return tuple(
            stage.blocks(channels, squeeze_excite=self.squeeze_excite)
            for channels, stage in zip(inputs, self.stages, strict=False)
        )

    def count_parameters(self, num_classes: int = 1000, in_channels: int = 3) -> int:
        """Count the values that training adjusts, by arithmetic alone.

        The running statistics of batch normalisation are no part of it: they are stored in a
        checkpoint, but not trained.

        Args:
            num_classes: Outputs of the classifier.
            in_channels: Channels of the input image.

        Returns:
            The number of trainable values.

        Example:
            >>> find_variant("efficientnet_lite0").count_parameters()
            4652008
        """
        stem = count_conv_norm(in_channels, self.stem_channels, 3)
        blocks = sum(block.count_parameters() for stage in self.blocks() for block in stage)
        head = count_conv_norm(self.stages[-1].channels, self.head_channels, 1)
        return stem + blocks + head + (self.head_channels + 1) * num_classes


def find_variant(name: str) -> Variant:
    """Look a variant up by its architecture's name.

    Args:
        name: For example ``"efficientnet_b0"``, in upper or lower case.

    Returns:
        The variant.

    Raises:
        ArchitectureError: No variant has this name; the message lists those that there are.

    Example:
        >>> find_variant("EfficientNet_B3").resolution
        300
    """
    wanted = name.lower()
    if wanted in VARIANTS:
        return VARIANTS[wanted]
    likeness = {known: difflib.SequenceMatcher(None, wanted, known).ratio() for known in VARIANTS}
    nearest = max(likeness, key=likeness.__getitem__)
    hint = f" Did you mean {nearest!r}?" if likeness[nearest] > 0.6 else ""
    raise ArchitectureError(
        f"mshub builds no network called {name!r}.{hint} It builds {', '.join(VARIANTS)}. "
        "Of any other model, hub.fetch(...) still returns the file and hub.load_weights(...) the "
        "parameters.",
        name=name,
        known=tuple(VARIANTS),
    )


def _scale_channels(channels: int, width: float) -> int:
    """Round to a multiple of 8, but never more than a tenth below the exact value."""
    exact = channels * width
    rounded = max(8, int(exact + 4) // 8 * 8)
    return rounded if rounded >= 0.9 * exact else rounded + 8


def _scale(stage: Stage, width: float, depth: float) -> Stage:
    return replace(
        stage,
        channels=_scale_channels(stage.channels, width),
        repeats=math.ceil(stage.repeats * depth),
    )


_B0_STAGES = (  # B0 paper, Table 1
    # block, expand, kernel, stride, channels, repeats
    Stage("mbconv", 1, 3, 1, 16, 1),
    Stage("mbconv", 6, 3, 2, 24, 2),
    Stage("mbconv", 6, 5, 2, 40, 2),
    Stage("mbconv", 6, 3, 2, 80, 3),
    Stage("mbconv", 6, 5, 1, 112, 3),
    Stage("mbconv", 6, 5, 2, 192, 4),
    Stage("mbconv", 6, 3, 1, 320, 1),
)

_V2_S_STAGES = (  # V2 paper, Table 4
    Stage("fused", 1, 3, 1, 24, 2),
    Stage("fused", 4, 3, 2, 48, 4),
    Stage("fused", 4, 3, 2, 64, 4),
    Stage("mbconv", 4, 3, 2, 128, 6),
    Stage("mbconv", 6, 3, 1, 160, 9),
    Stage("mbconv", 6, 3, 2, 256, 15),
)

_V2_M_STAGES = (
    Stage("fused", 1, 3, 1, 24, 3),
    Stage("fused", 4, 3, 2, 48, 5),
    Stage("fused", 4, 3, 2, 80, 5),
    Stage("mbconv", 4, 3, 2, 160, 7),
    Stage("mbconv", 6, 3, 1, 176, 14),
    Stage("mbconv", 6, 3, 2, 304, 18),
    Stage("mbconv", 6, 3, 1, 512, 5),
)

_V2_L_STAGES = (
    Stage("fused", 1, 3, 1, 32, 4),
    Stage("fused", 4, 3, 2, 64, 7),
    Stage("fused", 4, 3, 2, 96, 7),
    Stage("mbconv", 4, 3, 2, 192, 10),
    Stage("mbconv", 6, 3, 1, 224, 19),
    Stage("mbconv", 6, 3, 2, 384, 25),
    Stage("mbconv", 6, 3, 1, 640, 7),
)

_V2_XL_STAGES = (
    Stage("fused", 1, 3, 1, 32, 4),
    Stage("fused", 4, 3, 2, 64, 8),
    Stage("fused", 4, 3, 2, 96, 8),
    Stage("mbconv", 4, 3, 2, 192, 16),
    Stage("mbconv", 6, 3, 1, 256, 24),
    Stage("mbconv", 6, 3, 2, 512, 32),
    Stage("mbconv", 6, 3, 1, 640, 8),
)


_MINDSPORE_NORM = (1e-5, 0.9)  # epsilon, momentum
_TENSORFLOW_NORM = (1e-3, 0.99)


def _b(
    name: str,
    width: float,
    depth: float,
    dropout: float,
    resolution: int,
    norm: tuple[float, float] = _MINDSPORE_NORM,
) -> Variant:
    return Variant(
        name=name,
        stages=tuple(_scale(stage, width, depth) for stage in _B0_STAGES),
        stem_channels=_scale_channels(32, width),
        head_channels=_scale_channels(1280, width),
        resolution=resolution,
        dropout=dropout,
        norm_epsilon=norm[0],
        norm_momentum=norm[1],
    )


def _lite(name: str, width: float, depth: float, dropout: float, resolution: int) -> Variant:
    """Stem and head stay as they are in B0, the first and the last stage only get wider."""
    first, *middle, last = _B0_STAGES
    return Variant(
        name=name,
        stages=(
            _scale(first, width, 1.0),
            *(_scale(stage, width, depth) for stage in middle),
            _scale(last, width, 1.0),
        ),
        stem_channels=32,
        head_channels=1280,
        resolution=resolution,
        dropout=dropout,
        activation="relu6",
        squeeze_excite=False,
        norm_epsilon=_TENSORFLOW_NORM[0],
        norm_momentum=_TENSORFLOW_NORM[1],
    )


def _v2(name: str, stages: tuple[Stage, ...], resolution: int) -> Variant:
    return Variant(
        name=name,
        stages=stages,
        stem_channels=stages[0].channels,
        head_channels=1280,
        resolution=resolution,
        dropout=0.2,
    )


VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {
        variant.name: variant
        for variant in (
            # name, width, depth, dropout, resolution
            _b("efficientnet_b0", 1.0, 1.0, 0.2, 224),
            _b("efficientnet_b1", 1.0, 1.1, 0.2, 240),
            _b("efficientnet_b2", 1.1, 1.2, 0.3, 260),
            _b("efficientnet_b3", 1.2, 1.4, 0.3, 300),
            _b("efficientnet_b4", 1.4, 1.8, 0.4, 380),
            _b("efficientnet_b5", 1.6, 2.2, 0.4, 456, _TENSORFLOW_NORM),
            _b("efficientnet_b6", 1.8, 2.6, 0.5, 528, _TENSORFLOW_NORM),
            _b("efficientnet_b7", 2.0, 3.1, 0.5, 600, _TENSORFLOW_NORM),
            _lite("efficientnet_lite0", 1.0, 1.0, 0.2, 224),
            _lite("efficientnet_lite1", 1.0, 1.1, 0.2, 240),
            _lite("efficientnet_lite2", 1.1, 1.2, 0.3, 260),
            _lite("efficientnet_lite3", 1.2, 1.4, 0.3, 280),
            _lite("efficientnet_lite4", 1.4, 1.8, 0.3, 300),
            _v2("efficientnet_v2_s", _V2_S_STAGES, 384),
            _v2("efficientnet_v2_m", _V2_M_STAGES, 480),
            _v2("efficientnet_v2_l", _V2_L_STAGES, 480),
            _v2("efficientnet_v2_xl", _V2_XL_STAGES, 512),
        )
    }
)
