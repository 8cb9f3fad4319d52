"""The copy of a network that is for inference alone."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import mindspore
from mindspore import nn

from hub.errors import ArgumentError
from hub.networks.efficientnet import SqueezeExcite
from hub.networks.inference.depthwise import DepthwiseConvolution, is_depthwise
from hub.networks.inference.excitation import ProductSqueezeExcite
from hub.networks.inference.folding import can_fold, fold_norm, has_hooks


class InferenceNetwork(nn.Cell):  # type: ignore[misc]
    """A network that is compiled on its first call, in either mode of MindSpore.

    Compiling takes seconds, once for each shape of the inputs.

    Args:
        network: The network, which becomes part of this one.

    Inputs:
        As the network's.

    Outputs:
        As the network's.
    """

    def __init__(self, network: nn.Cell) -> None:
        super().__init__()
        self.network = network

    @mindspore.jit  # type: ignore[untyped-decorator]
    def construct(self, *inputs: Any) -> Any:
        """Send the inputs through the network."""
        return self.network(*inputs)

    def set_train(self, mode: bool = True) -> InferenceNetwork:  # noqa: FBT002 (MindSpore's)
        """Stay in evaluation mode.

        Args:
            mode: False, as nothing else works.

        Returns:
            This network.

        Raises:
            ArgumentError: ``mode`` is True: the normalisation that would learn is gone.
        """
        if mode:
            raise ArgumentError(
                "A network from hub.optimize(...) is for inference only, since its batch "
                "normalisation is folded into its weights. Train the network that it was made from"
            )
        super().set_train(mode=False)
        return self


def optimize(network: nn.Cell) -> InferenceNetwork:
    """Copy a network for inference: the same outputs, up to rounding, in less time on CPU.

    Batch normalisation is folded into the convolution that stands right before it in a plain
    :class:`mindspore.nn.SequentialCell`. On CPU, depthwise convolutions in such sequences and the
    squeeze-and-excitation of mshub's networks are replaced by cells that suit MindSpore's kernels
    better. All else stays as it is, so any network may be given that MindSpore can compile (as in
    graph mode); one without such sequences gains from being compiled alone.

    Args:
        network: The network. It stays as it is, and shares nothing with the copy.

    Returns:
        The copy, in evaluation mode. Its parameters have other values, shapes and names than the
        network's: save and load the network itself.

    Raises:
        ArgumentError: ``network`` is not a cell.

    Example:
        >>> from mindspore import ops
        >>> block = nn.SequentialCell(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
        >>> optimize(block)(ops.ones((1, 3, 9, 9))).shape
        (1, 8, 9, 9)
    """
    if not isinstance(network, nn.Cell):
        raise ArgumentError(f"optimize needs a mindspore.nn.Cell, not {type(network).__name__}")
    if isinstance(network, InferenceNetwork):
        network = network.network
    copied = copy.deepcopy(network).set_train(False)
    on_cpu = mindspore.get_context("device_target") == "CPU"
    for _, sequence in list(copied.cells_and_names()):
        if type(sequence) is nn.SequentialCell and not has_hooks(sequence):
            _fold_norms(sequence)
            if on_cpu:
                _suit_cpu(sequence)
    for name, parameter in copied.parameters_and_names():
        parameter.name = name  # a compiled graph tells parameters apart by their names
    return InferenceNetwork(copied).set_train(False)


def _fold_norms(sequence: nn.SequentialCell) -> None:
    cells = list(sequence)
    for index, (first, second) in enumerate(itertools.pairwise(cells)):
        if can_fold(first, second):
            _replace(sequence, index, fold_norm(first, second))
            _replace(sequence, index + 1, nn.Identity())  # the others keep their places


def _suit_cpu(sequence: nn.SequentialCell) -> None:
    for index, cell in enumerate(list(sequence)):
        if is_depthwise(cell):
            _replace(sequence, index, DepthwiseConvolution(cell))
        elif type(cell) is SqueezeExcite and not has_hooks(cell):
            _replace(sequence, index, ProductSqueezeExcite(cell))


def _replace(sequence: nn.SequentialCell, index: int, cell: nn.Cell) -> None:
    """Item assignment of a sequence guesses at the names of parameters, and fails on copies."""
    key = list(sequence.name_cells())[index]
    setattr(sequence, key, cell)
    sequence.cell_list[index] = cell
