"""The cell that onnxruntime runs: what it computes, what it refuses, and where its export lies."""

from __future__ import annotations

import copy
import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

mindspore = pytest.importorskip("mindspore")
np = pytest.importorskip("numpy")
onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytestmark = pytest.mark.mindspore

from hub.assets.cache.cache import Cache  # noqa: E402
from hub.assets.cache.garbage import collect_garbage  # noqa: E402
from hub.assets.cache.upkeep import prune_files, remove_files  # noqa: E402
from hub.assets.cache.verification import verify_files  # noqa: E402
from hub.errors import ArgumentError, CacheError, LoadError  # noqa: E402
from hub.networks.checkpoint import without_values  # noqa: E402
from hub.networks.engines.onnx_network import OnnxNetwork, open_onnx_network  # noqa: E402
from hub.networks.engines.onnx_session import count_cores  # noqa: E402
from tests.networks.engines.networks import (  # noqa: E402
    Exotic,
    Flattening,
    Infinite,
    Paired,
    Pairing,
    Trained,
    Unlike,
)

Build = Callable[[], Any]
SHAPE = (1, 3, 32, 32)


def fail() -> Any:
    raise AssertionError("there was something to export")


def images(*shape: int) -> Any:
    return np.random.default_rng(1).standard_normal(shape, np.float32)


def open_in(folder: Path, build: Build, shape: tuple[int, ...] = SHAPE, key: str = "k") -> Any:
    return open_onnx_network(
        build, key=key, cache=Cache(folder), input_shape=shape, name="small_b0"
    )


def only_export(folder: Path) -> Path:
    (path,) = (folder / "blobs").rglob("*.onnx")
    return path


@pytest.fixture(scope="module")
def kept(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that has the export; tests leave it as it is."""
    folder = tmp_path_factory.mktemp("kept")
    open_in(folder, build)
    return folder


@pytest.fixture
def network(kept: Path) -> Any:
    return open_in(kept, fail)


@pytest.fixture
def own(kept: Path, build: Build, cache_folder: Path) -> Path:
    """A cache folder of this test alone that has the export."""
    content = only_export(kept).read_bytes()
    cache = Cache(cache_folder)
    (record,) = Cache(kept).files()
    source = cache_folder.with_name("source")
    source.write_bytes(content)
    cache.add(source, link=record.link, digest=None, filename=record.path.name)
    return cache_folder


class TestOutputs:
    @pytest.mark.parametrize(
        "shape", [(1, 3, 32, 32), (2, 3, 32, 32), (5, 3, 32, 32), (3, 3, 45, 70)]
    )
    def test_any_number_of_images_of_any_size_gives_the_networks_outputs(
        self, network: Any, build: Build, shape: tuple[int, ...]
    ) -> None:
        x = mindspore.Tensor(images(*shape))
        wanted = build()(x).asnumpy()
        found = network(x)
        assert isinstance(found, mindspore.Tensor)
        np.testing.assert_allclose(found.asnumpy(), wanted, rtol=0, atol=1e-4 * abs(wanted).max())

    def test_arrays_are_taken_as_tensors_are_also_in_another_order(self, network: Any) -> None:
        x = images(2, 3, 32, 40)
        wanted = network(mindspore.Tensor(x)).asnumpy()
        np.testing.assert_array_equal(network(x).asnumpy(), wanted)
        turned = np.asfortranarray(x)
        np.testing.assert_array_equal(network(turned).asnumpy(), wanted)

    def test_earlier_outputs_stay_as_they_are(self, network: Any) -> None:
        first = network(images(*SHAPE))
        before = first.asnumpy().copy()
        network(images(*SHAPE) + 1)
        np.testing.assert_array_equal(first.asnumpy(), before)

    def test_it_is_part_of_other_cells_and_of_models(self, network: Any) -> None:
        x = mindspore.Tensor(images(*SHAPE))
        wanted = network(x).asnumpy()
        outer = mindspore.nn.SequentialCell([network, mindspore.nn.ReLU()])
        np.testing.assert_array_equal(outer(x).asnumpy(), np.maximum(wanted, 0))
        found = mindspore.train.Model(network).predict(x)
        np.testing.assert_array_equal(found.asnumpy(), wanted)

    def test_it_runs_where_the_context_says_graph_mode(self, network: Any) -> None:
        x = mindspore.Tensor(images(*SHAPE))
        wanted = network(x).asnumpy()
        mindspore.set_context(mode=mindspore.GRAPH_MODE)
        try:
            np.testing.assert_array_equal(network(x).asnumpy(), wanted)
        finally:
            mindspore.set_context(mode=mindspore.PYNATIVE_MODE)

    def test_pickles_and_copies_need_neither_cache_nor_network(self, own: Path, kept: Path) -> None:
        network = open_in(own, fail)
        wanted = network(images(*SHAPE)).asnumpy()
        copied, pickled = copy.deepcopy(network), pickle.dumps(network)
        only_export(own).unlink()
        for twin in (copied, pickle.loads(pickled)):
            np.testing.assert_array_equal(twin(images(*SHAPE)).asnumpy(), wanted)
            assert repr(twin) == repr(network)

    def test_an_export_that_is_gone_cannot_be_pickled(self, own: Path) -> None:
        network = open_in(own, fail)
        only_export(own).unlink()
        with pytest.raises(CacheError, match=r"cannot be read any more.*load the"):
            pickle.dumps(network)


class TestInferenceOnly:
    def test_it_has_no_parameters_and_says_what_it_is(self, network: Any) -> None:
        assert not list(network.get_parameters())
        assert not network.training
        shown = "OnnxNetwork(small_b0, run by onnxruntime, images (batch, 3, height, width))"
        assert repr(network) == shown

    def test_it_refuses_training_mode(self, network: Any) -> None:
        with pytest.raises(ArgumentError, match=r"for inference only; to train, load it with hub"):
            network.set_train()
        assert network.set_train(False) is network

    def test_it_says_so_when_a_cell_around_it_was_put_into_training_mode(
        self, network: Any
    ) -> None:
        outer = mindspore.nn.SequentialCell([network]).set_train()
        with pytest.raises(ArgumentError, match=r"call set_train\(False\) on it"):
            outer(mindspore.Tensor(images(*SHAPE)))

    def test_a_head_on_top_can_be_trained_and_no_gradient_goes_through_it(
        self, network: Any
    ) -> None:
        x = mindspore.Tensor(images(*SHAPE))
        outer = Trained(network)
        weights = list(outer.head.trainable_params())
        gradients = mindspore.grad(outer, grad_position=None, weights=weights)(x)
        np.testing.assert_allclose(gradients[0][0], network(x)[0], rtol=1e-5)
        with pytest.raises(ArgumentError, match="no gradient goes through this one"):
            mindspore.grad(outer)(x)

    @pytest.mark.parametrize(
        ("x", "message"),
        [
            (images(1, 3, 8, 8).astype(np.float64), r"not ndarray of float64; write for example"),
            (images(1, 3, 8, 8).astype(np.uint8), r"not ndarray of uint8"),
            (images(1, 3, 8, 8).tolist(), r"a float32 tensor or array .*, not list;"),
            (None, "not NoneType"),
            (images(3, 8, 8), r"shape \(N, C, H, W\), each at least 1, not \(3, 8, 8\)"),
            (images(0, 3, 8, 8), r"each at least 1, not \(0, 3, 8, 8\)"),
            (images(1, 4, 8, 8), r"small_b0 takes images with 3 channels"),
        ],
        ids=["float64", "uint8", "list", "none", "no-batch", "empty", "channels"],
    )
    def test_what_is_no_batch_of_images_is_refused(
        self, network: Any, x: Any, message: str
    ) -> None:
        with pytest.raises(ArgumentError, match=message):
            network(x)


class TestExports:
    def test_a_second_process_finds_it_and_builds_nothing(self, kept: Path) -> None:
        code = (
            "import sys, numpy; from pathlib import Path\n"
            "from hub.assets.cache.cache import Cache\n"
            "from hub.networks.engines.onnx_network import open_onnx_network\n"
            "network = open_onnx_network(lambda: 1 / 0, key='k', cache=Cache(sys.argv[1]),"
            " input_shape=(1, 3, 32, 32), name='small_b0')\n"
            "print(network(numpy.ones((2, 3, 32, 32), numpy.float32)).shape)"
        )
        command = [sys.executable, "-c", code, str(kept)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout == "(2, 7)\n"

    def test_other_weights_and_shapes_have_exports_of_their_own(self, own: Path) -> None:
        for shape, key in (((1, 3, 64, 64), "k"), (SHAPE, "other")):
            with pytest.raises(AssertionError, match="something to export"):
                open_in(own, fail, shape, key)

    def test_it_is_read_only_and_belongs_to_the_cache(self, own: Path) -> None:
        path = only_export(own)
        assert path.stat().st_mode & 0o777 == 0o444 & ~_umask()
        assert path.name == "small_b0-1x3x32x32.onnx"
        assert [verdict.state for verdict in verify_files(Cache(own))] == ["ok"]
        assert not collect_garbage(Cache(own), dry_run=True).freed
        pruned = prune_files(Cache(own), max_size=0, dry_run=True).removed
        assert path in {removed.path for removed in pruned}
        remove_files(Cache(own), ["*.onnx"])
        assert not path.exists()
        with pytest.raises(AssertionError, match="something to export"):
            open_in(own, fail)

    @pytest.mark.parametrize("spoil", ["truncate", "change", "remove"])
    def test_a_damaged_one_is_noticed(self, own: Path, spoil: str) -> None:
        path = only_export(own)
        content = path.read_bytes()
        path.chmod(0o644)
        if spoil == "remove":
            path.unlink()
        else:
            path.write_bytes(content[:-9] if spoil == "truncate" else content[:-1] + b"\0")
        with pytest.raises(AssertionError, match="something to export"):
            open_in(own, fail)

    def test_a_damaged_one_is_made_again(self, own: Path, build: Build) -> None:
        path = only_export(own)
        wanted = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(wanted[:-1] + b"\0")
        open_in(own, build)
        assert only_export(own).read_bytes() == wanted

    def test_a_touched_one_is_hashed_again_and_used(self, own: Path) -> None:
        os.utime(only_export(own))
        open_in(own, fail)

    def test_a_network_for_images_of_one_size_takes_any_number_of_them(
        self, cache_folder: Path
    ) -> None:
        native = Flattening().set_train(False)
        network = open_in(cache_folder, lambda: native, (1, 3, 8, 8))
        assert "images (batch, 3, 8, 8)" in repr(network)
        x = images(4, 3, 8, 8)
        wanted = native(mindspore.Tensor(x)).asnumpy()
        np.testing.assert_allclose(network(x).asnumpy(), wanted, rtol=1e-4, atol=1e-6)
        with pytest.raises(LoadError, match=r"cannot export this network \(Flattening\) to ONNX"):
            network(images(4, 3, 9, 9))
        np.testing.assert_allclose(network(x).asnumpy(), wanted, rtol=1e-4, atol=1e-6)

    def test_a_network_for_one_shape_is_exported_for_that_shape(self, cache_folder: Path) -> None:
        network = open_in(cache_folder, lambda: Paired().set_train(False), (2, 3, 8, 8))
        assert "images (2, 3, 8, 8)" in repr(network)
        assert network(images(2, 3, 8, 8)).shape == (2, 5)

    @pytest.mark.parametrize(
        ("network", "message"),
        [
            (Unlike, r"not the network: .* differ by 1\.0e-03 .* 1e-04 is allowed"),
            (
                Exotic,
                r"cannot export this network \(Exotic\) to ONNX: .*Lgamma.*engine='mindspore'",
            ),
            (Pairing, "only a network with one input and one output can be exported"),
            (Infinite, r"infinite values or none at all .* weights may be damaged"),
        ],
    )
    def test_what_cannot_be_exported_right_is_an_error_and_is_not_kept(
        self, cache_folder: Path, network: Build, message: str
    ) -> None:
        with pytest.raises(LoadError, match=message):
            open_in(cache_folder, network, (1, 3, 8, 8))
        assert not list(Cache(cache_folder).files())
        assert not list(cache_folder.rglob("*.onnx"))

    def test_a_network_over_two_gigabytes_is_refused_before_anything_is_tried(
        self, cache_folder: Path
    ) -> None:
        with without_values():
            huge = mindspore.nn.Dense(30_000, 20_000)
        with pytest.raises(
            ArgumentError, match=r"2,400,080,000 bytes, and an ONNX file can hold 2"
        ):
            open_in(cache_folder, lambda: huge)

    def test_a_cache_that_cannot_be_written_costs_an_export_and_no_more(
        self, build: Build, cache_folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (cache_folder / "partial").parent.mkdir()
        (cache_folder / "partial").write_text("in the way")
        with caplog.at_level(logging.WARNING):
            network = open_in(cache_folder, build)
        assert network(images(*SHAPE)).shape == (1, 7)
        assert "the export will be made again next time, since the cache cannot" in caplog.text

    def test_threads_that_come_at_once_make_one_export(
        self, build: Build, cache_folder: Path
    ) -> None:
        built = []

        def count() -> Any:
            built.append(1)
            return build()

        with ThreadPoolExecutor(2) as pool:
            networks = list(pool.map(lambda _: open_in(cache_folder, count), range(2)))
        assert built == [1]
        x = images(*SHAPE)
        np.testing.assert_array_equal(networks[0](x).asnumpy(), networks[1](x).asnumpy())

    def test_no_more_than_eight_exports_of_a_network_stay_open(self) -> None:
        made = []

        def export(shape: tuple[int, ...]) -> bytes:
            made.append(shape)
            return make_identity(shape)

        network = OnnxNetwork("identity", export)
        shapes = [(1, 3, 4, side) for side in range(1, 10)]
        for shape in [*shapes, shapes[-1], shapes[1], shapes[0]]:
            np.testing.assert_array_equal(network(images(*shape)).asnumpy(), images(*shape))
        assert made == [*shapes, shapes[0]], "the first had to go, and nothing else"


def make_identity(shape: tuple[int, ...]) -> bytes:
    """Make a model that puts out the images of one shape."""
    helper, float32 = onnx.helper, onnx.TensorProto.FLOAT
    values = [helper.make_tensor_value_info(name, float32, shape) for name in ("images", "logits")]
    node = helper.make_node("Identity", ["images"], ["logits"])
    graph = helper.make_graph([node], "identity", values[:1], values[1:])
    opset = helper.make_opsetid("", 11)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=4)
    return bytes(model.SerializeToString())


def test_as_many_threads_as_the_process_may_use() -> None:
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    assert count_cores() == (len(allowed) if allowed else os.cpu_count())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
