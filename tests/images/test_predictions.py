"""From scores to the likeliest classes."""

import pytest

from hub.errors import ArgumentError
from hub.images.predictions import Prediction, check_top, rank_classes

np = pytest.importorskip("numpy")
LABELS = ("cat", "dog", "cow", "hen")


def test_probabilities_are_the_softmax_of_the_scores() -> None:
    (best,) = rank_classes(np.float32([[1, 3, 2, -5]]), LABELS, 3)
    odds = np.exp([1, 3, 2, -5])
    expected = odds / odds.sum()
    assert [each.label for each in best] == ["dog", "cow", "cat"]
    assert [each.index for each in best] == [1, 2, 0]
    assert [each.probability for each in best] == pytest.approx(expected[[1, 2, 0]])
    assert {type(each.index) for each in best} == {int}
    assert {type(each.probability) for each in best} == {float}


@pytest.mark.parametrize("scale", [1e4, 1e30, 3e38])
def test_huge_scores_do_not_overflow(scale: float) -> None:
    ((best, *others),) = rank_classes(np.float32([[-scale, scale, 0, 0]]), LABELS, 4)
    assert best == Prediction("dog", 1, 1.0)
    assert [each.probability for each in others] == [0, 0, 0]


def test_equal_scores_keep_the_order_of_the_classes() -> None:
    (best,) = rank_classes(np.zeros((1, 4), np.float32), LABELS, 4)
    assert [(each.index, each.probability) for each in best] == [(i, 0.25) for i in range(4)]


def test_each_image_has_its_list_and_more_than_all_classes_is_all() -> None:
    ranked = rank_classes(np.float32([[0, 1, 2, 3], [3, 2, 1, 0]]), LABELS, 100)
    assert [[each.index for each in best] for best in ranked] == [[3, 2, 1, 0], [0, 1, 2, 3]]


@pytest.mark.parametrize("top", [0, -1, 1.5, "5", True, None, float("nan")], ids=repr)
def test_top_is_a_whole_number_from_1(top: object) -> None:
    with pytest.raises(ArgumentError, match="top must be a whole number from 1, not"):
        check_top(top)
    assert check_top(np.int64(3)) == 3
