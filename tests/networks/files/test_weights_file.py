"""Files of weights: told apart by content, written whole, read by MindSpore, too."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy")

from hub.errors import ArgumentError, CacheError, CheckpointError  # noqa: E402
from hub.networks.files import checkpoint_file  # noqa: E402
from hub.networks.files.weights_file import (  # noqa: E402
    read_source,
    read_weights,
    write_weights,
)

Array = Any  # of numpy

TYPES = [
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
]
ARRAYS = {
    "z.weight": np.arange(6, dtype="f4").reshape(2, 3),
    "scalar": np.array(2.5),
    "flags": np.array([True, False, True]),
    **{kind: np.array([[1], [0]], kind) for kind in TYPES},
}
NAME = "efficientnet_b0.torchvision"

both_formats = pytest.mark.parametrize("suffix", [".ckpt", ".safetensors"])


def assert_same(arrays: Any, expected: Any) -> None:
    assert list(arrays) == list(expected)
    for name, array in expected.items():
        assert arrays[name].dtype == array.dtype.newbyteorder("="), name
        assert arrays[name].shape == array.shape, name
        np.testing.assert_array_equal(arrays[name], array, err_msg=name)


@both_formats
def test_what_is_written_is_read_in_the_same_order(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    write_weights(path, ARRAYS)
    weights = read_weights(path)
    assert_same(weights.arrays, ARRAYS)
    assert weights.architecture == ""


@both_formats
@settings(deadline=None, max_examples=50, database=None)
@given(data=st.data())
def test_any_array_survives(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, data: st.DataObject
) -> None:
    numpy_strategies = pytest.importorskip("hypothesis.extra.numpy")
    shapes = numpy_strategies.array_shapes(min_dims=0, max_dims=4, max_side=4)
    arrays = data.draw(
        st.dictionaries(
            st.text(min_size=1, max_size=9).filter(str.isprintable),
            st.sampled_from(TYPES).flatmap(lambda kind: numpy_strategies.arrays(kind, shapes)),
            min_size=1,
            max_size=3,
        )
    )
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    write_weights(path, arrays)
    assert_same(read_weights(path).arrays, arrays)


@both_formats
def test_the_architecture_is_recorded_and_is_no_parameter(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    write_weights(path, ARRAYS, architecture=NAME)
    weights = read_weights(path)
    assert weights.architecture == NAME
    assert list(weights.arrays) == list(ARRAYS)


@both_formats
def test_the_format_is_told_by_the_content_and_not_by_the_name(tmp_path: Path, suffix: str) -> None:
    write_weights(tmp_path / f"w{suffix}", ARRAYS, architecture=NAME)
    renamed = (tmp_path / f"w{suffix}").rename(tmp_path / "weights")
    assert read_weights(renamed).architecture == NAME


@both_formats
def test_the_layout_in_memory_does_not_matter(tmp_path: Path, suffix: str) -> None:
    matrix = np.arange(6, dtype="f4").reshape(2, 3)
    arrays = {"turned": matrix.T, "other end": matrix.astype(">f4"), "part": matrix[:, ::2]}
    write_weights(tmp_path / f"w{suffix}", arrays)
    assert_same(read_weights(tmp_path / f"w{suffix}").arrays, arrays)


def test_neither_reading_nor_writing_imports_mindspore_or_torch(tmp_path: Path) -> None:
    code = (
        "import sys, numpy\n"
        "from hub.networks.files.weights_file import read_source, write_weights\n"
        "for path in sys.argv[1:]:\n"
        "    write_weights(path, {'w': numpy.ones(2)})\n"
        "    read_source(path)\n"
        "print({'mindspore', 'torch', 'safetensors', 'google.protobuf'} & set(sys.modules))"
    )
    paths = [str(tmp_path / name) for name in ("w.ckpt", "w.safetensors")]
    command = [sys.executable, "-c", code, *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.mindspore
@both_formats
def test_mindspore_reads_what_is_written(tmp_path: Path, suffix: str) -> None:
    mindspore = pytest.importorskip("mindspore")
    path = tmp_path / f"w{suffix}"
    write_weights(path, ARRAYS, architecture=NAME)
    parameters = mindspore.load_checkpoint(str(path), format=suffix[1:])
    assert set(parameters) == set(ARRAYS)
    for name, array in ARRAYS.items():
        assert parameters[name].shape == array.shape, name
        np.testing.assert_array_equal(parameters[name].asnumpy(), array, err_msg=name)


@pytest.mark.mindspore
@both_formats
def test_mindspore_fills_a_network_and_finds_nothing_left_over(tmp_path: Path, suffix: str) -> None:
    mindspore = pytest.importorskip("mindspore")
    path = tmp_path / f"w{suffix}"
    weight, bias = np.ones((2, 3), np.float32), np.full(2, 7, np.float32)
    write_weights(path, {"weight": weight, "bias": bias}, architecture=NAME)
    network = mindspore.nn.Dense(3, 2)
    parameters = mindspore.load_checkpoint(str(path), format=suffix[1:])
    assert mindspore.load_param_into_net(network, parameters, strict_load=True) == ([], [])
    np.testing.assert_array_equal(network.bias.asnumpy(), bias)


@pytest.mark.mindspore
def test_mindcv_fills_a_network_from_what_is_written(tmp_path: Path) -> None:
    helpers = pytest.importorskip("mindcv.models.helpers")
    from mindspore import nn

    path = tmp_path / "w.ckpt"
    arrays = {"weight": np.ones((2, 3), np.float32), "bias": np.full(2, 7, np.float32)}
    write_weights(path, arrays, architecture=NAME)
    for auto_mapping in (False, True):
        network = nn.Dense(3, 2)
        helpers.load_model_checkpoint(network, str(path), auto_mapping=auto_mapping)
        np.testing.assert_array_equal(network.weight.asnumpy(), arrays["weight"])


@pytest.mark.mindspore
def test_a_checkpoint_is_byte_for_byte_what_mindspore_saves(tmp_path: Path, save: Any) -> None:
    write_weights(tmp_path / "ours.ckpt", ARRAYS)
    assert (tmp_path / "ours.ckpt").read_bytes() == save(ARRAYS, "mindspore.ckpt").read_bytes()


@pytest.mark.mindspore
def test_a_large_parameter_is_cut_into_slices_that_mindspore_joins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mindspore = pytest.importorskip("mindspore")
    serialization = pytest.importorskip("mindspore.train.serialization")
    assert checkpoint_file.SLICE_SIZE == 1024 * serialization.SLICE_SIZE
    monkeypatch.setattr(checkpoint_file, "SLICE_SIZE", 10)
    path = tmp_path / "w.ckpt"
    write_weights(path, ARRAYS)
    assert path.read_bytes().count(b"z.weight") == 3  # 24 bytes
    assert_same(read_weights(path).arrays, ARRAYS)
    matrix = mindspore.load_checkpoint(str(path))["z.weight"]
    np.testing.assert_array_equal(matrix.asnumpy(), ARRAYS["z.weight"])


def test_a_record_may_stand_before_a_check_sum(tmp_path: Path) -> None:
    path = tmp_path / "w.ckpt"
    write_weights(path, ARRAYS, architecture=NAME)
    content = path.read_bytes()
    path.write_bytes(content + b"crc_num" + zlib.crc32(content).to_bytes(10, "big"))
    assert read_weights(path).architecture == NAME


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX modes")
@both_formats
def test_a_file_has_the_mode_that_the_umask_leaves(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    code = (
        "import os, sys, numpy; os.umask(int(sys.argv[2], 8))\n"
        "from hub.networks.files.weights_file import write_weights\n"
        "write_weights(sys.argv[1], {'w': numpy.ones(2)})"
    )
    for umask, mode in (("022", 0o644), ("077", 0o600)):
        subprocess.run([sys.executable, "-c", code, str(path), umask], check=True)
        assert stat.S_IMODE(path.stat().st_mode) == mode


@both_formats
def test_a_file_that_is_there_is_replaced_even_while_it_is_read(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"w{suffix}"
    write_weights(path, {"w": np.arange(3)})
    path.chmod(0o400)  # as MindSpore leaves its own
    arrays = read_weights(path).arrays
    write_weights(path, {"new": arrays["w"]})
    assert list(read_weights(path).arrays) == ["new"]
    assert arrays["w"].tolist() == [0, 1, 2]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX resource limits")
@both_formats
def test_a_full_disk_leaves_the_file_that_was_there(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    write_weights(path, {"w": np.arange(3)})
    before = path.read_bytes()
    code = (
        "import resource, signal, sys, numpy, hub\n"
        "from hub.networks.files.weights_file import write_weights\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: write_weights(sys.argv[1], {'w': numpy.ones(9999)})\n"
        "except hub.CacheError as error: print(error)"
    )
    command = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"{path} cannot be written: File too large.\n"
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link.ckpt").symlink_to(tmp_path / "real.ckpt")
    write_weights(tmp_path / "link.ckpt", ARRAYS)
    assert (tmp_path / "link.ckpt").is_symlink()
    assert list(read_weights(tmp_path / "real.ckpt").arrays) == list(ARRAYS)


def test_a_folder_that_is_not_there_and_one_in_the_way_are_errors(tmp_path: Path) -> None:
    (tmp_path / "folder.ckpt").mkdir()
    for path in (tmp_path / "none" / "w.ckpt", tmp_path / "folder.ckpt", tmp_path / "a\0.ckpt"):
        with pytest.raises(CacheError, match=r"w\.ckpt|folder\.ckpt|cannot be written") as caught:
            write_weights(path, ARRAYS)
        assert caught.value.path == str(path)


@pytest.mark.parametrize(
    ("name", "arrays", "message"),
    [
        ("w.onnx", ARRAYS, r"ends in \.ckpt or \.safetensors, unlike '.*w\.onnx'\."),
        ("ckpt", ARRAYS, r"ends in \.ckpt or \.safetensors"),
        ("w.ckpt", {}, r"no arrays to write to .*w\.ckpt"),
        ("w.ckpt", {"": np.ones(1)}, "'' is not a name"),
        ("w.ckpt", {"a\n": np.ones(1)}, r"'a\\n' is not a name"),
        ("w.ckpt", {"ä" * 3000: np.ones(1)}, "is not a name"),
        ("w.ckpt", {"x": np.ones((2, 0))}, r"x of shape \(2, 0\) has no values"),
        ("w.ckpt", {"x": np.ones(1, "c8")}, "x is of type complex64, which files of weights lack"),
        ("w.ckpt", {"x": np.array("text")}, "x is of type <U4"),
        ("w.safetensors", {"__metadata__": np.ones(1)}, "'__metadata__' is not a name"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is(
    tmp_path: Path, name: str, arrays: dict[str, Array], message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        write_weights(tmp_path / name, arrays)
    assert not list(tmp_path.iterdir())


@both_formats
def test_an_architecture_that_could_not_be_read_back_is_refused(
    tmp_path: Path, suffix: str
) -> None:
    for architecture in ("a\nb", "x" * 5000, "\ud800"):
        with pytest.raises(ArgumentError, match="is not a name that can be written"):
            write_weights(tmp_path / f"w{suffix}", ARRAYS, architecture=architecture)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="needs pipes")
def test_what_is_no_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "none.ckpt", tmp_path / "pipe", tmp_path / "a\0"):
        for read in (read_weights, read_source):
            with pytest.raises(CheckpointError, match="cannot be read: ") as caught:
                read(path)
            assert caught.value.path == str(path)


def test_a_source_may_be_pytorch_s(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    torch.save({"w": torch.ones(2)}, tmp_path / "w.pth")
    weights = read_source(tmp_path / "w.pth")
    assert weights.arrays["w"].tolist() == [1, 1]
    assert weights.architecture == ""
    with pytest.raises(CheckpointError, match=r"it is a zip archive.*run 'hub convert' on it"):
        read_weights(tmp_path / "w.pth")


@both_formats
def test_a_source_may_be_mindspore_s(tmp_path: Path, suffix: str) -> None:
    write_weights(tmp_path / f"w{suffix}", ARRAYS, architecture=NAME)
    weights = read_source(tmp_path / f"w{suffix}")
    assert_same(weights.arrays, ARRAYS)
    assert weights.architecture == NAME


def test_a_source_that_is_a_web_page_is_called_one(tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(b"<!doctype html>")
    with pytest.raises(CheckpointError, match="cannot be read as weights: it is a web page"):
        read_source(tmp_path / "w.pth")
