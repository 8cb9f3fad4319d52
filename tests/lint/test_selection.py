"""Which rules run: codes, beginnings of codes, names and ALL."""

import pytest

from hub.errors import ArgumentError
from hub.lint.catalogue import catalogue
from hub.lint.selection import find_rule, select_rules

RULES = catalogue()
DEFAULT = {code for code, rule in RULES.items() if rule.default}


def test_without_a_selection_the_default_rules_run_and_no_notes() -> None:
    chosen = select_rules(RULES)
    assert chosen == DEFAULT
    assert all(RULES[code].severity != "note" for code in chosen)


@pytest.mark.parametrize(
    ("selector", "beginning"),
    [("MC304", "MC304"), ("mc304", "MC304"), ("unpadded-date", "MC304"), ("MC3", "MC3")],
)
def test_a_code_a_name_and_the_beginning_of_codes_select(selector: str, beginning: str) -> None:
    assert select_rules(RULES, [selector]) == {c for c in RULES if c.startswith(beginning)}


@pytest.mark.parametrize("selector", ["ALL", "all", "MC"])
def test_all_selects_everything_notes_too(selector: str) -> None:
    assert select_rules(RULES, [selector]) == set(RULES)


def test_an_empty_selection_runs_nothing() -> None:
    assert select_rules(RULES, []) == frozenset()
    assert select_rules(RULES, [], extend_select=["MC304"]) == {"MC304"}


def test_more_can_be_selected_on_top_of_the_default_rules() -> None:
    assert select_rules(RULES, extend_select=["MC601"]) == DEFAULT | {"MC601"}


def test_what_is_ignored_does_not_run() -> None:
    assert select_rules(RULES, ignore=["unpadded-date"]) == DEFAULT - {"MC304"}
    assert select_rules(RULES, ignore=["ALL"]) == frozenset()


def test_the_longer_selector_wins_and_of_equals_the_one_that_ignores() -> None:
    assert select_rules(RULES, ["MC304"], ignore=["MC3"]) == {"MC304"}
    assert select_rules(RULES, ["MC304", "MC303"], ignore=["MC304"]) == {"MC303"}
    assert select_rules(RULES, ["MC30"], ignore=["MC30"]) == frozenset()
    assert "MC304" in select_rules(RULES, extend_select=["MC304"], ignore=["MC30"])


@pytest.mark.parametrize(
    ("selector", "hint"),
    [
        ("MC3044", "did you mean MC304?"),
        ("unpaded-date", "did you mean unpadded-date?"),
        ("UNPADED-DATE", "`hub rule` lists them"),
        ("zebra", "`hub rule` lists them"),
        ("M", "`hub rule` lists them"),
        ("", "`hub rule` lists them"),
    ],
)
@pytest.mark.parametrize("option", ["select", "extend_select", "ignore"])
def test_a_selector_that_means_no_rule_is_an_error(option: str, selector: str, hint: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        select_rules(RULES, **{option: [selector]})
    assert str(caught.value) == f"there is no rule {selector!r}; {hint}"


def test_a_rule_is_found_by_its_code_and_its_name() -> None:
    assert find_rule(RULES, "mc304") is find_rule(RULES, "Unpadded-Date") is RULES["MC304"]
    with pytest.raises(ArgumentError, match="there is no rule 'MC3'; did you mean MC"):
        find_rule(RULES, "MC3")
