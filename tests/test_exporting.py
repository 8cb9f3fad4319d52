"""``hub.export``: from an id to a file that other programs read."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hub
from hub.exporting import export
from tests.conftest import AssetServer, digest_of

mindspore = pytest.importorskip("mindspore")
np = pytest.importorskip("numpy")
onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")
pytestmark = pytest.mark.mindspore

WriteCard = Callable[..., Path]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, bytes]:
    """A Lite0 with weights and statistics of its own, and its checkpoint."""
    from hub.networks.checkpoint import without_values
    from hub.networks.efficientnet import EfficientNet
    from hub.networks.variants import find_variant

    with without_values():
        network = EfficientNet(find_variant("efficientnet_lite0"), num_classes=20)
    network.set_train(False)
    random = np.random.default_rng(0)
    for parameter in network.get_parameters():
        low, high = (0.5, 1.5) if "variance" in parameter.name else (-0.1, 0.1)
        values = random.uniform(low, high, parameter.shape).astype(np.float32)
        parameter.set_data(mindspore.Tensor(values))
    path = tmp_path_factory.mktemp("trained") / "lite0.ckpt"
    mindspore.save_checkpoint(network, str(path))
    return network, path.read_bytes()


@pytest.fixture
def lite0(
    trained: tuple[Any, bytes],
    server: AssetServer,
    write_card: WriteCard,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """The id of the trained network, whose file the server has."""
    link, digest = server.serve("/lite0.ckpt", trained[1]), digest_of(trained[1])
    write_card("cards/Demo/lite0.md", name="efficientnet_lite0", link=link, digest=digest)
    monkeypatch.setenv("MSHUB_REGISTRY", str(tmp_path / "cards"))
    return "Demo/lite0"


def images(*shape: int) -> Any:
    return np.random.default_rng(1).standard_normal(shape, np.float32)


def test_an_onnx_file_computes_what_the_card_s_network_does(
    lite0: str, trained: tuple[Any, bytes], tmp_path: Path
) -> None:
    file = export(lite0, tmp_path / "lite0.onnx", image_size=48)
    assert file.architecture == "efficientnet_lite0"
    assert (file.input_name, file.input_shape) == ("images", ("batch", 3, 48, 48))
    assert digest_of(file.path.read_bytes()) == file.sha256
    session = onnxruntime.InferenceSession(file.path, providers=["CPUExecutionProvider"])
    x = images(2, 3, 48, 48)
    wanted = trained[0](mindspore.Tensor(x)).asnumpy()
    (found,) = session.run(None, {"images": x})
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-4 * abs(wanted).max())


def test_a_mindir_file_takes_other_channels_and_a_fixed_number_of_images(
    lite0: str, tmp_path: Path
) -> None:
    output = tmp_path / "grey.mindir"
    file = export(lite0, output, to="mindir", image_size=32, batch=2, in_channels=1)
    assert file.input_shape == (2, 1, 32, 32)
    graph = mindspore.nn.GraphCell(mindspore.load(str(output)))
    x = mindspore.Tensor(images(2, 1, 32, 32))
    wanted = hub.load(lite0, in_channels=1)(x)
    np.testing.assert_allclose(graph(x).asnumpy(), wanted.asnumpy(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("to", ["safetensors", "ckpt"])
def test_weights_alone_keep_names_and_values(
    lite0: str, trained: tuple[Any, bytes], tmp_path: Path, to: str
) -> None:
    from hub.networks.files.weights_file import read_weights

    file = export(lite0, tmp_path / f"lite0.{to}")
    stored = read_weights(file.path)
    assert file.architecture == "efficientnet_lite0"
    assert stored.architecture == ""  # as in the file that was published
    parameters = trained[0].parameters_dict()
    assert list(stored.arrays) == list(parameters)
    for name, parameter in parameters.items():
        np.testing.assert_array_equal(stored.arrays[name], parameter.asnumpy())
    loaded = mindspore.load_checkpoint(str(file.path), format=to)
    assert set(parameters) <= set(loaded)


WEIGHTS_CODE = """
import sys
import hub
sys.modules["mindspore"] = None
from hub.networks.files.weights_file import read_weights
file = hub.export(sys.argv[1], sys.argv[2])
stored = read_weights(file.path)
print(file.architecture, repr(stored.architecture), *stored.arrays)
"""


def test_weights_of_a_network_that_nobody_builds_are_exported_without_mindspore(
    server: AssetServer, write_card: WriteCard, tmp_path: Path
) -> None:
    source = tmp_path / "source.ckpt"
    saved = [{"name": "w", "data": mindspore.Tensor(np.ones(3, np.float32))}]
    mindspore.save_checkpoint(saved, str(source), append_dict={"note": "hello"})
    link = server.serve("/w.ckpt", source.read_bytes())
    card = write_card(name="our_own", link=link, digest=digest_of(source.read_bytes()))
    command = [sys.executable, "-c", WEIGHTS_CODE, str(card), str(tmp_path / "w.SAFETENSORS")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "our_own '' w\n", done.stderr
    assert "holds texts, which stay behind: note" in done.stderr


def test_weights_without_values_are_refused_by_name(
    server: AssetServer, write_card: WriteCard, tmp_path: Path
) -> None:
    header = b'{"w": {"dtype": "F32", "shape": [3, 0], "data_offsets": [0, 0]}}'
    content = len(header).to_bytes(8, "little") + header
    link = server.serve("/w.safetensors", content)
    card = write_card(
        link=link,
        digest=digest_of(content),
        replace={"file-format: ckpt": "file-format: safetensors"},
    )
    with pytest.raises(hub.WeightsError, match=r"w\.safetensors has no values for w: there is"):
        export(card, tmp_path / "w.ckpt")


def test_an_export_is_named_after_the_variant_that_the_weights_are_for(
    trained: tuple[Any, bytes], server: AssetServer, write_card: WriteCard, tmp_path: Path
) -> None:
    from hub.networks.files.weights_file import read_weights, write_weights

    (tmp_path / "lite0.ckpt").write_bytes(trained[1])
    source, name = tmp_path / "timm.ckpt", "efficientnet_lite0.timm"
    write_weights(source, read_weights(tmp_path / "lite0.ckpt").arrays, architecture=name)
    link = server.serve("/timm.ckpt", source.read_bytes())
    digest = digest_of(source.read_bytes())
    card = write_card(name="efficientnet_lite0", link=link, digest=digest)
    weights = export(card, tmp_path / "weights.safetensors")
    assert weights.architecture == read_weights(weights.path).architecture == name
    assert export(card, tmp_path / "graph.onnx", image_size=32).architecture == name


def test_a_file_that_is_there_is_replaced_only_by_force(lite0: str, tmp_path: Path) -> None:
    output = tmp_path / "lite0.safetensors"
    output.write_text("mine")
    with pytest.raises(hub.ArgumentError, match=r"exists; force=True \(--force\) replaces it"):
        export(lite0, output)
    assert output.read_text() == "mine"
    assert export(lite0, output, force=True).size == output.stat().st_size


@pytest.mark.parametrize(
    ("output", "options", "message"),
    [
        ("a.tflite", {}, r"ends in none of \.onnx, \.mindir, \.safetensors, \.ckpt; the name says"),
        ("a.onnx", {"to": "mindir"}, r"is to be a mindir file; name it .*a\.mindir"),
        ("a.onnx", {"to": "tflite"}, r"to must be onnx, mindir, .* or ckpt, not 'tflite'"),
        ("a.ckpt", {"image_size": 64}, "weights as they were published"),
        ("a.onnx", {"image_size": 0}, "image_size must be a whole number from 1 to 4,096, not 0"),
        ("a.onnx", {"image_size": True}, "image_size must be a whole number .* not True"),
        ("a.onnx", {"image_size": 224.0}, r"image_size must be a whole number .* not 224\.0"),
        ("a.onnx", {"batch": float("nan")}, "batch must be a whole number .* not nan"),
        ("a.onnx", {"batch": 10**9}, "batch must be a whole number from 1 to 4,096"),
        ("a.onnx", {"in_channels": 0}, "in_channels must be a whole number"),
        ("none/a.onnx", {}, r"there is no folder .*none to put a\.onnx into; make it"),
        ("", {}, "output must be the new file's path, not ''"),
        (None, {}, "output must be the new file's path, not None"),
        ("a\0.onnx", {}, "cannot be a file"),
        (".", {}, "is a folder or a device; name a file"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_downloaded(
    lite0: str,
    server: AssetServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    output: Any,
    options: dict[str, Any],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(hub.ArgumentError, match=message):
        export(lite0, output, **options)
    assert not server.requests


def test_an_id_and_an_architecture_that_nobody_knows_are_refused(
    lite0: str, tmp_path: Path
) -> None:
    with pytest.raises(hub.ModelNotFoundError):
        export("Demo/none", tmp_path / "a.onnx")
    card = tmp_path / "cards/Demo/lite0.md"
    card.write_text(card.read_text().replace("efficientnet_lite0", "efficientnet_lite00"))
    with pytest.raises(hub.ArchitectureError, match="efficientnet_lite00"):
        export(lite0, tmp_path / "a.onnx")
