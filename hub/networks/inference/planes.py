"""Depthwise convolution of a small plane as two products of matrices.

A convolution of rows of pixels is a product with a matrix of bands. On small planes the zeros in it
cost less than what oneDNN's convolution does for every channel (see ``depthwise``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from mindspore import Tensor, nn, ops

_SIDE = (
    14  # the longest side that was faster so, of the sides of ImageNet's networks: 7, 14, 28 ...
)


def is_small_plane(shape: tuple[int, ...]) -> bool:
    """Tell whether :class:`PlaneProducts` is faster than tiles for a single image.

    Args:
        shape: Of the output of a convolution, ``(N, channels, H, W)``.

    Returns:
        Whether it is.

    Example:
        >>> is_small_plane((1, 480, 14, 14)), is_small_plane((1, 480, 28, 28))
        (True, False)
    """
    return shape[0] == 1 and max(shape[2:]) <= _SIDE


class PlaneProducts(nn.Cell):  # type: ignore[misc]
    """A depthwise convolution by two products: one moves columns, one weighs and sums.

    Their matrices depend on the sides of the plane. They are made when the network is compiled.

    Args:
        weight: Of the convolution, ``(channels, 1, kernel, breadth)``.
        stride: Pixels down and across.

    Inputs:
        x: ``(1, channels, H, W)``.
        margins: Rows of zeros above ``x`` and columns to the left of it.
        shape: Sides of the output.

    Outputs:
        ``(1, channels, H', W')``.
    """

    def __init__(self, weight: Tensor, stride: tuple[int, int]) -> None:
        super().__init__()
        self.breadth = weight.shape[3]
        self.multiply = ops.BatchMatMul()
        filters = weight.asnumpy()[:, 0]
        down, across = stride

        # Not to be reused: MindSpore would take the matrices of another layer for this one's.
        @ops.constexpr(reuse_result=False)  # type: ignore[untyped-decorator]
        def spread(width: int, columns: int, left: int) -> Tensor:
            return Tensor(_spread(self.breadth, across, width, columns, left))

        @ops.constexpr(reuse_result=False)  # type: ignore[untyped-decorator]
        def bands(height: int, rows: int, top: int) -> Tensor:
            return Tensor(_bands(filters, down, height, rows, top))

        self.spread, self.bands = spread, bands

    def construct(self, x: Any, margins: tuple[int, int], shape: tuple[int, int]) -> Any:
        """Filter each channel of ``x``."""
        _, channels, height, width = x.shape
        (top, left), (rows, columns) = margins, shape
        moved = ops.matmul(x.reshape(channels * height, width), self.spread(width, columns, left))
        moved = moved.reshape(channels, height * self.breadth, columns)
        return self.multiply(self.bands(height, rows, top), moved).reshape(
            1, channels, rows, columns
        )


def _spread(
    breadth: int, across: int, width: int, columns: int, left: int
) -> npt.NDArray[np.float32]:
    """Ones that give every column of the output the ``breadth`` columns it is made of, by place."""
    matrix = np.zeros((width, breadth, columns), np.float32)
    for place in range(breadth):
        for column in range(columns):
            source = column * across - left + place
            if 0 <= source < width:
                matrix[source, place, column] = 1
    return matrix.reshape(width, breadth * columns)


def _bands(
    filters: npt.NDArray[np.float32], down: int, height: int, rows: int, top: int
) -> npt.NDArray[np.float32]:
    """Each channel's weights, at the rows of the input that a row of the output is made of."""
    channels, kernel, breadth = filters.shape
    matrix = np.zeros((channels, rows, height, breadth), filters.dtype)
    for line in range(kernel):
        for row in range(rows):
            source = row * down - top + line
            if 0 <= source < height:
                matrix[:, row, source] = filters[:, line]
    return matrix.reshape(channels, rows, height * breadth)
