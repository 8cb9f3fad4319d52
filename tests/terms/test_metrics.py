"""One metric has one name, however it is spelt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.terms.metrics import canonical_metric, is_metric, preferred_spelling, suggest_metric


@pytest.mark.parametrize(
    ("names", "canonical"),
    [
        (["top1acc", "acc@top1", "Top-1 (%)", "top-1", "Top1", "TOP1ACC"], "top1_accuracy"),
        (["top5acc", "acc@top5", "Top-5 (%)"], "top5_accuracy"),
        (["acc", "accuracy", "Acc", "Accuracy (%)"], "accuracy"),
        (["mAP", "map", "MAP"], "mAP"),
        (["F1score", "F1scorce", "f1", "F-score", "f-score"], "F1"),
        (["bleu", "BLEU", "BLUE"], "BLEU"),
        (["PSNR", "psnr", "PSNR↑"], "PSNR"),
        (["mIoU", "miou", "meanIoU"], "mIoU"),
        (["image-level", "imagelevel"], "image_level"),
    ],
)
def test_spellings_of_one_metric_have_one_name(names: list[str], canonical: str) -> None:
    assert {canonical_metric(name) for name in names} == {canonical}


def test_an_unknown_metric_is_named_by_its_letters_and_digits() -> None:
    assert canonical_metric("TRP@FAR=0.1%") == "trpfar01"
    assert canonical_metric("") == ""


def test_a_canonical_name_stays_itself() -> None:
    names = ["top1acc", "acc", "mAP", "F1score", "hr", "RGL", "EM"]
    once = [canonical_metric(name) for name in names]
    assert [canonical_metric(name) for name in once] == once


def test_speed_and_size_are_no_metrics() -> None:
    names = ["img/s", "ms/step", "cards", "batch size", "params(M)", "model name", "", "-"]
    assert not any(is_metric(name) for name in names)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("F1scorce", "F1score"),
        ("BLUE", "BLEU"),
        ("gracut", "grabcut"),
        ("top1caa", "top1acc"),
        ("precison", "Precision"),
        ("acuracy", "accuracy"),
        ("accruacy", "accuracy"),
        ("accuracyy", "accuracy"),
        ("pixel-leval", "pixel-level"),
    ],
)
def test_a_misspelt_metric_gets_the_right_spelling(written: str, meant: str) -> None:
    assert suggest_metric(written) == meant


@pytest.mark.parametrize(
    "name",
    ["top1acc", "miou", "top3acc", "s8acc", "set14psnr", "RG1acc", "hard", "add", "FID2", "", "表"],
)
def test_a_known_or_a_different_metric_gets_no_suggestion(name: str) -> None:
    assert suggest_metric(name) is None


def test_further_names_are_right_and_can_be_meant() -> None:
    assert suggest_metric("characterprecison", ["characterprecision"]) == "characterprecision"
    assert suggest_metric("blue", ["BLUE"]) is None


@pytest.mark.parametrize(
    ("name", "preferred"),
    [
        ("map", "mAP"),
        ("MAP", "mAP"),
        ("miou", "mIoU"),
        ("psnr", "PSNR"),
        ("imagelevel", "image-level"),
        ("mAP", None),
        ("top1acc", None),
        ("acc", None),
        ("accuracy", None),
        ("set5psnr", None),
    ],
)
def test_variants_in_case_and_hyphens_have_a_preferred_spelling(
    name: str, preferred: str | None
) -> None:
    assert preferred_spelling(name) == preferred


@given(st.text())
def test_no_text_is_an_error(name: str) -> None:
    canonical_metric(name)
    suggest_metric(name, [name[1:]])
    preferred_spelling(name)
