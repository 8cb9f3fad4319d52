"""A card's Markdown is read as sections, tables, links, code and comments, each in its place."""

import pickle
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.markdown.body import Body

CARD = """# efficientnet_lite0

---

model-name: efficientnet_lite0

---

# EfficientNet

> [EfficientNet-Lite](https://example.com/lite) for small devices

## **Results**

<!--- Guideline: keep 2 digits, see [this](https://example.com/no) -->

| Model           | Top-1 (%) | Download                                        |
| --------------- | :-------: | ----------------------------------------------- |
| **lite0**       | 75.1      | [weights](https://example.com/lite0-81b7c2.ckpt) |
| lite1           | 76.7      |

## Quick Start ##

### Notes

```python
# not a heading
url = "https://example.com/code"
```

Write to <https://example.org> or see https://example.net/a_(b).

## Notes
"""
BODY = Body(CARD, CARD.index("# EfficientNet"))


def titles(text: str) -> list[str]:
    return [section.title for section in Body(text).sections]


def targets(text: str) -> list[str]:
    return [link.target for link in Body(text).links]


def test_sections_reach_to_the_next_heading_of_the_same_or_a_higher_level() -> None:
    assert [(part.title, part.level) for part in BODY.sections] == [
        ("EfficientNet", 1),
        ("Results", 2),
        ("Quick Start", 2),
        ("Notes", 3),
        ("Notes", 2),
    ]
    top, results, start, notes, last = BODY.sections
    assert (top.end, last.end) == (len(CARD), len(CARD))
    assert CARD[results.start : results.end].startswith("## **Results**\n")
    assert results.end == start.start
    assert (notes.end, start.end) == (last.start, last.start)


def test_a_section_is_found_without_regard_to_case() -> None:
    assert BODY.section("quick start") == BODY.sections[2]
    assert BODY.section("NOTES") == BODY.sections[3]
    assert BODY.section("Disclaimer") is None


def test_anchors_are_named_as_on_github() -> None:
    body = Body(
        '# A `b`_c: d!\n# A\n# A\n# A-1\n# 结果 1\n<a name="top"></a><p id=x><img name="no">'
    )
    assert [part.anchor for part in body.sections] == ["a-b_c-d", "a", "a-1", "a-1-1", "结果-1"]
    assert body.anchors() == {"a-b_c-d", "a", "a-1", "a-1-1", "结果-1", "top", "x"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#x\n####### y\n    # z\n\\# w\n> # v", []),
        ("   # x #\n#\n###### y ##z", ["x", "", "y ##z"]),
        ("# [a](b) **c** #\n#\td", ["a c", "d"]),
        ("#", [""]),
        ("# a <!-- b -->", ["a"]),
    ],
)
def test_headings_are_those_of_github(text: str, found: list[str]) -> None:
    assert titles(text) == found


def test_a_table_has_cells_with_their_links_and_places() -> None:
    (table,) = BODY.tables
    assert [cell.text for cell in table.header] == ["Model", "Top-1 (%)", "Download"]
    model, top1, weights = table.rows[0]
    assert (model.text, CARD[model.start : model.end]) == ("lite0", "**lite0**")
    assert (top1.text, CARD[top1.start : top1.end], top1.link) == ("75.1", "75.1", None)
    assert (weights.text, weights.link) == ("weights", "https://example.com/lite0-81b7c2.ckpt")
    assert CARD[table.start :].startswith("| Model ")
    assert CARD[: table.end].endswith("| lite1           | 76.7      |")


def test_a_ragged_row_stays_ragged() -> None:
    (table,) = BODY.tables
    assert [len(row) for row in table.rows] == [3, 2]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("a|b\n-|-\nc|d", [["a", "b"], ["c", "d"]]),
        ("| a |\n|---|\n", [["a"]]),
        ("> | a | b |\n> |:--|--:|\n> | c | |\nend", [["a", "b"], ["c", ""]]),
        ("|a|b|\n|-|-|\n|c \\| d|`e \\| f`|", [["a", "b"], ["c | d", "`e | f`"]]),
        ("|a|b|\n|-|-|\n|c|d\\|", [["a", "b"], ["c", "d|"]]),
        ("|a|b|\n|-|\n|c|d|", []),
        ("|-|-|\n|a|b|", []),
        ("a\n\n---\n\n| b", []),
        ("```\n|a|\n|-|\n```", []),
        ("|a|\n|-|\n|b|\n<!-- | -->\n|c|", [["a"], ["b"]]),
    ],
)
def test_tables_are_pipe_tables(text: str, cells: list[list[str]]) -> None:
    rows = [row for table in Body(text).tables for row in (table.header, *table.rows)]
    assert [[cell.text for cell in row] for row in rows] == cells


def test_links_have_kinds_texts_and_the_places_of_their_targets() -> None:
    assert [(link.kind, link.text, link.target) for link in BODY.links] == [
        ("inline", "EfficientNet-Lite", "https://example.com/lite"),
        ("inline", "weights", "https://example.com/lite0-81b7c2.ckpt"),
        ("autolink", "", "https://example.org"),
        ("bare", "", "https://example.net/a_(b)"),
    ]
    assert all(CARD[link.start : link.end] == link.target for link in BODY.links)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[a](b 'c') [d]( <e f> ) [g](h\n)", ["b", "e f", "h"]),
        ("[a](b(c)d) [e](f\\)g)", ["b(c)d", "f\\)g"]),
        ("[![a](b)](c) ![d](e)", ["b", "c", "e"]),
        ("[<img src='b'>](c)", ["b", "c"]),
        ("[[1](#references)] [ ] [x]", ["#references"]),
        ("[a]() [](b) []()", ["", "b", ""]),
        ("[a]((https://b.c) d", ["(https://b.c)"]),
        ("[a](https://b.c d", ["https://b.c"]),
        ("values[0](x y) \\[a](b)", []),
        ("[a\n\nb](c)", []),
        ("`[a](b)` ``[c`](d)`` [`e`](f)", ["f"]),
        ("`[a](b) and\n[c](d)`", ["b", "d"]),
        ("\\`[a](b)`", ["b"]),
        ("(https://a.b/c), **http://d.e**. xhttp://f", ["https://a.b/c", "http://d.e"]),
        ("[https://a.b](https://c.d)", ["https://c.d"]),
        ('<a href="b">c</a> <IMG alt=x SRC=d> <p data-src="e">', ["b", "d"]),
        ('<a\nhref="b"><img src="c"></a>', ["b", "c"]),
        ('<a href="https://b.c">https://b.c</a>', ["https://b.c"]),
        ("<!-- [a](b) <c:d> --> [e](f) <!--> [g](h)", ["f", "h"]),
        ("~~~\n[a](b)\n~~~\n[c](d)", ["d"]),
    ],
)
def test_links_are_those_that_a_reader_or_a_rule_wants_to_see(text: str, found: list[str]) -> None:
    assert targets(text) == found


def test_pictures_and_html_links_have_their_texts() -> None:
    text = '![a **b**](c) <img src="d" alt="e"> <a href="f">g <b>h</b></a>'
    found = [(link.text, link.image) for link in Body(text).links]
    assert found == [("a b", True), ("e", True), ("g h", False)]


def test_code_blocks_have_a_language_and_their_text() -> None:
    (block,) = BODY.code_blocks
    assert (block.language, block.closed) == ("python", True)
    assert block.text == '# not a heading\nurl = "https://example.com/code"'
    assert CARD[block.start : block.end] == f"```python\n{block.text}\n```"


@pytest.mark.parametrize(
    ("text", "language", "code", "closed"),
    [
        ("~~~\n```\n~~~", "", "```", True),
        ("````sh x\n```\n````", "sh", "```", True),
        ("- ```sh\n  a\n  ```", "sh", "  a", True),
        ("> ```\n> a\n> ```", "", "> a", True),
        ("```\n# a", "", "# a", False),
        ("```\n```", "", "", True),
        ("```", "", "", False),
    ],
)
def test_fences_are_those_of_github(text: str, language: str, code: str, closed: bool) -> None:
    (block,) = Body(text).code_blocks
    assert (block.language, block.text, block.closed) == (language, code, closed)
    assert (block.start, block.end) == (0, len(text))


def test_backticks_within_a_line_open_no_block() -> None:
    body = Body("a ```b``` c\n```d``` e\n# f")
    assert (body.code_blocks, len(body.sections)) == ((), 1)


def test_comments_have_their_words() -> None:
    body = Body("a <!--- Guideline: b --> c <!-- d")
    assert [(part.text, part.closed) for part in body.comments] == [
        ("Guideline: b", True),
        ("d", False),
    ]
    assert body.comments[1].end == len(body.source)
    assert Body("`<!--` [a](b)").comments == ()


def test_text_is_without_carriage_returns_and_blank_lines_at_its_ends() -> None:
    body = Body("x\r\n \r\n\r\n  a\r\n\rb\r\n \r\n", 1)
    assert body.text == str(body) == "  a\n\nb"
    assert body.source == "\r\n \r\n\r\n  a\r\n\rb\r\n \r\n"
    assert body
    assert not Body("--- \n", 3)


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_other_line_ends_change_nothing_but_places(line_end: str) -> None:
    text = CARD.replace("\n", line_end)
    body = Body(text, text.index("# EfficientNet"))
    assert body == BODY
    assert [part[:2] for part in body.sections] == [part[:2] for part in BODY.sections]
    assert [link[:2] for link in body.links] == [link[:2] for link in BODY.links]
    assert all(text[link.start : link.end] == link.target for link in body.links)
    cells = [cell for row in body.tables[0].rows for cell in row]
    assert [cell.text for cell in cells] == [c.text for row in BODY.tables[0].rows for c in row]
    assert body.code_blocks[0].text == BODY.code_blocks[0].text


def test_bodies_are_equal_and_hash_by_their_text() -> None:
    assert Body("a\n") == Body("xa", 1)
    assert len({Body("a\n"), Body("\na"), Body("b")}) == 2
    assert Body("a") != "a"
    assert repr(Body("a\n")) == "Body('a')"


def test_a_body_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="sections cannot be set"):
        BODY.sections = ()  # type: ignore[misc]
    with pytest.raises(AttributeError, match="text cannot be deleted"):
        del BODY.text


def test_a_body_can_be_pickled() -> None:
    copy = pickle.loads(pickle.dumps(BODY))
    assert (copy, copy.source, copy.links) == (BODY, BODY.source, BODY.links)


MARKS = st.sampled_from(
    [
        *("#", "##", "[", "]", "](", "![", ")", "((", "<", ">", "<!--", "-->", "|", "-", "|-|"),
        *("`", "``", "```", "~~~", "\\", "\n", "\r", "\r\n", "\0", "\ud800", "**", "http", "://"),
        *("https://a.b", "<a", "</a>", " href=", " src='", '"', ":", "a", "b", "é", "表"),
    ]
)


@settings(max_examples=300)
@given(
    st.lists(MARKS | st.sampled_from([" ", "\n", "\n\n", "    "]), max_size=40), st.integers(0, 9)
)
def test_places_are_right_in_any_text(pieces: list[str], start: int) -> None:
    text = "".join(pieces)
    start = min(start, len(text))
    body = Body(text, start)
    for link in body.links:
        assert text[link.start : link.end] == link.target
    assert [link.start for link in body.links] == sorted(link.start for link in body.links)
    for section in body.sections:
        assert text[section.start :].lstrip(" ").startswith("#" * section.level)
    for table in body.tables:
        cells = [cell for row in (table.header, *table.rows) for cell in row]
        assert all(table.start <= cell.start <= cell.end <= table.end for cell in cells)
        assert all(
            text[cell.start : cell.end].strip() == text[cell.start : cell.end] for cell in cells
        )
    for comment in body.comments:
        assert text.startswith("<!--", comment.start)
        assert comment.closed == text.endswith("-->", comment.start, comment.end)
    for block in body.code_blocks:
        assert text[block.start : block.end].strip()
        assert "\r" not in block.text
    parts = (*body.sections, *body.tables, *body.code_blocks, *body.comments)
    assert all(start <= part.start <= part.end <= len(text) for part in parts)
    assert body.text.strip() == body.text or body.text.rstrip() == body.text
    body.anchors()


HOSTILE = r"""
import resource
from hub.markdown.body import Body

resource.setrlimit(resource.RLIMIT_CPU, (60, 60))  # a quadratic reader would need hours
SIZE = 100_000
marks = ["[", "]", "`", "` ``", "<!--", "|", "](", "<", "<a", "#", "# ", "#\n", " ", "\n", "\r", "((",
    "**", "[](", "[[](", "![", "[](a)", "[a](b ", "[a](b '", "[a](b \"", "[a](http://", "<a href=",
    "<a href='", "<a href=x>", "<img src =", "\\", "\\`", "```", "```\n", "~~~\n", "```\n ~~~\n", "- ```x",
    "|-|\n", "|a|\n|-|\n", "| ", "\\|", "> ", "-", ":-|", "://", "http://", "http://a)", "<http://",
    " #", "-->", "<!", "[\n\n](", "\t\n", "&", "\0", "![[", "<a>http://a", "[http://a "]
texts = [mark * (SIZE // len(mark)) for mark in marks]
texts += [left * 40_000 + right * 20_000 for left, right in
    [("[", "](a)"), ("![", "](a)"), ("[", "\n\n](a)"), ("(", ")"), ("[](", ")"), ("[", "](x "), ("[\n", "](x "), ("[", "](http://x "), ("<", ">"), ("`", "``")]]
texts.append("".join(f"{'`' * length} " for length in range(1, 800)))
texts.append("".join(f"{'`' * length} " for length in range(2, 500)) + "`a`b" * 40_000)
texts.append("|a\n|-\n" + "[](" * 100_000)
texts.append("[](" + "(a)" * 100_000)
texts.append("[a](http://b" + ")" * 300_000)
texts.append("# a" + " #" * 150_000)
texts += [left + blank * 100_000 + right for left in ["[a](b", "[a](", "[a](b 'c'", "<a href", "# a",
    "<a href=", "|a|\n|-", "```", "<!--", "[a", "> ", "- ", "http://a"] for blank in " \t\n"
    for right in ["", "x"]]
for text in texts:
    body = Body(text, 3)
    body.text, body.sections, body.tables, body.links, body.code_blocks, body.comments
    body.anchors()
print(len(texts) - len(marks))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX resource limits")
def test_no_text_keeps_the_processor_busy() -> None:
    command = [sys.executable, "-c", HOSTILE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("94\n", 0), done.stderr
