"""PyYAML reads the values of several lines, as texts with their places in the card."""

import pytest
import yaml

from hub.cards import yaml_values
from hub.cards.nodes import ListNode, MapNode, Node, ScalarNode, YamlFault
from hub.cards.yaml_values import read_entry


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both of PyYAML's readers: the one in C, and the one where there is no libyaml."""
    if not hasattr(yaml, request.param):
        pytest.skip("PyYAML was built without libyaml")
    monkeypatch.setattr(yaml_values, "_LOADER", getattr(yaml, request.param))
    return request.param


def read(text: str) -> MapNode:
    node, faults = read_entry(text, 0, len(text))
    assert faults == []
    return node


def plain(node: Node) -> object:
    if isinstance(node, ScalarNode):
        return node.text
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, value in node.values.items()}


@pytest.mark.parametrize(
    "text", ["1.10", "0e737186", "no", "2025-03-10", "~", "null", "0x1F", "=", "<<"]
)
def test_no_type_is_guessed(text: str) -> None:
    assert read(f"a:\n- {text}").values["a"].items == (ScalarNode(text, 5, 5 + len(text)),)
    assert plain(read(f"a: [{text}]\n{text}: b")) == {"a": [text], text: "b"}


def test_places_are_those_of_the_card() -> None:
    text = "\N{GRINNING FACE}\r\n模: 'x'\r\na:\n  - \"b\" # c\n  - d: [e]\nz"
    node, _ = read_entry(text, 3, len(text) - 1)
    assert text[node.values["模"].start : node.values["模"].end] == "'x'"
    first, second = node.values["a"].items
    assert text[first.start : first.end] == '"b"'
    assert text[second.start : second.end] == "d: [e"
    assert text[second.values["d"].items[0].start] == "e"
    assert text[node.start : node.keys["模"].end] == "模"


def test_of_a_repeated_key_the_first_value_counts() -> None:
    node = read("a: 1\na: 2\nb:\n- c: 3\n  c: 4\n")
    assert plain(node) == {"a": "1", "b": [{"c": "3"}]}
    assert [(key.text, value.text) for key, value in node.repeated] == [("a", "2")]
    assert [value.text for _, value in node.values["b"].items[0].repeated] == ["4"]


def test_chinese_keys_have_their_english_names() -> None:
    node = read("模型名称: a\nmodel-name: b")
    assert (plain(node), node.keys["model-name"].text) == ({"model-name": "a"}, "模型名称")
    assert node.repeated[0][0].text == "model-name"


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("b: -", "-", "bare-dash-value"),
        ("b: x: y # z", "x: y", "unquoted-colon"),
        ("b: it's: y", "it's: y", "unquoted-colon"),
        ("b: @x", "@x", "bad-header-line"),
        ("b: %x # y", "%x", "bad-header-line"),
        ("b: 'x", "'x", "bad-header-line"),
        ("b: [x", "[x", "bad-header-line"),
    ],
)
def test_a_value_that_yaml_refuses_is_read_as_if_it_had_quotes(
    text: str, value: str, kind: str
) -> None:
    card = f"---\na: 1\n{text}\nc: 'd'\n---\n"
    node, (fault,) = read_entry(card, 4, len(card) - 4)
    assert plain(node) == {"a": "1", "b": value, "c": "d"}
    assert card[node.values["b"].start : node.values["b"].end] == value
    assert card[node.values["c"].start : node.values["c"].end] == "'d'"
    assert (fault.kind, fault.key, card[fault.start : fault.end]) == (kind, "b", value)


def test_eight_broken_values_are_got_over_and_nine_are_not() -> None:
    lines = [f"a{number}: @{number}" for number in range(9)]
    text = "\n".join(lines[:8])
    node, faults = read_entry(text, 0, len(text))
    assert [plain(node)[f"a{number}"] for number in range(8)] == [f"@{n}" for n in range(8)]
    assert len(faults) == 8
    text = "\n".join(lines)
    with pytest.raises(YamlFault, match="this character cannot begin a value") as caught:
        read_entry(text, 0, len(text))
    assert caught.value.place == text.index("@8")


def test_blank_lines_may_have_tabs() -> None:
    assert plain(read("a:\n\t\n- b\n \t \n- c\n")) == {"a": ["b", "c"]}


def test_a_junk_line_is_left_out() -> None:
    text = "a:\n- b: c\n  junk\n  d: e\n"
    node, (fault,) = read_entry(text, 0, len(text))
    assert plain(node) == {"a": [{"b": "c", "d": "e"}]}
    assert (text[fault.start : fault.end], fault.kind) == ("junk", "bad-header-line")


@pytest.mark.parametrize(
    ("text", "place", "kind", "message"),
    [
        ("a: &x 1", 3, "refused-yaml", "'&' and '*' (YAML anchors) are refused; quote the value"),
        ("a: 1\nb: *x", 8, "refused-yaml", "'&' and '*' (YAML anchors) are refused"),
        ("a: [&x 1]", 4, "refused-yaml", "'&' and '*' (YAML anchors) are refused"),
        ("&x a: 1", 0, "refused-yaml", "'&' and '*' (YAML anchors) are refused"),
        ("a: !!python/object:os.system x", 3, "refused-yaml", "'!' (a YAML tag) is refused"),
        ("a: ! x", 3, "refused-yaml", "'!' (a YAML tag) is refused"),
        ("a: !!map {}", 3, "refused-yaml", "'!' (a YAML tag) is refused"),
        ("a: " + 9 * "[" + 9 * "]", 11, "refused-yaml", "nested more than 8 levels deep"),
        ("a: " + 50_000 * "[", 11, "refused-yaml", "nested more than 8 levels deep"),
        ("a: " + 50_000 * "{", 11, "refused-yaml", "nested more than 8 levels deep"),
        ("? [a]\n: b", 2, "bad-header-line", "a key must be plain text"),
        ("- a\n- b", 0, "bad-header-line", "no 'key: value' line"),
        ("just text", 0, "bad-header-line", "no 'key: value' line"),
        ("# only a comment", 16, "bad-header-line", "no 'key: value' line"),
        ("", 0, "bad-header-line", "no 'key: value' line"),
        ("a: 1\n--- \nb: 2", 5, "bad-header-line", "'---' or '...' inside the header"),
        ("a: \x01", 0, "bad-header-line", "a control character; is this a text file?"),
        ("a: 'b\udcff", None, "bad-header-line", "not UTF-8"),
    ],
)
def test_what_a_card_may_not_use_is_refused_with_its_place(
    text: str, place: int | None, kind: str, message: str, loader: str
) -> None:
    with pytest.raises(YamlFault) as caught:
        read_entry(text, 0, len(text))
    assert caught.value.kind == kind
    if place is not None:
        assert caught.value.place == place
        assert message in str(caught.value)


def test_eight_levels_are_not_too_deep() -> None:
    node = read("a: " + 7 * "[" + "x" + 7 * "]").values["a"]
    while isinstance(node, ListNode):
        (node,) = node.items
    assert node == ScalarNode("x", 10, 11)
