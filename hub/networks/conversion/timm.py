"""The layers' names in timm, for the whole family.

timm has a class for each kind of block, and names convolutions after what they do in it: a block
that expands has ``conv_pw`` before the filter and ``conv_pwl`` (linear) behind it, one that doesn't
has ``conv_pw`` behind it. Normalisations are counted.

Source: https://github.com/huggingface/pytorch-image-models (``timm/models/_efficientnet_blocks.py``:
``DepthwiseSeparableConv``, ``InvertedResidual``, ``EdgeResidual`` and ``ConvBnAct``).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hub.networks.conversion.layers import Kind, Layer, Step
from hub.networks.stages import BlockKind

_ENDS: Mapping[tuple[Step, Kind], str] = MappingProxyType(
    {
        ("stem", "conv"): "conv_stem",
        ("stem", "norm"): "bn1",
        ("head", "conv"): "conv_head",
        ("head", "norm"): "bn2",
        ("classify", "dense"): "classifier",
    }
)

#: By the kind of the block and whether it expands.
_CONVOLUTIONS: Mapping[tuple[BlockKind, bool], Mapping[Step, str]] = MappingProxyType(
    {
        ("mbconv", False): {"filter": "conv_dw", "project": "conv_pw"},
        ("mbconv", True): {"expand": "conv_pw", "filter": "conv_dw", "project": "conv_pwl"},
        ("fused", False): {"filter": "conv"},
        ("fused", True): {"filter": "conv_exp", "project": "conv_pwl"},
    }
)

_WEIGH: Mapping[Kind, str] = MappingProxyType(
    {"reduce": "se.conv_reduce", "restore": "se.conv_expand"}
)


def name_layer(layer: Layer) -> str:
    """Say what timm calls a layer.

    Args:
        layer: A layer of any variant.

    Returns:
        The name, to which a dot and the tensor's name are added.

    Example:
        >>> name_layer(Layer(step="head", kind="norm", shape=(1280,), stage=8))
        'bn2'
    """
    block = layer.block
    if block is None:
        return _ENDS[layer.step, layer.kind]
    if layer.step == "weigh":
        name = _WEIGH[layer.kind]
    elif layer.kind == "norm":
        name = f"bn{1 + sum(step != 'weigh' for step in layer.before)}"
    else:
        name = _CONVOLUTIONS[block.kind, block.expands][layer.step]
    return f"blocks.{layer.stage - 1}.{layer.index}.{name}"
