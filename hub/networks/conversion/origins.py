"""Where weights come from: who calls the tensors what, and by which conventions.

An origin is recognised by the names of its stem, head and classifier, which no two of them share.
The names say nothing of the convention: that is the caller's to say, or the file's, if mshub wrote
it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hub.errors import ArchitectureError, ArgumentError, WeightsError
from hub.networks.conversion import efficientnet_pytorch, mindspore, timm, torchvision
from hub.networks.conversion.layers import PYTORCH_TENSORS, Kind, Layer, list_layers
from hub.networks.stages import BlockKind
from hub.networks.variants import VARIANTS, Convention, Variant, find_conventions, find_variant

_LITE = "efficientnet_lite"
_SHOWN = 3  # names that a message quotes


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A package that publishes weights.

    Args:
        name: The package.
        conventions: Those of its networks; the first that has a network is meant when nobody says.
        lite_conventions: The same of its Lite networks, if they have others.
        name_layer: What it calls a layer.
        tensors: What it calls the tensors of each kind of layer.
        block_kinds: The kinds of blocks that it builds.
    """

    name: str
    conventions: tuple[Convention, ...]
    name_layer: Callable[[Layer], str]
    tensors: Mapping[Kind, tuple[str, ...]]
    lite_conventions: tuple[Convention, ...] = ()
    block_kinds: tuple[BlockKind, ...] = ("mbconv", "fused")

    def list_variants(self, base: str) -> tuple[Variant, ...]:
        """List one network under each convention that this origin has for it.

        Args:
            base: The network's plain name.

        Returns:
            The variants, the usual one first; none if this origin does not build it.
        """
        variants = {variant.convention: variant for variant in find_conventions(base)}
        is_other = base.startswith(_LITE) and self.lite_conventions
        return tuple(
            variants[convention]
            for convention in (self.lite_conventions if is_other else self.conventions)
            if convention in variants
            and all(stage.block in self.block_kinds for stage in variants[convention].stages)
        )


ORIGINS: Mapping[str, Origin] = MappingProxyType(
    {
        origin.name: origin
        for origin in (
            Origin(
                name="efficientnet_pytorch",
                conventions=("tf",),
                # A plain Lite is the reference code's network. timm's ".tf" is the same network,
                # but for timm's colours of images, and these weights are for the reference code's.
                lite_conventions=("mindcv", "tf"),
                name_layer=efficientnet_pytorch.name_layer,
                tensors=PYTORCH_TENSORS,
                block_kinds=("mbconv",),
            ),
            Origin(
                name="timm",
                conventions=("timm", "tf"),
                name_layer=timm.name_layer,
                tensors=PYTORCH_TENSORS,
            ),
            Origin(
                name="torchvision",
                conventions=("torchvision",),
                name_layer=torchvision.name_layer,
                tensors=PYTORCH_TENSORS,
            ),
            Origin(
                name="mindspore",
                conventions=("mindcv", "torchvision", "timm", "tf"),
                name_layer=mindspore.name_layer,
                tensors=mindspore.MINDSPORE_TENSORS,
            ),
        )
    }
)


def find_origin(name: str) -> Origin:
    """Look an origin up by its name.

    Args:
        name: One of :data:`ORIGINS`.

    Returns:
        The origin.

    Raises:
        ArgumentError: There is no such origin.

    Example:
        >>> find_origin("timm").conventions
        ('timm', 'tf')
    """
    if not isinstance(name, str) or name not in ORIGINS:
        raise ArgumentError(f"Weights come from one of {', '.join(ORIGINS)}, not from {name!r}.")
    return ORIGINS[name]


def recognise_origin(names: Collection[str], source: str = "the file") -> Origin:
    """Tell from its tensors' names who published a file.

    Args:
        names: The names of all tensors.
        source: Where they come from, for the message.

    Returns:
        The one origin that has such names.

    Raises:
        WeightsError: No origin has such names, or several have.

    Example:
        >>> recognise_origin(["conv_stem.weight", "bn1.weight"]).name
        'timm'
    """
    found = [origin for origin in ORIGINS.values() if _end_names(origin) & set(names)]
    if len(found) == 1:
        return found[0]
    if found:
        several = " and of ".join(origin.name for origin in found)
        raise WeightsError(
            f"{source} has names of {several}: it holds more than one network. Save the one that "
            "you mean alone.",
            unexpected=tuple(names),
        )
    examples = ", ".join(list(names)[:_SHOWN])
    raise WeightsError(
        f"{source} holds no EfficientNet: its tensors are called {examples} …, which is like none "
        f"of {', '.join(ORIGINS)}. Of any other network, mshub converts nothing.",
        unexpected=tuple(names),
    )


def choose_variant(
    origin: Origin, wanted: Variant, *, recorded: str = "", source: str = "the file"
) -> tuple[Variant, tuple[Variant, ...]]:
    """Decide by which convention a file's weights are meant.

    What the caller says counts, then what the file says of itself, then what is usual where it
    comes from.

    Args:
        origin: Where the weights come from.
        wanted: What the caller asks for; a plain name leaves the convention open.
        recorded: What the file says of itself, if anything.
        source: Where it lies, for messages.

    Returns:
        The variant, and those that the file could hold as well if nobody has said which.

    Raises:
        ArgumentError: Caller, file and origin contradict each other.
        ArchitectureError: The origin does not build this network.

    Example:
        >>> from hub.networks.variants import find_variant
        >>> chosen, others = choose_variant(ORIGINS["timm"], find_variant("efficientnet_b0"))
        >>> chosen.name, [other.name for other in others]
        ('efficientnet_b0.timm', ['efficientnet_b0.tf'])
    """
    possible = origin.list_variants(wanted.base)
    if not possible:
        known = tuple(name for name in VARIANTS if origin.list_variants(name))
        raise ArchitectureError(
            f"{source} has the names of {origin.name}, which builds no {wanted.base}. It builds "
            f"{', '.join(known)}.",
            name=wanted.name,
            known=known,
        )
    said = find_variant(recorded) if recorded else wanted
    is_open = wanted.convention == "mindcv"
    if said.base != wanted.base or not (is_open or said == wanted):
        raise ArgumentError(
            f"{source} says of itself that it holds {said.name}, not {wanted.name}: convert it as "
            f"{said.base}."
        )
    if recorded:
        return said, ()
    if is_open:
        return possible[0], possible[1:]
    if wanted not in possible:
        raise ArgumentError(
            f"{source} has the names of {origin.name}, and {wanted.name} is another network: "
            f"convert it as {' or '.join(variant.name for variant in possible)}."
        )
    return wanted, ()


def _end_names(origin: Origin) -> set[str]:
    return {
        f"{origin.name_layer(layer)}.{tensor}"
        for layer in _list_ends()
        for tensor in origin.tensors[layer.kind]
    }


@functools.cache
def _list_ends() -> frozenset[Layer]:
    """List what is outside of the blocks, in all variants."""
    every = (layer for variant in VARIANTS.values() for layer in list_layers(variant))
    return frozenset(layer for layer in every if layer.block is None)
