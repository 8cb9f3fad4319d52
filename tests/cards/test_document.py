"""A card's file is split into title, header and body, and comes back byte for byte."""

import copy
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cards.document import LARGEST_CARD, Document
from hub.cards.nodes import ListNode, ScalarNode
from hub.errors import CardError
from hub.findings import Edit

CARD = b"# lite0\n\n---\n\nmodel-name: lite0\n\n---\n\n## Body\n\ntext\n\n---\n\nmore\n"
ASSETS = "---\nasset:\n- file-format: ckpt\n- file-format: onnx\n  asset-link: x\n---\n"


def test_title_header_and_body_are_told_apart() -> None:
    document = Document.parse(CARD)
    assert document.source == "<card>"
    assert document.title == "lite0"
    assert [document.place(fence.start) for fence in document.fences] == [(3, 1), (7, 1)]
    assert document.header.values == {"model-name": ScalarNode("lite0", 26, 31)}
    assert document.body.text == "## Body\n\ntext\n\n---\n\nmore"
    assert document.faults == ()


@pytest.mark.parametrize(
    "content",
    [
        CARD.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + CARD,
        b"\xef\xbb\xbf" + CARD.replace(b"# lite0\n\n", b""),
        CARD.replace(b"---\n", b"---  \n"),
        CARD.replace(b"---\n", b"---\t\r\n"),
        CARD.replace(b"# lite0\n\n", b""),
        b"\n \n" + CARD,
    ],
    ids=["CRLF", "BOM", "BOM, no title", "blanks behind", "tab, CRLF", "no title", "blank lines"],
)
def test_harmless_differences_are_read_all_the_same(content: bytes) -> None:
    document = Document.parse(content)
    assert document.faults == ()
    assert document.header.values["model-name"].text == "lite0"
    assert document.body.text.endswith("more")
    assert document.title in {"lite0", None}


def test_a_line_of_more_than_three_dashes_is_no_fence() -> None:
    document = Document("----\n--- x\n ---\n---\na: b\n----\nc: d\n---\nbody")
    assert [document.place(fence.start)[0] for fence in document.fences] == [4, 8]
    assert document.body.text == "body"


def test_the_last_line_may_be_a_fence_without_an_end() -> None:
    document = Document("---\na: b\n---")
    assert (document.header.values["a"].text, document.body.text) == ("b", "")


@pytest.mark.parametrize(
    ("content", "line", "kind", "message"),
    [
        (b"", 1, "missing-fence", "no '---' line found; a card's header stands between two"),
        (b" \n\n", 1, "missing-fence", "no '---' line found"),
        (b"# title\n\nmodel-name: x\n", 1, "missing-fence", "no '---' line found"),
        (b"# title\n\n---\n\nmodel-name: x\n", 1, "missing-fence", "one '---' line found"),
        (b"\nwords\n---\na: b\n---\n", 2, "text-before-header", "only a title line ('# name')"),
        (b"# title\nwords\n---\na: b\n---\n", 1, "text-before-header", "only a title line"),
        (b"# title\n---\na: b\n---\n\xff\xfe\n", 5, "not-utf8", "not UTF-8 text"),
        (b"---\na: " + 70_000 * b"x" + b"\n---\n", 1, "large-header", "over 65,536 characters"),
        (b"\n---\n---\n", 2, "no-metadata", "no 'key: value' line between the two"),
        (b"\n---\njust words\n---\n", 2, "no-metadata", "no 'key: value' line between the two"),
    ],
)
def test_what_is_got_over_is_a_fault_with_its_place(
    content: bytes, line: int, kind: str, message: str
) -> None:
    (fault,) = Document.parse(content).faults
    assert (fault.kind, Document.parse(content).place(fault.start)[0]) == (kind, line)
    assert message in fault.message


def test_bytes_that_are_not_utf8_are_found_and_kept() -> None:
    content = b"---\na: x\xffy\nb: 'z\n---\n\xe4\xb8"
    document = Document.parse(content)
    assert document.to_bytes() == content
    assert document.header.values["a"] == ScalarNode("x\udcffy", 7, 10)
    assert document.header.values["b"].text == "'z"
    assert document.faults[0].kind == "not-utf8"
    assert document.text[document.faults[0].start] == "\udcff"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\r",
        "\ufeff",
        "\ufeff# a\r\n---\r\nb: c\r\n---\r\nno final newline",
        "# a\n---\nb: c\rd: e\u2028f: g\x85h\n---\n\0",
        "# a\n---\n模型名称\N{FULLWIDTH COLON}b\n\n资源\N{FULLWIDTH COLON}\n\n- c\N{FULLWIDTH COLON}d\n---\n",
        "---\r---\r\n---\n\n\n---",
    ],
)
def test_every_byte_comes_back(text: str) -> None:
    document = Document.parse(text.encode())
    assert document.to_bytes() == document.edit(()).to_bytes() == text.encode()


@given(st.binary() | st.text().map(lambda text: f"---\na: {text}\n---\n".encode()))
def test_every_byte_of_anything_comes_back(content: bytes) -> None:
    document = Document.parse(content)
    assert document.to_bytes() == content
    assert document.edit(()) == document


@given(st.data())
def test_an_edit_changes_the_places_named_and_no_other(data: st.DataObject) -> None:
    text = data.draw(st.text(max_size=60))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    bounds = list(zip(cuts[::2], cuts[1::2], strict=False))
    edits = [Edit(start, end, data.draw(st.text(max_size=4))) for start, end in bounds]
    wanted = text
    for edit in sorted(edits, reverse=True):
        wanted = wanted[: edit.start] + edit.text + wanted[edit.end :]
    edited = Document(text, "a.md").edit(data.draw(st.permutations(edits)))
    assert (edited.text, edited.source) == (wanted, "a.md")


def test_an_edit_gives_a_new_document_that_is_read_again() -> None:
    document = Document.parse(CARD)
    node = document.header.values["model-name"]
    edited = document.edit([Edit(node.start, node.end, "lite1"), Edit(2, 7, "lite1")])
    assert edited.to_bytes() == CARD.replace(b"lite0", b"lite1")
    assert (edited.title, edited.header.values["model-name"].text) == ("lite1", "lite1")
    assert document.to_bytes() == CARD


@pytest.mark.parametrize(
    "edits",
    [
        [Edit(1, 3, "a"), Edit(2, 4, "b")],
        [Edit(2, 4, "b"), Edit(1, 3, "a")],
        [Edit(0, 9, ""), Edit(4, 4, "x")],
        [Edit(3, 2, "")],
        [Edit(-1, 2, "")],
        [Edit(0, len(CARD) + 1, "")],
    ],
)
def test_edits_that_overlap_or_lie_outside_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="overlaps another edit, or lies outside of the text"):
        Document.parse(CARD).edit(edits)


def test_edits_may_touch() -> None:
    assert (
        Document("abcd").edit([Edit(1, 2, "X"), Edit(2, 3, "Y"), Edit(1, 1, "-")]).text == "a-XYd"
    )


def test_places_count_from_one_and_only_newlines_end_a_line() -> None:
    document = Document("a\rb\u2028c\x85d\x0ce\r\nf\n")
    assert document.place(0) == (1, 1)
    assert document.place(document.text.index("e")) == (1, 9)
    assert document.place(document.text.index("f")) == (2, 1)
    assert document.place(len(document.text)) == (3, 1)
    assert [document.line(number) for number in (0, 1, 2, 3, 4)] == [
        None,
        "a\rb\u2028c\x85d\x0ce",
        "f",
        "",
        None,
    ]
    assert Document("").place(0) == (1, 1)


def test_a_character_beyond_the_first_plane_is_one_column() -> None:
    document = Document("---\n\N{GRINNING FACE}: '\N{GRINNING FACE}' # x\n---\n")
    assert document.place(document.header.values["\N{GRINNING FACE}"].start) == (2, 4)


def test_a_node_is_found_by_its_path() -> None:
    document = Document(ASSETS)
    assert document.find("asset[1].asset-link") == ScalarNode("x", 65, 66)
    assert isinstance(document.find("asset"), ListNode)
    assert document.find("asset[1]") is document.find("asset").items[1]


@pytest.mark.parametrize(
    "path",
    [
        *("", "x", "asset[2]", "asset.file-format", "asset[0].asset-link", "asset[0][0]"),
        "asset[" + 5000 * "9" + "]",
    ],
)
def test_a_path_that_leads_nowhere_finds_nothing(path: str) -> None:
    assert Document(ASSETS).find(path) is None


def test_a_scalar_is_what_is_a_line_of_text() -> None:
    document = Document("---\na: b\nasset:\n- c: d\n---\n")
    assert document.scalar("a") == ScalarNode("b", 7, 8)
    assert (document.scalar("asset"), document.scalar("x")) == (None, None)


def test_documents_are_equal_by_text_and_source_and_can_be_copied_and_pickled() -> None:
    document = Document.parse(CARD, "a.md")
    assert pickle.loads(pickle.dumps(document)) == copy.deepcopy(document) == document
    assert hash(copy.copy(document)) == hash(document)
    assert document != Document.parse(CARD, "b.md")
    assert document != CARD.decode()
    assert repr(document) == "Document('a.md', 63 characters)"


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "lite0.md"
    path.write_bytes(CARD.replace(b"\n", b"\r\n"))
    document = Document.read(path)
    assert (document.source, document.to_bytes()) == (str(path), path.read_bytes())


def test_a_missing_file_is_a_card_error(tmp_path: Path) -> None:
    path = tmp_path / "none.md"
    with pytest.raises(
        CardError, match=r"none\.md: the card cannot be read: No such file"
    ) as caught:
        Document.read(path)
    assert caught.value.source == str(path)
    assert caught.value.reason == "the card cannot be read: No such file or directory"


def test_a_folder_is_a_card_error(tmp_path: Path) -> None:
    with pytest.raises(CardError, match="the card cannot be read: Is a directory"):
        Document.read(tmp_path)


def test_the_largest_card_is_read_and_one_byte_more_is_refused() -> None:
    content = CARD + b"x" * (LARGEST_CARD - len(CARD))
    assert Document.parse(content).title == "lite0"
    with pytest.raises(
        CardError, match=r"^a\.md: larger than 1,048,576 bytes, the most a card may"
    ):
        Document.parse(content + b"x", "a.md")


@pytest.mark.parametrize("byte", [b"\n", b"-", b" ", b"\r", b"[", b"\xff", b"\0", b"a"])
def test_ten_megabytes_of_one_byte_are_refused_at_once(tmp_path: Path, byte: bytes) -> None:
    path = tmp_path / "large.md"
    path.write_bytes(byte * 10_000_000)
    with pytest.raises(CardError, match=r"larger than 1,048,576 bytes"):
        Document.read(path)
