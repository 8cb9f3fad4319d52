"""Cards become JSON and YAML, and come back with nothing lost."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from hub.cards.document import Document
from hub.cards.record import Card, build_card, read_card
from hub.errors import CardError
from hub.metadata.layout import write_document
from hub.metadata.notations import (
    from_json,
    from_values,
    from_yaml,
    read_yaml,
    to_json,
    to_values,
    to_yaml,
    write_yaml,
)

WriteCard = Callable[..., Path]
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FULL = {
    "title": "b0",
    "model-name": "b0",
    "backbone-name": "efficientnet",
    "module-type": "cv",
    "fine-tunable": True,
    "model-version": "1.10",
    "train-dataset": "ImageNet2012",
    "evaluation": [{"name": "top1acc", "value": "76.00"}, {"text": "2.2m"}],
    "author": "MindSpore team",
    "update-time": "2025-03-10",
    "repo-link": "https://github.com/mindspore-lab/mindcv",
    "user-id": "MindSpore",
    "used-for": "inference",
    "mindspore-version": "1.10",
    "asset": [
        {
            "file-format": "ckpt",
            "asset-link": "https://example.org/b0.ckpt",
            "asset-sha256": "0e737186",
        }
    ],
    "license": "Apache2.0",
    "summary": "b0: a network, isn't it? #1",
    "body": "# EfficientNet\n\nText.",
}
LAYOUT = """\
# b0

---

model-name: b0

backbone-name: efficientnet

module-type: cv

fine-tunable: True

model-version: '1.10'

train-dataset: ImageNet2012

evaluation: top1acc76.00 | 2.2m

author: MindSpore team

update-time: 2025-03-10

repo-link: <https://github.com/mindspore-lab/mindcv>

user-id: MindSpore

used-for: inference

mindspore-version: '1.10'

asset:

- file-format: ckpt
  asset-link: <https://example.org/b0.ckpt>
  asset-sha256: '0e737186'

license: Apache2.0

summary: 'b0: a network, isn''t it? #1'

---

# EfficientNet

Text.
"""
CONVERSIONS = [
    pytest.param(lambda card: from_json(to_json(card)), id="json"),
    pytest.param(lambda card: from_yaml(to_yaml(card)), id="yaml"),
    pytest.param(lambda card: from_values(to_values(card)), id="values"),
]


def test_values_become_a_card_in_the_layout_of_the_specification() -> None:
    assert from_values(FULL).text == LAYOUT
    assert from_values(FULL).faults == ()


def test_a_card_becomes_the_values_that_it_was_written_from() -> None:
    values = to_values(from_values(FULL))
    assert values == FULL
    assert list(values) == list(FULL)


def test_what_a_number_would_spoil_is_text(write_card: WriteCard) -> None:
    text = write_card(
        version="1.10", digest="0e737186", replace={"76.88": "76.00", "5acc93.28": "5acc:1e-05"}
    )
    values = json.loads(to_json(read_card(text)))
    assert values["mindspore-version"] == "1.10"
    assert values["asset"][0]["asset-sha256"] == "0e737186"
    assert values["evaluation"] == [
        {"name": "top1acc", "value": "76.00"},
        {"name": "top5acc", "value": "1e-05"},
    ]
    assert values["update-time"] == "2025-03-10"
    assert values["fine-tunable"] is True
    assert values["repo-link"].startswith("https://")


@pytest.mark.parametrize("convert", CONVERSIONS)
@pytest.mark.parametrize(
    "replace",
    [
        {},
        {"top1acc76.88 | top5acc93.28": "top1acc69.73 | top1acc89.35 | 2.2m | acc= 5 | acc  7"},
        {"top1acc76.88 | top5acc93.28": "-9.11"},
        {"evaluation: top1acc76.88 | top5acc93.28": "evaluation: no"},
        {"evaluation: top1acc76.88 | top5acc93.28\n\n": ""},
        {
            "used-for:": "input-shape: [1, 3]\n\nmAP: no\n\nvit-repo-link: <https://a.org>\n\nused-for:"
        },
        {"summary: ": "odd: {a: [b, {c: 'd: e'}]}\n\nmore: \"tab\\there\\0\\u2028\"\n\nsummary: "},
        {"  asset-sha256: 0123456789abcdef": "  asset-sha256: 0123456789ABCDEF\n  size: 5"},
        {"# Body\n\nText.": "    indented\n\ttab \n---\n- é 表 😀\u2028x\n\n\n# End #"},
        {"# Body\n\nText.\n": ""},
    ],
)
def test_every_record_survives_the_way_there_and_back(
    write_card: WriteCard, convert: Callable[[Card], Document], replace: dict[str, str]
) -> None:
    card = read_card(write_card(digest="0123456789abcdef", replace=replace))
    back = build_card(convert(card), card.id)
    assert back == card
    assert back.evaluation.unread == card.evaluation.unread
    assert back.evaluation.state == card.evaluation.state
    assert back.document.faults == ()


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the project")
@pytest.mark.parametrize("convert", CONVERSIONS)
def test_official_cards_survive_the_way_there_and_back(
    convert: Callable[[Card], Document],
) -> None:
    paths = sorted(CORPUS.rglob("*.md"))
    assert len(paths) > 500
    for path in paths[::4]:
        card = read_card(path)
        assert build_card(convert(card), card.id) == card


lines = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
names = st.from_regex(r"[A-Za-z][\w .+/-]{0,8}[a-z]", fullmatch=True).filter(
    lambda name: name not in FULL
)
nested = st.recursive(
    lines | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(lines, inner, max_size=3),
    max_leaves=5,
)
extras = st.dictionaries(
    names,
    lines | st.lists(lines, max_size=3) | st.dictionaries(lines, lines, max_size=3),
    max_size=3,
)


@given(
    title=lines,
    summary=lines.filter(str.strip),
    body=st.text(st.characters(exclude_categories=["Cs"])),
    extra=extras,
)
@settings(deadline=None)
def test_any_text_survives_json_yaml_and_the_card(
    title: str, summary: str, body: str, extra: dict[str, object]
) -> None:
    title = " ".join(title.split()).strip("#\ufeff ")
    document = from_values({**FULL, "title": title, "summary": summary, **extra, "body": body})
    card = build_card(document)
    assert card.summary == summary.strip()
    assert (card.title or "") == title.strip()
    assert document.faults == ()
    assert build_card(from_json(to_json(card)), card.id) == card
    assert build_card(from_yaml(to_yaml(card)), card.id) == card


@given(header=st.text("a1:-#'\"[]{}, |<>&é\t\n.", max_size=60))
@settings(suppress_health_check=[HealthCheck.filter_too_much], deadline=None)
def test_whatever_the_reader_made_of_a_header_is_written_so_that_it_reads_the_same(
    header: str,
) -> None:
    document = Document(f"# t\n\n---\nmodel-name: b0\n{header}\n---\n\nBody.\n")
    try:
        card = build_card(document)
        written = write_document(to_values(card))
    except CardError:
        reject()
    assert build_card(written, card.id) == card


@given(st.dictionaries(names, nested, max_size=3))
@settings(deadline=None)
def test_other_yaml_readers_see_the_same_values(values: dict[str, object]) -> None:
    assert yaml.safe_load(write_yaml(values) or "{}") == values


@pytest.mark.parametrize(
    "text",
    [
        "1.10",
        "0e737186",
        "01234567",
        "no",
        "Y",
        "on",
        "null",
        "~",
        "2025-03-10",
        "1:30",
        "",
        "=",
        "- a",
        "a: b",
        "a #b",
        "0x1F",
        ".inf",
        "1_000",
        "+1",
        "a",
        "é",
        "'",
        '"',
        " a",
        "a ",
        "@",
        "%",
        "---",
    ],
)
def test_no_reader_takes_a_text_for_a_number_a_boolean_or_a_day(text: str) -> None:
    written = write_yaml({"key": text})
    assert yaml.safe_load(written) == {"key": text}
    assert read_yaml(written) == {"key": text}
    value = written.removeprefix("key: ").rstrip("\n")
    assert value[0] in "'\"" or text == "a"  # YAML 1.2 readers resolve plain texts in another way


def test_yaml_that_people_write_needs_no_quotes_around_versions() -> None:
    text = to_yaml(from_values(FULL)).replace("'1.10'", "1.10").replace("'0e737186'", "0e737186")
    assert build_card(from_yaml(text, "b0")) == build_card(from_values(FULL, "b0"))


def test_json_that_people_write_may_have_versions_as_numbers() -> None:
    text = json.dumps(FULL).replace('"1.10"', "1.10").replace('"76.00"', "76.00")
    assert from_json(text).text == LAYOUT


def test_the_line_of_metrics_may_stand_as_it_does_in_a_card() -> None:
    values = {**FULL, "evaluation": "top1acc76.00 | 2.2m"}
    assert from_values(values).text == LAYOUT
    card = build_card(from_values({**FULL, "evaluation": []}))
    assert (card.evaluation.state, card.evaluation.text) == ("none", "none")
    card = build_card(
        from_values({**FULL, "evaluation": [{"name": "acc", "value": Decimal("1.0")}]})
    )
    assert str(card.evaluation["acc"]) == "1.0"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"license": ""}, "license is empty"),
        ({"mindspore-version": "banana"}, 'mindspore-version "banana" is not a version'),
        ({"update-time": "2025-02-30"}, "update-time 2025-02-30 is not a day of the calendar"),
        ({"asset": [{"file-format": "exe"}]}, r"asset\[0\].asset-link is missing"),
        ({"evaluation": [{"name": "acc1", "value": "2"}]}, "'acc1' with '2' cannot be written"),
        ({"a: b": "c"}, "'a: b' cannot be a key of a header"),
        ({"deep": [[[[[[["x"]]]]]]]}, "nested over 6 levels deep"),
        ({"summary": "\ud800"}, "half of a character"),
        ({"title": "a\nb"}, "title .* is not one line of text"),
    ],
)
def test_what_makes_no_card_is_refused_with_the_reason(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(CardError, match=message):
        from_values({**FULL, **change}, "my.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n\n!", r"my.json:3: not JSON: "),
        ("[]", r"my.json: not the values of a card: JSON, but no object"),
        ("[" * 100_000, r"my.json: JSON nested too deeply"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(CardError, match=message):
        from_json(text, "my.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: b\n\nc: d: e", r"my.yaml:3: a second ': '"),
        ("- a", "my.yaml:1: no 'key: value' line"),
        ("a: &b c", "my.yaml:1: '&' and .* are refused"),
    ],
)
def test_what_is_not_yaml_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(CardError, match=message):
        from_yaml(text, "my.yaml")


def test_a_header_with_a_key_for_the_title_is_refused_with_its_place(write_card: WriteCard) -> None:
    path = write_card(replace={"summary:": "title: x\n\nsummary:"})
    with pytest.raises(CardError, match=r"\.md:39: the header's key 'title'"):
        to_values(Document.read(path))


def test_a_card_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(CardError, match=r"card\.md: not UTF-8 text"):
        to_json(Document.parse(b"---\nmodel-name: b\xff\n---\n", "card.md"))


def test_a_card_with_chinese_keys_has_the_same_values() -> None:
    document = Document("---\n模型名称: b0\n可微调: 是\n---\n")
    assert to_values(document) == {"model-name": "b0", "fine-tunable": True, "body": ""}
