"""The table of defaults: complete, and MindCV's rows as MindCV computes them."""

import inspect
import math

import pytest

from hub.images.defaults import DEFAULTS, guess_transform
from hub.networks.variants import VARIANTS, find_conventions

PUBLISHED = [variant for base in VARIANTS for variant in find_conventions(base)]


def test_every_network_that_can_be_named_has_a_row_and_no_row_is_left_over() -> None:
    assert set(DEFAULTS) == {variant.name for variant in PUBLISHED}


@pytest.mark.parametrize("name", VARIANTS)
def test_a_plain_name_is_cropped_by_mindcvs_share_to_the_papers_resolution(name: str) -> None:
    transform = DEFAULTS[name]
    assert transform.crop == VARIANTS[name].resolution
    assert transform.resize == math.floor(transform.crop / 0.875)


@pytest.mark.parametrize("name", [name for name in VARIANTS if "_lite" in name])
def test_lite_takes_bytes_less_127_over_128(name: str) -> None:
    mean, std = DEFAULTS[name].mean, DEFAULTS[name].std
    assert [255 * value for value in (*mean, *std)] == pytest.approx([127] * 3 + [128] * 3)


@pytest.mark.mindspore
def test_mindcvs_own_defaults_are_what_networks_outside_of_the_family_get() -> None:
    pytest.importorskip("mindcv")
    from mindcv.data.transforms_factory import transforms_imagenet_eval

    stated = inspect.signature(transforms_imagenet_eval).parameters
    transform = guess_transform(stated["image_resize"].default)
    assert transform.interpolation == stated["interpolation"].default
    assert transform.resize == math.floor(transform.crop / stated["crop_pct"].default)
    assert [255 * value for value in transform.mean] == pytest.approx(stated["mean"].default)
    assert [255 * value for value in transform.std] == pytest.approx(stated["std"].default)
