"""The names of data sets, and their one spelling."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.terms.datasets import Dataset, _fold, _table, read_datasets, suggest_dataset


def spell(text: str, extra: tuple[str, ...] = ()) -> list[str | None]:
    return [dataset.canonical for dataset in read_datasets(text, extra)]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("imagenet2012", "ImageNet2012"),
        ("ImageNet-1K", "ImageNet2012"),
        ("ILSVRC2012", "ImageNet2012"),
        ("coco2017", "COCO2017"),
        ("cifar10", "CIFAR-10"),
        ("Mnist", "MNIST"),
        ("UCF-101", "UCF101"),
        ("NYUDv2", "NYU-Depth V2"),
        ("LJSpeech-1.1", "LJSpeech"),
        ("PROMISE 2012", "PROMISE12"),
        ("speechcommandsdatasetversion1", "Speech Commands v1"),
        ("CNN/Daily Mail", "CNN/Daily Mail"),
    ],
)
def test_other_spellings_lead_to_the_canonical_one(text: str, canonical: str) -> None:
    assert read_datasets(f" {text} ") == (Dataset(text, canonical),)


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("brast2017", "BraTS2017"),
        ("citesser", "CiteSeer"),
        ("cityspaces", "Cityscapes"),
        ("muti30k", "Multi30k"),
        ("veir", "VeRi"),
        ("cmcr", "CMRC2018"),
        ("bdqa", "NLPCC-DBQA"),
        ("brcd", "DRCD"),
    ],
)
def test_the_typing_errors_of_the_official_list_are_known(typo: str, meant: str) -> None:
    assert spell(typo) == [meant]


@pytest.mark.parametrize("text", ["a | b", "a, b", "a + b", "a;b", "a|b|", "a + N/A + b"])
def test_separators_part_the_names(text: str) -> None:
    assert [dataset.text for dataset in read_datasets(text)] == ["a", "b"]


def test_three_names_of_a_real_card_are_read_apart() -> None:
    names = ["ICDAR2013", "SCUT-FORU", "COCO-Text V2.0"]
    assert spell("ICDAR2013 | SCUT-FORU | CocoTextv2") == names


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("fairface_rwmfd", ["FairFace", "RWMFD"]),
        ("enwiki128_sst2", ["en-wiki-128", "SST-2"]),
        ("newscrawl_gigaword_cornell", ["News Crawl", "Gigaword", "Cornell"]),
        ("mnist_wmt16_de_en_cifar10", ["MNIST", "WMT16 de-en", "CIFAR-10"]),
    ],
)
def test_an_underscore_parts_known_names(text: str, canonical: list[str]) -> None:
    assert spell(text) == canonical
    assert "_".join(dataset.text for dataset in read_datasets(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "MVtecAD_bottle",
        "MVtecAD_metal_nut",
        "Matting Human Datasets",
        "wmt16_de_en",
        "AclImdb_v1",
        "polarity_moviereview",
        "VoiceBank+DEMAND",
    ],
)
def test_a_known_name_stays_whole_whatever_it_holds(text: str) -> None:
    (dataset,) = read_datasets(text)
    assert dataset.text == text
    assert dataset.canonical


def test_an_underscore_beside_an_unknown_name_parts_nothing() -> None:
    assert read_datasets("my_water_set") == (Dataset("my_water_set", None),)


@pytest.mark.parametrize("text", ["", "  ", "-", "N/A", "n/a", "None", "no", "NA", " | "])
def test_no_data_set_is_no_name(text: str) -> None:
    assert read_datasets(text) == ()


def test_extra_names_are_known_and_win() -> None:
    assert spell("ours", extra=("Ours",)) == ["Ours"]
    assert spell("ours_mnist", extra=("Ours",)) == ["Ours", "MNIST"]
    assert spell("CIFAR-10", extra=("cifar10",)) == ["cifar10"]
    assert spell("ours") == [None]


def test_an_extra_name_without_letters_changes_nothing() -> None:
    assert read_datasets("-", extra=("", "???")) == ()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("citiscapes", "Cityscapes"),
        ("imagnet2012", "ImageNet2012"),
        ("MVtecAD_bottel", "MVTec AD bottle"),
        ("librispech", "LibriSpeech"),
    ],
)
def test_a_probable_typing_error_finds_its_name(name: str, meant: str) -> None:
    assert suggest_dataset(name) == meant


@pytest.mark.parametrize("name", ["coco2018", "our_own", "xyz", "", "???", 100_000 * "a"])
def test_nothing_near_is_no_suggestion(name: str) -> None:
    assert suggest_dataset(name) is None


def test_extra_names_are_suggested_too() -> None:
    assert suggest_dataset("factorypart", extra=("FactoryParts",)) == "FactoryParts"


def test_no_spelling_leads_to_two_names_or_stands_twice() -> None:
    spellings = [name for canonical, others in _table().items() for name in (canonical, *others)]
    folded = Counter(map(_fold, spellings))
    assert [name for name, count in folded.items() if count > 1] == []
    assert "" not in folded


def test_each_canonical_name_reads_as_itself() -> None:
    assert {name: spell(name) for name in _table()} == {name: [name] for name in _table()}


@given(st.text() | st.text("mnist_ |,+-/ab10"))
def test_any_text_reads_without_an_error_and_names_are_parts_of_it(text: str) -> None:
    for dataset in read_datasets(text):
        assert dataset.text
        assert dataset.text in text
    suggest_dataset(text)


@pytest.mark.parametrize("unit", ["_", "|", " ", "a_", "mnist_", "mnist|", "é", "wmt16_de_"])
def test_a_long_text_is_read_in_linear_time(unit: str) -> None:
    text = 50_000 * unit  # a minute or more in quadratic time
    assert sum(len(dataset.text) for dataset in read_datasets(text)) <= len(text)
    suggest_dataset(text)
