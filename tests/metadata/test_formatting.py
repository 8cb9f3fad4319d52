"""Every card has one layout, and no fact changes on the way to it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cards.document import Document
from hub.cards.header import read_header
from hub.cards.record import build_card
from hub.metadata.editing import get_value
from hub.metadata.formatting import can_format, format_card

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"

MESSY = """\
\ufeff\r
# b0  \r
---  \r
# who\r
summary:   'B0'  # short\r
mood: "good"\r
model-name:\tb0\r
license : Apache-2.0\r
\r
\r
update-time: 2025-3-10# 1\r
repo-link: https://example.org/b0\r
mindspore-version: 1.10\r
asset:   # files\r
  # the first\r
  -\r
      asset-link: https://example.org/b0.ckpt   # a mirror\r
\r
      note: it's\r
      # a kind\r
      file-format: CKPT\r
# the second\r
  - {file-format: onnx}\r
# the end\r
---\r
\r
\r
  Hello.  \r
\r
* * *\r
\r
"""


def format_header(*lines: str) -> list[str]:
    """The lines of a formatted header, without the blank ones."""
    card = format_card(Document("\n".join(("---", *lines, "---", ""))))
    assert format_card(card) == card
    assert card.text.startswith("---\n\n")
    assert card.text.endswith("\n\n---\n")
    return [line for line in card.text.split("\n")[1:-2] if line]


def test_the_keys_come_in_their_usual_order_with_blank_lines_between() -> None:
    card = format_card(Document("---\nsummary: s\nlicense: MIT\nmodel-name: b0\n---\nHello."))
    wanted = "---\n\nmodel-name: b0\n\nlicense: MIT\n\nsummary: s\n\n---\n\nHello.\n"
    assert card.text == wanted


def test_an_unknown_key_stays_behind_the_known_one_that_it_followed() -> None:
    before = ("a: 1", "summary: s", "mood: good", "more: yes", "model-name: b0", "last: x")
    after = ["a: 1", "model-name: b0", "last: x", "summary: s", "mood: good", "more: yes"]
    assert format_header(*before) == after


def test_comments_stay_with_the_entry_below_or_beside_them() -> None:
    lines = ("# about s", "", "summary: s # beside s", "# about b0", "model-name: b0", "# end")
    assert format_header(*lines) == [
        "# about b0",
        "model-name: b0",
        "# about s",
        "summary: s  # beside s",
        "# end",
    ]


@pytest.mark.parametrize(
    ("line", "formatted"),
    [
        ("update-time: 2025-3-10", "update-time: 2025-03-10"),
        ("update-time: banana", "update-time: banana"),
        ("repo-link: https://a.b/c", "repo-link: <https://a.b/c>"),
        ("repo-link: < https://a.b/c >", "repo-link: <https://a.b/c>"),
        ("repo-link: somewhere", "repo-link: somewhere"),
        ("fine-tunable: yes", "fine-tunable: True"),
        ("mindspore-version: 1.10", "mindspore-version: '1.10'"),
        ("mindspore-version: '2.5'", "mindspore-version: 2.5"),
        ('summary: "it\'s"', "summary: it's"),
        ('summary: "a: b"', "summary: 'a: b'"),
        ("summary:    s   ", "summary: s"),
        ("summary: ''", "summary:"),
        ("'summary': s", "summary: s"),
        ("summary : s", "summary: s"),
        ("evaluation: -", "evaluation: '-'"),
        ("summary: a: b", "summary: 'a: b'"),
        ("模型名称：b0", "模型名称: b0"),  # noqa: RUF001
        ("vit-repo-link: https://a.b/c", "vit-repo-link: https://a.b/c"),
        ("shape: [1,  3]", "shape: [1,  3]"),
        ("asset: none", "asset: none"),
    ],
)
def test_values_get_their_usual_form(line: str, formatted: str) -> None:
    assert format_header(line) == [formatted]


@pytest.mark.parametrize(
    "lines",
    [
        ("asset:", "-", "    file-format: CKPT", "    asset-link: https://a.b/c"),
        ("asset:", "", "- file-format: ckpt", "", "  asset-link: https://a.b/c"),
        ("## assets", "", "- asset-link: <https://a.b/c>", "  file-format: ckpt"),
        ("asset:", "  -   file-format: 'ckpt'", "      asset-link: https://a.b/c"),
    ],
)
def test_assets_get_the_layout_of_the_specification(lines: tuple[str, ...]) -> None:
    wanted = ["asset:", "- file-format: ckpt", "  asset-link: <https://a.b/c>"]
    assert format_header(*lines) == wanted


def test_comments_in_assets_stay_where_they_belong() -> None:
    lines = (
        "asset: # files",
        "# first",
        "- # one",
        "  asset-link: <https://a.b/c> # mirror",
        "  # kind",
        "  file-format: ckpt",
        "- file-format: onnx",
        "license: MIT",
    )
    assert format_header(*lines) == [
        "asset:  # files",
        "# kind",
        "- file-format: ckpt",
        "  # first",
        "  # one",
        "  asset-link: <https://a.b/c>  # mirror",
        "- file-format: onnx",
        "license: MIT",
    ]


def test_what_takes_several_lines_stays_as_it_is_written() -> None:
    lines = ("summary: |", "  one", "    two", "model-name: b0", "shape:", "  - 1", "  - 3")
    assert format_header(*lines) == ["model-name: b0", "shape:", "  - 1", "  - 3", *lines[:3]]
    flow = ("asset: [{file-format: ckpt}]",)
    assert format_header(*flow) == [*flow]


def test_a_repeated_key_stays_repeated_and_the_same_one_counts() -> None:
    lines = ("license: MIT", "model-name: b0", "license: BSD")
    assert format_header(*lines) == ["model-name: b0", "license: MIT", "license: BSD"]
    card = format_card(Document(MESSY.replace("a mirror\r\n", "\r\n      asset-link: x\r\n")))
    assert get_value(card, "asset[0].asset-link") == "https://example.org/b0.ckpt"


def test_line_ends_mark_and_blank_lines_around_fences_are_mended() -> None:
    card = format_card(Document(MESSY))
    assert card.text.startswith("# b0\n\n---\n\nmodel-name: b0\n\n")
    assert card.text.endswith("\n\n# the end\n\n---\n\n  Hello.  \n\n* * *\n")
    assert "\r" not in card.text
    assert format_card(card) == card
    before = Document(MESSY)
    assert build_card(card) == build_card(before)


@pytest.mark.parametrize(
    "card",
    [
        "",
        "no card\n",
        "# b0\n---\nlicense: MIT\n",
        "---\nlicense: MIT\nwhat is this\nauthor: me\n---\n",
        "---\nlicense: &x MIT\nauthor: me\n---\n",
        "# b0\nmore\n---\nlicense: MIT\n---\n",
        "---\n---\n",
        "---\nlicense: MIT\n---\n\udcff\n",
    ],
)
def test_a_card_with_faults_changes_in_its_line_ends_alone(card: str) -> None:
    assert not can_format(Document(card))
    assert format_card(Document(card)).text == card
    windows = card.replace("\n", "\r\n")
    assert format_card(Document(windows)).text == card
    assert format_card(Document(card.rstrip("\n"))).text == card


def test_the_shipped_cards_keep_their_facts_and_their_bodies() -> None:
    paths = sorted((ROOT / "cards").rglob("*.md"))
    assert paths
    for path in paths:
        before, after = Document.read(path), format_card(Document.read(path))
        assert build_card(after) == build_card(before)
        assert after.body.source == before.body.source


PIECES = [
    "summary: s", "model-name: b0", "license: 'a: b'", "evaluation: -", "a: b: c", "x: |", "  y",
    "asset:", "-", "- file-format: ckpt", "  asset-link: https://a.b/c", "    asset-sha256: 0e7",
    "# note", "  # note", "## assets", "", " ", "模型名称：b0", "更新时间：2025-3-1", "key:",  # noqa: RUF001
    "b: [1, 2]", "c: {d: e}", 'e: "f', "g: h  # i", "'q': r", "*a", "k : v", "update-time: 2025-1-2",
    "fine-tunable: no", "---", "\ttab: x", "x\ry: z", "text", "mindspore-version: 1.10", "x: >-",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from(["\n", "\r\n", "\r\r\n"]))
def test_formatting_twice_is_formatting_once_and_changes_no_fact(
    lines: list[str], end: str
) -> None:
    before = Document(end.join(("# b0", "---", "model-name: b0", *lines, "---", "Hello.", "")))
    after = format_card(before)
    assert format_card(after) == after
    assert build_card(after) == build_card(before)


@given(st.text(st.sampled_from("ab:#'\"-|>[]{}&*!%@`, \t\r\n.0123456789<>/：—\ufeff\x00")))  # noqa: RUF001
def test_no_text_is_too_odd_to_be_formatted(text: str) -> None:
    before = Document(f"# b0\n---\nmodel-name: b0\n{text}\n---\n{text}")
    after = format_card(before)
    assert format_card(after) == after
    assert build_card(after) == build_card(before)


def test_a_card_whose_facts_would_change_is_left_alone() -> None:
    card = Document("---\nx: |+\n  y\n\n\nlicense: MIT\n---\n")
    after = format_card(card)
    assert get_value(after) == get_value(card)
    header, _ = read_header(after.text, after.fences[0].end, after.fences[1].start)
    assert header.values["license"].text == "MIT"


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the project")
def test_every_official_card_is_formatted_once_and_for_all_and_says_what_it_said() -> None:
    paths = sorted(CORPUS.rglob("*.md"))
    assert len(paths) > 500
    for path in paths:
        before = Document.read(path)
        after = format_card(before)
        assert format_card(after) == after, path
        assert build_card(after) == build_card(before), path
        assert after.faults == (), path
        assert after.body.text == before.body.text, path
