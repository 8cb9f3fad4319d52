"""The rules of the MC6xx family: each with a body that it flags, and one that it lets pass."""

from pathlib import Path

import pytest

from hub.cards.document import Document
from hub.lint.rule import Draft, Rule
from hub.lint.rules import body as rules
from hub.lint.subject import Subject

HEADER = """\
# lite0

---

model-name: lite0

repo-link: <https://github.com/owner/repo/tree/v1.0/configs>

---

"""
BODY_LINE = HEADER.count("\n") + 1  # the number of the body's first line


def look(rule: Rule, body: str, source: str = "card.md") -> tuple[Document, list[Draft]]:
    document = Document(HEADER + body, source)
    return document, list(rule.check(Subject(document)))


def flagged(rule: Rule, body: str) -> list[str]:
    """The places that a rule flags, as they stand in the body."""
    document, drafts = look(rule, body)
    assert all(document.place(draft.start)[0] >= BODY_LINE for draft in drafts)
    return [document.text[draft.start : draft.end] for draft in drafts]


def messages(rule: Rule, body: str) -> list[str]:
    return [draft.message for draft in look(rule, body)[1]]


def mend(rule: Rule, body: str) -> str:
    """The body after all fixes of a rule, none of which may be safe: they change the text."""
    document, drafts = look(rule, body)
    fixes = [draft.fix for draft in drafts if draft.fix]
    assert not any(fix.safe for fix in fixes)
    edits = [edit for fix in fixes for edit in fix.edits]
    return document.edit(edits).text.removeprefix(HEADER)


CODE = "```python\nprint(1)\n```\n"
TABLE = "| a | b |\n| - | - |\n| 1 | 2 |\n"

FLAGGED = [
    (rules.find_second_h1, "# Title\n\n## Part\n", ["# Title"]),
    (rules.find_duplicate_heading, "## A\n\n### Use\n\n### use\n", ["### use"]),
    (rules.find_unclosed_code, "Text.\n\n```python\nprint(1)\n", ["```python"]),
    (rules.find_unclosed_code, f"{CODE}\n~~~\nls\n", ["~~~"]),
    (rules.find_ragged_table, f"{TABLE}| 3 | 4 | 5 |\n", ["3 | 4 | 5"]),
    (rules.find_ragged_table, f"{TABLE}| 3 |\n| 5 | 6 |\n", ["3"]),
    (rules.find_http_link, "[a](http://example.com/a)\n", ["http://example.com/a"]),
    (rules.find_http_link, "See http://example.com.\n", ["http://example.com"]),
    (rules.find_malformed_link, "[here]()\n", ["()"]),
    (rules.find_malformed_link, "[a]((https://example.com)\n", ["(https://example.com)"]),
    (rules.find_malformed_link, "[a](https://example.com\n\nText.\n", ["https://example.com"]),
    (rules.find_malformed_link, "[a](https//example.com/b)\n", ["https//example.com/b"]),
    (rules.find_malformed_link, "[a](htps://example.com)\n", ["htps://example.com"]),
    (rules.find_malformed_link, "<a href='https:/example.com'>b</a>\n", ["https:/example.com"]),
    (rules.find_relative_link, "[a](docs/use.md)\n", ["docs/use.md"]),
    (rules.find_relative_link, "![a](../a.png 'A')\n", ["../a.png"]),
    (rules.find_relative_link, "<img src='/a.png'>\n", ["/a.png"]),
    (rules.find_body_moving_ref, "<https://github.com/owner/repo/blob/main/a.py>\n", ["main"]),
    (rules.find_body_moving_ref, "[a](https://github.com/Owner/Repo/tree/master)\n", ["master"]),
    (rules.find_dead_anchor, "## Results\n\n[a](#notes)\n", ["#notes"]),
    (rules.find_dead_anchor, "<a href='#notes'>a</a>\n", ["#notes"]),
    (rules.find_template_comment, "<!--- Guideline: be brief. -->\n", None),
    (rules.find_template_comment, "Text. <!-- TODO numbers --> More.\n", ["<!-- TODO numbers -->"]),
    (rules.find_unclosed_comment, "Text.\n\n<!-- note\n\n## Results\n", ["<!--"]),
]

LET_PASS = [
    (rules.find_no_disclaimer, "## Disclaimer\n\nAs is.\n"),
    (rules.find_second_h1, "## Title\n\n```sh\n# a comment\n```\n"),
    (rules.find_duplicate_heading, "## A\n\n### Use\n\n## B\n\n### Use\n"),
    (rules.find_unclosed_code, f"{CODE}\n- ```sh\n  ls\n  ```\n"),
    (rules.find_unclosed_code, "`` ` `` and ``` in a line\n"),
    (rules.find_ragged_table, f"{TABLE}| a \\| b | c |\n"),
    (rules.find_ragged_table, "a | b\n- | -\n1 | 2\n"),
    (rules.find_http_link, "[a](https://example.com) `http://example.com`\n"),
    (rules.find_http_link, "Open http://localhost:7860 or http://127.0.0.1/.\n"),
    (rules.find_malformed_link, "[a](https://example.com/b_(c)) [d](<e f.md>) [g](h.md 'i')\n"),
    (rules.find_malformed_link, "Write `[a]()`, or [a] (b).\n"),
    (rules.find_malformed_link, "[a](https-notes.md) [b](HTTPS://example.com)\n"),
    (rules.find_relative_link, "[a](https://example.com) [b](#c) [d](mailto:e@example.com)\n"),
    (rules.find_relative_link, "[a](//example.com/b) `[c](d.md)` [e]()\n"),
    (rules.find_body_moving_ref, "<https://github.com/owner/repo/blob/v1.0/main/a.py>\n"),
    (rules.find_body_moving_ref, "<https://github.com/owner/other/blob/main/a.py>\n"),
    (rules.find_body_moving_ref, "<https://github.com/owner/repo/issues>\n"),
    (rules.find_dead_anchor, "## Quick *Start*\n\n[a](#quick-start) [b](#top) [c](#)\n"),
    (rules.find_dead_anchor, "<a name='notes'></a> [a](#notes)\n"),
    (rules.find_dead_anchor, "## 结果\n\n[a](#%E7%BB%93%E6%9E%9C)\n"),
    (rules.find_template_comment, "<!-- measured on two devices -->\n"),
    (rules.find_unclosed_comment, "<!-- note --> `<!--`\n"),
]


@pytest.mark.parametrize(("rule", "body", "places"), FLAGGED)
def test_a_rule_flags_the_exact_place(rule: Rule, body: str, places: list[str] | None) -> None:
    assert flagged(rule, body) == (places or [body.rstrip("\n")])


@pytest.mark.parametrize(("rule", "body"), LET_PASS)
def test_a_rule_lets_what_only_looks_wrong_pass(rule: Rule, body: str) -> None:
    assert flagged(rule, body) == []


def test_every_rule_of_the_family_has_a_flagged_body_and_one_that_passes() -> None:
    family = {rule.code for rule in vars(rules).values() if isinstance(rule, Rule)}
    assert family == {rule.code for rule, *_ in FLAGGED} | {"MC601"}
    assert family == {rule.code for rule, *_ in LET_PASS}


def test_a_card_without_disclaimer_is_flagged_at_its_first_fence() -> None:
    document, (draft,) = look(rules.find_no_disclaimer, "## Use\n\nNo disclaimer here.\n")
    assert document.place(draft.start) == (3, 1)
    assert draft.message == "no section 'Disclaimer'; the official cards have one"


def test_messages_say_the_cause_and_the_values() -> None:
    assert messages(rules.find_ragged_table, f"{TABLE}| 3 |\n") == [
        "cells in this row: 1, in the table's header: 2"
    ]
    assert messages(rules.find_malformed_link, "[the code]()\n[a]((https://example.com)\n") == [
        "the link 'the code' leads nowhere; give it a target, or leave the words alone",
        "the link 'a' opens two brackets before https://example.com; one is enough",
    ]
    assert messages(rules.find_duplicate_heading, "## Use\n\n## Use\n") == [
        f"'Use' is also the heading of line {BODY_LINE}; rename one"
    ]
    assert messages(rules.find_body_moving_ref, "<https://github.com/owner/repo/raw/main/a>") == [
        "'main' moves on; the header's repo-link names v1.0"
    ]


def test_an_endless_link_is_cut_in_messages() -> None:
    (message,) = messages(rules.find_relative_link, f"[a]({'b' * 500}.md)\n")
    assert len(message) < 150
    assert "…" in message


def test_links_are_mended_where_the_right_one_is_known() -> None:
    assert mend(rules.find_http_link, "[a](http://example.com/a)") == "[a](https://example.com/a)"
    link = "[a](https://github.com/owner/repo/blob/main/main.py)"
    assert mend(rules.find_body_moving_ref, link) == link.replace("/main/", "/v1.0/")
    body = "## Quick Start\n\n[a](#Quick-Start) [b](#notes)\n"
    assert mend(rules.find_dead_anchor, body) == body.replace("#Quick", "#quick").replace(
        "-S", "-s"
    )


def test_a_template_comment_is_deleted_with_its_line_if_it_stands_alone() -> None:
    body = "Text.\n\n<!-- Guideline: be\nbrief. -->\n\nMore. <!-- TODO: numbers -->\n"
    assert mend(rules.find_template_comment, body) == "Text.\n\n\nMore. \n"


def test_a_template_comment_without_end_is_not_deleted() -> None:
    _, (draft,) = look(rules.find_template_comment, "<!-- Guideline: be brief.\n\n## A\n")
    assert draft.fix is None


def test_a_relative_link_to_a_file_beside_the_card_passes(tmp_path: Path) -> None:
    (tmp_path / "a picture.png").touch()
    source = str(tmp_path / "card.md")
    body = "![a](a%20picture.png) [b](./a%20picture.png#c) [d](e.png)\n"
    document, (draft,) = look(rules.find_relative_link, body, source)
    assert document.text[draft.start : draft.end] == "e.png"


def test_a_moving_ref_passes_if_the_header_names_no_release() -> None:
    text = HEADER.replace("v1.0", "main") + "<https://github.com/owner/repo/blob/main/a.py>\n"
    assert not list(rules.find_body_moving_ref.check(Subject(Document(text))))


def test_the_first_title_of_a_card_without_title_line_passes() -> None:
    text = HEADER.partition("\n")[2] + "# Title\n"
    assert not list(rules.find_second_h1.check(Subject(Document(text))))


@pytest.mark.parametrize("rule", [r for r in vars(rules).values() if isinstance(r, Rule)])
def test_a_text_without_header_has_no_body_to_find_fault_with(rule: Rule) -> None:
    text = "# lite0\n\n# lite0\n\n[a]() [b](c.md) [d](#e) http://example.com\n\n```\n<!-- TODO"
    drafts = list(rule.check(Subject(Document(text))))
    assert [draft.message for draft in drafts] == (
        ["no section 'Disclaimer'; the official cards have one"] if rule.code == "MC601" else []
    )


def test_places_are_right_in_a_card_with_windows_line_ends() -> None:
    text = (HEADER + "## A\n\n[a](b.md)\n\n```\nls\n").replace("\n", "\r\n")
    document = Document(text)
    (link,) = rules.find_relative_link.check(Subject(document))
    (code,) = rules.find_unclosed_code.check(Subject(document))
    assert document.text[link.start : link.end] == "b.md"
    assert document.text[code.start : code.end] == "```"
