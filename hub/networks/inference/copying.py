"""The copy of a network that is for inference alone."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import mindspore
from mindspore import nn

from hub.errors import ArgumentError
from hub.networks.efficientnet import SqueezeExcite
from hub.networks.inference.depthwise import RowsInOrder, TiledDepthwise, is_depthwise
from hub.networks.inference.excitation import ExcitedProjection, is_projection
from hub.networks.inference.folding import can_fold, fold_norm, has_hooks

_FOR_EACH_PIXEL = (nn.Identity, nn.SiLU, nn.ReLU, nn.ReLU6)  # whatever the order of the pixels


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

        def forward(*inputs: Any) -> Any:
            return network(*inputs)

        # A compiled cell writes a note into all of its cells at every call, a function does not:
        # 2 ms for B0 in graph mode.
        self._compiled = mindspore.jit(forward)

    def __call__(self, *inputs: Any) -> Any:
        """Send the inputs through the compiled network."""
        return self._compiled(*inputs)

    def __deepcopy__(self, memo: dict[int, Any]) -> InferenceNetwork:
        """Copy the network, and compile the copy by itself."""
        return InferenceNetwork(copy.deepcopy(self.network, memo)).set_train(False)

    def construct(self, *inputs: Any) -> Any:
        """Send the inputs through the network, as a part of a larger one that is compiled."""
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
    better. Cells that are attributes of a cell of another kind (as in MindCV's ResNet) stay as they
    are, since only its code could tell in which order it calls them. So any network may be given
    that MindSpore can compile (as in graph mode); one without such sequences gains from that alone.

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
    for index, (first, second) in enumerate(itertools.pairwise(list(sequence))):
        if type(first) is SqueezeExcite and not has_hooks(first) and is_projection(second):
            _replace(sequence, index, nn.Identity())
            _replace(sequence, index + 1, ExcitedProjection(first, second))
    cells = list(sequence)
    for index, cell in enumerate(cells):
        if is_depthwise(cell):
            _replace(sequence, index, TiledDepthwise(cell))
            last = _last_without_order(cells, index)
            _replace(sequence, last, nn.SequentialCell(sequence[last], RowsInOrder()))


def _last_without_order(cells: list[nn.Cell], index: int) -> int:
    """Find the projection after a depthwise convolution, if no cell before it minds the order."""
    for later in range(index + 1, len(cells)):
        if type(cells[later]) is ExcitedProjection or is_projection(cells[later]):
            return later
        if type(cells[later]) not in _FOR_EACH_PIXEL or has_hooks(cells[later]):
            break
    return index


def _replace(sequence: nn.SequentialCell, index: int, cell: nn.Cell) -> None:
    """Item assignment of a sequence guesses at the names of parameters, and fails on copies."""
    key = list(sequence.name_cells())[index]
    setattr(sequence, key, cell)
    sequence.cell_list[index] = cell
