"""Which of a file's tensors is which parameter of ours: every one of them, or an error.

The pairs are derived from the variant's table, layer by layer, and never from the look of a name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.errors import WeightsError
from hub.networks.conversion import mindspore
from hub.networks.conversion.layers import Layer, Shape, list_layers
from hub.networks.conversion.origins import Origin
from hub.networks.variants import VARIANTS, Variant

_COUNTER = ".num_batches_tracked"  # PyTorch counts its training steps; MindSpore does not
_WRAPPERS = ("module.", "_orig_mod.")  # what DataParallel and torch.compile put before all names
_SHOWN = 8  # differences of a kind that a message spells out; the error's attributes have all


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """One parameter under both of its names.

    Args:
        source: The origin's name for it.
        target: Ours.
        shape: The shape, the same on both sides.
    """

    source: str
    target: str
    shape: Shape


def pair_names(
    origin: Origin,
    variant: Variant,
    num_classes: int = 1000,
    in_channels: int = 3,
    *,
    prefix: str = "",
) -> tuple[Counterpart, ...]:
    """Spell out what each parameter of a network is called where its weights come from.

    Args:
        origin: Where they come from; it builds this network.
        variant: The network.
        num_classes: Outputs of its classifier.
        in_channels: Channels of its images.
        prefix: What stands before each of the origin's names.

    Returns:
        All of its parameters, in its order.

    Example:
        >>> from hub.networks.conversion.origins import ORIGINS
        >>> from hub.networks.variants import find_variant
        >>> b0 = find_variant("efficientnet_b0")
        >>> first, *_, last = pair_names(ORIGINS["torchvision"], b0, num_classes=10)
        >>> first.source, first.target, first.shape
        ('features.0.0.weight', 'features.0.weight', (32, 3, 3, 3))
        >>> last.source, last.target, last.shape
        ('classifier.1.bias', 'mlp_head.bias', (10,))
    """
    return tuple(
        counterpart
        for layer in list_layers(variant, num_classes, in_channels)
        for counterpart in _pair_layer(origin, layer, prefix)
    )


def match_tensors(
    tensors: Mapping[str, Any], origin: Origin, variant: Variant, source: str = "the file"
) -> tuple[Counterpart, ...]:
    """Find every parameter of a network among a file's tensors.

    Args:
        tensors: All that the file holds: names, and arrays with a shape and a dtype.
        origin: Whose names they have.
        variant: The network. Its classes and image channels are those of the tensors.
        source: Where they come from, for the message.

    Returns:
        All of the network's parameters, in its order. Of the tensors that are none of them, each
        is one of PyTorch's step counters.

    Raises:
        WeightsError: A tensor is missing, left over, mis-shaped or not of a floating type.

    Example:
        >>> from hub.networks.conversion.origins import ORIGINS
        >>> from hub.networks.variants import find_variant
        >>> lite0 = find_variant("efficientnet_lite0")
        >>> match_tensors({}, ORIGINS["timm"], lite0)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        hub.errors.WeightsError: the file does not hold the weights of efficientnet_lite0:
          247 missing: conv_stem.weight, ...
    """
    pairs = _pair_tensors(tensors, origin, variant)
    differences = _compare(tensors, pairs)
    if any(differences.values()):
        lines = [f"{source} does not hold the weights of {variant.name}:"]
        lines += [_line(kind, names) for kind, names in differences.items() if names]
        others = [
            other.name
            for name in VARIANTS
            for other in origin.list_variants(name)[:1]
            if not any(_compare(tensors, _pair_tensors(tensors, origin, other)).values())
        ]
        lines += [f"It holds those of {name.partition('.')[0]}." for name in others]
        raise WeightsError("\n".join(lines), **differences)
    return pairs


def find_prefix(names: Collection[str]) -> str:
    """Find what PyTorch's wrappers of a network have put before all of its names.

    Args:
        names: The names of all tensors.

    Returns:
        The prefix, mostly empty.

    Example:
        >>> find_prefix(["module.conv_stem.weight", "module.bn1.weight"])
        'module.'
    """
    prefix = ""
    while wrapper := next((each for each in _WRAPPERS if _all_start(names, prefix + each)), ""):
        prefix += wrapper
    return prefix


def _all_start(names: Collection[str], prefix: str) -> bool:
    return bool(names) and all(name.startswith(prefix) for name in names)


def _pair_layer(origin: Origin, layer: Layer, prefix: str) -> Iterator[Counterpart]:
    source, target = prefix + origin.name_layer(layer), mindspore.name_layer(layer)
    theirs, ours = origin.tensors[layer.kind], mindspore.MINDSPORE_TENSORS[layer.kind]
    for old, new, shape in zip(theirs, ours, layer.tensor_shapes, strict=True):
        yield Counterpart(source=f"{source}.{old}", target=f"{target}.{new}", shape=shape)


def _pair_tensors(
    tensors: Mapping[str, Any], origin: Origin, variant: Variant
) -> tuple[Counterpart, ...]:
    """Pair names for as many classes and image channels as the tensors have."""
    prefix = find_prefix(tensors)
    stem, *_, bias = pair_names(origin, variant, prefix=prefix)
    return pair_names(
        origin,
        variant,
        num_classes=_size(tensors, bias, axis=0),
        in_channels=_size(tensors, stem, axis=1),
        prefix=prefix,
    )


def _size(tensors: Mapping[str, Any], usual: Counterpart, *, axis: int) -> int:
    tensor = tensors.get(usual.source)
    if tensor is None or len(tensor.shape) != len(usual.shape):
        return usual.shape[axis]
    return int(tensor.shape[axis])


def _compare(
    tensors: Mapping[str, Any], pairs: Sequence[Counterpart]
) -> dict[str, tuple[str, ...]]:
    shapes = {pair.source: pair.shape for pair in pairs}
    return {
        "missing": tuple(name for name in shapes if name not in tensors),
        "unexpected": tuple(
            name for name in tensors if name not in shapes and not name.endswith(_COUNTER)
        ),
        "mismatched": tuple(
            f"{name} ({tensors[name].dtype} {tensors[name].shape} instead of float32 {shape})"
            for name, shape in shapes.items()
            if name in tensors
            and not (tensors[name].shape == shape and tensors[name].dtype.kind == "f")
        ),
    }


def _line(kind: str, names: Sequence[str]) -> str:
    more = f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"  {len(names)} {kind}: {', '.join(names[:_SHOWN])}{more}"
