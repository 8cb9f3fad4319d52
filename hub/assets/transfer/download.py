"""One URL into one partial file: gone on with where it broke off, tried again, hashed on the way.

This is the story of a transfer. :mod:`session` asks one question, :mod:`stream` reads one body,
:mod:`ranges` shares what is left of a large file among several connections, and :mod:`pauses` knows
when a source has failed for good.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import requests

from hub.assets.partials import Partial, Source
from hub.assets.patience import PATIENCE, Patience
from hub.assets.progress import SILENT, Progress
from hub.assets.transfer.faults import PassingFault, break_off, check_encoding, refuse_status
from hub.assets.transfer.headers import read_encoding, read_length, read_strong_etag
from hub.assets.transfer.pauses import Tries
from hub.assets.transfer.ranges import FIRST_LOOK, Ranges, continues, worth_sharing
from hub.assets.transfer.session import Session
from hub.assets.transfer.stream import read_pieces
from hub.errors import DownloadError
from hub.redaction import redact_url

_log = logging.getLogger(__name__)

_LARGEST = 1 << 40  # bytes of a file, as announced; more is no model, but a wrong answer
_LARGEST_UNKNOWN = 16 << 30  # bytes of a file whose length nobody announced
_NO_CACHE: Mapping[str, str] = {"Cache-Control": "no-cache", "Pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class Transfer:
    """A file that has arrived whole.

    Attributes:
        sha256: The digest of all of it.
        size: Its size in bytes.
        url: The URL that served it, behind all redirects, without its query.
        resumed: How many of its bytes earlier calls had brought.
    """

    sha256: str
    size: int
    url: str
    resumed: int


def download(
    url: str,
    partial: Partial,
    *,
    progress: Progress = SILENT,
    patience: Patience = PATIENCE,
    fresh: bool = False,
    judged: bool = True,
) -> Transfer:
    """Bring the rest of a file, or all of it.

    What is here already is gone on with only if the server has the very same file (``If-Range`` with
    a strong validator), and is asked for nothing if it is complete. https only, on every redirect;
    plain http for loopback addresses alone. TLS is verified, always.

    Args:
        url: Where the file is.
        partial: Where its bytes go.
        progress: Is told how far it has come.
        patience: How long the server is waited for, and how often it is asked again.
        fresh: Throw away what is here, and ask caches on the way to do so, too.
        judged: Whether a digest will judge the whole file. If not, what came from another URL is
            not gone on with: two sources may give the same validator to different files.

    Returns:
        The digest and the size of the whole file, and where it came from.

    Raises:
        NoAnswerError: The server cannot be reached.
        DownloadError: A wrong answer, an unsafe URL, or less than the whole file; ``received``
            says how much of it is kept for the next call.
        CacheError: The disk is full, or cannot be written.
        ArgumentError: ``MSHUB_TOKEN`` cannot be a token.
    """
    if fresh:
        partial.restart()
    errand = _Errand(url, partial, progress, patience, judged, _NO_CACHE if fresh else {})
    try:
        errand.run()
    except DownloadError as error:
        error.received = errand.kept
        raise
    return Transfer(partial.hexdigest(), partial.size, errand.served_by, errand.resumed)


def read_small(url: str, *, largest: int, patience: Patience = PATIENCE) -> bytes:
    """Return the whole body behind a URL, such as a card or an index.

    Args:
        url: Where it is; the same rules hold as for :func:`download`.
        largest: The most bytes that are accepted.
        patience: How long the server is waited for, and how often it is asked again.

    Raises:
        NoAnswerError: The server cannot be reached.
        DownloadError: A wrong answer, an unsafe URL, or more than ``largest`` bytes.
        ArgumentError: ``MSHUB_TOKEN`` cannot be a token.
    """
    tries = Tries(patience, SILENT)
    with Session(patience) as session:
        while True:
            try:
                with session.ask(url) as response:
                    return _read_body(response, largest, patience)
            except PassingFault as fault:
                tries.wait(fault, 0)


def _read_body(response: requests.Response, largest: int, patience: Patience) -> bytes:
    if response.status_code != 200:
        raise refuse_status(response)
    check_encoding(response)
    content = bytearray()
    for piece in read_pieces(response, patience):
        content += piece
        if len(content) > largest:
            url = redact_url(response.url)
            raise DownloadError(f"{url} holds more than {largest:,} bytes", url=url)
    return bytes(content)


@dataclass(slots=True)
class _Errand:
    """One file that is fetched from one URL.

    Attributes:
        judged: Whether a digest will judge the whole file.
        served_by: The URL that answered last, without its query.
        resumed: The bytes of earlier calls that are part of the file.
        plain: Whether the server garbles requests for a part, so that all is asked for.
        shared: Whether several connections have been tried; once is enough.
        told: What the progress knows to be here; None if that may be wrong.
    """

    url: str
    partial: Partial
    progress: Progress
    patience: Patience
    judged: bool
    headers: Mapping[str, str]
    served_by: str = ""
    resumed: int = 0
    plain: bool = False
    shared: bool = False
    told: int | None = None

    @property
    def kept(self) -> int:
        """The bytes that a later request, or a later call, can go on from."""
        source = self.partial.source
        return self.partial.size if source is not None and source.resumable else 0

    def run(self) -> None:
        """Ask until all is here, or patience is at its end."""
        self.served_by = redact_url(self.url)
        self.resumed = self._find_start()
        source = self.partial.source
        if self.resumed and source is not None and source.length == self.resumed:
            self.served_by = source.url
            self._tell()
            return
        tries = Tries(self.patience, self.progress)
        with Session(self.patience) as session:
            while True:
                try:
                    if self._receive(session):
                        return
                except PassingFault as fault:
                    tries.wait(fault, self._find_start())

    def _find_start(self) -> int:
        """Return the byte from which to go on.

        What is here may be from another source, if a digest will judge what comes of it; the
        server is told which file it is part of (``If-Range``).
        """
        source = self.partial.source
        ours = source is not None and source.url == redact_url(self.url)
        return self.kept if (ours or self.judged) and not self.plain else 0

    def _receive(self, session: Session) -> bool:
        """Ask once, and take what comes; tell whether all is here."""
        start, headers = self._find_start(), dict(self.headers)
        if start and self.partial.source is not None:
            headers |= {"Range": f"bytes={start}-", "If-Range": self.partial.source.etag}
        _log.info("asking %s for what follows byte %d", redact_url(self.url), start)
        with session.ask(self.url, headers=headers) as response:
            end = self._begin(response, start)
            if end is None:
                self.plain = True
                return False
            self.served_by = redact_url(response.url)
            self._tell()
            return self._take(response, end)

    def _begin(self, response: requests.Response, start: int) -> int | None:
        """Judge an answer, and make ready for its bytes.

        Returns:
            The byte at which its body ends; None if all has to be asked for instead.
        """
        source = self.partial.source
        if response.status_code == 200:
            check_encoding(response)
            length = self._check_length(read_length(response.headers), response)
            self.partial.reserve(max((length or 0) - self.partial.size, 0))
            self.resumed = 0
            etag = read_strong_etag(response.headers)
            self.partial.begin(Source(redact_url(self.url), etag, length))
            return _LARGEST_UNKNOWN if length is None else length
        refusal = refuse_status(response)
        if not start or source is None:
            raise refusal
        part = continues(response, start, source)
        if part is not None and not read_encoding(response.headers):
            self._check_length(part.total, response)
            self.partial.reserve(part.end - start)
            self.partial.source = replace(source, length=part.total)
            return part.end
        if isinstance(refusal, PassingFault):
            raise refusal
        return None

    def _check_length(self, length: int | None, response: requests.Response) -> int | None:
        """Return the announced size of the whole file, if it can be believed."""
        if length is not None and length > _LARGEST:
            url = redact_url(response.url)
            message = f"{url} announces {length:,} bytes, more than mshub accepts"
            raise DownloadError(f"{message} ({_LARGEST:,}); try a mirror (MSHUB_MIRRORS)", url=url)
        return length

    def _tell(self) -> None:
        """Begin the progress anew, unless it knows already what is here."""
        if self.told != self.partial.size and self.partial.source is not None:
            self.progress.begin(self.partial.source.length, self.partial.size)
        self.told = self.partial.size

    def _take(self, response: requests.Response, end: int) -> bool:
        """Read a body up to its announced end; tell whether all is here."""
        partial, source = self.partial, self.partial.source
        length = source.length if source is not None else None
        start, started = partial.size, time.monotonic()
        pieces = read_pieces(response, self.patience)
        for piece in pieces:
            if partial.size + len(piece) > end:
                raise self._refuse_surplus(end, announced=end != _LARGEST_UNKNOWN)
            if length is None:
                partial.reserve(len(piece))
            partial.append(piece)
            self.progress.advance(len(piece))
            self.told = partial.size
            seconds = time.monotonic() - started
            if length is None or self.shared or seconds < FIRST_LOOK:
                continue
            if worth_sharing(response, length - partial.size, (partial.size - start) / seconds):
                self.shared = True
                ranges = Ranges(response.url, partial, self.progress, self.patience)
                if ranges.are_served():
                    self.told = None
                    return ranges.receive(response, pieces)
        if length is not None and partial.size < length:
            raise break_off(self.url, f"{length - partial.size:,} bytes are missing")
        return True

    def _refuse_surplus(self, end: int, *, announced: bool) -> DownloadError:
        """Throw away what is here: nothing tells where it ends."""
        self.partial.restart()
        limit = "it announced" if announced else "mshub accepts of a file of unknown length"
        message = f"{self.served_by} sends more than the {end:,} bytes that {limit}"
        return DownloadError(f"{message}; try a mirror (MSHUB_MIRRORS)", url=self.served_by)
