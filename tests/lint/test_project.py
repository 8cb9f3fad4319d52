"""Files, folders and documents, checked together."""

import datetime
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import hub
from hub.cards.document import LARGEST_CARD, Document
from hub.errors import ArgumentError, CacheError, RegistryError
from hub.lint.configuration import Configuration
from hub.lint.project import Mode, validate_cards
from tests.conftest import AssetServer, digest_of

CardWith = Callable[..., str]
Write = Callable[..., str]

DATE, BAD_DATE = "2025-03-10", "2025-3-10"
FEW = Configuration(select=("MC304", "MC801", "MC100", "MC101", "MC104", "MC001"))


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a file below the working folder, which is an empty one."""
    monkeypatch.chdir(tmp_path)

    def write(path: str, text: str | bytes) -> str:
        file = Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def found(report: hub.Report) -> list[str]:
    return [f"{finding.source}:{finding.line} {finding.code}" for finding in report.findings]


def test_a_folder_is_searched_for_cards_and_the_order_is_that_of_names(
    write: Write, card_with: CardWith
) -> None:
    for path in ("b.md", "a/deep/c.md", "a/b.md", "x.md/inside.md"):
        write(path, card_with())
    for path in ("README.md", "readme_cn.md", "a/CHANGELOG.md", ".hidden/x.md", "notes.txt"):
        write(path, "")
    write("node_modules/x.md", "")
    cards = ("a/b.md", "a/deep/c.md", "b.md", "x.md/inside.md")
    assert validate_cards(["."], FEW).checked == cards
    assert validate_cards(["./a/", "b.md", "./b.md", "a//b.md"], FEW).checked == cards[:3]


def test_excluded_files_are_left_out_below_folders_but_checked_if_they_are_named(
    write: Write, card_with: CardWith
) -> None:
    for path in ("a.md", "drafts/b.md", "x/drafts/c.md"):
        write(path, card_with())
    configuration = Configuration(select=(), exclude=("drafts",))
    assert validate_cards(["."], configuration).checked == ("a.md",)
    assert validate_cards(["drafts/b.md", "."], configuration).checked == ("drafts/b.md", "a.md")
    with pytest.raises(RegistryError, match="drafts holds no card, no file that is not excluded"):
        validate_cards(["drafts"], configuration)


def test_excluded_files_that_are_named_are_left_out_if_that_is_wanted(
    write: Write, card_with: CardWith, tmp_path: Path
) -> None:
    for path in ("a.md", "drafts/b.md", "readme_cn.md", ".hidden/c.md", "node_modules/d.md"):
        write(path, card_with())
    everything = [str(path) for path in Path().rglob("*.md")]
    configuration = Configuration(file=tmp_path / "mshub.toml", select=(), exclude=("drafts/*",))
    mode = Mode(force_exclude=True)
    assert validate_cards(everything, configuration, mode).checked == ("a.md",)
    whole = [str(tmp_path / path) for path in everything]
    assert validate_cards(whole, configuration, mode).checked == (str(tmp_path / "a.md"),)
    assert validate_cards(["."], configuration, mode).checked == ("a.md",)
    assert hub.validate(*everything, config=configuration, force_exclude=True).ok
    with pytest.raises(RegistryError, match="none does not exist"):
        validate_cards(["none"], configuration, mode)


def test_the_folder_of_a_project_may_have_any_name(
    write: Write, card_with: CardWith, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(".cache/node_modules/a.md", card_with())
    monkeypatch.chdir(".cache/node_modules")
    for configuration in (Configuration(), Configuration(file=Path("mshub.toml").absolute())):
        for path in ("a.md", str(Path("a.md").absolute())):
            assert validate_cards([path], configuration, Mode(force_exclude=True)).checked == (
                path,
            )
    elsewhere = Configuration(file=tmp_path / "other" / "mshub.toml")
    assert len(validate_cards(["a.md"], elsewhere, Mode(force_exclude=True)).checked) == 1


def test_a_document_that_is_too_large_is_a_finding() -> None:
    report = hub.validate(Document("x" * (LARGEST_CARD + 1), "a.md"), config=FEW, fix=True)
    assert found(report) == ["a.md:1 MC100"]
    assert report.changes == ()


@pytest.mark.parametrize("folder", ["builds/123", "cards/3"])
def test_a_folder_that_is_called_by_one_number_is_no_versions_folder(
    write: Write, card_with: CardWith, folder: str
) -> None:
    path = write(f"{folder}/lite0.md", card_with())
    assert found(hub.validate(path, select=["MC7"])) == []


def test_nothing_to_check_is_an_error(write: Write) -> None:
    write("notes.txt", "")
    with pytest.raises(RegistryError, match=r"\. holds no card, no file that ends in \.md"):
        validate_cards(["."], FEW)
    for path in ("none.md", "a" * 300, "a\0b", ""):
        with pytest.raises(RegistryError, match="does not exist; name card files or folders"):
            validate_cards([path], FEW)


def test_whatever_lies_in_a_folder_is_a_finding_or_passed_over(
    write: Write, card_with: CardWith
) -> None:
    write("good.md", card_with())
    write("empty.md", b"")
    write("bytes.md", card_with().encode().replace(b"photographs.", b"\xff\xfe."))
    write("large.md", b"x" * (10 * LARGEST_CARD))
    write("folder.md/inside.md", card_with())
    Path("dangling.md").symlink_to("none")
    Path("loop.md").symlink_to("loop.md")
    Path("around").symlink_to(".")
    Path("around.md").symlink_to(".")
    os.mkfifo("pipe.md")
    Path("link-to-pipe.md").symlink_to("pipe.md")
    report = validate_cards(["."], FEW)
    assert found(report) == [
        "bytes.md:27 MC101",
        "dangling.md:1 MC100",
        "empty.md:1 MC104",
        "large.md:1 MC100",
        "loop.md:1 MC100",
    ]
    assert set(report.checked) - {finding.source for finding in report.findings} == {
        "folder.md/inside.md",
        "good.md",
    }
    assert report.render("full").count(" --> ") == 5


@pytest.mark.parametrize(
    "name", ["a b.md", "été.md", "\N{SNOWMAN}.md", os.fsdecode(b"\xff.md"), "two\nlines.md", "-.md"]
)
@pytest.mark.parametrize(
    "output_format", ["full", "concise", "json", "jsonl", "github", "gitlab", "sarif", "junit"]
)
def test_a_file_may_have_any_name(
    write: Write, card_with: CardWith, name: str, output_format: str
) -> None:
    write(name, card_with(DATE, BAD_DATE))
    report = validate_cards(["."], FEW, Mode(fix=True, write=False))
    assert report.checked == (name,)
    report = validate_cards(["."], FEW)
    assert report.render(output_format).encode("utf-8", "backslashreplace")
    assert validate_cards([f"./{name}"], FEW, Mode(fix=True)).fixed == 1
    assert validate_cards(["."], FEW).ok


def test_a_file_that_vanishes_after_it_was_listed_is_a_finding(
    write: Write, card_with: CardWith
) -> None:
    write("a.md", card_with())
    os.mkfifo("b.md")  # named, a pipe is read: the writer removes a third card meanwhile
    write("c.md", card_with())

    def remove_the_third() -> None:
        with Path("b.md").open("wb") as pipe:  # opens when the reader does
            Path("c.md").unlink()
            pipe.write(card_with().encode())

    writer = threading.Thread(target=remove_the_third)
    writer.start()
    report = validate_cards(["a.md", "b.md", "c.md"], FEW)
    writer.join()
    assert found(report) == ["c.md:1 MC100"]
    assert report.findings[0].message == "the card cannot be read: No such file or directory"


def test_fixes_are_written_and_what_remains_is_reported(write: Write, card_with: CardWith) -> None:
    path = write("a.md", card_with(DATE, BAD_DATE, "fine-tunable: True", "fine-tunable: maybe"))
    Path(path).chmod(0o600)
    report = validate_cards([path], Configuration(), Mode(fix=True))
    assert Path(path).read_text() == card_with("fine-tunable: True", "fine-tunable: maybe")
    assert Path(path).stat().st_mode & 0o777 == 0o600
    assert found(report) == ["a.md:7 MC306"]
    assert (report.fixed, len(report.changes), report.ok) == (1, 1, False)


def test_a_fix_leaves_everything_else_as_it_was(write: Write, card_with: CardWith) -> None:
    content = card_with(DATE, BAD_DATE).replace("\n", "\r\n").encode() + b"\xff\0 end"
    path = write("a.md", content)
    validate_cards([path], Configuration(select=("MC304",)), Mode(fix=True))
    assert Path(path).read_bytes() == content.replace(b"2025-3-10", b"2025-03-10")


def test_a_file_without_anything_to_mend_is_not_touched(write: Write, card_with: CardWith) -> None:
    path = write("a.md", card_with())
    before = Path(path).stat()
    assert validate_cards([path], Configuration(), Mode(fix=True)).changes == ()
    assert Path(path).stat().st_ino == before.st_ino


def test_fixes_that_are_not_written_are_reported_as_changes(
    write: Write, card_with: CardWith
) -> None:
    path = write("a.md", card_with(DATE, BAD_DATE, "fine-tunable: True\n", "fine-tunable: maybe\n"))
    report = validate_cards([path], Configuration(), Mode(fix=True, write=False))
    assert Path(path).read_text() == report.changes[0].before.text
    assert report.changes[0].after.text == card_with("fine-tunable: True", "fine-tunable: maybe")
    assert found(report) == ["a.md:7 MC306"]
    assert "7 | fine-tunable: maybe\n" in report.render("full")


def test_a_card_that_cannot_be_written_is_an_error(write: Write, card_with: CardWith) -> None:
    write("locked/a.md", card_with(DATE, BAD_DATE))
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    Path("locked").chmod(0o555)
    with pytest.raises(CacheError, match=r"locked/a\.md cannot be written: Permission denied"):
        validate_cards(["locked"], Configuration(), Mode(fix=True))


def test_documents_are_checked_beside_files_even_under_one_name(
    write: Write, card_with: CardWith
) -> None:
    path = write("a.md", card_with())
    bad, good = Document(card_with(DATE, BAD_DATE)), Document(card_with())
    report = hub.validate(good, path, bad, fix=True, config=Configuration())
    assert report.checked == ("a.md", "<card>", "<card>")
    assert report.ok
    assert report.documents == (good, good)
    assert [(change.before, change.after) for change in report.changes] == [(bad, good)]
    excerpt = hub.validate(bad, config=Configuration()).render("full")
    assert "12 | update-time: 2025-3-10\n" in excerpt


def test_two_cards_with_one_digest_are_found_however_their_paths_are_written(
    write: Write, card_with: CardWith
) -> None:
    write("ada/2.5/a.md", card_with("https://example.org/lite0", "https://example.org/a"))
    write("ada/2.5/b.md", card_with("https://example.org/lite0", "https://example.org/b"))
    both = ["ada/2.5/a.md:20 MC801", "ada/2.5/b.md:20 MC801"]
    assert found(validate_cards(["."], FEW)) == both
    assert found(validate_cards(["./ada//2.5/b.md", "ada/2.5/a.md"], FEW)) == both[::-1]


def test_a_comment_speaks_for_what_several_cards_show(write: Write, card_with: CardWith) -> None:
    digest = f"  asset-sha256: {'ab' * 32}"
    write("ada/2.5/a.md", card_with("https://example.org/lite0", "https://example.org/a"))
    for comment in ("# mc: ignore[MC801]", "# mc: ignore"):
        text = card_with(digest, f"{digest} {comment}")
        path = write("ada/2.5/b.md", text)
        assert found(validate_cards(["."], FEW)) == ["ada/2.5/a.md:20 MC801"]
        validate_cards(["."], FEW, Mode(fix=True))
        assert found(validate_cards([path], FEW)) == []
        assert Path(path).read_text() == text


def test_rules_about_several_cards_can_be_ignored_for_some(
    write: Write, card_with: CardWith
) -> None:
    write("ada/2.5/a.md", card_with("https://example.org/lite0", "https://example.org/a"))
    write("ada/2.5/b.md", card_with())
    configuration = Configuration(select=("MC801",), per_file_ignores=(("b.md", ("MC8",)),))
    assert found(validate_cards(["."], configuration)) == ["ada/2.5/a.md:20 MC801"]


@pytest.fixture
def many(write: Write, card_with: CardWith) -> list[str]:
    """Six hundred cards, of which every third has a fault and some share a digest."""
    paths = []
    for number in range(600):
        text = card_with("ab" * 32, f"{number % 300:064x}", "/lite0.ckpt", f"/{number}.ckpt")
        if number % 3 == 0:
            text = text.replace(DATE, BAD_DATE)
        paths.append(write(f"ada/2.5/card{number:03}.md", text))
    write("ada/2.5/card599.md", b"\xff")
    return paths


def test_several_processes_find_what_one_finds_in_the_same_order(many: list[str]) -> None:
    serial = validate_cards(["ada"], FEW)
    assert len(serial.checked) == 600
    assert len(serial.findings) > 600
    assert validate_cards(["ada"], FEW, Mode(jobs=2)) == serial
    backwards = validate_cards(many[::-1], FEW, Mode(jobs=2))
    assert backwards.checked == serial.checked[::-1]


def test_a_rule_that_does_not_exist_is_the_same_error_for_any_number_of_processes(
    many: list[str],
) -> None:
    for jobs in (1, 2):
        with pytest.raises(ArgumentError, match="there is no rule 'MC3044'; did you mean MC304"):
            validate_cards(["ada"], Configuration(select=("MC3044",)), Mode(jobs=jobs))


def test_the_day_does_not_change_between_processes(many: list[str]) -> None:
    configuration = Configuration(select=("MC305",))
    assert validate_cards(["ada"], configuration, Mode(jobs=2)).ok
    assert datetime.date(2025, 3, 10) < datetime.datetime.now(tz=datetime.timezone.utc).date()


def test_the_front_door_takes_all_that_the_engine_takes(write: Write, card_with: CardWith) -> None:
    write("mshub.toml", 'ignore = ["MC304"]\nfail-level = "error"\n')
    path = write("cards/a.md", card_with(DATE, BAD_DATE))
    assert found(hub.validate(path)) == []
    assert found(hub.validate(Path(path), config=Configuration())) == ["cards/a.md:12 MC304"]
    assert found(hub.validate(path, select=["MC304"])) == ["cards/a.md:12 MC304"]
    assert hub.validate(path, select=["MC304"]).ok
    assert not hub.validate(path, select=["MC304"], fail_level="warning").ok
    assert hub.validate(path, config="mshub.toml") == hub.validate(path)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((), {}, "name at least one card file or folder"),
        ((3,), {}, "name at least one card file or folder"),
        (("a.md",), {"select": "MC304"}, r"select takes a list of codes: \['MC304'\]"),
        (("a.md",), {"ignore": "MC304"}, r"ignore takes a list of codes: \['MC304'\]"),
        (("a.md",), {"fail_level": "fatal"}, "fail_level must be one of error, warning, note"),
    ],
)
def test_arguments_that_cannot_work_are_errors(
    arguments: tuple[object, ...], options: dict[str, object], message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        hub.validate(*arguments, **options)


def test_a_format_that_does_not_exist_is_an_error(write: Write, card_with: CardWith) -> None:
    report = hub.validate(write("a.md", card_with()))
    with pytest.raises(ArgumentError, match="there is no format 'xml'; there are full, concise"):
        report.render("xml")


@pytest.mark.parametrize(
    ("level", "severities"),
    [
        ("error", {"error"}),
        ("warning", {"error", "warning"}),
        ("note", {"error", "warning", "note"}),
    ],
)
def test_the_fail_level_decides_what_is_ok(
    write: Write, card_with: CardWith, level: str, severities: set[str]
) -> None:
    path = write("a.md", card_with("fine-tunable: True", "fine-tunable: maybe", DATE, BAD_DATE))
    for code, severity in (("MC306", "error"), ("MC304", "warning"), ("MC601", "note")):
        report = hub.validate(path, select=[code], fail_level=level)
        assert [finding.severity for finding in report.findings] == [severity]
        assert report.ok is (severity not in severities)


def test_online_rules_run_beside_the_others_and_their_fixes_are_applied(
    write: Write, card_with: CardWith, server: AssetServer, cache_folder: Path
) -> None:
    content = b"weights"
    link = server.serve("/lite0.ckpt", content)
    digest = digest_of(content)
    path = write("a.md", card_with("https://example.org/lite0.ckpt", link, "ab" * 32, digest[:8]))
    hub.fetch(path)
    report = hub.validate(path, select=["MC9"], online=True)
    assert "a.md:20 MC904" in found(report)
    assert found(hub.validate(path, select=["MC9"])) == []
    hub.validate(path, select=["MC904"], online=True, fix=True, unsafe_fixes=True)
    assert f"asset-sha256: {digest}\n" in Path(path).read_text()


def test_a_comment_that_silences_an_online_rule_is_judged_only_online(
    write: Write, card_with: CardWith, server: AssetServer
) -> None:
    link = server.serve("/lite0.ckpt", b"weights")
    dead = f"  asset-link: <{server.origin}/none.ckpt>"
    alive = f"  asset-link: <{link}>"
    line = "  asset-link: <https://example.org/lite0.ckpt>"
    for stated, wanted in ((dead, []), (alive, ["a.md:19 MC001"])):
        path = write("a.md", card_with(line, f"{stated} # mc: ignore[MC901]"))
        assert found(hub.validate(path, select=["MC901", "MC001"])) == []
        assert found(hub.validate(path, select=["MC901", "MC001"], online=True)) == wanted
