"""What PyTorch calls the parameters of our networks.

The weights that Google trained are published for PyTorch under the names of one package,
``efficientnet_pytorch``, and of its offspring ``efficientnet_lite_pytorch``. It builds the same
layers as we do, so each parameter has one counterpart. Which one is derived from the variant's own
table, block by block, and never from the look of a name.

Their names: https://github.com/lukemelas/EfficientNet-PyTorch (``efficientnet_pytorch/model.py``);
ours: :mod:`hub.networks.efficientnet`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from hub.errors import ArchitectureError
from hub.networks.stages import Block
from hub.networks.variants import VARIANTS, Variant

_EPSILON = 1e-3  # batch_norm_epsilon of every variant of efficientnet_pytorch
_IMAGE_CHANNELS = 3


@dataclass(frozen=True, slots=True)
class Counterpart:
    """One parameter under both of its names.

    Args:
        source: PyTorch's name for it.
        target: Ours.
        shape: The shape, the same on both sides.
        shift: How much larger our values are.
    """

    source: str
    target: str
    shape: tuple[int, ...]
    shift: float = 0.0


def pair_names(variant: Variant, num_classes: int) -> tuple[Counterpart, ...]:
    """Spell out what each parameter of a network is called in PyTorch.

    Batch normalisation divides by the root of the variance plus an epsilon. B0 to B4 have a smaller
    epsilon here (MindCV's) than where their weights come from; ``shift`` makes up for that in the
    variances, so that both networks compute the same.

    Args:
        variant: The network: B0 to B7 or Lite.
        num_classes: Outputs of its classifier.

    Returns:
        All of its parameters, in its order.

    Raises:
        ArchitectureError: ``efficientnet_pytorch`` has no such network.

    Example:
        >>> from hub.networks.variants import find_variant
        >>> first, *_, last = pair_names(find_variant("efficientnet_b0"), num_classes=10)
        >>> first.source, first.target, first.shape
        ('_conv_stem.weight', 'features.0.weight', (32, 3, 3, 3))
        >>> last.source, last.target, last.shape
        ('_fc.bias', 'mlp_head.bias', (10,))
    """
    if _is_fused(variant):
        known = tuple(name for name, other in VARIANTS.items() if not _is_fused(other))
        raise ArchitectureError(
            f"No PyTorch names are known for {variant.name}. Weights can be converted for "
            f"{', '.join(known)}.",
            name=variant.name,
            known=known,
        )
    return tuple(_network(variant, num_classes))


def _is_fused(variant: Variant) -> bool:
    return any(stage.block == "fused" for stage in variant.stages)


def _network(variant: Variant, num_classes: int) -> Iterator[Counterpart]:
    stem, head = variant.stem_channels, variant.head_channels
    shift = _EPSILON - variant.norm_epsilon
    yield Counterpart("_conv_stem.weight", "features.0.weight", (stem, _IMAGE_CHANNELS, 3, 3))
    yield from _norm("_bn0", "features.1", stem, shift)
    number = itertools.count()  # efficientnet_pytorch numbers its blocks through all stages
    for place, stage in enumerate(variant.blocks(), start=3):
        for index, block in enumerate(stage):
            names = f"_blocks.{next(number)}", f"features.{place}.{index}.block"
            yield from _block(*names, block, shift)
    place = 3 + len(variant.stages)
    last = variant.stages[-1].channels
    yield Counterpart("_conv_head.weight", f"features.{place}.weight", (head, last, 1, 1))
    yield from _norm("_bn1", f"features.{place + 1}", head, shift)
    yield Counterpart("_fc.weight", "mlp_head.weight", (num_classes, head))
    yield Counterpart("_fc.bias", "mlp_head.bias", (num_classes,))


def _block(source: str, target: str, block: Block, shift: float) -> Iterator[Counterpart]:
    """Follow the cells of one block: an activation has no parameters, but takes a number."""
    place, inside, kernel = 0, block.hidden_channels, block.kernel
    if block.expands:
        shape = (inside, block.in_channels, 1, 1)
        yield Counterpart(f"{source}._expand_conv.weight", f"{target}.0.weight", shape)
        yield from _norm(f"{source}._bn0", f"{target}.1", inside, shift)
        place = 3
    shape = (inside, 1, kernel, kernel)
    yield Counterpart(f"{source}._depthwise_conv.weight", f"{target}.{place}.weight", shape)
    yield from _norm(f"{source}._bn1", f"{target}.{place + 1}", inside, shift)
    place += 3
    if block.squeeze_channels:
        yield from _squeeze_excite(source, f"{target}.{place}", block)
        place += 1
    shape = (block.out_channels, inside, 1, 1)
    yield Counterpart(f"{source}._project_conv.weight", f"{target}.{place}.weight", shape)
    yield from _norm(f"{source}._bn2", f"{target}.{place + 1}", block.out_channels, shift)


def _squeeze_excite(source: str, target: str, block: Block) -> Iterator[Counterpart]:
    wide, narrow = block.hidden_channels, block.squeeze_channels
    for name, outputs, inputs in (("reduce", narrow, wide), ("expand", wide, narrow)):
        old, new = f"{source}._se_{name}", f"{target}.conv_{name}"
        yield Counterpart(f"{old}.weight", f"{new}.weight", (outputs, inputs, 1, 1))
        yield Counterpart(f"{old}.bias", f"{new}.bias", (outputs,))


def _norm(source: str, target: str, channels: int, shift: float) -> Iterator[Counterpart]:
    shape = (channels,)
    yield Counterpart(f"{source}.running_mean", f"{target}.moving_mean", shape)
    yield Counterpart(f"{source}.running_var", f"{target}.moving_variance", shape, shift)
    yield Counterpart(f"{source}.weight", f"{target}.gamma", shape)
    yield Counterpart(f"{source}.bias", f"{target}.beta", shape)
