"""Several images as batches that fit into memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from hub.images.transforms import Transform

if TYPE_CHECKING:
    from hub.images.kinds import AnyImage, Pixels

_BATCH_PIXELS = 16 * 224 * 224  # that run at once: 16 images for B0, 2 for B7


def prepare_batches(images: Iterable[AnyImage], transform: Transform) -> Iterator[Pixels]:
    """Prepare images, a batch at a time; larger images make smaller batches.

    Args:
        images: Any number of images, which are read as they are needed.
        transform: What prepares each.

    Yields:
        float32 (N, channels, crop, crop).

    Raises:
        ImageError: An image cannot be read; the message says which.

    Example:
        >>> import numpy as np
        >>> images = np.zeros((5, 640, 640, 3), np.uint8)
        >>> [len(batch) for batch in prepare_batches(images, Transform(resize=600, crop=600))]
        [2, 2, 1]
    """
    import numpy as np

    size = max(1, _BATCH_PIXELS // transform.crop**2)
    prepared: list[Pixels] = []
    for position, image in enumerate(images):
        prepared.append(transform(image, name=f"images[{position}]"))
        if len(prepared) == size:
            yield np.stack(prepared)
            prepared = []
    if prepared:
        yield np.stack(prepared)
