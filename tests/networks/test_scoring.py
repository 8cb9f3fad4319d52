"""A network's answer to a batch of images."""

import pytest

from hub.errors import ArchitectureError, LoadError, WeightsError

mindspore = pytest.importorskip("mindspore")
pytestmark = pytest.mark.mindspore
np = pytest.importorskip("numpy")

from hub.networks.scoring import count_classes, score_images  # noqa: E402


class Answer(mindspore.nn.Cell):
    """Puts out what it was made with, whatever comes in."""

    def __init__(self, answer: object) -> None:
        super().__init__()
        self.answer = answer

    def construct(self, images: object) -> object:
        return self.answer


IMAGES = np.zeros((2, 3, 8, 8), np.float32)


def test_scores_come_as_numbers() -> None:
    answer = mindspore.Tensor([[1.0, 2.0], [3.0, 4.0]], mindspore.float32)
    scores = score_images(Answer(answer), IMAGES)
    np.testing.assert_array_equal(scores, [[1, 2], [3, 4]])
    assert count_classes(Answer(answer), (3, 8, 8)) == 2


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf")])
def test_scores_that_are_no_numbers_are_an_error(wrong: float) -> None:
    answer = mindspore.Tensor([[1.0, wrong, 0.0]], mindspore.float32)
    with pytest.raises(WeightsError, match="nan or infinite for 1 of 3 classes"):
        score_images(Answer(answer), IMAGES)


def test_a_network_that_is_no_classifier_is_an_error() -> None:
    feature_map = mindspore.ops.zeros((1, 8, 4, 4))
    with pytest.raises(ArchitectureError, match=r"an output of shape \(1, 8, 4, 4\) is not one"):
        score_images(Answer(feature_map), IMAGES)
    with pytest.raises(ArchitectureError, match="a tuple is not one score a class"):
        score_images(Answer((feature_map, feature_map)), IMAGES)


def test_a_network_that_fails_for_such_images_is_an_error_that_says_what_to_look_at() -> None:
    message = r"fails for images of shape \(2, 3, 8, 8\): .+\. Perhaps the card's input-size is not"
    with pytest.raises(LoadError, match=message) as caught:
        score_images(mindspore.nn.Conv2d(4, 8, 3), IMAGES)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is not None
