"""Faults: what an answer, or the lack of one, means, and whether asking again may help."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPException

import requests
from urllib3.exceptions import HTTPError as TransportError
from urllib3.exceptions import TimeoutError as TransportTimeout

from hub.assets.transfer.addresses import USE_MIRROR
from hub.assets.transfer.headers import read_encoding, read_retry_after
from hub.errors import DownloadError, NoAnswerError
from hub.redaction import redact_text, redact_url

_SOON_OVER = frozenset({408, 425, 429, 500, 502, 503, 504})
_TOO_MANY = frozenset({429, 503})
_ADVICE = {
    401: "the server wants a login; mshub sends MSHUB_TOKEN to the hosts of MSHUB_REGISTRY alone",
    403: "the server refuses; is the file public?",
    404: "the file is not there; the card's link may be out of date",
    410: "the file was removed; the card's link is out of date",
}


class PassingFault(Exception):
    """Something that may be over when the server is asked again.

    Attributes:
        error: What to raise if it is not.
        pause: Seconds that the server asks to be left alone, or None if it does not say.
        crowded: Whether the server complains of too many requests.
    """

    def __init__(
        self, error: DownloadError, pause: float | None = None, *, crowded: bool = False
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.pause = pause
        self.crowded = crowded


def refuse_status(response: requests.Response) -> Exception:
    """Return what to raise for an answer that holds neither the file nor the part asked for."""
    url, status = redact_url(response.url), response.status_code
    passing = ": try again later" if status in _SOON_OVER else f", not with the file; {USE_MIRROR}"
    advice = f": {_ADVICE[status]}" if status in _ADVICE else passing
    message = f"{url} answered {status} {_phrase(status)}{advice}"
    error = DownloadError(message, url=url, status=status)
    if status not in _SOON_OVER:
        return error
    return PassingFault(error, read_retry_after(response.headers), crowded=status in _TOO_MANY)


def check_encoding(response: requests.Response) -> None:
    """Make sure that a body is the file itself.

    Raises:
        DownloadError: It is compressed, so its bytes cannot be counted or hashed as they come.
    """
    if encoding := read_encoding(response.headers):
        url = redact_url(response.url)
        message = f"{url} sends an encoded body ({encoding}), unasked; name a mirror"
        raise DownloadError(f"{message} in MSHUB_MIRRORS", url=url, status=response.status_code)


def explain_silence(error: Exception, url: str) -> Exception:
    """Return what to raise if there is no answer, or none that makes sense.

    Args:
        error: What requests said.
        url: What was asked.
    """
    shown = redact_url(url)
    causes = list(_find_causes(error))
    garbled = not _is_late(causes) and any(
        isinstance(cause, HTTPException) and not isinstance(cause, OSError) for cause in causes
    )
    if garbled or isinstance(error, ValueError):  # which requests' InvalidURL and its like are too
        message = f"{shown} cannot be read: {_find_reason(error)}; {USE_MIRROR}"
        return DownloadError(message, url=shown)
    failure = NoAnswerError(
        f"no answer from {shown}: {_find_reason(error)}; check the network and the proxy, or name"
        " a mirror in MSHUB_MIRRORS",
        url=shown,
    )
    distrusted = any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes)
    passing = isinstance(error, requests.ConnectionError | requests.Timeout) and not distrusted
    return PassingFault(failure) if passing else failure


def explain_break(error: Exception, url: str) -> PassingFault:
    """Return the fault of a body that ended before its time.

    Args:
        error: What urllib3 said.
        url: What was asked.
    """
    return break_off(url, _find_reason(error))


def break_off(url: str, reason: str) -> PassingFault:
    """Return the fault of a body that ended before its time, in words."""
    shown = redact_url(url)
    message = f"{shown} broke off before the whole file had come ({reason}); try again"
    return PassingFault(DownloadError(message, url=shown))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "(an unknown status)"


def _find_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what led to it."""
    reason: BaseException | None = error
    while reason is not None:
        yield reason
        reason = reason.__cause__ or reason.__context__


def _is_late(causes: list[BaseException]) -> bool:
    return any(isinstance(cause, TimeoutError | TransportTimeout) for cause in causes)


def _find_reason(error: Exception) -> str:
    """Dig the cause that a person understands out of requests' and urllib3's wrappers."""
    if isinstance(error, requests.Timeout | TransportTimeout):
        return "it took too long"
    causes = list(_find_causes(error))
    named = [words for cause in causes if (words := getattr(cause, "strerror", None))]
    if named:
        return str(named[-1])
    if _is_late(causes):
        return "it took too long"
    if isinstance(error, requests.ConnectionError):
        return "a garbled answer"
    return "the connection ended" if isinstance(error, TransportError) else redact_text(str(error))
