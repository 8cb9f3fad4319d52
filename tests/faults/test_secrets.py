"""Tokens and signatures go where they belong, and nowhere else."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.assets.cache.cache import Cache
from hub.assets.store import fetch_asset
from hub.errors import HubError
from tests.faults.conftest import Hub, check_file, choose_patience, fetch, make_asset
from tests.faults.fault_server import Content, Cut, Fault, FaultServer, Gzip, Redirect, Refuse, Swap

CONTENT = Content(400_000)
PATH = "/models/lite0.ckpt"
TOKEN = "tok-3n-0f-a-l1fet1me"
SIGNATURE = "s1gnatur3"
QUERY = f"?X-Expires=60&X-Signature={SIGNATURE}"
BEARER = f"Bearer {TOKEN}"


@pytest.fixture
def registry(fault_server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultServer:
    """A server whose origin is the registry's, to which the token belongs."""
    monkeypatch.setenv("MSHUB_TOKEN", TOKEN)
    monkeypatch.setenv("MSHUB_REGISTRY", f"{fault_server.origin}/cards/")
    return fault_server


def test_the_registry_gets_the_token(registry: FaultServer, cache: Cache) -> None:
    fetch(make_asset(registry.serve(PATH, CONTENT, Cut(100_000, times=1)), CONTENT), cache)
    requests = registry.requests(PATH)
    assert len(requests) == 2
    assert {request.headers.get("authorization") for request in requests} == {BEARER}


def test_no_other_origin_gets_the_token(
    registry: FaultServer, second_server: FaultServer, cache: Cache
) -> None:
    fetch(make_asset(second_server.serve(PATH, CONTENT), CONTENT), cache)
    assert [r.headers.get("authorization") for r in second_server.requests()] == [None]


def test_a_redirect_to_another_origin_loses_the_token_and_the_way_back_has_it(
    registry: FaultServer, second_server: FaultServer, cache: Cache
) -> None:
    end = registry.serve("/end.ckpt", CONTENT)
    middle = second_server.serve("/middle.ckpt", CONTENT, Redirect(end))
    start = registry.serve(PATH, CONTENT, Redirect(middle))
    check_file(fetch(make_asset(start, CONTENT), cache).path, CONTENT)
    assert [r.headers.get("authorization") for r in second_server.requests()] == [None]
    assert [r.headers.get("authorization") for r in registry.requests()] == [BEARER, BEARER]


def test_a_mirror_does_not_get_the_token(
    registry: FaultServer,
    second_server: FaultServer,
    cache: Cache,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second_server.serve(PATH, CONTENT)
    monkeypatch.setenv("MSHUB_MIRRORS", f"{registry.origin}/={second_server.origin}/")
    fetch(make_asset(registry.serve(PATH, CONTENT), CONTENT), cache)
    (request,) = second_server.requests()
    assert BEARER not in request.headers.values()


ENDS: dict[str, tuple[Fault, ...]] = {
    "comes": (),
    "is busy once": (Refuse(503, times=1),),
    "breaks off once": (Cut(100_000, times=1),),
    "breaks off": (Cut(1000),),
    "is never sent": (Cut(0, "stall"),),
    "is not there": (Refuse(404),),
    "is forbidden": (Refuse(403),),
    "fails": (Refuse(500),),
    "is compressed": (Gzip(),),
    "is another": (Swap(Content(1000, 1)),),
    "is another at first": (Swap(Content(1000, 1), times=1),),
    "is elsewhere, in a circle": (Redirect(f"{PATH}{QUERY}"),),
    "is elsewhere, unsafe": (Redirect(f"http://example.invalid/x{QUERY}"),),
    "is elsewhere, gone": (Redirect(f"/gone.ckpt{QUERY}"),),
    "is nowhere": (Redirect(f"http://127.0.0.1:9/x{QUERY}"),),
    "is no URL": (Redirect(f"http://[{QUERY}"),),
}


@pytest.mark.parametrize("faults", ENDS.values(), ids=ENDS.keys())
def test_neither_signature_nor_token_is_told_when_the_file(
    registry: FaultServer,
    cache: Cache,
    caplog: pytest.LogCaptureFixture,
    faults: tuple[Fault, ...],
) -> None:
    link = registry.serve(PATH, CONTENT, *faults) + QUERY
    told = ""
    with caplog.at_level(logging.DEBUG, logger="hub"):
        try:
            fetch_asset(make_asset(link, CONTENT), cache, patience=choose_patience(faults))
        except HubError as error:
            told = f"{error}{error!r}{vars(error)}"
            assert registry.origin in told or "127.0.0.1" in told or "example.invalid" in told
    told += caplog.text
    told += "".join(path.read_text() for path in (cache.folder / "partial").glob("*.json"))
    assert SIGNATURE not in told
    assert TOKEN not in told


def test_no_error_of_any_source_tells_the_signature(
    registry: FaultServer,
    second_server: FaultServer,
    cache: Cache,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    second_server.serve(PATH, CONTENT, Refuse(500))
    monkeypatch.setenv("MSHUB_MIRRORS", f"{registry.origin}/={second_server.origin}/")
    link = registry.serve(PATH, CONTENT, Refuse(404)) + QUERY
    for offline, digits in (("0", 64), ("1", 64), ("0", 0)):
        monkeypatch.setenv("MSHUB_OFFLINE", offline)
        with caplog.at_level(logging.DEBUG, logger="hub"), pytest.raises(HubError) as caught:
            fetch(make_asset(link, CONTENT, digits), cache)
        assert SIGNATURE not in f"{caught.value}{caplog.text}"
        assert f"{registry.origin}{PATH}" in str(caught.value)


@pytest.mark.parametrize("name", ["comes", "is another at first", "is not there"])
def test_the_command_tells_neither_even_if_it_is_to_tell_all(
    registry: FaultServer, write_card: Callable[..., Path], hub_command: Hub, name: str
) -> None:
    link = registry.serve(PATH, CONTENT, *ENDS[name]) + QUERY
    card = write_card(link=link, digest=CONTENT.sha256)
    done = hub_command.run("-v", "fetch", card)
    assert done.returncode == (4 if name == "is not there" else 0), done.stderr
    assert SIGNATURE not in done.stdout + done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert registry.requests(PATH)[0].headers["authorization"] == BEARER


def test_a_token_that_no_header_can_hold_is_an_error_that_does_not_repeat_it(
    registry: FaultServer, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSHUB_TOKEN", f"{TOKEN}\r\nX-Evil: 1")
    with pytest.raises(HubError, match="MSHUB_TOKEN") as caught:
        fetch(make_asset(registry.serve(PATH, CONTENT), CONTENT), cache)
    assert TOKEN not in str(caught.value)
    assert registry.requests() == []


def test_the_settings_show_no_token(hub_command: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSHUB_TOKEN", TOKEN)
    for arguments in (("env",), ("env", "--json")):
        done = hub_command.run(*arguments)
        assert done.returncode == 0
        assert TOKEN not in done.stdout + done.stderr
        assert "MSHUB_TOKEN" in done.stdout
