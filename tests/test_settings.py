"""Settings are read when they are needed, and refuse what cannot work."""

import os
from pathlib import Path

import pytest

from hub import settings
from hub.assets.cache.cache import Cache
from hub.environment import (
    SettingValue,
    describe_settings,
    describe_variables,
    describe_versions,
)
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


def test_shared_caches_are_asked_in_the_order_written(tmp_path: Path) -> None:
    text = os.pathsep.join([str(tmp_path), "", "~/shared"])
    shared = settings.shared_caches({"MSHUB_SHARED_CACHE": text})
    assert shared == (tmp_path, Path.home() / "shared")
    assert settings.shared_caches({"MSHUB_SHARED_CACHE": ""}) == ()


def test_a_shared_cache_is_meant_from_the_current_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings.shared_caches({"MSHUB_SHARED_CACHE": "a"}) == (tmp_path / "a",)


@pytest.mark.parametrize("variable", ["MSHUB_CACHE", "MSHUB_SHARED_CACHE"])
def test_a_relative_cache_in_a_folder_that_is_gone_says_what_to_do(
    variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    monkeypatch.setenv(variable, "near")
    message = f"{variable}: 'near' is a relative path, and the current folder is gone .*; write an"
    with pytest.raises(ArgumentError, match=message):
        Cache()
    assert describe()[variable].value.startswith(f"cannot work: {variable}: 'near' is a relative")
    monkeypatch.setenv(variable, str(tmp_path / "cache"))
    Cache()


def test_a_token_loses_the_blanks_around_it() -> None:
    assert settings.token({"MSHUB_TOKEN": " hf_abc.DEF-123~+/=\n"}) == "hf_abc.DEF-123~+/="
    assert settings.token({"MSHUB_TOKEN": " "}) is None
    assert settings.token({}) is None


@pytest.mark.parametrize("text", ["hush hush", "hush\r\nX-Header: 1", "hush\0", "h\u00fcsh"])
def test_a_token_that_no_header_may_hold_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ArgumentError, match="a bearer token cannot have; copy it again") as caught:
        settings.token({"MSHUB_TOKEN": text})
    assert "sh" not in str(caught.value).replace("MSHUB", "")


def describe() -> dict[str, SettingValue]:
    return {row.variable: row for row in describe_settings()}


def test_the_description_names_value_and_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSHUB_REGISTRY", "/cards")
    rows = describe()
    assert list(rows) == [setting.variable for setting in settings.TABLE]
    assert (rows["MSHUB_REGISTRY"].value, rows["MSHUB_REGISTRY"].origin) == (
        "/cards",
        "environment",
    )
    assert (rows["MSHUB_OFFLINE"].value, rows["MSHUB_OFFLINE"].origin) == ("0", "default")
    assert rows["MSHUB_SHARED_CACHE"].value == rows["MSHUB_MIRRORS"].value == "none"
    assert describe_versions()["requests"]


def test_the_description_has_a_row_for_each_setting_that_there_is() -> None:
    assert [row.variable for row in describe_settings()] == [
        "MSHUB_CACHE",
        "MSHUB_SHARED_CACHE",
        "MSHUB_REGISTRY",
        "MSHUB_MIRRORS",
        "MSHUB_OFFLINE",
        "MSHUB_TOKEN",
    ]


def test_the_description_never_shows_a_token_or_a_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSHUB_TOKEN", "hush-hush")
    monkeypatch.setenv("MSHUB_REGISTRY", "https://ada:secret@a.org/cards?key=secret /cards")
    monkeypatch.setenv("MSHUB_MIRRORS", "https://a.org/=https://ada:secret@b.org/")
    rows = describe()
    assert (rows["MSHUB_TOKEN"].value, rows["MSHUB_TOKEN"].origin) == ("set", "environment")
    assert rows["MSHUB_REGISTRY"].value == "https://***@a.org/cards?*** /cards"
    assert rows["MSHUB_MIRRORS"].value.startswith("cannot work: MSHUB_MIRRORS: a login in a URL")
    monkeypatch.setenv("MSHUB_MIRRORS", "https://ada:secret@b.org/")
    monkeypatch.setenv("MSHUB_TOKEN", "hush hush")
    rows = describe()
    assert "a login in a URL is refused" in rows["MSHUB_MIRRORS"].value
    assert "secret" not in repr(rows)
    assert "hush" not in repr(rows)


def test_a_setting_that_cannot_work_says_so_in_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSHUB_MIRRORS", "https://a.org/=http://[::1/")
    assert describe()["MSHUB_MIRRORS"].value.startswith("cannot work: MSHUB_MIRRORS")


def test_the_variables_of_requests_are_listed_as_it_reads_them() -> None:
    rows = describe_variables(
        {
            "HTTPS_PROXY": "http://other:1",
            "https_proxy": "http://ada:se/cr@et@proxy:3128",
            "ALL_PROXY": "ada:secret@proxy:3128",
            "REQUESTS_CA_BUNDLE": "/a.pem",
            "SSL_CERT_FILE": "/b.pem",
        }
    )
    assert [(row.variable, row.value, row.origin) for row in rows] == [
        ("https_proxy", "http://***@proxy:3128", "environment"),
        ("ALL_PROXY", "***@proxy:3128", "environment"),
        ("HTTP_PROXY", "none", "default"),
        ("NO_PROXY", "none", "default"),
        ("REQUESTS_CA_BUNDLE", "/a.pem", "environment"),
        ("CURL_CA_BUNDLE", "none", "default"),
        ("SSL_CERT_FILE", "/b.pem", "environment"),
    ]
    assert rows[-1].meaning == "not read by requests: REQUESTS_CA_BUNDLE is"
