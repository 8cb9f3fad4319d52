"""One card under the default rules; and what all rules of the catalogue have in common."""

import datetime
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from hub.cards.document import LARGEST_CARD, Document
from hub.errors import ArgumentError
from hub.findings import SEVERITIES, Finding
from hub.lint.catalogue import FAMILIES, catalogue
from hub.lint.check import Linter
from hub.lint.configuration import Configuration
from hub.lint.rule import Rule

CardWith = Callable[..., str]

TODAY = datetime.date(2025, 6, 1)
FILES = {
    "0": "suppression",
    "1": "rules.text",
    "2": "rules.keys",
    "3": "rules.values",
    "4": "rules.assets",
    "5": "rules.metrics",
    "6": "rules.body",
    "7": "rules.identity",
    "8": "rules.registry",
    "9": "rules.online",
}
MORE_FILES = {"MC100": "rules.files", "3": "rules.words"}


def declared() -> list[tuple[str, Rule]]:
    return [
        (family.removeprefix("hub.lint."), value)
        for family in FAMILIES
        for value in vars(import_module(family)).values()
        if isinstance(value, Rule)
    ]


def test_every_rule_of_the_catalogue_is_declared_as_the_others_are() -> None:
    rules = declared()
    assert len({rule.code for _, rule in rules}) == len({rule.name for _, rule in rules})
    assert len(rules) == len(catalogue()) == len({rule.code for _, rule in rules})
    assert list(catalogue()) == sorted(catalogue())
    for file, rule in rules:
        assert re.fullmatch(r"MC\d{3}", rule.code), rule
        digit = rule.code[2]
        assert file in {MORE_FILES.get(rule.code, FILES[digit]), MORE_FILES.get(digit)}, rule
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+|crlf", rule.name), rule
        assert rule.severity in SEVERITIES, rule
        assert re.fullmatch(r"[^\n]{10,}[^.]\.", rule.summary), rule.summary
        assert not re.search(r"[.!?] [A-Z]", rule.summary), rule.summary
        assert len(rule.explanation) >= 80, rule
        assert rule.explanation.endswith("."), rule.explanation
        assert rule.check.__name__.startswith("find_"), rule
        assert not (rule.default and rule.severity == "note"), rule


def test_every_file_of_rules_is_in_the_catalogue() -> None:
    folder = Path(import_module("hub.lint.rules").__file__ or "").parent
    files = {f"hub.lint.rules.{file.stem}" for file in folder.glob("*.py")} - {
        "hub.lint.rules.__init__"
    }
    assert files == set(FAMILIES) - {"hub.lint.suppression"}


def test_a_good_card_has_no_findings(card_with: CardWith) -> None:
    assert Linter(today=TODAY).check(Document(card_with(), "card.md")) == []


def test_a_finding_says_where_what_and_how_to_mend_it(card_with: CardWith) -> None:
    document = Document(card_with("2025-03-10", "2025-3-10"), "card.md")
    (finding,) = Linter(today=TODAY).check(document)
    assert finding == Finding(
        source="card.md",
        line=12,
        column=14,
        end_line=12,
        end_column=23,
        code="MC304",
        name="unpadded-date",
        severity="warning",
        key="update-time",
        message=finding.message,
        fix=finding.fix,
    )
    assert finding.message == "2025-3-10 lacks a zero; write 2025-03-10"


def test_findings_come_in_the_order_of_the_text(card_with: CardWith) -> None:
    text = card_with("2025-03-10", "2025-3-10", "fine-tunable: True", "fine-tunable: maybe")
    findings = Linter(today=TODAY).check(Document(f"{text}x", "card.md"))
    assert [finding.code for finding in findings] == ["MC306", "MC304", "MC103"]


def test_the_day_is_the_callers(card_with: CardWith) -> None:
    document = Document(card_with(), "card.md")
    before = Linter(today=datetime.date(2025, 3, 1))
    assert [finding.code for finding in before.check(document)] == ["MC305"]


def test_a_file_may_have_rules_of_its_own(card_with: CardWith) -> None:
    configuration = Configuration(per_file_ignores=(("legacy/*", ("MC304",)),))
    linter = Linter(configuration, TODAY)
    text = card_with("2025-03-10", "2025-3-10")
    assert linter.check(Document(text, "legacy/card.md")) == []
    assert len(linter.check(Document(text, "card.md"))) == 1


@pytest.mark.parametrize(
    "configuration",
    [
        Configuration(select=("MC3044",)),
        Configuration(ignore=("MC3044",)),
        Configuration(per_file_ignores=(("never/*", ("MC3044",)),)),
    ],
)
def test_a_rule_that_does_not_exist_is_an_error_before_any_card(
    configuration: Configuration,
) -> None:
    with pytest.raises(ArgumentError, match="there is no rule 'MC3044'; did you mean MC304"):
        Linter(configuration)


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "large.md").write_bytes(b"x" * (LARGEST_CARD + 1))
    (tmp_path / "loop.md").symlink_to("loop.md")
    messages = {}
    for name in ("none.md", "large.md", "loop.md", ".", "a" * 300):
        finding = Linter().read(str(tmp_path / name))
        assert isinstance(finding, Finding)
        assert (finding.code, finding.line, finding.column) == ("MC100", 1, 1)
        assert finding.source == str(tmp_path / name)
        messages[name[:8]] = finding.message
    assert messages == {
        "none.md": "the card cannot be read: No such file or directory",
        "large.md": "larger than 1,048,576 bytes, the most a card may have",
        "loop.md": "the card cannot be read: Too many levels of symbolic links",
        ".": "the card cannot be read: Is a directory",
        "aaaaaaaa": "the card cannot be read: File name too long",
    }


@pytest.mark.parametrize(
    "content", ["# a\n---\na: b\n---\nx".encode("utf-16"), b"\x00\xff" * 9, b"words"]
)
def test_what_is_no_card_is_reported_and_left_as_it_is(content: bytes) -> None:
    document, linter = Document.parse(content), Linter()
    findings = linter.check(document)
    assert {finding.code for finding in findings} & {"MC101", "MC104"}
    assert not any(finding.fix for finding in findings)
    assert linter.fix(document, unsafe=True) == (document, 0)
