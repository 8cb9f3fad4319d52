"""``hub validate`` and ``hub rule``: exit codes, streams, files."""

import errno
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import hub
from hub.cli import main
from hub.lint.catalogue import catalogue
from tests.conftest import GOOD_CARD as CARD

Call = Callable[..., "subprocess.CompletedProcess[bytes]"]

UNPADDED = CARD.replace("2025-03-10", "2025-3-10")  # a warning with a safe fix
MAYBE = CARD.replace("fine-tunable: True", "fine-tunable: maybe")  # an error without a safe fix
BOTH = UNPADDED.replace("fine-tunable: True", "fine-tunable: maybe")
INSECURE = CARD.replace("https://example.org", "http://example.org")  # an error, an unsafe fix


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of each test, an empty one."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def call() -> Call:
    """Run the command in a process of its own."""

    def call(*arguments: object, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        command = [sys.executable, "-m", "hub", "validate", *map(str, arguments)]
        done = subprocess.run(command, input=stdin, capture_output=True, check=False)
        assert b"Traceback" not in done.stderr
        return done

    return call


def write(path: str, text: str = CARD) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    return file


def invoke(*arguments: object, stdin: str | bytes | None = None) -> Result:
    """Run the command in this process."""
    result = CliRunner().invoke(main, ["validate", *map(str, arguments)], input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_without_a_path_the_working_folder_is_checked(call: Call) -> None:
    write("b.md", UNPADDED)
    write("a/a.md")
    done = call("-o", "concise")
    message = (
        b"b.md:12:14: warning MC304 [*] update-time: 2025-3-10 lacks a zero; write 2025-03-10\n"
    )
    assert (done.stdout, done.returncode) == (message, 1)
    assert done.stderr == b"Found 1 warning (1 fixable with --fix).\n"


def test_good_cards_are_silent_but_for_a_count(call: Call) -> None:
    write("a.md")
    done = call()
    assert (done.stdout, done.stderr) == (b"", b"Checked 1 card, found nothing.\n")
    assert done.returncode == 0
    assert (call("-q").stdout, call("-q").stderr) == (b"", b"")


def test_findings_are_shown_in_full_on_standard_output() -> None:
    write("a.md", UNPADDED)
    result = invoke("a.md", "--quiet")
    assert result.stdout == (
        "warning MC304 [*] update-time: 2025-3-10 lacks a zero; write 2025-03-10\n"
        "  --> a.md:12:14\n"
        "   |\n"
        "12 | update-time: 2025-3-10\n"
        "   |              ^^^^^^^^^\n"
        "help: write 2025-03-10\n"
    )
    assert (result.stderr, result.exit_code) == ("", 1)


def test_two_cards_with_one_digest_are_found_from_within_their_folder(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("ada/2.5/a.md", CARD.replace("lite0.ckpt", "a.ckpt"))
    write("ada/2.5/b.md", CARD.replace("lite0.ckpt", "b.ckpt"))
    monkeypatch.chdir("ada/2.5")
    done = call("--select", "MC801", "-o", "concise")
    assert [line.partition(b": ")[0] for line in done.stdout.splitlines()] == [
        b"a.md:20:17",
        b"b.md:20:17",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["none.md"], 2, "error: none.md does not exist; name card files or folders\n"),
        (["empty"], 2, "error: empty holds no card, no file that ends in .md\n"),
        (["none.md", "--exit-zero"], 2, "error: none.md does not exist"),
        (["a.md", "--select", "MC3044"], 2, "no rule 'MC3044'; did you mean MC304?\n"),
        (["a.md", "--ignore", "unpaded-date"], 2, "did you mean unpadded-date?\n"),
        (["a.md", "--extend-select", "zebra"], 2, "no rule 'zebra'; `hub rule` lists them\n"),
        (["a.md", "--select", ""], 2, "Error: --select names no rule; `hub rule` lists them.\n"),
        (["a.md", "--ignore", " , "], 2, "Error: --ignore names no rule; `hub rule` lists"),
        (["a.md", "--config", "none.toml"], 2, "error: none.toml cannot be read: No such file"),
        (["a.md", "--config", "bad.toml"], 2, "there is no setting ignored; did you mean ignore?"),
        (["a.md", "--config", "bad.toml", "--isolated"], 2, "exclude each other"),
        (["a.md", "--baseline", "none.json"], 2, "--write-baseline none.json makes it"),
        (["a.md", "--json", "-o", "sarif"], 2, "--json and --output-format sarif exclude"),
        (["a.md", "--diff", "--write-baseline", "b.json"], 2, "leave --write-baseline out."),
        (["a.md", "-o", "xml"], 2, "'xml' is not one of 'full', 'concise', 'json'"),
        (["a.md", "--fail-level", "fatal"], 2, "'fatal' is not one of 'error', 'warning', 'note'"),
        (["a.md", "--jobs", "-1"], 2, "-1 is not in the range x>=0"),
        (["a.md", "--zebra"], 2, "No such option"),
        (["-", "a.md"], 2, "Error: '-' is standard input; name it alone.\n"),
    ],
)
def test_wrong_use_has_its_exit_code_and_its_message(
    call: Call, arguments: list[str], code: int, message: str
) -> None:
    write("a.md")
    Path("empty").mkdir()
    Path("bad.toml").write_text("ignored = []")
    done = call(*arguments)
    assert (done.returncode, done.stdout) == (code, b"")
    assert message in done.stderr.decode()


def test_rules_are_chosen_by_codes_names_and_beginnings_in_one_option_or_several() -> None:
    write("a.md", BOTH)

    def codes(*options: str) -> list[str]:
        report = json.loads(invoke("a.md", "--json", *options).stdout)
        return [finding["code"] for finding in report["findings"]]

    assert codes() == ["MC306", "MC304"]
    assert codes("--select", "MC304, MC2") == ["MC304"]
    assert codes("--select", "unpadded-date", "--select", "bad-bool") == ["MC306", "MC304"]
    assert codes("--ignore", "MC30", "--extend-select", "MC304,MC601") == ["MC601", "MC304"]
    assert set(codes("--select", "ALL")) >= {"MC306", "MC304", "MC601"}


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        (UNPADDED, [], 1),
        (UNPADDED, ["--fail-level", "error"], 0),
        (MAYBE, ["--fail-level", "error"], 1),
        (CARD, ["--select", "MC601"], 0),
        (CARD, ["--select", "MC601", "--fail-level", "note"], 1),
        (MAYBE, ["--exit-zero"], 0),
        (UNPADDED, ["--fix"], 0),
        (BOTH, ["--fix"], 1),
        (BOTH, ["--fix", "--exit-zero"], 0),
        (INSECURE, ["--fix"], 1),
        (INSECURE, ["--unsafe-fixes"], 1),
        (INSECURE, ["--fix", "--unsafe-fixes"], 0),
        (CARD, ["--diff"], 0),
        (UNPADDED, ["--diff"], 1),
        (MAYBE, ["--diff"], 1),
        (UNPADDED, ["--diff", "--exit-zero"], 0),
        (UNPADDED, ["--diff", "--fail-level", "error"], 1),
    ],
)
def test_the_exit_code_says_whether_anything_remains(
    text: str, options: list[str], code: int
) -> None:
    write("a.md", text)
    assert invoke("a.md", *options).exit_code == code


def test_fix_mends_what_is_safe_and_says_so(call: Call) -> None:
    file = write("a.md", BOTH.replace("\n", "\r\n") + "\udcff")
    done = call("--fix", "--select", "MC304,MC306", "-o", "concise")
    assert file.read_bytes() == MAYBE.replace("\n", "\r\n").encode() + b"\xff"
    assert done.stdout.startswith(b"a.md:7:15: error MC306 ")
    assert done.stderr == b"Mended 1 finding in 1 card. Found 1 error.\n"
    assert call("--fix", "--select", "MC304,MC306").stderr == b"Found 1 error.\n"


def test_unsafe_fixes_are_applied_only_with_fix() -> None:
    file = write("a.md", INSECURE)
    invoke("--fix")
    invoke("--unsafe-fixes")
    assert file.read_text() == INSECURE
    invoke("--fix", "--unsafe-fixes")
    assert file.read_text() == CARD


NAMES = ["a.md", "some cards/lite 0.md", "été.md", "tab\there.md", 'quo"te.md', "back\\slash.md"]
TEXTS = {
    "final newline": UNPADDED,
    "no final newline": UNPADDED.rstrip("\n"),
    "crlf": UNPADDED.replace("\n", "\r\n"),
    "odd line ends": UNPADDED + "a\x0bb\x0cc\x85d\u2028e\rf\x1bg\udcff\n",
}


@pytest.mark.parametrize("tool", ["git apply", "patch -p0", "patch -p1"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", NAMES)
def test_the_diff_is_one_that_git_and_patch_take(
    folder: Path, name: str, text: str, tool: str
) -> None:
    file = write(name, text)
    other = write("zzz.md", UNPADDED)
    before = file.read_bytes()
    result = invoke("--diff")
    assert result.exit_code == 1
    assert file.read_bytes() == before
    assert "Would mend" in result.stderr
    invoke("--fix")
    wanted = file.read_bytes()
    file.write_bytes(before)
    other.write_text(UNPADDED)
    options = ["--binary"] if tool.startswith("patch") else []
    command = [*tool.split(), *options]
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    done = subprocess.run(
        command, input=result.stdout_bytes, capture_output=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert file.read_bytes() == wanted
    assert other.read_text() == CARD


def test_the_diff_stands_alone_on_standard_output() -> None:
    write("a.md", BOTH)
    result = invoke("--diff", "--statistics")
    assert result.stdout.startswith("--- ./a.md\n+++ ./a.md\n@@ -9,7 +9,7 @@\n")
    assert "MC306" not in result.stdout
    assert "1\tMC306\t[ ] bad-bool\n" in result.stderr
    assert "Would mend 1 finding in 1 card. Found 1 error.\n" in result.stderr


def test_on_a_terminal_a_diff_steers_nothing() -> None:
    write("a.md", UNPADDED.replace("author: Ada", "author: \x1b]0;mine\x07"))
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "hub", "validate", "--diff", "--select", "MC304"]
    process = subprocess.Popen(command, stdout=follower, stderr=subprocess.DEVNULL)
    os.close(follower)
    shown = b""
    while True:
        try:
            shown += os.read(leader, 65536)
        except OSError as error:  # the other end is closed
            assert error.errno == errno.EIO
            break
    os.close(leader)
    assert process.wait() == 1
    assert b"+update-time: 2025-03-10" in shown
    assert b"\\x1b]0;mine\\x07" in shown
    assert b"\x1b]" not in shown


@pytest.mark.parametrize(
    "output_format", ["full", "concise", "json", "jsonl", "github", "gitlab", "sarif", "junit"]
)
def test_every_format_is_what_the_report_renders(output_format: str) -> None:
    write("a.md", BOTH)
    result = invoke("a.md", "--output-format", output_format)
    assert result.stdout == hub.validate("a.md").render(output_format)
    assert result.exit_code == 1


def test_json_is_short_for_its_format() -> None:
    write("a.md", BOTH)
    assert invoke("--json").stdout == invoke("--output-format", "json").stdout
    assert invoke("--json", "-o", "json").exit_code == 1


def test_statistics_count_findings_by_rule() -> None:
    write("a.md", BOTH)
    write("b.md", UNPADDED)
    result = invoke("--statistics")
    assert result.stdout == "2\tMC304\t[*] unpadded-date\n1\tMC306\t[ ] bad-bool\n"
    assert result.exit_code == 1


def test_a_baseline_is_written_and_then_holds_back(call: Call) -> None:
    write("cards/a.md", UNPADDED)
    done = call("--write-baseline", "known.json")
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == b"known.json: 1 finding known from now on\n"
    known = invoke("--baseline", "known.json")
    assert (known.stdout, known.exit_code) == ("", 0)
    assert known.stderr.endswith("The baseline holds back 1 finding.\n")
    write("cards/a.md", BOTH)
    new = invoke("--baseline", "known.json", "-o", "concise")
    assert (new.stdout.count("\n"), new.exit_code) == (1, 1)
    assert "MC306" in new.stdout


def test_a_baseline_that_the_configuration_names_can_be_written_first_and_anew() -> None:
    write("a.md", UNPADDED)
    Path("mshub.toml").write_text('baseline = "known.json"')
    assert invoke().exit_code == 2
    assert invoke("--write-baseline", "known.json").exit_code == 0
    first = Path("known.json").read_text()
    assert invoke().exit_code == 0
    assert invoke("--write-baseline", "known.json").exit_code == 0
    assert Path("known.json").read_text() == first


def test_the_configuration_is_found_named_or_left_out() -> None:
    write("cards/a.md", BOTH)
    Path("pyproject.toml").write_text('[tool.mshub]\nignore = ["MC306"]\n')
    Path("other.toml").write_text('ignore = ["MC304"]\nfail-level = "error"\n')

    def codes(*options: str) -> list[str]:
        report = json.loads(invoke("--json", *options).stdout)
        return [finding["code"] for finding in report["findings"]]

    assert codes() == ["MC304"]
    assert codes("cards/a.md") == ["MC304"]
    assert codes("--config", "other.toml") == ["MC306"]
    assert codes("--isolated") == ["MC306", "MC304"]
    assert codes("--ignore", "MC304") == []
    assert codes("--select", "MC306") == ["MC306"]
    assert invoke("--config", "other.toml", "--ignore", "MC306").exit_code == 0


def test_the_command_and_the_front_door_agree() -> None:
    write("cards/a.md", BOTH)
    write("cards/b.md", INSECURE)
    Path("pyproject.toml").write_text('[tool.mshub]\nextend-select = ["MC601"]\n')
    options = ("--ignore", "MC304", "--fail-level", "note")
    report = hub.validate("cards", ignore=["MC304"], fail_level="note")
    assert invoke("cards", *options, "-o", "json").stdout == report.render("json")


def test_standard_input_is_checked_under_the_name_that_it_is_given() -> None:
    Path("mshub.toml").write_text('[per-file-ignores]\n"legacy/*" = ["MC304"]\n')
    nameless = invoke("-", "-o", "concise", stdin=UNPADDED)
    assert nameless.stdout.startswith("<stdin>:12:14: warning MC304 ")
    named = invoke("-", "--stdin-filename", "legacy/a.md", stdin=UNPADDED)
    assert (named.stdout, named.exit_code) == ("", 0)
    assert "12 | update-time: 2025-3-10\n" in invoke("-", "--isolated", stdin=UNPADDED).stdout


def test_standard_input_is_mended_onto_standard_output(call: Call) -> None:
    content = BOTH.replace("\n", "\r\n").encode() + b"\xff"
    done = call("-", "--fix", "--select", "MC304,MC306", stdin=content)
    assert done.stdout == content.replace(b"2025-3-10", b"2025-03-10")
    assert done.returncode == 1
    assert b"error MC306 fine-tunable: " in done.stderr
    assert b"7 | fine-tunable: maybe\n" in done.stderr
    assert done.stderr.endswith(b"Mended 1 finding in 1 card. Found 1 error.\n")
    good = call("-", "--fix", "-q", stdin=CARD.encode())
    assert (good.stdout, good.stderr, good.returncode) == (CARD.encode(), b"", 0)


def test_the_excerpts_of_a_mended_input_are_of_what_was_printed(call: Call) -> None:
    spoilt = MAYBE.replace("author: Ada\n", "# mc: ignore[MC304]\nauthor: Ada\n")
    spoilt = spoilt.replace("used-for: inference", "used-for: inference\nuser-id: Bob")
    done = call("-", "--fix", stdin=spoilt.encode())
    assert b"# mc" not in done.stdout
    assert b"16 | user-id: Bob\n" in done.stderr


def test_standard_input_that_is_too_large_is_a_finding_as_a_file_would_be(call: Call) -> None:
    large = "é" * ((1 << 19) + 1)
    finding = b":1:1: error MC100 larger than 1,048,576 bytes, the most a card may have\n"
    write("a.md", large)
    assert call("a.md", "-o", "concise").stdout == b"a.md" + finding
    done = call("-", "-o", "concise", stdin=large.encode())
    assert (done.returncode, done.stdout) == (1, b"<stdin>" + finding)
    mended = call("-", "-o", "concise", "--fix", stdin=large.encode())
    assert (mended.returncode, mended.stdout) == (1, b"")
    assert mended.stderr.startswith(b"<stdin>" + finding)


def test_without_a_network_online_is_wrong_use_before_anything_is_mended(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write("a.md", UNPADDED)
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    done = call("a.md", "--online", "--fix", "--exit-zero")
    assert (done.returncode, done.stdout, file.read_text()) == (2, b"", UNPADDED)
    assert b"--online asks the network, and MSHUB_OFFLINE is set" in done.stderr


def test_a_file_that_cannot_be_written_is_an_error_of_the_disk() -> None:
    write("a.md")
    assert invoke("--write-baseline", "none/known.json", "--exit-zero").exit_code == 6


def test_excluded_files_can_be_left_out_although_they_are_named() -> None:
    Path("mshub.toml").write_text('exclude = ["drafts"]\n')
    for path in ("a.md", "drafts/b.md", "README.md", "docs/Changelog.md", ".github/issue.md"):
        write(path, UNPADDED)
    named = ("a.md", "drafts/b.md", "README.md", "docs/Changelog.md", ".github/issue.md")
    assert json.loads(invoke(*named, "--json").stdout)["checked"] == 5
    assert json.loads(invoke(*named, "--json", "--force-exclude").stdout)["checked"] == 1
    nothing = invoke(*named[1:], "drafts", "--force-exclude")
    assert (nothing.stderr, nothing.exit_code) == ("Checked 0 cards, found nothing.\n", 0)
    assert invoke("none.md", "--force-exclude").exit_code == 2


def test_a_diff_of_standard_input_writes_no_card() -> None:
    result = invoke("-", "--diff", "--fix", stdin=UNPADDED)
    assert result.stdout.startswith("--- ./<stdin>\n")
    assert result.exit_code == 1


def test_results_are_remembered_from_run_to_run_unless_that_is_not_wanted(
    cache_folder: Path,
) -> None:
    os.utime(write("a.md", UNPADDED), (0, 0))
    invoke("--no-cache")
    assert not cache_folder.exists()
    first = invoke()
    (entry,) = (cache_folder / "lint").iterdir()
    entry.write_text(entry.read_text().replace("lacks a zero", "is remembered"))
    assert "is remembered" in invoke().stdout
    assert invoke("--no-cache").stdout == first.stdout


def test_a_user_without_a_home_can_check_cards(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.md")
    monkeypatch.delenv("MSHUB_CACHE")
    monkeypatch.setenv("HOME", "")
    assert call().returncode == 0


def test_several_processes_print_what_one_prints(call: Call) -> None:
    for number in range(501):
        write(f"cards/{number}.md", UNPADDED if number % 5 else BOTH)
    one, two = (call("--no-cache", "-o", "concise", "--jobs", jobs) for jobs in (1, 2))
    assert one.stdout.count(b"\n") == 602
    assert (one.stdout, one.stderr, one.returncode) == (two.stdout, two.stderr, two.returncode)


def test_a_reader_that_has_seen_enough_ends_the_command_quietly() -> None:
    write("a.md", BOTH)
    for options in ([], ["--diff"], ["-o", "json"]):
        command = [sys.executable, "-m", "hub", "validate", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait() == 1


def test_ctrl_c_ends_the_command_with_130_and_without_a_traceback() -> None:
    command = [sys.executable, "-m", "hub", "validate", "-"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(b"x" * 500_000)  # more than a pipe holds: the command reads by now
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate()
    assert (output, errors, process.returncode) == (b"", b"", 130)


def test_rule_lists_all_rules_and_explains_one() -> None:
    def rule(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["rule", *arguments])

    listed = rule()
    assert len(listed.stdout.splitlines()) == len(catalogue())
    assert "MC304  warning  on" in listed.stdout
    explained = rule("unpadded-date")
    assert explained.stdout == rule("MC304").stdout
    assert explained.stdout.startswith("MC304 unpadded-date (warning, on by default)\n\n")
    assert rule("--all").stdout.count("on by default)") > 50
    assert rule("MC901").stdout.startswith("MC901 dead-link (error, on with --online)\n\n")
    assert json.loads(rule("MC304", "--json").stdout)["rules"][0]["name"] == "unpadded-date"
    unknown = rule("MC3044")
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert unknown.stderr == "error: there is no rule 'MC3044'; did you mean MC304?\n"
