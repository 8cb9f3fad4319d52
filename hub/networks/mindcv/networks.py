"""One of MindCV's networks as an architecture, like our own."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from types import MappingProxyType

from mindcv.models.registry import get_pretrained_cfg_value, model_entrypoint
from mindspore import nn

from hub.errors import ArgumentError
from hub.networks.checkpoint import without_values
from hub.networks.mindcv.features import create_features
from hub.networks.mindcv.outline import create_network, outline_network
from hub.networks.options import NetworkOptions

_NUM_CLASSES = 1000
_RGB = 3
_INPUT_SIZE = 224
_INPUT_SIZES = MappingProxyType(  # where MindCV's own table lacks them, as its cards state them
    {
        "inceptionv3": 299,
        "inceptionv4": 299,
        "mobilevit": 256,
        "swintransformerv2": 256,
        "xception": 299,
    }
)


@dataclass(frozen=True, slots=True)
class MindCVArchitecture:
    """One of MindCV's networks, as :class:`hub.networks.architecture.Architecture` wants it.

    Args:
        name: The name in MindCV's registry.

    Example:
        >>> resnet = MindCVArchitecture("resnet18")
        >>> resnet.classifier, resnet.stem
        (('classifier.weight', 'classifier.bias'), ('conv1.weight',))
    """

    name: str

    @property
    def classifier(self) -> tuple[str, ...]:
        """The parameters whose first dimension is the number of classes."""
        return outline_network(self.name).classifier

    @property
    def stem(self) -> tuple[str, ...]:
        """The weights of the first convolutions; none if MindCV builds it for RGB alone."""
        return outline_network(self.name).stem

    @property
    def input_size(self) -> int:
        """Side of the square images that the network was made for, in pixels."""
        stated = get_pretrained_cfg_value(self.name, "input_size")
        if stated:
            return int(stated[-1])
        ending = re.search(r"_(\d{2,3})$", self.name)
        if ending and int(ending[1]) % 32 == 0:  # mobilenet_v2_035_96
            return int(ending[1])
        return _INPUT_SIZES.get(model_entrypoint(self.name).__module__.split(".")[-1], _INPUT_SIZE)

    def check(self, options: NetworkOptions) -> None:
        """Refuse what MindCV's network lacks: channels, features, rates.

        Args:
            options: What is wanted.

        Raises:
            ArgumentError: MindCV's network does not have what is asked for.
            ArchitectureError: MindCV fails to build it at all.
        """
        outline = outline_network(self.name)
        if options.in_channels != _RGB and not outline.stem:
            raise ArgumentError(
                f"MindCV builds {self.name} for images of three channels alone: leave out "
                "in_channels"
            )
        for rate in _rates(options):
            if rate not in outline.arguments:
                raise ArgumentError(f"MindCV's {self.name} has no {rate}: leave it out")
        if options.features_only or _rates(options):
            with without_values():
                self.build(replace(options, num_classes=options.num_classes or _NUM_CLASSES))

    def build(self, options: NetworkOptions) -> nn.Cell:
        """Build the network with initial parameters.

        Args:
            options: What is wanted; ``num_classes`` is a number, unless only features are.

        Returns:
            MindCV's cell, or a :class:`~hub.networks.mindcv.features.FeatureMaps`.

        Raises:
            ArgumentError: MindCV's network does not have what is asked for.
        """
        rates = _rates(options)
        if options.features_only:
            return create_features(
                self.name, options.out_indices, in_channels=options.in_channels, **rates
            )
        return create_network(
            self.name, num_classes=options.num_classes, in_channels=options.in_channels, **rates
        )


def _rates(options: NetworkOptions) -> dict[str, float]:
    rates = {"drop_rate": options.drop_rate, "drop_path_rate": options.drop_path_rate}
    return {argument: rate for argument, rate in rates.items() if rate is not None}
