"""Probes: a file's status, size and type, without fetching it."""

from __future__ import annotations

from dataclasses import dataclass

import requests

from hub.assets.patience import PATIENCE, Patience
from hub.assets.transfer.faults import PassingFault
from hub.assets.transfer.headers import (
    read_content_range,
    read_encoding,
    read_length,
    read_media_type,
    read_unsatisfied_range,
)
from hub.assets.transfer.session import Session
from hub.redaction import redact_url

_FIRST_BYTE = {"Range": "bytes=0-0"}
_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Probe:
    """What a server says of a file without sending it.

    Attributes:
        status: The HTTP status; 200 if the file is there, however that was found out.
        length: The file's size in bytes, or None if the server does not tell.
        content_type: The media type in small letters, such as ``text/html``; may be empty.
        url: The URL that answered, behind all redirects, without its query.
    """

    status: int
    length: int | None
    content_type: str
    url: str


def probe(url: str, patience: Patience = PATIENCE) -> Probe:
    """Ask for a file's status, size and type, without fetching it.

    The same rules hold as for a download: https on every redirect, verified TLS, no login. A server
    that refuses ``HEAD``, or says of a file that it is empty, is asked for the first byte.

    Args:
        url: Where the file should be.
        patience: How long the server is waited for; it is not asked again.

    Returns:
        What the server says, whatever its status.

    Raises:
        NoAnswerError: The server cannot be reached.
        DownloadError: The URL is unsafe, or the answer is none that can be read.
    """
    with Session(patience) as session:
        try:
            with session.ask(url, "HEAD") as response:
                found = _describe(response)
            if found.status in _GONE or (found.status < 400 and found.length != 0):
                return found
            with session.ask(url, "GET", _FIRST_BYTE) as response:
                return _describe(response)
        except PassingFault as fault:
            raise fault.error from None


def _describe(response: requests.Response) -> Probe:
    status, headers = response.status_code, response.headers
    length = None if read_encoding(headers) else read_length(headers)
    part, empty = read_content_range(headers), read_unsatisfied_range(headers)
    if status == 206:
        status, length = 200, part.total if part and part.start == 0 else None
    elif status == 416 and empty is not None:  # an empty file has no first byte
        status, length = 200, empty
    return Probe(status, length, read_media_type(headers), redact_url(response.url))
