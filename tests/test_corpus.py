"""The official cards that lie beside the project, if they do."""

from pathlib import Path

import pytest

from hub.registry.registry import Registry
from hub.validation import read_card

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the project")


def test_every_official_card_is_a_record() -> None:
    paths = sorted(CORPUS.rglob("*.md"))
    assert len(paths) > 500
    for path in paths:
        card = read_card(path)
        assert (bool(card.body), card.update_time.year) >= (True, 2020)


def test_every_official_uid_resolves_to_its_own_card() -> None:
    registry = Registry(CORPUS)
    entries = list(registry.entries())
    assert len(entries) > 500
    for entry in entries[::25]:
        uid = entry.path.relative_to(CORPUS).with_suffix("").as_posix()
        assert registry.resolve(uid).source == str(entry.path)


def test_a_version_of_ten_is_newer_than_one_of_nine_and_older_than_two() -> None:
    registry = Registry(CORPUS)
    assert str(registry.resolve("mindspore/alexnet_cifar10").mindspore_version) == "1.10"
    assert registry.resolve("MindSpore/efficientnet_b0").mindspore_version == (2, 5)
