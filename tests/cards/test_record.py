"""A card becomes a record: typed where it can be understood, and None where it cannot."""

import copy
import dataclasses
import datetime
import pickle
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from hub.cards.asset import Asset
from hub.cards.document import Document
from hub.cards.record import Card, build_card, parse_card, read_card
from hub.errors import AssetNotFoundError, CardError
from hub.ids import ModelId
from hub.resources import cards_folder
from hub.versions import Version

SPECIFICATION = Path(__file__).parents[3] / "shared" / "spec" / "efficientnet_b0.md"
WIDE = "\N{FULLWIDTH COLON}"
WriteCard = Callable[..., Path]


def parse(header: str, body: str = "", source: str = "card.md") -> Card:
    """Read a card of a model-name, some other lines, and a body."""
    return parse_card(f"---\nmodel-name: lite0\n{header}\n---\n{body}".encode(), source)


def test_every_field_of_a_record_has_its_type(write_card: WriteCard) -> None:
    path = write_card(digest="0e737186", version="1.10")
    card = read_card(path)
    assert str(card.id) == "MindSpore/efficientnet_b0@1.10"
    assert (card.source, card.document.to_bytes()) == (str(path), path.read_bytes())
    assert card.title == card.model_name == "efficientnet_b0"
    assert (card.backbone_name, card.module_type) == ("efficientnet", "cv")
    assert card.fine_tunable is True
    assert card.model_version == card.mindspore_version == (1, 10)
    assert str(card.mindspore_version) == "1.10"
    assert card.train_dataset == "ImageNet2012"
    assert card.update_time == datetime.date(2025, 3, 10)
    assert dict(card.evaluation) == {"top1acc": Decimal("76.88"), "top5acc": Decimal("93.28")}
    assert card.repo_link.startswith("https://github.com/")
    assert (card.author, card.user_id, card.used_for) == (
        "MindSpore team",
        "MindSpore",
        "inference",
    )
    (asset,) = card.assets
    assert (asset.file_format, asset.link) == ("ckpt", "https://example.org/weights.ckpt")
    assert (asset.key, str(asset.digest), asset.digest_text) == ("asset[0]", "0e737186", "0e737186")
    assert (card.license, card.summary) == ("Apache2.0", "efficientnet_b0 is used for cv")
    assert dict(card.extra) == {}
    assert card.body.text == "# Body\n\nText."


def test_what_a_field_means_is_read_on_demand(write_card: WriteCard) -> None:
    card = read_card(write_card())
    assert [dataset.canonical for dataset in card.datasets] == ["ImageNet2012"]
    assert card.license_id == "Apache-2.0"
    assert (card.repository.owner, card.repository.ref) == ("mindspore-lab", "v0.4.0")
    assert card.uses == {"inference"}
    assert card.module is not None


def test_a_card_of_a_name_alone_is_a_record_of_nones() -> None:
    card = parse("", source="a/lite0.md")
    kept = {"id", "document", "model_name", "body"}
    stated = {f.name: getattr(card, f.name) for f in dataclasses.fields(card) if f.name not in kept}
    assert not any(stated.values())
    assert stated.pop("evaluation").state == "absent"
    assert (stated.pop("assets"), dict(stated.pop("extra"))) == ((), {})
    assert set(stated.values()) == {None}
    assert str(card.id) == "-/lite0"
    assert (card.datasets, card.module, card.repository, card.license_id) == ((), None, None, None)
    assert (card.uses, card.results, card.result()) == (frozenset(), (), None)
    assert (dict(card.repositories), card.backends["train"]) == ({}, frozenset())


@pytest.mark.parametrize(
    "line",
    [
        *("model-version: banana", "mindspore-version: 1.x", "update-time: 2025-02-30"),
        *("fine-tunable: maybe", "author:", "license: [a, b]", "summary:\n  a: b", "repo-link: <>"),
        *("asset: banana", "asset:", "asset:\n- banana", "user-id: ''", "train-dataset: # none"),
    ],
)
def test_a_garbled_field_is_none_and_no_error(line: str) -> None:
    card = parse(line)
    name = line.partition(":")[0].replace("-", "_")
    assert getattr(card, "assets" if name == "asset" else name) in (None, ())


def test_versions_compare_number_by_number() -> None:
    old, new = parse("mindspore-version: 1.9"), parse("mindspore-version: 1.10")
    assert new.mindspore_version > old.mindspore_version
    assert (new.id.version, new.mindspore_version) == ((1, 10), (1, 10))


@pytest.mark.parametrize("digest", ["0e737186", "01234567", "12345678", "868228e5", "ABCDEF01"])
def test_a_digest_that_looks_like_a_number_stays_what_it_is(
    write_card: WriteCard, digest: str
) -> None:
    asset = read_card(write_card(digest=digest)).asset()
    assert str(asset.digest) == asset.digest_text == digest.lower()


@pytest.mark.parametrize(
    ("line", "state", "metrics"),
    [
        ("evaluation: -", "none", {}),
        ("evaluation: no", "none", {}),
        ("evaluation: avgReward-9.11", "stated", {"avgReward": Decimal("-9.11")}),
        ("evaluation: -9.11", "unparsed", {}),
        ("evaluation:", "absent", {}),
    ],
)
def test_an_evaluation_is_what_the_line_says(line: str, state: str, metrics: object) -> None:
    evaluation = parse(line).evaluation
    assert (evaluation.state, dict(evaluation)) == (state, metrics)


def test_chinese_cards_are_read_by_their_own_keys() -> None:
    text = (
        "# lite0\n\n---\n\n模型名称: lite0\n\n可微调: 是\n\nMindSpore版本: 1.10\n\n更新时间: 2025-3-10\n\n"
        "评估: top1acc75.1\n\n用户ID: MindSpore\n\n资源:\n\n-\n    文件格式: ckpt\n"
        "    资源链接: <https://example.org/a.ckpt>\n    资源SHA256校验码: 0e737186\n\n---\n\n## 简介\n"
    )
    card = parse_card(text.encode(), "lite0_cn.md")
    assert str(card.id) == "MindSpore/lite0_cn@1.10"
    assert (card.fine_tunable, card.update_time) == (True, datetime.date(2025, 3, 10))
    assert card.evaluation["top1acc"] == Decimal("75.1")
    assert str(card.asset("ckpt").digest) == "0e737186"
    wide = text.replace(": ", WIDE).replace(":\n", f"{WIDE}\n")
    assert parse_card(wide.encode(), "lite0_cn.md") == card
    assert card.place("update_time") == (11, 7)


def test_keys_that_the_format_does_not_know_are_kept() -> None:
    card = parse(
        "mAP: no\ninput-shape: [1, 3]\nmindspore-lite: {a: '1.10'}\ntrain-backend: Ascend / GPU\n"
        "infer-backend: [CPU, gpu]\nvit-repo-link: <https://github.com/a/b>\ntitle: t\nid: i\nbody: b"
    )
    assert dict(card.extra) == {
        "mAP": "no",
        "input-shape": ("1", "3"),
        "mindspore-lite": {"a": "1.10"},
        "train-backend": "Ascend / GPU",
        "infer-backend": ("CPU", "gpu"),
        "vit-repo-link": "<https://github.com/a/b>",
        "title": "t",
        "id": "i",
        "body": "b",
    }
    assert dict(card.backends) == {"train": {"ascend", "gpu"}, "infer": {"cpu", "gpu"}}
    assert {key: found.name for key, found in card.repositories.items()} == {"vit-repo-link": "b"}


def test_a_result_is_found_by_the_link_of_the_asset() -> None:
    table = "| Model | Top-1 | Download |\n|-|-|-|\n| a | 75.1 | [w](https://a.b/c.ckpt) |\n| b | 2 | |\n"
    card = parse("asset:\n- asset-link: <https://a.b/c.ckpt>", table)
    assert [result.model for result in card.results] == ["a", "b"]
    assert card.result() is card.result(card.assets[0]) is card.results[0]


def test_places_are_found_by_field_by_key_and_by_path(write_card: WriteCard) -> None:
    card = read_card(write_card())
    assert card.place("update_time") == card.place("update-time") == (21, 14)
    assert card.place("asset[0].asset-link") == (34, 15)
    assert card.place("assets[0].asset_link") == (34, 15)
    assert card.place("asset") == (33, 1)
    assert (card.place("accuracy"), card.place("asset[1]"), card.place("")) == (None, None, None)
    assert parse("my_key: x").place("my_key") == (3, 9)


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", "1:1", "no '---' line found; a card's header stands between two"),
        ("# a\n---\nmodel-name: a\n", "1:1", "one '---' line found; a card's header stands"),
        ("# a\n---\njunk\n---\n", "2:1", "no 'key: value' line between the two '---' lines"),
        ("# a\n---\nb: c\n---\n", "1:1", "model-name is missing"),
        ("# a\n---\nb: c\nmodel-name: ''\n---\n", "4:13", "model-name is missing"),
        ("# a\n---\nmodel-name:\n- b\n---\n", "4:1", "model-name is missing"),
        ("---\nmodel-name: " + 70_000 * "a" + "\n---\n", "1:1", "the header has over 65,536"),
    ],
)
def test_what_is_no_model_card_is_an_error_with_its_place_and_reason(
    text: str, place: str, reason: str
) -> None:
    with pytest.raises(CardError) as caught:
        parse_card(text.encode(), "bad.md")
    assert str(caught.value).startswith(f"bad.md:{place}: {reason}")
    assert str(caught.value).endswith("; this is no model card")
    assert (caught.value.source, caught.value.reason[: len(reason)]) == ("bad.md", reason)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mindspore-version: 2.5", 'mindspore-version: "2.5\\n"'),
        ("asset-sha256: 0123456789abcdef", 'asset-sha256: "0123456789abcdef\\n"'),
        ("<https://example.org/weights.ckpt>", '"https://example.org/weights.ckpt\\n"'),
        ("0123456789abcdef", "0123456789ABCDEF # upper case"),
        ("2025-3-10", "'2025-03-10'"),
        ("file-format: ckpt", "file-format: CKPT"),
        ("- file-format: ckpt\n", "-\n\n  file-format: ckpt\n\n"),
        ("top1acc76.88 | top5acc93.28", "top1acc:76.88|top5acc 93.28"),
        ("\n", "\r\n"),
        ("# efficientnet_b0", "\ufeff#   efficientnet_b0"),
    ],
)
def test_form_makes_no_other_record(write_card: WriteCard, old: str, new: str) -> None:
    text = write_card().read_text()
    assert old in text
    card = parse_card(text.encode(), "a.md")
    other = parse_card(text.replace(old, new).encode(), "b/a.md")
    assert other == card
    assert hash(other) == hash(card)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2025-3-10", "2025-3-11"),
        ("mindspore-version: 2.5", "mindspore-version: 2.50"),
        ("76.88", "76.89"),
        ("top5acc93.28", "2.2m"),
        ("top5acc93.28", "top1acc93.28"),
        ("0123456789abcdef", "0123456789abcde"),
        ("0123456789abcdef", "garbled"),
        ("ckpt\n", "onnx\n"),
        ("license: Apache2.0", "license: MIT"),
        ("used-for:", "mAP: 1\n\nused-for:"),
        ("# efficientnet_b0", "# EfficientNet"),
        ("Text.", "Other text."),
    ],
)
def test_another_fact_makes_another_record(write_card: WriteCard, old: str, new: str) -> None:
    text = write_card().read_text()
    assert old in text
    assert parse_card(text.encode(), "a.md") != parse_card(text.replace(old, new).encode(), "a.md")


def test_two_unlike_things_that_are_no_digest_are_unlike() -> None:
    first, second = (parse(f"asset:\n- asset-sha256: {text}") for text in ("zzz", "yyy"))
    assert first != second


def test_a_record_cannot_be_changed(write_card: WriteCard) -> None:
    card = read_card(write_card())
    with pytest.raises(AttributeError):
        card.license = "none"
    with pytest.raises(TypeError):
        card.extra["new"] = "key"
    with pytest.raises(AttributeError, match="part of a frozen record"):
        card.evaluation.text = "better"


def test_a_record_can_be_pickled_copied_and_hashed(write_card: WriteCard) -> None:
    card = read_card(write_card(replace={"used-for:": "mAP: [a, {b: c}]\n\nused-for:"}))
    assert card.results == ()
    assert pickle.loads(pickle.dumps(card)) == copy.deepcopy(card) == copy.copy(card) == card
    assert pickle.loads(pickle.dumps(card)).document == card.document
    assert hash(copy.deepcopy(card)) == hash(card)
    assert dataclasses.asdict(card)["extra"] == {"mAP": ("a", {"b": "c"})}
    assert dataclasses.replace(card, title="x") != card
    assert "Text." not in repr(card)


@pytest.mark.parametrize("link", ["https://[::1/a.ckpt", "https://example.org/a?b=/c.ckpt#d/e"])
def test_a_file_name_is_found_in_any_link(write_card: WriteCard, link: str) -> None:
    assert read_card(write_card(link=link)).assets[0].filename in ("a.ckpt", "a")


def test_a_file_name_is_unquoted() -> None:
    assert Asset("ckpt", "https://a.b/c%20d.ckpt", None).filename == "c d.ckpt"
    assert Asset("ckpt", "", None).filename == ""


def test_an_asset_is_found_by_its_format(write_card: WriteCard) -> None:
    card = read_card(write_card())
    assert card.asset("CKPT") is card.asset() is card.assets[0]
    with pytest.raises(AssetNotFoundError, match="has no onnx asset; it has: ckpt") as caught:
        card.asset("onnx")
    assert (caught.value.available, caught.value.file_format) == (("ckpt",), "onnx")


def test_a_card_may_have_no_asset_and_says_so() -> None:
    assert parse("").assets == ()
    with pytest.raises(AssetNotFoundError, match="it lists no asset at all"):
        parse("").asset()


def test_an_asset_without_a_digest_is_an_asset() -> None:
    asset = parse("asset:\n- asset-link: <https://a.b/c.ckpt>").asset()
    assert (asset.digest, asset.digest_text, asset.file_format) == (None, "", "")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("- file-format: ckpt", "asset[0].asset-link is missing"),
        ("- file-format: ckpt\n  asset-link: <>", "asset[0].asset-link is missing"),
        (
            "- asset-link: a\n- file-format: ckpt\n  asset-link: b\n  asset-sha256: zzz",
            "asset[1].asset-sha256: 'zzz' is no SHA-256 digest",
        ),
    ],
)
def test_an_asset_that_cannot_be_fetched_is_an_error_when_it_is_asked_for(
    lines: str, reason: str
) -> None:
    card = parse(f"asset:\n{lines}")
    with pytest.raises(CardError) as caught:
        card.asset("ckpt")
    assert str(caught.value) == f"card.md: {reason}; `hub validate` lists all that is wrong"
    assert (caught.value.reason, caught.value.source) == (reason, "card.md")


def test_a_broken_item_does_not_move_the_others() -> None:
    card = parse("asset:\n- banana\n- file-format: ckpt\n  asset-link: a")
    assert [(asset.key, asset.file_format) for asset in card.assets] == [("asset[1]", "ckpt")]
    assert card.place(card.assets[0].key) == (5, 3)


@pytest.mark.parametrize(
    ("source", "owner", "wanted"),
    [
        ("a/b/lite0.md", "MindSpore", "MindSpore/lite0@2.5"),
        ("lite0", "MindSpore", "MindSpore/lite0@2.5"),
        ("a\\b\\lite.v1.md", "MindSpore team", "MindSpore-team/lite.v1@2.5"),
        ("https://example.org/cards/lite0.md?raw=1/2", "x", "x/lite0@2.5"),
        ("https://example.org/cards/lite0/", "x", "x/lite0@2.5"),
        ("predrnn++.md", "Noah's Ark Lab", "Noah-s-Ark-Lab/predrnn++@2.5"),
        ("模型.md", "作者", "-/-@2.5"),
    ],
)
def test_an_id_is_made_of_user_id_and_file_name(source: str, owner: str, wanted: str) -> None:
    card = parse(f"user-id: {owner}\nmindspore-version: 2.5", source=source)
    assert str(card.id) == wanted


def test_an_id_of_the_registry_gets_the_version_of_the_card_if_it_has_none() -> None:
    document = Document("---\nmodel-name: a\nmindspore-version: 1.10\n---\n")
    assert build_card(document, ModelId("x", "y")).id == ModelId("x", "y", Version((1, 10)))
    kept = ModelId("x", "y", Version((2, 5)), "gpu")
    assert build_card(document, kept).id == kept


def test_the_specification_says_what_the_shipped_card_says() -> None:
    if not SPECIFICATION.exists():
        pytest.skip("the specification lies beside the project, not in it")
    shipped = read_card(cards_folder() / "MindSpore" / "efficientnet_b0.md")
    specified = read_card(SPECIFICATION)
    facts = [
        field.name for field in dataclasses.fields(Card) if field.name not in ("document", "body")
    ]
    assert [getattr(shipped, name) for name in facts] == [
        getattr(specified, name) for name in facts
    ]
