"""The layers' names in torchvision, for B0 to B7 and V2-S to V2-L.

All that stands in a sequence is numbered, so a name is a path of numbers: the stage, the block, the
step, and then 0 for the convolution and 1 for its normalisation.

Source: https://github.com/pytorch/vision (``torchvision/models/efficientnet.py``; the names in
squeeze-and-excitation come from ``torchvision/ops/misc.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hub.networks.conversion.layers import Kind, Layer

_IN_STEP: Mapping[Kind, str] = MappingProxyType(
    {"conv": "0", "norm": "1", "reduce": "fc1", "restore": "fc2"}
)


def name_layer(layer: Layer) -> str:
    """Say what torchvision calls a layer.

    Args:
        layer: A layer of any variant.

    Returns:
        The name, to which a dot and the tensor's name are added.

    Example:
        >>> name_layer(Layer(step="head", kind="norm", shape=(1280,), stage=8))
        'features.8.1'
    """
    if layer.step == "classify":
        return "classifier.1"  # 0 is the dropout
    if layer.block is None:
        return f"features.{layer.stage}.{_IN_STEP[layer.kind]}"
    step = f"features.{layer.stage}.{layer.index}.block.{len(layer.before)}"
    return f"{step}.{_IN_STEP[layer.kind]}"
