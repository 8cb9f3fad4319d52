"""The header is read entry by entry, and one broken line costs that line alone."""

import subprocess
import sys

import pytest

from hub.cards import header
from hub.cards.keys import english_key
from hub.cards.nodes import Fault, ListNode, MapNode, Node, ScalarNode

WIDE = "\N{FULLWIDTH COLON}"


def read(text: str) -> tuple[MapNode, list[Fault]]:
    return header.read_header(text, 0, len(text))


def read_header(text: str) -> MapNode:
    """Read a header that has to be without faults."""
    node, faults = read(text)
    assert faults == []
    return node


def plain(node: Node) -> object:
    if isinstance(node, ScalarNode):
        return node.text
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, value in node.values.items()}


@pytest.mark.parametrize(
    "text",
    [
        *("1.10", "0e737186", "01234567", "12345678", "no", "2025-3-10", "True", "null", "0x1F"),
        *("<https://example.org/a.ckpt#b>", "C# 7", "a - b", "-9.11", "?x", "it's", "a|b", "値"),
    ],
)
def test_a_scalar_stays_the_text_that_it_is(text: str) -> None:
    assert read_header(f"key: {text}").values["key"] == ScalarNode(text, 5, 5 + len(text))


def test_quotes_are_taken_off_and_belong_to_the_place() -> None:
    values = read_header("a: '1.10'\nb: \"no\" # why\nc: 'it''s'\nd: \"\\u00e9\"\n").values
    assert [node.text for node in values.values()] == ["1.10", "no", "it's", "é"]
    assert values["b"] == ScalarNode("no", 13, 17)


def test_comments_and_blanks_behind_a_value_are_not_part_of_it() -> None:
    text = "a: x  \nb: y # it's: -\nc: # z\nd:\t\ne: 'C # 7'\n# f: g\n  # h\n"
    assert plain(read_header(text)) == {"a": "x", "b": "y", "c": "", "d": "", "e": "C # 7"}


def test_an_empty_value_is_an_empty_text_behind_its_colon() -> None:
    assert read_header("a:\nb: # c\nd : \n").values == {
        "a": ScalarNode("", 2, 2),
        "b": ScalarNode("", 5, 5),
        "d": ScalarNode("", 13, 13),
    }


def test_every_key_and_value_knows_its_place() -> None:
    text = "\n\na: x\r\n\r\nasset:\n\n- file-format: ckpt\n  link: y\n"
    node = read_header(text)
    asset = node.values["asset"]
    assert isinstance(asset, ListNode)
    (item,) = asset.items
    assert isinstance(item, MapNode)
    assert text[node.keys["a"].start : node.values["a"].end] == "a: x"
    assert text[asset.start : asset.end] == "- file-format: ckpt\n  link: y"
    assert text[item.start : item.end] == "file-format: ckpt\n  link: y"
    assert text[item.keys["link"].start : item.values["link"].end] == "link: y"


def test_what_lies_outside_of_the_header_is_not_read() -> None:
    text = "---\na: b\n---\nc: d\n"
    assert plain(header.read_header(text, 4, 9)[0]) == {"a": "b"}
    assert header.read_header(text, 4, 9)[0].values["a"] == ScalarNode("b", 7, 8)


@pytest.mark.parametrize(
    "items",
    [
        "-\n    file-format: ckpt\n    link: y",
        "- file-format: ckpt\n  link: y",
        "- file-format: ckpt\n\n  link: y",
        "  - file-format: ckpt\n    link: y",
        "# these\n- file-format: ckpt # this\n\n  # that\n  link: 'y'",
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_all_layouts_of_assets_in_official_cards_are_read(items: str, line_end: str) -> None:
    text = f"asset:\n\n{items}\n- file-format: onnx\n".replace("\n", line_end)
    if items.startswith("  "):
        text = text.replace("- file-format: onnx", "  - file-format: onnx")
    wanted = [{"file-format": "ckpt", "link": "y"}, {"file-format": "onnx"}]
    assert plain(read_header(text)) == {"asset": wanted}


@pytest.mark.parametrize("heading", ["## assets", "# asset", "### 资源", "##Assets  "])
def test_a_heading_stands_for_the_asset_key_as_in_the_official_example(heading: str) -> None:
    node = read_header(f"license: x\n\n{heading}\n\n- file-format: ckpt\n  link: y\n\nsummary: z\n")
    assert plain(node) == {
        "license": "x",
        "asset": [{"file-format": "ckpt", "link": "y"}],
        "summary": "z",
    }


def test_a_heading_below_the_asset_key_is_a_comment() -> None:
    node = read_header("asset:\n\n## assets\n\n- a: b\n")
    assert (plain(node), node.repeated) == ({"asset": [{"a": "b"}]}, ())


def test_a_heading_without_items_is_a_comment() -> None:
    assert plain(read_header("a: b\n# assets\nc: d\n")) == {"a": "b", "c": "d"}


def test_chinese_keys_have_their_english_names() -> None:
    node = read_header(
        "模型名称: a\nMindSpore版本: 1.10\n资源:\n- 文件格式: ckpt\n  资源SHA256校验码: b\n"
    )
    assert plain(node) == {
        "model-name": "a",
        "mindspore-version": "1.10",
        "asset": [{"file-format": "ckpt", "asset-sha256": "b"}],
    }
    assert node.keys["mindspore-version"].text == "MindSpore版本"
    assert english_key("vit-repo-link") == "vit-repo-link"


def test_full_width_colons_are_read_and_reported_once() -> None:
    text = f"模型名称{WIDE}a\n用途{WIDE} b: c\n资源{WIDE}\n\n- 文件格式{WIDE}ckpt\n  资源链接{WIDE}<https://a.b>\n"
    node, (fault,) = read(text)
    assert plain(node) == {
        "model-name": "a",
        "used-for": "b: c",
        "asset": [{"file-format": "ckpt", "asset-link": "<https://a.b>"}],
    }
    assert (fault.kind, text[fault.start : fault.end], fault.start) == ("full-width-colon", WIDE, 4)
    assert fault.message.startswith("5 lines have full-width colons")
    _, (fault,) = read(f"a{WIDE}b")
    assert fault.message.startswith("this line has a full-width colon")


def test_of_a_repeated_key_the_first_value_counts_and_the_others_are_remembered() -> None:
    text = "a: 1\nb: 2\na: 3\nasset:\n- link: x\n  link: y\n'a': 4\n模型名称: m\nmodel-name: n\n"
    node = read_header(text)
    assert plain(node) == {"a": "1", "b": "2", "asset": [{"link": "x"}], "model-name": "m"}
    repeated = [(key.text, text[value.start : value.end]) for key, value in node.repeated]
    assert repeated == [("a", "3"), ("a", "4"), ("model-name", "n")]
    (asset,) = node.values["asset"].items
    assert [(key.text, value.text) for key, value in asset.repeated] == [("link", "y")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: x\n\n  y\n", "x\ny"),
        ("a: x\r  y\n", "x y"),
        ("a: 'x\ny'\n", "x y"),
        ("a: [1,\n2]\n", ["1", "2"]),
        ("a: {b: c,\nd: e}\n", {"b": "c", "d": "e"}),
        ("a: |\n  x\n  # y\n", "x\n# y\n"),
        ("a: >-\n  x\n  y\n", "x y"),
        ("a:\n- x\n\n- y: z\n", ["x", {"y": "z"}]),
        ("? a\n: x\n", "x"),
        ("a:\n\t\n  b: c\n", {"b": "c"}),
        ("  a: x\n", "x"),
        ("a: x\n...\n", "x"),
    ],
)
def test_values_of_several_lines_are_those_of_yaml(text: str, value: object) -> None:
    assert plain(read_header(f"{text}zz: end\n" if "..." not in text else text))["a"] == value


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ("-", "bare-dash-value", "a lone '-' is no value; write none, or put it in quotes"),
        ("- x", "bare-dash-value", "a lone '-' is no value"),
        ("vit-base: 83.78 / vit-large: 84", "unquoted-colon", "a second ': ' in this line"),
        ("it's: so", "unquoted-colon", "a second ': ' in this line"),
        ("@x", "bad-header-line", "this character cannot begin a value"),
        ("`x`", "bad-header-line", "this character cannot begin a value"),
        ("%x", "bad-header-line", "this character cannot begin a value"),
        ("'x", "bad-header-line", "not valid YAML: found unexpected end of stream"),
        ('"x', "bad-header-line", "not valid YAML: found unexpected end of stream"),
        ("[x, y", "bad-header-line", "not valid YAML"),
        ("{x: y", "bad-header-line", "not valid YAML"),
        ("'x' y", "bad-header-line", "not valid YAML"),
        ("&x 1", "refused-yaml", "'&' and '*' (YAML anchors) are refused; quote the value"),
        ("*x", "refused-yaml", "'&' and '*' (YAML anchors) are refused"),
        ("!!python/object:os.system x", "refused-yaml", "'!' (a YAML tag) is refused"),
        ("!!str 1", "refused-yaml", "'!' (a YAML tag) is refused"),
        (9 * "[" + 9 * "]", "refused-yaml", "nested more than 8 levels deep"),
        (9 * "{a: " + 9 * "}", "refused-yaml", "nested more than 8 levels deep"),
        ("x\x01", "bad-header-line", "a control character; is this a text file?"),
    ],
)
def test_a_value_that_is_not_yaml_is_taken_as_text_and_complained_about(
    value: str, kind: str, message: str
) -> None:
    text = f"a: 1\nb: {value} \nasset:\n- c: 1\n"
    node, (fault,) = read(text)
    assert node.values["b"] == ScalarNode(value, 8, 8 + len(value))
    assert plain(node) == {"a": "1", "b": value, "asset": [{"c": "1"}]}
    assert text.startswith("1", node.values["asset"].items[0].values["c"].start)
    assert (fault.kind, fault.key, fault.start, fault.end) == (kind, "b", 8, 8 + len(value))
    assert message in fault.message


def test_a_comment_behind_a_broken_value_is_not_part_of_it() -> None:
    node, (fault,) = read("a: - # none\nb: @x # y\n")[0], read("a: - # none\n")[1]
    assert plain(node) == {"a": "-", "b": "@x"}
    assert (fault.start, fault.end) == (3, 4)


@pytest.mark.parametrize(
    "line",
    ["junk", "some words", "foo:bar", "%x", "@x", "`x", "...", "[x", "{x", "'x", "- x", "=="],
)
def test_a_junk_line_costs_that_line(line: str) -> None:
    text = f"a: 1\n\n{line}\n\nb: 2\n"
    node, (fault,) = read(text)
    assert plain(node) == {"a": "1", "b": "2"}
    assert node.values["b"] == ScalarNode("2", len(text) - 2, len(text) - 1)
    assert (fault.kind, text[fault.start : fault.end], fault.key) == ("bad-header-line", line, "")


def test_junk_lines_in_a_row_are_one_fault() -> None:
    text = "a: 1\njunk\n\nmore junk\nb: 2\n"
    (fault,) = read(text)[1]
    assert text[fault.start : fault.end] == "junk\n\nmore junk"


def test_an_indented_line_costs_that_line() -> None:
    text = "a: 1\n  b: 2\nc: 3\n"
    node, (fault,) = read(text)
    assert plain(node) == {"a": "1", "c": "3"}
    assert text[fault.start : fault.end].strip() == "b: 2"
    assert fault.message.startswith("this line continues no value")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("  junk line", "this line is neither 'key: value' nor an item that begins with '- '"),
        ("\tlink: x", "YAML lets no tab begin a line; indent with blanks"),
    ],
)
def test_a_junk_line_inside_an_asset_costs_that_line(line: str, message: str) -> None:
    text = f"asset:\n- format: ckpt\n{line}\n  sha: c\n- format: onnx\nb: 2\n"
    node, (fault,) = read(text)
    assert plain(node) == {"asset": [{"format": "ckpt", "sha": "c"}, {"format": "onnx"}], "b": "2"}
    assert (fault.message, text[fault.start : fault.end]) == (message, line.strip())


@pytest.mark.parametrize("value", ["a: b", "-", "@x", "'x", "[x", "{x", '"x'])
def test_a_broken_value_inside_an_asset_costs_that_value(value: str) -> None:
    text = f"asset:\n- format: ckpt\n  link: {value}\n  sha: c\nd: e\n"
    node, (fault,) = read(text)
    assert plain(node) == {"asset": [{"format": "ckpt", "link": value, "sha": "c"}], "d": "e"}
    (asset,) = node.values["asset"].items
    assert text[asset.values["link"].start : asset.values["link"].end] == value
    assert text[asset.values["sha"].start] == "c"
    assert (fault.key, text[fault.start : fault.end]) == ("link", value)


def test_what_follows_the_end_of_yaml_is_read() -> None:
    node, (fault,) = read("a: 1\n...\nb: 2\n")
    assert plain(node) == {"a": "1", "b": "2"}
    assert fault.start == 5


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "- a\n- b\n", "just text", "[a]"])
def test_what_has_no_key_is_an_empty_map(text: str) -> None:
    assert read(text)[0] == MapNode({}, {}, (), 0, len(text))


def test_items_below_a_comment_are_a_fault_and_not_lost_silently() -> None:
    text = "# files\n- x: y\na: b\n"
    node, (fault,) = read(text)
    assert (plain(node), text[fault.start : fault.end]) == ({"a": "b"}, "- x: y")


HOSTILE = r"""
import os
import resource
from hub.cards.document import LARGEST_CARD, Document
from hub.cards.record import build_card
from hub.errors import CardError

resource.setrlimit(resource.RLIMIT_CPU, (100, 100))  # a quadratic reader would need hours
FULL = "MSHUB_FUZZ_EXAMPLES" in os.environ  # as `make fuzz` sets it
BODY, HEAD = (LARGEST_CARD, 60_000) if FULL else (200_000, 30_000)
wide = "\N{FULLWIDTH COLON}"
units = [*"\n\r\t\0 -#:'\"[]{}(),&*!|>%@`?<=.~_/\\a0Z", "\x85", "\u2028", "\ufeff", "\udcff", wide]
units += ["a: ", "- ", "-\n", "a: [", "a: {", "a:\n- ", "# ", "#\n", f"a{wide}", "- - -", "a: 'x\n", "? ",
    "&a ", "!!", "  a:\n", "---", "--- ", "---\n", "---\n\n", "a: x\n", "a: @\n", "a: -\n", "a\n", ": \n",
    "a:\n", "\r\n", "'x\n", "- a: x\n", "-\n  a: x\n", "## assets\n", "## assets\n- a: b\n", "a: |\n x\n",
    " \n", "\t\n", "a: [\n", " # ", "a: '' ", "''", "? a\n: b\n", "[[](", "|a", "a | ", "1|", "a1 | "]
texts = []
for unit in units:
    texts.append(unit * (BODY // len(unit.encode("utf-8", "surrogateescape"))))
    half = unit * (HEAD // len(unit))
    texts.append(f"---\nmodel-name: a\nasset:\n{half}\njunk\n---\n{half}")
for key in ["asset-sha256: ", "repo-link: <", "evaluation: a1|", "train-dataset: a_", "module-type: a-",
    "license: a", "used-for: a/", "update-time: 1", "mindspore-version: 1."]:
    texts += [f"---\nmodel-name: a\n{key}{HEAD * end}\n---\n" for end in "a1 _-/|.<>"]
texts.append("---\n" + "\n".join(n * " " + "a:" for n in range(350)) + "\n---\n")
texts.append("---\nasset:\n" + "\n".join("- " * n + "a: x" for n in range(250)) + "\n---\n")
for text in texts:
    document = Document(text)
    document.place(len(text)), repr(document), document.find("asset[0].asset-link")
    body = document.body
    body.text, body.sections, body.tables, body.links, body.code_blocks, body.comments
    try:
        card = build_card(document)
    except CardError as error:
        str(error)
        continue
    repr(card), str(card), hash(card), card == card
    card.datasets, card.module, card.repository, card.repositories, card.license_id, card.uses
    card.backends, card.results, card.result(), card.place("asset[0].asset-link")
print("read", len(texts))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX resource limits")
def test_no_text_keeps_the_processor_busy() -> None:
    command = [sys.executable, "-c", HOSTILE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout[:5], done.returncode) == ("read ", 0), done.stderr


def test_a_value_keeps_the_blanks_that_are_none_to_yaml() -> None:
    text = "author: Smith\x0c\nuser-id: Ada\n"
    found, faults = header.read_header(text, 0, len(text))
    assert found.values["author"] == ScalarNode("Smith\x0c", 8, 14)
    assert [(fault.start, fault.end) for fault in faults] == [(8, 14)]
    assert found.values["user-id"].text == "Ada"


def test_behind_a_thousand_broken_lines_no_other_is_looked_into() -> None:
    text = "a b\n" * 1_000 + "'key': value\nmodel-name: lite0\n"
    found, faults = header.read_header(text, 0, len(text))
    assert list(found.values) == ["model-name"]
    assert (faults[0].start, faults[-1].end) == (0, text.index("\nmodel-name"))
