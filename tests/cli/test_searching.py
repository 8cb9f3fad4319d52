"""``hub search``: a line for each model that is found."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli.searching import search
from hub.errors import ArgumentError

WriteCard = Callable[..., Path]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(search, [*map(str, arguments)], catch_exceptions=False)


def test_each_model_has_a_line_with_what_one_chooses_by() -> None:
    done = run("efficientnet")
    assert done.exit_code == 0
    assert done.stderr == ""
    heading, *lines = done.stdout.splitlines()
    assert heading.split("  ")[0] == "ID"
    assert [" ".join(line.split()) for line in lines] == [
        f"MindSpore/{name}@2.5 {name} ImageNet2012 top1acc {accuracy} {name} is used for cv"
        for name, accuracy in (("efficientnet_b0", 76.88), ("efficientnet_b1", 78.95))
    ]


def test_several_words_need_no_quotes() -> None:
    assert run("efficientnet", "b1").stdout == run("efficientnet b1").stdout != ""


def test_json_has_numbers_as_numbers() -> None:
    document = json.loads(run("efficientnet_b0", "--json").stdout)
    assert document["schema_version"] == 1
    assert document["found"] == 1
    (model,) = document["models"]
    assert model["id"] == "MindSpore/efficientnet_b0@2.5"
    assert model["evaluation"] == {"top1acc": 76.88, "top5acc": 93.28}
    assert model["source"].endswith("efficientnet_b0.md")


def test_nothing_found_is_no_error(tmp_path: Path, write_card: WriteCard) -> None:
    write_card()
    done = run("zzzz", "--registry", tmp_path / "cards")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "no card says that; `hub list` names all models\n"
    assert json.loads(run("zzzz", "--json").stdout) == {
        "schema_version": 1,
        "found": 0,
        "models": [],
    }


def test_what_a_limit_leaves_out_is_said() -> None:
    done = run("efficientnet", "--limit", 1)
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == "1 more model; see them with --limit 2\n"
    assert json.loads(run("efficientnet", "--limit", 1, "--json").stdout)["found"] == 2
    assert run("efficientnet", "--limit", 0).exit_code == 2


def test_a_card_cannot_break_the_table_or_steer_the_terminal(
    tmp_path: Path, write_card: WriteCard
) -> None:
    write_card(
        replace={
            "top1acc76.88 | top5acc93.28": "-",
            "summary: efficientnet_b0": 'summary: "\\e]0;mine\\a\\n' + "x" * 999 + '" #',
        }
    )
    done = run("efficientnet", "--registry", tmp_path / "cards")
    _, line = done.stdout.splitlines()
    assert "\x1b" not in line
    assert " -  " in line
    assert line.endswith(r"\x1b]0;mine\x07 " + "x" * 999)


def test_a_wrong_field_is_a_wrong_use() -> None:
    with pytest.raises(ArgumentError, match="there is no field 'licence'") as caught:
        run("licence:mit")
    assert caught.value.exit_code == 2
