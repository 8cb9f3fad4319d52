"""Freezing: a trained backbone keeps what it knows while a new classifier learns."""

from __future__ import annotations

from collections.abc import Callable

from mindspore import nn

from hub.errors import ArgumentError
from hub.networks.features import FeatureNet

_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.SyncBatchNorm)  # BatchNorm3d has one of them inside


def freeze_backbone(network: nn.Cell, *, classifier: str | None = None) -> Callable[[], None]:
    """Let a network's classifier alone learn from now on.

    All other parameters stop training: ``requires_grad`` is False, and
    ``network.trainable_params()`` has none of them. Batch normalisation normalises by its running
    statistics and leaves them as they are, even after ``network.set_train()``, but for that in the
    classifier, if it has any. Dropout and
    stochastic depth stay active in training.

    Which cell the classifier is can be known of an EfficientNet, and of any network whose last
    cell with parameters, in the order of their definition, is a :class:`mindspore.nn.Dense`. Of
    others, say it. A :class:`~hub.networks.features.FeatureNet` is all backbone: no parameter of
    it goes on learning.

    Make optimiser and training step afterwards: the optimiser from ``network.trainable_params()``,
    and a graph that was compiled before trains on as it was.

    Args:
        network: The network, which is changed.
        classifier: The name of the cell that goes on learning, as ``network.cells_and_names()``
            has it; None finds the classifier as said above.

    Returns:
        A function that undoes it: what learned before learns again.

    Raises:
        ArgumentError: It is no network, has no cell of this name, or it cannot be known which cell
            its classifier is.

    Example:
        >>> from hub.networks.efficientnet import EfficientNet
        >>> from hub.networks.variants import find_variant
        >>> network = EfficientNet(find_variant("efficientnet_lite0"), num_classes=10)
        >>> unfreeze = freeze_backbone(network)
        >>> [parameter.name for parameter in network.trainable_params()]
        ['mlp_head.weight', 'mlp_head.bias']
        >>> unfreeze()
        >>> len(network.trainable_params())
        149
    """
    if not isinstance(network, nn.Cell):
        raise ArgumentError(f"network must be a mindspore.nn.Cell, not {network!r}")
    head = _find_classifier(network, classifier)
    spared = (
        [] if head is None else [*head.get_parameters(), *dict(head.cells_and_names()).values()]
    )
    learning = {id(each) for each in spared}
    frozen = [p for p in network.trainable_params() if id(p) not in learning]
    norms = [
        cell
        for _, cell in network.cells_and_names()
        if isinstance(cell, _NORMS)
        and cell.use_batch_statistics is None
        and id(cell) not in learning
    ]

    def switch(*, learns: bool) -> None:
        for parameter in frozen:
            parameter.requires_grad = learns
        for norm in norms:
            norm.use_batch_statistics = None if learns else False

    switch(learns=False)
    return lambda: switch(learns=True)


def _find_classifier(network: nn.Cell, classifier: str | None) -> nn.Cell | None:
    """Give the cell that is not to be frozen; None if all is backbone."""
    if classifier is not None:
        named = dict(network.cells_and_names())
        if classifier not in named:
            raise ArgumentError(
                f"{type(network).__name__} has no cell called {classifier!r}; "
                "network.cells_and_names() has them all"
            )
        return named[classifier]
    if isinstance(network, FeatureNet):
        return None
    cells = [cell for _, cell in network.cells_and_names() if cell.parameters_dict(recurse=False)]
    if not cells or not isinstance(cells[-1], nn.Dense):
        raise ArgumentError(
            f"{type(network).__name__} does not end in a Dense cell, so which cell is its "
            'classifier? Name it: freeze_backbone(network, classifier="...")'
        )
    return cells[-1]
