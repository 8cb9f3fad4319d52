"""``hub env`` and ``hub doctor``, each in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hub.settings import TABLE

Done = "subprocess.CompletedProcess[str]"


@pytest.fixture(autouse=True)
def quick_mindspore(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a package that is imported in no time before MindSpore, which takes seconds."""
    package = tmp_path / "packages" / "mindspore"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("__version__ = '2.10.0'\n")
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    return package / "__init__.py"


def run(command: str, *arguments: str) -> Done:
    code = f"from hub.cli.diagnosis import {command}; {command}()"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    return done


def test_env_shows_settings_variables_and_versions(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ada:secret@proxy:3128")
    monkeypatch.setenv("MSHUB_TOKEN", "hush-hush")
    done = run("env")
    lines = {line.split()[0]: line.split() for line in done.stdout.splitlines() if line}
    assert done.returncode == 0
    assert lines["MSHUB_CACHE"][1:3] == [str(cache_folder), "(environment)"]
    assert lines["MSHUB_OFFLINE"][1:3] == ["0", "(default)"]
    assert lines["MSHUB_TOKEN"][1:3] == ["set", "(environment)"]
    assert lines["HTTPS_PROXY"][1:3] == ["http://***@proxy:3128", "(environment)"]
    assert "not read by requests: REQUESTS_CA_BUNDLE is" in done.stdout
    assert lines["mshub"]


def test_env_gives_the_same_to_programs() -> None:
    document = json.loads(run("env", "--json").stdout)
    assert document["schema_version"] == 1
    assert [row["variable"] for row in document["settings"]] == [row.variable for row in TABLE]
    assert {row["variable"] for row in document["variables"]} >= {"HTTPS_PROXY", "NO_PROXY"}
    assert document["versions"]["python"]


def test_doctor_tells_a_line_a_check_and_succeeds() -> None:
    done = run("doctor", "--offline")
    assert (done.returncode, done.stderr) == (0, "")
    *checks, blank, summary = done.stdout.splitlines()
    assert blank == ""
    told = [line for line in checks if line.split()[0] in {"ok", "warning"}]
    assert summary.startswith(f"{len(told)} checks, 0 failed, ")
    assert any(line.startswith("ok       MindSpore") for line in checks)
    assert any(line.endswith("not asked: no host was to be asked") for line in checks)


def test_doctor_fails_with_the_next_step_where_something_fails(tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    done = run("doctor", "--offline")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    (number,) = [n for n, line in enumerate(lines) if line.startswith("failed   cache folder")]
    assert lines[number].endswith("is a file")
    assert lines[number + 1].strip() == (
        f"next: remove {tmp_path / 'cache'}, or choose another folder with MSHUB_CACHE"
    )
    assert ", 1 failed, " in lines[-1]


def test_a_warning_is_no_failure(quick_mindspore: Path) -> None:
    quick_mindspore.write_text("__version__ = '2.5.0'\n")
    done = run("doctor", "--offline", "--json")
    document = json.loads(done.stdout)
    statuses = {check["name"]: check["status"] for check in document["checks"]}
    assert (statuses["MindSpore"], document["ok"], done.returncode) == ("warning", True, 0)


def test_doctor_gives_the_same_to_programs(quick_mindspore: Path) -> None:
    quick_mindspore.write_text("raise SystemError('no driver')\n")
    done = run("doctor", "--offline", "--json")
    document = json.loads(done.stdout)
    assert (document["schema_version"], document["ok"], done.returncode) == (1, False, 1)
    (check,) = [check for check in document["checks"] if check["status"] == "failed"]
    assert set(check) == {"name", "status", "found", "advice"}
    assert (check["name"], check["found"]) == (
        "MindSpore",
        "installed, but cannot be imported: SystemError: no driver",
    )
    assert check["advice"]


def test_what_is_found_cannot_steer_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSHUB_REGISTRY", "/none\x1b[31m\nfoo")
    done = run("doctor", "--offline")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert "registry /none\\x1b[31m\\nfoo" in done.stdout


def test_doctor_leaves_nothing_behind(cache_folder: Path) -> None:
    cache_folder.mkdir()
    run("doctor", "--offline")
    assert list(cache_folder.iterdir()) == []
