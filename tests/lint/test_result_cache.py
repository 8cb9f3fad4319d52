"""An unchanged run over unchanged cards does not read them again."""

import datetime
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import hub
from hub.findings import Finding
from hub.lint.baseline import write_baseline
from hub.lint.configuration import Configuration
from hub.lint.report import Report
from hub.lint.result_cache import ResultCache
from hub.lint.vocabulary import Vocabulary

CardWith = Callable[..., str]

TODAY = datetime.date(2025, 6, 1)
BAD = ("2025-03-10", "2025-3-10")


def write(file: Path, text: str, *, age: float = 60) -> Path:
    """Write a file that was last changed some seconds ago."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    then = time.time() - age
    os.utime(file, (then, then))
    return file


@pytest.fixture
def card(tmp_path: Path, card_with: CardWith) -> Path:
    return write(
        tmp_path / "cards" / "a.md", card_with(*BAD, "fine-tunable: True", "fine-tunable: x")
    )


@pytest.fixture
def entries(cache_folder: Path) -> Callable[[], list[Path]]:
    return lambda: sorted((cache_folder / "lint").glob("*.json"))


def validate(*paths: Path, **options: object) -> Report:
    return hub.validate(*paths, remember=True, **options)


def change_unseen(card: Path) -> None:
    """Give a card another content behind the same size, time and inode."""
    stat = card.stat()
    with card.open("r+b") as file:
        file.write(b"x" * stat.st_size)
    os.utime(card, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_an_unchanged_card_is_not_read_again_and_the_report_is_the_same(card: Path) -> None:
    first = validate(card.parent)
    assert [finding.code for finding in first.findings] == ["MC306", "MC304"]
    change_unseen(card)
    assert validate(card.parent) == first
    assert hub.validate(card.parent) != first


def test_a_card_with_nothing_wrong_is_remembered_too(tmp_path: Path, card_with: CardWith) -> None:
    card = write(tmp_path / "a.md", card_with())
    assert validate(card).ok
    change_unseen(card)
    assert validate(card).ok


def test_a_run_that_remembers_nothing_leaves_nothing(
    card: Path, entries: Callable[[], list[Path]]
) -> None:
    hub.validate(card)
    assert entries() == []


def test_another_time_or_size_is_another_card(card: Path) -> None:
    validate(card)
    stat = card.stat()
    change_unseen(card)
    os.utime(card, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert "MC104" in {finding.code for finding in validate(card).findings}
    card.write_bytes(b"")
    os.utime(card, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert validate(card) == hub.validate(card)


def test_another_file_in_the_place_of_the_card_is_another_card(card: Path) -> None:
    validate(card)
    other = write(card.with_name("other"), "x" * card.stat().st_size)
    os.utime(other, ns=(card.stat().st_atime_ns, card.stat().st_mtime_ns))
    other.replace(card)
    assert "MC104" in {finding.code for finding in validate(card).findings}


def test_a_card_that_comes_or_goes_makes_another_set(card: Path, card_with: CardWith) -> None:
    validate(card.parent)
    change_unseen(card)
    other = write(card.with_name("b.md"), card_with())
    assert "MC104" in {finding.code for finding in validate(card.parent).findings}
    other.unlink()
    assert "MC104" not in {finding.code for finding in validate(card.parent).findings}


@pytest.mark.parametrize(
    "options",
    [
        {"select": ["MC3", "MC1"]},
        {"extend_select": ["MC601"]},
        {"ignore": ["MC304"]},
        {"config": Configuration(vocabulary=Vocabulary(datasets=frozenset({"Ours", "Theirs"})))},
        {"config": Configuration(per_file_ignores=(("a.md", ("MC3",)),))},
    ],
)
def test_other_settings_are_another_run(card: Path, options: dict[str, object]) -> None:
    validate(card)
    change_unseen(card)
    assert "MC104" in {finding.code for finding in validate(card, **options).findings}


def test_fail_level_and_baseline_are_looked_at_anew(card: Path, tmp_path: Path) -> None:
    report = validate(card, ignore=["MC306"])
    assert not report.ok
    assert validate(card, ignore=["MC306"], fail_level="error").ok
    write_baseline(tmp_path / "b.json", report.findings)
    assert validate(card, ignore=["MC306"], baseline=tmp_path / "b.json").known == 1


def test_another_day_is_another_run(card: Path, tmp_path: Path) -> None:
    ResultCache(tmp_path / "lint", [str(card)], Configuration(), TODAY).keep([])
    tomorrow = TODAY + datetime.timedelta(days=1)
    assert ResultCache(tmp_path / "lint", [str(card)], Configuration(), TODAY).find() == []
    assert ResultCache(tmp_path / "lint", [str(card)], Configuration(), tomorrow).find() is None


def test_another_version_of_mshub_is_another_run(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ResultCache(tmp_path / "lint", [str(card)], Configuration(), TODAY).keep([])
    monkeypatch.setattr("hub.lint.result_cache.__version__", "99")
    assert ResultCache(tmp_path / "lint", [str(card)], Configuration(), TODAY).find() is None


def test_other_code_of_the_same_version_is_another_run(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = write(tmp_path / "hub" / "rules" / "text.py", "").parents[1]
    monkeypatch.setattr("hub.lint.result_cache._PACKAGE", package)

    def find() -> list[Finding] | None:
        return ResultCache(tmp_path / "lint", [str(card)], Configuration(), TODAY).find()

    def keep() -> None:
        ResultCache(tmp_path / "lint", [str(card)], Configuration(), TODAY).keep([])

    keep()
    write(package / "__pycache__" / "text.pyc", "", age=1)
    assert find() == []
    write(package / "rules" / "text.py", "", age=30)
    assert find() is None
    keep()
    write(package / "rules" / "words.py", "", age=90)
    assert find() is None
    keep()
    (package / "rules" / "words.py").unlink()
    assert find() is None


@pytest.mark.parametrize("link", ["[a](pictures/a.png)", '<img src="pictures/a.png">'])
def test_a_card_is_checked_again_where_a_file_beside_it_may_come_or_go(
    tmp_path: Path, card_with: CardWith, link: str
) -> None:
    card = write(tmp_path / "a.md", card_with("## Introduction\n", f"## Introduction\n\n{link}\n"))
    picture = tmp_path / "pictures" / "a.png"
    assert [finding.code for finding in validate(card).findings] == ["MC610"]
    write(picture, "")
    assert validate(card).findings == ()
    picture.unlink()
    assert [finding.code for finding in validate(card).findings] == ["MC610"]


@pytest.mark.parametrize("link", ["<https://a.org>", "[a](#b)", "[a](<https://a.org>)", "x[0]"])
def test_a_card_without_such_links_is_remembered(
    tmp_path: Path, card_with: CardWith, link: str, entries: Callable[[], list[Path]]
) -> None:
    text = card_with("## Introduction\n", f"## Introduction\n\n{link}\n")
    validate(write(tmp_path / "a.md", text))
    assert len(entries()) == 1


def test_the_same_relative_path_elsewhere_is_another_card(
    card: Path, tmp_path: Path, card_with: CardWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = write(tmp_path / "others" / "a.md", card_with())
    os.utime(other, ns=(card.stat().st_atime_ns, card.stat().st_mtime_ns))
    monkeypatch.chdir(card.parent)
    assert not validate(Path("a.md")).ok
    monkeypatch.chdir(other.parent)
    assert validate(Path("a.md")).ok


def test_a_young_file_is_not_remembered(
    card: Path, card_with: CardWith, entries: Callable[[], list[Path]]
) -> None:
    write(
        card, card_with(), age=-60
    )  # its time is yet to come, so it is young however long we take
    validate(card)
    assert entries() == []


def test_a_card_that_changes_while_it_is_checked_is_not_remembered_as_it_was(
    card: Path, tmp_path: Path, card_with: CardWith
) -> None:
    files = [str(card)]
    cache = ResultCache(tmp_path / "lint", files, Configuration(), TODAY)
    write(card, card_with(), age=30)
    cache.keep(hub.validate(card).findings)
    assert ResultCache(tmp_path / "lint", files, Configuration(), TODAY).find() is None


def test_findings_come_back_with_their_fixes(card: Path, tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "lint", [str(card)], Configuration(), TODAY)
    findings = list(hub.validate(card).findings)
    assert any(finding.fix for finding in findings)
    cache.keep(findings)
    assert cache.find() == findings


def test_what_is_remembered_is_used(card: Path, entries: Callable[[], list[Path]]) -> None:
    validate(card)
    (entry,) = entries()
    content = json.loads(entry.read_bytes())
    content["findings"][0]["message"] = "from the cache"
    entry.write_text(json.dumps(content))
    assert validate(card).findings[0].message == "from the cache"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b'{"stamp": "STAMP"}',
        b'{"stamp": "STAMP", "findings": [3]}',
        b'{"stamp": "STAMP", "findings": [{"fix": null}]}',
        b'{"stamp": "STAMP", "findings": [{"fix": {"edits": [3]}}]}',
    ],
)
def test_a_broken_entry_is_passed_over_and_replaced(
    card: Path, entries: Callable[[], list[Path]], content: bytes
) -> None:
    first = validate(card)
    (entry,) = entries()
    whole = entry.read_bytes()
    stamp = json.loads(whole)["stamp"]
    entry.write_bytes(content.replace(b"STAMP", stamp.encode()))
    assert validate(card) == first
    assert entry.read_bytes() == whole


def test_a_cache_folder_that_cannot_be_used_is_no_error(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "lint").touch()
    for folder in (tmp_path / "file", tmp_path / "taken", Path("/proc/none")):
        monkeypatch.setenv("MSHUB_CACHE", str(folder))
        assert len(validate(card).findings) == 2


def test_a_file_that_cannot_be_looked_at_is_no_error(
    tmp_path: Path, entries: Callable[[], list[Path]]
) -> None:
    (tmp_path / "a.md").symlink_to("none")
    assert [finding.code for finding in validate(tmp_path / "a.md").findings] == ["MC100"]
    assert entries() == []


def test_only_the_newest_entries_are_kept(card: Path, tmp_path: Path) -> None:
    folder = tmp_path / "lint"
    for number in range(70):
        other = write(tmp_path / f"{number}.md", "")
        ResultCache(folder, [str(other)], Configuration(), TODAY).keep([])
    assert len(list(folder.iterdir())) == 64
    assert ResultCache(folder, [str(other)], Configuration(), TODAY).find() == []


def test_mending_is_never_left_to_the_cache(card: Path) -> None:
    validate(card)
    assert validate(card, fix=True).fixed == 1
    assert [finding.code for finding in validate(card).findings] == ["MC306"]
