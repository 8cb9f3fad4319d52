"""Search: which cards say the words of a query, and which comes first."""

import logging
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import ArgumentError, RegistryError
from hub.registry.index import format_index, index_folder
from hub.registry.registry import Registry
from hub.registry.word_search import FIELDS, find_entries, search_cards
from tests.conftest import AssetServer

WriteCard = Callable[..., Path]
Search = Callable[..., list[str]]


@pytest.fixture
def folder(tmp_path: Path, write_card: WriteCard) -> Path:
    """Ten models, the first of which has two versions."""

    def write(path: str, name: str, module: str, dataset: str, summary: str) -> None:
        facts = {
            "backbone-name: efficientnet": f"backbone-name: {name.partition('_')[0]}",
            "module-type: cv": f"module-type: {module}",
            "ImageNet2012": dataset,
        }
        write_card(
            f"cards/{path}.md",
            name=name,
            replace={**facts, f"summary: {name} is used for cv": f"summary: {summary}"},
        )

    write("MindSpore/1.9/resnet50_imagenet2012", "resnet50", "cv", "imagenet2012", "old")
    write("MindSpore/2.5/resnet50_imagenet2012", "resnet50", "cv", "ImageNet2012", "new")
    write("MindSpore/2.5/ssd_resnet50_coco2017", "ssd_resnet50", "cv", "COCO2017", "detects")
    write("MindSpore/2.5/efficientnet_b0", "efficientnet_b0", "cv", "ImageNet2012", "sorts photos")
    write("MindSpore/2.5/tts", "fastspeech", "audio-tts", "LJSpeech", "speaks German")
    write("Noah/gpu/1.8/fastmim", "mim", "cv", "ImageNet2012", "masked image modelling")
    write("Noah/predrnn++", "predrnn++", "video", "Moving MNIST", "predicts frames")
    write("Café/x", "crème", "nlp", "SQuAD1.1", "x")  # a folder that no id can name
    write("Ada/creme", "crème_brûlée", "nlp", "SQuAD1.1", "'la \"crème\"' # of it")
    write("Ada/小明", "x", "nlp", "MNIST", "x")
    write("Ada/zh", "中文模型", "nlp", "AFQMC", "用于文本")
    return tmp_path / "cards"


@pytest.fixture
def search(folder: Path) -> Search:
    def search(query: str) -> list[str]:
        return [f"{entry.owner}/{entry.name}" for entry in find_entries(Registry(folder), query)]

    return search


RESNET, SSD = "MindSpore/resnet50_imagenet2012", "MindSpore/ssd_resnet50_coco2017"
B0, MIM = "MindSpore/efficientnet_b0", "Noah/fastmim"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("resnet50", [RESNET, SSD]),
        ("ResNet-50", [RESNET, SSD]),
        ("resnet 50", [RESNET, SSD]),
        ("coco resnet", [SSD]),
        ("resnet mnist", []),
        ("efficientnet-b0", [B0]),
        ("efficientnet b0", [B0]),
        ("MindSpore/efficientnet_b0", [B0]),
        ("net imagenet", [RESNET, B0, MIM]),
        ("imagenet", [RESNET, MIM, B0]),
        ("dataset:imagenet", [MIM, B0, RESNET]),
        ("DATASET", []),
        ("type:audio", ["MindSpore/tts"]),
        ("model:speech", ["MindSpore/tts"]),
        ("name:speech", []),
        ("owner:noah", [MIM, "Noah/predrnn++"]),
        ("noah predrnn++", ["Noah/predrnn++"]),
        ("backbone:efficientnet summary:photo", [B0]),
        ("german", ["MindSpore/tts"]),
        ("erman", []),
        ("masked-image", [MIM]),
        ("moving mnist", ["Noah/predrnn++"]),
        ("creme brulee", ["Ada/creme"]),
        ("CRÈME", ["Ada/creme"]),
        ("summary:creme", ["Ada/creme"]),
        ("summary:it", []),
        ("中文", ["Ada/zh"]),
        ("summary:用于", ["Ada/zh"]),
    ],
)
def test_what_a_query_finds_and_in_which_order(
    search: Search, query: str, found: list[str]
) -> None:
    assert search(query) == found


def test_of_each_model_the_card_that_its_id_means_is_found(folder: Path) -> None:
    registry = Registry(folder)
    (card,) = search_cards(registry, "resnet50 dataset:imagenet")
    assert str(card.id) == "MindSpore/resnet50_imagenet2012@2.5"
    assert card == registry.resolve("MindSpore/resnet50_imagenet2012")
    assert search_cards(registry, "summary:old") == []


def test_the_first_registry_that_has_a_model_answers_for_it(
    folder: Path, tmp_path: Path, write_card: WriteCard
) -> None:
    own = write_card("own/mindspore/efficientnet_b0.md", name="efficientnet_b0", version="1.9")
    cards = search_cards(Registry(tmp_path / "own", folder), "efficientnet imagenet name:b0")
    assert [card.source for card in cards] == [str(own)]


def test_a_folder_without_version_is_as_new_as_its_card_says(write_card: WriteCard) -> None:
    old = write_card("cards/Ada/2.5/lite0.md", name="lite0", version="2.5")
    new = write_card("cards/Ada/lite0.md", name="lite0", version="2.10")
    (card,) = search_cards(Registry(new.parent.parent), "lite0")
    assert card.source == str(new) != str(old)


def test_a_broken_card_is_passed_over_with_a_warning(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "Ada" / "broken_resnet50.md").write_text("# no card")
    (folder / "Ada" / "bytes_resnet50.md").write_bytes(b"---\nmodel-name:\xff\xfe\n" * 999)
    (folder / "Ada" / "empty_resnet50.md").touch()
    cards = search_cards(Registry(folder), "resnet50")
    assert [card.model_name for card in cards] == ["resnet50", "ssd_resnet50"]
    assert "Ada/broken_resnet50 is passed over: " in caplog.text
    assert "this is no model card" in caplog.text


def test_a_limit_keeps_the_best(folder: Path) -> None:
    cards = search_cards(Registry(folder), "resnet50", limit=1)
    assert [card.model_name for card in cards] == ["resnet50"]
    assert len(search_cards(Registry(folder), "resnet50", limit=99)) == 2


@pytest.mark.parametrize("limit", [0, -1, True, 1.0, "1"])
def test_a_limit_that_is_no_positive_integer_is_refused(folder: Path, limit: object) -> None:
    with pytest.raises(ArgumentError, match="limit must be a positive integer or None, not"):
        search_cards(Registry(folder), "resnet50", limit=limit)


def test_a_word_that_no_card_says_is_taken_for_the_nearest(
    search: Search, caplog: pytest.LogCaptureFixture
) -> None:
    assert search("eficientnet imagenet") == [B0]
    assert caplog.record_tuples == [
        (
            "hub.registry.word_search",
            logging.WARNING,
            "no card says 'eficientnet imagenet'; searched for 'efficientnet imagenet'",
        )
    ]
    caplog.clear()
    assert search("dataset:imagnet2012 name:mim") == [MIM]
    assert "searched for 'dataset:imagenet2012 name:mim'" in caplog.text


def test_what_is_like_nothing_finds_nothing_without_a_word(
    search: Search, caplog: pytest.LogCaptureFixture
) -> None:
    assert search("qqqq") == []
    assert caplog.text == ""


@pytest.mark.parametrize("query", ["", "  ", "--", "dataset:", "+ ++"])
def test_a_query_without_a_word_is_refused(search: Search, query: str) -> None:
    with pytest.raises(ArgumentError, match=r"there is no word in the query .* names all models"):
        search(query)


def test_a_field_that_there_is_not_is_refused(search: Search) -> None:
    with pytest.raises(ArgumentError) as caught:
        search("license:mit")
    assert str(caught.value) == (
        "'license:mit': there is no field 'license' to search in; there are owner, name, model,"
        " backbone, type, dataset, summary"
    )


def test_what_is_no_text_is_refused(folder: Path) -> None:
    with pytest.raises(ArgumentError, match="query must be a text such as 'efficientnet"):
        search_cards(Registry(folder), None)  # type: ignore[arg-type]


def test_a_registry_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="cannot be read"):
        search_cards(Registry(tmp_path / "none"), "resnet")


@pytest.mark.parametrize("first", ["", "\ufeff", "# title\n\n----\n"])
@pytest.mark.parametrize("length", [0, 10_000])
@pytest.mark.parametrize("end", ["\n", "\r\n", " \n"])
def test_all_of_a_header_is_read_and_nothing_below_it(
    tmp_path: Path, first: str, length: int, end: str
) -> None:
    filler = f"author: {'x' * length}\n"
    lines = f"{first}---\nmodel-name: one\n{filler}summary: two\n  three\n---\nsummary: four\n"
    (tmp_path / "Ada").mkdir()
    (tmp_path / "Ada" / "m.md").write_text(lines.replace("\n", end), encoding="utf-8", newline="")
    registry = Registry(tmp_path)
    assert len(find_entries(registry, "one two three")) == 1
    assert find_entries(registry, "four") == []


def test_of_a_card_on_the_web_the_index_is_asked_and_no_card_but_the_found_is_fetched(
    folder: Path, server: AssetServer
) -> None:
    server.serve("/cards/index.json", format_index(index_folder(folder)))
    for path in folder.rglob("*.md"):
        server.serve(f"/cards/{quote(path.relative_to(folder).as_posix())}", path.read_bytes())
    registry = Registry(f"{server.origin}/cards")
    assert [card.model_name for card in search_cards(registry, "resnet50 dataset:coco")] == [
        "ssd_resnet50"
    ]
    assert [path for path, _ in server.requests] == [
        "/cards/index.json",
        "/cards/MindSpore/2.5/ssd_resnet50_coco2017.md",
    ]
    assert search_cards(registry, "german") == [], "the index holds no summaries"


@given(st.text(max_size=40) | st.sampled_from(FIELDS).map("{}:resnet".format))
def test_any_text_is_a_query_or_a_wrong_argument(query: str) -> None:
    try:
        cards = search_cards(Registry("shipped"), query)
    except ArgumentError as error:
        assert "there is no word" in str(error) or "there is no field" in str(error)
        return
    assert len(cards) <= 2
