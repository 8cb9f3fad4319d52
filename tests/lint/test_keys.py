"""Rules about the keys of the header."""

import pytest

from hub.lint.vocabulary import Vocabulary


def test_a_missing_key_is_reported_at_the_first_fence(check, card_with):
    (found,) = check(card_with("license: Apache-2.0\n", ""), select="MC2")
    assert (found.code, found.key, found.place) == ("MC201", "license", "3:1-4")
    assert (found.message, found.fix) == ("is missing", "")


def test_every_missing_key_is_reported(check):
    found = check("---\nmodel-name: lite0\nauthor: Ada\n---\n", select="MC201")
    assert [one.key for one in found] == [
        "backbone-name",
        "module-type",
        "fine-tunable",
        "model-version",
        "update-time",
        "repo-link",
        "user-id",
        "used-for",
        "mindspore-version",
        "license",
        "summary",
    ]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("license", "licence"),
        ("fine-tunable", "fine-tuneable"),
        ("model-name", "model_name"),
        ("user-id", "User-ID"),
        ("update-time", "update-date"),
    ],
)
def test_a_misspelt_required_key_is_reported_once_where_it_is(check, card_with, right, wrong):
    card = card_with(f"\n{right}: ", f"\n{wrong}: ")
    line = card[: card.index(f"\n{wrong}")].count("\n") + 2
    (found,) = check(card, select="MC2")
    assert (found.code, found.key) == ("MC201", right)
    assert found.place == f"{line}:1-{len(wrong) + 1}"
    assert found.message == f"is missing; {wrong} looks like it"
    assert found.fix == f"unsafe: rename {wrong} to {right}"
    assert found.changed[0].startswith(f"{right}: ")


def test_keys_that_are_not_required_may_be_missing(check, card_with):
    assert check(card_with("train-dataset: ImageNet2012\n", ""), select="MC2") == []


def test_a_key_without_a_value_is_an_error(check, card_with):
    (found,) = check(card_with("author: Ada", "author:"))
    assert (found.code, found.key, found.place) == ("MC202", "author", "11:1-7")
    assert found.message == "has no value; state it"


def test_a_key_that_may_be_missing_had_better_be(check, card_with):
    (found,) = check(card_with("author: Ada", "author: Ada\nfeatured-image: ' '"), select="MC202")
    assert (found.code, found.key) == ("MC202", "featured-image")
    assert found.message == "has no value; state it, or leave the key out"


@pytest.mark.parametrize("value", ["None", "0", "'x'", "~"])
def test_any_text_is_a_value(check, card_with, value):
    assert check(card_with("author: Ada", f"author: {value}"), select="MC202") == []


def test_a_key_that_stands_twice_names_the_first_line(check, card_with):
    (found,) = check(card_with("user-id: Ada", "user-id: Ada\nauthor: Bob"))
    assert (found.code, found.key, found.place) == ("MC203", "author", "15:1-7")
    assert found.message == "stands in line 11 already; remove one of the two"


def test_a_chinese_key_is_the_english_one_again(check, card_with):
    (found,) = check(card_with("user-id: Ada", "user-id: Ada\n作者: Ada"))
    assert (found.code, found.key, found.place) == ("MC203", "author", "15:1-3")


def test_the_same_key_in_two_assets_is_no_repetition(check, card_with):
    asset = "asset:\n- file-format: onnx\n  asset-link: <https://a.org/b.onnx>\n"
    card = card_with("asset:\n", f"{asset}  asset-sha256: {'cd' * 32}\n")
    assert check(card) == []


def test_a_key_below_its_usual_place_is_noted_once(check, card_with):
    card = card_with("author: Ada\n", "", "user-id: Ada\n", "user-id: Ada\nauthor: Ada\n")
    (found,) = check(card)
    assert (found.code, found.key, found.place) == ("MC204", "author", "14:1-7")
    assert found.message == "stands below user-id, and above it in other cards"


def test_a_key_of_ones_own_has_no_usual_place(check, card_with):
    card = card_with("author: Ada", "colour: red\nauthor: Ada")
    assert check(card, select="MC204") == []


def test_an_unknown_key_is_reported(check, card_with):
    (found,) = check(card_with("author: Ada", "author: Ada\ncolour: red"))
    assert (found.code, found.key, found.place) == ("MC205", "colour", "12:1-7")
    assert (found.message, found.fix) == ("is no key of the format", "")


def test_an_unknown_key_that_looks_like_an_absent_one_can_be_renamed(check, card_with):
    (found,) = check(card_with("train-dataset", "train_datasets"), select="MC2")
    assert (found.code, found.key, found.place) == ("MC205", "train_datasets", "9:1-15")
    assert found.message == "is no key of the format; train-dataset is one"
    assert found.fix == "unsafe: rename it to train-dataset"
    assert found.changed == ("train-dataset: ImageNet2012\n",)


def test_an_unknown_key_is_not_renamed_to_one_that_is_there(check, card_with):
    (found,) = check(card_with("author: Ada", "author: Ada\nauthors: Ada"))
    assert (found.code, found.fix) == ("MC205", "")


def test_keys_of_the_project_are_known(check, card_with):
    card = card_with("author: Ada", "author: Ada\ncolour: red")
    assert check(card, vocabulary=Vocabulary(keys=frozenset({"colour"}))) == []


def test_links_to_further_repositories_are_known(check, card_with):
    link = "vit-repo-link: <https://github.com/ada/vit/tree/v1.0>"
    assert check(card_with("author: Ada", f"author: Ada\n{link}")) == []


def test_an_unknown_key_of_an_asset_is_reported(check, card_with):
    (found,) = check(card_with("- file-format: ckpt", "- file-format: ckpt\n  size: 12"))
    assert (found.code, found.key, found.place) == ("MC205", "asset[0].size", "19:3-7")


@pytest.mark.parametrize(
    ("value", "message", "place"),
    [
        ("[Ada, Bob]", "has a list; write one line of text", "11:9-19"),
        ("{first: Ada}", "has nested keys; write one line of text", "11:9-21"),
    ],
)
def test_a_key_with_more_than_a_line_is_an_error(check, card_with, value, message, place):
    (found,) = check(card_with("author: Ada", f"author: {value}"), select="MC206")
    assert (found.key, found.message) == ("author", message)
    assert found.place.startswith("11:9-")


def test_shapes_and_assets_are_lists(check, card_with):
    card = card_with("fine-tunable: True", "fine-tunable: True\ninput-shape: [1, 3, 224, 224]")
    assert check(card) == []
