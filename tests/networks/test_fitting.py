"""Stored filters for images of other channels: as timm adapts them."""

from __future__ import annotations

from typing import Any

import pytest

np = pytest.importorskip("numpy")

from hub.networks.fitting import count_classes, fit_stem  # noqa: E402
from tests.conftest import import_reference  # noqa: E402

FILTERS = np.random.default_rng(0).standard_normal((8, 3, 5, 5)).astype(np.float32)


@pytest.fixture(scope="module")
def adapt_input_conv() -> Any:
    """timm's own function."""
    torch, timm = map(import_reference, ("torch", "timm.models"))

    def adapt(channels: int, filters: Any) -> Any:
        return timm.adapt_input_conv(channels, torch.from_numpy(filters.copy())).numpy()

    return adapt


@pytest.mark.parametrize("in_channels", [1, 2, 4, 5, 6])
def test_the_filters_are_those_of_timm(adapt_input_conv: Any, in_channels: int) -> None:
    fitted = fit_stem({"conv": FILTERS}, ["conv"], in_channels)["conv"]
    assert fitted.dtype == np.float32
    np.testing.assert_allclose(fitted, adapt_input_conv(in_channels, FILTERS), rtol=1e-6)


def test_three_channels_need_no_other_filters() -> None:
    assert fit_stem({"conv": FILTERS}, ["conv"], 3) == {}


def test_filters_that_are_not_for_rgb_stay_as_they_are() -> None:
    assert fit_stem({"conv": FILTERS[:, :2], "dense": FILTERS[0, 0]}, ["conv", "dense"], 4) == {}


def test_every_convolution_that_sees_the_image_is_adapted() -> None:
    fitted = fit_stem({"one": FILTERS, "two": FILTERS[:2], "x": FILTERS}, ["one", "two"], 1)
    assert {name: filters.shape for name, filters in fitted.items()} == {
        "one": (8, 1, 5, 5),
        "two": (2, 1, 5, 5),
    }


def test_classes_are_counted_by_what_is_stored_of_the_classifier() -> None:
    assert count_classes({"bias": np.zeros(7)}, ("weight", "bias")) == 7
    assert count_classes({"scalar": np.zeros(())}, ("scalar",)) is None
    assert count_classes({}, ("weight", "bias")) is None
