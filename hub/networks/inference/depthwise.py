"""Depthwise convolution by tiles of rows.

MindSpore gives a convolution to oneDNN in plain ``NCHW``, for which oneDNN has but one way: it
copies the pixels under each place of the kernel side by side (im2col), and multiplies matrices. For
a depthwise convolution that is k * k copies of the input and then, for each channel, a product of a
single row.

Here the kernel of a channel is written ``ROWS`` times into a taller one, each time one stride
lower, and makes as many rows of the output at a step: k * (1 + (k - 1) / ROWS) copies instead of k
* k, and a product of ``ROWS`` rows. It multiplies with zeros, too, but products are cheap and
copies are not. The standard operator does it all; only the rows come out in another order: first
the first row of all tiles, then the second one of all. What looks at one pixel at a time, or at the
mean of all, does not mind, so they are put in order where that costs the least: after the channels
have become few.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from mindspore import Parameter, Tensor, nn, ops

from hub.networks.inference.folding import has_hooks
from hub.networks.inference.planes import PlaneProducts, is_small_plane

_TALL, _SHORT = 7, 4  # rows of a tile: sides of ImageNet's networks are 7 * 2**n; others waste less


def is_depthwise(cell: nn.Cell) -> bool:
    """Tell whether a cell is a convolution that :class:`TiledDepthwise` can stand in for.

    Args:
        cell: Any cell.

    Returns:
        Whether it is MindSpore's own ``Conv2d``, has a filter for each channel, larger than one
        pixel and without gaps, and nobody hooks into it.

    Example:
        >>> is_depthwise(nn.Conv2d(8, 8, 3, group=8)), is_depthwise(nn.Conv2d(8, 8, 3))
        (True, False)
    """
    return (
        type(cell) is nn.Conv2d
        and cell.group == cell.in_channels == cell.out_channels > 1
        and max(cell.kernel_size) > 1
        and tuple(cell.dilation) == (1, 1)
        and cell.pad_mode in {"same", "pad", "valid"}
        and not has_hooks(cell)
    )


class TiledDepthwise(nn.Cell):  # type: ignore[misc]
    """A depthwise convolution that makes several rows of its output at a step.

    Args:
        convolution: Whose outputs to give; :func:`is_depthwise` is true of it. Its weights are
            copied twenty to fifty times: 18 MB for B0, whose parameters have 21 MB.

    Inputs:
        x: ``(N, channels, H, W)``.

    Outputs:
        ``(N, channels, H', W')``, as of the convolution, but with the rows in the order that
        :class:`RowsInOrder` expects.
    """

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.kernel_size, self.stride = convolution.kernel_size, convolution.stride
        self.same = convolution.pad_mode == "same"
        self.margins = _margins(convolution)
        weight, stride = convolution.weight, convolution.stride[0]
        self.tall = Parameter(_repeat_downwards(weight, _TALL, stride), "tall")
        self.short = Parameter(_repeat_downwards(weight, _SHORT, stride), "short")
        self.products = PlaneProducts(weight, self.stride)
        self.has_bias = convolution.has_bias
        self.bias = convolution.bias
        self.bias_add = ops.BiasAdd()

    def construct(self, x: Any) -> Any:
        """Filter each channel of ``x``."""
        batch, channels, height, width = x.shape
        (kernel, breadth), (down, across) = self.kernel_size, self.stride
        top, bottom, left, right = self.margins
        if self.same:
            lacking = max((height - 1) // down * down + kernel - height, 0)
            top, bottom = lacking // 2, lacking - lacking // 2
            lacking = max((width - 1) // across * across + breadth - width, 0)
            left, right = lacking // 2, lacking - lacking // 2
        rows = (height + top + bottom - kernel) // down + 1
        columns = (width + left + right - breadth) // across + 1

        if is_small_plane((batch, channels, rows, columns)):
            y = self.products(x, (top, left), (rows, columns))
            return self.bias_add(y, self.bias) if self.has_bias else y
        tile, weight = (_TALL, self.tall) if rows % _TALL == 0 else (_SHORT, self.short)
        tiles = (rows + tile - 1) // tile
        reach = (tile - 1) * down + kernel  # rows of the input that a tile sees
        bottom = max((tiles - 1) * tile * down + reach - height - top, 0)
        convolve = ops.Conv2D(
            channels * tile,
            (reach, breadth),
            pad_mode="pad",
            pad=(top, bottom, left, right),
            stride=(tile * down, across),
            group=channels,
        )
        y = convolve(x, weight)  # (N, channels * tile, tiles, columns)
        if tiles * tile > rows:  # some are no rows of the output, and nobody else can tell which
            y = _in_order(y, channels, tile)[:, :, :rows]
        else:
            y = y.reshape(batch, channels, rows, columns)
        return self.bias_add(y, self.bias) if self.has_bias else y


class RowsInOrder(nn.Cell):  # type: ignore[misc]
    """Put the rows in order that a :class:`TiledDepthwise` has made.

    Inputs:
        x: ``(N, C, H, W)``.

    Outputs:
        ``(N, C, H, W)``.

    Example:
        >>> convolution = nn.Conv2d(8, 8, 3, group=8)
        >>> same = nn.SequentialCell(TiledDepthwise(convolution), RowsInOrder())
        >>> same(ops.ones((1, 8, 14, 14))).shape
        (1, 8, 14, 14)
    """

    def construct(self, x: Any) -> Any:
        """Order the rows of ``x``."""
        rows = x.shape[2]
        if is_small_plane(x.shape):
            return x
        if rows % _TALL == 0:
            return _in_order(x, x.shape[1], _TALL) if rows > _TALL else x
        return _in_order(x, x.shape[1], _SHORT) if rows % _SHORT == 0 and rows > _SHORT else x


def _in_order(y: Any, channels: int, tile: int) -> Any:
    """From the first rows of all tiles, then their second ones ..., to one tile after the other."""
    batch, columns = y.shape[0], y.shape[3]
    y = y.reshape(batch, channels, tile, -1, columns).transpose(0, 1, 3, 2, 4)
    return y.reshape(batch, channels, -1, columns)


def _margins(convolution: nn.Conv2d) -> tuple[int, int, int, int]:
    """Rows above and below, columns left and right; with ``"same"`` they depend on the input."""
    padding = convolution.padding
    if convolution.pad_mode != "pad":
        return (0, 0, 0, 0)
    return (padding,) * 4 if isinstance(padding, int) else padding


def _repeat_downwards(weight: Tensor, tile: int, stride: int) -> Tensor:
    """Write each filter ``tile`` times into a taller one, every time ``stride`` rows lower."""
    filters = weight.asnumpy()  # (channels, 1, k, k)
    channels, _, kernel, breadth = filters.shape
    tall = np.zeros((channels, tile, (tile - 1) * stride + kernel, breadth), filters.dtype)
    for row in range(tile):
        tall[:, row, row * stride : row * stride + kernel] = filters[:, 0]
    return Tensor(tall.reshape(channels * tile, 1, *tall.shape[2:]))
