"""What counts as an image, and what as several."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, TypeGuard

from hub.errors import ArgumentError
from hub.images.packages import require_images

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    Array: TypeAlias = np.ndarray[Any, Any]
    Pixels: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
    Buffer: TypeAlias = bytes | bytearray | memoryview
    AnyImage: TypeAlias = str | os.PathLike[str] | Buffer | BinaryIO | Image | Array


def is_one_image(images: AnyImage | Iterable[AnyImage]) -> TypeGuard[AnyImage]:
    """Tell one image from several: a list, another iterable, or an array of four dimensions.

    A tensor counts as one, so that reading it can say what to write instead.

    Raises:
        ArgumentError: It is neither the one nor the other.
        MissingDependencyError: Pillow is not installed.

    Example:
        >>> is_one_image("photo.jpg"), is_one_image(["photo.jpg"])
        (True, False)
    """
    require_images()
    import numpy as np
    from PIL.Image import Image

    if isinstance(images, np.ndarray):
        return images.ndim != 4
    if isinstance(images, str | os.PathLike | bytes | bytearray | memoryview | Image):
        return True
    if hasattr(images, "read") or hasattr(images, "shape"):  # an open file; a tensor
        return True
    if isinstance(images, Iterable) and not isinstance(images, Mapping):
        return False
    raise ArgumentError(
        "an image is wanted (a path, a PIL image, an array or a file's bytes), or a list of them; "
        f"not {images!r}"
    )
