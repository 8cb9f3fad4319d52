"""The small language of the ``evaluation`` line."""

import copy
import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cards.evaluation import Evaluation


@pytest.mark.parametrize(
    ("text", "metrics"),
    [
        ("top1acc76.88 | top5acc93.28", {"top1acc": "76.88", "top5acc": "93.28"}),
        ("acc76.00", {"acc": "76.00"}),
        ("set5psnr37.6", {"set5psnr": "37.6"}),
        ("image-level100.0 | pixel-level98.72", {"image-level": "100.0", "pixel-level": "98.72"}),
        ("avgReward-9.11", {"avgReward": "-9.11"}),
        ("acc1.72e-05", {"acc": "1.72e-05"}),
        ("R10@1acc0.75", {"R10@1acc": "0.75"}),
        ("2Dprojection99.7", {"2Dprojection": "99.7"}),
        ("0.5macc75", {"0.5macc": "75"}),
        ("TRP@FAR=1%:98.53", {"TRP@FAR=1%": "98.53"}),
        ("mAP 37.3", {"mAP": "37.3"}),
        ("top1acc69.73|top5acc89.35", {"top1acc": "69.73", "top5acc": "89.35"}),
    ],
)
def test_names_and_numbers_are_told_apart(text: str, metrics: dict[str, str]) -> None:
    evaluation = Evaluation(text)
    assert dict(evaluation) == {name: Decimal(value) for name, value in metrics.items()}
    assert evaluation.unread == ()


def test_a_number_prints_as_it_was_written() -> None:
    assert str(Evaluation("acc76.00")["acc"]) == "76.00"


def test_metrics_and_other_segments_know_their_places() -> None:
    text = "  top1acc76.88 |2.2m|| top1acc93.28 "
    evaluation = Evaluation(text)
    assert [text[m.start : m.end] for m in evaluation.metrics] == ["top1acc76.88", "top1acc93.28"]
    assert [(part.text, text[part.start : part.end]) for part in evaluation.unparsed] == [
        ("2.2m", "2.2m")
    ]
    assert evaluation.unread == ("2.2m", "top1acc93.28")


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("acc1", "stated"),
        ("2.2m | acc1", "stated"),
        *[(none, "none") for none in ("-", "no", "None", "N/A", " - ")],
        ("", "absent"),
        (" ", "absent"),
        ("total nonsense", "unparsed"),
        ("-9.11", "unparsed"),
        ("76.88", "unparsed"),
        ("|", "unparsed"),
    ],
)
def test_the_state_tells_what_the_line_says(text: str, state: str) -> None:
    assert Evaluation(text).state == state


def test_a_negative_number_is_neither_none_nor_a_range() -> None:
    assert dict(Evaluation("avgReward-9.11 | acc-1")) == {
        "avgReward": Decimal("-9.11"),
        "acc": Decimal(-1),
    }


def test_all_spellings_of_a_metric_have_one_canonical_name() -> None:
    first, second = Evaluation("top1acc76.88 | Top-1 accuracy 76.88").metrics
    assert first.canonical == second.canonical == "top1_accuracy"


def test_evaluations_are_equal_by_what_they_state_and_not_by_its_form() -> None:
    assert Evaluation("acc1 | b2 | 2.2m") == Evaluation(" b 2|acc:1 |2.2m")
    assert Evaluation("acc1") == {"acc": Decimal(1)}
    assert Evaluation("acc1") != {"acc": Decimal(2)}
    assert Evaluation("acc1") != "acc1"
    assert Evaluation("acc1 | 2.2m") != Evaluation("acc1 | 2.3m")
    assert Evaluation("acc1 | acc2") != Evaluation("acc1 | acc3")
    assert hash(Evaluation("acc1 | b2")) == hash(Evaluation("b2 | acc1.0"))


def test_an_evaluation_cannot_be_changed_but_copied_and_pickled() -> None:
    evaluation = Evaluation("acc1 | 2.2m")
    assert pickle.loads(pickle.dumps(evaluation)) == copy.deepcopy(evaluation) == evaluation
    assert repr(evaluation) == "Evaluation('acc1 | 2.2m')"
    with pytest.raises(AttributeError, match="text cannot be set"):
        evaluation.text = "better"
    with pytest.raises(AttributeError, match="text cannot be deleted"):
        del evaluation.text


@pytest.mark.parametrize("text", ["", "-", "no", "None", "N/A", "  "])
def test_nothing_stated_is_no_metric_and_nothing_unread(text: str) -> None:
    assert (len(Evaluation(text)), Evaluation(text).unread) == (0, ())


@pytest.mark.parametrize(
    "text", ["total nonsense", "2.2m", "76.88", "acc", "top1acc 1..2", "acc\u0663"]
)
def test_what_is_not_understood_is_kept(text: str) -> None:
    evaluation = Evaluation(f"f1score5 | {text}")
    assert (dict(evaluation), evaluation.unread) == ({"f1score": Decimal(5)}, (text,))


def test_a_repeated_name_keeps_the_first_and_shows_the_second() -> None:
    evaluation = Evaluation("top1acc69.73 | top1acc89.35")
    assert evaluation["top1acc"] == Decimal("69.73")
    assert evaluation.unread == ("top1acc89.35",)


@given(st.text(max_size=300))
def test_no_text_is_too_strange(text: str) -> None:
    evaluation = Evaluation(text)
    assert evaluation.text == text
    assert len(evaluation) + len(evaluation.unread) <= text.count("|") + 1


metric = st.tuples(
    st.from_regex(r"[A-Za-z][A-Za-z@-]{0,10}[A-Za-z]", fullmatch=True),
    st.decimals(-1000, 1000, allow_nan=False, places=2),
)


@given(st.lists(metric, min_size=1, unique_by=lambda pair: pair[0]))
def test_what_is_written_is_read(metrics: list[tuple[str, Decimal]]) -> None:
    text = " | ".join(f"{name}{value}" for name, value in metrics)
    assert list(Evaluation(text).items()) == metrics
