"""Findings that are known: only new ones fail."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import hub
from hub.errors import ArgumentError, CacheError
from hub.lint.baseline import read_baseline, write_baseline

CardWith = Callable[..., str]

DATE, BAD_DATE = "update-time: 2025-03-10", "update-time: 2025-3-10"


@pytest.fixture
def card(tmp_path: Path, card_with: CardWith, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A card with one finding, whose baseline is ``known/baseline.json``."""
    monkeypatch.chdir(tmp_path)
    file = Path("cards/a.md")
    file.parent.mkdir()
    Path("known").mkdir()
    file.write_text(card_with(DATE, BAD_DATE))
    write_baseline(Path("known/baseline.json"), hub.validate(file).findings)
    return file


def validate(file: Path) -> hub.Report:
    return hub.validate(file, baseline="known/baseline.json")


def test_what_is_known_is_held_back_and_counted(card: Path) -> None:
    report = validate(card)
    assert (report.findings, report.known, report.ok) == ((), 1, True)


def test_what_is_new_is_reported(card: Path, card_with: CardWith) -> None:
    card.write_text(card_with(DATE, BAD_DATE, "fine-tunable: True", "fine-tunable: maybe"))
    report = validate(card)
    assert [finding.code for finding in report.findings] == ["MC306"]
    assert (report.known, report.ok) == (1, False)


def test_a_finding_that_moves_is_not_new(card: Path, card_with: CardWith) -> None:
    card.write_text(card_with(DATE, f"\n\n{BAD_DATE}"))
    assert validate(card).ok


def test_a_finding_whose_message_names_a_line_is_not_new_where_it_moves(
    card: Path, card_with: CardWith
) -> None:
    card.write_text(card_with(DATE, f"{DATE}\n{DATE}"))
    (finding,) = hub.validate(card).findings
    assert "in line 12" in finding.message
    write_baseline(Path("known/baseline.json"), [finding])
    card.write_text(card_with(DATE, f"\n\n{DATE}\n{DATE}"))
    assert validate(card).ok


def test_a_fault_in_more_lines_is_not_new(card: Path, card_with: CardWith) -> None:
    lines = card_with().splitlines(keepends=True)
    for count in (1, 2, 7):
        text = "".join(line.replace("\n", "\r\n") for line in lines[:count])
        card.write_bytes((text + "".join(lines[count:])).encode())
        report = hub.validate(card)
        assert [finding.code for finding in report.findings] == ["MC102"]
        if count == 1:
            write_baseline(Path("known/baseline.json"), report.findings)
        assert validate(card).known == 1


@pytest.mark.parametrize("source", ["", "https://example.org/a.md", "<card>"])
def test_a_card_that_is_no_file_can_be_known_too(
    card_with: CardWith, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    document = hub.Document(card_with(DATE, BAD_DATE), source)
    write_baseline(Path("known.json"), hub.validate(document).findings)
    assert hub.validate(document, baseline="known.json").known == 1
    (name,) = json.loads(Path("known.json").read_text())["findings"]
    assert name.startswith(f"{source} MC304 ")


def test_another_value_is_another_finding(card: Path, card_with: CardWith) -> None:
    card.write_text(card_with(DATE, "update-time: 2025-3-11"))
    assert len(validate(card).findings) == 1


def test_the_same_finding_twice_is_new_if_it_was_known_once(
    card: Path, card_with: CardWith
) -> None:
    body = "## Introduction\n"
    card.write_text(card_with(body, f"[a](b.md)\n\n{body}"))
    (finding,) = hub.validate(card, select=["MC610"]).findings
    write_baseline(Path("known/baseline.json"), [finding])
    card.write_text(card_with(body, f"[a](b.md)\n\n[a](b.md)\n\n{body}"))
    report = hub.validate(card, select=["MC610"], baseline="known/baseline.json")
    assert [finding.line for finding in report.findings] == [27]
    assert report.known == 1


def test_paths_are_relative_to_the_baselines_folder(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = json.loads(Path("known/baseline.json").read_text())
    message = "2025-3-10 lacks a zero; write 2025-03-10"
    assert known == {
        "schema_version": 1,
        "findings": {f"../cards/a.md MC304 update-time: {message}": 1},
    }
    baseline = Path("known/baseline.json").absolute()
    monkeypatch.chdir("cards")
    assert hub.validate("a.md", baseline=baseline).ok
    assert hub.validate(Path("a.md").absolute(), baseline=baseline).ok


def test_the_same_findings_give_the_same_file(card: Path, card_with: CardWith) -> None:
    other = card.with_name("b.md")
    other.write_text(card_with("fine-tunable: True", "fine-tunable: maybe"))
    files = []
    for name, paths in (("1", (card, other)), ("2", (other, card))):
        file = Path(f"known/{name}.json")
        assert write_baseline(file, hub.validate(*paths).findings) == 2
        files.append(file.read_bytes())
    assert files[0] == files[1]
    assert files[0].endswith(b"\n}\n")


def test_names_and_messages_may_hold_anything(card: Path, card_with: CardWith) -> None:
    odd = card.with_name(os.fsdecode(b"\xff\n.md"))
    odd.write_bytes(card_with("fine-tunable: True", "fine-tunable: été").encode() + b"\xff")
    write_baseline(Path("known/baseline.json"), hub.validate(odd).findings)
    assert validate(odd).ok
    assert "été" in Path("known/baseline.json").read_text("utf-8")


def test_the_configuration_may_name_a_baseline_and_a_caller_may_refuse_it(card: Path) -> None:
    Path("mshub.toml").write_text('baseline = "known/baseline.json"')
    assert hub.validate(card).known == 1
    assert hub.validate(card, baseline=False).known == 0
    assert len(hub.validate(card, baseline=False).findings) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"the baseline b\.json cannot be read: No such file or directory"),
        ("", r"b\.json is no baseline"),
        ("[]", r"b\.json is no baseline"),
        ('{"findings": []}', r"b\.json is no baseline"),
        ('{"findings": {"a": "b"}}', r"b\.json is no baseline"),
        ('{"findings": {}}', r"b\.json was written by another version of mshub"),
        ('{"schema_version": 2, "findings": {}}', r"was written by another version of mshub"),
        ("[" * 100_000, r"b\.json is no baseline"),
    ],
)
def test_what_is_no_baseline_is_an_error_with_the_next_step(
    card: Path, content: str | None, message: str
) -> None:
    if content is not None:
        Path("b.json").write_text(content)
    with pytest.raises(ArgumentError, match=rf"{message}.*; --write-baseline b\.json makes"):
        hub.validate(card, fix=True, baseline="b.json")
    assert BAD_DATE in card.read_text()


def test_a_baseline_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CacheError, match=r"b\.json cannot be written: No such file"):
        write_baseline(tmp_path / "none" / "b.json", [])


def test_an_empty_baseline_knows_nothing(tmp_path: Path) -> None:
    assert write_baseline(tmp_path / "b.json", []) == 0
    assert not read_baseline(tmp_path / "b.json")
