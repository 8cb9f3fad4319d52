"""The record of how a network wants its images, which does what it says when it is called."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

from hub.errors import ArgumentError
from hub.images.kinds import is_one_image
from hub.images.packages import require_images

if TYPE_CHECKING:
    from hub.images.kinds import AnyImage, Pixels

Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos"]

_LONGEST_SIDE = 4096  # pixels; no published network comes near it


@dataclass(frozen=True, slots=True)
class Transform:
    """How an image becomes a network's input: resized, cropped at the centre, normalised.

    Calling it does so, with Pillow, as torchvision's and timm's evaluation pipelines do. Like
    theirs it drops an alpha channel, and takes the pixels as they are stored: a photograph that the
    camera only marks as rotated (EXIF) stays as it is. ``PIL.ImageOps.exif_transpose`` turns it.

    Attributes:
        resize: Length of the shorter side in pixels before the crop; the longer one keeps the
            proportions. Two numbers are height and width, whatever the proportions were.
        crop: Side of the square that is cut out of the centre, in pixels.
        interpolation: Pillow's filter for resizing, which averages when it makes images smaller.
        mean: What is subtracted from each channel, where black is 0 and white is 1. One value
            means a network for greyscale images, three one for RGB.
        std: What each channel is divided by afterwards.
        rounds: Whether a longer side of 383.7 pixels becomes 384. Otherwise it becomes 383, as
            torchvision and timm have it.

    Raises:
        ArgumentError: A value cannot be what it is meant for.

    Example:
        >>> transform = Transform(resize=256, crop=224)
        >>> print(transform)
        resize  256 (shorter side), bicubic
        crop    224 x 224 at the centre
        mean    0.485 0.456 0.406
        std     0.229 0.224 0.225
        >>> import numpy as np
        >>> transform(np.zeros((480, 640, 3), np.uint8)).shape
        (3, 224, 224)
    """

    resize: int | tuple[int, int]
    crop: int
    interpolation: Interpolation = "bicubic"
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)
    rounds: bool = False

    def __post_init__(self) -> None:
        _check_side("crop", self.crop)
        for side in self.resize if isinstance(self.resize, tuple) else (self.resize,):
            _check_side("resize", side)
        if isinstance(self.resize, tuple) and len(self.resize) != 2:
            raise ArgumentError(f"resize is one number, or height and width; not {self.resize!r}")
        if self.interpolation not in get_args(Interpolation):
            known = ", ".join(get_args(Interpolation))
            raise ArgumentError(f"interpolation is one of {known}; not {self.interpolation!r}")
        object.__setattr__(self, "mean", _check_colours("mean", self.mean, lowest=0.0))
        object.__setattr__(self, "std", _check_colours("std", self.std, lowest=1e-6))
        if len(self.mean) != len(self.std):
            raise ArgumentError(
                f"mean has {len(self.mean)} and std {len(self.std)} values; both have one a channel"
            )

    @property
    def input_size(self) -> tuple[int, int, int]:
        """Shape of one prepared image: channels, height, width."""
        return (len(self.mean), self.crop, self.crop)

    def to_greyscale(self) -> Transform:
        """Return the same for a network with one channel: the channels' mean and std averaged.

        Example:
            >>> Transform(resize=256, crop=224).to_greyscale().input_size
            (1, 224, 224)
        """
        mean, std = (sum(values) / len(values) for values in (self.mean, self.std))
        return replace(self, mean=(mean,), std=(std,))

    def __call__(self, image: AnyImage, *, name: str = "the image") -> Pixels:
        """Prepare one image.

        Args:
            image: A file's path, its bytes or the file opened in binary mode (JPEG, PNG, WebP,
                TIFF, GIF and the like; the first picture of several), a PIL image of any mode, or a
                numpy array: uint8, or floats from 0 to 1, of shape (H, W), (H, W, 1), (H, W, 3) or
                (H, W, 4). Sixteen bits are scaled to eight.
            name: What an error calls an image that has no path.

        Returns:
            float32 (channels, crop, crop).

        Raises:
            ImageError: It is none of these, cannot be read, or is too large to be a photograph.
            MissingDependencyError: Pillow is not installed.
        """
        require_images()
        from hub.images.photographs import open_image
        from hub.images.pixels import crop_centre, normalise_pixels, resize_image

        if isinstance(image, str | os.PathLike):
            name = os.fsdecode(image)
        opened = open_image(image, "L" if len(self.mean) == 1 else "RGB", name)
        resized = resize_image(
            opened, self.resize, self.interpolation, rounds=self.rounds, name=name
        )
        return normalise_pixels(crop_centre(resized, self.crop), self.mean, self.std)

    def batch(self, images: Iterable[AnyImage]) -> Pixels:
        """Prepare several images.

        Args:
            images: A list of what the transform itself takes, or an array (N, H, W, channels).

        Returns:
            float32 (N, channels, crop, crop).

        Raises:
            ImageError: One of them cannot be prepared; the message says which.
            ArgumentError: ``images`` is a single image, or none and no list.
            MissingDependencyError: Pillow is not installed.

        Example:
            >>> import numpy as np
            >>> Transform(resize=256, crop=224).batch(np.zeros((2, 300, 300, 3), np.uint8)).shape
            (2, 3, 224, 224)
        """
        if is_one_image(images):
            raise ArgumentError("batch takes a list of images; for one, call the transform itself")
        import numpy as np

        prepared = [self(image, name=f"images[{i}]") for i, image in enumerate(images)]
        return np.stack(prepared) if prepared else np.empty((0, *self.input_size), np.float32)

    def __str__(self) -> str:
        size = f"{self.resize} (shorter side)"
        if isinstance(self.resize, tuple):
            size = "{} x {} (whatever the proportions)".format(*self.resize)
        return (
            f"resize  {size}, {self.interpolation}\n"
            f"crop    {self.crop} x {self.crop} at the centre\n"
            f"mean    {' '.join(f'{value:.4g}' for value in self.mean)}\n"
            f"std     {' '.join(f'{value:.4g}' for value in self.std)}"
        )


def _check_side(name: str, side: object) -> None:
    if isinstance(side, bool) or not isinstance(side, int) or not 1 <= side <= _LONGEST_SIDE:
        raise ArgumentError(f"{name} is a number of pixels from 1 to {_LONGEST_SIDE}; not {side!r}")


def _check_colours(name: str, values: Sequence[float], *, lowest: float) -> tuple[float, ...]:
    listed = tuple(values) if isinstance(values, Sequence) else ()
    if len(listed) not in (1, 3) or not all(map(_is_number, listed)):
        raise ArgumentError(f"{name} has one number, or three for RGB; not {values!r}")
    for value in listed:
        if not lowest <= value <= 1:
            raise ArgumentError(
                f"{name} counts from 0 (black) to 1 (white), and {value!r} is outside "
                f"{lowest:g} to 1; what counts to 255 has to be divided by 255"
            )
    return tuple(map(float, listed))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
