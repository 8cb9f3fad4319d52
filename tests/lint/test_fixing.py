"""Fixes: applied until there is nothing left to apply, and never changing a fact unasked."""

import datetime
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.cards.document import Document
from hub.cards.record import Card, build_card
from hub.errors import CardError
from hub.files import write_file
from hub.findings import Edit, Finding, Fix
from hub.lint.check import Linter
from hub.lint.configuration import Configuration
from hub.lint.fixing import fix_document

CardWith = Callable[..., str]

TODAY = datetime.date(2025, 6, 1)
LINTER = Linter(today=TODAY)
PROPERTY = settings(
    max_examples=int(os.environ.get("MSHUB_FUZZ_EXAMPLES", "200")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def find(text: str, *fixes: Fix) -> list[Finding]:
    rule = {"name": "unpadded-date", "severity": "warning", "message": text}
    place = {"end_line": 1, "end_column": 1, "key": "", "source": "card.md"}
    starts = [min(fix.edits, default=Edit(0, 0, "")).start for fix in fixes]
    return [
        Finding(line=1, column=start + 1, code=text or "MC304", **place, **rule, fix=fix)
        for start, fix in zip(starts, fixes, strict=True)
    ]


def replacing(old: str, new: str) -> Callable[[Document], list[Finding]]:
    """A rule that wants one text to be another."""

    def check(document: Document) -> list[Finding]:
        start = document.text.find(old)
        edits = (Edit(start, start + len(old), new),)
        return find(old, Fix("", edits, safe=True)) if start >= 0 else []

    return check


def test_every_fix_of_a_card_is_applied(card_with: CardWith) -> None:
    text = card_with("2025-03-10", "2025-3-10", "fine-tunable: True", "fine-tunable: True  ")
    mended, count = LINTER.fix(Document(text.rstrip("\n"), "card.md"))
    assert (mended.text, mended.source, count) == (card_with(), "card.md", 3)


def test_a_good_card_stays_the_document_that_it_is(card_with: CardWith) -> None:
    document = Document(card_with(), "card.md")
    mended, count = LINTER.fix(document)
    assert mended is document
    assert count == 0


def test_unsafe_fixes_are_applied_only_if_they_are_wanted(card_with: CardWith) -> None:
    document = Document(card_with("https://example.org/lite0", "http://example.org/lite0"))
    assert LINTER.fix(document) == (document, 0)
    assert LINTER.fix(document, unsafe=True) == (Document(card_with()), 1)


def test_fixes_that_touch_each_other_are_applied_one_after_the_other() -> None:
    def check(document: Document) -> list[Finding]:
        rules = (replacing("ab", "x"), replacing("bc", "y"), replacing("xc", "z"))
        return [finding for rule in rules for finding in rule(document)]

    assert fix_document(Document("abcbc"), check) == (Document("zy"), 3)


def test_a_fix_of_several_places_is_applied_whole_or_not_at_all() -> None:
    both = Fix("", (Edit(0, 1, "1"), Edit(4, 5, "5")), safe=True)
    inner = Fix("", (Edit(2, 3, "3"),), safe=True)

    def check(document: Document) -> list[Finding]:
        return find("", inner, both) if document.text == "abcde" else []

    assert fix_document(Document("abcde"), check) == (Document("1bcd5"), 1)


def test_fixes_that_undo_each_other_come_to_an_end() -> None:
    def check(document: Document) -> list[Finding]:
        return replacing("a", "b")(document) or replacing("b", "a")(document)

    mended, _ = fix_document(Document("a"), check)
    assert mended.text in {"a", "b"}


def test_fixes_that_undo_each_other_give_one_card_whichever_is_mended() -> None:
    def check(document: Document) -> list[Finding]:
        return replacing("a", "b\n")(document) or replacing("b\n", "\na")(document)

    for text in ("a", "b\n", "\na"):
        mended, _ = fix_document(Document(text), check)
        assert fix_document(mended, check) == (mended, 0)


def test_a_fix_after_which_the_same_is_found_is_not_applied_and_others_are() -> None:
    def check(document: Document) -> list[Finding]:
        return [*replacing("c", "d")(document), *replacing("a", "aa")(document)]

    assert fix_document(Document("a c"), check) == (Document("a d"), 1)


def test_fixes_that_never_come_to_an_end_mend_nothing() -> None:
    document = Document("a")
    assert fix_document(document, replacing("a", "ba")) == (document, 0)


@pytest.mark.parametrize("end", ["\x0b", "\x0c", "\x85", "\u2028"])
def test_a_blank_that_is_no_blank_to_yaml_does_not_make_a_card_grow(
    card_with: CardWith, end: str
) -> None:
    linter = Linter(Configuration(select=("ALL",)), TODAY)
    document = Document(card_with("author: Ada", f"author: Smith{end}"), "card.md")
    mended, _ = linter.fix(document, unsafe=True)
    assert linter.fix(mended, unsafe=True) == (mended, 0)
    assert len(mended.text) <= len(document.text) + 2


def test_a_name_with_a_mark_that_no_title_can_end_with_does_not_make_a_card_grow(
    card_with: CardWith,
) -> None:
    linter = Linter(Configuration(select=("MC704",)), TODAY)
    document = Document(card_with("model-name: lite0", "model-name: lite0\ufeff"), "card.md")
    assert [finding.code for finding in linter.check(document)] == ["MC704"]
    assert linter.fix(document, unsafe=True) == (document, 0)


def test_a_fix_that_changes_nothing_is_none() -> None:
    same = replacing("a", "a")
    assert fix_document(Document("a"), same) == (Document("a"), 0)
    empty = find("", Fix("", (), safe=True))
    assert fix_document(Document("a"), lambda _: empty) == (Document("a"), 0)


def test_a_file_is_replaced_whole_and_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    file, link = tmp_path / "card.md", tmp_path / "links" / "card.md"
    file.write_text("old")
    file.chmod(0o640)
    link.parent.mkdir()
    link.symlink_to("../card.md")
    write_file(str(link), b"new")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o640)
    assert link.is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["card.md", "links"]


def test_a_new_file_has_the_mode_that_new_files_have(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_file(str(tmp_path / "new"), b"")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_file_that_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder cannot be written: Is a directory"):
        write_file(str(tmp_path / "folder"), b"")
    with pytest.raises(OSError, match=r"card\.md cannot be written: No such file or directory"):
        write_file(str(tmp_path / "none" / "card.md"), b"")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_long_name_can_be_written(tmp_path: Path) -> None:
    file = tmp_path / ("n" * 250 + ".md")
    write_file(str(file), b"new")
    assert file.read_bytes() == b"new"


QUIRKS = [
    ("mindspore-version: 2.5", "mindspore-version: 1.10"),
    ("model-version: 2.5", "model-version: '1.0'  "),
    ("model-version: 2.5", "model-version: banana"),
    ("evaluation: top1acc76.88 | top5acc93.28", "evaluation: -"),
    ("evaluation: top1acc76.88 | top5acc93.28", "evaluation: no"),
    ("evaluation: top1acc76.88 | top5acc93.28", "evaluation: a: b"),
    ("evaluation: top1acc76.88 | top5acc93.28", "evaluation: 2.2m | 3.44d"),
    ("evaluation: top1acc76.88 | top5acc93.28", "evaluation: top1acc69.73 | top1acc89.35"),
    ("evaluation: top1acc76.88 | top5acc93.28", "accuracy: vit-base: 83.78 / vit-large: 85"),
    ("evaluation: top1acc76.88 | top5acc93.28", "evaluation: F1scorce90 | BLUE 3"),
    ("update-time: 2025-03-10", "update-time: 2025-3-10"),
    ("update-time: 2025-03-10", "update-time: '2025-3-1' # mc: ignore[MC303]"),
    ("update-time: 2025-03-10", "update-time: 2025-2-30"),
    ("update-time: 2025-03-10", "update-time\N{FULLWIDTH COLON}2025-3-10"),
    ("fine-tunable: True", "fine-tunable: true \t"),
    ("author: Ada", "author: Ada\nauthor: Bob"),
    ("author: Ada", "# mc: ignore[MC304]\nauthor: Ada"),
    ("author: Ada", "author: @Ada"),
    ("license: Apache-2.0", "license: Apache2.0"),
    ("license: Apache-2.0", "licence: Apache2.0"),
    ("train-dataset: ImageNet2012", "train-dataset: imagenet2012"),
    ("repo-link: <https://github.com/ada/lite0/tree/v1.0/configs>", "repo-link:"),
    ("<https://github.com/ada/lite0/tree/v1.0/configs>", "https://github.com/ada/lite0"),
    ("<https://example.org/lite0.ckpt>", "http://example.org/lite0.ckpt"),
    ("<https://example.org/lite0.ckpt>", "https://example.org/lite0.ckpt#a # b"),
    ("ab" * 32, "0e737186"),
    ("ab" * 32, "01234567"),
    ("ab" * 32, "AB" * 32),
    ("ab" * 32, "015ba575c   # mc: ignore[MC408, MC409]"),
    ("  asset-sha256", "  asset-link: <https://example.org/other.ckpt>\n  asset-sha256"),
    ("asset:\n- file-format: ckpt\n  asset", "asset:\n\n-\n    file-format: ckpt\n    asset"),
    ("asset:\n", "## assets\n"),
    ("- file-format: ckpt\n", "- file-format: mslite\n\n"),
    ("# lite0\n", "\ufeff# lite0\n"),
    ("# lite0\n", "# Lite 0\n\nA text.\n"),
    ("\n---\n\n## Intro", "\n--- \n\n## Intro"),
    ("summary: Sorts", "summary: |\n  Sorts  \n  more\nx-key: Sorts"),
    ("summary: Sorts", "summary: 'it''s'\n\n\nx-key: Sorts"),
    ("Sorts photographs.\n", "Sorts\n\n---\n\nphotographs."),
    ("Sorts photographs.\n", "|a|b|\n|-|-|\n|1|\n\n[x](y.md) [z]() ```\n"),
    ("Sorts photographs.\n", '```python\nmshub.load("mindspore/1.10/other")\n```\n'),
    ("Sorts photographs.\n", "<!-- mc: ignore[MC304] -->\n\xa0 \udcff"),
    ("\n", "\r\n"),
]


def build(document: Document) -> Card | None:
    """The record of a card without the case of its digests, which are equal in any."""
    try:
        record = build_card(document)
    except CardError:
        return None
    assets = [replace(asset, digest_text=asset.digest_text.lower()) for asset in record.assets]
    return replace(record, assets=tuple(assets))


def count_errors(document: Document) -> dict[str, int]:
    codes = [f.code for f in LINTER.check(document) if f.severity == "error"]
    return {code: codes.count(code) for code in codes}


@PROPERTY
@given(st.lists(st.sampled_from(QUIRKS), max_size=5), st.booleans())
def test_safe_fixes_change_no_fact_add_no_error_and_are_done_at_once(
    card_with: CardWith, quirks: list[tuple[str, str]], cut: bool
) -> None:
    text = card_with()
    for old, new in quirks:
        text = text.replace(old, new)
    document = Document(text.rstrip("\n") if cut else text, "mindspore/2.5/lite0.md")
    mended, _ = LINTER.fix(document)
    assert build(mended) == build(document)
    assert LINTER.fix(mended) == (mended, 0)
    before = count_errors(document)
    assert all(count <= before.get(code, 0) for code, count in count_errors(mended).items())


@PROPERTY
@given(st.lists(st.sampled_from(QUIRKS), max_size=5))
def test_unsafe_fixes_too_are_done_at_once(
    card_with: CardWith, quirks: list[tuple[str, str]]
) -> None:
    text = card_with()
    for old, new in quirks:
        text = text.replace(old, new)
    mended, _ = LINTER.fix(Document(text, "mindspore/2.5/lite0.md"), unsafe=True)
    assert LINTER.fix(mended, unsafe=True) == (mended, 0)
