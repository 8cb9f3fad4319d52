"""What the README says works as written."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from hub import settings

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_settings_of_the_readme_are_the_table_of_the_code() -> None:
    rows = re.findall(r"^\| `(MSHUB_\w+)` \| .* \| (.*) \|$", README, re.MULTILINE)
    assert [row[0] for row in rows] == [setting.variable for setting in settings.TABLE]
    for (_, default), setting in zip(rows, settings.TABLE, strict=True):
        assert default.replace("`", "") == setting.default


COMMANDS = re.findall(r"^hub .*$", README, re.MULTILINE)


def test_the_readme_has_ten_commands() -> None:
    assert len(COMMANDS) == 10


@pytest.mark.parametrize("command", [c for c in COMMANDS if "examples/output" not in c])
def test_a_command_of_the_readme_works_as_written(command: str) -> None:
    if command.startswith("hub load"):
        pytest.importorskip("mindspore")
    arguments = [sys.executable, "-m", *shlex.split(command)]
    folder = Path(__file__).parents[1]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
