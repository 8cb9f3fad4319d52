"""Streams: reading a body as it comes, in pieces worth handling, and noticing when it stalls."""

from __future__ import annotations

import time
from collections.abc import Iterator

import requests
from urllib3.exceptions import HTTPError as TransportError
from urllib3.util import wait_for_read

from hub.assets.patience import Patience
from hub.assets.transfer.connections import Watchdog, find_shutter
from hub.assets.transfer.faults import PassingFault, break_off, explain_break

PIECE = 1 << 20  # bytes handed on at a time, at most
_GATHERING = 0.1  # seconds after which fewer bytes are handed on, too


def read_pieces(response: requests.Response, patience: Patience) -> Iterator[bytes]:
    """Yield a body in pieces of up to a mebibyte; no byte that is here waits for more than 0.1 s.

    Args:
        response: An answer whose body is unread.
        patience: When a connection counts as stalled.

    Raises:
        PassingFault: It broke off, or brought next to nothing for too long.
    """
    drips = getattr(response.raw, "chunked", False)  # lines between two chunks may do so for ever
    limit = patience.silence if drips else None
    with Watchdog(limit, find_shutter(response.raw)) as watchdog:
        yield from _gather_pieces(response, _Watch(response.url, patience), watchdog)


def _gather_pieces(
    response: requests.Response, watch: _Watch, watchdog: Watchdog
) -> Iterator[bytes]:
    ended = False
    while not ended:
        gathered: list[bytes] = []
        size, until, started = 0, 0.0, time.monotonic()
        fault = None
        try:
            while size < PIECE and (not gathered or _comes_more(response, until)):
                some = _read_some(response, PIECE - size, watchdog)
                now = time.monotonic()
                if not some:
                    ended = True
                    break
                until = until if gathered else now + _GATHERING
                gathered.append(some)
                size += len(some)
                watch.note(len(some), now - started)
                started = now
            if not ended:
                watch.note(0, time.monotonic() - started)
        except (TransportError, OSError, ValueError) as error:
            fault = explain_break(error, response.url)
        except PassingFault as stall:
            fault = stall
        if gathered:
            yield b"".join(gathered)
        if fault is not None:
            raise fault from None


def _read_some(response: requests.Response, size: int, watchdog: Watchdog) -> bytes:
    """Read what is here, or else wait for it."""
    with watchdog.step():
        some: bytes = response.raw.read1(size, decode_content=False)
        return some


def _comes_more(response: requests.Response, until: float) -> bool:
    """Wait for the next bytes, but no longer than until a time; tell whether they can be read."""
    if response.raw.closed:  # all of it has come
        return True
    left = until - time.monotonic()
    return left > 0 and wait_for_read(response.raw, left)  # type: ignore[arg-type]


class _Watch:
    """Breaks off a connection that brings less than a floor over a whole window of waiting."""

    def __init__(self, url: str, patience: Patience) -> None:
        self._url = url
        self._window = patience.window
        self._least = patience.floor * patience.window
        self._waited = 0.0
        self._size = 0

    def note(self, size: int, waited: float) -> None:
        self._size += size
        self._waited += waited
        if self._waited < self._window:
            return
        if self._size < self._least:
            words = f"it brought only {self._size:,} bytes in {self._waited:.3g} s"
            raise break_off(self._url, words)
        self._waited, self._size = 0.0, 0
