"""A network's answer to a batch of images, as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mindspore
import numpy as np
from mindspore import nn

from hub.errors import ArchitectureError, HubError, LoadError, WeightsError

if TYPE_CHECKING:
    Array = np.ndarray[Any, Any]


def score_images(network: nn.Cell, images: Array) -> Array:
    """Run a classifier on images.

    Args:
        network: A cell that maps images to logits, in evaluation mode.
        images: float32 (N, C, H, W).

    Returns:
        float32 logits (N, classes), all of them finite.

    Raises:
        ArchitectureError: The network puts out something else than one score a class.
        WeightsError: A score is nan or infinite.
        LoadError: The network fails for images of this shape.

    Example:
        >>> import mindspore, numpy
        >>> mean = mindspore.nn.AdaptiveAvgPool2d(1)
        >>> network = mindspore.nn.SequentialCell(mean, mindspore.nn.Flatten())
        >>> score_images(network, numpy.ones((2, 3, 8, 8), numpy.float32)).shape
        (2, 3)
    """
    try:
        return _read_scores(network(mindspore.Tensor(images)))
    except HubError:
        raise
    except (RuntimeError, ValueError, TypeError) as cause:  # whatever somebody's network raises
        reason = str(cause).strip().split("\n", 1)[0]
        raise LoadError(
            f"The network fails for images of shape {images.shape}: {reason}. "
            "Perhaps the card's input-size is not the network's."
        ) from cause


def _read_scores(outputs: object) -> Array:
    if not isinstance(outputs, mindspore.Tensor) or outputs.ndim != 2:
        found = f"a {type(outputs).__name__}"
        if isinstance(outputs, mindspore.Tensor):
            found = f"an output of shape {outputs.shape}"
        raise ArchitectureError(f"The network is no classifier: {found} is not one score a class.")
    scores: Array = outputs.asnumpy()
    if not np.isfinite(scores).all():
        wrong = int((~np.isfinite(scores)).any(axis=0).sum())
        raise WeightsError(
            f"The network's scores are nan or infinite for {wrong} of {scores.shape[1]} classes: "
            "its weights are broken, or belong to another network; `hub load` checks them."
        )
    return scores


def count_classes(network: nn.Cell, input_size: tuple[int, int, int]) -> int:
    """Return how many classes a network tells apart, by running it on one black image.

    Args:
        network: A cell that maps images to logits, in evaluation mode.
        input_size: Channels, height and width of its images.

    Raises:
        ArchitectureError: The network puts out something else than one score a class.
        WeightsError: A score is nan or infinite.
        LoadError: The network fails for images of this size.

    Example:
        >>> mean = mindspore.nn.AdaptiveAvgPool2d(1)
        >>> count_classes(mindspore.nn.SequentialCell(mean, mindspore.nn.Flatten()), (3, 8, 8))
        3
    """
    return score_images(network, np.zeros((1, *input_size), np.float32)).shape[1]
