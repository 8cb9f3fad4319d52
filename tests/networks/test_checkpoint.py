"""Filling a network: all of it, or an error that lists what differs and a network untouched."""

from __future__ import annotations

import copy
import logging
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

mindspore = pytest.importorskip("mindspore")
np = pytest.importorskip("numpy")

from mindspore import nn  # noqa: E402

from hub.errors import CheckpointError, WeightsError  # noqa: E402
from hub.networks.checkpoint import (  # noqa: E402
    fill_network,
    load_checkpoint_into,
    read_checkpoint,
    with_values,
    without_values,
)
from hub.networks.files.weights_file import write_weights  # noqa: E402

pytestmark = pytest.mark.mindspore

GOOD = {
    "weight": np.array([[1, 2, 3], [4, 5, 6]], np.float32),
    "bias": np.array([7, 8], np.float32),
}


def dense() -> Any:
    return nn.Dense(3, 2, weight_init="zeros", bias_init="zeros")


def values(network: Any) -> dict[str, Any]:
    return {parameter.name: parameter.asnumpy() for parameter in network.get_parameters()}


def assert_untouched(network: Any) -> None:
    for name, array in values(network).items():
        assert not array.any(), f"{name} was filled"


def refused(network: Any, path: Path, *, strict: bool = True) -> WeightsError:
    with pytest.raises(WeightsError) as caught:
        load_checkpoint_into(network, path, strict=strict)
    assert_untouched(network)
    assert str(path) in str(caught.value)
    return caught.value


def test_a_checkpoint_that_fits_fills_every_parameter(save: Any) -> None:
    network = dense()
    load_checkpoint_into(network, save(GOOD))
    for name, array in values(network).items():
        np.testing.assert_array_equal(array, GOOD[name])


def test_the_order_in_the_file_does_not_matter(save: Any) -> None:
    network = dense()
    load_checkpoint_into(network, save(dict(reversed(GOOD.items()))))
    np.testing.assert_array_equal(network.bias.asnumpy(), GOOD["bias"])


def test_a_missing_parameter_is_an_error_that_names_it(save: Any) -> None:
    error = refused(dense(), save({"weight": GOOD["weight"]}))
    assert (error.missing, error.unexpected, error.mismatched) == (("bias",), (), ())
    assert "1 missing: bias" in str(error)
    assert "strict=False" in str(error)


def test_an_unexpected_parameter_is_an_error_that_names_it(save: Any) -> None:
    error = refused(dense(), save({**GOOD, "moments.weight": GOOD["weight"]}))
    assert (error.missing, error.unexpected) == ((), ("moments.weight",))
    assert "1 unexpected: moments.weight" in str(error)


def test_a_text_that_was_saved_along_is_unexpected(save: Any) -> None:
    assert refused(dense(), save(GOOD, append_dict={"note": "x"})).unexpected == ("note",)


@pytest.mark.parametrize("strict", [True, False])
def test_another_shape_is_an_error_that_shows_both(save: Any, strict: bool) -> None:
    error = refused(dense(), save({**GOOD, "bias": np.ones((2, 1), np.float32)}), strict=strict)
    assert error.mismatched == (
        "bias (the network has float32 (2,), the checkpoint float32 (2, 1))",
    )
    assert error.mismatched[0] in str(error)
    assert "strict=False" not in str(error)  # it would not help


@pytest.mark.parametrize("strict", [True, False])
def test_another_type_is_an_error_that_shows_both(save: Any, strict: bool) -> None:
    error = refused(dense(), save({**GOOD, "bias": np.ones(2, np.float16)}), strict=strict)
    assert error.mismatched == ("bias (the network has float32 (2,), the checkpoint float16 (2,))",)


def test_all_differences_are_listed_at_once(save: Any) -> None:
    error = refused(dense(), save({"weight": np.ones(4, np.float32), "extra": GOOD["bias"]}))
    assert (error.missing, error.unexpected) == (("bias",), ("extra",))
    assert len(error.mismatched) == 1


def test_a_long_list_is_cut_in_the_message_but_whole_in_the_error(save: Any) -> None:
    extra = {f"extra{i}": GOOD["bias"] for i in range(20)}
    error = refused(dense(), save({**GOOD, **extra}))
    assert error.unexpected == tuple(extra)
    assert "20 unexpected: extra0, extra1," in str(error)
    assert "extra7, and 12 more" in str(error)


def test_a_file_that_is_no_checkpoint_leaves_the_network_untouched(tmp_path: Path) -> None:
    network = dense()
    (tmp_path / "page.ckpt").write_bytes(b"<!doctype html>")
    with pytest.raises(CheckpointError, match="web page"):
        load_checkpoint_into(network, tmp_path / "page.ckpt")
    assert_untouched(network)


def test_not_strict_fills_what_there_is_and_warns_once(
    save: Any, caplog: pytest.LogCaptureFixture
) -> None:
    network = dense()
    path = save({"weight": GOOD["weight"], "extra": GOOD["bias"]})
    with caplog.at_level(logging.WARNING, logger="hub"):
        load_checkpoint_into(network, path, strict=False)
    np.testing.assert_array_equal(network.weight.asnumpy(), GOOD["weight"])
    assert not network.bias.asnumpy().any()
    (message,) = [record.message for record in caplog.records if record.name.startswith("hub")]
    assert "1 missing: bias" in message
    assert "1 unexpected: extra" in message


def test_a_full_fit_does_not_warn(save: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="hub"):
        load_checkpoint_into(dense(), save(GOOD), strict=False)
    assert not [record for record in caplog.records if record.name.startswith("hub")]


def test_what_is_missing_in_a_network_without_values_is_initialised() -> None:
    with without_values():
        network = nn.Dense(3, 2, weight_init="ones", bias_init="ones")
    fill_network(network, {"bias": GOOD["bias"]}, source="here", strict=False)
    np.testing.assert_array_equal(network.weight.asnumpy(), np.ones((2, 3)))
    np.testing.assert_array_equal(network.bias.asnumpy(), GOOD["bias"])
    assert not network.weight.has_init


def test_fresh_parameters_are_initialised_and_not_compared() -> None:
    with without_values():
        network = nn.Dense(3, 2, weight_init="ones", bias_init="ones")
    other = {"weight": GOOD["weight"], "bias": np.zeros(9, np.float32)}
    fill_network(network, other, source="here", fresh=("bias",))
    np.testing.assert_array_equal(network.bias.asnumpy(), [1, 1])


def test_the_file_may_be_overwritten_afterwards(save: Any) -> None:
    network, path = dense(), save(GOOD)
    load_checkpoint_into(network, path)
    path.chmod(0o600)
    path.write_bytes(bytes(path.stat().st_size))
    np.testing.assert_array_equal(network.weight.asnumpy(), GOOD["weight"])


def test_arrays_that_are_no_plain_row_of_bytes_are_copied_in_order() -> None:
    network = dense()
    transposed = np.ascontiguousarray(GOOD["weight"].T).T
    assert not transposed.flags.c_contiguous
    fill_network(network, {**GOOD, "weight": transposed}, source="here")
    np.testing.assert_array_equal(network.weight.asnumpy(), GOOD["weight"])


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_a_filled_parameter_keeps_its_values_when_it_is_copied(duplicate: Any) -> None:
    with without_values():
        network = nn.Dense(3, 2)
    fill_network(network, GOOD, source="here")
    np.testing.assert_array_equal(duplicate(network.weight).asnumpy(), GOOD["weight"])


def test_a_network_without_values_stays_without_when_filling_fails() -> None:
    with without_values():
        network = nn.Dense(3, 2)
    with pytest.raises(WeightsError):
        fill_network(network, {"weight": GOOD["weight"]}, source="here")
    assert network.weight.has_init


def test_parameters_are_read_for_any_network(save: Any) -> None:
    path = save({**GOOD, "step": np.int32(3)}, append_dict={"note": "x"})
    parameters = read_checkpoint(path)
    assert list(parameters) == ["weight", "bias", "step", "note"]
    assert parameters.pop("note") == "x"
    for name, parameter in parameters.items():
        assert isinstance(parameter, mindspore.Parameter)
        assert parameter.name == name
    np.testing.assert_array_equal(parameters["weight"].asnumpy(), GOOD["weight"])
    assert parameters["step"].shape == ()
    network = dense()
    assert mindspore.load_param_into_net(network, parameters) == ([], ["step"])


def test_parameters_that_were_read_can_be_trained(save: Any) -> None:
    parameter = read_checkpoint(save(GOOD))["bias"]
    mindspore.ops.assign(parameter, parameter + 1)
    np.testing.assert_array_equal(parameter.asnumpy(), GOOD["bias"] + 1)


@pytest.mark.parametrize("suffix", [".ckpt", ".safetensors"])
def test_a_file_that_mshub_wrote_fills_a_network(tmp_path: Path, suffix: str) -> None:
    network, path = dense(), tmp_path / f"w{suffix}"
    write_weights(path, GOOD, architecture="efficientnet_b0.timm")
    load_checkpoint_into(network, path)  # strictly: the record is no parameter
    np.testing.assert_array_equal(network.weight.asnumpy(), GOOD["weight"])
    assert list(read_checkpoint(path)) == list(GOOD)


def test_networks_without_values_do_not_empty_those_of_other_threads() -> None:
    """MindSpore's own no_init_parameters does, since it is a switch of the whole process."""
    with without_values(), ThreadPoolExecutor() as pool:
        other = pool.submit(nn.Dense, 3, 2, weight_init="ones").result()
        own = nn.Dense(3, 2, weight_init="ones")
    assert own.weight.has_init
    assert not other.weight.has_init
    np.testing.assert_array_equal(other.weight.asnumpy(), np.ones((2, 3)))


def test_values_come_back_after_an_error_and_after_the_inner_of_two() -> None:
    with without_values():
        with pytest.raises(RuntimeError), without_values():
            raise RuntimeError
        assert nn.Dense(3, 2).weight.has_init
    assert not nn.Dense(3, 2).weight.has_init


def test_mindspore_s_own_way_works_before_and_after() -> None:
    from mindspore.nn.utils import no_init_parameters

    for _ in range(2):
        with no_init_parameters():
            assert nn.Dense(3, 2).weight.has_init
        assert not nn.Dense(3, 2).weight.has_init
        with without_values():
            assert nn.Dense(3, 2).weight.has_init
        assert not nn.Dense(3, 2).weight.has_init


def test_mindspore_s_own_way_goes_on_around_ours_and_in_other_threads() -> None:
    from mindspore.nn.utils import no_init_parameters

    with no_init_parameters():
        with with_values(), ThreadPoolExecutor() as pool:
            assert pool.submit(nn.Dense, 3, 2).result().weight.has_init
            assert not nn.Dense(3, 2).weight.has_init
        assert nn.Dense(3, 2).weight.has_init
    assert not nn.Dense(3, 2).weight.has_init


def test_the_last_of_several_threads_puts_mindspore_s_own_answer_back() -> None:
    inside, leave = threading.Event(), threading.Event()

    def build() -> Any:
        with without_values():
            inside.set()
            assert leave.wait(60)
            return nn.Dense(3, 2)

    with ThreadPoolExecutor() as pool:
        with without_values():
            other = pool.submit(build)
            assert inside.wait(60)
        assert not nn.Dense(3, 2).weight.has_init
        leave.set()
        assert other.result().weight.has_init
    assert vars(mindspore.Parameter)["init_param"] is True
