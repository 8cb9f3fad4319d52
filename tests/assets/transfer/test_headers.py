"""What servers say of a file: read strictly, whatever they say."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.assets.transfer.headers import (
    ContentRange,
    read_content_range,
    read_encoding,
    read_length,
    read_retry_after,
    read_strong_etag,
    read_unsatisfied_range,
    takes_ranges,
)

numbers = st.integers(0, 10**19).map(str) | st.sampled_from(
    ["", "-1", "*", "٣", "1e3", "0x1", " 1"]
)
near_ranges = st.builds(
    "{}{}-{}/{}".format, st.sampled_from(["bytes ", "bytes=", "items ", ""]), *[numbers] * 3
)
texts = st.text(st.characters(max_codepoint=255), max_size=40)


@given(texts | numbers)
def test_a_length_is_a_plain_number_or_none(text: str) -> None:
    length = read_length({"Content-Length": text})
    assert length is None or str(length) == text.lstrip("0") or text.strip("0") == ""


@pytest.mark.parametrize("text", ["", "-1", "+1", "1 ", "1,1", "1_0", "٣", "0x1", "1e3", "9" * 19])
def test_a_length_that_is_no_plain_number_is_none(text: str) -> None:
    assert read_length({"Content-Length": text}) is None


@given(st.integers(0, 10**17), st.integers(1, 10**17), st.integers(0, 10**17) | st.none())
def test_a_right_content_range_is_read(start: int, size: int, more: int | None) -> None:
    total = None if more is None else start + size + more
    text = f"bytes {start}-{start + size - 1}/{'*' if total is None else total}"
    assert read_content_range({"Content-Range": text}) == ContentRange(start, start + size, total)


@given(near_ranges | texts)
def test_whatever_is_taken_for_a_range_is_one(text: str) -> None:
    part = read_content_range({"Content-Range": text})
    if part is not None:
        assert text.startswith("bytes ")
        assert 0 <= part.start < part.end
        assert part.total is None or part.end <= part.total


@pytest.mark.parametrize(
    "text",
    ["bytes 5-4/10", "bytes 0-10/10", "bytes 0-9/9", "bytes */10", "bytes 0-1/2, 3-4/5", "0-1/2"],
)
def test_a_range_that_cannot_be_is_none(text: str) -> None:
    assert read_content_range({"Content-Range": text}) is None


@given(texts)
def test_an_unsatisfied_range_is_read_or_none(text: str) -> None:
    assert read_unsatisfied_range({"Content-Range": f"bytes */{text}"}) in {
        None,
        int(text) if text.isascii() and text.isdigit() else None,
    }


@given(texts)
def test_a_strong_validator_is_one_quoted_text(text: str) -> None:
    etag = read_strong_etag({"ETag": text})
    assert etag in {"", text}
    if etag:
        assert (etag[0], etag[-1], etag.count('"')) == ('"', '"', 2)
        assert len(etag) >= 2
        assert not any(
            character.isspace() for character in etag.replace("\xa0", "").replace("\x85", "")
        )


@pytest.mark.parametrize(
    "text", ['W/"a"', "a", '"a', 'a"', '"a" ', '"a", "b"', '"a b"', "", '"\n"']
)
def test_what_is_no_strong_validator_is_none(text: str) -> None:
    assert read_strong_etag({"ETag": text}) == ""


@given(texts | numbers | st.dates().map(lambda day: day.strftime("%a, %d %b %Y 07:28:00 GMT")))
def test_a_pause_is_a_number_of_seconds_or_none(text: str) -> None:
    pause = read_retry_after({"Retry-After": text})
    assert pause is None or 0 <= pause < float("inf")


def test_a_pause_may_be_given_as_a_time() -> None:
    pause = read_retry_after({"Retry-After": formatdate(time.time() + 100, usegmt=True)})
    assert pause == pytest.approx(100, abs=5)
    assert read_retry_after({"Retry-After": formatdate(0, usegmt=True)}) == 0


@pytest.mark.parametrize(
    ("text", "encoding"), [("gzip", "gzip"), ("Identity", ""), ("", ""), ("br, gzip", "br, gzip")]
)
def test_an_encoding_is_anything_but_the_file_itself(text: str, encoding: str) -> None:
    assert read_encoding({"Content-Encoding": text}) == encoding


def test_parts_are_asked_for_only_where_the_server_says_so() -> None:
    assert takes_ranges({"Accept-Ranges": "Bytes"})
    assert not any(takes_ranges({"Accept-Ranges": text}) for text in ("none", "", "items"))
    assert not takes_ranges({})
