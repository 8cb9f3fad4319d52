"""Asking for a file without fetching it, over a real loopback server."""

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme

from hub.assets.transfer.probe import Probe, probe
from hub.errors import DownloadError, NoAnswerError

Respond = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Answers ``HEAD`` and ``GET`` each in its own way, and notes what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Respond] = {}
        self.asked: list[tuple[str, str, str | None]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                outer.asked.append((self.command, self.path, self.headers["Range"]))
                outer.answers[self.command](self)

            do_HEAD = do_GET = handle_any  # noqa: N815, the names that http.server calls

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/a.ckpt"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def head_server() -> Iterator[Server]:
    server = Server()
    yield server
    with contextlib.suppress(Exception):
        server.stop()


def respond(status: int, body: bytes = b"", **headers: str) -> Respond:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return answer


def test_head_tells_status_length_and_type(head_server) -> None:
    headers = {"Content_Length": "12", "Content_Type": "Text/HTML; charset=utf-8"}
    head_server.answers["HEAD"] = respond(200, **headers)
    assert probe(head_server.url) == Probe(200, 12, "text/html", head_server.url)
    assert head_server.asked == [("HEAD", "/a.ckpt", None)]


@pytest.mark.parametrize("status", [403, 405, 501])
def test_a_server_that_refuses_head_is_asked_for_one_byte(head_server, status: int) -> None:
    head_server.answers["HEAD"] = respond(status)
    part = {"Content_Range": "bytes 0-0/12", "Content_Length": "1"}
    head_server.answers["GET"] = respond(206, b"a", **part)
    assert probe(head_server.url) == Probe(200, 12, "", head_server.url)
    assert head_server.asked[1] == ("GET", "/a.ckpt", "bytes=0-0")


def test_a_server_that_sends_the_whole_file_instead_tells_its_length(head_server) -> None:
    head_server.answers["HEAD"] = respond(501)
    head_server.answers["GET"] = respond(200, b"a" * 12, Content_Length="12")
    assert probe(head_server.url).length == 12


def test_a_part_of_unknown_total_has_no_length(head_server) -> None:
    head_server.answers["HEAD"] = respond(405)
    part = {"Content_Range": "bytes 0-0/*", "Content_Length": "1"}
    head_server.answers["GET"] = respond(206, b"a", **part)
    assert probe(head_server.url) == Probe(200, None, "", head_server.url)


def test_an_empty_file_has_no_first_byte_but_is_there(head_server) -> None:
    head_server.answers["HEAD"] = respond(200, Content_Length="0")
    head_server.answers["GET"] = respond(416, Content_Range="bytes */0", Content_Length="0")
    assert probe(head_server.url) == Probe(200, 0, "", head_server.url)


def test_a_zero_that_only_head_says_is_not_believed(head_server) -> None:
    head_server.answers["HEAD"] = respond(200, Content_Length="0")
    part = {"Content_Range": "bytes 0-0/12", "Content_Length": "1"}
    head_server.answers["GET"] = respond(206, b"a", **part)
    assert probe(head_server.url).length == 12


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_is_gone_is_not_asked_for_twice(head_server, status: int) -> None:
    head_server.answers["HEAD"] = respond(status, Content_Length="0")
    assert probe(head_server.url).status == status
    assert len(head_server.asked) == 1


def test_the_length_of_an_encoded_answer_is_not_the_files(head_server) -> None:
    headers = {"Content_Length": "12", "Content_Encoding": "gzip"}
    head_server.answers["HEAD"] = respond(200, **headers)
    assert probe(head_server.url).length is None


def test_redirects_are_followed_and_the_last_url_is_told(head_server) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        moved = handler.path == "/a.ckpt"
        respond(302 if moved else 200, Location="/b.ckpt", Content_Length="5")(handler)

    head_server.answers["HEAD"] = answer
    assert probe(head_server.url).url == head_server.url.replace("a.ckpt", "b.ckpt")


@pytest.mark.parametrize(
    "url", ["http://example.org/a", "ftp://example.org/a", "https://user:word@example.org/a"]
)
def test_an_unsafe_url_is_refused(url: str) -> None:
    with pytest.raises(DownloadError, match="refused"):
        probe(url)


def test_a_redirect_to_an_unsafe_url_is_refused(head_server) -> None:
    head_server.answers["HEAD"] = respond(302, Location="http://example.org/a", Content_Length="0")
    with pytest.raises(DownloadError, match="only https is safe"):
        probe(head_server.url)


def test_a_server_that_is_not_there_gives_no_answer(head_server) -> None:
    head_server.stop()
    with pytest.raises(NoAnswerError, match="no answer"):
        probe(head_server.url)


def test_an_untrusted_certificate_gives_no_answer(server) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    server.wrap(context)
    with pytest.raises(NoAnswerError):
        probe(server.origin + "/a.ckpt")
