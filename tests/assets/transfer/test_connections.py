"""Servers that drip: the head of an answer, and what lies between its chunks, must come in time."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from hub.assets.patience import Patience
from hub.assets.transfer.download import read_small
from hub.assets.transfer.probe import probe
from hub.assets.transfer.session import Session
from hub.assets.transfer.stream import read_pieces
from hub.errors import DownloadError, NoAnswerError
from tests.assets.transfer.fetching import Notes, fetch

HASTY = Patience(connect=5, silence=0.5, window=0.5, floor=1, attempts=2, backoff=0.01)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
Script = Callable[[socket.socket], None]


class RawServer:
    """Plays a script to each connection, after it has read a request."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.script: Script = lambda _: None
        self.stopped = threading.Event()
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if context else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}/a.ckpt"
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    def drip(self, connection: socket.socket, first: bytes, next_one: bytes) -> None:
        """Send something, and then the same again and again."""
        connection.sendall(first)
        while not self.stopped.wait(0.05):
            connection.sendall(next_one)

    def stop(self) -> None:
        self.stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if self._context:
                self.serve_tls(connection)
            else:
                connection.recv(1 << 16)
                self.script(connection)

    def serve_tls(self, connection: socket.socket) -> None:
        """Play the script behind TLS."""
        assert self._context
        with self._context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(1 << 16)
            self.script(secure)


@pytest.fixture
def raw_server() -> Iterator[RawServer]:
    server = RawServer()
    yield server
    server.stop()


@pytest.fixture
def raw_tls_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    server = RawServer(context)
    yield server
    server.stop()


@contextlib.contextmanager
def at_once() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < 3


HEADS = {
    "a status line": (b"HTTP/1.1 ", b"2"),
    "a header": (b"HTTP/1.1 200 OK\r\nX-A: ", b"a"),
    "many headers": (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n", b"a: b\r\n"),
    "100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize(("first", "next_one"), HEADS.values(), ids=HEADS.keys())
def test_a_head_that_drips_took_too_long_and_is_asked_for_again(
    raw_server: RawServer, folder: Path, first: bytes, next_one: bytes
) -> None:
    raw_server.script = lambda connection: raw_server.drip(connection, first, next_one)
    notes = Notes()
    with pytest.raises(NoAnswerError, match=r"no answer from .*: it took too long"), at_once():
        fetch(folder, raw_server.url, HASTY, progress=notes)
    assert len(notes.notes) == HASTY.attempts - 1


def test_small_bodies_and_probes_do_not_wait_for_such_a_head_either(raw_server: RawServer) -> None:
    raw_server.script = lambda connection: raw_server.drip(connection, *HEADS["a header"])
    for ask in (
        lambda: read_small(raw_server.url, largest=9, patience=HASTY),
        lambda: probe(raw_server.url, HASTY),
    ):
        with pytest.raises(NoAnswerError, match="it took too long"), at_once():
            ask()


def test_a_head_that_drips_over_tls_took_too_long(raw_tls_server: RawServer, folder: Path) -> None:
    raw_tls_server.script = lambda connection: raw_tls_server.drip(connection, *HEADS["a header"])
    with (
        pytest.raises(NoAnswerError, match=r"no answer from https:.*: it took too long"),
        at_once(),
    ):
        fetch(folder, raw_tls_server.url, HASTY)


def test_a_head_that_drips_through_a_proxy_took_too_long(
    raw_server: RawServer,
    raw_tls_server: RawServer,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def tunnel(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        raw_tls_server.serve_tls(connection)

    raw_server.script = tunnel
    raw_tls_server.script = lambda connection: raw_tls_server.drip(connection, *HEADS["a header"])
    monkeypatch.setenv("https_proxy", raw_server.url.removesuffix("/a.ckpt"))
    with (
        pytest.raises(NoAnswerError, match=r"no answer from https:.*: it took too long"),
        at_once(),
    ):
        fetch(folder, "https://127.0.0.1:1/a.ckpt", HASTY)


def test_a_proxys_answer_to_connect_that_drips_took_too_long(
    raw_server: RawServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw_server.script = lambda connection: raw_server.drip(connection, *HEADS["a header"])
    monkeypatch.setenv("https_proxy", raw_server.url.removesuffix("/a.ckpt"))
    hasty = replace(HASTY, connect=0.5)
    with (
        pytest.raises(NoAnswerError, match=r"no answer from https:.*: it took too long"),
        at_once(),
    ):
        fetch(folder, "https://127.0.0.1:1/a.ckpt", hasty)


BETWEEN = {
    "a chunk's line": (CHUNKED + b"4\r\nsome\r\n5;", b"a"),
    "lines behind the last chunk": (CHUNKED + b"4\r\nsome\r\n0\r\n", b"a: b\r\n"),
}


@pytest.mark.parametrize(("first", "next_one"), BETWEEN.values(), ids=BETWEEN.keys())
def test_what_drips_between_chunks_took_too_long(
    raw_server: RawServer, folder: Path, first: bytes, next_one: bytes
) -> None:
    raw_server.script = lambda connection: raw_server.drip(connection, first, next_one)
    with pytest.raises(DownloadError, match=r"broke off .*\(it took too long\)"), at_once():
        fetch(folder, raw_server.url, HASTY)


@pytest.mark.parametrize("server", ["raw_server", "raw_tls_server"])
def test_what_is_here_is_handed_on_before_the_server_says_more(
    request: pytest.FixtureRequest, server: str
) -> None:
    raw: RawServer = request.getfixturevalue(server)

    def stall(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + bytes(300_000))
        raw.stopped.wait(10)

    raw.script = stall
    patience = Patience(silence=20)
    with Session(patience) as session, session.ask(raw.url) as response:
        pieces, size = read_pieces(response, patience), 0
        with at_once():
            while size < 300_000:
                size += len(next(pieces))
