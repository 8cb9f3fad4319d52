"""The file that says what a folder of cards holds, and the command that writes it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cli.indexing import index
from hub.errors import CacheError, RegistryError
from hub.ids import is_name
from hub.registry.index import LARGEST_INDEX, format_index, index_folder, parse_index
from tests.conftest import digest_of

Run = Callable[..., tuple[object, str, str]]
WriteCard = Callable[..., Path]

URL = "https://example.org/index.json"
LINE = {"path": "o/x.md", "sha256": "ab" * 32}


def parse(document: object) -> list[str]:
    return [card.path for card in parse_index(json.dumps(document).encode(), URL)]


def test_the_index_says_of_each_card_what_an_id_is_matched_by(root: Path) -> None:
    cards = {card.path: card for card in index_folder(root)}
    card = cards["MindSpore/2.10/b0_imagenet.md"]
    assert card.model_name == "efficientnet_b0"
    assert (card.version, card.train_dataset) == ("2.10", "ImageNet2012")
    assert card.sha256 == digest_of((root / card.path).read_bytes())
    assert cards["MindSpore/lite0.md"].version == "2.5"
    assert list(cards) == sorted(cards)
    assert not {"MindSpore/README.md", "MindSpore/1.9/b0_imagenet_cn.md"} & set(cards)


def test_a_broken_card_is_listed_by_its_path_alone(root: Path) -> None:
    (card,) = [card for card in index_folder(root) if card.path == "MindSpore/1.9/broken.md"]
    assert (card.model_name, card.version, card.train_dataset) == (None, "1.9", None)


def test_what_is_written_is_read_back(root: Path) -> None:
    cards = index_folder(root)
    assert parse_index(format_index(cards), URL) == cards
    assert format_index(index_folder(root)) == format_index(cards)


def test_a_folder_without_cards_gets_no_index(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"there is no card in .*; a registry holds cards as"):
        index_folder(tmp_path)


def test_a_card_that_nobody_could_read_gets_no_index(tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "x.md").write_bytes(b"x" * (2**20 + 1))
    with pytest.raises(RegistryError, match=r"x\.md is larger than 1,048,576 bytes"):
        index_folder(tmp_path)


def test_an_index_that_nobody_could_read_is_not_written(root: Path) -> None:
    (card, *_) = index_folder(root)
    with pytest.raises(RegistryError, match=r"is larger than 16,777,216 bytes.*several registries"):
        format_index([card] * (LARGEST_INDEX // 150))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is not JSON: Expecting value"),
        (b"<html>please log in</html>", "it is not JSON"),
        (b"\xff\xfe\x00", "it is not JSON"),
        (b"[" * 200_000, "it is not JSON: it is nested too deeply"),
        (b"9" * 9999, "it is not JSON|it states no schema_version"),
        (b"[]", "it states no schema_version"),
        (b'{"schema_version": true, "cards": []}', "it states no schema_version"),
        (b'{"schema_version": 0, "cards": []}', "it states no schema_version"),
        (b'{"schema_version": 1}', "its 'cards' are not a list"),
        (b'{"schema_version": 1, "cards": ["o/x.md"]}', r"cards\[0\]: this is no JSON object"),
    ],
)
def test_a_damaged_index_says_where_and_why(content: bytes, reason: str) -> None:
    with pytest.raises(RegistryError, match=reason) as caught:
        parse_index(content, URL)
    assert str(caught.value).startswith(f"{URL} is damaged: ")
    assert str(caught.value).endswith("; `hub index FOLDER` writes it anew")
    assert caught.value.location == URL


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"path": None}, "None is no path of a card such as owner/name.md"),
        ({"path": 5}, "5 is no path"),
        ({"sha256": "ab"}, "the sha256 'ab' is not 64 small hexadecimal digits"),
        ({"sha256": "AB" * 32}, "is not 64 small hexadecimal digits"),
        ({"sha256": None}, "the sha256 None is not 64"),
        ({"version": 2.5}, "the version 2.5 is no text"),
        ({"version": "two"}, "'two' is not a version such as 2.5"),
        ({"model_name": ["x"]}, r"the model_name \['x'\] is no text"),
        ({"train_dataset": {}}, "the train_dataset {} is no text"),
    ],
)
def test_a_damaged_line_is_named(changed: dict[str, object], reason: str) -> None:
    document = {"schema_version": 1, "cards": [LINE, {**LINE, "path": "o/y.md", **changed}]}
    with pytest.raises(RegistryError, match=rf"cards\[1\]: .*{reason}"):
        parse(document)


@pytest.mark.parametrize(
    "path",
    [
        "x.md",
        "o/x",
        "o/x.MD",
        "o/.md",
        "/o/x.md",
        "o//x.md",
        "../x.md",
        "o/../x.md",
        "o/./x.md",
        "o/2.5/../x.md",
        "a/b/c/2.5/x.md",
        "o/gpu/x.md",
        "o/gpu/new/x.md",
        "https://example.org/o/x.md",
        "//example.org/x.md",
        "o\\x.md",
        "o/%2e%2e/x.md",
        "o/x.md?y.md",
        "o/x.md#y.md",
        "o/x\n.md",
        "o/x.md\n",
        "ö/x.md",
        "-o/x.md",
    ],
)
def test_a_path_that_no_card_can_have_is_refused(path: str) -> None:
    with pytest.raises(RegistryError, match=r"cards\[0\]: .* is no path of a card"):
        parse({"schema_version": 1, "cards": [{**LINE, "path": path}]})


def test_a_path_that_would_steer_a_terminal_is_written_out_and_cut() -> None:
    with pytest.raises(RegistryError) as caught:
        parse({"schema_version": 1, "cards": [{**LINE, "path": "\x1b[31m" + "x" * 5000}]})
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 250


def test_a_card_that_is_listed_twice_is_refused() -> None:
    with pytest.raises(RegistryError, match=r"cards\[1\]: o/x\.md is listed twice"):
        parse({"schema_version": 1, "cards": [LINE, LINE]})


def test_an_index_of_a_newer_mshub_says_so() -> None:
    with pytest.raises(RegistryError, match=r"schema_version 2, which a newer .*: update mshub"):
        parse({"schema_version": 2, "models": {}})


def test_what_an_index_says_beyond_that_is_passed_over() -> None:
    assert parse({"schema_version": 1, "made": "today", "cards": [{**LINE, "size": 5}]}) == [
        "o/x.md"
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
PIECES = st.sampled_from(["o", "x.md", "2.5", "gpu", "..", ".", "", "%2e", "a b", "\\", "?", "#"])
PATHS = st.lists(PIECES, min_size=1, max_size=5).map("/".join) | st.text() | JSON
LINES = JSON | st.fixed_dictionaries(
    {"path": PATHS, "sha256": st.just("ab" * 32) | JSON},
    optional={"version": st.just("2.5") | JSON, "model_name": JSON, "train_dataset": JSON},
)
INDEXES = JSON | st.fixed_dictionaries(
    {"schema_version": st.just(1) | JSON, "cards": st.lists(LINES, max_size=3) | JSON}
)


@given(st.binary() | INDEXES.map(lambda document: json.dumps(document).encode()))
def test_whatever_a_server_sends_is_an_index_or_a_registry_error(content: bytes) -> None:
    try:
        cards = parse_index(content, URL)
    except RegistryError as error:
        assert str(error).startswith(URL)
        return
    for card in cards:
        *folders, file = card.path.split("/")
        assert all(map(is_name, (*folders, file.removesuffix(".md"))))
        assert len(folders) in (1, 2, 3)
    assert parse_index(format_index(cards), URL) == cards


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``hub index``; returns the exit code, and what it printed on both streams."""

    def run(*arguments: object) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as left:
            index.main([*map(str, arguments)], "hub index")
        return left.value.code, *capsys.readouterr()

    return run


def test_the_command_writes_the_index_into_the_folder(root: Path, run: Run) -> None:
    assert run(root) == (0, f"{root / 'index.json'} lists 9 cards\n", "")
    assert (root / "index.json").read_bytes() == format_index(index_folder(root))
    (root / "index.json").chmod(0o400)
    before = (root / "index.json").stat()
    assert run(root)[0] == 0
    assert (root / "index.json").stat() == before, "what is right already is left alone"


def test_the_command_checks_whether_the_index_is_up_to_date(
    root: Path, write_card: WriteCard, run: Run
) -> None:
    assert run(root, "--check") == (
        1,
        "",
        f"{root / 'index.json'} is out of date; write it with `hub index {root}`\n",
    )
    assert not (root / "index.json").exists()
    run(root)
    assert run(root, "--check")[0] == 0
    write_card("cards/MindSpore/lite0.md", name="lite0", digest="0" * 64)
    assert run(root, "--check")[0] == 1
    run(root)
    assert run(root, "--check")[0] == 0


def test_the_command_writes_to_another_file_or_to_standard_output(
    root: Path, tmp_path: Path, run: Run
) -> None:
    assert run(root, "-o", tmp_path / "other.json")[0] == 0
    assert run(root, "-o", "-")[1].encode() == (tmp_path / "other.json").read_bytes()
    assert not (root / "index.json").exists()
    code, output, _ = run(root, "--json", "-o", tmp_path / "other.json", "--check")
    assert (code, json.loads(output)["index"]["cards"]) == (0, 9)
    assert run(root, "-o", "-", "--check")[0] == 2


def test_the_command_says_what_it_cannot_write(root: Path, tmp_path: Path, run: Run) -> None:
    with pytest.raises(CacheError, match="cannot be written: No such file or directory"):
        run(root, "-o", tmp_path / "none" / "index.json")
    with pytest.raises(RegistryError, match="cannot be read: No such file or directory"):
        run(tmp_path / "none")
