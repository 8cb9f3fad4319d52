"""Comments that silence rules, and those that silence nothing."""

import datetime
from collections.abc import Callable

import pytest

from hub.cards.document import Document
from hub.findings import Finding
from hub.lint.check import Linter
from hub.lint.configuration import Configuration

CardWith = Callable[..., str]

TODAY = datetime.date(2025, 6, 1)
DATE = "update-time: 2025-03-10"
BAD_DATE = "update-time: 2025-3-10"
BODY = "## Introduction\n"


def check(text: str, *select: str) -> list[Finding]:
    configuration = Configuration(select=select or None)
    return Linter(configuration, TODAY).check(Document(text, "card.md"))


def found(text: str, *select: str) -> list[str]:
    return [f"{finding.line}:{finding.column} {finding.code}" for finding in check(text, *select)]


def fix(text: str, *, unsafe: bool = False) -> str:
    mended, _ = Linter(Configuration(), TODAY).fix(Document(text, "card.md"), unsafe=unsafe)
    return mended.text


def test_without_a_comment_the_rule_speaks(card_with: CardWith) -> None:
    assert found(card_with(DATE, BAD_DATE)) == ["12:14 MC304"]


@pytest.mark.parametrize(
    "line",
    [
        f"{BAD_DATE} # mc: ignore[MC304]",
        f"{BAD_DATE}  #mc: ignore[ mc304 , MC303 ]  ",
        f"{BAD_DATE} # mc: ignore",
        f"# mc: ignore[MC304]\n{BAD_DATE}",
        f"# mc: ignore[MC304]\n\n# of old\n\n{BAD_DATE}",
        f"# mc: ignore[MC304]\r\n\r\n{BAD_DATE}",
        f"# mc: ignore[MC304]\n# mc: ignore[MC303]\n{BAD_DATE}",
        f"# mc: ignore\n{BAD_DATE}",
        f"{BAD_DATE} # mc:ignore[MC304]",
        f"{BAD_DATE} # MC: ignore [MC304]",
        f"{BAD_DATE} # MC : IGNORE[mc304]",
        f"{BAD_DATE} # mc: ignore[MC304] because it is old",
        f"{BAD_DATE} # mc: ignore[MC3]",
        f"{BAD_DATE} # mc: ignore[all]",
        f"{BAD_DATE} # mc: ignore[Unpadded-Date]",
    ],
)
def test_a_comment_in_the_header_silences_its_line_or_the_key_below(
    card_with: CardWith, line: str
) -> None:
    assert found(card_with(DATE, line), "MC304", "MC002") == []


def test_a_comment_speaks_for_no_other_line_and_no_other_rule(card_with: CardWith) -> None:
    other_line = card_with(DATE, BAD_DATE, "author: Ada", "author: Ada # mc: ignore[MC304]")
    assert found(other_line) == ["11:13 MC001", "12:14 MC304"]
    other_rule = card_with(DATE, f"{BAD_DATE} # mc: ignore[MC303]")
    assert found(other_rule) == ["12:14 MC304", "12:24 MC001"]


def test_a_comment_in_the_body_silences_the_rules_that_it_names_in_the_whole_card(
    card_with: CardWith,
) -> None:
    for comment in (
        "<!-- mc: ignore[MC304, MC103] -->",
        "<!--MC:ignore[mc304, no-final-newline]: it is\nso old -->",
        "<!-- mc: ignore[MC3, MC1] -->",
    ):
        text = card_with(DATE, BAD_DATE, BODY, f"{comment}\n{BODY}")
        assert found(text.rstrip("\n")) == [], comment


def test_a_metric_that_differs_from_the_table_is_silenced_from_the_body(
    card_with: CardWith,
) -> None:
    table = "| model | top-1 | weight |\n| --- | --- | --- |\n| lite0 | 70.00 | [w](LINK) |\n"
    table = table.replace("LINK", "https://example.org/lite0.ckpt")
    assert [f.code for f in check(card_with(BODY, f"{table}\n{BODY}"))] == ["MC722"]
    assert check(card_with(BODY, f"<!-- mc: ignore[MC722] -->\n\n{table}\n{BODY}")) == []


def test_a_comment_in_code_or_in_a_value_is_none(card_with: CardWith) -> None:
    fenced = card_with(DATE, BAD_DATE, BODY, f"```\n<!-- mc: ignore[MC304] -->\n```\n{BODY}")
    assert found(fenced) == ["12:14 MC304"]
    summary = "summary: Sorts photographs into a thousand classes."
    for value in (
        "summary: |\n  of 2025 # mc: ignore[MC408]\n  # mc: ignore[MC408]",
        "summary: >-\n  of 2025 # mc: ignore[MC408]",
        'summary: "of 2025 # mc: ignore[MC408]\n  and more"',
        "summary: 'of 2025\n  # mc: ignore[MC408]\n  and more'",
        "summary: of 2025# mc: ignore[MC408]",
    ):
        assert found(card_with(summary, value), "MC0") == [], value


def test_a_line_that_is_not_yaml_can_have_a_comment(card_with: CardWith) -> None:
    stated = "evaluation: top1acc76.88 | top5acc93.28"
    assert found(card_with(stated, "evaluation: -"), "MC1", "MC0") == ["10:13 MC111"]
    silenced = card_with(stated, "evaluation: - # mc: ignore[MC111]")
    assert found(silenced, "MC1", "MC0") == []


def test_a_comment_that_silences_nothing_is_found_and_removed(card_with: CardWith) -> None:
    text = card_with(DATE, f"{DATE} # mc: ignore[MC304]")
    (finding,) = check(text)
    assert (finding.code, finding.line, finding.column, finding.end_column) == ("MC001", 12, 25, 44)
    assert finding.message == "this comment no longer silences MC304"
    assert finding.fix is not None
    assert finding.fix.safe
    assert fix(text) == card_with()


def test_a_comment_with_a_line_of_its_own_goes_with_its_line(card_with: CardWith) -> None:
    assert fix(card_with(DATE, f"  # mc: ignore[MC304]\n{DATE}")) == card_with()


def test_of_several_codes_the_unused_ones_go(card_with: CardWith) -> None:
    text = card_with(DATE, f"{BAD_DATE} # mc: ignore[MC303,MC304, MC305]")
    (finding,) = check(text)
    assert finding.message == "this comment no longer silences MC303, MC305"
    assert fix(text) == card_with(DATE, f"{BAD_DATE} # mc: ignore[MC304]")


def test_a_comment_in_the_body_is_removed_only_by_an_unsafe_fix(card_with: CardWith) -> None:
    text = card_with(BODY, f"<!-- mc: ignore[MC304] -->\n{BODY}")
    assert found(text) == ["25:1 MC001"]
    assert fix(text) == text
    assert fix(text, unsafe=True) == card_with()


def test_a_comment_without_codes_that_silences_nothing_is_removed_only_by_an_unsafe_fix(
    card_with: CardWith,
) -> None:
    text = card_with(DATE, f"{DATE} # mc: ignore")
    (finding,) = check(text)
    assert finding.message == "this comment no longer silences anything"
    assert fix(text) == text
    assert fix(text, unsafe=True) == card_with()


def test_only_rules_that_ran_are_judged(card_with: CardWith) -> None:
    text = card_with(DATE, f"{DATE} # mc: ignore[MC304]")
    assert found(text, "MC0", "MC4") == []
    assert found(text, "MC0", "MC3") == ["12:25 MC001"]
    assert found(card_with(DATE, f"{DATE} # mc: ignore"), "MC0", "MC3") == []


@pytest.mark.parametrize("code", ["MC801", "MC901"])
def test_rules_about_several_cards_or_the_network_are_not_judged_by_one_card(
    card_with: CardWith, code: str
) -> None:
    text = card_with(DATE, f"{DATE} # mc: ignore[{code}]")
    assert found(text, "ALL") == found(card_with(), "ALL")
    assert fix(text) == text


def test_an_unknown_code_is_found(card_with: CardWith) -> None:
    (finding,) = check(card_with(DATE, f"{BAD_DATE} # mc: ignore[MC304, MC999]"))
    assert finding.code == "MC002"
    assert finding.message == "there is no rule MC999; `hub rule` lists them"
    assert finding.fix is None


def test_a_misspelt_name_is_found_with_the_right_one(card_with: CardWith) -> None:
    findings = check(card_with(DATE, f"{BAD_DATE} # mc: ignore[unpaded-date]"), "MC002")
    assert [f.message for f in findings] == [
        "there is no rule unpaded-date; did you mean unpadded-date?"
    ]


@pytest.mark.parametrize(
    "comment",
    [
        "# mc: ignore because it is old",
        "# mc: ignore MC304",
        "# mc: ignore[MC304",
        "# mc: ignore[]",
        "# mc: ignored",
        "# mc ignore[MC304]",
    ],
)
def test_a_comment_that_cannot_be_understood_is_found(card_with: CardWith, comment: str) -> None:
    findings = check(card_with(DATE, f"{BAD_DATE} {comment}"))
    assert [finding.code for finding in findings] == ["MC304", "MC002"]
    message = "this comment silences nothing; write mc: ignore[MC304], then the reason"
    assert findings[1].message == message


def test_a_comment_of_the_body_that_cannot_be_understood_is_found(card_with: CardWith) -> None:
    text = card_with(DATE, BAD_DATE, BODY, f"<!-- mc: ignore MC304 -->\n{BODY}")
    assert found(text) == ["12:14 MC304", "25:1 MC002"]


def test_a_family_that_silences_nothing_is_found_once_all_its_rules_ran(
    card_with: CardWith,
) -> None:
    text = card_with(DATE, f"{DATE} # mc: ignore[MC3]")
    assert found(text) == []
    (finding,) = check(text, "MC0", "MC3")
    assert finding.message == "this comment no longer silences MC3"
    assert found(card_with(DATE, f"{DATE} # mc: ignore[unpadded-date]")) == ["12:25 MC001"]


def test_thousands_of_comments_that_are_idle_are_each_found(card_with: CardWith) -> None:
    comments = "# mc: ignore[MC304]\n" * 2000
    assert len(check(card_with(DATE, f"{comments}{DATE}"), "MC0", "MC304")) == 2000
    assert found(card_with(DATE, f"{comments}{BAD_DATE}"), "MC0", "MC304") == []


def test_in_the_body_a_comment_must_name_rules(card_with: CardWith) -> None:
    text = card_with(DATE, BAD_DATE, BODY, f"<!-- mc: ignore -->\n{BODY}")
    assert found(text) == ["12:14 MC304", "25:1 MC002"]
    message = "in the body, a comment must name the rules that it silences: ignore[MC722]"
    assert check(text)[1].message == message


def test_a_comment_may_speak_for_itself_by_name_alone(card_with: CardWith) -> None:
    named = card_with(DATE, f"{DATE} # mc: ignore[MC304, MC001]")
    assert found(named) == []
    assert found(card_with(DATE, f"{DATE} # mc: ignore[MC304, MC0]"), "MC0", "MC304") == []
    assert found(card_with(DATE, f"{DATE} # mc: ignore[MC304, MC]")) == ["12:25 MC001"]


def test_a_finding_that_is_silenced_is_not_mended(card_with: CardWith) -> None:
    text = card_with(DATE, f"{BAD_DATE} # mc: ignore[MC304]")
    assert fix(text) == text
