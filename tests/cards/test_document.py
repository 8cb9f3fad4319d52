"""A card's file is split into title, header and body."""

import subprocess
import sys
from pathlib import Path

import pytest

from hub.cards.document import parse_document, read_document
from hub.errors import CardError

CARD = b"# lite0\n\n---\n\nmodel-name: lite0\n\n---\n\n## Body\n\ntext\n\n---\n\nmore\n"


def test_title_header_and_body_are_told_apart() -> None:
    document = parse_document(CARD)
    assert document.title == "lite0"
    assert document.fence_line == 3
    assert document.header.values["model-name"].line == 5
    assert document.body == "## Body\n\ntext\n\n---\n\nmore"


@pytest.mark.parametrize(
    "content",
    [
        CARD.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + CARD,
        CARD.replace(b"---\n", b"---  \n"),
        CARD.replace(b"# lite0\n\n", b""),
    ],
    ids=["CRLF", "byte order mark", "blanks behind a fence", "no title"],
)
def test_harmless_differences_are_read_all_the_same(content: bytes) -> None:
    document = parse_document(content)
    assert document.header.values["model-name"].text == "lite0"
    assert document.body.endswith("more")


def test_lines_count_from_the_top_of_the_file_also_behind_leading_blank_lines() -> None:
    assert parse_document(b"\n \n" + CARD).header.values["model-name"].line == 7


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"", 1, "the card is empty"),
        (b" \n\n", 1, "the card is empty"),
        (b"# title\n\nmodel-name: x\n", 1, "no '---' line found"),
        (b"# title\n\n---\n\nmodel-name: x\n", 1, "one '---' line found"),
        (b"words\n---\na: b\n---\n", 1, "only a title line"),
        (b"# title\nwords\n---\na: b\n---\n", 1, "only a title line"),
        (b"# title\n---\na: b\n\xff\xfe\n---\n", 4, "not UTF-8 text"),
        (b"---\na: " + 70_000 * b"x" + b"\n---\n", 1, "the header has over 65536 characters"),
        (b"---\n---\n", 1, "no 'key: value' line"),
    ],
)
def test_what_is_no_card_is_an_error_with_its_line(content: bytes, line: int, message: str) -> None:
    with pytest.raises(CardError, match=message) as caught:
        parse_document(content, "bad.md")
    (problem,) = caught.value.problems
    assert (problem.source, problem.line) == ("bad.md", line)
    assert str(caught.value).startswith(f"bad.md:{line}:")


def test_a_missing_file_is_a_card_error(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"none\.md:1:1: the card cannot be read: No such file"):
        read_document(tmp_path / "none.md")


def test_a_folder_is_a_card_error(tmp_path: Path) -> None:
    with pytest.raises(CardError, match="the card cannot be read: Is a directory"):
        read_document(tmp_path)


@pytest.mark.parametrize("byte", [b"\n", b"-", b" ", b"\r", b"[", b"\xff", b"\0"])
def test_ten_megabytes_of_one_byte_are_refused_at_once(tmp_path: Path, byte: bytes) -> None:
    path = tmp_path / "large.md"
    path.write_bytes(byte * 10_000_000)
    with pytest.raises(CardError, match=r"larger than 1,048,576 bytes"):
        read_document(path)


HOSTILE = """
import resource
from hub.cards.document import LARGEST_CARD, parse_document
from hub.errors import CardError

resource.setrlimit(resource.RLIMIT_CPU, (30, 30))  # a quadratic reader would need hours
lines = [b"\\n", b"---", b"--- ", b"---\\n", b"---\\n\\n", b" \\t", b"\\r", b"["]
cards = [line * (LARGEST_CARD // len(line)) for line in lines]
values = [60_000 * " " + "x: y", 60_000 * "[", 20_000 * "a: ", 60_001 * "'", "@" + 60_000 * "\\t"]
cards += [f"---\\na: x{value}\\nb: {value}\\n---\\n".encode() for value in values]
for card in cards:
    try:
        parse_document(card)
    except CardError:
        pass
print(len(cards))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX resource limits")
def test_no_text_keeps_the_processor_busy() -> None:
    command = [sys.executable, "-c", HOSTILE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("13\n", 0), done.stderr
