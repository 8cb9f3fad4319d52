"""Bodies in chunks: one thread watches over each, and what it cut off is never taken for content."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import trustme
from urllib3.exceptions import HTTPError as TransportError

from hub.assets.patience import Patience
from hub.assets.transfer.connections import Watchdog, find_shutter
from hub.assets.transfer.download import read_small
from hub.assets.transfer.faults import PassingFault
from hub.assets.transfer.session import Session
from hub.assets.transfer.stream import read_pieces
from hub.errors import DownloadError
from tests.assets.transfer.fetching import QUICK, fetch
from tests.conftest import AssetServer

HASTY = Patience(silence=0.5, window=5, attempts=1)


def send_chunks(size: int, count: int) -> Callable[[BaseHTTPRequestHandler], None]:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"%x\r\n%b\r\n" % (size, bytes(size)) * count + b"0\r\n\r\n")

    return behave


def watchdogs() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "mshub-watchdog"]


def test_a_body_of_many_chunks_has_one_watchdog(
    server: AssetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    start = threading.Thread.start

    def note(thread: threading.Thread) -> None:
        started.append(thread.name)
        start(thread)

    url = server.behave("/a", send_chunks(100, 5000))
    monkeypatch.setattr(threading.Thread, "start", note)
    assert read_small(url, largest=1 << 20, patience=QUICK) == bytes(500_000)
    assert started.count("mshub-watchdog") == 2  # one more for the head of the answer


def test_a_watchdog_ends_with_its_body_also_if_that_is_given_up(server: AssetServer) -> None:
    url = server.behave("/a", send_chunks(1 << 20, 3))
    with Session(QUICK) as session, session.ask(url) as response:
        pieces = read_pieces(response, QUICK)
        next(pieces)
        assert watchdogs()
        pieces.close()
    for thread in watchdogs():
        thread.join(5)
    assert watchdogs() == []


def test_without_a_thread_for_the_watchdog_the_body_arrives_all_the_same(
    server: AssetServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "mshub-watchdog":
            raise RuntimeError("can't start new thread")
        start(thread)

    url = server.behave("/a", send_chunks(1000, 50))
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert fetch(folder, url).size == 50_000


def test_a_chunk_that_drips_and_then_ends_well_still_took_too_long() -> None:
    shut = threading.Event()
    with Watchdog(0.05, shut.set) as watchdog:
        with watchdog.step():
            pass
        time.sleep(0.2)  # between two steps nobody waits for the server
        assert not shut.is_set()
        with pytest.raises(TimeoutError, match="did not come in time"), watchdog.step():
            assert shut.wait(5)


def test_each_step_has_its_own_time() -> None:
    shut = threading.Event()
    with Watchdog(0.4, shut.set) as watchdog:
        for _ in range(4):
            with watchdog.step():
                time.sleep(0.15)
    assert not shut.is_set()


def test_an_error_in_time_stays_what_it_is() -> None:
    with Watchdog(5, lambda: None) as watchdog, pytest.raises(ValueError, match="wrong"):  # noqa: SIM117
        with watchdog.step():
            raise ValueError("wrong")


@pytest.fixture
def dripping_tls_url(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A small chunk over TLS, then the first line of another one, and then the same for ever."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    stopped = threading.Event()

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            with context.wrap_socket(connection, server_side=True) as secure:
                secure.recv(1 << 16)
                secure.sendall(
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n"
                    + request.param
                )
                while not stopped.wait(0.01):
                    secure.sendall(b"A" * 100)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/a"
        stopped.set()
        thread.join()


@pytest.mark.parametrize("dripping_tls_url", [b"9;"], indirect=True)
def test_a_chunks_line_that_drips_over_tls_took_too_long(dripping_tls_url: str) -> None:
    with Session(HASTY) as session, session.ask(dripping_tls_url) as response:
        pieces = read_pieces(response, HASTY)
        assert next(pieces) == b"some"
        with pytest.raises(PassingFault, match="it took too long"):
            next(pieces)


@pytest.mark.parametrize("dripping_tls_url", [b"100000\r\n"], indirect=True)
def test_what_is_cut_off_over_tls_gives_no_ciphertext(dripping_tls_url: str) -> None:
    with Session(HASTY) as session, session.ask(dripping_tls_url) as response:
        assert response.raw.read1(100, decode_content=False) == b"some"
        time.sleep(0.2)
        find_shutter(response.raw)()
        received = b""
        with contextlib.suppress(OSError, TransportError):
            while some := response.raw.read1(100, decode_content=False):
                received += some
        assert set(received) <= set(b"A")


def test_a_body_that_brings_next_to_nothing_is_broken_off(server: AssetServer) -> None:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(40):
            handler.wfile.write(b"a")
            time.sleep(0.05)

    slow = Patience(silence=2, window=0.5, floor=1000, attempts=1)
    with pytest.raises(DownloadError, match=r"it brought only [0-9]+ bytes in 0\.5"):
        read_small(server.behave("/slow", behave), largest=1000, patience=slow)
