"""What to do about a page that cannot be fetched: other than for a file, no mirror helps."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from hub import settings
from hub.errors import DownloadError, NoAnswerError

_UNREACHABLE = "check the network, the proxy and this URL"
_UNUSABLE = "ask its owner for an https URL that gives it as it is, or use a copy in a folder"


@contextlib.contextmanager
def fit_advice() -> Iterator[None]:
    """Replace the advice to name a mirror, which a transfer gives, by one for cards and indexes.

    Raises:
        DownloadError: What was raised inside, of the same class, with the same facts.
    """
    try:
        yield
    except DownloadError as error:
        found, _, advice = str(error).rpartition("; ")
        if settings.MIRRORS.variable not in advice:
            raise
        fitting = _UNREACHABLE if isinstance(error, NoAnswerError) else _UNUSABLE
        message = f"{found}; {fitting}"
        raise type(error)(message, url=error.url, status=error.status) from error
