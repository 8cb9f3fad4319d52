"""Sessions: one request at a time, its redirects taken by hand, every hop checked first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import requests
from urllib3.exceptions import HTTPError as TransportError

from hub.assets.patience import Patience
from hub.assets.transfer.addresses import check_url, find_token, join_redirect
from hub.assets.transfer.connections import Adapter
from hub.assets.transfer.faults import explain_silence
from hub.errors import DownloadError
from hub.redaction import redact_url

_MOST_REDIRECTS = 10
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "mshub"}
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Session(requests.Session):
    """Connections that one thread uses again; close it when all is done.

    TLS is verified, always. No login is sent but the token, and that to registries alone.

    Args:
        patience: How long a server is waited for.
    """

    def __init__(self, patience: Patience) -> None:
        super().__init__()
        self._timeout = (patience.connect, patience.silence)
        for scheme in ("http://", "https://"):
            self.mount(scheme, Adapter())
        self.headers.update(_HEADERS)
        self.auth = _send_no_login

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002
        """Leave redirects to :meth:`ask`; requests would read their bodies, however large."""
        return

    @contextmanager
    def ask(
        self, url: str, method: str = "GET", headers: Mapping[str, str] = _NOTHING
    ) -> Iterator[requests.Response]:
        """Ask for a URL, and for what it redirects to.

        Args:
            url: What is asked for.
            method: ``GET`` or ``HEAD``.
            headers: What is said besides.

        Yields:
            The answer, whatever its status, its body still unread.

        Raises:
            PassingFault: There is no answer now, but there may be one later.
            NoAnswerError: There will be none: no trusted certificate, for example.
            DownloadError: An unsafe or senseless URL, or too many redirects.
            ArgumentError: ``MSHUB_TOKEN`` cannot be a token.
        """
        hop, origin = url, ""
        for _ in range(_MOST_REDIRECTS):
            with self._ask_once(hop, origin, method, headers) as response:
                if not response.is_redirect:
                    yield response
                    return
                hop, origin = join_redirect(hop, response.headers["location"]), hop
        shown = redact_url(url)
        raise DownloadError(
            f"{shown} redirects more than {_MOST_REDIRECTS} times; tell the publisher, or name a"
            " mirror in MSHUB_MIRRORS",
            url=shown,
        )

    def _ask_once(
        self, hop: str, origin: str, method: str, headers: Mapping[str, str]
    ) -> requests.Response:
        self.trust_env = check_url(hop, origin) == "https"  # no proxy for what is on this machine
        token = find_token(hop)
        login = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return self.request(
                method,
                hop,
                headers={**headers, **login},
                stream=True,
                allow_redirects=False,
                timeout=self._timeout,
            )
        except (OSError, ValueError, TransportError) as error:  # requests' own are OSErrors
            raise explain_silence(error, hop) from None  # the error's text may hold the query


def _send_no_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stand in for requests' habit of sending a login from ``.netrc`` to whatever host asks."""
    return request
