"""What every published EfficientNet expects of an image, as a table, publisher by publisher.

A row says: the name; the shorter side after resizing; the side of the square that is then cut out;
the filter; the colours. The tests compare the rows with the packages that are their sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from hub.images.transforms import Interpolation, Transform


class _Colours(NamedTuple):
    mean: tuple[float, ...]
    std: tuple[float, ...]


# The mean and the deviation of ImageNet's training images, as all publishers round them.
_IMAGENET: Final = _Colours((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
# From -1 to 1, as Inception had it.
_INCEPTION: Final = _Colours((0.5,) * 3, (0.5,) * 3)
# (x - 127) / 128 of bytes. These rows also round the longer side, as it was where the results that
# the demo checks were measured with PyTorch.
_LITE: Final = _Colours((127 / 255,) * 3, (128 / 255,) * 3)

_Row = tuple[str, int | tuple[int, int], int, Interpolation, _Colours]


# MindCV: b0 and b1 as its recipes have it, configs/efficientnet/efficientnet_b{0,1}_ascend.yaml in
# https://github.com/mindspore-lab/mindcv: image_resize, crop_pct 0.875, bicubic. It publishes
# neither recipes nor weights of the others; they get the same crop at their papers' resolutions.
#
# Lite, which MindCV lacks: the reference code's resolutions and colours, lite/
# efficientnet_lite_builder.py, and its crop, preprocessing.py (CROP_FRACTION), both in
# https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet
_MINDCV: tuple[_Row, ...] = (
    ("efficientnet_b0", 256, 224, "bicubic", _IMAGENET),
    ("efficientnet_b1", 274, 240, "bicubic", _IMAGENET),
    ("efficientnet_b2", 297, 260, "bicubic", _IMAGENET),
    ("efficientnet_b3", 342, 300, "bicubic", _IMAGENET),
    ("efficientnet_b4", 434, 380, "bicubic", _IMAGENET),
    ("efficientnet_b5", 521, 456, "bicubic", _IMAGENET),
    ("efficientnet_b6", 603, 528, "bicubic", _IMAGENET),
    ("efficientnet_b7", 685, 600, "bicubic", _IMAGENET),
    ("efficientnet_b8", 768, 672, "bicubic", _IMAGENET),
    ("efficientnet_l2", 914, 800, "bicubic", _IMAGENET),
    ("efficientnet_lite0", 256, 224, "bicubic", _LITE),
    ("efficientnet_lite1", 274, 240, "bicubic", _LITE),
    ("efficientnet_lite2", 297, 260, "bicubic", _LITE),
    ("efficientnet_lite3", 320, 280, "bicubic", _LITE),
    ("efficientnet_lite4", 342, 300, "bicubic", _LITE),
    ("efficientnet_v2_b0", 256, 224, "bicubic", _IMAGENET),
    ("efficientnet_v2_b1", 274, 240, "bicubic", _IMAGENET),
    ("efficientnet_v2_b2", 297, 260, "bicubic", _IMAGENET),
    ("efficientnet_v2_b3", 342, 300, "bicubic", _IMAGENET),
    ("efficientnet_v2_s", 438, 384, "bicubic", _IMAGENET),
    ("efficientnet_v2_m", 548, 480, "bicubic", _IMAGENET),
    ("efficientnet_v2_l", 548, 480, "bicubic", _IMAGENET),
    ("efficientnet_v2_xl", 585, 512, "bicubic", _IMAGENET),
)

# torchvision 0.28, models/efficientnet.py: the transforms of each IMAGENET1K_V1. (b1 has a V2 as
# well, with 255 and bilinear: a card of those weights has to say so.)
_TORCHVISION: tuple[_Row, ...] = (
    ("efficientnet_b0.torchvision", 256, 224, "bicubic", _IMAGENET),
    ("efficientnet_b1.torchvision", 256, 240, "bicubic", _IMAGENET),
    ("efficientnet_b2.torchvision", 288, 288, "bicubic", _IMAGENET),
    ("efficientnet_b3.torchvision", 320, 300, "bicubic", _IMAGENET),
    ("efficientnet_b4.torchvision", 384, 380, "bicubic", _IMAGENET),
    ("efficientnet_b5.torchvision", 456, 456, "bicubic", _IMAGENET),
    ("efficientnet_b6.torchvision", 528, 528, "bicubic", _IMAGENET),
    ("efficientnet_b7.torchvision", 600, 600, "bicubic", _IMAGENET),
    ("efficientnet_v2_s.torchvision", 384, 384, "bilinear", _IMAGENET),
    ("efficientnet_v2_m.torchvision", 480, 480, "bilinear", _IMAGENET),
    ("efficientnet_v2_l.torchvision", 480, 480, "bicubic", _INCEPTION),
)

# timm 1.0, models/efficientnet.py: what resolve_data_config makes of each network's default weights
# (efficientnet_b0.ra_in1k and so on), or of its untrained configuration where there are none. It is
# the size of training; timm's own results are partly of larger images (test_input_size).
_TIMM: tuple[_Row, ...] = (
    ("efficientnet_b0.timm", 256, 224, "bicubic", _IMAGENET),
    ("efficientnet_b1.timm", 266, 240, "bicubic", _INCEPTION),
    ("efficientnet_b2.timm", 292, 256, "bicubic", _IMAGENET),
    ("efficientnet_b3.timm", 329, 288, "bicubic", _IMAGENET),
    ("efficientnet_b4.timm", 365, 320, "bicubic", _IMAGENET),
    ("efficientnet_b5.timm", (448, 448), 448, "bicubic", _IMAGENET),
    ("efficientnet_b6.timm", 560, 528, "bicubic", _IMAGENET),
    ("efficientnet_b7.timm", 632, 600, "bicubic", _IMAGENET),
    ("efficientnet_b8.timm", 704, 672, "bicubic", _IMAGENET),
    ("efficientnet_l2.timm", 832, 800, "bicubic", _IMAGENET),
    ("efficientnet_lite0.timm", 256, 224, "bicubic", _IMAGENET),
    ("efficientnet_lite1.timm", 272, 240, "bicubic", _IMAGENET),
    ("efficientnet_lite2.timm", 292, 260, "bicubic", _IMAGENET),
    ("efficientnet_lite3.timm", 331, 300, "bicubic", _IMAGENET),
    ("efficientnet_lite4.timm", 412, 380, "bicubic", _IMAGENET),
    ("efficientnet_v2_s.timm", 288, 288, "bicubic", _IMAGENET),
    ("efficientnet_v2_m.timm", 320, 320, "bicubic", _IMAGENET),
    ("efficientnet_v2_l.timm", 384, 384, "bicubic", _IMAGENET),
    ("efficientnet_v2_xl.timm", 384, 384, "bicubic", _IMAGENET),
)

# TensorFlow's weights as timm published them, tf_efficientnet_*: the same source. Where a row has
# height and width, timm squashes the image (crop_mode "squash") as Google's V2 code does.
_TF: tuple[_Row, ...] = (
    ("efficientnet_b0.tf", 256, 224, "bicubic", _IMAGENET),
    ("efficientnet_b1.tf", 272, 240, "bicubic", _IMAGENET),
    ("efficientnet_b2.tf", 292, 260, "bicubic", _IMAGENET),
    ("efficientnet_b3.tf", 331, 300, "bicubic", _IMAGENET),
    ("efficientnet_b4.tf", 412, 380, "bicubic", _IMAGENET),
    ("efficientnet_b5.tf", 488, 456, "bicubic", _IMAGENET),
    ("efficientnet_b6.tf", 560, 528, "bicubic", _IMAGENET),
    ("efficientnet_b7.tf", 632, 600, "bicubic", _IMAGENET),
    ("efficientnet_b8.tf", 704, 672, "bicubic", _INCEPTION),
    ("efficientnet_l2.tf", 507, 475, "bicubic", _IMAGENET),
    ("efficientnet_lite0.tf", 256, 224, "bicubic", _INCEPTION),
    ("efficientnet_lite1.tf", 272, 240, "bicubic", _INCEPTION),
    ("efficientnet_lite2.tf", 292, 260, "bicubic", _INCEPTION),
    ("efficientnet_lite3.tf", 331, 300, "bilinear", _INCEPTION),
    ("efficientnet_lite4.tf", 413, 380, "bilinear", _INCEPTION),
    ("efficientnet_v2_b0.tf", 219, 192, "bicubic", _IMAGENET),
    ("efficientnet_v2_b1.tf", 217, 192, "bicubic", _IMAGENET),
    ("efficientnet_v2_b2.tf", 233, 208, "bicubic", _IMAGENET),
    ("efficientnet_v2_b3.tf", (266, 266), 240, "bicubic", _INCEPTION),
    ("efficientnet_v2_s.tf", 300, 300, "bicubic", _INCEPTION),
    ("efficientnet_v2_m.tf", (384, 384), 384, "bicubic", _INCEPTION),
    ("efficientnet_v2_l.tf", (384, 384), 384, "bicubic", _INCEPTION),
    ("efficientnet_v2_xl.tf", (384, 384), 384, "bicubic", _INCEPTION),
)

#: What each network expects, by the name of its :class:`~hub.networks.variants.Variant`.
DEFAULTS: Mapping[str, Transform] = MappingProxyType(
    {
        name: Transform(resize, crop, interpolation, *colours, rounds=colours is _LITE)
        for name, resize, crop, interpolation, colours in (
            *_MINDCV,
            *_TORCHVISION,
            *_TIMM,
            *_TF,
        )
    }
)


def guess_transform(input_size: int) -> Transform:
    """Return what a network outside of the family gets: MindCV's own defaults.

    MindCV's ``create_transforms`` resizes to 1 / 0.875 of the network's size, bilinearly, and
    normalises by ImageNet's colours, unless a recipe says otherwise.

    Args:
        input_size: Side of the square images that the network was made for, in pixels.

    Example:
        >>> guess_transform(224).resize
        256
    """
    return Transform(input_size * 8 // 7, input_size, "bilinear", *_IMAGENET)
