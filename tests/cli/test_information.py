"""``hub info``: what a card says, and the stages of its network."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli.information import info

WriteCard = Callable[..., Path]

B0_TABLE = """\
network     efficientnet_b0: 5,288,548 parameters, 386 M multiply-adds for an image of 224 x 224

STAGE       OPERATOR       STRIDE  CHANNELS  REPEATS  INPUT  OUTPUT  PARAMETERS  MULT-ADDS
stem        Conv3x3             2        32        1    224     112         928     10.8 M
1           MBConv1, k3x3       1        16        1    112     112       1,448     10.0 M
2           MBConv6, k3x3       2        24        2    112      56      16,714     54.9 M
3           MBConv6, k5x5       2        40        2     56      28      46,640     37.9 M
4           MBConv6, k3x3       2        80        3     28      14     242,930     43.6 M
5           MBConv6, k5x5       1       112        3     14      14     543,148     86.1 M
6           MBConv6, k5x5       2       192        4     14       7   2,026,348     91.5 M
7           MBConv6, k3x3       1       320        1      7       7     717,232     29.5 M
head        Conv1x1             1      1280        1      7       7     412,160     20.1 M
classifier  Mean, Dense         7      1000        1      7       1   1,281,000     1.28 M
total                                                                 5,288,548      386 M
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(info, [*map(str, arguments)], catch_exceptions=False)


def test_a_network_of_ours_is_shown_stage_by_stage() -> None:
    done = run("MindSpore/efficientnet_b0")
    assert done.exit_code == 0
    assert done.output.startswith("id          MindSpore/efficientnet_b0@2.5\n")
    assert done.output.endswith(B0_TABLE)


@pytest.mark.parametrize("name", ["efficientnet_v2_xl", "efficientnet_b7", "efficientnet_lite4"])
def test_the_table_of_the_largest_networks_fits_a_hundred_columns(
    write_card: WriteCard, name: str
) -> None:
    lines = run(write_card(name=name)).output.splitlines()
    table = lines[lines.index("") + 1 :]
    assert len({*map(len, table)}) == 1, "the columns are not aligned"
    assert len(table[0]) <= 100


def test_a_network_of_somebody_else_has_no_table(write_card: WriteCard) -> None:
    card = write_card(name="resnet50")
    output = run(card).output
    assert output.endswith(f"\ncard        {card}\n")
    assert "STAGE" not in output
    assert json.loads(run(card, "--json").output)["network"] is None


def test_json_has_the_stages_as_numbers() -> None:
    document = json.loads(run("MindSpore/efficientnet_b0", "--json").output)
    network = document["network"]
    assert document["card"]["evaluation"] == {"top1acc": 76.88, "top5acc": 93.28}
    assert network.pop("stages")[6] == {
        "name": "6",
        "operator": "MBConv6, k5x5",
        "stride": 2,
        "channels": 192,
        "repeats": 4,
        "input_size": 14,
        "output_size": 7,
        "parameters": 2026348,
        "multiply_adds": 91528224,
    }
    assert network == {
        "architecture": "efficientnet_b0",
        "resolution": 224,
        "in_channels": 3,
        "parameters": 5288548,
        "multiply_adds": 385814752,
    }


def test_neither_mindspore_nor_numpy_is_imported() -> None:
    code = (
        "import sys; from hub.cli.information import info;"
        "info.main(['MindSpore/efficientnet_b0'], standalone_mode=False);"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *table, modules = done.stdout.splitlines()
    assert table[-1].startswith("total")
    assert not {"mindspore", "numpy", "requests"} & set(modules.split())
