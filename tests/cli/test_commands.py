"""Each command: results on standard output, the rest on standard error, and its exit code."""

import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.cli import main
from tests.conftest import AssetServer, all_files, answer_status, digest_of

Run = Callable[..., "subprocess.CompletedProcess[str]"]
WriteCard = Callable[..., Path]

CONTENT = b"weights " * 1000


@pytest.fixture
def card(server: AssetServer, write_card: WriteCard) -> Path:
    link = server.serve("/b0.ckpt", CONTENT)
    return write_card(link=link, digest=digest_of(CONTENT)[:8])


def test_list_prints_one_id_a_line(run: Run) -> None:
    done = run("list", "*b0")
    assert (done.stdout, done.stderr, done.returncode) == ("MindSpore/efficientnet_b0\n", "", 0)


def test_list_of_nothing_is_empty_and_no_error(run: Run) -> None:
    done = run("list", "nothing")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_list_of_a_missing_registry_is_not_found(run: Run, tmp_path: Path) -> None:
    done = run("list", "--registry", tmp_path / "none")
    assert done.returncode == 3
    assert done.stderr.startswith("error: the registry ")
    assert done.stdout == ""


def test_info_shows_the_card_and_how_strong_its_digest_is(run: Run, card: Path) -> None:
    done = run("info", card)
    assert done.returncode == 0
    assert "evaluation  top1acc 76.88 | top5acc 93.28\n" in done.stdout
    assert f"sha256 {digest_of(CONTENT)[:8]} (weak: a prefix of 32 bits)\n" in done.stdout


def test_what_a_card_says_cannot_steer_the_terminal(run: Run, write_card: WriteCard) -> None:
    card = write_card(replace={"summary: efficientnet_b0": 'summary: "\\e]0;mine\\a" #'})
    assert "summary     \\x1b]0;mine\\x07\n" in run("info", card).stdout


def test_what_the_locale_cannot_show_is_escaped(
    run: Run, write_card: WriteCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = write_card(replace={"MindSpore team": "小明"})
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    assert r"\u5c0f\u660e" in run("info", card).stdout
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    assert "小明" in run("info", card).stdout


def test_info_as_json_has_numbers_as_numbers_and_dates_as_iso(run: Run) -> None:
    done = run("info", "MindSpore/efficientnet_b0", "--json")
    document = json.loads(done.stdout)
    card = document["card"]
    assert document["schema_version"] == 1
    assert card["id"] == "MindSpore/efficientnet_b0@2.5"
    assert card["evaluation"] == {"top1acc": 76.88, "top5acc": 93.28}
    assert card["update_time"] == "2025-03-10"
    assert card["assets"][0]["digest"] == {"hex": "f8d7aa2a", "complete": False}


@pytest.mark.parametrize(
    ("model_id", "code", "message"),
    [
        ("MindSpore/efficientnet_b9", 3, "did you mean MindSpore/efficientnet_b"),
        ("efficientnet_b0", 2, "lacks its owner: write MindSpore/efficientnet_b0"),
        ("efficientnet b0", 2, "does not name a model"),
        ("a" * 300 + ".md", 3, "there is no card file"),
        ("../../etc/passwd", 2, "does not name a model"),
        ("/etc/passwd", 2, "does not name a model"),
        ("/none.md", 3, "there is no card file /none.md"),
        ("a/" + "b" * 10_000, 2, "does not name a model"),
        ("http://example.org/x.md", 4, "only https is safe"),
    ],
)
def test_an_id_that_does_not_resolve_has_its_exit_code(
    run: Run, model_id: str, code: int, message: str
) -> None:
    for command in ("info", "fetch"):
        done = run(command, model_id)
        assert (done.returncode, done.stdout) == (code, "")
        assert done.stderr.startswith("error: ")
        assert message in done.stderr


def test_fetch_prints_the_path_alone(run: Run, card: Path, cache_folder: Path) -> None:
    done = run("fetch", card)
    path = Path(done.stdout.removesuffix("\n"))
    assert (path.read_bytes(), path.name, done.stderr) == (CONTENT, "b0.ckpt", "")
    assert path.is_relative_to(cache_folder)


def test_fetch_as_json_states_size_and_whole_digest(run: Run, card: Path) -> None:
    file = json.loads(run("fetch", card, "--json").stdout)["file"]
    assert (file["size"], file["sha256"]) == (len(CONTENT), digest_of(CONTENT))


def test_fetch_of_a_format_that_is_not_there_is_not_found(run: Run, card: Path) -> None:
    done = run("fetch", card, "--file-format", "onnx")
    assert done.returncode == 3
    assert "has no onnx asset; it has: ckpt" in done.stderr


def test_fetch_of_a_wrong_file_is_an_integrity_error(
    run: Run, card: Path, server: AssetServer, cache_folder: Path
) -> None:
    server.serve("/b0.ckpt", b"other")
    done = run("fetch", card)
    assert done.returncode == 5
    assert {name.partition("/")[0] for name in all_files(cache_folder)} == {"quarantine"}
    assert "is not the file that the card means" in done.stderr


def test_fetch_of_a_missing_file_is_a_network_error(
    run: Run, card: Path, server: AssetServer
) -> None:
    server.behave("/b0.ckpt", answer_status(404))
    done = run("fetch", card)
    assert done.returncode == 4
    assert "answered 404 Not Found" in done.stderr


def test_fetch_offline_is_a_network_error(
    run: Run, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    done = run("fetch", card)
    assert done.returncode == 4
    assert "MSHUB_OFFLINE is set; unset it" in done.stderr


def test_fetch_without_a_digest_needs_a_word(run: Run, card: Path) -> None:
    card.write_text(card.read_text().replace(f"  asset-sha256: {digest_of(CONTENT)[:8]}\n", ""))
    assert run("fetch", card).returncode == 5
    assert run("fetch", card, "--allow-unverified").returncode == 0


def test_fetch_into_a_cache_that_cannot_be_written_is_a_cache_error(
    run: Run, card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MSHUB_CACHE", str(tmp_path / "file"))
    for command in (("fetch", card), ("cache", "ls")):
        done = run(*command)
        assert done.returncode == 6
        assert "choose another folder with MSHUB_CACHE" in done.stderr


def test_a_wrong_setting_is_wrong_use(
    run: Run, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSHUB_OFFLINE", "perhaps")
    assert run("fetch", card).returncode == 2
    monkeypatch.setenv("MSHUB_OFFLINE", "0")
    monkeypatch.setenv("MSHUB_MIRRORS", "nonsense")
    done = run("fetch", card)
    assert done.returncode == 2
    assert "is not PREFIX=REPLACEMENT" in done.stderr


def test_version(run: Run) -> None:
    assert run("--version").stdout.startswith("mshub, version 0.")


def test_env_shows_a_bad_setting_in_its_row(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSHUB_OFFLINE", "perhaps")
    done = run("env")
    assert done.returncode == 0
    assert "cannot work: MSHUB_OFFLINE='perhaps': write 1" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_standard_output_is_an_error_without_a_traceback() -> None:
    for arguments in ("info MindSpore/efficientnet_b0", "--version", "--help"):
        command = f"{sys.executable} -m hub {arguments} > /dev/full"
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        assert (done.returncode != 0, "Traceback" in done.stderr) == (True, False)


def test_a_metric_of_any_size_is_valid_json(run: Run, write_card: WriteCard) -> None:
    card = write_card(replace={"top1acc76.88": "loss1e999", "top5acc93.28": "acc1e99"})
    metrics = json.loads(run("info", card, "--json").stdout, parse_constant=pytest.fail)
    assert metrics["card"]["evaluation"] == {"acc": 1e99, "loss1e": 999.0}


def test_an_unknown_command_is_wrong_use(run: Run) -> None:
    assert run("nonsense").returncode == 2


def test_a_reader_that_goes_away_causes_no_traceback(run: Run) -> None:
    command = f"{sys.executable} -m hub info MindSpore/efficientnet_b0 --json | head -1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("{\n", "")


@pytest.mark.parametrize(
    "command",
    ["list", "info", "validate", "fetch", "load", "convert", "cache dir", "cache ls", "env"],
)
def test_every_command_has_help_with_examples_and_json(command: str) -> None:
    done = CliRunner().invoke(main, [*command.split(), "--help"])
    assert done.exit_code == 0
    assert f"Examples:\n    hub {command}" in done.output
    assert "--json" in done.output


def test_the_help_lists_every_command() -> None:
    done = CliRunner().invoke(main, ["--help"])
    for name in ("list", "info", "validate", "fetch", "load", "convert", "cache", "env"):
        assert f"\n  {name} " in done.output


@pytest.mark.parametrize("program", ["hub", "mshub"])
def test_both_programs_are_installed(program: str) -> None:
    path = Path(sys.executable).with_name(program)
    done = subprocess.run([path, "list"], capture_output=True, text=True, check=True)
    assert "MindSpore/efficientnet_b1\n" in done.stdout


def test_a_progress_bar_is_shown_on_a_terminal_and_only_there(card: Path) -> None:
    fcntl, pty, termios = map(pytest.importorskip, ("fcntl", "pty", "termios"))
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, "-m", "hub", "fetch", str(card)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal) as child:
        os.close(terminal)
        stdout = child.stdout.read()
    shown = b""
    try:
        while chunk := os.read(controller, 4096):
            shown += chunk
    except OSError:  # Linux ends a terminal without writers with EIO
        pass
    os.close(controller)
    assert stdout.endswith(b"b0.ckpt\n")
    assert b"b0.ckpt: " in shown
    assert b"8.00k" in shown
