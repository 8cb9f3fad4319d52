"""Preprocessing equals that of the packages whose weights it is for: their tables, their pixels."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import import_reference

np = pytest.importorskip("numpy")
Image = pytest.importorskip("PIL.Image")
torchvision = import_reference("torchvision")
timm = import_reference("timm")
import_reference("timm.data")

from hub.images.defaults import DEFAULTS  # noqa: E402
from hub.images.transforms import Transform  # noqa: E402
from hub.networks.variants import VARIANTS, find_conventions  # noqa: E402

from .conftest import NAMES  # noqa: E402

GREY_LEVEL = 1 / 255
PUBLISHED = [variant for base in VARIANTS for variant in find_conventions(base)]


def list_names(convention: str) -> list[str]:
    return [variant.name for variant in PUBLISHED if variant.convention == convention]


def read_timm(name: str) -> dict:
    base, _, convention = name.partition(".")
    prefix = "tf_" if convention == "tf" else ""
    known = timm.models.get_pretrained_cfg(prefix + base.replace("_v2_", "v2_"))
    return timm.data.resolve_data_config(pretrained_cfg=known.to_dict())


def read_torchvision(name: str) -> object:
    size = name.removeprefix("efficientnet_").removesuffix(".torchvision").upper()
    return getattr(torchvision.models, f"EfficientNet_{size}_Weights").IMAGENET1K_V1.transforms()


@pytest.mark.parametrize("name", [*list_names("timm"), *list_names("tf")])
def test_a_row_is_what_timm_resolves_for_its_default_weights(name: str) -> None:
    stated = read_timm(name)
    (_, side, _) = stated["input_size"]
    resized = math.floor(side / stated["crop_pct"])
    assert DEFAULTS[name] == Transform(
        resize=(resized, resized) if stated["crop_mode"] == "squash" else resized,
        crop=side,
        interpolation=stated["interpolation"],
        mean=stated["mean"],
        std=stated["std"],
    )


@pytest.mark.parametrize("name", list_names("torchvision"))
def test_a_row_is_what_torchvision_publishes_with_its_weights(name: str) -> None:
    preset = read_torchvision(name)
    assert DEFAULTS[name] == Transform(
        resize=preset.resize_size[0],
        crop=preset.crop_size[0],
        interpolation=preset.interpolation.value,
        mean=preset.mean,
        std=preset.std,
    )


def apply_torchvision(transform: Transform, image: object) -> object:
    """The same steps out of torchvision's own parts."""
    parts = torchvision.transforms
    size = transform.resize if isinstance(transform.resize, int) else list(transform.resize)
    steps = [
        parts.Resize(size, parts.InterpolationMode(transform.interpolation)),
        parts.CenterCrop(transform.crop),
        parts.ToTensor(),
        parts.Normalize(transform.mean, transform.std),
    ]
    return parts.Compose(steps)(image).numpy()


@pytest.mark.parametrize("photo", NAMES)
@pytest.mark.parametrize(
    "name",
    ["efficientnet_b0.torchvision", "efficientnet_b1.torchvision", "efficientnet_v2_s.torchvision"],
)
def test_pixels_are_those_of_torchvision(name: str, photo: str, photos: dict[str, Path]) -> None:
    ours = DEFAULTS[name](photos[photo])
    theirs = read_torchvision(name)(Image.open(photos[photo]).convert("RGB")).numpy()
    assert ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)


@pytest.mark.parametrize("photo", NAMES)
@pytest.mark.parametrize(
    "name",
    [
        "efficientnet_b2.timm",
        "efficientnet_b5.timm",
        "efficientnet_b3.tf",
        "efficientnet_lite0.tf",
        "efficientnet_lite4.tf",
        "efficientnet_v2_m.tf",
    ],
)
def test_pixels_are_those_of_timm(name: str, photo: str, photos: dict[str, Path]) -> None:
    theirs = timm.data.create_transform(**read_timm(name), is_training=False)
    expected = theirs(Image.open(photos[photo]).convert("RGB")).numpy()
    np.testing.assert_allclose(DEFAULTS[name](photos[photo]), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("photo", NAMES)
def test_lite_as_google_has_it_is_lite_as_timm_has_it_but_for_a_grey_level_and_rounding(
    photo: str, photos: dict[str, Path]
) -> None:
    google, theirs = (DEFAULTS[f"efficientnet_lite0{suffix}"] for suffix in ("", ".tf"))
    cut_off = replace(google, rounds=theirs.rounds)
    difference = np.abs(cut_off(photos[photo]) - theirs(photos[photo])).max()
    assert difference * 0.5 < GREY_LEVEL


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos"])
def test_each_filter_is_the_one_that_torchvision_calls_so(
    interpolation: str, photos: dict[str, Path]
) -> None:
    transform = Transform(256, 224, interpolation)
    expected = apply_torchvision(transform, Image.open(photos["rocket.jpg"]))
    np.testing.assert_allclose(transform(photos["rocket.jpg"]), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (7, 300), (300, 7), (31, 33), (224, 224), (225, 227)])
@pytest.mark.parametrize(
    ("resize", "crop"), [(32, 32), (32, 17), (20, 31), ((40, 40), 32), (20, 32)]
)
def test_odd_sizes_are_cut_and_padded_as_torchvision_does(
    size: tuple[int, int], resize: int, crop: int
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    transform = Transform(resize, crop)
    expected = apply_torchvision(transform, Image.fromarray(pixels))
    np.testing.assert_allclose(transform(pixels), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "1", "CMYK", "LA", "YCbCr"])
def test_modes_become_rgb_as_the_loaders_of_torchvision_make_them(
    mode: str, photos: dict[str, Path]
) -> None:
    image = Image.open(photos["chelsea.png"]).convert(mode)
    transform = Transform(256, 224)
    expected = apply_torchvision(transform, image.convert("RGB"))
    np.testing.assert_allclose(transform(image), expected, rtol=0, atol=1e-5)


def test_a_rotation_that_the_camera_only_notes_is_left_alone_as_in_the_references(
    tmp_path: Path, photos: dict[str, Path]
) -> None:
    image = Image.open(photos["chelsea.png"]).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees to the right
    image.save(tmp_path / "turned.jpg", exif=exif, quality=100)
    transform = Transform(256, 224)
    expected = apply_torchvision(transform, Image.open(tmp_path / "turned.jpg").convert("RGB"))
    np.testing.assert_allclose(transform(tmp_path / "turned.jpg"), expected, rtol=0, atol=1e-5)
