"""A card becomes a record, or a list of everything that is wrong with it."""

import copy
import dataclasses
import datetime
import json
import os
import pickle
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from hub.errors import AssetNotFoundError, CardError, RegistryError
from hub.resources import cards_folder, schema_file
from hub.validation import find_problems, parse_card, read_card, validate_cards
from tests.conftest import CARD

SPECIFICATION = Path(__file__).parents[2] / "shared" / "spec" / "efficientnet_b0.md"
WriteCard = Callable[..., Path]


def test_every_field_of_a_record_has_its_type(write_card: WriteCard) -> None:
    card = read_card(write_card(digest="0e737186", version="1.10"))
    assert str(card.id) == "MindSpore/efficientnet_b0@1.10"
    assert card.title == "efficientnet_b0"
    assert card.model_name == "efficientnet_b0"
    assert card.fine_tunable is True
    assert card.model_version == card.mindspore_version == (1, 10)
    assert str(card.mindspore_version) == "1.10"
    assert card.update_time == datetime.date(2025, 3, 10)
    assert dict(card.evaluation) == {"top1acc": Decimal("76.88"), "top5acc": Decimal("93.28")}
    assert card.repo_link.startswith("https://github.com/")
    assert card.assets[0].link == "https://example.org/weights.ckpt"
    assert str(card.assets[0].digest) == "0e737186"
    assert card.body == "# Body\n\nText."


@pytest.mark.parametrize("digest", ["0e737186", "01234567", "12345678", "868228e5", "ABCDEF01"])
def test_a_digest_that_looks_like_a_number_stays_what_it_is(
    write_card: WriteCard, digest: str
) -> None:
    assert str(read_card(write_card(digest=digest)).assets[0].digest) == digest.lower()


def test_keys_that_the_format_does_not_know_are_kept(write_card: WriteCard) -> None:
    extra = {"used-for:": "mAP: no\n\ninput-shape: [1, 3]\n\nused-for:"}
    card = read_card(write_card(replace=extra))
    assert dict(card.extra) == {"mAP": "no", "input-shape": ("1", "3")}


def test_a_record_cannot_be_changed(write_card: WriteCard) -> None:
    card = read_card(write_card())
    with pytest.raises(AttributeError):
        card.license = "none"
    with pytest.raises(TypeError):
        card.extra["new"] = "key"
    with pytest.raises(AttributeError, match="part of a frozen record"):
        card.evaluation.text = "better"
    with pytest.raises(AttributeError, match="part of a frozen record"):
        del card.evaluation.text


def test_a_record_can_be_pickled_copied_and_hashed(write_card: WriteCard) -> None:
    card = read_card(write_card(replace={"used-for:": "mAP: [a, b]\n\nused-for:"}))
    assert pickle.loads(pickle.dumps(card)) == copy.deepcopy(card) == card
    assert hash(copy.deepcopy(card)) == hash(card)
    assert dataclasses.asdict(card)["extra"] == {"mAP": ("a", "b")}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mindspore-version: 2.5", 'mindspore-version: "2.5\\n"'),
        ("asset-sha256: 0123456789abcdef", 'asset-sha256: "0123456789abcdef\\n"'),
        ("<https://example.org/weights.ckpt>", '"https://example.org/weights.ckpt\\n"'),
    ],
)
def test_blanks_around_a_quoted_value_do_not_count(
    write_card: WriteCard, old: str, new: str
) -> None:
    assert read_card(write_card(replace={old: new})) == read_card(write_card())


@pytest.mark.parametrize("link", ["https://[::1/a.ckpt", "https://example.org/a?b=/c.ckpt#d/e"])
def test_a_file_name_is_found_in_any_link(write_card: WriteCard, link: str) -> None:
    assert read_card(write_card(link=link)).assets[0].filename in ("a.ckpt", "a")


def test_an_asset_is_found_by_its_format(write_card: WriteCard) -> None:
    card = read_card(write_card())
    assert card.asset("CKPT") is card.asset() is card.assets[0]
    with pytest.raises(AssetNotFoundError, match="has no onnx asset; it has: ckpt") as caught:
        card.asset("onnx")
    assert caught.value.available == ("ckpt",)


def test_a_card_may_have_no_asset_and_says_so(write_card: WriteCard) -> None:
    text = write_card().read_text()
    start, end = text.index("asset:"), text.index("license:")
    card = parse_card((text[:start] + text[end:]).encode(), "bare.md")
    assert card.assets == ()
    with pytest.raises(AssetNotFoundError, match="it lists no asset at all"):
        card.asset()


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        (
            "model-version: 2.5",
            "model-version: banana",
            "13:16: model-version",
            "a version such as",
        ),
        ("model-version: 2.5", "model-version: ", "13:15: model-version", "is empty"),
        ("2025-3-10", "2025-2-30", "21:14: update-time", "not a day of the calendar"),
        ("2025-3-10", "yesterday", "21:14: update-time", "not a day of the calendar"),
        ("True", "maybe", "11:15: fine-tunable", "is not True or False"),
        ("0123456789abcdef", "zzz", "35:17: asset[0].asset-sha256", "not a SHA-256 digest"),
        ("0123456789abcdef", "1234567", "35:17: asset[0].asset-sha256", "at least the first 8"),
        ("<https://example", "<http://example", "34:15: asset[0].asset-link", "an https link"),
        ("file-format: ckpt", "file-format: exe", "33:16: asset[0].file-format", "a file format"),
        (
            "<https://example.org/weights.ckpt>",
            "<<https://a.org/b>>",
            "34:15: asset[0].asset-link",
            "an https",
        ),
        ("license: ", "licence: ", "3:1: license", "is missing; is 'licence' meant to be it?"),
        ("repo-link: <", "repo-link: <ftp:", "23:12: repo-link", "is not a link such as"),
        ("  asset-sha256: 0123456789abcdef\n", "", "33:3: asset[0].asset-sha256", "is missing"),
        ("top1acc76.88", "nonsense", "17:13: evaluation", "'nonsense' is not a metric's name"),
        (
            "author:",
            "summary: x\n\nauthor:",
            "41:1: summary",
            "written twice; the first is in line 19",
        ),
        (
            "  asset-sha256:",
            "  asset-link: <https://b.org>\n  asset-sha256:",
            "35:3: asset[0].asset-link",
            "is written twice",
        ),
        (
            "asset:\n\n- file-format: ckpt\n",
            "asset: banana\nx:\n\n- y: z\n",
            "31:8: asset",
            "a list",
        ),
        (
            "- file-format: ckpt\n",
            "- banana\n- file-format: ckpt\n",
            "33:3: asset[0]",
            "an asset with",
        ),
    ],
)
def test_a_problem_names_line_column_key_and_cause(
    write_card: WriteCard, old: str, new: str, place: str, message: str
) -> None:
    path = write_card(replace={old: new})
    found = [str(problem) for problem in find_problems(path)]
    assert any(f.startswith(f"{path}:{place}: ") and message in f for f in found), found


def test_all_problems_come_at_once_in_the_order_of_lines(write_card: WriteCard) -> None:
    path = write_card(
        version="banana", digest="zzz", replace={"2025-3-10": "2025-2-30", "license:": "x:"}
    )
    keys = [problem.key for problem in find_problems(path)]
    version_keys = ["model-version", "update-time", "mindspore-version"]
    assert keys == ["license", *version_keys, "asset[0].asset-sha256"]
    with pytest.raises(CardError, match=r"is not a valid model card, 5 problems:\n") as caught:
        read_card(path)
    assert [problem.key for problem in caught.value.problems] == keys


def test_what_does_not_spoil_the_record_is_reported_but_does_not_stop_it(
    write_card: WriteCard,
) -> None:
    path = write_card(replace={"  asset-sha256: 0123456789abcdef\n": "", "top1acc76.88": "2.2m"})
    card = read_card(path)
    assert card.assets[0].digest is None
    assert card.evaluation.unread == ("2.2m",)
    assert len(find_problems(path)) == 2


def test_folders_are_searched_and_the_order_is_stable(
    write_card: WriteCard, tmp_path: Path
) -> None:
    paths = [write_card(f"cards/{name}.md") for name in ("b", "a/deep", "a")]
    report = validate_cards([tmp_path / "cards"])
    assert report.ok
    assert report.checked == tuple(map(str, sorted(paths)))


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"none does not exist; name card files or folders"):
        validate_cards([tmp_path / "none"])


def test_a_pipe_in_a_folder_is_passed_over(write_card: WriteCard) -> None:
    card = write_card()
    os.mkfifo(card.with_name("pipe.md"))
    assert validate_cards([card.parent]).checked == (str(card),)


def test_a_broken_line_is_one_problem_with_its_key(write_card: WriteCard) -> None:
    path = write_card(replace={"top1acc76.88 | top5acc93.28": "a: b"})
    (problem,) = find_problems(path)
    assert (problem.line, problem.key) == (17, "evaluation")
    assert "a second ': '" in problem.message


def test_nothing_to_check_is_an_error_not_a_success(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="holds no card, no file that ends in"):
        validate_cards([tmp_path])
    with pytest.raises(RegistryError, match="does not exist"):
        validate_cards(["a" * 300])


def test_the_schema_accepts_the_header_as_an_editor_reads_it() -> None:
    """Editors apply it to plain YAML: numbers are numbers, and links have their brackets."""
    text = CARD.format(name="b0", version="2.5", link="https://a.org/b.ckpt", digest="12345678")
    header = yaml.safe_load(text.split("---")[1].replace("2025-3-10", "'2025-03-10'"))
    Draft202012Validator(json.loads(schema_file().read_text())).validate(header)


def test_the_shipped_cards_are_valid() -> None:
    assert validate_cards([cards_folder()]).problems == ()


def test_the_specification_is_a_valid_card() -> None:
    if not SPECIFICATION.exists():
        pytest.skip("the specification lies beside the project, not in it")
    assert find_problems(SPECIFICATION) == []
    shipped = read_card(cards_folder() / "MindSpore" / "efficientnet_b0.md")
    specified = read_card(SPECIFICATION)
    facts = [name for name in specified.__slots__ if name not in ("source", "body")]
    assert [getattr(shipped, name) for name in facts] == [
        getattr(specified, name) for name in facts
    ]


def test_the_schema_is_valid_and_explains_every_field_to_editors() -> None:
    schema = json.loads(schema_file().read_text())
    Draft202012Validator.check_schema(schema)
    for properties in (schema["properties"], schema["$defs"]["asset"]["properties"]):
        for name, field in properties.items():
            assert field["title"], name
            assert field["description"].endswith("."), name


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.binary(max_size=2000))
def test_no_bytes_raise_anything_but_a_card_error(content: bytes) -> None:
    for candidate in (content, b"---\n" + content + b"\n---\n"):
        try:
            parse_card(candidate, "fuzz.md")
        except CardError as error:
            assert error.problems


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_no_mutation_of_a_card_raises_anything_but_a_card_error(data: st.DataObject) -> None:
    text = CARD.format(name="b0", version="2.5", link="https://a.org/b.ckpt", digest=8 * "0")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    spice = st.sampled_from(["---", "\n", ": ", "- ", "*a", "&a", "!!x", "[", "{", "'", "\t", "\0"])
    inserted = data.draw(st.one_of(st.text(max_size=10), spice))
    try:
        card = parse_card((text[:start] + inserted + text[end:]).encode(), "fuzz.md")
    except (CardError, UnicodeEncodeError):
        return
    assert card.id.name
