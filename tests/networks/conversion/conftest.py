"""What the tests of conversion share: the publishers' own networks, with random values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import import_reference

Publish = Callable[..., Any]
SIDES = (41, 47)  # of a small image, in pixels: odd, so that it shows where a convolution pads


def build(origin: str, name: str, **options: Any) -> Any:
    """Build a network as its publisher does; skip the test if the publisher is not installed."""
    pytest.importorskip("torch")
    if origin == "timm":
        return import_reference("timm").create_model(name, **options)
    if origin == "torchvision":
        return getattr(import_reference("torchvision.models"), name)(**options)
    return import_reference("efficientnet_pytorch").EfficientNet.from_name(name, **options)


def randomise(network: Any, in_channels: int = 3) -> Any:
    """Give a network random weights and random statistics, near to those that such weights cause.

    Weights and so variances are small, so that what batch normalisation adds to them counts. Within
    a layer they are alike: a channel that hardly varies would blow up the noise of float32.
    """
    import torch

    random = torch.Generator().manual_seed(0)
    norms = [each for each in network.modules() if isinstance(each, torch.nn.BatchNorm2d)]
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim == 1:
                parameter.uniform_(0.5, 1.5, generator=random)
            else:
                fan_in = parameter[0].numel()
                parameter.normal_(0, 0.3 / fan_in**0.5, generator=random)
        for norm in norms:
            norm.reset_running_stats()
            norm.bias.uniform_(-0.5, 0.5, generator=random)
            norm.momentum = 1.0
        network.train()
        network(torch.rand(4, in_channels, *SIDES, generator=random))
        for norm in norms:
            count = norm.num_features
            usual = norm.running_var.mean()
            norm.running_var = usual * torch.empty(count).uniform_(0.5, 1.5, generator=random)
            norm.running_mean += norm.running_var.sqrt() * torch.randn(count, generator=random) / 9
    return network.eval()


@pytest.fixture(scope="session")
def publish() -> Publish:
    """Build a publisher's network and give it random values."""

    def publish(origin: str, name: str, *, in_channels: int = 3, **options: Any) -> Any:
        with pytest.importorskip("torch").device("meta"):  # its own initial values take seconds
            network = build(origin, name, **options)
        return randomise(network.to_empty(device="cpu"), in_channels)

    return publish


@pytest.fixture(scope="session")
def publish_without_values() -> Publish:
    """Build a publisher's network on a device that holds no values, which is quick."""

    def publish(origin: str, name: str) -> Any:
        with pytest.importorskip("torch").device("meta"):
            return build(origin, name)

    return publish
