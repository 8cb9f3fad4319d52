"""The hosts that matter, on the loopback interface."""

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from hub.diagnosis.check import Check
from hub.diagnosis.network import (
    Target,
    check_connections,
    check_hosts,
    find_targets,
    tell_why_offline,
)
from tests.conftest import AssetServer, answer_status

WriteCard = Callable[..., Path]


def look(*targets: Target, limit: float = 10) -> list[Check]:
    return check_hosts(targets, limit=limit)


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def test_a_host_that_answers_is_ok(server: AssetServer) -> None:
    url = server.serve("/a.ckpt", b"weights")
    (check,) = look(Target(url, "files", "h"))
    assert check.status == "ok"
    assert check.name == f"host {server.origin.removeprefix('http://')} (files)"
    assert check.found.startswith("answers in 0.")


def test_a_dead_host_fails_with_a_next_step(closed_port: int) -> None:
    url = f"http://127.0.0.1:{closed_port}/a.ckpt"
    (check,) = look(Target(url, "files", "h"))
    assert check.status == "failed"
    assert check.found == f"no answer from {url}: Connection refused"
    assert check.advice == (
        "check the network, set HTTPS_PROXY if there is a proxy, or name a mirror: MSHUB_MIRRORS"
    )
    (check,) = look(Target(url, "mirror", "h"))
    assert check.advice == "correct MSHUB_MIRRORS, or start that server"


def test_a_host_behind_a_dead_proxy_fails_with_the_proxy(
    closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://ada:secret@127.0.0.1:{closed_port}")
    (check,) = look(Target("https://example.org/a.ckpt", "files", "h"))
    assert check.status == "failed"
    proxy = f"http://***@127.0.0.1:{closed_port}"
    assert check.advice == f"see whether the proxy {proxy} is right (HTTPS_PROXY, NO_PROXY)"
    assert "secret" not in repr(check)


def test_a_host_that_says_nothing_is_not_waited_for() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/a.ckpt"
        (check,) = look(Target(url, "files", "h"), limit=0.3)
    assert (check.status, check.found) == ("failed", "no answer within 0.3 s")


def test_a_dead_host_whose_files_a_mirror_has_is_a_warning(
    server: AssetServer, closed_port: int
) -> None:
    mirror = Target(server.serve("/a.ckpt", b"weights"), "mirror", "a.org")
    origin = Target(f"http://127.0.0.1:{closed_port}/a.ckpt", "files", "a.org")
    other = Target(f"http://127.0.0.2:{closed_port}/a.ckpt", "files", "b.org")
    checks = look(mirror, origin, other)
    assert [check.status for check in checks] == ["ok", "warning", "failed"]
    assert checks[1].found.endswith("; its files come from another host")


def test_a_mirror_without_the_file_spares_nobody(server: AssetServer, closed_port: int) -> None:
    mirror = Target(f"{server.origin}/none.ckpt", "mirror", "a.org")
    origin = Target(f"http://127.0.0.1:{closed_port}/none.ckpt", "files", "a.org")
    checks = look(mirror, origin)
    assert [check.status for check in checks] == ["warning", "failed"]
    assert checks[0].found.endswith(f"but with 404 for {server.origin}/none.ckpt")
    assert "`hub validate --online`" in checks[0].advice


def test_a_server_in_trouble_is_a_warning(server: AssetServer) -> None:
    url = server.behave("/a.ckpt", answer_status(500))
    (check,) = look(Target(url, "files", "h"))
    assert (check.status, check.advice) == ("warning", "try again later")
    assert check.found.endswith(", but with 500")


def test_a_host_alone_may_answer_anything(server: AssetServer) -> None:
    assert look(Target(f"{server.origin}/", "mirror", "h", is_file=False))[0].status == "ok"


def test_a_certificate_that_is_not_trusted_fails_with_the_bundle(
    server: AssetServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.wrap(context)
    target = Target(server.serve("/a.ckpt", b"weights"), "files", "h")
    (check,) = look(target)
    assert check.status == "failed"
    assert "certificate" in check.found
    assert "set REQUESTS_CA_BUNDLE to its certificate authorities" in check.advice
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    assert look(target)[0].status == "ok"


def test_the_hosts_are_those_of_registries_mirrors_and_cards(
    write_card: WriteCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_card(link="https://a.org/one.ckpt")
    write_card("cards/MindSpore/b.md", link="https://b.org/two.ckpt")
    write_card("cards/MindSpore/c.md", link="https://[half/an.ckpt")
    (tmp_path / "cards" / "MindSpore" / "broken.md").write_text("---\n: : :\n")
    monkeypatch.setenv("MSHUB_REGISTRY", f"{tmp_path}/cards https://r.org/cards {tmp_path}/none")
    monkeypatch.setenv(
        "MSHUB_MIRRORS", "https://a.org/=https://m.org/ https://x.org/=https://n.org/"
    )
    assert find_targets(most=9) == [
        Target("https://r.org/cards", "registry", is_file=False),
        Target("https://m.org/one.ckpt", "mirror", "a.org"),
        Target("https://n.org/", "mirror", "x.org", is_file=False),
        Target("https://b.org/two.ckpt", "files", "b.org"),
        Target("https://a.org/one.ckpt", "files", "a.org"),
    ]
    assert len(find_targets(most=2)) == 2


def test_settings_that_cannot_be_read_name_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSHUB_MIRRORS", "nonsense")
    assert [target.role for target in find_targets()] == ["files"]
    monkeypatch.setenv("MSHUB_MIRRORS", "https://a.org/=http://[::1/")
    assert [target.role for target in find_targets()] == ["files"]


def test_no_host_is_asked_offline(
    server: AssetServer, monkeypatch: pytest.MonkeyPatch, write_card: WriteCard, tmp_path: Path
) -> None:
    write_card(link=server.serve("/a.ckpt", b"weights"))
    monkeypatch.setenv("MSHUB_REGISTRY", f"{tmp_path}/cards")
    hosts = by_name(check_connections(online=False))["hosts"]
    assert (hosts.status, hosts.found) == ("ok", "not asked: no host was to be asked")
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    assert by_name(check_connections())["hosts"].found == "not asked: MSHUB_OFFLINE is set"
    monkeypatch.setenv("MSHUB_OFFLINE", "perhaps")
    assert tell_why_offline(online=True) == "MSHUB_OFFLINE cannot be read"
    assert server.requests == []
    monkeypatch.setenv("MSHUB_OFFLINE", "0")
    assert [check.status for check in check_connections()] == ["ok", "ok"]
    assert server.requests


def test_no_host_at_all_is_fine() -> None:
    assert look() == [Check("hosts", "ok", "no card and no mirror names one")]
