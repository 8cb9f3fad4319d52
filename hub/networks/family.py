"""The EfficientNet family as architectures that can be looked up, without MindSpore."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.networks.levels import choose_levels
from hub.networks.options import NetworkOptions
from hub.networks.variants import Variant

if TYPE_CHECKING:
    from mindspore import nn

_NUM_CLASSES = 1000  # ImageNet's


@dataclass(frozen=True, slots=True)
class EfficientNetArchitecture:
    """A variant as :class:`hub.networks.architecture.Architecture` wants it.

    Args:
        variant: The variant.

    Example:
        >>> from hub.networks.variants import find_variant
        >>> EfficientNetArchitecture(find_variant("efficientnet_b3")).input_size
        300
    """

    variant: Variant
    classifier = ("mlp_head.weight", "mlp_head.bias")
    stem = ("features.0.weight",)

    @property
    def name(self) -> str:
        """The variant's name, with its convention."""
        return self.variant.name

    @property
    def input_size(self) -> int:
        """Side of the square images that the variant is evaluated at, in pixels."""
        return self.variant.resolution

    def check(self, options: NetworkOptions) -> None:
        """Refuse feature maps that the variant does not have; all else it has.

        Args:
            options: What is wanted.

        Raises:
            ArgumentError: The variant has no such feature levels.
        """
        if options.features_only:
            choose_levels(self.variant, options.out_indices)

    def build(self, options: NetworkOptions) -> nn.Cell:
        """Build the variant, as a classifier or for its features.

        Args:
            options: What is wanted; ``num_classes`` is a number, unless only features are.

        Returns:
            An :class:`~hub.networks.efficientnet.EfficientNet` or a
            :class:`~hub.networks.features.FeatureNet`.

        Raises:
            ArgumentError: The variant has no such stage.
        """
        if options.features_only:
            from hub.networks.features import FeatureNet

            return FeatureNet(
                self.variant,
                options.in_channels,
                out_indices=None if options.out_indices is None else tuple(options.out_indices),
                drop_path_rate=options.drop_path_rate,
            )
        from hub.networks.efficientnet import EfficientNet

        return EfficientNet(
            self.variant,
            _NUM_CLASSES if options.num_classes is None else options.num_classes,
            options.in_channels,
            drop_rate=options.drop_rate,
            drop_path_rate=options.drop_path_rate,
        )
