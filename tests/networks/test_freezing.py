"""A frozen backbone: no gradient, no new statistics, and all of it comes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

mindspore = pytest.importorskip("mindspore")
np = pytest.importorskip("numpy")

from mindspore import nn, ops  # noqa: E402

from hub.errors import ArgumentError  # noqa: E402
from hub.networks.checkpoint import without_values  # noqa: E402
from hub.networks.efficientnet import EfficientNet  # noqa: E402
from hub.networks.features import FeatureNet  # noqa: E402
from hub.networks.freezing import freeze_backbone  # noqa: E402
from hub.networks.variants import find_variant  # noqa: E402

pytestmark = pytest.mark.mindspore

LITE0 = find_variant("efficientnet_lite0")
HEAD = ["mlp_head.weight", "mlp_head.bias"]
LABELS = [0, 1, 1, 1]


class Small(nn.Cell):  # type: ignore[misc]
    """A network of somebody else's."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4, **options)
        self.position = mindspore.Parameter(ops.ones((4, 1, 1)), requires_grad=False)
        self.hidden = nn.Dense(4, 6)
        self.out = nn.Dense(6, 2)

    def construct(self, x: Any) -> Any:
        x = self.norm(self.conv(x)) * self.position
        return self.out(ops.relu(self.hidden(ops.mean(x, axis=(2, 3)))))


class Convolutional(nn.Cell):  # type: ignore[misc]
    """A network that classifies by a convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.squeeze = nn.Dense(3, 3)
        self.out = nn.Conv2d(3, 2, 1)


@pytest.fixture
def graph_mode() -> Iterator[None]:
    mindspore.set_context(mode=mindspore.GRAPH_MODE)
    yield
    mindspore.set_context(mode=mindspore.PYNATIVE_MODE)


def lite0() -> Any:
    """A network that says something: initial weights are too small for initial statistics."""
    network = EfficientNet(LITE0, num_classes=2)
    for parameter in network.get_parameters():
        if parameter.ndim == 4:
            scale = 1 / np.sqrt(np.prod(parameter.shape[1:]))
            values = np.random.default_rng(0).normal(0, scale, parameter.shape)
            parameter.set_data(mindspore.Tensor(values.astype("float32")))
    return network


def images() -> Any:
    values = np.random.default_rng(0).normal(1, 2, (len(LABELS), 3, 32, 32))
    return mindspore.Tensor(values.astype("float32"))


def step(network: Any) -> None:
    """Train one step, as MindSpore's tutorials do."""
    optimiser = nn.SGD(network.trainable_params(), 0.1)

    def loss_of(x: Any, labels: Any) -> Any:
        return ops.cross_entropy(network(x), labels)

    differentiate = mindspore.value_and_grad(loss_of, None, optimiser.parameters)
    _, gradients = differentiate(images(), mindspore.Tensor(LABELS, mindspore.int32))
    assert len(gradients) == len(optimiser.parameters)
    optimiser(gradients)


def one_step_cell(network: Any) -> None:
    """Train one step by MindSpore's cells, as ``mindspore.train.Model`` does."""
    optimiser = nn.SGD(network.trainable_params(), 0.1)
    cell = nn.TrainOneStepCell(nn.WithLossCell(network, nn.CrossEntropyLoss()), optimiser)
    cell.set_train()(images(), mindspore.Tensor(LABELS, mindspore.int32))


def changes(network: Any, train: Any = step) -> list[str]:
    """Name the parameters that a step of training changes."""
    before = {parameter.name: parameter.asnumpy().copy() for parameter in network.get_parameters()}
    train(network.set_train())
    return [
        parameter.name
        for parameter in network.get_parameters()
        if (parameter.asnumpy() != before[parameter.name]).any()
    ]


@pytest.mark.parametrize("train", [step, one_step_cell])
def test_a_step_changes_the_classifier_alone(train: Any) -> None:
    network = lite0()
    freeze_backbone(network)
    assert [parameter.name for parameter in network.trainable_params()] == HEAD
    assert changes(network, train) == HEAD


@pytest.mark.parametrize("train", [step, one_step_cell])
def test_a_step_in_graph_mode_changes_the_classifier_alone(train: Any, graph_mode: None) -> None:
    network = Small()
    freeze_backbone(network)
    assert changes(network, train) == ["out.weight", "out.bias"]


def test_our_norms_obey_in_graph_mode(graph_mode: None) -> None:
    with without_values():
        network = FeatureNet(LITE0, out_indices=(0,))
    network.init_parameters_data()
    unfreeze = freeze_backbone(network)
    x = images()
    network.set_train()(x)
    assert not network.features[1].moving_mean.asnumpy().any()
    unfreeze()
    assert len(network.trainable_params()) > 5


def test_other_networks_keep_all_but_their_last_dense_cell() -> None:
    network = Small()
    freeze_backbone(network)
    assert changes(network) == ["out.weight", "out.bias"]


def test_a_frozen_network_normalises_in_training_as_in_evaluation() -> None:
    network = Small()
    freeze_backbone(network)
    x = images()
    expected = network.set_train(False)(x).asnumpy()
    np.testing.assert_allclose(network.set_train()(x).asnumpy(), expected, rtol=1e-6)


def test_unfreezing_brings_back_what_learned_before_and_nothing_else() -> None:
    network = Small()
    network.conv.weight.requires_grad = False
    before = [parameter.name for parameter in network.trainable_params()]
    unfreeze = freeze_backbone(network)
    unfreeze()
    assert [parameter.name for parameter in network.trainable_params()] == before
    learned = ["norm.moving_mean", "norm.moving_variance", *before]
    assert sorted(changes(network)) == sorted(learned)


def test_norms_that_were_fixed_before_stay_fixed() -> None:
    network = Small(use_batch_statistics=False)
    freeze_backbone(network)()
    assert network.norm.use_batch_statistics is False


def test_freezing_twice_is_freezing_once() -> None:
    network = Small()
    unfreeze = freeze_backbone(network)
    freeze_backbone(network)
    assert [parameter.name for parameter in network.trainable_params()] == [
        "out.weight",
        "out.bias",
    ]
    unfreeze()
    assert network.norm.use_batch_statistics is None


def test_the_cell_that_goes_on_learning_can_be_named() -> None:
    network = Small()
    freeze_backbone(network, classifier="hidden")
    assert changes(network) == ["hidden.weight", "hidden.bias"]


def test_a_network_of_features_is_all_backbone() -> None:
    with without_values():
        network = FeatureNet(LITE0)
    freeze_backbone(network)
    assert network.trainable_params() == []


def test_an_unknown_classifier_is_asked_for() -> None:
    network = Convolutional()
    with pytest.raises(ArgumentError, match=r"Convolutional does not end in a Dense.*classifier="):
        freeze_backbone(network)
    with pytest.raises(ArgumentError, match="Convolutional has no cell called 'head'"):
        freeze_backbone(network, classifier="head")
    assert len(network.trainable_params()) == 3  # nothing was frozen on the way


def test_batch_normalisation_in_a_named_classifier_goes_on_learning() -> None:
    network = Small()
    network.head = nn.SequentialCell(nn.Dense(4, 4), nn.BatchNorm1d(4))
    freeze_backbone(network, classifier="head")
    assert network.norm.use_batch_statistics is False
    assert network.head[1].use_batch_statistics is None


@pytest.mark.parametrize("network", [None, "network", nn.Dense])
def test_what_is_no_network_is_refused(network: Any) -> None:
    with pytest.raises(ArgumentError, match=r"network must be a mindspore\.nn\.Cell, not "):
        freeze_backbone(network)
