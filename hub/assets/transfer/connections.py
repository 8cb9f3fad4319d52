"""Connections whose answer must begin in time: status line and headers, however slowly they drip.

A socket's timeout is about one read. A server that sends a byte of a header now and then, or one
``100 Continue`` after the other, never meets it; so here the whole head of an answer has a deadline.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import requests.adapters
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse


class PlainConnection(HTTPConnection):
    """A connection that waits for the head of an answer as long as for one byte, all in all."""

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        """Return the answer, its body unread.

        Raises:
            TimeoutError: Its head did not come in time.
        """
        with _limit_head(self):
            return super().getresponse()


class SecureConnection(HTTPSConnection):
    """The same over TLS."""

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        """Return the answer, its body unread.

        Raises:
            TimeoutError: Its head did not come in time.
        """
        with _limit_head(self):
            return super().getresponse()


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


@contextlib.contextmanager
def limit_time(seconds: float | None, shut: Callable[[], object]) -> Iterator[None]:
    """Shut a connection if the block takes too long, so that whatever waits for it ends.

    Args:
        seconds: How long the block may take; None for ever.
        shut: Shuts the connection; called by another thread.

    Raises:
        TimeoutError: It took too long, whatever the block made of it.
    """
    late = threading.Event()

    def end() -> None:
        late.set()
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            shut()

    timer = threading.Timer(threading.TIMEOUT_MAX if seconds is None else seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception:
        if not late.is_set():
            raise
    finally:
        timer.cancel()
    if late.is_set():  # also if what was cut off passed for a whole answer
        raise TimeoutError(_TOO_LATE)


def _limit_head(connection: HTTPConnection) -> contextlib.AbstractContextManager[None]:
    connected: Any = connection.sock

    def shut() -> None:
        inner = connected if isinstance(connected, socket.socket) else connected.socket
        socket.socket.shutdown(inner, socket.SHUT_RDWR)  # leaves TLS, which is in use, alone

    return limit_time(connection.timeout, shut)
