"""The record of a transform: its values, how it prints, one image and many."""

import copy
import io
import pickle
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from hub.errors import ArgumentError, ImageError
from hub.images.transforms import Transform

np = pytest.importorskip("numpy")
Image = pytest.importorskip("PIL.Image")


def test_it_prints_as_a_table() -> None:
    assert str(Transform((40, 40), 32, "bilinear", (0.5,), (0.25,))) == (
        "resize  40 x 40 (whatever the proportions), bilinear\n"
        "crop    32 x 32 at the centre\n"
        "mean    0.5\n"
        "std     0.25"
    )


def test_its_repr_makes_it_again_and_it_can_be_copied() -> None:
    transform = Transform(256, 224)
    assert eval(repr(transform)) == transform
    assert pickle.loads(pickle.dumps(transform)) == copy.deepcopy(transform) == transform
    assert hash(Transform(256, 224, mean=[0.5] * 3)) == hash(Transform(256, 224, mean=(0.5,) * 3))
    with pytest.raises(FrozenInstanceError):
        transform.crop = 300


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"resize": 0}, "resize is a number of pixels from 1 to 4096; not 0"),
        ({"resize": True}, "resize is a number of pixels from 1 to 4096; not True"),
        ({"resize": (256, 10**9)}, "resize is .*; not 1000000000"),
        ({"resize": (256, 256, 3)}, "resize is one number, or height and width"),
        ({"crop": 224.5}, "crop is .*; not 224.5"),
        ({"crop": "224"}, "crop is .*; not '224'"),
        ({"interpolation": "cubic"}, "one of nearest, bilinear, bicubic, lanczos; not 'cubic'"),
        ({"mean": (0.5, 0.5)}, r"mean has one number, or three for RGB; not \(0.5, 0.5\)"),
        ({"mean": 0.5}, "mean has one number, or three"),
        ({"mean": "0.5"}, "mean has one number, or three"),
        ({"mean": (float("nan"),) * 3}, "mean has one number"),
        ({"mean": (True, 0, 0)}, "mean has one number"),
        ({"mean": (123.675, 116.28, 103.53)}, "mean counts .* divided by 255"),
        ({"std": (0.0,) * 3}, "std counts"),
        ({"std": (58.4, 57.1, 57.4)}, "std counts .* divided by 255"),
        ({"mean": (0.5,)}, "mean has 1 and std 3 values"),
    ],
    ids=str,
)
def test_a_value_that_cannot_be_is_refused(values: dict, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        Transform(**{"resize": 256, "crop": 224, **values})


def test_one_image_becomes_channels_height_width_and_is_normalised() -> None:
    white = np.full((10, 20, 3), 255, np.uint8)
    prepared = Transform(8, 6, mean=(0.0, 0.5, 1.0), std=(1.0, 0.5, 0.25))(white)
    assert (prepared.shape, prepared.dtype) == ((3, 6, 6), np.float32)
    assert prepared.flags["C_CONTIGUOUS"]
    np.testing.assert_array_equal(prepared[:, 0, 0], [1, 1, 0])


def test_a_greyscale_transform_has_one_channel_and_averaged_colours() -> None:
    grey = Transform(8, 6, mean=(0.2, 0.4, 0.6), std=(0.1, 0.2, 0.3)).to_greyscale()
    assert grey.mean == pytest.approx((0.4,))
    prepared = grey(np.full((8, 8, 3), 255, np.uint8))
    np.testing.assert_allclose(prepared, np.full((1, 6, 6), 3), rtol=1e-6)


def test_a_batch_stacks_lists_generators_and_arrays() -> None:
    transform = Transform(8, 6)
    images = np.random.default_rng(0).integers(0, 256, (3, 9, 12, 3), np.uint8)
    expected = np.stack([transform(image) for image in images])
    for several in (images, list(images), iter(images), tuple(map(Image.fromarray, images))):
        np.testing.assert_array_equal(transform.batch(several), expected)
    assert transform.batch([]).shape == (0, 3, 6, 6)


@pytest.mark.parametrize(
    "one",
    [
        *("photo.jpg", Path("photo.jpg"), b"", bytearray(), memoryview(b""), io.BytesIO()),
        np.zeros((9, 9, 3), np.uint8),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_batch_of_a_single_image_is_refused(one: object) -> None:
    with pytest.raises(ArgumentError, match="for one, call the transform itself"):
        Transform(8, 6).batch(one)


@pytest.mark.parametrize("nothing", [None, 5, True, {}])
def test_what_is_neither_one_image_nor_several_is_refused(nothing: object) -> None:
    with pytest.raises(ArgumentError, match=f"or a list of them; not {nothing}"):
        Transform(8, 6).batch(nothing)


def test_the_bad_image_of_a_batch_is_named() -> None:
    good = np.zeros((9, 9, 3), np.uint8)
    with pytest.raises(ImageError, match=r"images\[1\] is an array of shape \(9, 9, 2\)"):
        Transform(8, 6).batch([good, np.zeros((9, 9, 2), np.uint8)])


def test_an_image_too_thin_to_be_resized_is_refused_with_numbers() -> None:
    thin = np.zeros((100_000, 1), np.uint8)
    with pytest.raises(
        ImageError, match="1 x 100000 pixels, resized, is too large: 256 x 25,600,000"
    ):
        Transform(256, 224)(thin)


def test_an_image_too_thin_to_be_resized_is_named_wherever_it_comes_from(tmp_path: Path) -> None:
    good, thin = np.zeros((9, 9), np.uint8), np.zeros((100_000, 1), np.uint8)
    path = tmp_path / "thin.png"
    Image.fromarray(thin).save(path)
    transform = Transform(256, 224)
    with pytest.raises(ImageError, match=r"^images\[1\] of 1 x 100000 pixels, resized, is too"):
        transform.batch([good, thin])
    with pytest.raises(ImageError, match=r"thin\.png of 1 x 100000 pixels, resized,") as caught:
        transform.batch([good, path])
    assert caught.value.source == str(path)
    with pytest.raises(ImageError, match=r"^the image of 1 x 100000 pixels"):
        transform(thin)
