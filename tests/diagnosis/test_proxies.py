"""Which proxy a host is asked through: the one that requests would take."""

import pytest
import requests.utils

from hub.diagnosis.check import Check
from hub.diagnosis.proxies import check_proxies, find_proxy

PROXY = "http://ada:secret@proxy.example:3128"
URLS = ["https://a.org/x", "https://files.b.org/y", "https://10.1.2.3/z", "https://c.org:8443/"]


def look(*urls: str) -> Check:
    (check,) = check_proxies(urls)
    return check


def test_without_settings_hosts_are_asked_directly() -> None:
    assert look(*URLS[:2]) == Check("proxy", "ok", "direct: a.org, files.b.org")
    assert look().found == "no host needs to be asked"


def test_the_proxy_is_told_without_its_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", ".b.org,10.0.0.0/8")
    assert look(*URLS[:3]) == Check(
        "proxy",
        "ok",
        "direct: files.b.org, 10.1.2.3; through http://***@proxy.example:3128: a.org",
    )


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"HTTPS_PROXY": PROXY},
        {"ALL_PROXY": PROXY},
        {"HTTP_PROXY": PROXY},
        {"HTTPS_PROXY": "http://other:1", "https_proxy": PROXY},
        {"HTTPS_PROXY": PROXY, "ALL_PROXY": "http://other:1"},
        {"HTTPS_PROXY": PROXY, "NO_PROXY": "b.org"},
        {"HTTPS_PROXY": PROXY, "NO_PROXY": "*"},
        {"HTTPS_PROXY": PROXY, "NO_PROXY": "10.0.0.0/8, c.org:8443"},
        {"HTTPS_PROXY": PROXY, "NO_PROXY": "10.1.2.3,nonsense/8"},
        {"HTTPS_PROXY": PROXY, "NO_PROXY": "a.org", "no_proxy": "c.org"},
    ],
)
def test_the_choice_is_that_of_requests(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for url in URLS:
        chosen = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
        assert find_proxy(url) == chosen, url


def test_plain_http_on_this_machine_goes_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", PROXY)
    assert find_proxy("http://127.0.0.1:8000/a.ckpt") is None


@pytest.mark.parametrize(
    ("proxy", "found", "advice"),
    [
        ("http://ada:se/cret@proxy:1", "http://***@proxy:1 cannot be used", "http://host:port"),
        ("http://", "it names no host", "write HTTPS_PROXY as http://host:port"),
        ("http://proxy:port", "it is no URL", "write HTTPS_PROXY as http://host:port"),
        ("ftp://proxy:3128", "ftp is no kind of proxy that requests knows", "http://host:port"),
    ],
)
def test_a_proxy_that_cannot_be_used_fails(
    monkeypatch: pytest.MonkeyPatch, proxy: str, found: str, advice: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    check = look("https://a.org/")
    assert check.status == "failed"
    assert found in check.found
    assert advice in check.advice
    assert "cret" not in check.found


def test_a_socks_proxy_needs_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy:1080")
    try:
        import socks  # noqa: F401
    except ImportError:
        check = look("https://a.org/")
        assert (check.status, check.advice) == ("failed", 'pip install "requests[socks]"')
    else:
        assert look("https://a.org/").status == "ok"


def test_a_proxy_for_http_alone_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", PROXY)
    check = look("https://a.org/")
    assert check.status == "warning"
    assert check.found == "HTTP_PROXY is set and HTTPS_PROXY is not: https hosts are asked directly"
