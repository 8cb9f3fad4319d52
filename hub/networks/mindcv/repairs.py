"""Two of MindCV's classes that do not work on MindSpore 2.10, mended without touching MindCV."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mindcv.models.pvt import PyramidVisionTransformer
from mindcv.models.rexnet import ReXNetV1
from mindspore import nn, ops
from mindspore.common.initializer import HeUniform, initializer


class ResizingTransformer(PyramidVisionTransformer):  # type: ignore[misc]
    """PVT without ``ops.ResizeBilinear``, which MindSpore 2.10 has no longer."""

    def _get_pos_embed(self, pos_embed: Any, ph: int, pw: int, height: int, width: int) -> Any:
        """Make the positions ``(1, ph * pw, C)`` fit a map of another size."""
        if (ph, pw) == (height, width):
            return pos_embed
        grid = pos_embed.reshape(1, ph, pw, -1).transpose(0, 3, 1, 2)  # (1, C, ph, pw)
        grid = ops.interpolate(grid, size=(height, width), mode="bilinear", align_corners=False)
        return grid.reshape(1, -1, height * width).transpose(0, 2, 1)  # (1, height * width, C)


def repair_network(network: nn.Cell) -> None:
    """Mend a network that would fail when it is called.

    Args:
        network: One of MindCV's; a PVT gets another class, any other stays as it is.
    """
    if type(network) is PyramidVisionTransformer:
        network.__class__ = ResizingTransformer


@contextmanager
def repaired_classes() -> Iterator[None]:
    """Mend the constructor that would fail, for as long as networks are built.

    ReXNet reshapes initial values that are not yet drawn, which MindSpore 2.10 refuses.
    """
    broken = ReXNetV1._initialize_weights  # noqa: SLF001
    ReXNetV1._initialize_weights = _initialise_rexnet  # noqa: SLF001
    try:
        yield
    finally:
        ReXNetV1._initialize_weights = broken  # noqa: SLF001


def _initialise_rexnet(network: nn.Cell) -> None:
    """Set the values that MindCV's own method means to set."""
    for _, cell in network.cells_and_names():
        if isinstance(cell, (nn.Conv2d, nn.Dense)):
            weight, bias = cell.weight, cell.bias
            weight.set_data(initializer(_he_uniform("relu"), weight.shape, weight.dtype))
            if bias is not None:
                row = initializer(_he_uniform("leaky_relu"), (1, bias.shape[0]), bias.dtype)
                bias.set_data(row.init_data().reshape(-1))


def _he_uniform(activation: str) -> HeUniform:
    return HeUniform(math.sqrt(5), mode="fan_in", nonlinearity=activation)
