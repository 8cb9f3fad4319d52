"""Anything that is an image becomes a PIL image, and anything else an error that says why.

Files come from anywhere, so nothing about them is believed: only formats that Pillow decodes by
itself are opened (EPS would run Ghostscript), a header that promises more pixels than Pillow's
``Image.MAX_IMAGE_PIXELS`` is refused before anything is decoded, and whatever a decoder raises
becomes an :class:`~hub.errors.ImageError`. Pillow's warnings pass: to hold them back would change the
whole process, other threads included.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from hub.errors import ImageError

if TYPE_CHECKING:
    from hub.images.kinds import Array

_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "PPM", "MPO", "JPEG2000", "AVIF")
_SIXTEEN_BITS = frozenset({"I", "I;16", "I;16L", "I;16B", "I;16N"})
_WHITE = 65_535  # of sixteen bits
_EIGHT_BITS = 255
_TOLERANCE = 1e-6  # by which floats may miss 0 or 1
_SHAPES = "(H, W), (H, W, 1), (H, W, 3) or (H, W, 4)"


def open_image(source: object, mode: str, name: str = "the image") -> Image.Image:
    """Read an image and convert it.

    Args:
        source: A path, a file's bytes, a file opened in binary mode, a PIL image or a numpy array.
        mode: ``"RGB"``, or ``"L"`` for greyscale.
        name: What an error calls an image that has no path.

    Returns:
        The image, decoded, in that mode.

    Raises:
        ImageError: It cannot be read, or has no pixels, or too many.
    """
    if isinstance(source, str | os.PathLike):
        name = os.fsdecode(source)
        with _open_file(name) as stream, _explain_damage(name):
            return _convert(_decode(stream, name), mode, name)
    if isinstance(source, bytes | bytearray | memoryview):
        with _explain_damage(name):
            return _convert(_decode(io.BytesIO(source), name), mode, name)
    if isinstance(source, np.ndarray):
        return _convert(_read_array(source, name), mode, name)
    if isinstance(source, Image.Image):
        with _explain_damage(name):
            return _convert(source, mode, name)
    if callable(read := getattr(source, "read", None)):
        with _explain_damage(name):
            return _convert(_decode(io.BytesIO(read()), name), mode, name)
    kind = type(source).__name__
    hint = " (write tensor.asnumpy(), channels last)" if hasattr(source, "shape") else ""
    raise ImageError(
        f"{name} is neither a path nor a PIL image, a numpy array, bytes or an open file: it is of "
        f"type {kind}{hint}",
        source=name,
    )


@contextmanager
def _open_file(path: str) -> Iterator[BinaryIO]:
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - a Path drops what it can't hold
        if stat.S_ISDIR(mode):
            files = os.path.join(path, "*.jpg")  # noqa: PTH118
            raise ImageError(f"{path} is a folder; name the files in it, as {files}", source=path)
        if not stat.S_ISREG(mode):
            raise ImageError(f"{path} is no file, but a device or a pipe", source=path)
        stream = open(path, "rb")  # noqa: PTH123, SIM115
    except (OSError, ValueError) as cause:
        if isinstance(cause, ImageError):
            raise
        hint = "; download it first" if "://" in path else ""
        reason = getattr(cause, "strerror", None) or str(cause)
        raise ImageError(f"{path!r} cannot be opened: {reason}{hint}", source=path) from cause
    with stream:
        yield stream


@contextmanager
def _explain_damage(name: str) -> Iterator[None]:
    """Turn what Pillow's decoders raise into an ImageError."""
    try:
        yield
    except ImageError:
        raise
    except UnidentifiedImageError as cause:
        known = ", ".join(_FORMATS)
        raise ImageError(f"{name} is no image that can be read ({known} can)", source=name) from (
            cause
        )
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as cause:
        raise ImageError(f"{name} is too large to be read safely: {cause}", source=name) from cause
    except Exception as cause:  # a hostile file makes decoders raise anything
        raise ImageError(
            f"{name} is damaged, and cannot be read: {cause or type(cause).__name__}", source=name
        ) from cause


def _decode(stream: BinaryIO, name: str) -> Image.Image:
    Image.init()
    image = Image.open(stream, formats=[each for each in _FORMATS if each in Image.OPEN])
    check_pixels(image.size, name)
    image.load()
    return image


def check_pixels(size: tuple[int, int], name: str, *, state: str = "") -> None:
    """Refuse what is too large, or has no pixels at all.

    Args:
        size: Width and height.
        name: What the error calls the image.
        state: What the error says of it besides, as an insertion behind the name.

    Raises:
        ImageError: There is no pixel, or more than ``PIL.Image.MAX_IMAGE_PIXELS``.
    """
    width, height = size
    most = Image.MAX_IMAGE_PIXELS
    if width < 1 or height < 1:
        raise ImageError(f"{name}{state} has no pixels: it is {width} x {height}", source=name)
    if most is not None and width * height > most:
        raise ImageError(
            f"{name}{state} is too large: {width:,} x {height:,} pixels are {width * height:,}, and "
            f"PIL.Image.MAX_IMAGE_PIXELS allows {most:,}",
            source=name,
        )


def _convert(image: Image.Image, mode: str, name: str) -> Image.Image:
    check_pixels(image.size, name)
    if image.mode in _SIXTEEN_BITS:
        image = _scale_sixteen_bits(image, name)
    elif image.mode == "F":
        image = _read_array(np.asarray(image), name)
    elif "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode in {"La", "RGBa"}:
        image = image.convert(image.mode.upper())
    return image.convert(mode)


def _scale_sixteen_bits(image: Image.Image, name: str) -> Image.Image:
    values = np.asarray(image).astype(np.int64)
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > _WHITE:
        raise ImageError(
            f"{name} holds values from {low} to {high}, and sixteen bits go from 0 to {_WHITE}",
            source=name,
        )
    if image.mode == "I" and image.format is None and 0 < high <= _EIGHT_BITS:
        raise ImageError(
            f"{name}, of mode I, holds values from {low} to {high}: as sixteen bits that is nearly "
            'black; if they are eight bits, write image.convert("L")',
            source=name,
        )
    return Image.fromarray(((values * 255 + _WHITE // 2) // _WHITE).astype(np.uint8))


def _read_array(array: Array, name: str) -> Image.Image:
    if array.ndim not in (2, 3) or array.shape[2:] not in {(), (1,), (3,), (4,)}:
        hint = ""
        if array.ndim == 3 and array.shape[0] in (1, 3, 4):
            hint = "; array.transpose(1, 2, 0) puts the channels last"
        raise ImageError(
            f"{name} is an array of shape {array.shape}, not {_SHAPES}{hint}", source=name
        )
    if array.size == 0:
        raise ImageError(
            f"{name} has no pixels: it is an array of shape {array.shape}", source=name
        )
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.dtype == np.uint8:
        return Image.fromarray(np.ascontiguousarray(array))
    if not np.issubdtype(array.dtype, np.floating):
        hint = " (divide by 65535)" if array.dtype == np.uint16 else ""
        raise ImageError(
            f"{name} is an array of {array.dtype}, not of uint8 or of floats from 0 to 1{hint}",
            source=name,
        )
    low, high = float(array.min()), float(array.max())
    if not (low >= -_TOLERANCE and high <= 1 + _TOLERANCE):
        raise ImageError(
            f"{name} is an array of floats from {low:g} to {high:g}, not from 0 to 1; "
            "what counts to 255 has to be uint8, or divided by 255",
            source=name,
        )
    return Image.fromarray(np.rint(array.astype(np.float64).clip(0, 1) * 255).astype(np.uint8))
