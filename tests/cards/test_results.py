"""Result tables are read as rows of numbers and links, and a card finds its own row."""

import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cards.results import Result, match_result, read_results
from hub.markdown.body import Body

SEED = """
| Model  | Context   | Top-1 (%) | Top-5 (%) | Params (M) | Recipe          | Download        |
| ------ | --------- | --------- | --------- | ---------- | --------------- | --------------- |
| lite_0 | D910x64-G | 75.10     | 92.5%     | 4.65       | [yaml](l0.yaml) | [weights](https://example.com/lite0-81b7.ckpt) |
| lite_1 |           | **76.7**  | -         | n/a        | none            |
"""
TABLE = """
| mindspore | firmware |
|:---------:|:--------:|
|   2.5.0   |  7.5.0   |

|  **model name**  | cards | precision | img/s | map | **weight** |
|:----------------:|:-----:|:---------:|:-----:|:---:|:----------:|
|  YOLOv5  |   8   | fp16 | 491.56 | 27.3% | [ckpt](https://example.com/v5n.ckpt) \\| [mindir](v5n.mindir) |
|  YOLOv5  |   8   | fp16 | 486.30 | 37.6% | [weights](https://example.com/v5s.ckpt) |
|  `YOLOv8-n`  |   8   | fp16 | 400.00 | 37.2% | [weights](https://example.com/v8n.ckpt) | more |
"""


def read(text: str) -> tuple[Result, ...]:
    return read_results(Body(text).tables)


def test_rows_of_the_table_with_a_context_are_typed() -> None:
    first, second = read(SEED)
    assert (first.model, first.context, first.parameters) == (
        "lite_0",
        "D910x64-G",
        Decimal("4.65"),
    )
    assert (first.recipe, first.weights) == ("l0.yaml", "https://example.com/lite0-81b7.ckpt")
    assert {name: str(stated.value) for name, stated in first.metrics.items()} == {
        "top1_accuracy": "75.10",
        "top5_accuracy": "92.5",
    }
    assert first.cells["Top-5 (%)"] == "92.5%"
    assert (second.context, second.parameters, second.recipe, second.weights) == (None,) * 4
    assert list(second.metrics) == ["top1_accuracy"]
    assert "Download" not in second.cells


def test_measurements_and_rows_know_their_places() -> None:
    result = read(SEED)[0]
    stated = result.metrics["top5_accuracy"]
    assert (stated.name, SEED[stated.start : stated.end]) == ("Top-5 (%)", "92.5%")
    row = SEED[result.start : result.end]
    assert row.startswith("lite_0 ")
    assert row.endswith("(https://example.com/lite0-81b7.ckpt)")


def test_rows_of_the_table_with_bold_headers_are_typed() -> None:
    results = read(TABLE)
    assert [result.model for result in results] == ["YOLOv5", "YOLOv5", "YOLOv8-n"]
    assert [list(result.metrics) for result in results] == [["mAP"]] * 3
    assert results[0].metrics["mAP"].value == Decimal("27.3")
    assert results[0].weights == "https://example.com/v5n.ckpt"
    assert results[0].cells["weight"] == "ckpt | mindir"


@pytest.mark.parametrize(
    "text",
    [
        "| mindspore | firmware |\n|---|---|\n| 2.5.0 | 7.5.0 |",
        "| model name | img/s | precision |\n|---|---|---|\n| lite0 | 491.56 | fp16 |",
        "| Top-1 | Download |\n|---|---|\n| 75.1 | [a](b) |",
        "| Model | Top-1 |\n|---|---|\n",
    ],
    ids=["versions", "speed", "no model", "no row"],
)
def test_other_tables_are_skipped(text: str) -> None:
    assert read(text) == ()


def test_of_two_columns_for_one_metric_the_first_counts() -> None:
    (result,) = read("|Model|acc|accuracy|acc|\n|-|-|-|-|\n|a|1|2|3|")
    assert result.metrics["accuracy"].value == 1
    assert result.cells == {"Model": "a", "acc": "1", "accuracy": "2"}


def test_results_can_be_compared_hashed_and_pickled() -> None:
    results = read(TABLE)
    assert pickle.loads(pickle.dumps(results)) == results
    assert len(set(results)) == 3


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/v5s.ckpt",
        "<https://example.com/v5s.ckpt>  ",
        "https://mirror.example.org/models/V5s.ckpt?download=1",
    ],
    ids=["the same", "in angle brackets", "the same file elsewhere"],
)
def test_a_row_is_found_by_its_link_before_its_name(link: str) -> None:
    results = read(TABLE)
    assert match_result(results, [link], ["yolov8_n"]) is results[1]


@pytest.mark.parametrize("name", ["yolov8_n", "YOLO v8 N", "yolov8n"])
def test_a_row_is_found_by_its_name_in_any_spelling(name: str) -> None:
    results = read(TABLE)
    assert match_result(results, ["https://example.com/other.ckpt"], [name]) is results[2]


def test_no_row_is_found_when_none_or_several_fit() -> None:
    results = read(TABLE)
    assert match_result(results, [], ["yolov5"]) is None
    assert match_result(results, [], ["resnet50"]) is None
    assert match_result(results, ["", "https://example.com/"], [""]) is None
    assert match_result((), ["https://example.com/v5s.ckpt"], ["yolov5"]) is None


def test_a_name_tells_two_rows_with_one_link_apart() -> None:
    results = read("|Model|weight|\n|-|-|\n|a|[w](x.ckpt)|\n|b|[w](x.ckpt)|")
    assert match_result(results, ["x.ckpt"], ["b"]) is results[1]
    assert match_result(results, ["x.ckpt"], ["c"]) is None


@given(
    st.lists(st.sampled_from(["|", "-", "\n", "Model", "acc", "weight", " 1", "%", "[a](b)", "٣"]))
)
def test_no_text_is_an_error(pieces: list[str]) -> None:
    text = "|Model|acc|weight|\n|-|-|-|\n|" + "".join(pieces)
    for result in read(text):
        for stated in result.metrics.values():
            assert text[stated.start : stated.end].strip("*% ").lstrip("+")
        match_result([result], ["b"], ["a"])
