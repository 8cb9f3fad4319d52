"""What a loaded network can be made ready for: training its classifier, or fast inference."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mindspore import nn


def freeze_backbone(network: nn.Cell, *, classifier: str | None = None) -> Callable[[], None]:
    """Let a network's classifier alone learn from now on; batch statistics stay as they are.

    Args:
        network: The network, which is changed.
        classifier: The name of the cell that goes on learning, as ``network.cells_and_names()``
            has it; None takes the last cell with parameters, which has to be a ``Dense``.

    Returns:
        A function that undoes it: what learned before learns again.

    Raises:
        ArgumentError: It is no network, has no such cell, or it cannot be known which one it is.
        MissingDependencyError: MindSpore is not installed.

    Example:
        >>> import hub
        >>> network = hub.load("MindSpore/efficientnet_b0", pretrained=False, num_classes=10)
        >>> unfreeze = hub.freeze_backbone(network)
        >>> [parameter.name for parameter in network.trainable_params()]
        ['mlp_head.weight', 'mlp_head.bias']
    """
    from hub.networks.builders import require_mindspore

    require_mindspore()
    from hub.networks import freezing

    return freezing.freeze_backbone(network, classifier=classifier)


def optimize(network: nn.Cell) -> nn.Cell:
    """Return a copy of a network that infers faster on a CPU, with the same outputs within 1e-4.

    Args:
        network: The network, which stays as it is.

    Returns:
        A network for inference only; ``set_train()`` is refused. It is compiled at the first call
        for each shape of images, which takes seconds.

    Raises:
        ArgumentError: It is no network.
        MissingDependencyError: MindSpore is not installed.

    Example:
        >>> import hub
        >>> network = hub.load("MindSpore/efficientnet_b0", pretrained=False)
        >>> faster = hub.optimize(network)
    """
    from hub.networks.builders import require_mindspore

    require_mindspore()
    from hub.networks import inference

    return inference.optimize(network)
