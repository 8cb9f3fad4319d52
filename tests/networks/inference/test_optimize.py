"""The copy for inference: the network's own outputs, and the network itself untouched."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

mindspore = pytest.importorskip("mindspore")
np = pytest.importorskip("numpy")

from mindspore import nn, ops  # noqa: E402

from hub.errors import ArgumentError  # noqa: E402
from hub.networks.efficientnet import EfficientNet, SqueezeExcite  # noqa: E402
from hub.networks.inference import optimize  # noqa: E402
from hub.networks.inference.depthwise import RowsInOrder, TiledDepthwise, is_depthwise  # noqa: E402
from hub.networks.inference.excitation import ExcitedProjection  # noqa: E402
from hub.networks.inference.folding import can_fold, fold_norm  # noqa: E402
from hub.networks.stages import Stage  # noqa: E402
from hub.networks.variants import find_variant  # noqa: E402

pytestmark = pytest.mark.mindspore


@pytest.fixture
def graph_mode() -> Iterator[None]:
    mindspore.set_context(mode=mindspore.GRAPH_MODE)
    yield
    mindspore.set_context(mode=mindspore.PYNATIVE_MODE)


def with_random_values(network: Any) -> Any:
    random = np.random.default_rng(0)
    for name, parameter in network.parameters_and_names():
        values = random.normal(0, 1, parameter.shape)
        values *= np.sqrt(2 / np.prod(parameter.shape[1:])) if parameter.ndim > 1 else 0.1
        if name.endswith(("gamma", "moving_variance")):
            values = random.uniform(0.5, 1.5, parameter.shape)
        parameter.set_data(mindspore.Tensor(values.astype("float32")))
    return network.set_train(False)


def images(*shape: int) -> Any:
    return mindspore.Tensor(np.random.default_rng(1).normal(size=shape).astype("float32"))


def assert_same(actual: Any, expected: Any) -> None:
    actual, expected = actual.asnumpy(), expected.asnumpy()
    assert actual.shape == expected.shape
    assert expected.std() > 1e-3  # else anything would be close
    assert np.abs(actual - expected).max() <= 1e-5 * np.abs(expected).max()


def tiny(name: str, padding: str) -> Any:
    """A variant with both kinds of blocks, both kernels, both strides, and little of each."""
    stages = (
        Stage("fused", 1, 3, 1, 8, 1),
        Stage("fused", 2, 3, 2, 8, 1),
        Stage("mbconv", 2, 5, 2, 16, 1),
        Stage("mbconv", 1, 3, 1, 16, 1),
    )
    whole = find_variant(name)
    return replace(whole, stages=stages, stem_channels=8, head_channels=32, padding=padding)


@pytest.mark.parametrize(
    ("name", "padding"), [("efficientnet_b0", "symmetric"), ("efficientnet_lite0", "same")]
)
def test_the_copy_gives_the_outputs_of_every_kind_of_block_in_both_modes(
    name: str, padding: str, request: pytest.FixtureRequest
) -> None:
    network = with_random_values(EfficientNet(tiny(name, padding), 10))
    one, three = images(1, 3, 75, 64), images(3, 3, 75, 64)
    expected = network(one), network(three)
    faster = optimize(network)
    assert_same(faster(one), expected[0])
    assert_same(faster(three), expected[1])
    request.getfixturevalue("graph_mode")
    assert_same(faster(one), expected[0])


def test_the_copy_takes_other_shapes_after_the_first() -> None:
    block = nn.SequentialCell(nn.Conv2d(6, 6, 5, stride=2, group=6), nn.BatchNorm2d(6))
    network = with_random_values(block)
    faster = optimize(network)
    for shape in ((1, 6, 64, 64), (3, 6, 33, 47)):
        assert_same(faster(images(*shape)), network(images(*shape)))


def test_the_original_stays_as_it_was_and_shares_nothing() -> None:
    network = with_random_values(EfficientNet(tiny("efficientnet_b0", "same"), 10))
    network.set_train()
    before = {p.name: p.asnumpy().copy() for p in network.get_parameters()}
    cells = [type(cell) for _, cell in network.cells_and_names()]
    faster = optimize(network)
    assert network.training
    assert [type(cell) for _, cell in network.cells_and_names()] == cells
    for parameter in faster.get_parameters():
        parameter.set_data(ops.zeros_like(parameter))
    after = {p.name: p.asnumpy() for p in network.get_parameters()}
    assert list(after) == list(before)
    assert all(np.array_equal(after[name], before[name]) for name in before)


def test_no_normalisation_and_no_plain_depthwise_convolution_is_left() -> None:
    faster = optimize(EfficientNet(tiny("efficientnet_b0", "same"), 10))
    cells = [cell for _, cell in faster.cells_and_names()]
    assert not any(isinstance(cell, (nn.BatchNorm2d, SqueezeExcite)) for cell in cells)
    assert not any(is_depthwise(cell) for cell in cells)
    assert sum(isinstance(cell, TiledDepthwise) for cell in cells) == 2
    assert sum(isinstance(cell, ExcitedProjection) for cell in cells) == 2


def test_the_outputs_depend_on_what_was_folded() -> None:
    network = with_random_values(nn.SequentialCell(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)))
    x = images(1, 3, 32, 32)
    before = network(x).asnumpy()
    norm = network[1]
    norm.moving_mean.set_data(norm.moving_mean + 0.1)
    after = optimize(network)(x).asnumpy()
    assert np.abs(after - before).max() > 1e-3 * np.abs(before).max()
    assert_same(mindspore.Tensor(after), network(x))


def test_a_copy_cannot_be_trained() -> None:
    faster = optimize(nn.SequentialCell(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)))
    with pytest.raises(ArgumentError, match=r"inference only.*Train the network that it was made"):
        faster.set_train()
    assert not faster.set_train(False).training


def test_a_deep_copy_of_a_copy_has_parameters_of_its_own() -> None:
    network = with_random_values(nn.SequentialCell(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)))
    x = images(1, 3, 9, 9)
    faster = optimize(network)
    again = copy.deepcopy(faster)
    for parameter in faster.get_parameters():
        parameter.set_data(ops.zeros_like(parameter))
    assert_same(again(x), network(x))


def test_a_copy_may_be_a_part_of_a_network_that_is_compiled(graph_mode: None) -> None:
    network = with_random_values(nn.SequentialCell(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)))
    x = images(1, 3, 9, 9)
    assert_same(nn.SequentialCell(optimize(network), nn.ReLU())(x), ops.relu(network(x)))


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"needs a mindspore\.nn\.Cell, not str"):
        optimize("efficientnet_b0")


def test_a_copy_of_a_copy_is_a_copy() -> None:
    network = with_random_values(nn.SequentialCell(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)))
    x = images(1, 3, 9, 9)
    assert_same(optimize(optimize(network))(x), network(x))


@pytest.mark.parametrize(
    "options",
    [
        {"pad_mode": "same"},
        {"pad_mode": "same", "stride": 2},
        {"pad_mode": "valid", "stride": 2},
        {"pad_mode": "pad", "padding": 2},
        {"pad_mode": "pad", "padding": (2, 0, 1, 3), "stride": (2, 1)},
        {"pad_mode": "same", "kernel_size": (3, 5), "stride": (1, 2), "has_bias": True},
    ],
    ids=str,
)
def test_a_depthwise_convolution_gives_the_outputs_of_mindspores(options: dict[str, Any]) -> None:
    convolution = with_random_values(nn.Conv2d(6, 6, **{"kernel_size": 5, **options}, group=6))
    assert is_depthwise(convolution)
    ours = nn.SequentialCell(TiledDepthwise(convolution), RowsInOrder())
    for batch, height, width in ((1, 5, 6), (3, 14, 14), (1, 16, 28), (3, 27, 20)):
        x = images(batch, 6, height, width)
        assert_same(ours(x), convolution(x))


@pytest.mark.parametrize(
    "cell",
    [
        nn.Conv2d(8, 8, 3),
        nn.Conv2d(8, 8, 3, group=4),
        nn.Conv2d(8, 16, 3, group=8),
        nn.Conv2d(8, 8, 1, group=8),
        nn.Conv2d(8, 8, 3, group=8, dilation=2),
        nn.BatchNorm2d(8),
    ],
    ids=["not grouped", "few groups", "more filters", "1x1", "dilated", "no convolution"],
)
def test_no_other_cell_is_taken_for_a_depthwise_convolution(cell: Any) -> None:
    assert not is_depthwise(cell)


@pytest.mark.parametrize("has_bias", [False, True])
def test_a_folded_convolution_gives_the_outputs_of_both(has_bias: bool) -> None:
    pair = nn.SequentialCell(
        nn.Conv2d(4, 6, 3, pad_mode="pad", padding=1, dilation=2, group=2, has_bias=has_bias),
        nn.BatchNorm2d(6, eps=1e-2),
    )
    x = images(2, 4, 9, 8)
    assert_same(fold_norm(*with_random_values(pair))(x), pair(x))


class Halved(nn.BatchNorm2d):
    def construct(self, x: Any) -> Any:
        return self.bn_infer(x, self.gamma / 2, self.beta, self.moving_mean, self.moving_variance)[
            0
        ]


class Backwards(nn.SequentialCell):
    def construct(self, x: Any) -> Any:
        return self[0](self[1](x))


def test_what_is_not_certain_to_be_adjacent_and_ordinary_is_left_alone() -> None:
    x = images(1, 4, 8, 8)
    hooked = nn.Conv2d(4, 4, 3)
    seen = []
    hooked.register_forward_hook(lambda _cell, _inputs, output: seen.append(output.shape))
    assert not can_fold(hooked, nn.BatchNorm2d(4))
    assert not can_fold(nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4, use_batch_statistics=True))
    for network in (
        nn.SequentialCell(nn.Conv2d(4, 4, 3), Halved(4)),
        nn.SequentialCell(nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3)),
        nn.SequentialCell(nn.Conv2d(4, 4, 3), nn.ReLU(), nn.BatchNorm2d(4)),
        Backwards(nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4)),
    ):
        with_random_values(network)
        faster = optimize(network)
        assert any(isinstance(cell, nn.BatchNorm2d) for _, cell in faster.cells_and_names())
        assert_same(faster(x), network(x))


def test_a_network_of_mindcv_gives_its_outputs_with_its_norms_in_sequences_folded() -> None:
    mindcv = pytest.importorskip("mindcv")
    network = with_random_values(mindcv.create_model("mobilenet_v2_035_128", num_classes=10))
    faster = optimize(network)
    x = images(1, 3, 64, 64)
    assert_same(faster(x), network(x))
    kinds = [type(cell) for _, cell in faster.cells_and_names()]
    assert TiledDepthwise in kinds
    assert nn.BatchNorm2d not in kinds
