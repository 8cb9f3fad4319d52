"""An EfficientNet as the backbone of another network: its feature maps, no classes."""

from __future__ import annotations

from itertools import islice
from typing import Any

from mindspore import nn

from hub.networks.efficientnet import HEAD_CELLS, STEM_CELLS, build_stages, build_stem
from hub.networks.interpreter_exit import keep_interpreter_exit_quiet
from hub.networks.levels import choose_levels
from hub.networks.variants import Variant


class FeatureNet(nn.Cell):  # type: ignore[misc]
    """The feature maps of a variant at several strides; what comes after the last is not built.

    A level is what the last stage of a stride puts out, before the next stage halves the sides: as
    timm's ``features_only`` has it. The parameters have the names of
    :class:`~hub.networks.efficientnet.EfficientNet`'s, so that its weights fit.

    Args:
        variant: Which one, from :func:`hub.networks.variants.find_variant`.
        in_channels: Channels of the image.
        out_indices: Which levels, in rising order: 0 is the largest map, -1 the smallest. None
            takes all.
        drop_path_rate: Probability that training skips the last block of the whole variant
            (earlier ones less); None takes the variant's own.

    Attributes:
        channels: Of each map that is put out.
        strides: Of each map that is put out, in pixels of the image.

    Inputs:
        x: float32 ``(N, in_channels, H, W)``.

    Outputs:
        A tuple of float32 ``(N, channels[i], H / strides[i], W / strides[i])``, the sides rounded
        up.

    Raises:
        ArgumentError: The variant has no such levels, or ``drop_path_rate`` is no number from 0 to
            less than 1.

    Example:
        >>> import mindspore
        >>> from hub.networks.variants import find_variant
        >>> network = FeatureNet(find_variant("efficientnet_lite0"), out_indices=(1, 3))
        >>> network.channels, network.strides
        ((24, 112), (4, 16))
        >>> [features.shape for features in network(mindspore.ops.zeros((2, 3, 64, 64)))]
        [(2, 24, 16, 16), (2, 112, 4, 4)]
    """

    def __init__(
        self,
        variant: Variant,
        in_channels: int = 3,
        *,
        out_indices: tuple[int, ...] | None = None,
        drop_path_rate: float | None = None,
    ) -> None:
        super().__init__()
        keep_interpreter_exit_quiet()
        levels = choose_levels(variant, out_indices)
        self.channels = tuple(level.channels for level in levels)
        self.strides = tuple(level.stride for level in levels)
        self._positions = tuple(STEM_CELLS + level.stage for level in levels)
        self._built = self._positions[-1] + 1
        self._whole = STEM_CELLS + len(variant.stages) + HEAD_CELLS
        stages = build_stages(variant, drop_path_rate)
        self.features = nn.SequentialCell(
            [*build_stem(variant, in_channels), *islice(stages, self._built - STEM_CELLS)]
        )

    def construct(self, x: Any) -> Any:
        """Compute the feature maps of the images ``x``."""
        outputs = []
        for cell in self.features:
            x = cell(x)
            outputs.append(x)
        return tuple([outputs[position] for position in self._positions])

    def drops(self, parameter_name: str) -> bool:
        """Tell whether a stored parameter belongs to what is not built.

        Args:
            parameter_name: As a checkpoint of the whole variant has it.

        Returns:
            True for later stages, the last convolution and the classifier; False for what is
            built and for what no EfficientNet has.

        Example:
            >>> from hub.networks.variants import find_variant
            >>> network = FeatureNet(find_variant("efficientnet_lite0"), out_indices=(3,))
            >>> [network.drops(name) for name in ("features.0.weight", "mlp_head.bias")]
            [False, True]
        """
        room, _, place = parameter_name.partition(".")
        if room == "mlp_head":
            return True
        position = place.partition(".")[0]
        return room == "features" and position in map(str, range(self._built, self._whole))
