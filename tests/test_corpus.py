"""The official cards that lie beside the project, if they do."""

from pathlib import Path

import pytest

from hub.cards.document import Document
from hub.cards.nodes import YamlFault
from hub.cards.record import build_card
from hub.cards.yaml_values import read_entry
from hub.registry.registry import Registry

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the project")


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    documents = [Document.read(path) for path in sorted(CORPUS.rglob("*.md"))]
    assert len(documents) > 500
    return documents


def test_every_official_card_comes_back_byte_for_byte(documents: list[Document]) -> None:
    for document in documents:
        content = Path(document.source).read_bytes()
        assert document.to_bytes() == document.edit(()).to_bytes() == content


def test_every_official_card_is_a_record(documents: list[Document]) -> None:
    for document in documents:
        card = build_card(document)
        assert (bool(card.body), card.update_time.year) >= (True, 2020)
        assert str(card.mindspore_version) in card.source


def test_faults_of_official_cards_are_those_that_yaml_refuses(documents: list[Document]) -> None:
    for document in documents:
        start, end = document.fences[0].end, document.fences[1].start
        try:
            header, faults = read_entry(document.text, start, end)
        except YamlFault:
            assert document.faults
            continue
        assert len(document.faults) == len(faults), document.faults
        assert dict(document.header.values) == header.values
        assert document.header.keys == header.keys


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
