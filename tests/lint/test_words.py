"""Rules about fields, tasks, data sets, licences and other words from lists."""

import pytest

from hub.lint.vocabulary import Vocabulary


def words(**lists: str) -> Vocabulary:
    return Vocabulary(**{name: frozenset({word}) for name, word in lists.items()})


def test_an_unknown_field_is_an_error(check, card_with):
    (found,) = check(card_with("module-type: cv", "module-type: chess"))
    assert (found.code, found.key, found.place) == ("MC307", "module-type", "6:14-19")
    assert (found.message, found.fix) == ("chess is no field that the format knows", "")


def test_a_field_that_looks_like_another_can_be_mended(check, card_with):
    (found,) = check(card_with("module-type: cv", "module-type: vision-classification"))
    assert found.message == "vision is no field that the format knows; cv is one"
    assert found.fix == "unsafe: write cv-classification"
    assert found.changed == ("module-type: cv-classification\n",)


@pytest.mark.parametrize("kind", ["CV", "3d", "cv-classification", "audio-TTS", "gnn-anything"])
def test_known_fields_and_tasks_are_fine(check, card_with, kind):
    assert check(card_with("module-type: cv", f"module-type: {kind}")) == []


@pytest.mark.parametrize("known", ["chess", "chess-openings"])
def test_fields_of_the_project_are_known(check, card_with, known):
    card = card_with("module-type: cv", "module-type: chess-openings")
    assert check(card, vocabulary=words(module_types=known)) == []


def test_an_undocumented_task_is_found(check, card_with):
    (found,) = check(card_with("module-type: cv", "module-type: cv-mind_reading"))
    assert (found.code, found.key, found.place) == ("MC308", "module-type", "6:14-29")
    assert (found.message, found.fix) == ("mind_reading is no documented task of cv", "")


def test_a_task_that_looks_like_another_can_be_mended(check, card_with):
    (found,) = check(card_with("module-type: cv", "module-type: CV-super-resolution"))
    assert found.message == "super-resolution is no documented task of cv; super_resolution is one"
    assert found.fix == "unsafe: write CV-super_resolution"
    assert found.changed == ("module-type: CV-super_resolution\n",)


def test_tasks_of_the_project_are_known(check, card_with):
    card = card_with("module-type: cv", "module-type: cv-mind_reading")
    assert check(card, vocabulary=words(module_types="cv-mind_reading")) == []


def test_an_unknown_data_set_is_found_among_others(check, card_with):
    (found,) = check(card_with(": ImageNet2012", ": ImageNet2012 | my_shoes"))
    assert (found.code, found.key, found.place) == ("MC309", "train-dataset", "9:31-39")
    assert (found.message, found.fix) == ("my_shoes is no known data set", "")


def test_a_misspelt_data_set_can_be_mended(check, card_with):
    (found,) = check(card_with(": ImageNet2012", ": Citiscapes"))
    assert found.message == "Citiscapes is no known data set; Cityscapes is one"
    assert found.fix == "unsafe: write Cityscapes"
    assert found.changed == ("train-dataset: Cityscapes\n",)


def test_data_sets_of_the_project_are_known(check, card_with):
    card = card_with(": ImageNet2012", ": my_shoes")
    assert check(card, vocabulary=words(datasets="my_shoes")) == []


def test_another_name_of_a_data_set_is_noted(check, card_with):
    (found,) = check(card_with(": ImageNet2012", ": ILSVRC2012"))
    assert (found.code, found.key, found.place) == ("MC310", "train-dataset", "9:16-26")
    assert found.message == "ILSVRC2012 is another name of ImageNet2012"
    assert found.fix == "unsafe: write ImageNet2012"
    assert found.changed == ("train-dataset: ImageNet2012\n",)


@pytest.mark.parametrize("nothing", ["N/A", "none", "'-'"])
def test_a_data_set_that_is_not_stated_is_noted(check, card_with, nothing):
    (found,) = check(card_with(": ImageNet2012", f": {nothing}"))
    assert (found.code, found.key) == ("MC311", "train-dataset")
    assert found.place == f"9:16-{16 + len(nothing)}"
    assert found.message == f"{nothing.strip(chr(39))} names no data set"


def test_another_spelling_of_a_data_set_is_noted(check, card_with):
    (found,) = check(card_with(": ImageNet2012", ": COCO2017|imagenet2012"))
    assert (found.code, found.key, found.place) == ("MC312", "train-dataset", "9:25-37")
    assert found.message == "imagenet2012 is properly spelt ImageNet2012"
    assert found.changed == ("train-dataset: COCO2017|ImageNet2012\n",)


@pytest.mark.parametrize(("line", "place"), [("", "3:1-4"), ("train-dataset:\n", "9:1-14")])
def test_a_card_without_a_data_set_is_noted(check, card_with, line, place):
    (found,) = check(card_with("train-dataset: ImageNet2012\n", line))
    assert (found.code, found.key, found.place) == ("MC313", "train-dataset", place)
    assert found.message == "is missing; name the data set"


def test_a_licence_by_another_name_is_noted(check, card_with):
    (found,) = check(card_with("license: Apache-2.0", "license: Apache2.0"))
    assert (found.code, found.key, found.place) == ("MC314", "license", "21:10-19")
    assert found.message == "Apache2.0 is Apache-2.0 on the SPDX list"
    assert found.fix == "unsafe: write Apache-2.0"
    assert found.changed == ("license: Apache-2.0\n",)


def test_a_licence_on_no_list_is_found(check, card_with):
    (found,) = check(card_with("license: Apache-2.0", "license: Ask Ada"))
    assert (found.code, found.key, found.place) == ("MC315", "license", "21:10-17")
    assert found.message == "Ask Ada is no licence on the SPDX list; write LicenseRef-… for it"


@pytest.mark.parametrize("licence", ["MIT", "LicenseRef-Ada", "MIT OR Apache-2.0"])
def test_spdx_knows_identifiers_expressions_and_ones_own(check, card_with, licence):
    assert check(card_with("license: Apache-2.0", f"license: {licence}")) == []


@pytest.mark.parametrize("licence", ["Apache2.0", "Ask Ada"])
def test_licences_of_the_project_are_known(check, card_with, licence):
    card = card_with("license: Apache-2.0", f"license: {licence}")
    assert check(card, vocabulary=words(licenses=licence)) == []


def test_a_summary_that_repeats_other_keys_is_noted(check, card_with):
    (found,) = check(
        card_with("Sorts photographs into a thousand classes.", "lite0 is used for cv")
    )
    assert (found.code, found.key, found.place) == ("MC316", "summary", "22:10-30")
    assert found.message == "repeats model-name and module-type; say what is special"


def test_a_summary_that_says_more_is_fine(check, card_with):
    summary = "lite0 is used for photographs of birds, plants and insects"
    assert check(card_with("Sorts photographs into a thousand classes.", summary)) == []


@pytest.mark.parametrize(
    ("line", "place", "word", "known"),
    [
        ("used-for: fun", "15:11-14", "fun", "inference, transfer-learning, extract-feature"),
        (
            "used-for: inference/fun",
            "15:21-24",
            "fun",
            "inference, transfer-learning, extract-feature",
        ),
        ("used-for: inference\ntrain-backend: TPU", "16:16-19", "TPU", "ascend, gpu, cpu"),
    ],
)
def test_words_that_the_format_lacks_are_found(check, card_with, line, place, word, known):
    (found,) = check(card_with("used-for: inference", line))
    assert (found.code, found.place) == ("MC317", place)
    assert (found.message, found.fix) == (f"{word} is none of {known}", "")


def test_a_misspelt_word_can_be_mended(check, card_with):
    (found,) = check(card_with("used-for: inference", "used-for: inferense/transfer-learning"))
    assert found.fix == "unsafe: write inference"
    assert found.changed == ("used-for: inference/transfer-learning\n",)


def test_words_may_be_joined_and_in_capitals(check, card_with):
    line = "used-for: Inference/transfer-learning\ninfer-backend: Ascend | GPU, cpu"
    assert check(card_with("used-for: inference", line)) == []


def test_a_data_set_is_judged_once_and_found_where_its_own_name_stands(check, card_with):
    found = check(card_with("ImageNet2012", "own10 | own1 | own10"), select="MC309")
    assert [one.place for one in found] == ["9:16-21", "9:24-28"]


def test_only_so_many_unknown_names_get_a_suggestion(check, card_with):
    names = [f"own{number}" for number in range(20)]
    (*_, last) = check(
        card_with("ImageNet2012", " | ".join([*names, "citiscapes"])), select="MC309"
    )
    assert (last.message, last.fix) == ("citiscapes is no known data set", "")
    (*_, last) = check(
        card_with("ImageNet2012", " | ".join([*names[1:], "citiscapes"])), select="MC309"
    )
    assert last.message == "citiscapes is no known data set; Cityscapes is one"
