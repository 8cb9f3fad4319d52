"""The proxy that a host would be asked through, as requests chooses it."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import urllib.request
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from hub.diagnosis.check import Check
from hub.redaction import find_host, mask_proxy

_NAME = "proxy"
_SCHEMES = frozenset({"http", "https", "socks4", "socks4a", "socks5", "socks5h"})


def check_proxies(urls: Sequence[str]) -> list[Check]:
    """Say through which proxy the hosts of some URLs would be asked.

    Args:
        urls: What would be asked for.
    """
    proxies = {url: find_proxy(url) for url in urls}
    for proxy in filter(None, proxies.values()):
        if fault := _find_fault(proxy):
            found = f"{mask_proxy(proxy)} cannot be used: {fault[0]}"
            return [Check(_NAME, "failed", found, fault[1])]
    configured = urllib.request.getproxies()
    if "http" in configured and not {"https", "all"} & set(configured):
        found = "HTTP_PROXY is set and HTTPS_PROXY is not: https hosts are asked directly"
        return [Check(_NAME, "warning", found, "set HTTPS_PROXY to the same, if they need it")]
    routes = {mask_proxy(proxy or "") for proxy in proxies.values()}
    ways = [
        _tell_way(route, [u for u in urls if mask_proxy(proxies[u] or "") == route])
        for route in sorted(routes)
    ]
    return [Check(_NAME, "ok", "; ".join(ways) or "no host needs to be asked")]


def find_proxy(url: str) -> str | None:
    """Return the proxy for a URL, or None if its host is asked directly.

    Plain http is for this machine alone, and never goes through a proxy.

    Args:
        url: An http or https URL.

    Example:
        >>> find_proxy("http://127.0.0.1:8000/a.ckpt") is None
        True
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" or _is_excepted(host, parts.netloc):
        return None
    configured = urllib.request.getproxies()
    return configured.get("https") or configured.get("all") or None


def _is_excepted(host: str, netloc: str) -> bool:
    """Tell whether NO_PROXY names the host; requests also reads networks such as 10.0.0.0/8."""
    text = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(urllib.request.proxy_bypass(netloc) or urllib.request.proxy_bypass(host))
    networks = (part.strip() for part in text.split(",") if "/" in part)
    return bool(urllib.request.proxy_bypass(host)) or any(
        address in network for network in _read_networks(networks)
    )


def _read_networks(texts: Iterable[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    networks = []
    for text in texts:
        try:
            networks.append(ipaddress.ip_network(text, strict=False))
        except ValueError:  # requests passes over what is no network, too
            continue
    return networks


def _find_fault(proxy: str) -> tuple[str, str] | None:
    """Return what is wrong with a proxy's URL, and what to do about it."""
    advice = "write HTTPS_PROXY as http://host:port"
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        host, port = parts.hostname, parts.port
    except ValueError:  # whose text may hold a part of a password
        return "it is no URL", advice
    if not host or port == 0:
        return "it names no host", advice
    if parts.scheme not in _SCHEMES:
        return f"{parts.scheme} is no kind of proxy that requests knows", advice
    if parts.scheme.startswith("socks") and importlib.util.find_spec("socks") is None:
        return "requests needs PySocks for it", 'pip install "requests[socks]"'
    return None


def _tell_way(route: str, urls: Sequence[str]) -> str:
    hosts = ", ".join(dict.fromkeys(map(find_host, urls)))
    return f"{f'through {route}' if route else 'direct'}: {hosts}"
