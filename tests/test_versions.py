"""Versions compare number by number."""

import pytest

from hub.versions import Version


def test_newer_is_decided_by_numbers_not_by_text_or_floats() -> None:
    ordered = ["1.9", "1.10", "2", "2.0", "2.3", "2.5", "2.10", "10.0"]
    assert sorted(map(Version.parse, reversed(ordered))) == [Version.parse(v) for v in ordered]


@pytest.mark.parametrize("text", ["1.10", "2.5", "2.10.0", "3"])
def test_a_version_prints_as_it_was_written(text: str) -> None:
    assert str(Version.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "banana", "1.", ".1", "1..2", "1,0", "-1", "1.2.3.4.5", "\u0661"]
)
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a version such as 2\.5"):
        Version.parse(text)
