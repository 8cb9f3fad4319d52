"""Connections whose answer must begin in time: status line and headers, however slowly they drip.

A socket's timeout is about one read. A server that sends a byte of a header now and then, or one
``100 Continue`` after the other, never meets it; so here the whole head of an answer has a deadline,
be it a server's or, to ``CONNECT``, a proxy's.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, final

import requests.adapters
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse
from urllib3.util.ssltransport import SSLTransport


class PlainConnection(HTTPConnection):
    """A connection that waits for the head of an answer as long as for one byte, all in all.

    Attributes:
        connected: The socket of the answer that came last, also when http.client gave it up.
    """

    connected: socket.socket | SSLTransport | None = None

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        """Return the answer, its body unread.

        Raises:
            TimeoutError: Its head did not come in time.
        """
        self.connected = self.sock
        with _limit_head(self):
            return super().getresponse()

    def _tunnel(self) -> None:
        """Have a proxy make way to the host; its answer has a head, too."""
        with _limit_head(self):
            super()._tunnel()


class SecureConnection(PlainConnection, HTTPSConnection):
    """The same over TLS."""


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = SecureConnection


_TOO_LATE = "it did not come in time"
_POOLS = {"http": _PlainPool, "https": _SecurePool}


class Adapter(requests.adapters.HTTPAdapter):
    """What makes requests use these connections, also behind a proxy (but not one for SOCKS)."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pool of direct connections."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> ProxyManager:
        """Return the pool of connections to one proxy."""
        manager: ProxyManager = super().proxy_manager_for(proxy, **options)
        if type(manager) is ProxyManager:
            manager.pool_classes_by_scheme = _POOLS
        return manager


@final
class Watchdog:
    """Shuts a connection when a step takes too long, so that whatever waits for it ends.

    All steps share one thread; where none can be started, a socket's own timeout is all there is.

    Args:
        seconds: How long a step may take; None for ever.
        shut: Shuts the connection; called by another thread.
    """

    def __init__(self, seconds: float | None, shut: Callable[[], object]) -> None:
        self._seconds = seconds
        self._shut = shut
        self._change = threading.Condition()
        self._until: float | None = None  # when the step that is under way must be over
        self._late = False
        self._ended = False

    def __enter__(self) -> Watchdog:
        """Begin to watch."""
        if self._seconds is not None:
            watch = threading.Thread(
                target=self._watch, args=(self._seconds,), daemon=True, name="mshub-watchdog"
            )
            with contextlib.suppress(RuntimeError):  # the system has no thread left
                watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the thread."""
        with self._change:
            self._ended = True
            self._change.notify_all()

    @contextlib.contextmanager
    def step(self) -> Iterator[None]:
        """Limit the time of a block.

        Raises:
            TimeoutError: It took too long, whatever the block made of it.
        """
        if self._seconds is not None:
            with self._change:
                self._until = time.monotonic() + self._seconds
        try:
            yield
        except Exception:
            if not self._end_step():
                raise
        if self._end_step():  # also if what was cut off passed for a whole answer
            raise TimeoutError(_TOO_LATE)

    def _end_step(self) -> bool:
        """Tell whether the step was too late; from now on it cannot be."""
        with self._change:
            self._until = None
            return self._late

    def _watch(self, seconds: float) -> None:
        with self._change:
            while not self._ended:  # a step that begins while this waits ends after it
                left = seconds if self._until is None else self._until - time.monotonic()
                if left <= 0:
                    self._late = True
                    with contextlib.suppress(OSError, RuntimeError, ValueError):
                        self._shut()
                    return
                self._change.wait(min(left, threading.TIMEOUT_MAX))


def find_shutter(answer: HTTPResponse) -> Callable[[], object]:
    """Return what shuts the connection of an answer whose body is unread.

    Args:
        answer: What :class:`Adapter` brought.
    """
    connected = getattr(answer.connection, "connected", None)
    return answer.shutdown if connected is None else partial(_shut_below, connected)


@contextlib.contextmanager
def _limit_head(connection: HTTPConnection) -> Iterator[None]:
    shut = partial(_shut_below, connection.sock)
    with Watchdog(connection.timeout, shut) as watchdog, watchdog.step():
        yield


def _shut_below(connected: Any) -> None:
    """Shut a socket, but leave TLS alone: it is in use, and without it a read gives ciphertext."""
    inner = connected if isinstance(connected, socket.socket) else connected.socket
    socket.socket.shutdown(inner, socket.SHUT_RDWR)
