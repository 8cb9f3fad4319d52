"""The command convert."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

np = pytest.importorskip("numpy")

from hub.cli import main  # noqa: E402
from hub.networks.conversion.origins import ORIGINS  # noqa: E402
from hub.networks.conversion.pairing import pair_names  # noqa: E402
from hub.networks.files.weights_file import read_weights, write_weights  # noqa: E402
from hub.networks.variants import find_variant  # noqa: E402

COUNTER = "bn1.num_batches_tracked"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    pairs = pair_names(ORIGINS["timm"], find_variant("efficientnet_lite0"), 10)
    tensors = {pair.source: np.ones(pair.shape, np.float32) for pair in pairs}
    write_weights(tmp_path / "theirs.safetensors", tensors | {COUNTER: np.array([7])})
    return tmp_path / "theirs.safetensors"


def convert(source: Path, name: str, *options: str) -> Result:
    output = source.with_name("ours.ckpt")
    arguments = ["convert", source, "--architecture", name, "-o", output, *options]
    return CliRunner().invoke(main, list(map(str, arguments)))


def as_json(done: Result) -> Any:
    return json.loads(done.stdout)["conversion"]


def test_a_conversion_says_what_became_of_the_tensors(source: Path) -> None:
    done = convert(source, "tf_efficientnet_lite0")
    assert (done.exit_code, done.stderr) == (0, "")
    rows = dict(line.split("  ", 1) for line in done.stdout.splitlines())
    facts = {name: value.strip() for name, value in rows.items()}
    assert facts["output"].endswith("ours.ckpt")
    assert (facts["origin"], facts["model-name"]) == ("timm", "efficientnet_lite0.tf")
    assert facts["classifier"] == "10 classes, 3 image channels"
    assert (facts["mapped"], facts["missing"]) == ("247 tensors", "0 tensors")
    assert facts["left over"] == "1 step counters, which MindSpore does not have"
    assert len(facts["sha256"]) == 64
    assert "attention" not in facts
    assert read_weights(source.with_name("ours.ckpt")).architecture == "efficientnet_lite0.tf"


def test_a_name_that_could_mean_two_networks_is_pointed_out(source: Path) -> None:
    done = convert(source, "efficientnet_lite0")
    assert "its names fit efficientnet_lite0.tf too: if it is one, say so" in done.stdout
    assert "efficientnet_lite0.timm" in done.stdout


def test_json_has_all_names(source: Path) -> None:
    conversion = as_json(convert(source, "tf_efficientnet_lite0", "--json"))
    assert conversion["architecture"] == "efficientnet_lite0.tf"
    assert len(conversion["mapped"]) == 247
    assert conversion["mapped"][0] == {
        "source": "conv_stem.weight",
        "target": "features.0.weight",
        "shape": [32, 3, 3, 3],
    }
    assert (conversion["missing"], conversion["left_over"]) == ([], [COUNTER])


def test_names_are_printed_on_demand(source: Path) -> None:
    lines = convert(source, "tf_efficientnet_lite0", "--names").stdout.splitlines()
    assert lines[0] == "conv_stem.weight -> features.0.weight (32, 3, 3, 3)"
    assert lines[247] == f"{COUNTER} stays behind"


def test_other_weights_are_refused_and_json_has_every_difference(source: Path) -> None:
    plain = convert(source, "efficientnet_b0")
    assert plain.exit_code == 1
    assert plain.stdout == ""
    assert plain.stderr.startswith("error: ")
    assert "It holds those of efficientnet_lite0." in plain.stderr
    done = convert(source, "efficientnet_b0", "--json")
    assert done.exit_code == 1
    failure = as_json(done)
    assert len(failure["missing"]) == 64
    assert failure["missing"][0] == "blocks.0.0.se.conv_reduce.weight"
    assert (failure["left_over"], failure["mismatched"]) == ([], [])
    assert failure["error"] in done.stderr
    assert not source.with_name("ours.ckpt").exists()


def test_an_origin_can_be_stated(source: Path) -> None:
    assert convert(source, "efficientnet_lite0", "--from", "timm").exit_code == 0
    done = convert(source, "efficientnet_lite0", "--from", "torchvision")
    assert done.exit_code == 3
    assert "torchvision, which builds no efficientnet_lite0" in done.stderr
    assert convert(source, "efficientnet_lite0", "--from", "keras").exit_code == 2


def test_every_origin_can_be_stated_and_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom hub.cli import main\n"
        "try: main(['convert', '--help'])\n"
        "finally: print(sorted({'numpy', 'mindspore', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stdout.endswith("[]\n")
    assert f"[{'|'.join(ORIGINS)}]" in done.stdout
