"""A text is written so that every YAML reader takes it for that text, and is read back."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hub.cards.scalars import (
    is_number_in_disguise,
    is_plain,
    quote,
    read_quoted,
    split_comment,
    write_scalar,
)
from hub.cards.yaml_values import read_entry


@pytest.mark.parametrize(
    "text",
    [
        *(
            "x",
            "1.10",
            "a: b"[:2] + "b",
            "C#",
            "a - b",
            "-9.11",
            "?x",
            ":x",
            "it's",
            "<https://a.b#c>",
        ),
        *("top1acc76.88 | top5acc93.28", "a, b", "a]", "50%", "模型", "---", "\N{GRINNING FACE}"),
    ],
)
def test_text_may_stand_plain(text: str) -> None:
    assert is_plain(text)
    assert write_scalar(text) == ("'1.10'" if text == "1.10" else text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "-",
            "?",
            ":",
            "- a",
            "? a",
            "a: b",
            "a:",
            "a #b",
            "#a",
            "'a'",
            '"a"',
            "[a",
            "{a",
            "]",
            "}",
        ),
        *("&a", "*a", "!a", "|", ">", "%a", "@a", "`a", ",a", "-:", "?#", " a"),
    ],
)
def test_text_needs_quotes(text: str) -> None:
    assert not is_plain(text)
    assert write_scalar(text) == quote(text)


@pytest.mark.parametrize(
    "text", ["", " ", "a\tb", "a\nb", "a\xa0b", "a\u2028b", "a\x85", "\ufeffa"]
)
def test_what_is_not_printed_as_it_stands_is_not_plain(text: str) -> None:
    assert not is_plain(text)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("'1.10'", "1.10"),
        ('"no"', "no"),
        ("''", ""),
        ('""', ""),
        ("'a\\n'", "a\\n"),
        ("'a: \"b\" #c'", 'a: "b" #c'),
        ("'it''s'", None),
        ('"a\\n"', None),
        ("'a", None),
        ("a'", None),
        ("'a' ", None),
        ("'a' # b", None),
        ("'a\"", None),
        ("'a\nb'", None),
        ("'a\u2028b'", None),
        ("'", None),
        ("", None),
        ("a", None),
    ],
)
def test_quotes_without_escapes_are_read(text: str, content: str | None) -> None:
    assert read_quoted(text) == content


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        *(
            ("1.10", True),
            ("2.0", True),
            ("01234567", True),
            ("0e737186", True),
            ("868228E5", True),
        ),
        *(
            ("00", True),
            ("1.", False),
            ("1.01", False),
            ("2.5", False),
            ("0", False),
            ("10", False),
        ),
        *(
            ("1.10.0", False),
            ("0x1F", False),
            ("f8d7aa2a", False),
            ("1e", False),
            ("\u0661.0", False),
        ),
    ],
)
def test_numbers_that_lose_digits_are_known_and_get_quotes(text: str, changed: bool) -> None:
    assert is_number_in_disguise(text) is changed
    assert write_scalar(text) == (quote(text) if changed else text)


@pytest.mark.parametrize(
    "text", ["a\nb", "a\rb", "\0", "a\x7f", "a\x85", "\u2028", "\ufeff", "\udcff"]
)
def test_what_one_line_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="has a character that one line of a header cannot hold"):
        write_scalar(text)


def test_an_empty_text_is_written_as_nothing() -> None:
    assert write_scalar("") == ""


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2.5  # the newest ", ("2.5", "# the newest ")),
        ("C# 7", ("C# 7", "")),
        ("a\t#b", ("a", "#b")),
        ("# b", ("", "# b")),
        ("a#b #c #d", ("a#b", "#c #d")),
        ("a \t\r", ("a", "")),
        ("a\u3000", ("a\u3000", "")),
        ("", ("", "")),
    ],
)
def test_a_comment_is_split_from_its_value(text: str, parts: tuple[str, str]) -> None:
    assert split_comment(text) == parts


@given(st.text(max_size=30) | st.text("ab1.0e:#-'\"[]{}&*!|>%@`,? ", max_size=8))
def test_what_is_written_is_read_by_us_and_by_yaml(text: str) -> None:
    try:
        line = f"key: {write_scalar(text)}"
    except ValueError:
        return
    entry, faults = read_entry(line, 0, len(line))
    assert (entry.values["key"].text, faults) == (text, [])
    assert yaml.load(line, yaml.BaseLoader) == {"key": text}
    assert "\n" not in line


@given(st.text(max_size=20))
def test_what_is_plain_is_plain_to_yaml(text: str) -> None:
    if is_plain(text) and text == text.strip():
        assert yaml.load(f"key: {text}", yaml.BaseLoader) == {"key": text}
