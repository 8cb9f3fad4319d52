"""A file server that keeps to the rules of HTTP, until a test tells it not to."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STRONG = '"v1"'
_STEP = 1 << 16  # bytes sent at once


@dataclass
class Plan:
    """How one request is answered; by default as RFC 9110 has it.

    Attributes:
        status: Any but 200 and 206 has an empty body.
        content: Another file than the server's.
        etag: Another validator than the server's; empty sends none.
        headers: What is said besides, or instead.
        ranges: Whether parts are sent when they are asked for.
        shift: Bytes by which a part begins later than asked for, and is said to.
        cut: Bytes of the body after which the connection ends.
        reset: Whether it ends by a reset.
        pace: Bytes a second; None sends as fast as it goes.
        surplus: Bytes that are sent behind the body.
        chunked: Whether the body goes in chunks, so that no length is announced.
        quiet: Seconds of silence before the answer.
    """

    status: int | None = None
    content: bytes | None = None
    etag: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    shift: int = 0
    cut: int | None = None
    reset: bool = False
    pace: float | None = None
    surplus: int = 0
    chunked: bool = False
    quiet: float = 0


class FileServer:
    """Serves one file under every path, on the loopback interface.

    Attributes:
        plans: How the next requests are answered, one each.
        plan: How all others are.
        part_plan: How those are that ask for a part with an end; None if no other way.
        right_parts: How many of these are answered right before that.
        requests: The headers of each request, and how many bytes of body it got.
    """

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.etag = STRONG
        self.plan = Plan()
        self.part_plan: Plan | None = None
        self.right_parts = 0
        self.plans: deque[Plan] = deque()
        self.requests: list[dict[str, str]] = []
        self.sent: list[int] = []
        self.paths: list[str] = []
        self._lock = threading.Lock()
        self._stopping = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with contextlib.suppress(OSError):
                    outer._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 64

            def handle_error(self, *_: object) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.origin}/weights.ckpt"

    @property
    def ranges(self) -> list[str | None]:
        """The parts that were asked for, request by request."""
        return [headers.get("Range") for headers in self.requests]

    def stop(self) -> None:
        self._stopping = True
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            plan = self.plans.popleft() if self.plans else self.plan
            if self.part_plan and handler.headers.get("Range", "-")[-1] != "-":
                plan = Plan() if self.right_parts else self.part_plan
                self.right_parts = max(0, self.right_parts - 1)
            number = len(self.requests)
            self.requests.append(dict(handler.headers))
            self.paths.append(handler.path)
            self.sent.append(0)
        time.sleep(plan.quiet)
        content = self.content if plan.content is None else plan.content
        etag = self.etag if plan.etag is None else plan.etag
        status, start, end = plan.status or 200, 0, len(content)
        headers = {"Accept-Ranges": "bytes"} | ({"ETag": etag} if etag else {})
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", handler.headers.get("Range", ""))
        same = handler.headers.get("If-Range", etag) == etag
        if asked and plan.ranges and same and plan.status is None:
            start = int(asked[1]) + plan.shift
            end = min(int(asked[2]) + 1, len(content)) if asked[2] else len(content)
            status = 206 if start < end else 416
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
            if status == 416:
                headers["Content-Range"] = f"bytes */{len(content)}"
        body = content[start:end] if status in {200, 206} else b""
        if plan.chunked:
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers["Content-Length"] = str(len(body))
        handler.send_response(status)
        for name, value in (headers | plan.headers).items():
            handler.send_header(name, value)
        handler.end_headers()
        self._send(handler, body + bytes(plan.surplus), plan, number)

    def _send(self, handler: BaseHTTPRequestHandler, body: bytes, plan: Plan, number: int) -> None:
        step = _STEP if plan.pace is None else max(1, min(_STEP, int(plan.pace / 20)))
        end = len(body) if plan.cut is None else plan.cut
        started = time.monotonic()
        for at in range(0, end, step):
            piece = body[at : min(at + step, end)]
            if plan.chunked:
                piece = b"%x\r\n%s\r\n" % (len(piece), piece)
            handler.wfile.write(piece)
            self.sent[number] = min(at + step, end)
            if plan.pace is not None:
                due = started + (at + step) / plan.pace
                while (left := due - time.monotonic()) > 0 and not self._stopping:
                    time.sleep(min(left, 0.1))
        if plan.cut is not None:
            handler.close_connection = True
            if plan.reset:
                linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
                handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                handler.connection.close()
        elif plan.chunked:
            handler.wfile.write(b"0\r\n\r\n")
