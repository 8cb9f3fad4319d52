"""Rules about the evaluation line."""

import pytest

from hub.lint.vocabulary import Vocabulary

LINE = "top1acc76.88 | top5acc93.28"


@pytest.mark.parametrize(("line", "place"), [("", "3:1-4"), ("evaluation:\n", "10:1-11")])
def test_a_card_without_metrics_is_found(check, card_with, line, place):
    (found,) = check(card_with(f"evaluation: {LINE}\n", line))
    assert (found.code, found.key, found.place) == ("MC501", "evaluation", place)
    assert found.message == "is missing; state the metrics, or write none"


@pytest.mark.parametrize("nothing", ["none", "no", "N/A", "'-'"])
def test_a_card_that_says_so_is_noted_only(check, card_with, nothing):
    (found,) = check(card_with(LINE, nothing))
    assert (found.code, found.key) == ("MC502", "evaluation")
    assert found.place == f"10:13-{13 + len(nothing)}"
    assert found.message == f"{nothing.strip(chr(39))} says that nothing was measured"


def test_every_part_that_is_no_metric_is_found_where_it_is(check, card_with):
    first, second = check(card_with(LINE, "2.2m | acc76.88 | very good"))
    assert (first.code, first.key, first.place) == ("MC503", "evaluation", "10:13-17")
    assert first.message == "2.2m is no name with a number, such as top1acc76.88"
    assert (second.code, second.place) == ("MC503", "10:31-40")


def test_places_are_right_inside_of_quotes(check, card_with):
    (found,) = check(card_with(LINE, "'acc76.88 | good'"))
    assert (found.code, found.place) == ("MC503", "10:25-29")


def test_a_line_that_is_folded_is_found_as_a_whole(check, card_with):
    (found,) = check(card_with(LINE, "acc76.88 |\n  good"))
    assert (found.code, found.place) == ("MC503", "10:13-11:7")


@pytest.mark.parametrize(
    "metric", ["acc@top1 69", "set5psnr37.6", "R10@1acc 90", "loss:1e-05", "avgReward-9.11"]
)
def test_names_with_numbers_are_metrics(check, card_with, metric):
    assert check(card_with(LINE, metric)) == []


def test_a_line_that_is_no_yaml_is_reported_once(check, card_with):
    (found,) = check(card_with(LINE, "accuracy: vit-base: 83.78"), select=("MC1", "MC503"))
    assert found.code == "MC110"


def test_a_metric_that_stands_twice_may_be_top5(check, card_with):
    (found,) = check(card_with(LINE, "top1acc69.73 | top1acc89.35"))
    assert (found.code, found.key, found.place) == ("MC504", "evaluation", "10:28-40")
    assert found.message == ("top1acc is stated twice, 69.73 and 89.35; is the second top5acc?")
    assert found.fix == "unsafe: write top5acc"
    assert found.changed == ("evaluation: top1acc69.73 | top5acc89.35\n",)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("acc69.73 | acc89.35", "acc is stated twice, 69.73 and 89.35; keep one"),
        ("top1acc89 | top1acc69", "top1acc is stated twice, 89 and 69; keep one"),
        (
            "top1acc69 | top5acc91 | top1acc92",
            "top1acc is stated twice, 69 and 92; keep one",
        ),
        (
            "top1acc69 | acc@top1 69",
            "acc@top1 is top1acc in other words, and that is stated already; keep one",
        ),
    ],
)
def test_other_repetitions_are_left_to_the_author(check, card_with, line, message):
    (found,) = check(card_with(LINE, line), select="MC504")
    assert (found.message, found.fix) == (message, "")


def test_top1_and_top5_are_two_metrics(check, card_with):
    assert check(card_with(LINE, "top1acc69 | top5acc91 | acc70")) == []


def test_a_misspelt_metric_can_be_mended(check, card_with):
    (found,) = check(card_with(LINE, "acc76.88 | F1scorce93.28"))
    assert (found.code, found.key, found.place) == ("MC505", "evaluation", "10:24-32")
    assert found.message == "F1scorce looks like a misspelt F1score"
    assert found.fix == "unsafe: write F1score"
    assert found.changed == ("evaluation: acc76.88 | F1score93.28\n",)


def test_metrics_of_the_project_are_known(check, card_with):
    known = Vocabulary(metrics=frozenset({"F1scorce"}))
    assert check(card_with(LINE, "F1scorce93.28"), vocabulary=known) == []


@pytest.mark.parametrize("name", ["top3acc", "smoothness", "set5psnr"])
def test_unknown_metrics_are_no_misspellings(check, card_with, name):
    assert check(card_with(LINE, f"{name} 93.28")) == []


def test_another_case_of_a_metric_is_noted(check, card_with):
    (found,) = check(card_with(LINE, "acc76.88 | MAP37.5"))
    assert (found.code, found.key, found.place) == ("MC506", "evaluation", "10:24-27")
    assert found.message == "MAP is written mAP in most cards"
    assert found.fix == "unsafe: write mAP"
    assert found.changed == ("evaluation: acc76.88 | mAP37.5\n",)


def test_the_case_of_the_project_is_right(check, card_with):
    known = Vocabulary(metrics=frozenset({"MAP"}))
    assert check(card_with(LINE, "MAP37.5"), vocabulary=known) == []


@pytest.mark.parametrize(("key", "name"), [("accuracy", "acc"), ("mAP", "mAP")])
def test_a_metric_in_a_key_of_its_own_is_moved(check, card_with, key, name):
    (found,) = check(card_with(f"evaluation: {LINE}", f"{key}: 88.15"))
    assert (found.code, found.key, found.place) == ("MC507", key, f"10:1-{1 + len(key)}")
    assert found.message == f"is a key of old cards; write evaluation: {name}88.15"
    assert found.fix == f"unsafe: write evaluation: {name}88.15"
    assert found.changed == (f"evaluation: {name}88.15\n",)


@pytest.mark.parametrize(
    "lines", [f"evaluation: {LINE}\naccuracy: 88.15", "accuracy: better than before"]
)
def test_a_metric_that_has_no_place_to_go_is_left_there(check, card_with, lines):
    (found,) = check(card_with(f"evaluation: {LINE}", lines))
    assert (found.code, found.message) == ("MC507", "is a key of old cards; write evaluation: acc…")
    assert found.fix == ""
