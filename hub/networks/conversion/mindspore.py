"""The layers' names in our networks, which are MindCV's.

The sequences are flat: a convolution, its normalisation and its activation take a number each, even
though an activation has no parameters; squeeze-and-excitation takes one. The stem so takes 0 to 2
and the first stage is 3.

Source: :mod:`hub.networks.efficientnet`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hub.networks.conversion.layers import PYTORCH_TENSORS, Kind, Layer

#: What MindSpore calls the tensors of a layer.
MINDSPORE_TENSORS: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {**PYTORCH_TENSORS, "norm": ("moving_mean", "moving_variance", "gamma", "beta")}
)

_WEIGH: Mapping[Kind, str] = MappingProxyType({"reduce": "conv_reduce", "restore": "conv_expand"})


def name_layer(layer: Layer) -> str:
    """Say what our network calls a layer.

    Args:
        layer: A layer of any variant.

    Returns:
        The name, to which a dot and the tensor's name are added.

    Example:
        >>> name_layer(Layer(step="head", kind="norm", shape=(1280,), stage=8))
        'features.11'
    """
    if layer.step == "classify":
        return "mlp_head"
    after = 1 if layer.kind == "norm" else 0
    if layer.step == "stem":
        return f"features.{after}"
    place = layer.stage + 2
    if layer.block is None:
        return f"features.{place + after}"
    cells = sum(1 if step == "weigh" else 3 for step in layer.before)
    name = f"features.{place}.{layer.index}.block.{cells + after}"
    return f"{name}.{_WEIGH[layer.kind]}" if layer.step == "weigh" else name
