"""Settings are read when they are needed, and refuse what cannot work."""

import os
from pathlib import Path

import pytest

from hub import settings
from hub.environment import describe_settings, describe_versions
from hub.errors import ArgumentError
from hub.settings import Mirror


def test_an_unset_cache_is_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MSHUB_CACHE")
    assert settings.cache_folder().name == "mshub"


def test_a_change_of_the_environment_counts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSHUB_CACHE", "~/somewhere")
    assert settings.cache_folder() == Path.home() / "somewhere"
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    assert settings.offline()
    monkeypatch.setenv("MSHUB_OFFLINE", "0")
    assert not settings.offline()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("shipped",)),
        ("/a", ("/a",)),
        (os.pathsep.join(["/a b", "shipped", ""]), ("/a b", "shipped")),
        (f"https://x.org/cards /a{os.pathsep}/b", ("https://x.org/cards", "/a", "/b")),
    ],
)
def test_registries_are_folders_and_urls_in_order(text: str, expected: tuple[str, ...]) -> None:
    assert settings.registries({"MSHUB_REGISTRY": text}) == expected


def test_mirrors_are_tried_in_the_order_written() -> None:
    text = "https://a.org/=http://127.0.0.1:9/ https://a.org/x?y=1/=https://b.org/"
    assert settings.mirrors({"MSHUB_MIRRORS": text}) == (
        Mirror("https://a.org/", "http://127.0.0.1:9/"),
        Mirror("https://a.org/x?y=1/", "https://b.org/"),
    )


@pytest.mark.parametrize("text", ["https://a.org/", "a=b", "https://a.org/=", "=https://a.org/"])
def test_a_malformed_mirror_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ArgumentError, match="is not PREFIX=REPLACEMENT, for example"):
        settings.mirrors({"MSHUB_MIRRORS": text})


def test_an_unclear_offline_is_refused() -> None:
    with pytest.raises(ArgumentError, match="MSHUB_OFFLINE='maybe': write 1"):
        settings.offline({"MSHUB_OFFLINE": "maybe"})


def test_the_description_names_value_and_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSHUB_REGISTRY", "/cards")
    rows = {row.variable: row for row in describe_settings()}
    assert list(rows) == ["MSHUB_CACHE", "MSHUB_REGISTRY", "MSHUB_MIRRORS", "MSHUB_OFFLINE"]
    assert (rows["MSHUB_REGISTRY"].value, rows["MSHUB_REGISTRY"].origin) == (
        "/cards",
        "environment",
    )
    assert (rows["MSHUB_OFFLINE"].value, rows["MSHUB_OFFLINE"].origin) == ("0", "default")
    assert describe_versions()["requests"]
