"""Whatever is written in a card, it is read, and two readers agree about it.

``MSHUB_FUZZ_EXAMPLES`` says how many cards each test makes; a nightly run makes 20,000.
"""

import os
import pickle

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.cards.document import Document
from hub.cards.header import read_header
from hub.cards.nodes import ListNode, MapNode, Node, ScalarNode, YamlFault
from hub.cards.record import build_card, parse_card
from hub.cards.yaml_values import read_entry
from hub.errors import CardError

fuzz = settings(
    max_examples=int(os.environ.get("MSHUB_FUZZ_EXAMPLES", "300")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

WIDE_COLON = "\N{FULLWIDTH COLON}"
CARD = """# lite0

---

model-name: lite0

fine-tunable: True

evaluation: top1acc76.88 | top5acc93.28

update-time: 2025-3-10

repo-link: <https://example.org/repo/tree/v1>

mindspore-version: 1.10

asset:

- file-format: ckpt
  asset-link: <https://example.org/lite0.ckpt>
  asset-sha256: 0e737186

license: Apache2.0

---

# Lite

| Model | Top-1 | Download |
|---|---|---|
| lite0 | 76.88 | [weights](https://example.org/lite0.ckpt) |
"""
CHINESE = """# lite0

---

模型名称:lite0

评估:top1acc76.88

资源:

-
    文件格式:ckpt
    资源链接:<https://example.org/lite0.ckpt>

---
""".replace(":", WIDE_COLON).replace(f"https{WIDE_COLON}", "https:")

# What has a meaning in YAML, in cards or in text files, and what looks as if it had.
SPECIALS = [
    *("---", "...", "- ", "-", "? ", ": ", ":", WIDE_COLON, " #", "# ", "## assets\n"),
    *(
        "'",
        '"',
        "[",
        "]",
        "{",
        "}",
        ",",
        "|",
        ">",
        "|-\n",
        "&a ",
        "*a",
        "!!str ",
        "!",
        "%",
        "@",
        "`",
    ),
    *("<", ">", "\n", "\r\n", "\r", "\t", " ", "    ", "\0", "\x7f", "\x85", "\xa0", "\u2028"),
    *("\ufeff", "\ufffe", "\U0001f600", "模型", "\\", "\\n", "\udcff", "a: ", "a:\n- ", "  b: c\n"),
    *("model-name: ", "asset:\n", "evaluation: -", "0x1F", "1.10", "~", "null", "<<: "),
]


PROPERTIES = ("datasets", "module", "repository", "repositories", "license_id", "uses", "backends")


def walk(node: Node) -> list[ScalarNode]:
    """All scalars of a node, keys included."""
    if isinstance(node, ScalarNode):
        return [node]
    if isinstance(node, ListNode):
        return [scalar for item in node.items for scalar in walk(item)]
    pairs = [*((node.keys[name], value) for name, value in node.values.items()), *node.repeated]
    return [scalar for key, value in pairs for scalar in (key, *walk(value))]


def examine(content: bytes) -> None:
    """Read a card in every way that there is."""
    document = Document.parse(content, "fuzz.md")
    assert document.to_bytes() == document.edit(()).to_bytes() == content
    assert pickle.loads(pickle.dumps(document)) == document
    for fault in document.faults:
        assert 0 <= fault.start <= fault.end <= len(document.text)
        assert fault.message
    for scalar in walk(document.header):
        assert 0 <= scalar.start <= scalar.end <= len(document.text)
        assert scalar.start < scalar.end or not scalar.text
        line, column = document.place(scalar.start)
        assert document.line(line) is not None
        assert line == document.text.count("\n", 0, scalar.start) + 1
        assert column >= 1
    try:
        card = build_card(document)
    except CardError as error:
        assert str(error).startswith("fuzz.md:")
        assert error.reason
        return
    assert card.model_name
    assert card.id.name
    assert repr(card)
    assert parse_card(content, "fuzz.md") == card
    assert hash(pickle.loads(pickle.dumps(card))) == hash(card)
    for name in PROPERTIES:
        getattr(card, name)
    card.result()
    for asset in card.assets:
        assert card.place(asset.key)


@fuzz
@given(st.binary(max_size=500))
def test_any_bytes_are_a_card_or_a_card_error(content: bytes) -> None:
    examine(content)
    examine(b"---\nmodel-name: x\n" + content + b"\n---\n" + content)


@fuzz
@given(st.lists(st.sampled_from(SPECIALS) | st.text(max_size=3), max_size=30))
def test_any_mix_of_special_characters_is_a_card_or_a_card_error(pieces: list[str]) -> None:
    mix = "".join(pieces)
    examine(f"---\nmodel-name: x\n{mix}\n---\n".encode("utf-8", "surrogatepass"))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A card in which lines and characters were put in, taken out, doubled and swapped."""
    text = draw(st.sampled_from([CARD, CHINESE, CARD.replace("\n", "\r\n"), "\ufeff" + CARD]))
    for _ in range(draw(st.integers(1, 4))):
        change = draw(st.sampled_from(["splice", "delete", "double", "swap", "cut", "indent"]))
        lines = text.split("\n")
        first = draw(st.integers(0, len(lines) - 1))
        second = draw(st.integers(0, len(lines) - 1))
        if change == "splice":
            place = draw(st.integers(0, len(text)))
            text = text[:place] + draw(st.sampled_from(SPECIALS)) + text[place:]
            continue
        if change == "cut":
            place = draw(st.integers(0, len(text)))
            text = text[:place] + text[place + draw(st.integers(1, 30)) :]
            continue
        if change == "delete":
            del lines[first]
        elif change == "double":
            lines.insert(second, lines[first])
        elif change == "swap":
            lines[first], lines[second] = lines[second], lines[first]
        else:
            lines[first] = draw(st.sampled_from([" ", "  ", "\t", "- "])) + lines[first]
        text = "\n".join(lines)
    return text.encode("utf-8", "surrogateescape")


@fuzz
@given(mutated())
def test_any_change_of_a_card_leaves_a_card_or_a_card_error(content: bytes) -> None:
    examine(content)


# ---- Two readers of one header: the quick one, and PyYAML over all of it.

KEYS = st.sampled_from(
    [
        *("model-name", "evaluation", "asset", "a", "b_c", "mAP", "a b", "a.b", "a/b", "_x", "1a"),
        *("'quoted'", '"double"', "模型名称", "MindSpore版本", "é", "no", "1.0", "a-", "x#y", "?x"),
    ]
)
PLAIN = st.sampled_from(
    [
        *(
            "x",
            "1.10",
            "0e737186",
            "no",
            "~",
            "null",
            "2025-3-10",
            "True",
            "-9.11",
            "a|b",
            "<u://v>",
        ),
        *("C# 7", "it's", 'say "hi"', "a:b", "-x", "?x", ":x", "a - b", "a, b", "x]", "100%", "值"),
        *(
            "a  b",
            "---",
            "...",
            "a\xa0b",
            "a\u3000",
            "\U0001f600",
            f"a{WIDE_COLON}b",
            "a\tb",
            "x\\n",
            "=",
            "<<",
        ),
    ]
)
QUOTED = st.sampled_from(
    [
        *("''", '""', "'x'", '"x"', "'it''s'", '"a\\tb"', '"\\u00e9"', "'a: b'", "' x '", "'#'"),
        *('"a\\\n  b"', "'a\n\n  b'", "'a\nb'", '"x: y"', "'值'", "'a\tb'", "'a' "),
    ]
)
FLOW = st.sampled_from(
    [
        "[]",
        "{}",
        "[1, 3]",
        "[a,\n  b]",
        "[1,\n2]",
        "{a: b}",
        "{a: [b, 'c'], d: }",
        "[ x ]",
        "[a: b]",
    ]
)
BLOCK = st.sampled_from(
    [
        "|\n  x\n  y",
        ">\n  x\n  y",
        "|-\n  x",
        "|+\n  x\n\n",
        ">-\n\n  x\n\n  y",
        "|\n  # x",
        "|2\n   x",
    ]
)
FOLDED = st.sampled_from(["x\n  y", "x\n\n  y z", "x\n y\n  z", "\n  x", "\n  'x'", "x\n  - y"])
NESTED = st.sampled_from(
    [
        *(
            "\n  b: c\n  d: e",
            "\n  b:\n    c: d",
            "\n- x\n- y",
            "\n  - x\n  - 'y'",
            "\n- - x\n  - y",
        ),
        *("\n-\n  b: c", "\n- b: c\n\n  d: e", "\n- b:\n  c: d", "\n- b: c\n- b: d", "\n-\n-\n"),
        *(
            "\n-\n    b: c\n    d: e",
            "\n  - b: c # x\n    d: e",
            "\n- b: c\n  b: d",
            "\n-   b: c\n    d:",
        ),
        *(
            "\n- b:\n  - c",
            "\n- b: x\n    y\n  c: z",
            "\n# x\n- b: c",
            "\n- # x\n  b: c",
            "\n\n\n- b: c",
        ),
        *(
            "\n- {b: c}",
            "\n- b: [c]\n- d",
            "\n- b: 'c'\n  d: \"e\"",
            "\n- b: c\n # x\n  d: e",
            "\n ? b\n : c",
        ),
    ]
)
BLANKS = st.sampled_from(["", "", "", " ", "  ", "\t", " # x", "  # it's: -", "\t# x"])
BREAKS = st.sampled_from(
    ["\n", "\n", "\n\n", "\n \n", "\n\t\n\n", "\n# x\n", "\n  # x: y\n", "\n\n\n"]
)


@st.composite
def headers(draw: st.DrawFn) -> str:
    """Headers as people write them, and as they might."""
    text = draw(st.sampled_from(["", "\n", "\n\n", "# x\n", " \n"]))
    for _ in range(draw(st.integers(1, 5))):
        value = draw(st.one_of(PLAIN, QUOTED, FLOW, BLOCK, FOLDED, NESTED, st.just("")))
        gap = "" if value.startswith("\n") else draw(st.sampled_from([" ", " ", "  ", "\t", " \t"]))
        key = draw(KEYS) + draw(st.sampled_from(["", "", "", " "]))
        text += f"{key}:{gap}{value}{draw(BLANKS)}{draw(BREAKS)}"
    return text.replace("\n", draw(st.sampled_from(["\n", "\n", "\n", "\r\n"])))


def assert_same(quick: Node, slow: Node, text: str) -> None:
    assert type(quick) is type(slow)
    if isinstance(quick, ScalarNode) or isinstance(slow, ScalarNode):
        assert quick == slow
        written = text[quick.start : quick.end]
        if written[:1] not in {"'", '"', "|", ">"} and "\n" not in written:
            assert written == quick.text
        return
    assert quick[-2:] == slow[-2:]
    if isinstance(quick, ListNode) and isinstance(slow, ListNode):
        assert len(quick.items) == len(slow.items)
        for item, other in zip(quick.items, slow.items, strict=True):
            assert_same(item, other, text)
    elif isinstance(quick, MapNode) and isinstance(slow, MapNode):
        assert_same_map(quick, slow, text)


def assert_same_map(quick: MapNode, slow: MapNode, text: str) -> None:
    assert list(quick.values) == list(slow.values)
    assert quick.keys == slow.keys
    for name in quick.values:
        assert_same(quick.values[name], slow.values[name], text)
    assert [key for key, _ in quick.repeated] == [key for key, _ in slow.repeated]
    for (_, value), (_, other) in zip(quick.repeated, slow.repeated, strict=True):
        assert_same(value, other, text)


@fuzz
@given(headers())
def test_the_quick_reader_and_yaml_agree_about_every_header_that_is_yaml(header: str) -> None:
    text = f"---\n{header}---\n"
    start, end = 4, 4 + len(header)
    try:
        slow, faults = read_entry(text, start, end)
    except YamlFault:
        return
    if faults:
        return
    quick, faults = read_header(text, start, end)
    assert faults == []
    assert_same_map(quick, slow, text)
