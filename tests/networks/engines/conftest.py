"""What the tests of engines share: a small network of the family with statistics of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

Build = Callable[[], Any]


@pytest.fixture(scope="session")
def build() -> Build:
    """Make a B0 of two stages, always with the same weights, that differ from an initialiser's."""
    mindspore = pytest.importorskip("mindspore")
    numpy = pytest.importorskip("numpy")
    from hub.networks.checkpoint import without_values
    from hub.networks.efficientnet import EfficientNet
    from hub.networks.variants import find_variant

    b0 = find_variant("efficientnet_b0")
    small = dataclasses.replace(b0, stages=b0.stages[:2], head_channels=64)

    def build() -> Any:
        with without_values():
            network = EfficientNet(small, num_classes=7)
        random = numpy.random.default_rng(0)
        for parameter in network.get_parameters():
            low, high = (0.5, 1.5) if "variance" in parameter.name else (-0.5, 0.5)
            values = random.uniform(low, high, parameter.shape).astype(numpy.float32)
            parameter.set_data(mindspore.Tensor(values))
        return network.set_train(False)

    return build
