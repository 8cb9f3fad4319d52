"""The texts of fields become values, and None where they cannot."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cards.fields import read_boolean, read_date, read_digest, read_link, read_version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1.10", (1, 10)),
        ("2.5", (2, 5)),
        ("0.5.0", (0, 5, 0)),
        ("2", (2,)),
        ("1.2.3.4", (1, 2, 3, 4)),
    ],
)
def test_versions_are_numbers_and_print_as_written(text: str, version: tuple[int, ...]) -> None:
    assert read_version(text) == version
    assert str(read_version(text)) == text


def test_ten_is_more_than_nine() -> None:
    versions = [read_version(text) for text in ("1.10", "2.0", "1.9", "1.1")]
    assert list(map(str, sorted(versions))) == ["1.1", "1.9", "1.10", "2.0"]


@pytest.mark.parametrize(
    "text",
    [
        *("banana", "1.", ".1", "1..2", "v1.0", "1.0rc1", "01.2", "-1", "1,0"),
        *("\u0661", "1.2.3.4.5", "", None),
    ],
)
def test_what_is_no_version_is_none(text: str | None) -> None:
    assert read_version(text) is None


@pytest.mark.parametrize("text", ["2025-03-10", "2025-3-10", "2025-03-1"])
def test_days_are_read_with_and_without_zeros(text: str) -> None:
    date = read_date(text)
    assert date is not None
    assert (date.year, date.month) == (2025, 3)


def test_a_leap_day_is_a_day() -> None:
    assert read_date("2024-02-29") == datetime.date(2024, 2, 29)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2025-02-29",
            "2025-13-01",
            "0000-01-01",
            "2025-0-1",
            "2025/03/10",
            "10-03-2025",
            "25-3-10",
        ),
        *(
            "2025-03-10T00:00",
            "yesterday",
            "2025-003-10",
            "\u0662025-03-10",
            " 2025-03-10",
            "",
            None,
        ),
    ],
)
def test_what_is_no_day_is_none(text: str | None) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("True", True), ("true", True), ("YES", True), ("是", True)),
        *(("False", False), ("no", False), ("否", False)),
        *(("maybe", None), ("1", None), ("", None), (None, None)),
    ],
)
def test_booleans_are_read_in_any_case(text: str | None, value: bool | None) -> None:
    assert read_boolean(text) is value


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("<https://a.b/c>", "https://a.b/c"),
        ("< https://a.b/c >", "https://a.b/c"),
        ("https://a.b/c", "https://a.b/c"),
        ("<https://a.b/c", "<https://a.b/c"),
        ("<<https://a.b>>", "<https://a.b>"),
        ("<>", ""),
        ("<", "<"),
        ("", ""),
    ],
)
def test_a_link_is_taken_out_of_its_brackets(text: str, link: str) -> None:
    assert read_link(text) == link


@pytest.mark.parametrize(
    "text", ["0e737186", "01234567", "12345678", "868228e5", "ABCDEF01", 64 * "0"]
)
def test_a_digest_is_text_in_lower_case(text: str) -> None:
    assert str(read_digest(text)) == text.lower()


@pytest.mark.parametrize("text", ["zzz", "1234567", 65 * "0", "0x123456", "f8d7aa2a ", "", "-"])
def test_what_is_no_digest_is_none(text: str) -> None:
    assert read_digest(text) is None


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    for read in (read_version, read_date, read_boolean, read_link, read_digest):
        read(text)
