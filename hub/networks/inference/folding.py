"""Batch normalisation, folded into the convolution before it.

With running statistics it is a scale and a shift for each channel, and so is a part of the weights
and the bias of the convolution that it follows. On a CPU that saves a pass over every activation.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from mindspore import Tensor, nn

from hub.networks.efficientnet import BatchNorm

_NORMS = (nn.BatchNorm2d, BatchNorm)  # no others: a subclass may compute something else


def can_fold(convolution: nn.Cell, norm: nn.Cell) -> bool:
    """Tell whether two neighbours are a convolution and a batch normalisation as we know them.

    Args:
        convolution: The cell whose output the other one gets.
        norm: The cell after it.

    Returns:
        Whether :func:`fold_norm` gives one cell with the outputs of both. Cells with hooks do not
        fold, since the hooks would see nothing, nor does a normalisation that uses the statistics
        of the batch at inference, too.

    Example:
        >>> can_fold(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
        True
        >>> can_fold(nn.Conv2d(3, 8, 3), nn.SiLU())
        False
    """
    return (
        type(convolution) is nn.Conv2d
        and type(norm) in _NORMS
        and convolution.out_channels == norm.num_features
        and convolution.data_format == "NCHW"
        and not norm.use_batch_statistics
        and not has_hooks(convolution)
        and not has_hooks(norm)
    )


def has_hooks(cell: nn.Cell) -> bool:
    """Tell whether somebody watches or changes what goes through a cell.

    Args:
        cell: Any cell.

    Returns:
        Whether a hook of the forward pass is registered with it.
    """
    return bool(cell._forward_pre_hook or cell._forward_hook)  # noqa: SLF001 (no public way)


def fold_norm(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Conv2d:
    """Make one convolution of a convolution and the batch normalisation after it.

    Args:
        convolution: With or without bias. It stays as it is.
        norm: The normalisation, of which the running statistics are used.

    Returns:
        A new convolution with bias, which gives what both gave, up to rounding.

    Example:
        >>> folded = fold_norm(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
        >>> folded.bias.shape
        (8,)
    """
    scale = _values(norm.gamma) / np.sqrt(_values(norm.moving_variance) + norm.eps)
    before = _values(convolution.bias) if convolution.has_bias else 0.0
    bias = _values(norm.beta) + (before - _values(norm.moving_mean)) * scale
    weight = _values(convolution.weight) * scale[:, None, None, None]
    dtype = convolution.weight.dtype
    return nn.Conv2d(
        convolution.in_channels,
        convolution.out_channels,
        kernel_size=convolution.kernel_size,
        stride=convolution.stride,
        pad_mode=convolution.pad_mode,
        padding=convolution.padding,
        dilation=convolution.dilation,
        group=convolution.group,
        has_bias=True,
        weight_init=Tensor(weight, dtype),
        bias_init=Tensor(bias, dtype),
        dtype=dtype,
    )


def _values(parameter: Tensor) -> npt.NDArray[np.float64]:
    """Float64: the running variance of a channel that is nearly always zero can be tiny."""
    values: npt.NDArray[np.float64] = parameter.asnumpy().astype(np.float64)
    return values
