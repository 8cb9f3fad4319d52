"""Feature maps of MindCV's networks, by MindCV's own means, under the names that weights have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mindcv.models.features import FeatureExtractWrapper
from mindspore import nn

from hub.errors import ArgumentError
from hub.networks.mindcv.outline import create_network, outline_network


class FeatureMaps(nn.Cell):  # type: ignore[misc]
    """One of MindCV's networks as a backbone: the last feature map of each stride, no classes.

    Args:
        extractor: What puts out all feature maps, as a list.
        levels: What MindCV says of each map: ``chs`` and ``reduction``.
        chosen: Which maps to put out, in rising order.
        stored: The names of all parameters of the whole network.

    Attributes:
        channels: Of each map that is put out.
        strides: Of each map that is put out, in pixels of the image.

    Inputs:
        x: float32 ``(N, in_channels, H, W)``.

    Outputs:
        A tuple of float32 ``(N, channels[i], H / strides[i], W / strides[i])``.
    """

    def __init__(
        self,
        extractor: nn.Cell,
        levels: Sequence[dict[str, Any]],
        chosen: Sequence[int],
        stored: frozenset[str],
    ) -> None:
        super().__init__(auto_prefix=False)  # parameters keep their names
        self.extractor = extractor
        self.channels = tuple(int(levels[place]["chs"]) for place in chosen)
        self.strides = tuple(int(levels[place]["reduction"]) for place in chosen)
        self._left_out = stored - {parameter.name for parameter in extractor.get_parameters()}

    def construct(self, x: Any) -> Any:
        """Compute the feature maps of the images ``x``."""
        return tuple(self.extractor(x))

    def drops(self, parameter_name: str) -> bool:
        """Tell whether a stored parameter belongs to what comes after the last map.

        Args:
            parameter_name: As a checkpoint of the whole network has it.

        Returns:
            True for those that only the whole network has.
        """
        return parameter_name in self._left_out


def create_features(name: str, out_indices: Sequence[int] | None, **arguments: Any) -> FeatureMaps:
    """Build one of MindCV's networks as a backbone.

    Args:
        name: The name in MindCV's registry.
        out_indices: Which levels: 0 is the largest map, -1 the smallest. None takes all.
        arguments: What MindCV's function of that name takes.

    Returns:
        The backbone, with the parameters' names of the whole network.

    Raises:
        ArgumentError: MindCV gives no features of this network, or it has no such level.
    """
    network = create_network(name, **arguments)
    if not hasattr(network, "feature_info"):
        network = _create_rewritten(name, **arguments)
    maps = network.feature_info
    last = {level["reduction"]: place for place, level in enumerate(maps)}  # of each stride
    chosen = _choose(name, list(last.values()), out_indices)
    names = [(parameter, parameter.name) for parameter in network.get_parameters()]
    extractor = FeatureExtractWrapper(network, out_indices=chosen)
    for parameter, given in names:  # the wrapper renames some
        parameter.name = given
    return FeatureMaps(extractor, maps, chosen, outline_network(name).names)


def _create_rewritten(name: str, **arguments: Any) -> nn.Cell:
    """Build what MindCV has as a class of its own for features, as of HRNet."""
    try:
        found = create_network(name, features_only=True, **arguments)
    except ArgumentError:
        found = None
    if not isinstance(found, FeatureExtractWrapper):
        raise ArgumentError(f"MindCV gives no features of {name}: leave out features_only")
    return found.net


def _choose(name: str, places: list[int], out_indices: Sequence[int] | None) -> list[int]:
    if out_indices is None:
        return places
    try:
        chosen = [places[index] for index in out_indices]
    except IndexError:
        chosen = []
    if not chosen or chosen != sorted(set(chosen)):
        count = len(places)
        raise ArgumentError(
            f"out_indices must be different levels of {name}, in rising order: from 0 to "
            f"{count - 1} (or from {-count} to -1), not {out_indices!r}"
        )
    return chosen
