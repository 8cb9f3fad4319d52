"""Rules about bytes, fences and lines."""

import pytest

from hub.resources import cards_folder

WIDE = "\N{FULLWIDTH COLON}"


def test_nothing_is_wrong_with_the_good_card(check, card_with):
    assert check(card_with()) == []


def test_the_card_that_comes_with_mshub_has_two_flaws_and_two_marks_of_its_kind(check):
    card = (cards_folder() / "MindSpore" / "efficientnet_b0.md").read_bytes()
    assert [(found.code, found.place) for found in check(card)] == [
        ("MC304", "21:14-23"),
        ("MC314", "37:10-19"),
        ("MC316", "39:10-40"),
        ("MC408", "35:17-25"),
    ]


def test_bytes_that_are_not_utf8_are_an_error(check, card_with):
    card = card_with("Ada\nupdate", "Ad\xe4\nupdate").encode("latin-1")
    (found,) = check(card, select="MC1")
    assert found.code == "MC101"
    assert found.place == "11:11-12"
    assert found.message == "not UTF-8 text; is this a model card?"


def test_letters_of_other_languages_are_text(check, card_with):
    assert check(card_with("author: Ada", "author: 埃达"), select="MC1") == []


def test_carriage_returns_are_found_once_and_removed(check, card_with):
    (found,) = check(card_with().replace("\n", "\r\n"), select="MC1")
    assert found.code == "MC102"
    assert found.place == "1:8-9"
    assert found.message == "27 lines end with CR LF, as on Windows; LF alone is wanted"
    assert found.fix == "safe: write LF"
    assert "".join(found.changed) == card_with()


def test_a_single_carriage_return_is_found_where_it_is(check, card_with):
    (found,) = check(card_with("cv\n", "cv\r\n"), select="MC102")
    assert (found.place, found.changed) == ("6:16-17", ("module-type: cv\n",))
    assert found.message == "a line ends with CR LF, as on Windows; LF alone is wanted"


def test_a_carriage_return_inside_a_line_is_no_line_end(check, card_with):
    assert check(card_with("Sorts photographs.", "Sorts\rphotographs."), select="MC102") == []


@pytest.mark.parametrize(("old", "end"), [("\n", "\n"), ("\r\n", "\r\n")])
def test_a_missing_last_line_end_is_added_as_the_others_are(check, card_with, old, end):
    card = card_with().replace("\n", old).removesuffix(end)
    (found,) = check(card, select="MC103")
    assert found.place == "27:19-19"
    assert found.message == "the last line has no line end"
    assert (found.fix, found.changed) == ("safe: add it", (f"Sorts photographs.{end}",))


def test_a_card_without_fences_is_told_that_and_nothing_else(check):
    (found,) = check("# lite0\n\nmodel-name: lite0\n")
    assert (found.code, found.place) == ("MC104", "1:1-8")
    assert found.message == "no '---' line found; a card's header stands between two"


def test_one_fence_is_too_few(check, card_with):
    (found,) = check(card_with("classes.\n---\n", "classes.\n"))
    assert found.code == "MC104"
    assert found.message == "one '---' line found; a card's header stands between two"


def test_a_rule_in_the_body_becomes_stars(check, card_with):
    (found,) = check(card_with("## Introduction", "---\n\n## Introduction"), select="MC1")
    assert (found.code, found.place) == ("MC105", "25:1-4")
    assert found.message == (
        "a line of the body begins with '---', which the official reader takes for a fence; "
        "write '***'"
    )
    assert (found.fix, found.changed) == ("unsafe: write ***", ("***\n",))


@pytest.mark.parametrize(
    "body",
    [
        "Introduction\n---\n",
        "```yaml\n\n---\n```\n",
        "<!--\n\n---\n-->\n",
        "a | b\n--- | ---\n",
        "--- a/file\n",
    ],
    ids=["heading", "code", "comment", "table", "diff"],
)
def test_hyphens_that_are_no_rule_are_found_but_not_rewritten(check, card_with, body):
    (found,) = check(card_with("## Introduction", body), select="MC105")
    assert found.message == (
        "a line of the body begins with '---', which the official reader takes for a fence"
    )
    assert found.fix == ""


@pytest.mark.parametrize("body", ["***", " ---", "| --- |", "- - -", "a --- b"])
def test_lines_that_do_not_begin_with_three_hyphens_are_fine(check, card_with, body):
    assert check(card_with("## Introduction", f"\n{body}\n"), select="MC1") == []


def test_text_above_the_header_is_found(check, card_with):
    (found,) = check(card_with("# lite0\n", "# lite0\nA small network.\n"), select="MC1")
    assert (found.code, found.place) == ("MC106", "1:1-8")
    assert found.message == "only a title line ('# name') may stand before the first '---'"


def test_a_card_may_begin_with_its_header(check, card_with):
    assert check(card_with("# lite0\n\n", "")) == []


def test_blanks_at_the_end_of_a_header_line_are_removed(check, card_with):
    first, second = check(card_with("cv\n", "cv  \n", "2.5\nasset:", "2.5\nasset:\t"), select="MC1")
    assert (first.code, first.place, second.place) == ("MC107", "6:16-18", "17:7-8")
    assert first.message == "blanks at the end of the line"
    assert (first.fix, first.changed) == ("safe: remove them", ("module-type: cv\n",))


def test_blanks_before_a_carriage_return_are_removed_alone(check, card_with):
    (found,) = check(card_with("cv\n", "cv \r\n"), select="MC107")
    assert found.changed == ("module-type: cv\r\n",)


def test_blanks_that_may_be_part_of_a_text_are_not_removed_lightly(check, card_with):
    summary = "summary: |\n  One  \n  two\n"
    (found,) = check(
        card_with("summary: Sorts photographs into a thousand classes.\n", summary), select="MC107"
    )
    assert found.fix == "unsafe: remove them"


def test_blanks_in_lines_that_are_no_yaml_are_not_removed_lightly(check, card_with):
    card = card_with("- file-format: ckpt", "-\t\n  file-format: ckpt")
    assert [(found.code, found.fix) for found in check(card, select=("MC1", "MC4"))] == [
        ("MC107", "unsafe: remove them"),
        ("MC109", ""),
    ]


def test_blanks_in_the_body_break_a_line_and_stay(check, card_with):
    assert check(card_with("Sorts photographs.", "Sorts  \nphotographs."), select="MC1") == []


def test_a_header_without_end_is_too_large(check, card_with):
    (found,) = check(card_with("2.5\nasset", "2.5\n" + 2000 * ("#" * 40 + "\n") + "asset"))
    assert (found.code, found.place) == ("MC108", "3:1-4:1")
    assert found.message == "the header has over 65,536 characters"


def test_a_line_that_is_no_entry_is_an_error(check, card_with):
    (found,) = check(card_with("author: Ada\n", "author: Ada\nand friends\n"), select="MC1")
    assert (found.code, found.place) == ("MC109", "12:1-12")
    assert "key: value" in found.message
    assert found.fix == ""


def test_a_value_that_begins_with_a_special_character_gets_quotes(check, card_with):
    (found,) = check(card_with("author: Ada", "author: @ada"))
    assert (found.code, found.key, found.place) == ("MC109", "author", "11:9-13")
    assert found.message == "this character cannot begin a value; put the value in quotes"
    assert (found.fix, found.changed) == ("unsafe: put it in quotes", ("author: '@ada'\n",))


def test_a_control_character_is_not_mended_by_quotes(check, card_with):
    (found,) = check(card_with("author: Ada", "author: A\x07da"), select="MC109")
    assert (found.key, found.message) == ("author", "a control character; is this a text file?")
    assert found.fix == ""


def test_a_second_colon_gets_quotes(check, card_with):
    (found,) = check(card_with("author: Ada", "author: Ada: it's me"))
    assert (found.code, found.key, found.place) == ("MC110", "author", "11:9-21")
    assert found.message == "a second ': ' in this line; put the value in quotes"
    assert (found.fix, found.changed) == ("safe: put it in quotes", ("author: 'Ada: it''s me'\n",))


def test_a_colon_inside_a_word_needs_no_quotes(check, card_with):
    assert check(card_with("author: Ada", "author: Ada:me")) == []


def test_a_lone_dash_gets_quotes(check, card_with):
    (found,) = check(card_with("top1acc76.88 | top5acc93.28", "-"), select="MC1")
    assert (found.code, found.key, found.place) == ("MC111", "evaluation", "10:13-14")
    assert found.message == "a lone '-' is no value; write none, or put it in quotes"
    assert (found.fix, found.changed) == ("safe: put it in quotes", ("evaluation: '-'\n",))


@pytest.mark.parametrize("value", ["'-'", "-9.11", "none"])
def test_other_values_with_or_without_a_dash_are_fine(check, card_with, value):
    assert check(card_with("top1acc76.88 | top5acc93.28", value), select="MC1") == []


def test_a_header_without_keys_is_an_error_and_the_only_one(check):
    (found,) = check("# lite0\n\n---\njust text\n---\n\nHello.\n")
    assert (found.code, found.place) == ("MC112", "3:1-4:1")
    assert found.message == "no 'key: value' line between the two '---' lines"


def test_full_width_colons_are_found_once_and_all_replaced(check, card_with):
    card = card_with("author: Ada", f"author{WIDE}Ada", "user-id: Ada", f"user-id{WIDE} Ada")
    (found,) = check(card)
    assert (found.code, found.place) == ("MC113", "11:7-8")
    assert found.message == (
        f"2 lines have full-width colons ('{WIDE}'), which YAML does not read; write ': '"
    )
    assert found.fix == "unsafe: write ': '"
    assert found.changed == ("author: Ada\n", "user-id: Ada\n")


def test_full_width_colons_in_assets_are_replaced_too(check, card_with):
    (found,) = check(card_with("- file-format: ckpt", f"- file-format{WIDE}ckpt"))
    assert (found.code, found.changed) == ("MC113", ("- file-format: ckpt\n",))


def test_a_full_width_colon_in_a_value_is_text(check, card_with):
    assert check(card_with("author: Ada", f"author: 埃达{WIDE}我")) == []


@pytest.mark.parametrize("value", ["&name Ada", "*name", "!!python/name:os.system Ada"])
def test_anchors_aliases_and_tags_are_refused(check, card_with, value):
    (found,) = check(card_with("author: Ada", f"author: {value}"), select="MC1")
    assert (found.code, found.key) == ("MC114", "author")
    assert "refused" in found.message
    assert found.fix == ""


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ("author: Ada \t ", "author: Ada"),
        ("author: Ada \r", "author: Ada\r"),
        ('author: "Ada\\ "', 'author: "Ada\\ "'),
        ('author: "Ada\\  \n  Love"', 'author: "Ada\\ \n  Love"'),
    ],
)
def test_blanks_at_the_end_of_a_line_go_but_for_one_behind_a_backslash(
    check, card_with, line, mended
):
    text = card_with("author: Ada", line)
    fixed = [found.fixed for found in check(text, select="MC107")] or [text]
    assert fixed == [card_with("author: Ada", mended)]
