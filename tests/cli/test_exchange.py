"""The commands that compare and convert cards."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner, Result

from hub.cli.exchange import convert_card, diff, schema
from hub.errors import ArgumentError, CacheError, CardError
from hub.schema import load_schema

WriteCard = Callable[..., Path]


def run(command: click.Command, *arguments: object, given: bytes = b"") -> Result:
    return CliRunner().invoke(command, list(map(str, arguments)), input=given)


def test_diff_prints_a_line_a_change_and_ends_with_1(write_card: WriteCard) -> None:
    old = write_card("old.md")
    new = write_card("new.md", replace={"76.88": "76.89", "Apache2.0": "MIT"})
    result = run(diff, old, new)
    assert result.stdout.splitlines() == [
        "~ evaluation.top1acc: top1acc 76.88 → 76.89 (+0.01)",
        "~ license: 'Apache2.0' → 'MIT'",
    ]
    assert result.exit_code == 1


def test_diff_of_cards_that_say_the_same_prints_nothing_and_ends_with_0(
    write_card: WriteCard,
) -> None:
    new = write_card("new.md", replace={"2025-3-10": "'2025-03-10'"})
    result = run(diff, write_card("old.md"), new)
    assert (result.stdout, result.exit_code) == ("", 0)


def test_diff_prints_json_for_programs(write_card: WriteCard) -> None:
    new = write_card("new.md", replace={"fine-tunable: True": "fine-tunable: False"})
    result = run(diff, write_card("old.md"), new, "--json")
    values = json.loads(result.stdout)
    assert values["same"] is False
    assert values["changes"] == [
        {
            "key": "fine-tunable",
            "old": True,
            "new": False,
            "kind": "changed",
            "note": "True → False",
        }
    ]
    assert result.exit_code == 1


def test_diff_reads_other_formats_standard_input_and_shipped_models(write_card: WriteCard) -> None:
    card = write_card("cards/MindSpore/lite0.md", name="lite0")
    converted = card.with_suffix(".yaml")
    assert run(convert_card, card, "--to", "yaml", "-o", converted).exit_code == 0
    assert run(diff, card, converted).exit_code == 0
    assert run(diff, card, "-", given=card.read_bytes()).exit_code == 0
    assert run(diff, "MindSpore/lite0", card, "--registry", card.parents[1]).exit_code == 0
    result = run(diff, "MindSpore/efficientnet_b0", "MindSpore/efficientnet_b1")
    assert "~ model-name: 'efficientnet_b0' → 'efficientnet_b1'" in result.stdout


def test_diff_shows_nothing_that_steers_a_terminal(write_card: WriteCard) -> None:
    new = write_card("new.md", replace={"license: Apache2.0": 'license: "\\e[31m\\n~ author: x"'})
    result = run(diff, write_card("old.md"), new)
    assert "\x1b" not in result.stdout
    assert len(result.stdout.splitlines()) == 1


def test_standard_input_cannot_be_both_cards() -> None:
    assert isinstance(run(diff, "-", "-").exception, ArgumentError)


@pytest.mark.parametrize(
    ("target", "name"), [("json", "card.json"), ("yaml", "card.yml"), ("hf", "README.md")]
)
def test_a_card_is_converted_to_each_format_and_back(
    write_card: WriteCard, tmp_path: Path, target: str, name: str
) -> None:
    path = write_card(version="1.10", digest="0e737186")
    output, back = tmp_path / name, tmp_path / "back.md"
    assert run(convert_card, path, "--to", target, "-o", output).output == ""
    assert run(convert_card, output, "--to", "card", "-o", back).output == ""
    assert run(diff, path, back).exit_code == 0
    assert run(convert_card, path, "--to", target).stdout_bytes == output.read_bytes()
    result = run(convert_card, "-", "--from", target, "--to", "card", given=output.read_bytes())
    assert result.stdout_bytes == back.read_bytes()


def test_json_and_yaml_are_what_other_programs_read(write_card: WriteCard) -> None:
    path = write_card(version="1.10")
    values = json.loads(run(convert_card, path, "--to", "json").stdout)
    assert values == yaml.safe_load(run(convert_card, path, "--to", "yaml").stdout)
    assert values["mindspore-version"] == "1.10"


def test_a_card_becomes_a_card_in_the_layout_of_the_specification(
    write_card: WriteCard, tmp_path: Path
) -> None:
    path = write_card(
        replace={"2025-3-10": "2025-3-9", "license: Apache2.0": "license: 'Apache2.0'"}
    )
    result = run(convert_card, path, "--to", "card")
    assert "update-time: 2025-03-09\n\nrepo-link: <https" in result.stdout
    assert "license: Apache2.0\n" in result.stdout


def test_a_readme_that_begins_with_a_title_is_a_card(write_card: WriteCard) -> None:
    path = write_card("README.md")
    result = run(convert_card, path, "--to", "json")
    assert json.loads(result.stdout)["title"] == "efficientnet_b0"


def test_what_a_foreign_readme_lacks_is_told_beside_the_card(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("---\nlicense: mit\n---\n# b0\n", encoding="utf-8")
    result = run(convert_card, readme, "--to", "card")
    assert result.stdout == "# b0\n\n---\n\nlicense: MIT\n\n---\n"
    assert "README.md does not state: model-name, backbone-name, " in result.stderr
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", b"{", r"a\.json:1: not JSON"),
        ("a.json", b"{}", r"a\.json: no card can be written of this, 13 things are wrong"),
        ("a.yaml", b"a: b: c", r"a\.yaml:1: a second"),
        ("a.json", b"\xff", r"a\.json: not UTF-8 text"),
        ("a.json", b" " * (4 * 1024 * 1024 + 1), r"a\.json: larger than 4,194,304 bytes"),
        ("none.json", None, r"none\.json: cannot be read: No such file"),
    ],
)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    error = run(convert_card, path, "--to", "card").exception
    assert isinstance(error, CardError)
    with pytest.raises(CardError, match=message):
        raise error


def test_an_output_that_cannot_be_written_is_named(write_card: WriteCard, tmp_path: Path) -> None:
    error = run(convert_card, write_card(), "--to", "json", "-o", tmp_path / "no" / "a").exception
    assert isinstance(error, CacheError)
    assert "cannot be written: No such file" in str(error)


def test_an_output_is_replaced_whole_and_a_pipe_is_written_to(
    write_card: WriteCard, tmp_path: Path
) -> None:
    card, output, other = write_card(), tmp_path / "card.json", tmp_path / "name.json"
    output.write_text("old")
    other.hardlink_to(output)  # what is written in place changes under both names
    assert run(convert_card, card, "--to", "json", "--force", "-o", output).exit_code == 0
    assert (json.loads(output.read_text())["model-name"], other.read_text()) == (
        "efficientnet_b0",
        "old",
    )
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_text()), daemon=True)
    reader.start()
    assert run(convert_card, card, "--to", "json", "-o", pipe).exit_code == 0
    assert pipe.is_fifo()
    reader.join()
    assert received == [output.read_text()]


def test_schema_prints_the_json_schema() -> None:
    result = run(schema)
    assert json.loads(result.stdout) == load_schema()
    assert result.exit_code == 0


def test_a_card_that_cannot_be_read_is_no_difference(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hub", "card", "diff", "none.md", "none.md"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "none.md" in done.stderr


def test_an_existing_file_is_replaced_only_by_force(tmp_path: Path) -> None:
    (tmp_path / "precious.json").write_text("{}")
    command = [sys.executable, "-m", "hub", "card", "convert", "MindSpore/efficientnet_b0"]
    command += ["--to", "json", "-o", "precious.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "precious.json exists; --force replaces it." in done.stderr
    assert (tmp_path / "precious.json").read_text() == "{}"
    subprocess.run([*command, "--force"], cwd=tmp_path, check=True)
    assert '"efficientnet_b0"' in (tmp_path / "precious.json").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_closed_standard_stream_is_no_traceback(tmp_path: Path, closed: str) -> None:
    command = f"{sys.executable} -m hub card convert MindSpore/efficientnet_b0 --to json {closed}"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
