"""The hosts that mshub would ask: which they are, and whether they answer."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hub import settings
from hub.assets.patience import Patience
from hub.diagnosis.check import Check
from hub.diagnosis.proxies import check_proxies, find_proxy
from hub.errors import ArgumentError, HubError
from hub.redaction import find_host, mask_proxy

if TYPE_CHECKING:
    from hub.assets.transfer.probe import Probe

_MOST_HOSTS = 5
_MOST_CARDS = 100  # of each registry that are read for the hosts of their files
_LIMIT = 10  # seconds for all hosts together
PATIENCE = Patience(connect=5, silence=5, attempts=1)


@dataclass(frozen=True, slots=True)
class Target:
    """A host, and what is asked of it.

    Attributes:
        url: What is asked for.
        role: ``"registry"``, ``"mirror"`` or ``"files"``, which a card links to.
        serves: The host of the card's link whose files come from here; empty for a registry.
        is_file: Whether there should be a file at the URL, and not just a host.
    """

    url: str
    role: str
    serves: str = ""
    is_file: bool = True

    @property
    def host(self) -> str:
        """The name and perhaps the port, without a login."""
        return find_host(self.url)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking: a probe or an error, and the seconds that it took."""

    probe: Probe | None
    error: Exception | None
    seconds: float

    @property
    def good(self) -> bool:
        """Whether the file is there."""
        return self.probe is not None and self.probe.status < 400


def check_connections(*, online: bool = True) -> list[Check]:
    """Look for the proxy, and whether the hosts of files answer; registries are asked elsewhere.

    Args:
        online: Whether hosts may be asked; ``MSHUB_OFFLINE`` has the same effect.
    """
    targets = find_targets()
    proxies = check_proxies([target.url for target in targets])
    if why := tell_why_offline(online=online):
        return [*proxies, Check("hosts", "ok", f"not asked: {why}")]
    return [*proxies, *check_hosts([target for target in targets if target.role != "registry"])]


def tell_why_offline(*, online: bool) -> str:
    """Say why no host may be asked; an empty text if hosts may be.

    Args:
        online: Whether the user wants hosts to be asked.
    """
    try:
        offline = settings.offline()
    except ArgumentError:
        return "MSHUB_OFFLINE cannot be read"
    return "MSHUB_OFFLINE is set" if offline else "" if online else "no host was to be asked"


def find_targets(most: int = _MOST_HOSTS) -> list[Target]:
    """Find the hosts that matter: of registries, of mirrors, and of the files of the first cards.

    A setting or a registry that cannot be read names none; other checks tell of it.

    Args:
        most: How many hosts are enough.
    """
    found: dict[tuple[str, str], Target] = {}
    for target in itertools.chain(_find_registries(), _find_sources()):
        found.setdefault((target.host, target.role), target)
        if len(found) >= most:
            break
    return list(found.values())


def check_hosts(
    targets: Sequence[Target], *, patience: Patience = PATIENCE, limit: float = _LIMIT
) -> list[Check]:
    """Ask hosts all at once.

    A host that is out of reach is only a warning if another one has its files.

    Args:
        targets: The hosts, and what to ask them for.
        patience: How long to wait for each.
        limit: Seconds after which no host is waited for any more.
    """
    if not targets:
        return [Check("hosts", "ok", "no card and no mirror names one")]
    answers = _ask_all([target.url for target in targets], patience, limit)
    served = {target.serves for target in targets if answers[target.url].good} - {""}
    return [_judge(target, answers[target.url], served) for target in targets]


def _judge(target: Target, answer: Answer, served: set[str]) -> Check:
    name = f"host {target.host} ({target.role})"
    if answer.probe is None:
        found = str(answer.error).partition("; ")[0]
        advice = _advise(target, found)
        if target.serves in served:
            return Check(name, "warning", f"{found}; its files come from another host", advice)
        return Check(name, "failed", found, advice)
    status, took = answer.probe.status, f"answers in {answer.seconds:.2f} s"
    if status >= 500 or status == 429:
        return Check(name, "warning", f"{took}, but with {status}", "try again later")
    if status >= 400 and target.is_file:
        advice = (
            "see `hub validate --online` for the links that are dead; correct the mirror or card"
        )
        return Check(name, "warning", f"{took}, but with {status} for {target.url}", advice)
    return Check(name, "ok", took)


def _advise(target: Target, found: str) -> str:
    if "certificate" in found.lower():
        return (
            "if your network looks into TLS, set REQUESTS_CA_BUNDLE to its certificate"
            " authorities; and see whether this machine's clock is right"
        )
    if proxy := find_proxy(target.url):
        return f"see whether the proxy {mask_proxy(proxy)} is right (HTTPS_PROXY, NO_PROXY)"
    if target.role == "mirror":
        return "correct MSHUB_MIRRORS, or start that server"
    return "check the network, set HTTPS_PROXY if there is a proxy, or name a mirror: MSHUB_MIRRORS"


def _ask_all(urls: Sequence[str], patience: Patience, limit: float) -> dict[str, Answer]:
    """Ask in threads that are left behind if they hang, as looking up a host's name may."""
    import hub.assets.transfer.probe  # noqa: F401, its import is no part of any host's time

    answers: dict[str, Answer] = {}
    threads = [
        threading.Thread(target=_ask, args=(url, patience, answers), daemon=True) for url in urls
    ]
    for thread in threads:
        thread.start()
    end = time.monotonic() + limit
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    late = Answer(None, TimeoutError(f"no answer within {limit:g} s"), limit)
    return {url: answers.get(url, late) for url in urls}


def _ask(url: str, patience: Patience, answers: dict[str, Answer]) -> None:
    from hub.assets.transfer.probe import probe

    start = time.perf_counter()
    try:
        answers[url] = Answer(probe(url, patience), None, time.perf_counter() - start)
    except Exception as error:  # noqa: BLE001, whatever it is, it is why there is no answer
        answers[url] = Answer(None, error, time.perf_counter() - start)


def _find_registries() -> Iterator[Target]:
    for name in settings.registries():
        if _is_url(name):
            yield Target(name, "registry", is_file=False)


def _find_sources() -> Iterator[Target]:
    """Yield mirrors before the hosts that they stand for."""
    try:
        mirrors = settings.mirrors()
    except ValueError:  # which an ArgumentError is, too
        mirrors = ()
    links: dict[str, str] = {}
    for link in _find_links():
        links.setdefault(find_host(link), link)
        if len(links) >= _MOST_HOSTS:
            break
    for mirror in mirrors:
        rewritten = ((host, mirror.rewrite(link)) for host, link in links.items())
        known = [Target(url, "mirror", host) for host, url in rewritten if url]
        yield from known or [
            Target(mirror.replacement, "mirror", find_host(mirror.prefix), is_file=False)
        ]
    for host, link in links.items():
        yield Target(link, "files", host)


def _find_links() -> Iterator[str]:
    from hub.registry.roots import open_root

    for name in settings.registries():
        if "://" in name:
            continue  # its host is asked; its cards would have to be fetched
        try:
            entries = open_root(name).list_entries()[:_MOST_CARDS]
        except HubError:  # another check tells
            continue
        for entry in entries:
            try:
                assets = entry.read_card().assets
            except HubError:  # the linter's to tell
                continue
            yield from (asset.link for asset in assets if _is_url(asset.link))


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
