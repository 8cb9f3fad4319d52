"""The whole path: from an id to a ready network, over real servers and with real MindSpore."""

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import hub
from tests.conftest import AssetServer, all_files, answer_status, digest_of

mindspore = pytest.importorskip("mindspore")
pytestmark = pytest.mark.mindspore

np = pytest.importorskip("numpy")

WriteCard = Callable[..., Path]
IMAGE = np.linspace(-2, 2, 3 * 64 * 64, dtype=np.float32).reshape(1, 3, 64, 64)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, bytes]:
    """A Lite0 with weights and statistics of its own, and its checkpoint."""
    from hub.networks.builders import build_network
    from hub.networks.options import NetworkOptions

    network = build_network("efficientnet_lite0", NetworkOptions(num_classes=20))
    random = np.random.default_rng(0)
    for parameter in network.get_parameters():
        low, high = (0.5, 1.5) if "variance" in parameter.name else (-0.1, 0.1)
        values = random.uniform(low, high, parameter.shape).astype(np.float32)
        parameter.set_data(mindspore.Tensor(values))
    path = tmp_path_factory.mktemp("trained") / "lite0.ckpt"
    mindspore.save_checkpoint(network, str(path))
    return network, path.read_bytes()


@pytest.fixture
def checkpoint(trained: tuple[object, bytes]) -> bytes:
    return trained[1]


@pytest.fixture
def root(
    checkpoint: bytes,
    server: AssetServer,
    write_card: WriteCard,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A registry with a card of the trained network, whose file the server has."""
    link = server.serve("/lite0.ckpt", checkpoint)
    digest = digest_of(checkpoint)[:8]
    write_card("cards/Demo/lite0.md", name="efficientnet_lite0", link=link, digest=digest)
    monkeypatch.setenv("MSHUB_REGISTRY", str(tmp_path / "cards"))
    return tmp_path / "cards"


def run(network: object) -> object:
    return network(mindspore.Tensor(IMAGE)).asnumpy()


def test_a_loaded_network_computes_what_the_trained_one_does(
    root: Path, trained: tuple[object, bytes]
) -> None:
    network = hub.load("demo/LITE0")
    assert not network.training
    np.testing.assert_allclose(run(network), run(trained[0]), rtol=1e-6)
    np.testing.assert_array_equal(network.mlp_head.weight, trained[0].mlp_head.weight)


def test_a_second_load_makes_no_request(root: Path, server: AssetServer) -> None:
    first = run(hub.load("Demo/lite0"))
    assert len(server.requests) == 1
    server.stop()
    np.testing.assert_array_equal(run(hub.load("Demo/lite0")), first)


def test_a_path_a_url_and_a_uid_load_the_same(root: Path, server: AssetServer) -> None:
    url = server.serve("/cards/lite0.md", (root / "Demo/lite0.md").read_bytes())
    wanted = run(hub.load("Demo/lite0"))
    for model_id in (root / "Demo/lite0.md", url, "Demo/2.5/lite0", "Demo/efficientnet_lite0@2.5"):
        np.testing.assert_array_equal(run(hub.load(model_id)), wanted)


def test_weights_come_through_a_mirror(
    root: Path, server: AssetServer, checkpoint: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.serve("/mirror/lite0.ckpt", checkpoint)
    server.behave("/lite0.ckpt", answer_status(500))
    monkeypatch.setenv("MSHUB_MIRRORS", f"{server.origin}/={server.origin}/mirror/")
    assert run(hub.load("Demo/lite0")).shape == (1, 20)


def test_a_checkpoint_that_changed_on_disk_is_fetched_again(
    root: Path, server: AssetServer, checkpoint: bytes
) -> None:
    path = hub.fetch("Demo/lite0")
    path.chmod(0o644)
    path.write_bytes(checkpoint[:-1] + b"\0")
    assert run(hub.load("Demo/lite0")).shape == (1, 20)
    assert path.read_bytes() == checkpoint
    assert len(server.requests) == 2


def test_other_classes_get_a_fresh_head_and_keep_the_rest(
    root: Path, trained: tuple[object, bytes]
) -> None:
    network = hub.load("Demo/lite0", num_classes=7)
    assert run(network).shape == (1, 7)
    ours, theirs = network.parameters_dict(), trained[0].parameters_dict()
    for name in set(ours) - {"mlp_head.weight", "mlp_head.bias"}:
        np.testing.assert_array_equal(ours[name], theirs[name])
    assert np.ptp(ours["mlp_head.weight"].asnumpy()) > 0


def test_other_channels_adapt_the_first_convolution(
    root: Path, trained: tuple[object, bytes]
) -> None:
    grey = hub.load("Demo/lite0", in_channels=1)
    image = np.repeat(IMAGE[:, :1], 3, axis=1)
    np.testing.assert_allclose(
        grey(mindspore.Tensor(image[:, :1])).asnumpy(),
        trained[0](mindspore.Tensor(image)).asnumpy(),
        rtol=1e-3,
        atol=1e-4,
    )


def test_without_pretrained_nothing_is_fetched(root: Path, server: AssetServer) -> None:
    network = hub.load("Demo/lite0", pretrained=False, num_classes=5)
    assert run(network).shape == (1, 5)
    assert server.requests == []


def test_the_weights_alone_can_be_had_for_any_architecture(
    root: Path, trained: tuple[object, bytes]
) -> None:
    card = root / "Demo/lite0.md"
    card.write_text(card.read_text().replace("efficientnet_lite0", "alexnet"))
    weights = hub.load_weights("Demo/lite0")
    assert list(weights) == list(trained[0].parameters_dict())
    np.testing.assert_array_equal(weights["mlp_head.bias"], trained[0].mlp_head.bias)


@pytest.mark.parametrize("pretrained", [True, False])
def test_an_unknown_architecture_is_refused_before_any_download(
    root: Path, server: AssetServer, pretrained: bool
) -> None:
    card = root / "Demo/lite0.md"
    card.write_text(card.read_text().replace("efficientnet_lite0", "alexnet"))
    with pytest.raises(hub.ArchitectureError, match=r"hub\.fetch.*hub\.load_weights") as caught:
        hub.load("Demo/lite0", pretrained=pretrained)
    assert "efficientnet_b0" in caught.value.known
    assert server.requests == []


@pytest.mark.parametrize("argument", ["num_classes", "in_channels"])
@pytest.mark.parametrize("value", [0, -1, "ten", 1.5, True])
@pytest.mark.parametrize("pretrained", [True, False])
def test_a_number_that_cannot_be_one_is_refused_before_any_download(
    root: Path, server: AssetServer, argument: str, value: object, pretrained: bool
) -> None:
    with pytest.raises(hub.ArgumentError, match=f"{argument} must be a whole number .*{value!r}"):
        hub.load("Demo/lite0", pretrained=pretrained, **{argument: value})
    assert server.requests == []


def publish(root: Path, server: AssetServer, content: bytes) -> None:
    """Let card and server agree on other content, so that the digest is right."""
    server.serve("/lite0.ckpt", content)
    card = root / "Demo/lite0.md"
    lines = card.read_text().splitlines(keepends=True)
    digest = f"  asset-sha256: {digest_of(content)}\n"
    card.write_text("".join(digest if "asset-sha256" in line else line for line in lines))


def test_a_truncated_checkpoint_is_refused_though_its_digest_is_right(
    root: Path, server: AssetServer, checkpoint: bytes
) -> None:
    publish(root, server, checkpoint[: len(checkpoint) // 2])
    with pytest.raises(hub.CheckpointError, match=r"lite0\.ckpt"):
        hub.load("Demo/lite0")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 1000,
    ],
    ids=["an empty file", "zeros"],
)
def test_what_is_no_checkpoint_is_refused(root: Path, server: AssetServer, content: bytes) -> None:
    publish(root, server, content)
    with pytest.raises(hub.CheckpointError):
        hub.load("Demo/lite0")


def test_a_pickle_is_refused_though_its_digest_is_right(root: Path, server: AssetServer) -> None:
    publish(root, server, pickle.dumps({"weights": [1.0]}))
    with pytest.raises(hub.UnsafeFileError, match="a pickle, which is a program"):
        hub.load("Demo/lite0")


def test_a_checkpoint_of_another_variant_is_refused_with_all_differences(
    root: Path, server: AssetServer
) -> None:
    card = root / "Demo/lite0.md"
    card.write_text(card.read_text().replace("efficientnet_lite0", "efficientnet_b0"))
    with pytest.raises(hub.WeightsError, match="missing") as caught:
        hub.load("Demo/lite0")
    assert any("conv_reduce" in name for name in caught.value.missing)


def test_a_network_that_lives_until_the_end_leaves_standard_error_empty(root: Path) -> None:
    code = "import hub\nnetwork = hub.load('Demo/lite0')\nprint(network.training)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_a_card_at_a_url_is_asked_for_once_to_load_weights(root: Path, server: AssetServer) -> None:
    url = server.serve("/cards/lite0.md", (root / "Demo/lite0.md").read_bytes())
    assert len(hub.load_weights(url)) == 247
    assert [path for path, _ in server.requests] == ["/cards/lite0.md", "/lite0.ckpt"]


def test_an_engine_uses_the_callers_cache_with_its_shared_layers(
    root: Path, server: AssetServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    shared = tmp_path / "shared"
    with caplog.at_level("INFO", "hub.networks.engines.onnx_network"):
        hub.load("Demo/lite0", engine="onnxruntime", cache=shared)
        assert "exporting efficientnet_lite0 for onnxruntime" in caplog.text
        caplog.clear()
        own = hub.Cache(tmp_path / "own", shared=[shared])
        assert run(hub.load("Demo/lite0", engine="onnxruntime", cache=own)).shape == (1, 20)
    assert not caplog.text
    assert len(server.requests) == 1


def test_two_processes_at_once_load_the_same_network(root: Path, server: AssetServer) -> None:
    code = "import hub\nprint(hub.load('Demo/lite0').mlp_head.bias.asnumpy().sum())\n"
    command = [sys.executable, "-c", code]
    children = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    results = [child.communicate(timeout=120) for child in children]
    assert results[0] == results[1]
    assert results[0][1] == ""
    assert len(server.requests) == 1


def test_hub_load_reports_network_digest_and_times(root: Path, checkpoint: bytes) -> None:
    command = [sys.executable, "-m", "hub", "load", "Demo/lite0", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    facts = json.loads(done.stdout)
    assert (facts["architecture"], facts["tensors"]) == ("efficientnet_lite0", 247)
    assert facts["trainable_parameters"] == 4_652_008 - 980 * 1281
    assert facts["file"]["sha256"] == digest_of(checkpoint)
    assert set(facts["seconds"]) >= {"resolve the card", "fetch and verify", "build and fill"}
    text = subprocess.run(command[:-1], capture_output=True, text=True, check=True).stdout
    assert "3,396,628 trainable" in text
    assert f"sha256        {digest_of(checkpoint)}\n" in text
    assert "weak: a prefix of 32 bits" in text


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["Demo/lite0", "--num-classes", "0"], 2, "num_classes must be a whole number"),
        (["Demo/lite0", "--num-classes", "ten"], 2, "'ten' is not a valid integer"),
        (["Demo/lite1"], 3, "did you mean Demo/lite0?"),
    ],
)
def test_hub_load_fails_with_a_message_and_a_code(
    root: Path, arguments: list[str], code: int, message: str
) -> None:
    command = [sys.executable, "-m", "hub", "load", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_without_mindspore_the_error_says_what_to_install(
    root: Path, server: AssetServer, cache_folder: Path
) -> None:
    """MindSpore is hidden from a child process as if it were not installed."""
    code = """
import sys
sys.modules["mindspore"] = None
from hub.cli import main
main(["load", "Demo/lite0"], prog_name="hub")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 7
    assert 'pip install "mshub[mindspore]"' in done.stderr
    assert (server.requests, all_files(cache_folder)) == ([], [])
