"""The JSON Schema accepts what a YAML reader makes of a good header, and names what is wrong."""

import datetime
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from hub.cards.document import Document
from hub.cards.keys import ASSET_KEYS, CARD_KEYS
from hub.metadata.notations import to_values
from hub.resources import cards_folder
from hub.schema import Violation, find_violations, load_schema

WriteCard = Callable[..., Path]
CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
METRICS = "top1acc76.88 | top5acc93.28"


def read_as_an_editor_does(path: Path) -> dict[str, object]:
    """Read the header with a YAML reader, which guesses types."""
    document = Document.read(path)
    header = document.text[document.fences[0].end : document.fences[1].start]
    return yaml.load(header, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def find_messages(values: dict[str, object]) -> list[str]:
    return [str(violation) for violation in find_violations(values)]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(load_schema())


def test_every_key_of_the_format_has_a_title_a_description_and_its_place() -> None:
    schema = load_schema()
    keys = [key.name for key in CARD_KEYS]
    assert list(schema["properties"]) == ["title", *keys, "body"]
    assert schema["required"] == [key.name for key in CARD_KEYS if key.required]
    asset = schema["$defs"]["asset"]["properties"]
    assert list(asset) == [key.name for key in ASSET_KEYS]
    for properties in (schema["properties"], asset):
        assert [described["x-order"] for described in properties.values()] == list(
            range(1, len(properties) + 1)
        )
        assert all(described["title"] for described in properties.values())
        assert all(described["description"] for described in properties.values())


def test_who_changes_the_schema_changes_a_copy() -> None:
    load_schema().clear()
    assert load_schema()["title"] == "MindSpore Hub model card"
    assert find_messages({})


@pytest.mark.parametrize("path", sorted(cards_folder().rglob("*.md")), ids=lambda path: path.stem)
def test_the_shipped_cards_pass_as_values_and_as_headers(path: Path) -> None:
    assert find_violations(to_values(Document.read(path))) == []
    assert find_violations(read_as_an_editor_does(path)) == []


@pytest.mark.parametrize(
    "replace",
    [
        {},
        {"2025-3-10": "2025-03-10"},
        {"2025-3-10": "'2025-3-1'"},
        {"version: 2.5": "version: 1.10"},
        {"version: 2.5": "version: '2.10'"},
        {"version: 2.5": "version: 2"},
        {"version: 2.5": "version: 2.0.0rc1".removesuffix("rc1")},
        {"fine-tunable: True": "fine-tunable: false"},
        {METRICS: "no"},
        {METRICS: "none"},
        {METRICS: "'-'"},
        {f"evaluation: {METRICS}": "accuracy: 0.869"},
        {"0123456789abcdef": "0e737186"},
        {"repo-link: <": "vit-repo-link: <https://a.org>\n\nrepo-link: <"},
        {"license:": "mindspore-lite: True\n\nmAP: 37.3\n\ninput-shape: [1, 3]\n\nlicense:"},
    ],
)
def test_a_good_header_passes_whatever_types_a_yaml_reader_guesses(
    write_card: WriteCard, replace: dict[str, str]
) -> None:
    assert find_messages(read_as_an_editor_does(write_card(replace=replace))) == []


def test_a_day_may_be_a_date() -> None:
    found = find_messages({"update-time": datetime.date(2025, 3, 10)})
    assert not [message for message in found if "update-time" in message]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("license: ", "licence: ", "license is missing; is 'licence' meant to be it?"),
        ("summary: ", "summary: # ", "summary is empty"),
        ("module-type: cv", "module-type: 3", "module-type 3 is not a line of text"),
        ("True", "maybe", 'fine-tunable "maybe" is not True or False'),
        ("version: 2.5", "version: banana", 'version "banana" is not a version such as 2.5'),
        ("2025-3-10", "2025-13-1", 'update-time "2025-13-1" is not a day written'),
        ("2025-3-10", "yesterday", 'update-time "yesterday" is not a day written'),
        (METRICS, "3.5", "evaluation 3.5 is not a line of metrics"),
        ("repo-link: <https", "repo-link: <ftp", "repo-link .* is not a link"),
        ("file-format: ckpt", "file-format: exe", r'asset\[0\].file-format "exe" is not a file'),
        ("<https://example", "<http://example", r"asset\[0\].asset-link .* is not an https link"),
        ("0123456789abcdef", "12345678", r"asset\[0\].asset-sha256 12345678 .* in quotes"),
        ("0123456789abcdef", "zzz", r"asset\[0\].asset-sha256 .zzz. is not a SHA-256"),
        ("- file-format: ckpt\n  ", "- ", r"asset\[0\].file-format is missing"),
    ],
)
def test_a_wrong_value_is_named_with_its_path_and_the_way_out(
    write_card: WriteCard, old: str, new: str, message: str
) -> None:
    found = find_violations(read_as_an_editor_does(write_card(replace={old: new})))
    assert found
    assert any(re.search(message, str(violation)) for violation in found), found


def test_all_violations_come_at_once_and_none_twice() -> None:
    found = find_violations({"evaluation": [{"name": "a"}, {"x": 1}], "asset": [{}]})
    assert len(found) == len(set(found))
    required = sum(key.required for key in CARD_KEYS)
    assert [violation.message for violation in found].count("is missing") == required + 2
    assert (
        Violation(("evaluation", 0), '{"name": "a"} is not a metric with name and value') in found
    )


def test_long_values_are_shown_in_part() -> None:
    found = find_messages({"license": ["x" * 1000]})
    assert max(map(len, found)) < 120


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the project")
def test_every_official_header_passes_that_is_yaml_and_every_card_as_values() -> None:
    refused = 0
    for path in sorted(CORPUS.rglob("*.md")):
        values = json.loads(json.dumps(to_values(Document.read(path))))
        assert find_violations(values) == [], path
        try:
            header = read_as_an_editor_does(path)
        except yaml.YAMLError:
            refused += 1  # 'evaluation: -', which no schema gets to see
            continue
        assert find_violations(header) == [], path
    assert refused < 50
