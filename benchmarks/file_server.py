"""A file server for the benchmarks, in a process of its own, that the clients wait for and not it.

``GET /DELAY/RATE/…/SIZE.ckpt`` gives SIZE bytes, DELAY milliseconds after each request, at RATE
megabytes a second for each connection (0: as fast as it goes). The bytes are one random block over
and over, so that no file is as large as what is sent. It knows ``HEAD``, keep-alive, one range and
``If-Range``, and says what a client of the Hugging Face Hub wants to hear.

Usage: ``python benchmarks/file_server.py`` prints its origin and serves until it is ended.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import BinaryIO

_BLOCK = (16 << 20) + 4099  # bytes; no multiple of a page, so that a misplaced one is seen
_SLICES = 100  # how often a second a limited connection sends
_PATH = re.compile(r"/(?P<delay>\d+)/(?P<rate>\d+)/(?:.*/)?(?P<size>\d+)\.ckpt")
_RANGE = re.compile(r"bytes=(?P<first>\d+)-(?P<last>\d*)")


@contextlib.contextmanager
def serve_files() -> Iterator[str]:
    """Run the server in a child process, and yield its origin."""
    child = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True)
    with child:
        assert child.stdout
        yield child.stdout.readline().strip()
        child.terminate()


@functools.cache
def hash_content(size: int) -> str:
    """Return the SHA-256 of a served file of that many bytes, as 64 hexadecimal digits."""
    block, sha256 = _make_block(), hashlib.sha256()
    for start in range(0, size, _BLOCK):
        sha256.update(memoryview(block)[: size - start])
    return sha256.hexdigest()


@functools.cache
def _make_block() -> bytes:
    return random.Random(4).randbytes(_BLOCK)


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that has what it wants and goes."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    block: BinaryIO

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        with contextlib.suppress(ConnectionError):  # a client may know enough
            self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        path = _PATH.fullmatch(self.path.partition("?")[0])
        if path is None:
            self.send_error(404)
            return
        time.sleep(int(path["delay"]) / 1000)
        size = int(path["size"])
        etag = f'"{hash_content(size)}"'
        asked = _RANGE.fullmatch(self.headers.get("Range", ""))
        if asked is None or self.headers.get("If-Range", etag) != etag:
            first, last = 0, size - 1
            self.send_response(200)
        else:
            first, last = int(asked["first"]), min(int(asked["last"] or size), size - 1)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        for name, value in {
            "Content-Length": last + 1 - first,
            "Content-Type": "application/octet-stream",
            "Accept-Ranges": "bytes",
            "ETag": etag,
            "X-Linked-ETag": etag,
            "X-Linked-Size": size,
            "X-Repo-Commit": 40 * "0",
        }.items():
            self.send_header(name, str(value))
        self.end_headers()
        if with_body:
            self._send(first, last + 1, 1_000_000 * int(path["rate"]))

    def _send(self, start: int, end: int, rate: int) -> None:
        """Send the bytes from start to end, at no more than that many a second."""
        began, place = time.monotonic(), start
        while place < end:
            within = place % _BLOCK
            count = min(end - place, _BLOCK - within, rate // _SLICES or _BLOCK)
            place += os.sendfile(self.connection.fileno(), self.block.fileno(), within, count)
            if rate:
                time.sleep(max(0, began + (place - start) / rate - time.monotonic()))

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    """Serve until the process is ended."""
    with (
        tempfile.TemporaryFile() as block,
        _Server(("127.0.0.1", 0), _Handler) as server,
    ):
        block.write(_make_block())
        block.flush()
        _Handler.block = block
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
