"""Several images run in batches that fit into memory."""

from collections.abc import Iterator

import pytest

from hub.errors import ImageError
from hub.images.batches import prepare_batches
from hub.images.transforms import Transform

np = pytest.importorskip("numpy")
pytest.importorskip("PIL")


def make_images(count: int) -> Iterator[object]:
    for level in range(count):
        yield np.full((8, 8, 3), level, np.uint8)


@pytest.mark.parametrize(
    ("crop", "count", "sizes"),
    [(224, 35, [16, 16, 3]), (600, 5, [2, 2, 1]), (1024, 2, [1, 1]), (224, 16, [16]), (224, 0, [])],
)
def test_larger_images_make_smaller_batches(crop: int, count: int, sizes: list[int]) -> None:
    batches = list(prepare_batches(make_images(count), Transform(crop, crop)))
    assert [len(batch) for batch in batches] == sizes
    assert {batch.shape[1:] for batch in batches} <= {(3, crop, crop)}


def test_images_keep_their_order_and_are_read_when_they_are_needed() -> None:
    images = make_images(40)
    transform = Transform(224, 224, mean=(0.0,) * 3, std=(1.0,) * 3)
    batches = prepare_batches(images, transform)
    first = next(batches)
    assert (255 * first[:, 0, 0, 0]).round().tolist() == list(range(16))
    assert next(images)[0, 0, 0] == 16


def test_the_bad_image_is_named_by_its_place_among_all() -> None:
    images = [*make_images(17), b"no image"]
    with pytest.raises(ImageError, match=r"images\[17\] is no image that can be read"):
        list(prepare_batches(images, Transform(224, 224)))
