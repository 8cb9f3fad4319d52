"""Streams one URL into one open file, hashing on the way, or only asks whether it is there.

The only place that uses the network.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from hub.assets.progress import show_progress
from hub.errors import DownloadError, NoAnswerError

_CHUNK = 1 << 20  # bytes read, hashed and written at a time
_TIMEOUT = (10, 30)  # seconds to connect, seconds between two bytes
_MOST_REDIRECTS = 10
_LONGEST_NUMBER = 19  # digits of a Content-Length that is believed
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "mshub"}
_RETRY = Retry(
    total=2,
    backoff_factor=0.5,
    status_forcelist=(429, 502, 503, 504),
    allowed_methods=("GET", "HEAD"),
    raise_on_status=False,
    respect_retry_after_header=False,  # a server may not make us wait for hours
)
_FIRST_BYTE = {"Range": "bytes=0-0"}
_RANGE = re.compile(r"bytes (?:0-0|\*)/(\d{1,18})", re.ASCII)
_GONE = frozenset({404, 410})
_ADVICE = {
    401: "the server wants a login, which mshub does not do for assets",
    403: "the server refuses; is the file public?",
    404: "the file is not there; the card's link may be out of date",
    410: "the file was removed; the card's link is out of date",
}


@dataclass(frozen=True, slots=True)
class Transfer:
    """What arrived: the whole file's SHA-256, its size in bytes, and the URL that served it."""

    sha256: str
    size: int
    url: str


@dataclass(frozen=True, slots=True)
class Probe:
    """What a server says of a file without sending it.

    Attributes:
        status: The HTTP status; 200 if the file is there, however that was found out.
        length: The file's size in bytes, or None if the server does not tell.
        content_type: The media type in small letters, such as ``text/html``; may be empty.
        url: The URL that answered, behind all redirects.
    """

    status: int
    length: int | None
    content_type: str
    url: str


def download(
    url: str, target: BinaryIO, *, name: str, progress: bool = True, largest: int | None = None
) -> Transfer:
    """Stream a URL into an open file and hash it on the way.

    https only, on every redirect; plain http for loopback addresses alone. TLS is verified, always.

    Args:
        url: Where the file is.
        target: Where its bytes go, opened for writing in binary.
        name: What a progress bar is labelled with.
        progress: Whether a terminal gets a progress bar.
        largest: The most bytes that are accepted, or None for no limit.

    Returns:
        The digest and the size of what was written.

    Raises:
        NoAnswerError: The server cannot be reached.
        DownloadError: A wrong answer, an unsafe URL, or less than the whole file.
        OSError: ``target`` cannot be written.
    """
    sha256, size = hashlib.sha256(), 0
    with _open(url) as response:
        _check_answer(response)
        announced = _announced_size(response)
        with show_progress(name, announced, wanted=progress) as advance:
            for chunk in _read_chunks(response, url):
                size += len(chunk)
                if largest is not None and size > largest:
                    raise DownloadError(f"{url} holds more than {largest:,} bytes", url=url)
                sha256.update(chunk)
                target.write(chunk)
                advance(len(chunk))
        return Transfer(sha256.hexdigest(), size, response.url)


def probe(url: str) -> Probe:
    """Ask for a file's status, size and type, without fetching it.

    The same rules hold as for a download: https on every redirect, verified TLS, no login. A server
    that refuses ``HEAD``, or says of a file that it is empty, is asked for the first byte.

    Args:
        url: Where the file should be.

    Returns:
        What the server says, whatever its status.

    Raises:
        NoAnswerError: The server cannot be reached.
        DownloadError: The URL is unsafe, or the answer is none that can be read.
    """
    with _open(url, "HEAD") as response:
        found = _describe(response)
    if found.status in _GONE or (found.status < 400 and found.length != 0):
        return found
    with _open(url, "GET", _FIRST_BYTE) as response:
        return _describe(response)


def _describe(response: requests.Response) -> Probe:
    status, headers = response.status_code, response.headers
    encoded = headers.get("Content-Encoding", "identity").lower() != "identity"
    length = None if encoded else _announced_size(response)
    part = _RANGE.fullmatch(headers.get("Content-Range", ""))
    if status == 206 or (status == 416 and part):  # an empty file has no first byte: 416
        status, length = 200, int(part[1]) if part else None
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Probe(status, length, kind, response.url)


class _Session(requests.Session):
    """A session that sends no login and reads no redirect's body."""

    def __init__(self) -> None:
        super().__init__()
        self.headers.update(_HEADERS)
        self.auth = _send_no_login
        self.mount("https://", HTTPAdapter(max_retries=_RETRY))  # loopback needs no patience

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002
        """Leave redirects to :func:`_open`; requests would read their bodies, however large."""
        return


@contextmanager
def _open(
    url: str, method: str = "GET", headers: Mapping[str, str] | None = None
) -> Iterator[requests.Response]:
    """Follow redirects by hand, so that every hop is checked before it is taken."""
    with _Session() as session:
        hop, origin = url, ""
        for _ in range(_MOST_REDIRECTS):
            scheme = _check_url(hop, origin)
            session.trust_env = scheme == "https"  # no proxy for what is on this machine
            try:
                response = session.request(
                    method,
                    hop,
                    headers=headers,
                    stream=True,
                    allow_redirects=False,
                    timeout=_TIMEOUT,
                )
            except (OSError, ValueError) as error:  # requests' own errors are OSErrors
                raise _explain(error, hop) from error
            with response:
                if not response.is_redirect:
                    yield response
                    return
                hop, origin = _follow(hop, response.headers["location"]), hop
        raise DownloadError(f"{url} redirects more than {_MOST_REDIRECTS} times", url=url)


def _send_no_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stand in for requests' habit of sending a login from ``.netrc`` to whatever host asks."""
    return request


def _follow(hop: str, location: str) -> str:
    """Join a redirect's target to the URL that named it; headers are UTF-8 read as Latin-1."""
    try:
        return urljoin(hop, location.encode("latin-1").decode())
    except ValueError as error:
        raise DownloadError(f"{hop} redirects to {location!r}, which is no URL", url=hop) from error


def _explain(error: Exception, hop: str) -> DownloadError:
    """Tell a server that is out of reach from one that answers, or is named, in no sensible way."""
    garbled = any(
        isinstance(cause, HTTPException) and not isinstance(cause, OSError)
        for cause in _causes(error)
    )
    if garbled or isinstance(error, ValueError):  # which requests' InvalidURL and its like are too
        return DownloadError(f"{hop} cannot be read: {_reason(error)}", url=hop)
    return NoAnswerError(
        f"no answer from {hop}: {_reason(error)}; check the network and the proxy, or name a"
        " mirror in MSHUB_MIRRORS",
        url=hop,
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    reason: BaseException | None = error
    while reason is not None:
        yield reason
        reason = reason.__cause__ or reason.__context__


def _check_url(hop: str, origin: str) -> str:
    """Return the scheme of a URL that may be asked, which a redirect from ``origin`` named."""
    try:
        parts = urlsplit(hop)
        host = parts.hostname or ""
    except ValueError as error:
        raise DownloadError(f"{hop!r} is not a URL: {error}", url=hop) from error
    if "@" in parts.netloc:
        raise DownloadError(f"a login in a URL is refused (the host is {host})", url=host)
    downgraded = origin and urlsplit(origin).scheme == "https"
    safe = parts.scheme == "http" and _is_loopback(host) and not downgraded
    if not (safe or (parts.scheme == "https" and host)):
        redirected = f" (redirected from {origin})" if origin else ""
        message = f"{hop}{redirected} is refused: only https is safe (http only on this machine)"
        raise DownloadError(message, url=hop)
    return parts.scheme


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _check_answer(response: requests.Response) -> None:
    url, status = response.url, response.status_code
    if status != 200:
        advice = _ADVICE.get(status, "try again later")
        message = f"{url} answered {status} {_phrase(status)}: {advice}"
        raise DownloadError(message, url=url, status=status)
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        message = f"{url} sends an encoded body ({response.headers['Content-Encoding']}), unasked"
        raise DownloadError(message, url=url, status=status)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "(an unknown status)"


def _announced_size(response: requests.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() and len(text) < _LONGEST_NUMBER else None


def _read_chunks(response: requests.Response, url: str) -> Iterator[bytes]:
    """Yield the body; urllib3 compares its length with the announced one."""
    try:
        yield from response.iter_content(_CHUNK)
    except requests.RequestException as error:
        message = f"{url} broke off before the whole file had come; try again"
        raise DownloadError(message, url=url) from error


def _reason(error: BaseException) -> str:
    """Dig the cause that a person understands out of requests' and urllib3's wrappers."""
    if isinstance(error, requests.Timeout):
        return "it took too long"
    named = [words for cause in _causes(error) if (words := getattr(cause, "strerror", None))]
    plain = str(error) if not isinstance(error, requests.ConnectionError) else "a garbled answer"
    return named[-1] if named else plain
