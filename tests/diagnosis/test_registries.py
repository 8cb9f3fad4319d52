"""Registries, in folders and at URLs."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.diagnosis.check import Check
from hub.diagnosis.registries import check_registries
from tests.conftest import AssetServer, answer_status

EMPTY_INDEX = json.dumps({"schema_version": 1, "cards": []}).encode()


def look(monkeypatch: pytest.MonkeyPatch, registry: object, *, online: bool = True) -> Check:
    monkeypatch.setenv("MSHUB_REGISTRY", str(registry))
    (check,) = check_registries(online=online)
    return check


def test_the_cards_of_each_folder_are_counted(
    tmp_path: Path, write_card: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_card()
    (tmp_path / "empty").mkdir()
    folders = os.pathsep.join(["shipped", f"{tmp_path}/cards", f"{tmp_path}/empty"])
    monkeypatch.setenv("MSHUB_REGISTRY", folders)
    shipped, own, empty = check_registries()
    assert shipped == Check("registry shipped", "ok", "2 cards")
    assert own == Check(f"registry {tmp_path}/cards", "ok", "1 card")
    assert (empty.status, empty.found) == ("warning", "holds no card")
    assert "owner/name.md" in empty.advice


def test_a_missing_folder_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = look(monkeypatch, tmp_path / "none")
    assert check.status == "failed"
    assert f"the registry {tmp_path / 'none'} cannot be read: No such file" in check.found
    assert check.advice.startswith("MSHUB_REGISTRY")


def test_the_index_of_a_url_is_read_and_nothing_kept(
    server: AssetServer,
    write_card: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    cache_folder: Path,
) -> None:
    from hub.registry.index import format_index, index_folder

    index = format_index(index_folder(write_card().parents[1]))
    server.serve("/cards/index.json", index)
    check = look(monkeypatch, f"{server.origin}/cards")
    assert check == Check(f"registry {server.origin}/cards", "ok", "1 card")
    server.serve("/cards/index.json", EMPTY_INDEX)
    assert look(monkeypatch, f"{server.origin}/cards").status == "warning"
    assert not cache_folder.exists()


def test_a_damaged_index_fails(server: AssetServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.serve("/cards/index.json", b"<html>")
    check = look(monkeypatch, f"{server.origin}/cards")
    assert check.status == "failed"
    assert "is damaged: it is not JSON" in check.found


@pytest.mark.parametrize("status", [401, 403])
def test_a_registry_that_wants_a_login_fails_with_the_setting(
    server: AssetServer, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    server.behave("/cards/index.json", answer_status(status))
    check = look(monkeypatch, f"{server.origin}/cards")
    assert (check.status, check.advice) == ("failed", "set MSHUB_TOKEN, or correct it")
    assert str(status) in check.found


def test_a_url_without_an_index_fails(server: AssetServer, monkeypatch: pytest.MonkeyPatch) -> None:
    check = look(monkeypatch, f"{server.origin}/cards")
    assert check.status == "failed"
    assert f"{server.origin}/cards/index.json answered 404" in check.found
    assert check.advice == (
        "correct MSHUB_REGISTRY; `hub index FOLDER` writes the index of its cards"
    )


def test_a_registry_out_of_reach_fails(closed_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    check = look(monkeypatch, f"http://127.0.0.1:{closed_port}/cards")
    assert check.status == "failed"
    assert check.found.startswith("no answer from http://127.0.0.1:")
    assert check.advice == "check the network, the proxy and this URL"


def test_no_mirror_is_advised_for_a_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    check = look(monkeypatch, "http://example.org/cards")
    assert (check.status, "MIRRORS" in repr(check)) == ("failed", False)
    assert check.advice.startswith("ask its owner for an https URL")


def test_a_url_with_a_login_fails_without_showing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    check = look(monkeypatch, "https://ada:secret/er@example.org/cards")
    assert (check.status, "secret" in repr(check)) == ("failed", False)
    check = look(monkeypatch, "https://ada:secret@example.org/cards")
    assert check.status == "failed"
    assert "a login in a URL is refused" in check.found
    assert "secret" not in repr(check)


def test_a_url_is_not_asked_offline(server: AssetServer, monkeypatch: pytest.MonkeyPatch) -> None:
    check = look(monkeypatch, f"{server.origin}/cards", online=False)
    assert (check.status, check.found) == ("ok", "not asked: no host was to be asked")
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    check = look(monkeypatch, f"{server.origin}/cards")
    assert (check.status, check.found) == ("ok", "not asked: MSHUB_OFFLINE is set")
    assert server.requests == []
