"""Streams: reading a body as it comes, in pieces worth handling, and noticing when it stalls."""

from __future__ import annotations

import time
from collections.abc import Iterator

import requests
from urllib3.exceptions import HTTPError as TransportError

from hub.assets.patience import Patience
from hub.assets.transfer.faults import PassingFault, break_off, explain_break

PIECE = 1 << 20  # bytes handed on at a time, at most
_GATHERING = 0.1  # seconds after which fewer bytes are handed on, too


def read_pieces(response: requests.Response, patience: Patience) -> Iterator[bytes]:
    """Yield a body in pieces of up to a mebibyte; none of them waits for more than 0.1 s.

    Args:
        response: An answer whose body is unread.
        patience: When a connection counts as stalled.

    Raises:
        PassingFault: It broke off, or brought next to nothing for too long.
    """
    watch = _Watch(response.url, patience)
    gathered: list[bytes] = []
    size, since = 0, 0.0
    while True:
        started = time.monotonic()
        try:
            some = response.raw.read1(PIECE - size, decode_content=False)
            now = time.monotonic()
            watch.note(len(some), now - started)
        except (TransportError, OSError, ValueError) as error:
            fault = explain_break(error, response.url)
        except PassingFault as stall:
            fault = stall
        else:
            if some:
                since = since if gathered else now
                gathered.append(some)
                size += len(some)
                if size < PIECE and now - since < _GATHERING:
                    continue
            if gathered:
                yield b"".join(gathered)
                gathered, size = [], 0
            if some:
                continue
            return
        if gathered:
            yield b"".join(gathered)
        raise fault from None


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
