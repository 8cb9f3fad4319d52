"""From a name and a file to a network, and what is refused on the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

mindspore = pytest.importorskip("mindspore")
np = pytest.importorskip("numpy")

from hub.errors import ArchitectureError, ArgumentError, CheckpointError, WeightsError  # noqa: E402
from hub.networks.architecture import find_architecture  # noqa: E402
from hub.networks.builders import (  # noqa: E402
    build_network,
    find_recorded,
    load_network,
    load_parameters,
)
from hub.networks.files.weights_file import read_weights, write_weights  # noqa: E402
from hub.networks.options import NetworkOptions  # noqa: E402

pytestmark = pytest.mark.mindspore

ROOT = Path(__file__).parents[2]


def x(*shape: int) -> Any:
    return mindspore.ops.ones(shape)


def test_a_built_network_has_initial_values_and_is_in_evaluation_mode() -> None:
    network = build_network("efficientnet_lite0")
    assert not network.training
    assert network(x(1, 3, 32, 32)).shape == (1, 1000)
    assert all(not parameter.has_init for parameter in network.get_parameters())


def test_a_name_is_found_in_any_case() -> None:
    assert (
        build_network("EfficientNet_Lite0", NetworkOptions(num_classes=3)).mlp_head.out_channels
        == 3
    )


def test_a_loaded_network_has_the_values_of_the_checkpoint(lite0_checkpoint: Path) -> None:
    network = load_network("efficientnet_lite0", lite0_checkpoint)
    expected = mindspore.load_checkpoint(str(lite0_checkpoint))
    parameters = network.parameters_dict()
    assert list(parameters) == list(expected)
    for name, parameter in parameters.items():
        np.testing.assert_array_equal(parameter.asnumpy(), expected[name].asnumpy(), err_msg=name)
        assert not parameter.has_init
    assert not network.training


def test_a_loaded_network_can_be_saved_and_loaded_again(lite0_checkpoint: Path, save: Any) -> None:
    first = load_network("efficientnet_lite0", lite0_checkpoint)
    second = load_network("efficientnet_lite0", save(first))
    for one, other in zip(first.get_parameters(), second.get_parameters(), strict=True):
        np.testing.assert_array_equal(one.asnumpy(), other.asnumpy(), err_msg=one.name)


def test_other_classes_get_a_new_head_and_keep_the_rest(lite0_checkpoint: Path) -> None:
    network = load_network("efficientnet_lite0", lite0_checkpoint, NetworkOptions(num_classes=10))
    stored = read_weights(lite0_checkpoint).arrays
    head = network.mlp_head.weight.asnumpy()
    assert head.shape == (10, 1280)
    assert 0 < np.abs(head).max() <= 1 / np.sqrt(10)
    assert not network.mlp_head.bias.asnumpy().any()
    for name, parameter in network.parameters_dict().items():
        if not name.startswith("mlp_head"):
            np.testing.assert_array_equal(parameter.asnumpy(), stored[name], err_msg=name)


def test_as_many_classes_as_stored_keep_the_stored_head(lite0_checkpoint: Path) -> None:
    network = load_network("efficientnet_lite0", lite0_checkpoint, NetworkOptions(num_classes=1000))
    stored = read_weights(lite0_checkpoint).arrays
    np.testing.assert_array_equal(network.mlp_head.weight.asnumpy(), stored["mlp_head.weight"])


def test_without_a_wish_the_classes_are_those_of_the_checkpoint(save: Any) -> None:
    path = save(build_network("efficientnet_lite0", NetworkOptions(num_classes=7)))
    assert load_network("efficientnet_lite0", path).mlp_head.out_channels == 7


@pytest.mark.parametrize("in_channels", [1, 2, 4, 6, 7])
def test_other_channels_get_the_filters_as_timm_adapts_them(
    lite0_checkpoint: Path, in_channels: int
) -> None:
    network = load_network(
        "efficientnet_lite0", lite0_checkpoint, NetworkOptions(in_channels=in_channels)
    )
    filters = read_weights(lite0_checkpoint).arrays["features.0.weight"]
    if in_channels == 1:
        expected = filters.sum(axis=1, keepdims=True)
    else:
        expected = np.tile(filters, (1, 3, 1, 1))[:, :in_channels] * (3 / in_channels)
    actual = network.features[0].weight.asnumpy()
    assert actual.dtype == np.float32
    np.testing.assert_allclose(actual, expected, rtol=1e-6)


def test_a_grey_image_gives_the_outputs_of_the_same_image_in_colour(lite0_checkpoint: Path) -> None:
    grey = mindspore.Tensor(np.random.default_rng(0).random((1, 1, 32, 32), np.float32))
    colour = mindspore.ops.cat((grey, grey, grey), axis=1)
    expected = load_network("efficientnet_lite0", lite0_checkpoint)(colour).asnumpy()
    actual = load_network("efficientnet_lite0", lite0_checkpoint, NetworkOptions(in_channels=1))(
        grey
    ).asnumpy()
    np.testing.assert_allclose(actual, expected, rtol=1e-4)


def test_a_checkpoint_with_other_channels_than_three_is_not_adapted(save: Any) -> None:
    path = save(build_network("efficientnet_lite0", NetworkOptions(in_channels=4)))
    with pytest.raises(WeightsError, match=r"1 mismatched: features\.0\.weight") as caught:
        load_network("efficientnet_lite0", path)
    assert "float32 (32, 3, 3, 3), the checkpoint float32 (32, 4, 3, 3)" in str(caught.value)
    assert load_network("efficientnet_lite0", path, NetworkOptions(in_channels=4))(
        x(1, 4, 32, 32)
    ).shape


def test_weights_of_another_variant_are_refused_and_recognised(lite0_checkpoint: Path) -> None:
    with pytest.raises(WeightsError, match="looks like one of efficientnet_lite0") as caught:
        load_network("efficientnet_b0", lite0_checkpoint)
    assert len(caught.value.missing) > 50
    assert len(str(caught.value)) < 4000


def test_weights_of_something_else_are_refused(save: Any) -> None:
    path = save(mindspore.nn.Dense(3, 2))
    with pytest.raises(WeightsError) as caught:
        load_network("efficientnet_lite0", path)
    assert caught.value.unexpected == ("weight", "bias")
    assert "looks like" not in str(caught.value)


def test_not_strict_initialises_what_is_missing(save: Any) -> None:
    network = build_network("efficientnet_lite0", NetworkOptions(num_classes=4))
    stored = [
        {"name": name, "data": parameter}
        for name, parameter in network.parameters_dict().items()
        if not name.startswith("mlp_head")
    ]
    path = save(stored)
    loaded = load_network("efficientnet_lite0", path, NetworkOptions(num_classes=4), strict=False)
    weight = loaded.mlp_head.weight.asnumpy()
    assert weight.shape == (4, 1280)
    assert 0 < np.abs(weight).max() <= 0.5
    assert np.isfinite(loaded(x(1, 3, 32, 32)).asnumpy()).all()


def test_after_a_failed_load_new_parameters_are_initialised_again(save: Any) -> None:
    path = save({"weight": np.ones(3, np.float32)})
    with pytest.raises(WeightsError):
        load_network("efficientnet_lite0", path)
    assert not mindspore.nn.Dense(3, 2).weight.has_init


def test_a_file_that_is_no_checkpoint_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.ckpt").write_bytes(b"")
    with pytest.raises(CheckpointError, match="it is empty"):
        load_network("efficientnet_lite0", tmp_path / "x.ckpt")


def test_parameters_are_read_for_an_architecture_that_is_not_built(save: Any) -> None:
    parameters = load_parameters(save({"w": np.ones((2, 3), np.float32)}))
    assert parameters["w"].shape == (2, 3)


@pytest.mark.parametrize("argument", ["num_classes", "in_channels"])
@pytest.mark.parametrize("value", [0, -1, True, "ten", 2.0])
def test_a_count_that_is_no_whole_number_from_one_up_is_refused(argument: str, value: Any) -> None:
    options = NetworkOptions(**{argument: value})
    for call in (build_network, lambda name, options: load_network(name, "none.ckpt", options)):
        with pytest.raises(ArgumentError, match=f"{argument} must be .* not {value!r}"):
            call("efficientnet_lite0", options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"features_only": 1}, "features_only must be True or False, not 1"),
        ({"out_indices": (1,)}, "pass features_only=True as well"),
        ({"features_only": True, "num_classes": 3}, "leave out num_classes"),
        ({"features_only": True, "drop_rate": 0.1}, "leave out drop_rate"),
        ({"features_only": True, "out_indices": 1}, "a tuple of whole numbers, not 1"),
        ({"features_only": True, "out_indices": ()}, r"a tuple of whole numbers, not \(\)"),
        ({"features_only": True, "out_indices": (True,)}, "a tuple of whole numbers"),
        ({"features_only": True, "out_indices": (5,)}, "from 0 to 4"),
        ({"drop_rate": 1}, "drop_rate must be .* not 1"),
        ({"drop_rate": float("nan")}, "drop_rate must be .* not nan"),
        ({"drop_path_rate": "0.1"}, "drop_path_rate must be .* not '0.1'"),
        ({"drop_path_rate": -0.1}, "drop_path_rate must be .* not -0.1"),
    ],
)
def test_options_that_cannot_work_are_refused_before_the_file_is_opened(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        load_network("efficientnet_lite0", "none.ckpt", NetworkOptions(**options))


def test_rates_reach_the_network() -> None:
    options = NetworkOptions(num_classes=3, drop_rate=0.4, drop_path_rate=0.0)
    assert build_network("efficientnet_lite0", options).dropout.p == 0.4


def test_features_leave_out_what_comes_after_them(lite0_checkpoint: Path) -> None:
    options = NetworkOptions(features_only=True, out_indices=[0, 2])
    network = load_network("efficientnet_lite0", lite0_checkpoint, options)
    assert not network.training
    maps = network(x(1, 3, 64, 64))
    assert [features.shape for features in maps] == [(1, 16, 32, 32), (1, 40, 8, 8)]
    stored = read_weights(lite0_checkpoint).arrays
    for name, parameter in network.parameters_dict().items():
        np.testing.assert_array_equal(parameter.asnumpy(), stored[name], err_msg=name)


@pytest.mark.parametrize("suffix", [".ckpt", ".safetensors"])
def test_a_file_that_records_whose_weights_it_has_gets_that_publisher_s_network(
    suffix: str, lite0_checkpoint: Path, tmp_path: Path
) -> None:
    path = tmp_path / f"lite0{suffix}"
    arrays = read_weights(lite0_checkpoint).arrays
    write_weights(path, arrays, architecture="efficientnet_lite0.timm")
    for name in ("efficientnet_lite0", "efficientnet_lite0.timm"):
        assert find_recorded(find_architecture(name), path).name == "efficientnet_lite0.timm"
        assert load_network(name, path).features[1].eps == 1e-5
    assert load_network("efficientnet_lite0", lite0_checkpoint).features[1].eps == 1e-3


def test_a_file_that_records_another_network_is_refused(
    lite0_checkpoint: Path, tmp_path: Path
) -> None:
    path = tmp_path / "lite0.safetensors"
    arrays = read_weights(lite0_checkpoint).arrays
    write_weights(path, arrays, architecture="efficientnet_lite1.timm")
    with pytest.raises(WeightsError, match=r"'efficientnet_lite1\.timm', not those of") as caught:
        load_network("efficientnet_lite0", path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "recorded"),
    [
        ("efficientnet_lite0.tf", "efficientnet_lite0.timm"),
        ("tf_efficientnet_lite0", "efficientnet_lite0"),
        ("efficientnet_lite0", "efficientnet_lite0.evil"),
    ],
)
def test_a_name_and_a_record_that_contradict_each_other_are_refused(
    name: str, recorded: str, tmp_path: Path
) -> None:
    path = tmp_path / "lite0.safetensors"
    write_weights(path, {"w": np.ones(2)}, architecture=recorded)
    message = rf"lite0\.safetensors says of itself that its weights are '{recorded}', not those of"
    for call in (load_network, lambda name, path: find_recorded(find_architecture(name), path)):
        with pytest.raises(WeightsError, match=message):
            call(name, path)


@pytest.mark.parametrize("count", [30_000_000, 2**40])
def test_a_shape_without_values_is_not_taken_for_a_number_of_classes(
    count: int, tmp_path: Path
) -> None:
    header = (
        f'{{"mlp_head.weight": {{"dtype": "F32", "shape": [{count}, 0], "data_offsets": [0, 0]}}}}'
    )
    path = tmp_path / "huge.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header.encode())
    with pytest.raises(WeightsError, match=r"the network has float32 \(1000, 1280\)"):
        load_network("efficientnet_lite0", path)


def test_more_stored_classes_than_can_be_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.safetensors"
    write_weights(path, {"mlp_head.bias": np.zeros(1_000_001, np.int8)})
    with pytest.raises(WeightsError, match=r"many\.safetensors has a classifier for 1,000,001"):
        load_network("efficientnet_lite0", path)


def test_no_channels_at_all_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"in_channels must be .* not None"):
        build_network("efficientnet_lite0", NetworkOptions(in_channels=None))


def test_an_unknown_architecture_is_refused_before_the_file_is_opened() -> None:
    for call in (build_network, lambda name: load_network(name, "none.ckpt")):
        with pytest.raises(ArchitectureError, match="Did you mean 'efficientnet_b0'"):
            call("efficientnet_bo")


def run(script: str, **environment: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    assert finished.stderr == ""
    return finished.stdout


REPORT = """
import sys
from hub.errors import MissingDependencyError
from hub.networks.builders import build_network
{before}
try:
    build_network("efficientnet_lite0")
except MissingDependencyError as error:
    print(error.package, error)
"""


def test_without_mindspore_the_error_says_what_to_install() -> None:
    message = run(REPORT.format(before="sys.modules['mindspore'] = None"))
    assert message.startswith("mindspore ")
    assert 'pip install "mshub[mindspore]"' in message


def test_without_numpy_the_error_says_what_to_install() -> None:
    message = run(REPORT.format(before="sys.modules['numpy'] = None"))
    assert message.startswith("numpy MindSpore needs numpy")
    assert 'pip install "numpy<2"' in message


def test_a_mindspore_that_cannot_be_imported_is_an_error_with_the_cause(tmp_path: Path) -> None:
    (tmp_path / "mindspore.py").write_text("import libascend_missing\n")
    message = run(REPORT.format(before=""), PYTHONPATH=str(tmp_path))
    assert "cannot be imported: No module named 'libascend_missing'" in message


def test_beside_numpy_2_the_error_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("__version__ = '2.4.6'\n")
    message = run(REPORT.format(before=""), PYTHONPATH=str(tmp_path))
    assert message.startswith("mindspore MindSpore 2.10 needs numpy<2")
    assert "2.4.6" in message
    assert 'pip install "numpy<2"' in message
