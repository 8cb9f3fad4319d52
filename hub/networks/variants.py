"""The EfficientNet family as a table: twenty-three variants, each a literal network.

The rows are the papers' rows. Where a paper says "as B0, but 1.2 times as wide", the scaling is
done here and before anything is built, so that :attr:`Variant.stages` is the network that runs.

Four publishers build these networks: with the same layers, but not with the same padding, nor the
same constants of batch normalisation. Weights give what they gave where they come from only under
the convention they were trained with, so a name may say it: ``efficientnet_b0`` is MindCV's,
``efficientnet_b0.torchvision`` the same network as torchvision has it. ``.timm`` and ``.tf`` are
timm's ``efficientnet_b0`` and ``tf_efficientnet_b0``, the latter as Google's TensorFlow code and
``efficientnet_pytorch`` have it.

Papers: B0 to B7, https://arxiv.org/abs/1905.11946 (Table 1 is B0); B8,
https://arxiv.org/abs/1911.09665; L2, https://arxiv.org/abs/1911.04252 (Table 7). V2,
https://arxiv.org/abs/2104.00298 (Table 4 is S; the others come from its code,
https://github.com/google/automl/tree/master/efficientnetv2). Lite,
https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite (its README).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, NamedTuple, cast

from hub.errors import ArchitectureError, ArgumentError
from hub.networks.stages import (
    B0_STAGES,
    V2_B0_STAGES,
    V2_L_STAGES,
    V2_M_STAGES,
    V2_S_STAGES,
    V2_XL_STAGES,
    Block,
    Stage,
    count_conv_norm,
    round_channels,
)

Activation = Literal["swish", "relu6"]
Padding = Literal["same", "symmetric"]
Convention = Literal["mindcv", "torchvision", "timm", "tf"]


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

    @property
    def base(self) -> str:
        """The name without the publisher: ``efficientnet_b0`` of ``efficientnet_b0.timm``."""
        return self.name.partition(".")[0]

    @property
    def convention(self) -> Convention:
        """Whose padding and normalisation it has: ``timm`` of ``efficientnet_b0.timm``."""
        return cast("Convention", self.name.partition(".")[2] or "mindcv")

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
        name: For example ``"efficientnet_b0"``, ``"efficientnet_b0.torchvision"`` or timm's
            ``"tf_efficientnet_b0"``, in upper or lower case.

    Returns:
        The variant. Its name is ours, whatever ``name`` was: ``"efficientnet_b0.tf"``.

    Raises:
        ArgumentError: ``name`` is no text.
        ArchitectureError: No variant has this name, or its publisher does not build it; the message
            lists those that there are.

    Example:
        >>> find_variant("EfficientNet_B3").resolution
        300
        >>> find_variant("tf_efficientnetv2_s").name
        'efficientnet_v2_s.tf'
    """
    if not isinstance(name, str):
        raise ArgumentError(f"The name of an architecture is a text, not {name!r}.")
    wanted = name.lower()
    found = _PUBLISHED.get(ALIASES.get(wanted, wanted))
    if found is not None:
        return found
    base, dot, convention = wanted.partition(".")
    base = ALIASES.get(base, base).partition(".")[0]
    if dot and base in VARIANTS:
        raise _unknown_convention(name, base, convention)
    hint = _suggest(wanted, (*VARIANTS, *ALIASES))
    raise ArchitectureError(
        f"mshub builds no network called {name!r}.{hint} It builds {', '.join(VARIANTS)}. "
        "Of any other model, hub.fetch(...) still returns the file and hub.load_weights(...) the "
        "parameters.",
        name=name,
        known=tuple(VARIANTS),
    )


def find_conventions(base: str) -> tuple[Variant, ...]:
    """List one network as each of its publishers defines it.

    Args:
        base: A name in :data:`VARIANTS`.

    Returns:
        MindCV's, which has the plain name, and then the others.

    Example:
        >>> for variant in find_conventions("efficientnet_lite0"):
        ...     print(variant.name, variant.padding, variant.norm_epsilon)
        efficientnet_lite0 same 0.001
        efficientnet_lite0.timm symmetric 1e-05
        efficientnet_lite0.tf same 0.001
    """
    return tuple(variant for variant in _PUBLISHED.values() if variant.base == base)


def _unknown_convention(name: str, base: str, convention: str) -> ArchitectureError:
    known = tuple(variant.name for variant in find_conventions(base))
    if convention == "mindcv":
        why = f"MindCV's is called {base}."
    elif convention in _PADDING and f"{base}.{convention}" not in known:
        why = f"{convention} has no {base}."
    else:
        why = f"the part after the dot says whose it is.{_suggest(convention, _PADDING)}"
    return ArchitectureError(
        f"mshub builds no network called {name!r}: {why} It builds {', '.join(known)}.",
        name=name,
        known=known,
    )


def _suggest(wanted: str, known: Iterable[str]) -> str:
    likeness = {other: difflib.SequenceMatcher(None, wanted, other).ratio() for other in known}
    nearest = max(likeness, key=likeness.__getitem__)
    return f" Did you mean {nearest!r}?" if likeness[nearest] > 0.6 else ""


def _b(name: str, width: float, depth: float, dropout: float, resolution: int) -> Variant:
    return Variant(
        name=name,
        stages=tuple(stage.scale(width, depth) for stage in B0_STAGES),
        stem_channels=round_channels(32 * width),
        head_channels=round_channels(1280 * width),
        resolution=resolution,
        dropout=dropout,
    )


def _lite(name: str, width: float, depth: float, dropout: float, resolution: int) -> Variant:
    """Stem and head stay as they are in B0, the first and the last stage only get wider."""
    first, *middle, last = B0_STAGES
    return Variant(
        name=name,
        stages=(
            first.scale(width, 1.0),
            *(stage.scale(width, depth) for stage in middle),
            last.scale(width, 1.0),
        ),
        stem_channels=32,
        head_channels=1280,
        resolution=resolution,
        dropout=dropout,
        activation="relu6",
        squeeze_excite=False,
    )


def _v2_b(name: str, width: float, depth: float, dropout: float, resolution: int) -> Variant:
    """Scaled as B0 is, but channels go to the nearest multiple of 8, however far below it is."""
    return Variant(
        name=name,
        stages=tuple(stage.scale(width, depth, least=0.0) for stage in V2_B0_STAGES),
        stem_channels=round_channels(32 * width, least=0.0),
        head_channels=round_channels(1280 * width, least=0.0),
        resolution=resolution,
        dropout=dropout,
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


class _Norm(NamedTuple):
    epsilon: float
    momentum: float


_PLAIN = _Norm(1e-5, 0.9)  # what PyTorch and MindSpore have when nobody says otherwise
_GOOGLE = _Norm(1e-3, 0.99)
_MIXED = _Norm(1e-3, 0.9)

_PADDING: Mapping[Convention, Padding] = MappingProxyType(
    {"mindcv": "same", "torchvision": "symmetric", "timm": "symmetric", "tf": "same"}
)

_TABLE: tuple[tuple[Variant, _Norm, _Norm | None, _Norm | None, _Norm], ...] = (
    # (name, width, depth, dropout, resolution), and the norms of MindCV, torchvision, timm and TF;
    # None where that publisher has no such network. What MindCV lacks is as in TensorFlow.
    (_b("efficientnet_b0", 1.0, 1.0, 0.2, 224), _PLAIN, _PLAIN, _PLAIN, _GOOGLE),
    (_b("efficientnet_b1", 1.0, 1.1, 0.2, 240), _PLAIN, _PLAIN, _PLAIN, _GOOGLE),
    (_b("efficientnet_b2", 1.1, 1.2, 0.3, 260), _PLAIN, _PLAIN, _PLAIN, _GOOGLE),
    (_b("efficientnet_b3", 1.2, 1.4, 0.3, 300), _PLAIN, _PLAIN, _PLAIN, _GOOGLE),
    (_b("efficientnet_b4", 1.4, 1.8, 0.4, 380), _PLAIN, _PLAIN, _PLAIN, _GOOGLE),
    (_b("efficientnet_b5", 1.6, 2.2, 0.4, 456), _GOOGLE, _GOOGLE, _PLAIN, _GOOGLE),
    (_b("efficientnet_b6", 1.8, 2.6, 0.5, 528), _GOOGLE, _GOOGLE, _PLAIN, _GOOGLE),
    (_b("efficientnet_b7", 2.0, 3.1, 0.5, 600), _GOOGLE, _GOOGLE, _PLAIN, _GOOGLE),
    (_b("efficientnet_b8", 2.2, 3.6, 0.5, 672), _GOOGLE, None, _PLAIN, _GOOGLE),
    (_b("efficientnet_l2", 4.3, 5.3, 0.5, 800), _GOOGLE, None, _PLAIN, _GOOGLE),
    (_lite("efficientnet_lite0", 1.0, 1.0, 0.2, 224), _GOOGLE, None, _PLAIN, _GOOGLE),
    (_lite("efficientnet_lite1", 1.0, 1.1, 0.2, 240), _GOOGLE, None, _PLAIN, _GOOGLE),
    (_lite("efficientnet_lite2", 1.1, 1.2, 0.3, 260), _GOOGLE, None, _PLAIN, _GOOGLE),
    (_lite("efficientnet_lite3", 1.2, 1.4, 0.3, 280), _GOOGLE, None, _PLAIN, _GOOGLE),
    (_lite("efficientnet_lite4", 1.4, 1.8, 0.3, 300), _GOOGLE, None, _PLAIN, _GOOGLE),
    (_v2_b("efficientnet_v2_b0", 1.0, 1.0, 0.2, 224), _GOOGLE, None, None, _GOOGLE),
    (_v2_b("efficientnet_v2_b1", 1.0, 1.1, 0.2, 240), _GOOGLE, None, None, _GOOGLE),
    (_v2_b("efficientnet_v2_b2", 1.1, 1.2, 0.3, 260), _GOOGLE, None, None, _GOOGLE),
    (_v2_b("efficientnet_v2_b3", 1.2, 1.4, 0.3, 300), _GOOGLE, None, None, _GOOGLE),
    (_v2("efficientnet_v2_s", V2_S_STAGES, 384), _PLAIN, _MIXED, _PLAIN, _GOOGLE),
    (_v2("efficientnet_v2_m", V2_M_STAGES, 480), _PLAIN, _MIXED, _PLAIN, _GOOGLE),
    (_v2("efficientnet_v2_l", V2_L_STAGES, 480), _PLAIN, _MIXED, _PLAIN, _GOOGLE),
    (_v2("efficientnet_v2_xl", V2_XL_STAGES, 512), _PLAIN, None, _PLAIN, _GOOGLE),
)


def _publish() -> Iterator[Variant]:
    for network, *norms in _TABLE:
        for (convention, padding), norm in zip(_PADDING.items(), norms, strict=True):
            if norm is not None:
                suffix = "" if convention == "mindcv" else f".{convention}"
                yield replace(
                    network,
                    name=network.name + suffix,
                    norm_epsilon=norm.epsilon,
                    norm_momentum=norm.momentum,
                    padding=padding,
                )


def _name_in_timm(variant: Variant) -> str:
    prefix = "tf_" if variant.convention == "tf" else ""
    return prefix + variant.base.replace("_v2_", "v2_")


_PUBLISHED: Mapping[str, Variant] = MappingProxyType({each.name: each for each in _publish()})

#: The networks by their plain names, each as MindCV defines it.
VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {name: variant for name, variant in _PUBLISHED.items() if name == variant.base}
)

#: timm's names for networks, and ours. What both call the same is no alias.
ALIASES: Mapping[str, str] = MappingProxyType(
    {
        alias: variant.name
        for variant in _PUBLISHED.values()
        if variant.convention in ("timm", "tf")
        and (alias := _name_in_timm(variant)) not in _PUBLISHED
    }
)
