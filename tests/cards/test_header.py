"""The header is YAML read as text."""

import pytest

from hub.cards import header
from hub.cards.header import HeaderFault, ListNode, MapNode, ScalarNode


def read_header(text: str, first_line: int = 1) -> MapNode:
    """Read a header that has to be without faults."""
    node, faults = header.read_header(text, first_line)
    assert faults == []
    return node


@pytest.mark.parametrize(
    "text", ["1.10", "0e737186", "01234567", "12345678", "no", "2025-3-10", "True", "null", "0x1F"]
)
def test_a_scalar_stays_the_text_that_it_is(text: str) -> None:
    assert read_header(f"key: {text}").values["key"] == ScalarNode(text, 1, 6)


def test_quotes_are_taken_off() -> None:
    values = read_header("a: '1.10'\nb: \"no\"\n").values
    assert [values["a"].text, values["b"].text] == ["1.10", "no"]


def test_every_value_knows_its_line_and_column() -> None:
    node = read_header("\n\na: x\n\nasset:\n\n- file-format: ckpt\n  link: y\n", first_line=3)
    asset = node.values["asset"]
    assert (node.values["a"].line, node.values["a"].column) == (5, 4)
    assert isinstance(asset, ListNode)
    assert isinstance(asset.items[0], MapNode)
    assert asset.items[0].values["link"] == ScalarNode("y", 10, 9)


@pytest.mark.parametrize(
    "items",
    [
        "-\n    file-format: ckpt\n    link: y",
        "- file-format: ckpt\n  link: y",
        "- file-format: ckpt\n\n  link: y",
    ],
)
def test_all_layouts_of_assets_in_official_cards_are_read(items: str) -> None:
    (asset,) = read_header(f"asset:\n\n{items}\n").values["asset"].items
    assert {key: node.text for key, node in asset.values.items()} == {
        "file-format": "ckpt",
        "link": "y",
    }


def test_a_repeated_key_keeps_the_first_value_and_is_remembered() -> None:
    node = read_header("a: 1\nb: 2\na: 3\n")
    assert node.values["a"].text == "1"
    assert [(key.text, key.line) for key in node.repeated] == [("a", 3)]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: &x 1", 1, "YAML anchors"),
        ("a: 1\nb: *x", 2, "YAML anchors"),
        ("a: !!python/object:os.system x", 1, "a YAML tag"),
        ("a: !!str 1", 1, "a YAML tag"),
        ("? [a]\n: b", 1, "a key must be plain text"),
        ("- a\n- b", 1, "no 'key: value' line"),
        ("just text", 1, "no 'key: value' line"),
        ("", 1, "no 'key: value' line"),
        ("# only a comment", 1, "no 'key: value' line"),
        ("a: 1\n...\nb: 2", 3, "ends the header early"),
        ("a: 1\nsome words\nb: 2", 3, "this line is neither"),
        ("a: \x01", 1, "a control character"),
        ("a: [1, 2", 2, "not valid YAML"),
        ("a: 'x", 1, "not valid YAML"),
        ("\n".join(f"a{n}: @x" for n in range(9)), 9, "cannot begin a value"),
        ("a: " + 50_000 * "[", 1, "nested more than 8 levels deep"),
        ("a: " + 50_000 * "{", 1, "nested more than 8 levels deep"),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(HeaderFault, match=message) as caught:
        read_header(text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("-", "a lone '-' is no value; write none instead"),
        ("vit-base: 83.78 / vit-large: 84", "a second ': ' in this line"),
        ("@x", "cannot begin a value"),
        ("it's: so", "a second ': ' in this line"),
    ],
)
def test_a_value_that_is_not_yaml_is_taken_as_text_and_complained_about(
    value: str, message: str
) -> None:
    node, (fault,) = header.read_header(f"a: 1\nb: {value} \nasset:\n- c: 1\n", first_line=3)
    assert node.values["b"] == ScalarNode(value, 4, 4)
    assert list(node.values) == ["a", "b", "asset"]
    assert (fault.line, message in str(fault)) == (4, True)


def test_a_broken_line_inside_an_asset_costs_that_line_alone() -> None:
    node, faults = header.read_header("asset:\n- format: ckpt\n  link: a: b\n  sha: c\nd: e\n")
    (asset,) = node.values["asset"].items
    assert {key: value.text for key, value in asset.values.items()} == {
        "format": "ckpt",
        "link": "a: b",
        "sha": "c",
    }
    assert [fault.line for fault in faults] == [3]
