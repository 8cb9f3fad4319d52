"""The small language of the ``evaluation`` line."""

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
