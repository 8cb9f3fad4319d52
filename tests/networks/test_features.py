"""Feature maps: timm's levels, the whole network's values, and nothing built in vain."""

from __future__ import annotations

from typing import Any

import pytest

mindspore = pytest.importorskip("mindspore")
np = pytest.importorskip("numpy")


from hub.errors import ArgumentError  # noqa: E402
from hub.networks.checkpoint import without_values  # noqa: E402
from hub.networks.efficientnet import EfficientNet  # noqa: E402
from hub.networks.features import FeatureNet  # noqa: E402
from hub.networks.levels import find_levels  # noqa: E402
from hub.networks.variants import find_variant  # noqa: E402
from tests.conftest import import_reference  # noqa: E402

pytestmark = pytest.mark.mindspore

LITE0 = find_variant("efficientnet_lite0")


def images(*shape: int) -> Any:
    values = np.random.default_rng(0).normal(size=shape)
    return mindspore.Tensor(values.astype("float32"))


def pair(**options: Any) -> tuple[EfficientNet, FeatureNet]:
    """The whole network and its features, with the same initial parameters."""
    with without_values():
        features = FeatureNet(LITE0, **options)
    whole = EfficientNet(LITE0)
    values = whole.parameters_dict()
    for parameter in features.get_parameters():
        parameter.set_data(values[parameter.name])
    return whole.set_train(False), features.set_train(False)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("efficientnet_b0", "efficientnet_b0"),
        ("efficientnet_b4", "efficientnet_b4"),
        ("efficientnet_lite0", "tf_efficientnet_lite0"),
        ("efficientnet_v2_s", "tf_efficientnetv2_s"),
        ("efficientnet_v2_l", "tf_efficientnetv2_l"),
    ],
)
def test_levels_are_those_of_timm(ours: str, theirs: str) -> None:
    torch, timm = map(import_reference, ("torch", "timm"))
    with torch.device("meta"):  # shapes alone
        info = timm.create_model(theirs, features_only=True).feature_info
    levels = find_levels(find_variant(ours))
    assert [level.channels for level in levels] == info.channels()
    assert [level.stride for level in levels] == info.reduction()
    assert [f"blocks.{level.stage}" for level in levels] == info.module_name()


@pytest.mark.parametrize("mode", ["PYNATIVE_MODE", "GRAPH_MODE"])
def test_the_maps_are_the_whole_networks(mode: str) -> None:
    whole, network = pair()
    x = images(2, 3, 65, 48)
    outputs = []
    y = x
    for cell in whole.features:
        y = cell(y)
        outputs.append(y.asnumpy())
    mindspore.set_context(mode=getattr(mindspore, mode))
    try:
        maps = network(x)
    finally:
        mindspore.set_context(mode=mindspore.PYNATIVE_MODE)
    expected = [outputs[3 + stage] for stage in (0, 1, 2, 4, 6)]
    assert isinstance(maps, tuple)
    for actual, wanted in zip(maps, expected, strict=True):
        scale = np.abs(wanted).max()
        np.testing.assert_allclose(actual.asnumpy(), wanted, rtol=1e-4, atol=1e-4 * scale)


def test_channels_and_strides_are_those_of_the_maps() -> None:
    network = FeatureNet(LITE0, in_channels=1, out_indices=(1, -2))
    assert (network.channels, network.strides) == ((24, 112), (4, 16))
    assert [y.shape for y in network(images(2, 1, 64, 33))] == [(2, 24, 16, 9), (2, 112, 4, 3)]


def test_later_stages_and_the_head_are_not_built_and_dropped_from_weights() -> None:
    whole, network = pair(out_indices=(2,))
    built = list(network.parameters_dict())
    assert built == list(whole.parameters_dict())[: len(built)]
    assert len(network.features) == 3 + 3
    dropped = [name for name in whole.parameters_dict() if network.drops(name)]
    assert built + dropped == list(whole.parameters_dict())


@pytest.mark.parametrize(
    "name", ["optimiser.step", "features.13.gamma", "features", "mlp_headless"]
)
def test_what_no_network_has_is_not_dropped(name: str) -> None:
    assert not FeatureNet(LITE0, out_indices=(0,)).drops(name)


def test_maps_learn_in_training() -> None:
    network = FeatureNet(LITE0, out_indices=(0, 2), drop_path_rate=0).set_train()
    x = images(4, 3, 32, 32)

    def size_of(batch: Any) -> Any:
        return sum((y**2).mean() for y in network(batch))

    _, gradients = mindspore.value_and_grad(size_of, None, network.trainable_params())(x)
    names = [parameter.name for parameter in network.trainable_params()]
    still = [n for n, g in zip(names, gradients, strict=True) if not g.asnumpy().any()]
    assert not still
    assert network.features[1].moving_mean.asnumpy().any()


@pytest.mark.parametrize(
    "indices", [(), (5,), (-6,), (0, 0), (4, 1), (1, -4), 2, "0", (0.5,), (True,), (None,), {1}]
)
def test_wrong_indices_are_refused_with_those_that_there_are(indices: Any) -> None:
    with pytest.raises(ArgumentError, match=r"levels of efficientnet_lite0.* from 0 to 4 .*, not"):
        FeatureNet(LITE0, out_indices=indices)


def test_numpys_integers_and_lists_are_indices_too() -> None:
    with without_values():
        assert FeatureNet(LITE0, out_indices=[np.int64(0), -1]).strides == (2, 32)


@pytest.mark.parametrize("rate", [float("nan"), -0.1, 1, True, "0.2"])
def test_a_drop_path_rate_that_is_no_probability_is_refused(rate: Any) -> None:
    with pytest.raises(ArgumentError, match="drop_path_rate must be a number from 0 to less than"):
        FeatureNet(LITE0, drop_path_rate=rate)
