"""What one request gives away, and to whom: the token, and nothing that a URL hides."""

from __future__ import annotations

import ssl
import traceback
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import trustme

from hub.assets.transfer.addresses import check_url, find_token
from hub.assets.transfer.download import read_small
from hub.assets.transfer.probe import probe
from hub.errors import ArgumentError, DownloadError
from hub.redaction import redact_text, redact_url
from tests.assets.transfer.fetching import QUICK, Notes, fetch
from tests.conftest import AssetServer, answer_status, redirect

SECRET = "s3cr3t"


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch, server: AssetServer) -> str:
    monkeypatch.setenv("MSHUB_TOKEN", SECRET)
    monkeypatch.setenv("MSHUB_REGISTRY", f"{server.origin}/cards/ shipped")
    return SECRET


@pytest.fixture
def other_server() -> AssetServer:
    server = AssetServer()
    yield server
    server.stop()


def authorizations(server: AssetServer) -> list[str | None]:
    return [headers.get("Authorization") for _, headers in server.requests]


def test_the_registry_sees_the_token(server: AssetServer, token: str, folder: Path) -> None:
    fetch(folder, server.serve("/weights.ckpt", b"content"))
    read_small(server.serve("/cards/a.md", b"card"), largest=10)
    assert authorizations(server) == [f"Bearer {token}"] * 2


@pytest.mark.usefixtures("token")
def test_no_other_server_sees_the_token(other_server: AssetServer, folder: Path) -> None:
    fetch(folder, other_server.serve("/weights.ckpt", b"content"))
    assert authorizations(other_server) == [None]


def test_a_redirect_to_another_origin_loses_the_token_and_one_back_has_it(
    server: AssetServer, other_server: AssetServer, token: str, folder: Path
) -> None:
    server.serve("/there", b"content")
    other = other_server.behave("/other", redirect(server.origin + "/there"))
    fetch(folder, server.behave("/here", redirect(other)))
    assert authorizations(server) == [f"Bearer {token}"] * 2
    assert authorizations(other_server) == [None]


@pytest.mark.usefixtures("token")
def test_without_a_registry_on_the_network_nobody_sees_the_token(
    server: AssetServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MSHUB_REGISTRY")
    fetch(folder, server.serve("/weights.ckpt", b"content"))
    assert authorizations(server) == [None]


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("https://hub.example.org/b", True),
        ("https://HUB.example.org:443/b", True),
        ("http://hub.example.org/b", False),
        ("https://hub.example.org:8443/b", False),
        ("https://example.org/b", False),
        ("https://hub.example.org.evil.org/b", False),
        ("https://hub.example.org:port/b", False),
    ],
)
def test_scheme_host_and_port_must_be_the_registrys(
    monkeypatch: pytest.MonkeyPatch, url: str, *, trusted: bool
) -> None:
    monkeypatch.setenv("MSHUB_TOKEN", SECRET)
    monkeypatch.setenv("MSHUB_REGISTRY", "https://hub.example.org/cards /folder")
    assert (find_token(url) == SECRET) is trusted


def test_a_token_that_cannot_be_one_is_an_error_that_does_not_repeat_it(
    server: AssetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSHUB_TOKEN", f"{SECRET}\n{SECRET}")
    with pytest.raises(ArgumentError, match="MSHUB_TOKEN") as caught:
        read_small(server.serve("/a", b""), largest=1)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def show(error: BaseException) -> str:
    """Everything that a log or a terminal may show of an error."""
    facts = f"{error}{error!r}{vars(error)}"
    return facts + "".join(traceback.format_exception(type(error), error, error.__traceback__))


@pytest.mark.parametrize("case", ["status", "redirect", "refused", "unsafe", "loop", "malformed"])
@pytest.mark.usefixtures("token")
def test_neither_the_token_nor_a_query_is_in_an_error(
    server: AssetServer, folder: Path, case: str
) -> None:
    query = f"?signature={SECRET}"
    server.behave(f"/status{query}", answer_status(403))
    server.behave(f"/redirect{query}", redirect(f"http://example.org/x{query}"))
    server.behave(f"/loop{query}", redirect(f"/loop{query}"))
    server.behave(f"/malformed{query}", redirect(f"https://x y/{query}"))
    url = {"unsafe": "http://example.org/x"}.get(case, f"{server.origin}/{case}") + query
    if case == "refused":
        server.stop()
    for ask in (
        lambda: fetch(folder, url),
        lambda: read_small(url, largest=9, patience=QUICK),
    ):
        with pytest.raises(DownloadError) as caught:
            ask()
        assert SECRET not in show(caught.value)


def test_a_probe_tells_no_query(server: AssetServer) -> None:
    query = f"?signature={SECRET}"
    server.serve(f"/a{query}", b"content")
    assert SECRET not in repr(probe(f"{server.origin}/a{query}", QUICK))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a.org/b?c=d#e", "https://a.org/b"),
        ("https://me:word@a.org/b", "https://a.org/b"),
        ("https://a.org/@b", "https://a.org/@b"),
        ("no url", "no url"),
        ("", ""),
    ],
)
def test_a_url_is_shown_without_its_secrets(text: str, shown: str) -> None:
    assert redact_url(text) == shown
    assert redact_text(f"in {text!r}") == f"in {shown!r}"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://[::1]:80/", "http://LOCALHOST/", "http://127.9.9.9:1/"]
)
def test_plain_http_is_for_this_machine_alone(url: str) -> None:
    assert check_url(url) == "http"
    with pytest.raises(DownloadError, match="only https is safe"):
        check_url(url, "https://example.org/")


@pytest.mark.parametrize("url", ["http://0.0.0.0/", "http://127.1/", "http://2130706433/"])
def test_other_spellings_of_this_machine_are_refused(url: str) -> None:
    with pytest.raises(DownloadError, match="only https is safe"):
        check_url(url)


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u2003"])
def test_a_host_with_a_blank_is_no_url(blank: str) -> None:
    with pytest.raises(DownloadError, match="is not a URL: its host holds a blank"):
        check_url(f"https://x{blank}y/")
    assert check_url(f"https://x/a{blank}b") == "https"


MIRROR = "; name a mirror in MSHUB_MIRRORS, or tell the publisher$"


@pytest.mark.parametrize("status", [204, 206, 304, 400, 405, 501, 599])
def test_an_answer_that_stays_as_it_is_leads_to_a_mirror(server: AssetServer, status: int) -> None:
    url = server.behave("/a", answer_status(status))
    with pytest.raises(DownloadError, match=f"answered {status} .*, not with the file{MIRROR}"):
        read_small(url, largest=9, patience=QUICK)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_an_answer_that_passes_may_be_asked_for_later(server: AssetServer, status: int) -> None:
    url = server.behave("/a", answer_status(status))
    with pytest.raises(DownloadError, match=f"answered {status} .*: try again later"):
        read_small(url, largest=9, patience=QUICK)
    assert len(server.requests) == QUICK.attempts


def test_what_cannot_be_read_or_is_no_url_leads_to_a_mirror(server: AssetServer) -> None:
    def garble(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")

    for url, reason in (
        (server.behave("/a", garble), "cannot be read: a garbled answer"),
        (server.behave("/b", redirect("http://[::1/x")), "redirects to .*, which is no URL"),
        ("https://[::1/x", "is not a URL: .*"),
        ("https://x y/", "is not a URL: its host holds a blank"),
    ):
        with pytest.raises(DownloadError, match=reason + MIRROR):
            read_small(url, largest=9, patience=QUICK)


def test_a_certificate_that_nobody_vouches_for_is_final(server: AssetServer, folder: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    server.wrap(context)
    notes = Notes()
    with pytest.raises(DownloadError, match="certificate verify failed"):
        fetch(folder, server.origin + "/a", progress=notes)
    assert notes.notes == []
