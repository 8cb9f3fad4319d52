"""One URL into one file, over a real connection."""

import contextlib
import gzip
import socket
import ssl
import tempfile
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import trustme

from hub.assets.partials import open_partial
from hub.assets.patience import Patience
from hub.assets.transfer.download import download, read_small
from hub.errors import DownloadError, NoAnswerError
from tests.conftest import AssetServer, answer, answer_status, digest_of, redirect

CONTENT = bytes(range(256)) * 10_000  # 2.56 MB
QUICK = Patience(
    connect=5, silence=0.5, window=0.5, floor=1000, attempts=2, backoff=0.01, longest_pause=1
)


def fetch(url: str) -> bytes:
    """Download into a new partial file, and return the content."""
    with tempfile.TemporaryDirectory() as folder, open_partial(Path(folder), "key") as partial:
        transfer = download(url, partial, patience=QUICK)
        content = partial.path.read_bytes()
        assert transfer.sha256 == digest_of(content)
        assert transfer.size == len(content)
        return content


def test_content_arrives_whole_with_its_digest(server: AssetServer) -> None:
    assert fetch(server.serve("/weights.ckpt", CONTENT)) == CONTENT


def test_an_empty_file_arrives(server: AssetServer) -> None:
    assert fetch(server.serve("/empty", b"")) == b""


def test_a_body_without_an_announced_length_arrives(server: AssetServer) -> None:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(CONTENT)

    assert fetch(server.behave("/unknown", behave)) == CONTENT


def test_nothing_compressed_is_asked_for_and_no_login_is_sent(server: AssetServer) -> None:
    fetch(server.serve("/weights.ckpt", CONTENT))
    ((_, headers),) = server.requests
    assert headers["Accept-Encoding"] == "identity"
    assert "Authorization" not in headers


def test_a_login_in_netrc_is_not_sent_to_the_hosts_of_cards(
    server: AssetServer, authority: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over https, since nothing of the environment counts for http on this machine."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    fetch(server.serve("/weights.ckpt", CONTENT))
    ((_, headers),) = server.requests
    assert "Authorization" not in headers


def test_redirects_are_followed(server: AssetServer) -> None:
    server.serve("/there", CONTENT)
    server.behave("/here", redirect("/there"))
    assert fetch(server.behave("/start", redirect(server.origin + "/here"))) == CONTENT


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, r"answered 401 Unauthorized: the server wants a login"),
        (403, r"answered 403 Forbidden: the server refuses"),
        (404, r"answered 404 Not Found: .*the card's link may be out of date"),
        (410, r"answered 410 Gone: the file was removed"),
        (500, r"answered 500 Internal Server Error: try again later"),
        (206, r"answered 206 Partial Content"),
        (599, r"answered 599 \(an unknown status\)"),
    ],
)
def test_a_wrong_answer_is_an_error_with_its_status(
    server: AssetServer, status: int, message: str
) -> None:
    url = server.behave("/weights.ckpt", answer_status(status))
    with pytest.raises(DownloadError, match=message) as caught:
        fetch(url)
    assert (caught.value.url, caught.value.status) == (url, status)


def test_a_body_that_breaks_off_is_an_error(server: AssetServer) -> None:
    url = server.behave("/weights.ckpt", answer(CONTENT[:1000], announced=len(CONTENT)))
    with pytest.raises(DownloadError, match=r"weights\.ckpt broke off before .*; try again"):
        fetch(url)


def test_a_connection_that_is_reset_is_an_error(server: AssetServer) -> None:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT[:100_000])
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        handler.connection.close()

    with pytest.raises(DownloadError, match="broke off before the whole file had come"):
        fetch(server.behave("/weights.ckpt", behave))


def test_a_refused_connection_is_an_error_that_says_so(server: AssetServer) -> None:
    server.stop()
    url = server.origin + "/weights.ckpt"
    with pytest.raises(
        NoAnswerError, match=f"^no answer from {url}: Connection refused; check"
    ) as caught:
        fetch(url)
    assert caught.value.status is None


def test_a_host_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(DownloadError, match=r"no answer from https://host\.invalid/x: "):
        fetch("https://host.invalid/x")


def test_an_encoded_body_is_refused(server: AssetServer) -> None:
    bomb = answer(gzip.compress(bytes(10_000_000)), Content_Encoding="gzip")
    with pytest.raises(DownloadError, match=r"sends an encoded body \(gzip\), unasked"):
        fetch(server.behave("/bomb", bomb))


@pytest.mark.parametrize("location", ["http://[::1/x", "https://localhost:99999/", "https://x y/"])
def test_a_redirect_to_what_is_no_url_is_no_missing_network(
    server: AssetServer, location: str
) -> None:
    with pytest.raises(DownloadError) as caught:
        fetch(server.behave("/start", redirect(location)))
    assert not isinstance(caught.value, NoAnswerError)


def test_a_redirect_to_a_name_that_is_not_ascii_is_followed(server: AssetServer) -> None:
    server.serve("/caf%C3%A9.ckpt", CONTENT)
    location = "/café.ckpt".encode().decode("latin-1")
    assert fetch(server.behave("/start", redirect(location))) == CONTENT


def test_what_is_no_http_is_no_missing_network_either(server: AssetServer) -> None:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")

    with pytest.raises(DownloadError, match="cannot be read: a garbled answer") as caught:
        fetch(server.behave("/start", behave))
    assert not isinstance(caught.value, NoAnswerError)


def test_redirects_in_a_circle_end(server: AssetServer) -> None:
    url = server.behave("/loop", redirect("/loop"))
    with pytest.raises(DownloadError, match="redirects more than 10 times"):
        fetch(url)
    assert len(server.requests) == 10


@pytest.mark.parametrize(
    "location",
    ["http://example.org/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://10.0.0.1/"],
)
def test_a_redirect_to_anything_unsafe_is_refused(server: AssetServer, location: str) -> None:
    url = server.behave("/start", redirect(location))
    with pytest.raises(DownloadError, match=r"redirected from .* is refused: only https is safe"):
        fetch(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x",
        "http://127.0.0.1.example.org/x",
        "http://localhost.example.org/x",
        "ftp://example.org/x",
        "file:///etc/passwd",
        "//example.org/x",
        "",
        "https://",
        "http://[::1/x",
        "https://x y/",
        "https://x\u00a0y/",
    ],
)
def test_an_unsafe_or_malformed_url_is_refused_before_any_request(url: str) -> None:
    with pytest.raises(DownloadError, match=r"is refused: only https is safe|is not a URL"):
        fetch(url)


def test_more_than_the_largest_size_is_not_read(server: AssetServer) -> None:
    url = server.serve("/large", CONTENT)
    with pytest.raises(DownloadError, match=r"holds more than 1,000 bytes"):
        read_small(url, largest=1000, patience=QUICK)


def test_a_redirects_own_body_is_not_read(server: AssetServer) -> None:
    sent = []

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", "/there")
        handler.send_header("Content-Length", str(10**12))
        handler.end_headers()
        for _ in range(300):
            handler.wfile.write(CONTENT)
            sent.append(len(CONTENT))

    server.serve("/there", CONTENT)
    assert fetch(server.behave("/here", behave)) == CONTENT
    assert sum(sent) < 100_000_000


@pytest.mark.parametrize("length", ["9" * 5000, "-1", "many", "1" * 18 + "x"])
def test_a_length_that_makes_no_sense_is_not_believed(server: AssetServer, length: str) -> None:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", length)
        handler.end_headers()
        handler.wfile.write(b"content")

    with contextlib.suppress(DownloadError):
        assert fetch(server.behave("/weights.ckpt", behave)) == b"content"


def test_a_proxy_never_sees_what_is_for_this_machine(
    server: AssetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert fetch(server.serve("/weights.ckpt", CONTENT)) == CONTENT


def test_a_login_in_a_url_is_refused_without_repeating_it() -> None:
    with pytest.raises(DownloadError, match="a login in a URL is refused") as caught:
        fetch("https://me:secret@example.org/weights.ckpt")
    assert "secret" not in f"{caught.value}{vars(caught.value)}"


@pytest.fixture
def authority(server: AssetServer, tmp_path: Path) -> Path:
    """Put the server behind TLS; the certificate of the authority that only the test knows."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.wrap(context)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    return tmp_path / "authority.pem"


@pytest.mark.usefixtures("authority")
def test_a_certificate_that_nobody_vouches_for_is_refused(server: AssetServer) -> None:
    with pytest.raises(NoAnswerError, match="certificate verify failed"):
        fetch(server.serve("/weights.ckpt", CONTENT))
    assert server.requests == []


def test_an_authority_that_the_user_names_is_trusted(
    server: AssetServer, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    assert fetch(server.serve("/weights.ckpt", CONTENT)) == CONTENT


def test_an_authority_file_that_is_missing_is_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/none.pem")
    with pytest.raises(NoAnswerError, match=r"/none\.pem"):
        fetch("https://example.org/weights.ckpt")


def test_https_never_goes_on_as_http_not_even_to_this_machine(
    server: AssetServer, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    url = server.behave("/here", redirect("http://127.0.0.1:9/there"))
    for start in (url, url.replace("https:", "HTTPS:")):
        with pytest.raises(DownloadError, match=r"redirected from .* only https is safe"):
            fetch(start)
