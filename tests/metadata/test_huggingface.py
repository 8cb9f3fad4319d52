"""Cards become README files that the Hugging Face Hub's own library understands, and come back."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.cards.document import Document
from hub.cards.record import build_card, read_card
from hub.errors import CardError
from hub.metadata.huggingface import from_huggingface, list_missing_keys, to_huggingface
from hub.metadata.layout import write_document

WriteCard = Callable[..., Path]
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
METRICS = "top1acc76.88 | top5acc93.28"
FOREIGN = """\
---
license: bsd-3-clause
library_name: pytorch
pipeline_tag: object-detection
language: en
tags:
- vision
- tiny
datasets:
- coco
- cifar10
base_model: example/big
model-index:
- name: tiny-detector
  results:
  - task:
      type: object-detection
    dataset:
      type: coco
      name: COCO
      split: val
    metrics:
    - type: mAP
      value: 37.30
    - name: Top 1 (%)
      type: accuracy
      value: 76.0
---

# Tiny detector

It detects.
"""


def read_front_matter(readme: str) -> dict[str, object]:
    return yaml.safe_load(readme.split("---\n")[1])


def test_the_front_matter_says_what_the_hub_has_keys_for(write_card: WriteCard) -> None:
    replace = {"module-type: cv": "module-type: cv-classification", "76.88": "76.00"}
    readme = to_huggingface(read_card(write_card(replace=replace)))
    described = read_front_matter(readme)
    block = described.pop("mshub")
    assert described == {
        "license": "apache-2.0",
        "library_name": "mindspore",
        "pipeline_tag": "image-classification",
        "tags": ["efficientnet", "cv", "classification"],
        "datasets": ["imagenet2012"],
        "metrics": ["accuracy", "top5_accuracy"],
        "model-index": [
            {
                "name": "efficientnet_b0",
                "results": [
                    {
                        "task": {"type": "image-classification"},
                        "dataset": {"name": "ImageNet2012", "type": "imagenet2012"},
                        "metrics": [
                            {"type": "accuracy", "name": "top1acc", "value": 76.0},
                            {"type": "top5_accuracy", "name": "top5acc", "value": 93.28},
                        ],
                    }
                ],
            }
        ],
    }
    assert "value: 76.00\n" in readme
    assert "split" not in readme
    assert block["asset"][0]["asset-sha256"] == "0123456789abcdef"
    assert readme.endswith("---\n\n# efficientnet_b0\n\n# Body\n\nText.\n")


@pytest.mark.parametrize(
    ("replace", "license_", "name"),
    [
        ({}, "apache-2.0", None),
        ({"Apache2.0": "GPL-3.0-or-later"}, "gpl-3.0", None),
        ({"Apache2.0": "MulanPSL-2.0"}, "other", "MulanPSL-2.0"),
        ({"Apache2.0": "Tongyi Qianwen License"}, "other", "Tongyi Qianwen License"),
        ({"license: Apache2.0": ""}, None, None),
    ],
)
def test_a_licence_is_the_hubs_or_other_with_its_name(
    write_card: WriteCard, replace: dict[str, str], license_: str | None, name: str | None
) -> None:
    described = read_front_matter(to_huggingface(read_card(write_card(replace=replace))))
    assert (described.get("license"), described.get("license_name")) == (license_, name)


def test_what_a_card_does_not_state_is_not_made_up(write_card: WriteCard) -> None:
    replace = {f"evaluation: {METRICS}\n\n": "", "train-dataset: ImageNet2012": ""}
    described = read_front_matter(to_huggingface(read_card(write_card(replace=replace))))
    assert not {"pipeline_tag", "datasets", "metrics", "model-index"} & set(described)
    described = read_front_matter(
        to_huggingface(read_card(write_card(replace={"train-dataset: ImageNet2012": ""})))
    )
    assert described["model-index"][0]["results"][0]["dataset"] == {
        "name": "not stated",
        "type": "not-stated",
    }


@pytest.mark.parametrize(
    "replace",
    [
        {},
        {METRICS: "top1acc69.73 | top1acc89.35 | 2.2m | loss1e-05 | FN33114"},
        {METRICS: "-9.11", "2025-3-10": "yesterday", "license: Apache2.0\n": ""},
        {"model-version: 2.5": "model-version: 1.10", "0123456789abcdef": "0e737186"},
        {"used-for:": "input-shape: [1, 3]\n\nmAP: no\n\nused-for:", "True": "False"},
        {"# efficientnet_b0\n": "\n"},
        {
            "# efficientnet_b0\n": "\n",
            "# Body\n\nText.": "# efficientnet_b0\n\nText.\n\n---\n\nEnd.",
        },
        {"# Body\n\nText.": "    indented\n\n---\n\n- é 表 😀"},
        {"# Body\n\nText.\n": ""},
    ],
)
def test_every_record_survives_the_way_to_the_hub_and_back(
    write_card: WriteCard, replace: dict[str, str]
) -> None:
    card = read_card(write_card(replace=replace))
    readme = to_huggingface(card)
    back = build_card(from_huggingface(readme), card.id)
    assert back == card
    assert back.evaluation.unread == card.evaluation.unread
    assert build_card(from_huggingface("\ufeff\n" + readme.replace("\n", "\r\n")), card.id) == card


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the project")
def test_official_cards_survive_the_way_to_the_hub_and_back() -> None:
    for path in sorted(CORPUS.rglob("*.md"))[1::4]:
        card = read_card(path)
        assert build_card(from_huggingface(to_huggingface(card)), card.id) == card


# A byte order mark at the end of a title line is not read as a part of it.
lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff"), max_size=30)


@given(
    title=lines,
    name=lines.filter(str.strip),
    license_=lines,
    data=lines,
    body=lines | st.text("-# \n"),
)
@settings(deadline=None)
def test_any_text_survives_the_way_to_the_hub_and_back(
    title: str, name: str, license_: str, data: str, body: str
) -> None:
    values = {"model-name": name, "license": license_, "train-dataset": data, "body": body}
    card = build_card(write_document({"title": title, **values}))
    assert build_card(from_huggingface(to_huggingface(card)), card.id) == card


def test_the_hubs_own_library_accepts_it_and_shows_the_metrics(write_card: WriteCard) -> None:
    huggingface_hub = pytest.importorskip("huggingface_hub")
    replace = {METRICS: "top1acc76.88 | loss1e-05 | FN33114", "2.5": "1.10"}
    card = read_card(write_card(replace=replace))
    model_card = huggingface_hub.ModelCard(to_huggingface(card))
    data = model_card.data
    found = {result.metric_name: result.metric_value for result in data.eval_results}
    assert found == {"top1acc": 76.88, "loss": 1e-05, "FN": 33114}
    assert {type(value) for value in found.values()} <= {int, float}
    assert {result.dataset_split for result in data.eval_results} == {None}
    assert (data.license, data.library_name, data.model_name) == (
        "apache-2.0",
        "mindspore",
        "efficientnet_b0",
    )
    assert data["mshub"]["mindspore-version"] == "1.10"
    assert model_card.text.strip() == "# efficientnet_b0\n\n# Body\n\nText."
    # What the library writes when somebody saves the card is still the same card.
    assert build_card(from_huggingface(str(model_card)), card.id) == card


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the project")
def test_the_hubs_own_library_accepts_official_cards() -> None:
    huggingface_hub = pytest.importorskip("huggingface_hub")
    for path in sorted(CORPUS.rglob("*.md"))[::25]:
        card = read_card(path)
        data = huggingface_hub.ModelCard(to_huggingface(card)).data
        results = data.eval_results or []
        assert [result.metric_name for result in results] == [
            m.name for m in card.evaluation.metrics
        ]


def test_another_readme_is_converted_as_far_as_it_goes() -> None:
    document = from_huggingface(FOREIGN)
    card = build_card(document)
    assert (card.title, card.model_name, card.module_type) == (
        "Tiny detector",
        "tiny-detector",
        "cv-object_detection",
    )
    assert (card.license, card.license_id) == ("BSD-3-Clause", "BSD-3-Clause")
    assert [data.canonical for data in card.datasets] == ["COCO", "CIFAR-10"]
    assert str(card.evaluation["mAP"]) == "37.30"
    assert card.evaluation.unread == ("Top 1 (%) 76.0",)
    assert dict(card.extra) == {
        "language": "en",
        "tags": ("vision", "tiny"),
        "base_model": "example/big",
        "library_name": "pytorch",
    }
    assert card.body == build_card(Document(document.text)).body
    assert str(card.body) == "It detects."
    assert document.faults == ()


def test_facts_that_a_readme_does_not_state_are_named() -> None:
    assert list_missing_keys(from_huggingface(FOREIGN)) == (
        "backbone-name",
        "fine-tunable",
        "model-version",
        "author",
        "update-time",
        "repo-link",
        "user-id",
        "used-for",
        "mindspore-version",
        "summary",
    )
    assert "license" in list_missing_keys(from_huggingface("---\nlicense: other\n---\n"))
    named = from_huggingface("---\nlicense: other\nlicense_name: Our own\n---\n")
    assert named.scalar("license").text == "Our own"


def test_metrics_of_several_data_sets_keep_apart() -> None:
    second = """\
  - dataset: {type: voc, name: VOC}
    metrics: [{type: mAP, value: 80.1}]
---
"""
    card = build_card(from_huggingface(FOREIGN.replace("---\n\n#", f"{second}\n#")))
    assert [metric.name for metric in card.evaluation.metrics] == ["COCO mAP", "VOC mAP"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# b0\n\nText.\n", "my.md: no front matter; a README of the Hugging Face Hub begins"),
        ("", "my.md: no front matter"),
        ("---\nlicense: mit\n", "my.md: no front matter"),
        ("---\n---\nText.", "my.md:2: no 'key: value' line"),
        ("---\n- a\n---\n", "my.md:2: no 'key: value' line"),
        ("---\na: b\nlicense: !!python/name:os.system x\n---\n", "my.md:3: .* tag.* refused"),
        ("\n\n---\n\n\n a: !!b c\n---\n", "my.md:6: .* tag.* refused"),
    ],
)
def test_what_is_no_readme_of_the_hub_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(CardError, match=message):
        from_huggingface(text, "my.md")


@pytest.mark.parametrize(
    "front",
    [
        "model-index: none",
        "model-index: []",
        "model-index: [a]",
        "model-index: [{results: 1}]",
        "model-index: [{results: [a, {metrics: [b, {}], dataset: c}, {}]}]",
        "license: [mit, isc]",
        "mshub: old",
        "datasets: {a: b}",
        "pipeline_tag: [x]",
        "title: [a]",
        "body: x",
        "tags:",
    ],
)
def test_odd_front_matter_is_no_crash(front: str) -> None:
    assert from_huggingface(f"---\n{front}\n---\nText.\n").body.text == "Text."
