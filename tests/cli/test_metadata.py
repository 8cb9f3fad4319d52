"""The commands ``hub card new``, ``get``, ``set`` and ``fmt``."""

import json
import os
import stat
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cards.document import Document
from hub.cards.record import build_card
from hub.cli.metadata import card
from hub.errors import ArgumentError, CacheError, CardError

CARD = """\
# lite0

---

model-name: lite0

update-time: 2025-3-10  # mc: ignore[MC304]

repo-link: <https://example.org/lite0>

asset:

- file-format: ckpt
  asset-link: <https://example.org/lite0.ckpt>

license: Apache2.0

---

Hello.
"""
NEW = (
    "--name=lite0", "--user-id=smith", "--author=A. Smith", "--module-type=cv",
    "--summary=Sorts pictures.", "--repo-link=https://example.org/lite0",
    "--mindspore-version=2.10",
)  # fmt: skip


def run(*arguments: object, stdin: str | bytes | None = None) -> Result:
    """Run a command in this process; what it raises is in ``exception``."""
    return CliRunner().invoke(card, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "lite0.md"
    path.write_bytes(CARD.encode())
    return path


def test_get_prints_one_value_alone(path: Path) -> None:
    done = run("get", path, "update-time")
    assert (done.stdout, done.stderr, done.exit_code) == ("2025-3-10\n", "", 0)
    assert run("get", path, "repo-link").stdout == "https://example.org/lite0\n"


def test_get_prints_several_values_with_their_keys(path: Path) -> None:
    done = run("get", path, "license", "asset[0].file-format", "asset")
    assert done.stdout.splitlines() == [
        "license: Apache2.0",
        "asset[0].file-format: ckpt",
        "asset[0].file-format: ckpt",
        "asset[0].asset-link: https://example.org/lite0.ckpt",
    ]
    assert run("get", path, "asset").stdout.splitlines() == done.stdout.splitlines()[2:]


def test_get_without_a_key_prints_all_of_the_header(path: Path) -> None:
    lines = run("get", path).stdout.splitlines()
    assert (lines[0], len(lines)) == ("model-name: lite0", 6)


def test_get_as_json(path: Path) -> None:
    done = json.loads(run("get", path, "asset", "license", "--json").stdout)
    link = "https://example.org/lite0.ckpt"
    assert done["values"] == {
        "asset": [{"file-format": "ckpt", "asset-link": link}],
        "license": "Apache2.0",
    }
    assert next(iter(json.loads(run("get", path, "--json").stdout)["values"])) == "model-name"


def test_get_of_a_missing_key_is_an_error_that_lists_the_others(path: Path) -> None:
    done = run("get", path, "author")
    assert isinstance(done.exception, ArgumentError)
    assert "it has: model-name, update-time" in str(done.exception)


def test_get_of_standard_input() -> None:
    assert run("get", "-", "license", stdin=CARD).stdout == "Apache2.0\n"


def test_get_cannot_steer_the_terminal() -> None:
    text = CARD.replace("Apache2.0", '"\\e]0;mine\\a"')
    assert run("get", "-", "license", stdin=text).stdout == "\\x1b]0;mine\\x07\n"


@pytest.mark.parametrize(
    "words", [("update-time=2026-1-2",), ("update-time", "2026-01-02")], ids=["one", "two"]
)
def test_set_changes_the_line_and_keeps_the_mode(path: Path, words: tuple[str, ...]) -> None:
    path.chmod(0o640)
    done = run("set", path, *words)
    assert (done.stdout, done.stderr) == ("", f"{path}: 1 value set\n")
    assert path.read_bytes() == CARD.replace("2025-3-10", "2026-01-02").encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_set_several_values_at_once_or_none_of_them(path: Path) -> None:
    done = run("set", path, "license=MIT", "update-time=banana")
    assert isinstance(done.exception, ArgumentError)
    assert path.read_text() == CARD
    run("set", path, "license=a=b", "asset[0].asset-sha256=f8d7aa2a")
    assert "license: a=b\n" in path.read_text()
    assert "\n  asset-sha256: f8d7aa2a\n" in path.read_text()


def test_set_to_what_is_there_writes_nothing(path: Path) -> None:
    before = path.stat()
    done = run("set", path, "license=Apache2.0")
    assert done.stderr == f"{path}: nothing to change\n"
    assert path.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("flag", ["--diff", "--dry-run"])
def test_set_with_diff_shows_the_change_and_makes_none(path: Path, flag: str) -> None:
    done = run("set", path, "license=MIT", flag)
    assert "-license: Apache2.0\n+license: MIT\n" in done.stdout
    assert (done.exit_code, path.read_text()) == (0, CARD)


def test_set_keeps_windows_line_ends_also_through_a_pipe(path: Path) -> None:
    windows = CARD.replace("\n", "\r\n").encode()
    wanted = windows.replace(b"Apache2.0", b"MIT")
    path.write_bytes(windows)
    run("set", path, "license=MIT")
    assert path.read_bytes() == wanted
    assert run("set", "-", "license=MIT", stdin=windows).stdout_bytes == wanted


def test_set_of_a_link_keeps_the_link(path: Path) -> None:
    link = path.with_name("link.md")
    link.symlink_to(path.name)
    run("set", link, "license=MIT")
    assert (link.is_symlink(), "license: MIT" in path.read_text()) == (True, True)


@pytest.mark.parametrize("words", [(), ("license",), ("=MIT",), ("license=MIT", "author")])
def test_set_of_no_pair_is_wrong_use(path: Path, words: tuple[str, ...]) -> None:
    done = run("set", path, *words)
    assert (done.exit_code, done.stdout, path.read_text()) == (2, "", CARD)


def test_a_file_that_is_not_there_is_a_card_error(tmp_path: Path) -> None:
    for words in (("get", tmp_path / "none.md"), ("set", tmp_path / "none.md", "license=MIT")):
        assert isinstance(run(*words).exception, CardError)


def test_fmt_writes_cards_and_says_how_many(path: Path) -> None:
    other = path.with_name("other.md")
    run("fmt", path)
    other.write_text(CARD)
    done = run("fmt", path.parent)
    assert done.stderr == "1 card formatted, 1 card left as it is\n"
    assert (done.stdout, done.exit_code, other.read_text()) == ("", 0, path.read_text())
    assert "update-time: 2025-03-10  # mc:" in path.read_text()


def test_fmt_with_check_or_diff_fails_where_something_would_change(path: Path) -> None:
    done = run("fmt", "--check", path)
    assert (done.exit_code, done.stdout) == (1, f"Would format {path}\n")
    assert done.stderr == "1 card would be formatted, 0 cards left as they are\n"
    done = run("fmt", "--diff", path)
    assert done.exit_code == 1
    assert "+update-time: 2025-03-10" in done.stdout
    assert path.read_text() == CARD
    run("fmt", path)
    assert [run("fmt", flag, path).exit_code for flag in ("--check", "--diff")] == [0, 0]


def test_fmt_of_standard_input_goes_to_standard_output() -> None:
    formatted = run("fmt", "-", stdin=CARD.replace("\n", "\r\n"))
    assert formatted.stdout_bytes == CARD.replace("2025-3-10", "2025-03-10").encode()
    assert run("fmt", "-", stdin=formatted.stdout_bytes).stdout_bytes == formatted.stdout_bytes
    assert run("fmt", "--check", "-", stdin=CARD).exit_code == 1


def test_fmt_leaves_a_header_with_faults_and_says_so(path: Path) -> None:
    path.write_text(CARD.replace("license", "what is this\nlicense"))
    done = run("fmt", "--check", path)
    assert done.exit_code == 0
    assert done.stderr.startswith(f"warning: {path}:16:1: ")
    assert "its header stays as it is\n" in done.stderr


def test_fmt_passes_over_other_files_below_a_folder_but_not_named_ones(path: Path) -> None:
    notes = path.with_name("notes.md")
    notes.write_text("notes\r\n")
    run("fmt", path)
    assert run("fmt", "--check", path.parent).exit_code == 0
    done = run("fmt", notes, path)
    assert (done.exit_code, notes.read_bytes()) == (1, b"notes\r\n")
    assert "this is no model card" in done.stderr
    assert "0 cards formatted, 1 card left as it is" in done.stderr


def test_fmt_of_a_folder_leaves_out_what_the_project_excludes(path: Path) -> None:
    path.with_name("mshub.toml").write_text('exclude = ["drafts/*"]\n')
    draft = path.parent / "drafts" / "lite0.md"
    draft.parent.mkdir()
    draft.write_text(CARD)
    run("fmt", path.parent, path.parent / "lite0.md")
    assert (draft.read_text() == CARD, path.read_text() == CARD) == (True, False)
    assert run("fmt", draft).stderr == "1 card formatted, 0 cards left as they are\n"


def test_fmt_leaves_out_excluded_files_that_are_named_if_that_is_wanted(path: Path) -> None:
    path.with_name("mshub.toml").write_text('exclude = ["drafts/*"]\n')
    others = [path.parent / "drafts" / "lite0.md", path.with_name("README.md")]
    others[0].parent.mkdir()
    for other in others:
        other.write_text(CARD)
    done = run("fmt", "--force-exclude", *others, path)
    assert (done.exit_code, done.stderr) == (0, "1 card formatted, 0 cards left as they are\n")
    assert [other.read_text() for other in others] == [CARD, CARD]


def test_new_writes_a_card_with_the_digest_of_the_file(tmp_path: Path) -> None:
    weights, output = tmp_path / "lite0.ckpt", tmp_path / "card.md"
    weights.write_bytes(b"weights")
    link = "https://example.org/lite0.ckpt"
    done = run(
        "new", output, *NEW, "--asset", weights, "--asset-link", link, "--metric=top1acc=75.10",
        "--update-time=2026-1-2", "--not-fine-tunable", "--license=MIT",
    )  # fmt: skip
    assert (done.stdout, done.exit_code) == (f"{output}\n", 0)
    made = build_card(Document.read(output))
    assert made.assets[0].digest.hex == sha256(b"weights").hexdigest()
    assert (made.fine_tunable, made.license, str(made.update_time)) == (False, "MIT", "2026-01-02")
    assert str(made.evaluation["top1acc"]) == "75.10"


def test_new_states_what_its_options_say(tmp_path: Path) -> None:
    output = tmp_path / "card.md"
    run(
        "new", output, *NEW, "--title=Lite 0", "--backbone-name=efficientnet", "--fine-tunable",
        "--model-version=1.3", "--train-dataset=ImageNet2012", "--used-for=transfer-learning",
    )  # fmt: skip
    document = Document.read(output)
    made = build_card(document)
    assert (document.title, made.backbone_name, str(made.model_version)) == (
        "Lite 0",
        "efficientnet",
        "1.3",
    )
    assert (made.train_dataset, made.used_for) == ("ImageNet2012", "transfer-learning")
    assert made.fine_tunable is True


def test_new_has_defaults_for_what_no_option_says(tmp_path: Path) -> None:
    output = tmp_path / "card.md"
    run("new", output, "--name=lite_b0", *NEW[1:])
    document = Document.read(output)
    made = build_card(document)
    assert (document.title, made.backbone_name, str(made.model_version)) == (
        "lite_b0",
        "lite",
        "2.10",
    )
    assert (made.used_for, made.fine_tunable, made.license) == ("inference", True, "Apache-2.0")


def test_new_is_named_after_its_model_and_the_other_way_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("new", *NEW).stdout == "lite0.md\n"
    run("new", "lite1.md", *NEW[1:])
    assert build_card(Document.read(Path("lite1.md"))).model_name == "lite1"


def test_new_replaces_a_file_only_by_force(path: Path) -> None:
    done = run("new", path, *NEW)
    assert (done.exit_code, path.read_text()) == (2, CARD)
    assert "exists; --force replaces it" in done.stderr
    assert run("new", path, *NEW, "--force").exit_code == 0
    assert "A. Smith" in path.read_text()


def test_new_can_print_the_card(tmp_path: Path) -> None:
    done = run("new", "-", *NEW)
    assert done.stdout.startswith("# lite0\n\n---\n\nmodel-name: lite0\n")
    assert list(tmp_path.iterdir()) == []


def test_new_without_a_terminal_lists_all_that_is_missing_at_once() -> None:
    done = run("new", "--name=lite0", "--author=me", "--asset=a.ckpt")
    assert (done.exit_code, done.stdout) == (2, "")
    missing = "--user-id, --module-type, --summary, --repo-link, --mindspore-version, --asset-link"
    assert f"Missing options: {missing}." in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--asset=a.ckpt", "--asset=b.ckpt", "--asset-link=https://a.b/a.ckpt"), "give each file"),
        (("--file-format=ckpt",), "give one for each"),
        (("--metric=top1acc",), "is no --metric"),
        (("--update-time=banana",), "is no day"),
    ],
)
def test_new_with_options_that_do_not_fit_is_wrong_use(
    options: tuple[str, ...], message: str
) -> None:
    done = run("new", "-", *NEW, *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr


def test_new_with_a_wrong_fact_writes_nothing(path: Path) -> None:
    output = path.with_name("new.md")
    done = run("new", output, *NEW[:-1], "--mindspore-version=newest")
    assert isinstance(done.exception, ArgumentError)
    assert not output.exists()


def test_new_in_a_folder_that_is_not_there_is_a_cache_error(tmp_path: Path) -> None:
    done = run("new", tmp_path / "none" / "lite0.md", *NEW)
    assert isinstance(done.exception, CacheError)
    assert "cannot be written: No such file" in str(done.exception)


PROGRAM = "from hub.cli.metadata import card; card()"


def test_new_asks_on_a_terminal_for_what_is_missing(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    controller, terminal = pty.openpty()
    output = tmp_path / "lite0.md"
    weights = tmp_path / "lite0.ckpt"
    weights.write_bytes(b"weights")
    options = ["--summary=Sorts pictures.", "--asset", weights]
    command = [sys.executable, "-c", PROGRAM, "new", output, *options]
    link = "https://example.org/lite0.ckpt"
    answers = f"\nsmith\n\nvision\n\nhttps://example.org/lite0\nnewest\n2.10\nx\n{link}\n"
    with subprocess.Popen(
        command, stdin=terminal, stderr=terminal, stdout=subprocess.PIPE
    ) as child:
        os.close(terminal)
        os.write(controller, answers.encode())
        printed = child.stdout.read()
        shown = b""
        try:
            while chunk := os.read(controller, 4096):
                shown += chunk
        except OSError:  # Linux ends a terminal without writers with EIO
            pass
    os.close(controller)
    assert printed.decode() == f"{output}\n", shown.decode()
    made = build_card(Document.read(output))
    assert (made.user_id, made.author, made.module_type) == ("smith", "smith", "cv")
    assert str(made.mindspore_version) == "2.10"
    assert made.assets[0].link == link
    assert b"'vision' is no field of use" in shown
    assert b"'newest' is no version" in shown


@pytest.mark.parametrize("command", ["new", "get", "set", "fmt"])
def test_every_command_has_help_with_examples(command: str) -> None:
    done = run(command, "--help")
    assert done.exit_code == 0
    assert f"Examples:\n    hub card {command}" in done.output
