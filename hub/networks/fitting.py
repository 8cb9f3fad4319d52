"""Make stored weights fit a network that differs in its images or its classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.networks.files.weights import Array

_RGB = 3


def count_classes(arrays: Mapping[str, Array], classifier: Sequence[str]) -> int | None:
    """Count the classes that stored weights tell apart.

    Args:
        arrays: Names and values.
        classifier: The parameters whose first dimension is the number of classes.

    Returns:
        The number, or None if none of these parameters is stored. One without values does not
        count: its shape can be any number, at no cost for the file.
    """
    for name in classifier:
        array = arrays.get(name)
        if array is not None and array.ndim and array.size:
            return len(array)
    return None


def fit_stem(
    arrays: Mapping[str, Array], stem: Sequence[str], in_channels: int
) -> dict[str, Array]:
    """Make the first convolutions' RGB filters fit images with other channels, as timm does.

    One channel gets the sum of the three filters, so that a grey image gives what it gave as a
    colour image. More get the filters by turns, scaled so that the outputs keep their size.

    Args:
        arrays: Names and values.
        stem: The names of the filters, ``(N, 3, k, k)``.
        in_channels: Channels of the image.

    Returns:
        The filters ``(N, in_channels, k, k)`` under their names; none for three channels, and none
        that are not stored or are not for RGB.

    Example:
        >>> import numpy
        >>> fit_stem({"conv": numpy.ones((8, 3, 3, 3))}, ["conv"], 4)["conv"][0, :, 0, 0]
        array([0.75, 0.75, 0.75, 0.75])
    """
    if in_channels == _RGB:
        return {}
    return {
        name: _fit_filters(arrays[name], in_channels)
        for name in stem
        if name in arrays and arrays[name].ndim == 4 and arrays[name].shape[1] == _RGB
    }


def _fit_filters(filters: Array, in_channels: int) -> Array:
    if in_channels == 1:
        summed: Array = filters.sum(axis=1, keepdims=True)
        return summed
    repeated: Array = filters[:, [channel % _RGB for channel in range(in_channels)]]
    return repeated * (_RGB / in_channels)
