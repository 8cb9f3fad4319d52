"""The cells, against MindCV's: the same parameters, the same outputs, and able to learn."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

mindspore = pytest.importorskip("mindspore")
np = pytest.importorskip("numpy")

from mindspore import nn, ops  # noqa: E402

from hub.errors import ArgumentError  # noqa: E402
from hub.networks.checkpoint import without_values  # noqa: E402
from hub.networks.efficientnet import BatchNorm, DropPath, EfficientNet, SqueezeExcite  # noqa: E402
from hub.networks.variants import VARIANTS, Variant, find_variant  # noqa: E402

pytestmark = pytest.mark.mindspore

SHARED = [  # with MindCV, but for the largest, which differ from these in numbers alone
    *(f"efficientnet_b{size}" for size in (0, 1, 2, 3, 4, 5)),
    *(f"efficientnet_v2_{size}" for size in "sm"),
]


@pytest.fixture
def graph_mode() -> Iterator[None]:
    mindspore.set_context(mode=mindspore.GRAPH_MODE)
    yield
    mindspore.set_context(mode=mindspore.PYNATIVE_MODE)


def reference(name: str) -> Any:
    """MindCV's network, without values."""
    mindcv = pytest.importorskip("mindcv")
    with without_values():
        return mindcv.create_model(name)


@pytest.fixture(scope="module")
def pair(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """A network of MindCV's and ours."""
    with without_values():
        return reference(request.param), EfficientNet(VARIANTS[request.param])


def most_at_night(*names: str) -> list[Any]:
    """Take one network of each kind of blocks by day: the others differ in numbers alone."""
    by_day = ("efficientnet_b0", "efficientnet_v2_s")
    return [
        pytest.param(name, marks=() if name in by_day else pytest.mark.nightly) for name in names
    ]


def with_random_values(network: Any, seed: int = 0) -> Any:
    """Give every parameter values that matter, the running statistics too."""
    random = np.random.default_rng(seed)
    for parameter in network.get_parameters():
        values = random.normal(0, 1, parameter.shape)
        if parameter.ndim > 1:
            values *= np.sqrt(1.5 / np.prod(parameter.shape[1:]))
        elif parameter.name.endswith(("gamma", "moving_variance")):
            values = random.uniform(0.5, 1.5, parameter.shape)
        else:
            values *= 0.1
        parameter.set_data(mindspore.Tensor(values.astype("float32")))
    return network.set_train(False)


def images(*shape: int) -> Any:
    random = np.random.default_rng(1)
    return mindspore.Tensor(random.normal(size=shape).astype("float32"))


def signature(network: Any) -> list[tuple[str, tuple[int, ...], str, bool]]:
    return [
        (parameter.name, parameter.shape, str(parameter.dtype), parameter.requires_grad)
        for parameter in network.get_parameters()
    ]


def norms(network: Any) -> list[tuple[float, float]]:
    cells = [cell for _, cell in network.cells_and_names() if isinstance(cell, nn.BatchNorm2d)]
    return [(cell.eps, round(1 - cell.momentum, 6)) for cell in cells]


@pytest.mark.parametrize("pair", most_at_night(*SHARED), indirect=True)
def test_parameters_and_norms_are_those_of_mindcv_in_its_order(pair: tuple[Any, Any]) -> None:
    theirs, ours = pair
    assert signature(ours) == signature(theirs)
    assert norms(ours) == norms(theirs)
    assert len(norms(ours)) > 40


@pytest.mark.parametrize(
    "pair", most_at_night("efficientnet_b0", "efficientnet_b3", "efficientnet_v2_s"), indirect=True
)
def test_outputs_are_those_of_mindcv(pair: tuple[Any, Any]) -> None:
    theirs, ours = pair
    x = images(2, 3, 64, 48)
    expected = with_random_values(theirs)(x).asnumpy()
    actual = with_random_values(ours)(x).asnumpy()
    assert expected.std() > 1e-2  # else anything would be close
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


def test_outputs_depend_on_every_parameter() -> None:
    with without_values():
        network = EfficientNet(shallow("efficientnet_b0"))
    x = images(1, 3, 64, 64)
    before = with_random_values(network)(x).asnumpy()
    for parameter in list(network.get_parameters())[::40]:
        values = parameter.asnumpy().copy()
        parameter.set_data(mindspore.Tensor(values * np.float32(1.05) + np.float32(0.01)))
        assert np.abs(network(x).asnumpy() - before).max() > 1e-5, parameter.name
        parameter.set_data(mindspore.Tensor(values))


@pytest.mark.nightly
def test_outputs_in_graph_mode_are_those_of_mindcv_in_either_mode(
    request: pytest.FixtureRequest,
) -> None:
    x = images(1, 3, 64, 64)
    interpreted = with_random_values(reference("efficientnet_b0"))(x).asnumpy()
    request.getfixturevalue("graph_mode")
    compiled = with_random_values(reference("efficientnet_b0"))(x).asnumpy()
    ours = with_random_values(EfficientNet(VARIANTS["efficientnet_b0"]))(x).asnumpy()
    for theirs in (interpreted, compiled):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5 * np.abs(theirs).max())


def test_graph_mode_gives_the_outputs_of_pynative_mode(request: pytest.FixtureRequest) -> None:
    x = images(1, 3, 64, 64)
    network = with_random_values(EfficientNet(shallow("efficientnet_b0")))
    expected = network(x).asnumpy()
    request.getfixturevalue("graph_mode")
    compiled = with_random_values(EfficientNet(shallow("efficientnet_b0")))
    np.testing.assert_allclose(
        compiled(x).asnumpy(), expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max()
    )


@pytest.mark.parametrize(
    "name",
    ["efficientnet_b0", "efficientnet_b4", "efficientnet_lite4", "efficientnet_v2_s"],
)
def test_the_network_has_as_many_trainable_parameters_as_its_variant_counts(name: str) -> None:
    with without_values():
        network = EfficientNet(VARIANTS[name], num_classes=7, in_channels=2)
    built = sum(parameter.size for parameter in network.trainable_params())
    assert built == VARIANTS[name].count_parameters(num_classes=7, in_channels=2)


def test_classes_and_channels_are_those_asked_for() -> None:
    network = EfficientNet(VARIANTS["efficientnet_lite0"], num_classes=5, in_channels=4)
    assert network(images(2, 4, 32, 32)).shape == (2, 5)
    assert network.features[0].weight.shape == (32, 4, 3, 3)


def test_every_stride_halves_the_sides_and_rounds_up() -> None:
    network = EfficientNet(VARIANTS["efficientnet_lite0"])
    assert network.features(images(1, 3, 65, 33)).shape == (1, 1280, 3, 2)


def test_initial_values_follow_the_formula_of_the_reference() -> None:
    network = EfficientNet(VARIANTS["efficientnet_b0"], num_classes=100)
    for name, parameter in network.parameters_and_names():
        values = parameter.asnumpy()
        if name.endswith(("moving_mean", "beta", "bias")):
            assert not values.any(), name
        elif name.endswith(("moving_variance", "gamma")):
            assert (values == 1).all(), name
        elif values.ndim == 4 and values.size > 5000:
            filters, _, height, width = values.shape
            deviation = np.sqrt(2 / (filters * height * width))
            assert values.std() == pytest.approx(deviation, rel=0.05), name
            assert abs(values.mean()) < deviation / 10, name
    head = network.mlp_head.weight.asnumpy()
    assert np.abs(head).max() == pytest.approx(0.1, rel=0.01)
    assert head.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.05)


def test_two_networks_start_from_different_values() -> None:
    first, second = (EfficientNet(VARIANTS["efficientnet_lite0"]) for _ in range(2))
    assert (first.mlp_head.weight.asnumpy() != second.mlp_head.weight.asnumpy()).any()


@pytest.mark.parametrize("is_training", [True, False])
def test_batch_norm_gives_and_learns_what_mindspores_does(is_training: bool) -> None:
    ours = nn.SequentialCell([BatchNorm(4, 1e-3, 0.99)])
    theirs = nn.SequentialCell([nn.BatchNorm2d(4, eps=1e-3, momentum=0.99)])
    assert signature(ours) == signature(theirs)
    for cell in (with_random_values(ours), with_random_values(theirs)):
        cell.set_train(is_training)
    x = images(8, 4, 5, 5)
    np.testing.assert_array_equal(ours(x).asnumpy(), theirs(x).asnumpy())
    for mine, other in zip(ours.get_parameters(), theirs.get_parameters(), strict=True):
        np.testing.assert_array_equal(mine.asnumpy(), other.asnumpy(), err_msg=mine.name)


def test_mixed_precision_keeps_batch_norm_in_full_precision() -> None:
    network = EfficientNet(VARIANTS["efficientnet_lite0"])
    mixed = mindspore.amp.auto_mixed_precision(network, "O2")
    in_full = {type(cell) for _, cell in mixed.cells_and_names() if cell.get_flags().get("fp32")}
    assert in_full == {BatchNorm}


def test_squeeze_and_excitation_scales_each_channel_by_a_factor_below_one() -> None:
    cell = with_random_values(SqueezeExcite(8, 2))
    x = images(3, 8, 5, 5)
    factors = cell(x).asnumpy() / x.asnumpy()
    assert factors.shape == (3, 8, 5, 5)
    np.testing.assert_allclose(factors, factors[:, :, :1, :1] * np.ones((5, 5)), rtol=1e-3)
    assert ((factors > 0) & (factors < 1)).all()


def test_drop_path_does_nothing_in_evaluation() -> None:
    x = images(16, 2, 3, 3)
    assert (DropPath(0.5).set_train(False)(x).asnumpy() == x.asnumpy()).all()


def test_drop_path_zeroes_whole_samples_in_training_and_scales_the_others_up() -> None:
    x = ops.ones((400, 2, 3, 3))
    samples = DropPath(0.25).set_train()(x).asnumpy().reshape(400, -1)
    kept = samples[:, 0] != 0
    assert (samples[~kept] == 0).all()
    np.testing.assert_allclose(samples[kept], 4 / 3, rtol=1e-6)
    assert 0.65 < kept.mean() < 0.85


def test_the_chance_to_drop_a_block_grows_linearly_with_depth() -> None:
    with without_values():
        network = EfficientNet(VARIANTS["efficientnet_b0"])
    rates = {
        name.removesuffix(".drop_path"): cell.dropout.p
        for name, cell in network.cells_and_names()
        if isinstance(cell, DropPath)
    }
    assert rates["features.4.1"] == pytest.approx(0.2 * 2 / 16)
    assert rates["features.8.3"] == pytest.approx(0.2 * 14 / 16)
    assert len(rates) == 9  # the blocks with a shortcut


def test_rates_are_those_asked_for() -> None:
    with without_values():
        network = EfficientNet(VARIANTS["efficientnet_b0"], drop_rate=0.5, drop_path_rate=0.32)
    assert network.dropout.p == 0.5
    rates = [cell.dropout.p for _, cell in network.cells_and_names() if isinstance(cell, DropPath)]
    assert rates[0] == pytest.approx(0.32 * 2 / 16)
    assert rates[-1] == pytest.approx(0.32 * 14 / 16)


@pytest.mark.parametrize("argument", ["drop_rate", "drop_path_rate"])
@pytest.mark.parametrize("rate", [float("nan"), float("inf"), -0.1, 1, 1.5, True, "0.2", [0.2]])
def test_what_is_no_probability_is_refused(argument: str, rate: Any) -> None:
    with pytest.raises(ArgumentError, match=f"{argument} must be a number from 0 to less than 1"):
        EfficientNet(VARIANTS["efficientnet_lite0"], **{argument: rate})


def test_symmetric_padding_changes_neither_names_nor_shapes() -> None:
    lite0 = VARIANTS["efficientnet_lite0"]
    with without_values():
        same, symmetric = EfficientNet(lite0), EfficientNet(replace(lite0, padding="symmetric"))
    assert signature(symmetric) == signature(same)


def test_dropout_is_active_in_training_only() -> None:
    network = EfficientNet(VARIANTS["efficientnet_lite0"]).set_train(False)
    x = images(2, 3, 32, 32)
    assert (network(x).asnumpy() == network(x).asnumpy()).all()
    network.set_train()
    for _, cell in network.cells_and_names():
        if isinstance(cell, nn.BatchNorm2d):
            cell.set_train(False)  # only the dropouts are left to differ
    assert (network(x).asnumpy() != network(x).asnumpy()).any()


def shallow(name: str, **changes: Any) -> Variant:
    """Keep one block of each stage, and a second with its shortcut of some, to train in seconds."""
    variant = find_variant(name)
    stages = tuple(
        replace(stage, repeats=min(stage.repeats, 2 if number in {0, 1, 3} else 1))
        for number, stage in enumerate(variant.stages)
    )
    return replace(variant, stages=stages, **changes)


def train(network: Any, steps: int) -> list[float]:
    """Learn eight images by heart; return the loss before each step."""
    x, labels = images(8, 3, 32, 32), mindspore.Tensor([0, 1] * 4, mindspore.int32)
    optimiser = nn.Adam(network.trainable_params(), learning_rate=3e-4)

    def loss_of(batch: Any) -> Any:
        return ops.cross_entropy(network(batch), labels)

    step = mindspore.value_and_grad(loss_of, None, optimiser.parameters)
    losses = []
    for _ in range(steps):
        loss, gradients = step(x)
        for parameter, gradient in zip(network.trainable_params(), gradients, strict=True):
            assert np.isfinite(gradient.asnumpy()).all(), parameter.name
        optimiser(gradients)
        losses.append(float(loss.asnumpy()))
    return losses


@pytest.mark.parametrize(
    "name", most_at_night("efficientnet_b0", "efficientnet_lite0", "efficientnet_v2_s")
)
def test_gradients_are_finite_and_the_loss_falls(name: str) -> None:
    mindspore.set_seed(1)
    network = EfficientNet(shallow(name, dropout=0.0, drop_path=0.0), num_classes=2)
    losses = train(network.set_train(), steps=5)
    assert losses[-1] < losses[0] / 2, losses


def test_a_step_changes_every_parameter_with_dropout_and_drop_path_on() -> None:
    network = EfficientNet(shallow("efficientnet_b0"), num_classes=2).set_train()
    before = {parameter.name: parameter.asnumpy().copy() for parameter in network.get_parameters()}
    train(network, steps=1)
    same = [
        parameter.name
        for parameter in network.get_parameters()
        if (parameter.asnumpy() == before[parameter.name]).all()
    ]
    assert not same


EXIT_SCRIPT = """
import sys
import mindspore
from mindcv.models import create_model
from hub.networks.builders import build_network
mindspore.set_context(mode=mindspore.{mode})
network = build_network("efficientnet_lite0")
y = network(mindspore.ops.ones((1, 3, 32, 32)))
print(y.shape)
sys.kept = network  # outlives the modules that it needs to be destroyed
other = create_model("efficientnet_b0")  # by itself, this prints two thousand lines at the end
{last_line}
"""


@pytest.mark.parametrize(
    ("mode", "last_line", "code"),
    [("PYNATIVE_MODE", "", 0), ("GRAPH_MODE", "raise SystemExit(7)", 7)],
)
def test_a_script_that_keeps_its_network_ends_without_a_word_and_with_its_own_code(
    mode: str, last_line: str, code: int
) -> None:
    finished = run(EXIT_SCRIPT.format(mode=mode, last_line=last_line))
    assert (finished.stdout, finished.stderr, finished.returncode) == ("(1, 1000)\n", "", code)


def run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
