"""A PIL image becomes numbers, to the pixel as torchvision's and timm's PIL pipelines do it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from hub.images.photographs import check_pixels

if TYPE_CHECKING:
    from hub.images.kinds import Pixels


def resize_image(
    image: Image.Image,
    size: int | tuple[int, int],
    interpolation: str,
    *,
    rounds: bool = False,
    name: str = "the image",
) -> Image.Image:
    """Resize an image so that its shorter side has a length, or to a height and a width.

    Args:
        image: The image.
        size: The shorter side in pixels, or height and width.
        interpolation: The name of a Pillow filter, in lower case.
        rounds: Whether the longer side is rounded; torchvision cuts off what is beyond the point.
        name: What an error calls the image.

    Raises:
        ImageError: The image is so long and thin that its longer side would get out of hand.

    Example:
        >>> from PIL import Image
        >>> resize_image(Image.new("RGB", (640, 480)), 256, "bicubic").size
        (341, 256)
    """
    if isinstance(size, tuple):
        height, width = size
    else:
        longer = size * max(image.size) / min(image.size)
        longer = round(longer) if rounds else int(longer)
        width, height = (size, longer) if image.width <= image.height else (longer, size)
    state = f" of {image.width} x {image.height} pixels, resized,"
    check_pixels((width, height), name, state=state)
    return image.resize((width, height), Image.Resampling[interpolation.upper()])


def crop_centre(image: Image.Image, side: int) -> Image.Image:
    """Cut a square out of the centre; where the image is smaller, it is padded with black.

    Args:
        image: The image.
        side: The square's side in pixels.
    """
    left, top = _margin(image.width, side), _margin(image.height, side)
    return image.crop((left, top, left + side, top + side))


def normalise_pixels(image: Image.Image, mean: Sequence[float], std: Sequence[float]) -> Pixels:
    """Turn an image's bytes into float32 (channels, H, W), less the mean, divided by std.

    Args:
        image: The image, in mode RGB or L.
        mean: One value a channel, where white is 1.
        std: The same.
    """
    levels = np.asarray(image, dtype=np.float32) / np.float32(255)
    levels = levels.reshape(image.height, image.width, len(mean))
    pixels = (levels - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _margin(length: int, side: int) -> int:
    """Return where the square begins, rounded to the even number as torchvision does."""
    return round((length - side) / 2) if length >= side else -((side - length) // 2)
