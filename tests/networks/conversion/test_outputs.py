"""Converted weights give the publishers' own outputs, and would not under another convention."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

np = pytest.importorskip("numpy")
torch = pytest.importorskip("torch")
mindspore = pytest.importorskip("mindspore")

from hub.networks.builders import load_network  # noqa: E402
from hub.networks.checkpoint import fill_network, without_values  # noqa: E402
from hub.networks.conversion.convert import convert_weights  # noqa: E402
from hub.networks.efficientnet import EfficientNet  # noqa: E402
from hub.networks.files.weights_file import read_weights  # noqa: E402
from hub.networks.variants import Variant, find_variant  # noqa: E402

SIDES = (41, 47)
pytestmark = pytest.mark.mindspore

# origin, its name for the network, ours, where the weights go
CASES = [  # each network and each origin at least once
    ("torchvision", "efficientnet_b0", "efficientnet_b0.torchvision", "ckpt"),
    ("torchvision", "efficientnet_v2_s", "efficientnet_v2_s.torchvision", "ckpt"),
    ("timm", "efficientnet_b0", "efficientnet_b0.timm", "safetensors"),
    ("timm", "efficientnet_b3", "efficientnet_b3.timm", "ckpt"),
    ("timm", "efficientnet_lite0", "efficientnet_lite0.timm", "ckpt"),
    ("timm", "tf_efficientnet_b0", "efficientnet_b0.tf", "ckpt"),
    ("timm", "tf_efficientnet_lite0", "efficientnet_lite0.tf", "safetensors"),
    ("efficientnet_pytorch", "efficientnet-b0", "efficientnet_b0.tf", "ckpt"),
]
MORE_CASES = [  # the same networks of other origins: seconds each, and nothing new
    ("torchvision", "efficientnet_b3", "efficientnet_b3.torchvision", "safetensors"),
    ("timm", "efficientnetv2_s", "efficientnet_v2_s.timm", "ckpt"),
    ("timm", "tf_efficientnetv2_s", "efficientnet_v2_s.tf", "ckpt"),
    ("timm", "tf_efficientnetv2_b2", "efficientnet_v2_b2.tf", "ckpt"),
]


def look_at(network: Any, image: Any) -> Any:
    with torch.no_grad():
        return network(torch.from_numpy(image)).numpy()


def make_image(channels: int = 3) -> Any:
    return np.random.default_rng(1).random((2, channels, *SIDES), np.float32)


def compute(network: Any, image: Any) -> Any:
    return network(mindspore.Tensor(image)).asnumpy()


def deviation(ours: Any, theirs: Any) -> float:
    """The largest difference, relative to the largest logit."""
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


@pytest.mark.parametrize(
    ("origin", "name", "architecture", "suffix"),
    [
        pytest.param(*case, id=f"{case[0]}-{case[1]}", marks=marks)
        for cases, marks in ((CASES, ()), (MORE_CASES, pytest.mark.nightly))
        for case in cases
    ],
)
def test_converted_weights_give_the_outputs_of_the_network_that_they_come_from(
    publish: Callable[..., Any],
    tmp_path: Path,
    origin: str,
    name: str,
    architecture: str,
    suffix: str,
) -> None:
    options = {"image_size": SIDES} if origin == "efficientnet_pytorch" else {}
    theirs, image = publish(origin, name, **options), make_image()
    expected = look_at(theirs, image)
    assert expected.std(axis=0).mean() > 0.01, "images must differ in what is seen in them"
    torch.save(theirs.state_dict(), tmp_path / "theirs.pth")
    asked = name if name.startswith("tf_") else find_variant(architecture).base
    report = convert_weights(tmp_path / "theirs.pth", asked, tmp_path / f"ours.{suffix}")
    assert (report.origin, report.architecture) == (origin, architecture)
    # Whoever loads the file need not know whose weights it holds.
    ours = load_network(find_variant(architecture).base, report.output)
    assert deviation(compute(ours, image), expected) < 1e-4


@pytest.fixture(scope="module")
def converted(
    publish: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Any, Any]:
    """A converted file of torchvision's b0, an image, and the logits of torchvision."""
    theirs, image = publish("torchvision", "efficientnet_b0"), make_image()
    tmp_path = tmp_path_factory.mktemp("converted")
    torch.save(theirs.state_dict(), tmp_path / "theirs.pth")
    report = convert_weights(tmp_path / "theirs.pth", "efficientnet_b0", tmp_path / "ours.ckpt")
    return report.output, image, look_at(theirs, image)


def load_as(variant: Variant, path: Path) -> Any:
    with without_values():
        network = EfficientNet(variant)
    fill_network(network, read_weights(path).arrays, source=str(path))
    return network.set_train(False)


def test_the_logits_would_show_a_wrong_padding_or_epsilon(
    converted: tuple[Path, Any, Any],
) -> None:
    path, image, expected = converted
    right = find_variant("efficientnet_b0.torchvision")
    assert deviation(compute(load_as(right, path), image), expected) < 1e-4
    for wrong in ({"padding": "same"}, {"norm_epsilon": 1e-3}):
        variant = dataclasses.replace(right, **wrong)
        assert deviation(compute(load_as(variant, path), image), expected) > 1e-2, wrong


def test_other_classes_and_channels_convert_too(
    publish: Callable[..., Any], tmp_path: Path
) -> None:
    theirs = publish("timm", "efficientnet_lite0", in_channels=5, in_chans=5, num_classes=7)
    image = make_image(5)
    torch.save(theirs.state_dict(), tmp_path / "theirs.pth")
    report = convert_weights(tmp_path / "theirs.pth", "efficientnet_lite0", tmp_path / "o.ckpt")
    assert (report.num_classes, report.in_channels) == (7, 5)
    with without_values():
        network = EfficientNet(find_variant(report.architecture), num_classes=7, in_channels=5)
    fill_network(network, read_weights(report.output).arrays, source="o.ckpt")
    assert deviation(compute(network.set_train(False), image), look_at(theirs, image)) < 1e-4


def test_a_file_of_before_pytorch_1_6_and_a_wrapped_network_convert_to_the_same_bytes(
    publish: Callable[..., Any], tmp_path: Path
) -> None:
    theirs = publish("timm", "tf_efficientnet_lite0")
    torch.save(theirs.state_dict(), tmp_path / "zip.pth")
    torch.save(theirs.state_dict(), tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    wrapped = {"state_dict": torch.nn.DataParallel(theirs).state_dict(), "epoch": 3}
    torch.save(wrapped, tmp_path / "wrapped.pth")
    reports = [
        convert_weights(path, "tf_efficientnet_lite0", path.with_suffix(".safetensors"))
        for path in sorted(tmp_path.glob("*.pth"))
    ]
    assert len({report.sha256 for report in reports}) == 1
    assert reports[1].mapped[0].source == "module.conv_stem.weight"


def test_mindspores_own_loader_takes_a_converted_checkpoint(
    converted: tuple[Path, Any, Any],
) -> None:
    path, image, expected = converted
    network = EfficientNet(find_variant("efficientnet_b0.torchvision"))
    parameters = mindspore.load_checkpoint(str(path))
    assert mindspore.load_param_into_net(network, parameters, strict_load=True) == ([], [])
    assert deviation(compute(network.set_train(False), image), expected) < 1e-4
