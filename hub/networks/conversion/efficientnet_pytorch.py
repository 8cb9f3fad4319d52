"""The layers' names in ``efficientnet_pytorch`` and its offspring ``efficientnet_lite_pytorch``.

They publish the weights that Google trained with TensorFlow, for B0 to B8 and Lite. Blocks are
numbered through all stages.

That package pads for one size of image (``image_size=``, by default the paper's). Ours pads for the
size that comes, as TensorFlow does, so for images of that size the outputs are equal.

Source: https://github.com/lukemelas/EfficientNet-PyTorch (``efficientnet_pytorch/model.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hub.networks.conversion.layers import Kind, Layer, Step

_ENDS: Mapping[tuple[Step, Kind], str] = MappingProxyType(
    {
        ("stem", "conv"): "_conv_stem",
        ("stem", "norm"): "_bn0",
        ("head", "conv"): "_conv_head",
        ("head", "norm"): "_bn1",
        ("classify", "dense"): "_fc",
    }
)

_IN_BLOCK: Mapping[tuple[Step, Kind], str] = MappingProxyType(
    {
        ("expand", "conv"): "_expand_conv",
        ("expand", "norm"): "_bn0",
        ("filter", "conv"): "_depthwise_conv",
        ("filter", "norm"): "_bn1",
        ("weigh", "reduce"): "_se_reduce",
        ("weigh", "restore"): "_se_expand",
        ("project", "conv"): "_project_conv",
        ("project", "norm"): "_bn2",
    }
)


def name_layer(layer: Layer) -> str:
    """Say what ``efficientnet_pytorch`` calls a layer.

    Args:
        layer: A layer of a network without fused blocks, which this package does not know.

    Returns:
        The name, to which a dot and the tensor's name are added.

    Example:
        >>> name_layer(Layer(step="stem", kind="norm", shape=(32,), stage=0))
        '_bn0'
    """
    if layer.block is None:
        return _ENDS[layer.step, layer.kind]
    return f"_blocks.{layer.number}.{_IN_BLOCK[layer.step, layer.kind]}"
