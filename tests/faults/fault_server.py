"""A real HTTP/1.1 server on the loopback interface that does all that servers do wrong.

Without faults it is a good server: keep-alive, ``Range`` with ``If-Range``, strong ETags. A test
serves a content under a path together with faults, which may be combined, and reads afterwards
what was asked and how many bytes went out::

    server = FaultServer()
    url = server.serve("/lite0.ckpt", Content(5_000_000), Cut(1_000_000, times=1), Delay(0.05))
    ...
    server.sent("/lite0.ckpt"), server.requests("/lite0.ckpt")

As a program it serves one file to benchmarks. It prints its port, and then the file's SHA-256::

    python tests/faults/fault_server.py --size 200MB --delay 50ms --rate 20MB

The file is at every path that ends in ``.ckpt``; ``/stats`` answers with what was counted.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import hashlib
import json
import os
import random
import re
import socket
import ssl
import stat
import struct
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PERIOD = 1_048_573  # a prime: what lies at a wrong place in a file is never right by chance
_PIECE = 1 << 17  # bytes written at a time
_TICK = 0.02  # seconds between two writes where the rate is limited
_RANGE = re.compile(r"bytes=(\d+)-(\d*)", re.ASCII)


@cache
def _noise(seed: int) -> bytes:
    return random.Random(seed).randbytes(_PERIOD)


@dataclass(frozen=True)
class Content:
    """A file of any size that is never held in memory; another ``seed`` is another file."""

    size: int
    seed: int = 0

    def read(self, start: int, stop: int) -> bytes:
        noise, parts = _noise(self.seed), []
        while start < stop:
            offset = start % _PERIOD
            part = noise[offset : offset + stop - start]
            parts.append(part)
            start += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def pieces(self, start: int, stop: int, size: int = _PIECE) -> Iterator[bytes]:
        for offset in range(start, stop, size):
            yield self.read(offset, min(offset + size, stop))

    @cached_property
    def sha256(self) -> str:
        digest = hashlib.sha256()
        for piece in self.pieces(0, self.size, 1 << 20):
            digest.update(piece)
        return digest.hexdigest()

    @property
    def etag(self) -> str:
        return f'"{self.seed}-{self.size}"'


@dataclass(frozen=True)
class Bytes:
    """A small file that a test spells out."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, start: int, stop: int) -> bytes:
        return self.data[start:stop]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def etag(self) -> str:
        return f'"{self.sha256[:16]}"'


AnyContent = Content | Bytes


@dataclass
class Request:
    """What a client asked of one path, and what it got."""

    method: str
    path: str
    headers: dict[str, str]
    number: int  # of the requests of this path with this method, from 0
    status: int = 0
    sent: int = 0  # bytes of the body
    ended: float | None = None

    @property
    def range(self) -> str | None:
        return self.headers.get("range")


@dataclass
class Answer:
    """What is going to be sent; faults change it before that."""

    content: AnyContent
    etag: str | None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    ranges: bool = True  # whether Range is honoured
    start: int = 0
    stop: int = 0
    announced: int | None = None  # Content-Length; None: as long as the body is
    framing: str = "length"  # or "chunked", or "close"
    body: bytes | None = None  # instead of the content
    delay: float = 0
    rate: float | None = None  # bytes a second
    cut: int | None = None  # bytes of the body after which `end` happens
    end: str = ""  # "close", "reset", "stall" or "drip"
    drip: float = 1

    def resolve(self, request: Request) -> None:
        """Choose between the whole file, a part of it, and 416."""
        self.stop = size = self.content.size
        if self.etag:
            self.headers["ETag"] = self.etag
        if not self.ranges:
            return
        self.headers["Accept-Ranges"] = "bytes"
        wanted = _RANGE.fullmatch(request.range or "")
        condition = request.headers.get("if-range")
        if not wanted or (condition and (condition != self.etag or condition.startswith("W/"))):
            return
        first, last = int(wanted[1]), int(wanted[2] or size - 1)
        if first >= size or last < first:
            self.refuse(416, {"Content-Range": f"bytes */{size}"})
        else:
            self.status, self.start, self.stop = 206, first, min(last + 1, size)
            self.headers["Content-Range"] = f"bytes {self.start}-{self.stop - 1}/{size}"

    def refuse(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.status, self.headers, self.body = status, headers or {}, body


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong with some of the requests of a path.

    Attributes:
        skip: How many of the first requests go well.
        times: How many of the next ones do not; None: all.
    """

    skip: int = 0
    times: int | None = None

    def strikes(self, number: int) -> bool:
        return self.skip <= number and (self.times is None or number < self.skip + self.times)

    def prepare(self, answer: Answer, request: Request) -> None:
        """Change what is served, before the range is looked at."""

    def spoil(self, answer: Answer, request: Request) -> None:
        """Change how it is sent."""


@dataclass(frozen=True)
class Cut(Fault):
    """After some bytes of the body the connection is closed ("close"), reset or goes silent."""

    after: int
    end: str = "close"

    def spoil(self, answer: Answer, request: Request) -> None:
        answer.cut, answer.end = self.after, self.end


@dataclass(frozen=True)
class Drip(Fault):
    """After some bytes of the body there are only a few each second."""

    after: int = 0
    rate: float = 50

    def spoil(self, answer: Answer, request: Request) -> None:
        answer.cut, answer.end, answer.drip = self.after, "drip", self.rate


@dataclass(frozen=True)
class Rate(Fault):
    """No connection gets more than this many bytes a second."""

    limit: float

    def spoil(self, answer: Answer, request: Request) -> None:
        answer.rate = self.limit


@dataclass(frozen=True)
class Delay(Fault):
    """Each answer comes some seconds later."""

    seconds: float

    def spoil(self, answer: Answer, request: Request) -> None:
        answer.delay = self.seconds


@dataclass(frozen=True)
class Misstate(Fault):
    """The announced length is the body's and so many bytes more, or fewer."""

    by: int

    def spoil(self, answer: Answer, request: Request) -> None:
        answer.announced = max(0, answer.stop - answer.start + self.by)


@dataclass(frozen=True)
class Excess(Fault):
    """More bytes than the file or the part has, in chunks, so that no Content-Length tells."""

    by: int

    def spoil(self, answer: Answer, request: Request) -> None:
        if answer.body is None:
            part = answer.content.read(answer.start, answer.stop)
            answer.body, answer.framing = part + bytes(self.by), "chunked"


@dataclass(frozen=True)
class Unannounced(Fault):
    """No length: the body is sent in chunks, or ends when the connection does."""

    framing: str = "chunked"

    def spoil(self, answer: Answer, request: Request) -> None:
        answer.framing = self.framing


@dataclass(frozen=True)
class Swap(Fault):
    """Another file is there now; with ``etag`` under a tag of your choice."""

    content: AnyContent
    etag: str | None = None

    def prepare(self, answer: Answer, request: Request) -> None:
        answer.content, answer.etag = self.content, self.etag or self.content.etag


@dataclass(frozen=True)
class Etag(Fault):
    """Another tag, such as a weak one; None: no tag at all."""

    etag: str | None

    def prepare(self, answer: Answer, request: Request) -> None:
        answer.etag = self.etag


@dataclass(frozen=True)
class NoRanges(Fault):
    """The whole file with status 200, whatever is asked for."""

    def prepare(self, answer: Answer, request: Request) -> None:
        answer.ranges = False


@dataclass(frozen=True)
class Misplace(Fault):
    """A part that is not the one asked for: the header says so, or does not even say that.

    ``shift`` moves the bytes, ``header`` is the Content-Range ("" for none) with ``{start}``,
    ``last`` and ``size`` filled in, of the bytes that are sent.
    """

    shift: int = 0
    header: str | None = None

    def spoil(self, answer: Answer, request: Request) -> None:
        if answer.status != 206:
            return
        claim = {"start": answer.start, "last": answer.stop - 1, "size": answer.content.size}
        answer.start = min(max(0, answer.start + self.shift), answer.stop - 1)
        if self.header is None:
            claim["start"] = answer.start
        text = (self.header if self.header is not None else "bytes {start}-{last}/{size}").format(
            **claim
        )
        answer.headers.pop("Content-Range", None)
        if text:
            answer.headers["Content-Range"] = text


@dataclass(frozen=True)
class Multipart(Fault):
    """A range that was asked for comes as multipart/byteranges."""

    def spoil(self, answer: Answer, request: Request) -> None:
        if answer.status != 206:
            return
        head = f"\r\n--X\r\nContent-Range: {answer.headers.pop('Content-Range')}\r\n\r\n"
        part = answer.content.read(answer.start, answer.stop)
        answer.body = head.encode() + part + b"\r\n--X--\r\n"
        answer.headers["Content-Type"] = "multipart/byteranges; boundary=X"


@dataclass(frozen=True)
class Refuse(Fault):
    """A status instead of the file, such as 503, perhaps with a Retry-After."""

    status: int
    retry_after: str | None = None
    only_ranges: bool = False

    def spoil(self, answer: Answer, request: Request) -> None:
        if self.only_ranges and request.range is None:
            return
        headers = {"Retry-After": self.retry_after} if self.retry_after is not None else {}
        answer.refuse(self.status, headers, b"<html>no</html>")


@dataclass(frozen=True)
class Redirect(Fault):
    """The file is elsewhere."""

    location: str
    status: int = 302

    def spoil(self, answer: Answer, request: Request) -> None:
        answer.refuse(self.status, {"Location": self.location}, b"<html>elsewhere</html>")


@dataclass(frozen=True)
class Gzip(Fault):
    """The body is compressed, though nobody asked for that."""

    def spoil(self, answer: Answer, request: Request) -> None:
        if answer.status == 200:
            answer.body = gzip.compress(answer.content.read(0, answer.content.size), 1)
            answer.headers["Content-Encoding"] = "gzip"


@dataclass(frozen=True)
class Resource:
    """A content and the faults with which it is served."""

    content: AnyContent
    faults: tuple[Fault, ...] = ()


class FaultServer:
    """The server, running from the moment it is made until :meth:`stop`.

    Args:
        context: Speak TLS with this; None: plain HTTP.
        everywhere: Serve this under every path that ends in ``.ckpt``.
    """

    def __init__(
        self, context: ssl.SSLContext | None = None, everywhere: Resource | None = None
    ) -> None:
        self._resources: dict[str, Resource] = {}
        self._everywhere = everywhere
        self._requests: list[Request] = []
        self._numbers: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        self.active = 0  # bodies on their way
        self.peak = 0  # the most of them at once
        self.stopping = threading.Event()
        self._server = _Threads(("127.0.0.1", 0), type("Handler", (_Handler,), {"outer": self}))
        self.port = self._server.server_port
        self.origin = f"http://127.0.0.1:{self.port}"
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.origin = f"https://127.0.0.1:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    def serve(self, path: str, content: AnyContent, *faults: Fault) -> str:
        """Serve a content with these faults from now on, counting its requests anew."""
        with self._lock:
            self._resources[path] = Resource(content, faults)
            for key in [key for key in self._numbers if key[1] == path]:
                del self._numbers[key]
        return self.origin + path

    def mend(self, path: str) -> None:
        """Serve what is under a path without faults."""
        with self._lock:
            self._resources[path] = replace(self._resources[path], faults=())

    def requests(self, path: str | None = None, method: str | None = "GET") -> list[Request]:
        """Return what was asked so far, in order."""
        with self._lock:
            return [
                request
                for request in self._requests
                if path in {None, request.path} and method in {None, request.method}
            ]

    def sent(self, path: str | None = None) -> int:
        """Return how many bytes of bodies were sent."""
        return sum(request.sent for request in self.requests(path))

    def forget(self) -> None:
        """Count from zero."""
        with self._lock:
            self._requests.clear()
            self.peak = self.active

    def wait_sent(self, size: int, path: str | None = None, seconds: float = 30) -> None:
        """Wait until so many bytes of bodies are sent."""
        deadline = time.monotonic() + seconds
        while self.sent(path) < size:
            assert time.monotonic() < deadline, f"only {self.sent(path):,} of {size:,} bytes"
            time.sleep(0.005)

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def note(self, handler: BaseHTTPRequestHandler) -> Request:
        path = handler.path.partition("?")[0]
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            number = self._numbers.get((handler.command, path), 0)
            self._numbers[handler.command, path] = number + 1
            request = Request(handler.command, path, headers, number)
            self._requests.append(request)
        return request

    def answer(self, request: Request) -> Answer:
        with self._lock:
            resource = self._resources.get(request.path)
        if resource is None and self._everywhere and request.path.endswith(".ckpt"):
            resource = self._everywhere
        if resource is None:
            answer = Answer(Bytes(b""), None)
            answer.refuse(404, body=b"<html>nothing here</html>")
            return answer
        answer = Answer(resource.content, resource.content.etag)
        faults = [fault for fault in resource.faults if fault.strikes(request.number)]
        for fault in faults:
            fault.prepare(answer, request)
        answer.resolve(request)
        for fault in faults:
            fault.spoil(answer, request)
        return answer

    @contextlib.contextmanager
    def sending(self, request: Request) -> Iterator[None]:
        with self._lock:
            self.active += 1
            self.peak = max(self.peak, self.active)
        try:
            yield
        finally:
            with self._lock:
                self.active -= 1
                request.ended = time.monotonic()

    def describe(self) -> dict[str, object]:
        requests = self.requests(method=None)
        return {
            "requests": len(requests),
            "sent": sum(request.sent for request in requests),
            "peak": self.peak,
        }


class _Threads(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    outer: FaultServer
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._respond()

    def do_HEAD(self) -> None:
        self._respond()

    def log_message(self, *_: object) -> None:
        pass

    def _respond(self) -> None:
        if self.path == "/stats":
            self._send_stats()
            return
        request = self.outer.note(self)
        answer = self.outer.answer(request)
        request.status = answer.status
        with self.outer.sending(request):
            try:
                self._send(answer, request)
            except OSError:
                self.close_connection = True

    def _send(self, answer: Answer, request: Request) -> None:
        if answer.delay:
            time.sleep(answer.delay)
        size = answer.stop - answer.start if answer.body is None else len(answer.body)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.framing == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        elif answer.framing == "length":
            announced = size if answer.announced is None else answer.announced
            self.send_header("Content-Length", str(announced))
            self.close_connection |= announced != size
        if answer.framing == "close":
            self.send_header("Connection", "close")
        self.end_headers()
        if request.method != "HEAD":
            self._send_body(answer, request, size)

    def _send_body(self, answer: Answer, request: Request, size: int) -> None:
        whole = size if answer.cut is None else min(answer.cut, size)
        self._send_part(answer, request, 0, whole, answer.rate)
        if answer.cut is not None and answer.cut < size:
            self._end(answer, request, whole, size)
        elif answer.framing == "chunked":
            self.wfile.write(b"0\r\n\r\n")

    def _send_part(
        self, answer: Answer, request: Request, start: int, stop: int, rate: float | None
    ) -> None:
        piece = _PIECE if rate is None else max(1, min(_PIECE, int(rate * _TICK)))
        due = time.monotonic()
        for offset in range(start, stop, piece):
            end = min(offset + piece, stop)
            if answer.body is None:
                data = answer.content.read(answer.start + offset, answer.start + end)
            else:
                data = answer.body[offset:end]
            if rate is not None:
                due += len(data) / rate
                self._sleep_until(due)
            if answer.framing == "chunked":
                data = b"%x\r\n%b\r\n" % (len(data), data)
            request.sent += end - offset  # before the client can act on it
            try:
                self.wfile.write(data)
            except OSError:
                request.sent -= end - offset
                raise

    def _sleep_until(self, due: float) -> None:
        while (pause := due - time.monotonic()) > 0:
            if self.outer.stopping.wait(min(pause, 0.5)):
                raise ConnectionAbortedError
            if pause > 0.2 and self._is_gone():
                raise ConnectionAbortedError

    def _end(self, answer: Answer, request: Request, start: int, stop: int) -> None:
        self.close_connection = True
        if answer.end == "drip":
            self._send_part(answer, request, start, stop, answer.drip)
        elif answer.end == "stall":
            while not self.outer.stopping.wait(0.1) and not self._is_gone():
                pass
        elif answer.end == "reset":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()

    def _is_gone(self) -> bool:
        """Whether the client has hung up."""
        if isinstance(self.connection, ssl.SSLSocket):
            return False
        try:
            return not self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def _send_stats(self) -> None:
        body = json.dumps(self.outer.describe()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


_UNITS = {"": 1, "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def parse_size(text: str) -> int:
    """Read a size such as ``50MB`` or ``4MiB`` in bytes."""
    match = re.fullmatch(r"([\d.]+)\s*(\w*)", text)
    if not match or match[2] not in _UNITS:
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 50MB")
    return int(float(match[1]) * _UNITS[match[2]])


def parse_seconds(text: str) -> float:
    """Read a time such as ``50ms`` or ``0.5s`` in seconds."""
    if text.endswith("ms"):
        return float(text[:-2]) / 1000
    return float(text.removesuffix("s"))


def main() -> None:
    """Serve one file until the pipe at standard input is closed, or the process is stopped."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--size", type=parse_size, default=50_000_000, help="of the file: 50MB")
    parser.add_argument("--rate", type=parse_size, help="bytes a second and connection: 20MB")
    parser.add_argument("--delay", type=parse_seconds, help="of each answer: 50ms")
    parser.add_argument("--seed", type=int, default=0, help="another one is another file")
    parser.add_argument("--no-ranges", action="store_true", help="serve whole files only")
    choice = parser.parse_args()
    faults: list[Fault] = []
    if choice.rate:
        faults.append(Rate(choice.rate))
    if choice.delay:
        faults.append(Delay(choice.delay))
    if choice.no_ranges:
        faults.append(NoRanges())
    content = Content(choice.size, choice.seed)
    server = FaultServer(everywhere=Resource(content, tuple(faults)))
    print(server.port, flush=True)  # noqa: T201, the protocol with whoever started us
    print(content.sha256, flush=True)  # noqa: T201
    with contextlib.suppress(KeyboardInterrupt):
        if stat.S_ISFIFO(os.fstat(0).st_mode):
            sys.stdin.read()  # whoever started us holds the other end, and may be killed
        else:
            threading.Event().wait()
    server.stop()


if __name__ == "__main__":
    main()
