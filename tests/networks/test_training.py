"""Padding, and one step of training, against torchvision: the same loss, weights and statistics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

mindspore = pytest.importorskip("mindspore")
torch = pytest.importorskip("torch")
np = pytest.importorskip("numpy")

from mindspore import nn, ops  # noqa: E402

from hub.networks.checkpoint import without_values  # noqa: E402
from hub.networks.efficientnet import EfficientNet  # noqa: E402
from hub.networks.variants import find_variant  # noqa: E402
from tests.conftest import import_reference  # noqa: E402

pytestmark = pytest.mark.mindspore

CLASSES = 5
Pair = tuple[Any, Any]  # a parameter of ours and its tensor of torchvision's


@pytest.fixture
def twins() -> Callable[[str], tuple[Any, Any, list[Pair]]]:
    """Build a network here and there, with the same random values."""

    def twins(name: str) -> tuple[Any, Any, list[Pair]]:
        build = getattr(import_reference("torchvision.models"), name)
        theirs = build(weights=None, num_classes=CLASSES, dropout=0.0, stochastic_depth_prob=0.0)
        variant = find_variant(f"{name}.torchvision")
        with without_values():
            ours = EfficientNet(variant, CLASSES, drop_rate=0, drop_path_rate=0)
        pairs = pair(ours, theirs)
        fill(pairs)
        return ours, theirs, pairs

    return twins


def pair(ours: Any, theirs: Any) -> list[Pair]:
    """Pair by order, which is the same but within batch normalisation."""
    tensors = iter(
        tensor
        for name, tensor in theirs.state_dict(keep_vars=True).items()
        if not name.endswith("num_batches_tracked")
    )
    parameters = list(ours.get_parameters())
    pairs = []
    while parameters:
        count = 4 if parameters[0].name.endswith("moving_mean") else 1
        if count == 4:
            gamma, beta, mean, variance = (next(tensors) for _ in range(4))
            pairs += zip(parameters[:4], (mean, variance, gamma, beta), strict=True)
        else:
            pairs.append((parameters[0], next(tensors)))
        del parameters[:count]
    assert next(tensors, None) is None
    return pairs


def fill(pairs: list[Pair]) -> None:
    random = np.random.default_rng(0)
    for parameter, tensor in pairs:
        values = random.normal(0, 0.1, parameter.shape)
        if parameter.ndim > 1:
            values *= 10 / np.sqrt(np.prod(parameter.shape[1:]))
        elif parameter.name.endswith(("gamma", "moving_variance")):
            values = random.uniform(0.5, 1.5, parameter.shape)
        tensor.data.copy_(torch.from_numpy(values))
        parameter.set_data(mindspore.Tensor(tensor.detach().numpy().copy()))


def images(count: int, height: int, width: int) -> Any:
    return np.random.default_rng(1).normal(size=(count, 3, height, width)).astype("float32")


@pytest.mark.parametrize(
    "name",
    ["efficientnet_b0", pytest.param("efficientnet_v2_s", marks=pytest.mark.nightly)],
)
def test_symmetric_padding_gives_torchvisions_outputs(name: str, twins: Any) -> None:
    ours, theirs, _ = twins(name)
    x = images(2, 65, 48)  # at an odd and at an even side
    with torch.no_grad():
        expected = theirs.eval()(torch.from_numpy(x)).numpy()
    actual = ours.set_train(False)(mindspore.Tensor(x)).asnumpy()
    assert expected.std() > 1e-2
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def test_a_step_of_training_has_torchs_loss_weights_and_statistics(twins: Any) -> None:
    ours, theirs, pairs = twins("efficientnet_b0")
    x, labels = images(12, 64, 64), np.arange(12, dtype="int32") % CLASSES
    before = {parameter.name: parameter.asnumpy().copy() for parameter, _ in pairs}

    optimiser = torch.optim.SGD(theirs.train().parameters(), 0.1)
    expected = torch.nn.functional.cross_entropy(
        theirs(torch.from_numpy(x)), torch.from_numpy(labels).long()
    )
    expected.backward()
    optimiser.step()

    def loss_of(batch: Any) -> Any:
        return ops.cross_entropy(ours(batch), mindspore.Tensor(labels))

    ours.set_train()
    optimiser = nn.SGD(ours.trainable_params(), 0.1)
    loss, gradients = mindspore.value_and_grad(loss_of, None, optimiser.parameters)(
        mindspore.Tensor(x)
    )
    optimiser(gradients)

    assert float(loss.asnumpy()) == pytest.approx(expected.item(), rel=1e-4)
    for parameter, tensor in pairs:
        actual, wanted = parameter.asnumpy(), tensor.detach().numpy()
        assert (wanted != before[parameter.name]).any(), parameter.name
        np.testing.assert_allclose(actual, wanted, rtol=1e-4, atol=1e-4, err_msg=parameter.name)
