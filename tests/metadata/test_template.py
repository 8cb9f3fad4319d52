"""A new card holds the facts that it was made of, and nothing is wrong with it."""

import datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from hub.cards.document import Document
from hub.cards.record import build_card
from hub.errors import ArgumentError
from hub.lint.check import Linter
from hub.metadata.formatting import format_card
from hub.metadata.template import NewAsset, check_fact, create_card, guess_file_format

FACTS = {
    "name": "lite0_imagenet2012",
    "module_type": "cv-classification",
    "author": "A. Smith",
    "user_id": "smith",
    "repo_link": "https://github.com/smith/lite0/tree/v1.0",
    "mindspore_version": "2.10",
    "summary": "Sorts pictures: quickly, and on phones.",
}
LINK = "https://example.org/lite0.ckpt"
METRICS = {"top1acc": "75.10", "top5acc": Decimal("92.50")}


def create(**changes: object) -> Document:
    return create_card(**(FACTS | changes))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "lite0.ckpt"
    path.write_bytes(b"weights")
    return path


def test_the_record_has_every_fact(weights: Path) -> None:
    card = build_card(
        create(
            title="Lite0",
            train_dataset="ImageNet2012",
            metrics=METRICS,
            update_time=datetime.date(2026, 1, 2),
            assets=[NewAsset(link=LINK, path=weights)],
        )
    )
    assert (card.title, card.model_name, card.backbone_name) == (
        "Lite0",
        "lite0_imagenet2012",
        "lite0",
    )
    assert (card.module_type, card.fine_tunable) == ("cv-classification", True)
    assert card.model_version == card.mindspore_version == (2, 10)
    assert (card.author, card.user_id) == ("A. Smith", "smith")
    assert (card.repo_link, card.summary) == (FACTS["repo_link"], FACTS["summary"])
    assert (card.license, card.used_for) == ("Apache-2.0", "inference")
    assert (card.train_dataset, card.update_time) == ("ImageNet2012", datetime.date(2026, 1, 2))
    assert dict(card.evaluation) == {"top1acc": Decimal("75.10"), "top5acc": Decimal("92.50")}
    (asset,) = card.assets
    assert (asset.file_format, asset.link) == ("ckpt", LINK)
    assert asset.digest.hex == sha256(b"weights").hexdigest()


def test_the_result_table_says_what_the_header_says(weights: Path) -> None:
    document = create(metrics=METRICS, assets=[NewAsset(link=LINK, path=weights)])
    card = build_card(document)
    row = card.result()
    assert row.weights == LINK
    assert row.metrics["top1_accuracy"].value == card.evaluation["top1acc"]


def test_the_body_has_its_sections_and_the_line_that_loads_the_model() -> None:
    body = create(metrics=METRICS).body
    titles = ["Introduction", "Results", "Usage", "Citation", "Disclaimer"]
    assert [section.title for section in body.sections] == titles
    assert 'hub.load("smith/lite0_imagenet2012")' in body.code_blocks[0].text
    assert "Results" not in [section.title for section in create().body.sections]
    assert 'hub.load("Noah-s-Ark-Lab/' in create(user_id="Noah's Ark Lab").body.text


def test_the_linter_finds_nothing(weights: Path) -> None:
    document = create(
        train_dataset="ImageNet2012",
        metrics=METRICS,
        assets=[NewAsset(link=LINK, path=weights)],
    )
    assert [str(finding) for finding in Linter().check(document)] == []


def test_without_metrics_the_linter_finds_nothing_either(weights: Path) -> None:
    document = create(assets=[NewAsset(link=LINK, path=weights)])
    assert [str(finding) for finding in Linter().check(document)] == []
    assert build_card(document).evaluation.state == "none"


def test_it_is_formatted(weights: Path) -> None:
    assets = [NewAsset(link=LINK, path=weights), NewAsset(link="https://a.b/c.onnx")]
    for document in (create(), create(metrics=METRICS, assets=assets)):
        assert format_card(document) == document


def test_the_day_is_today_unless_it_is_given() -> None:
    days = {datetime.datetime.now(tz=datetime.timezone.utc).date() for _ in range(2)}
    day = build_card(create()).update_time
    assert min(days) <= day <= datetime.datetime.now(tz=datetime.timezone.utc).date()


@pytest.mark.parametrize(
    ("name", "file_format"),
    [
        ("a.ckpt", "ckpt"),
        ("a.safetensors", "safetensors"),
        ("a.mindir", "mindir"),
        ("a.air", "air"),
        ("a.onnx", "onnx"),
        ("a.MS", "mslite"),
        ("https://example.org/a.b/c.ckpt?x=1#y", "ckpt"),
        ("a.zip", None),
        ("a", None),
    ],
)
def test_the_suffix_says_the_file_format(name: str, file_format: str | None) -> None:
    assert guess_file_format(name) == file_format


def test_a_stated_format_or_digest_needs_no_file() -> None:
    asset = NewAsset(link="https://a.b/download", file_format="ckpt", sha256="F8D7AA2A")
    (made,) = build_card(create(assets=[asset])).assets
    assert (made.file_format, made.digest_text) == ("ckpt", "f8d7aa2a")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": " "}, "model-name is empty; every card states it"),
        ({"module_type": "vision"}, "module-type: 'vision' is no field of use; write"),
        ({"mindspore_version": "newest"}, "mindspore-version: 'newest' is no version"),
        ({"repo_link": "github"}, "repo-link: 'github' is no link"),
        ({"summary": "a\nb"}, "summary: 'a\\nb' has a line end"),
        ({"title": "a\nb"}, "title: 'a\\nb' has a line end"),
        ({"metrics": {"top1": "75"}}, "the metric 'top1' with '75' cannot be written"),
        ({"assets": [NewAsset(link="https://a.b/c")]}, "asset[0]: the suffix of 'https://a.b/c'"),
        ({"assets": [NewAsset(link="a.ckpt")]}, "asset[0].asset-link: 'a.ckpt' is no link"),
        (
            {"assets": [NewAsset(link=LINK, path=Path("none.ckpt"))]},
            "asset[0]: none.ckpt cannot be read: No such file",
        ),
    ],
)
def test_what_is_no_such_fact_is_refused_with_its_place(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        create(**changes, source="new.md")
    assert str(caught.value).startswith("new.md: ")
    assert message in str(caught.value)


def test_a_file_with_another_digest_than_stated_is_refused(weights: Path) -> None:
    with pytest.raises(ArgumentError, match="state the right file, or no digest"):
        create(assets=[NewAsset(link=LINK, path=weights, sha256="01234567")])


def test_a_single_fact_can_be_checked() -> None:
    assert check_fact("update-time", " 2026-1-2 ") == "2026-01-02"
    with pytest.raises(ArgumentError, match="is no field of use; write cv"):
        check_fact("module-type", "cvv")
