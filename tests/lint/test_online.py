"""The rules of the MC9xx family, and the network that they ask: over a real loopback server."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

import hub
from hub.assets.cache.cache import Cache
from hub.assets.cache.layout import Layout
from hub.assets.lockfile import LockedAsset, write_lock_file
from hub.assets.store import fetch_asset
from hub.cards.asset import Asset
from hub.cards.document import Document
from hub.digests import Digest
from hub.errors import ArgumentError, OfflineError
from hub.lint.network import Answer, Network
from hub.lint.rule import Rule
from hub.lint.rules import online as rules
from hub.lint.subject import Subject

CONTENT = b"weights"
SHA256 = sha256(CONTENT).hexdigest()
REPO = "https://github.com/acme/models/tree/r2.5/lite0"


class Clock:
    """A clock that moves on only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def network(clock) -> Network:
    return Network(clock=clock, sleep=clock.sleep)


def write(link: str, digest: str = SHA256, repo: str = "") -> Subject:
    text = (
        f"---\nmodel-name: lite0\nrepo-link: <{repo}>\nasset:\n- file-format: ckpt\n"
        f"  asset-link: <{link}>\n  asset-sha256: {digest}\n---\n"
    )
    return Subject(Document(text))


def find(rule: Rule, card: Subject, network: Network) -> list[tuple[str, str, str]]:
    """The key, the place as it stands in the card, and the message of each finding."""
    return [
        (draft.key, card.text[draft.start : draft.end], draft.message)
        for draft in rule.check(card, network)
    ]


def asked(server) -> list[str]:
    return [path for path, _ in server.requests]


def answers(cache_folder: Path) -> list[Path]:
    return list((cache_folder / "answers").glob("*.json"))


def respond(status: int, body: bytes = b"", kind: str = "application/octet-stream"):
    def behave(handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("Content-Type", kind)
        handler.end_headers()
        handler.wfile.write(body)

    return behave


# The rules


def test_a_dead_link_is_flagged_with_the_servers_answer(server, network) -> None:
    link = f"{server.origin}/gone.ckpt"
    assert find(rules.find_dead_link, write(link), network) == [
        ("asset[0].asset-link", f"<{link}>", "the server answered 404 Not Found")
    ]


def test_a_live_link_passes(server, network) -> None:
    link = server.serve("/a.ckpt", CONTENT)
    for rule in (rules.find_dead_link, rules.find_odd_size):
        assert find(rule, write(link), network) == []


def test_a_server_in_trouble_is_told_from_a_file_that_is_gone(server, network) -> None:
    link = server.behave("/a.ckpt", respond(500))
    ((_, _, message),) = find(rules.find_dead_link, write(link), network)
    assert message == "the server answered 500 Internal Server Error; try again later"


def test_a_server_that_is_not_there_is_a_finding(server, network) -> None:
    link = f"{server.origin}/a.ckpt"
    server.stop()
    ((_, _, message),) = find(rules.find_dead_link, write(link), network)
    assert message.startswith(f"no answer from {link}")


def test_a_host_that_gave_no_answer_is_not_asked_again(server, network) -> None:
    links = [f"{server.origin}/{name}.ckpt" for name in "ab"]
    server.stop()
    first, second = map(network.ask, links)
    assert "Connection refused" in first.problem
    assert second.problem == f"no answer from {links[1]}: its host gave none before"


def test_an_unsafe_link_is_never_asked_for(network) -> None:
    ((_, _, message),) = find(rules.find_dead_link, write("http://example.org/a"), network)
    assert "only https is safe" in message


def test_an_empty_file_is_odd(server, network) -> None:
    link = server.serve("/a.ckpt", b"")
    assert find(rules.find_odd_size, write(link), network) == [
        ("asset[0].asset-link", f"<{link}>", "the file behind the link is empty")
    ]


def test_a_web_page_in_the_place_of_a_file_is_odd(server, network) -> None:
    link = server.behave("/a.ckpt", respond(200, b"<p>gone", "text/html; charset=utf-8"))
    ((_, _, message),) = find(rules.find_odd_size, write(link), network)
    assert message == "the link leads to a web page, not to a file"


def test_another_length_than_that_of_the_verified_file_is_odd(server, network) -> None:
    link = server.serve("/a.ckpt", CONTENT)
    fetch_asset(Asset("ckpt", link, Digest(SHA256)), Cache())
    server.serve("/a.ckpt", CONTENT + b" and more")
    ((_, _, message),) = find(rules.find_odd_size, write(link), network)
    assert message == "the file has 16 bytes now; the verified one 7"


def test_a_dead_link_has_no_odd_size(server, network) -> None:
    link = server.behave("/a.ckpt", respond(404, b"<p>gone", "text/html"))
    assert find(rules.find_odd_size, write(link), network) == []


def test_a_file_with_another_digest_is_flagged_with_its_own(server, network) -> None:
    link = server.serve("/a.ckpt", CONTENT)
    assert find(rules.find_wrong_digest, write(link, "89abcdef"), network) == [
        (
            "asset[0].asset-sha256",
            "89abcdef",
            f"the file behind the link is another one: its SHA-256 is {SHA256}",
        )
    ]


@pytest.mark.parametrize("fix", [False, True])
def test_a_wrong_file_is_fetched_anew_once_however_often_its_card_is_checked(
    server, tmp_path, fix: bool
) -> None:
    link = server.serve("/a.ckpt", CONTENT)
    for name in ("a", "b"):  # with a date to mend, and in a place where cards are compared
        file = tmp_path / "acme" / "2.5" / f"{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        text = write(link, "ab" * 32).text
        file.write_text(text.replace("---\n", "---\nupdate-time: 2025-3-10\n# mc: ignore\n", 1))
    rules_ = ["MC903", "MC304", "MC801", "MC103"]
    report = hub.validate(tmp_path, select=rules_, online=True, fix=fix)
    assert [finding.code for finding in report.findings].count("MC903") == 2
    assert asked(server) == ["/a.ckpt"] * 2


@pytest.mark.parametrize("digest", [SHA256, SHA256[:8], "unknown"])
def test_a_file_with_the_stated_digest_or_with_none_passes(server, network, digest: str) -> None:
    link = server.serve("/a.ckpt", CONTENT)
    assert find(rules.find_wrong_digest, write(link, digest), network) == []


def test_a_file_that_cannot_be_fetched_has_no_wrong_digest(server, network) -> None:
    assert find(rules.find_wrong_digest, write(f"{server.origin}/gone.ckpt"), network) == []


def test_a_prefix_is_completed_from_the_cached_file(server, network) -> None:
    link = server.serve("/a.ckpt", CONTENT)
    card = write(link, SHA256[:8])
    assert find(rules.find_full_digest_known, card, network) == []
    assert find(rules.find_wrong_digest, card, network) == []  # fetches it
    (draft,) = rules.find_full_digest_known.check(card, network)
    assert draft.message == "8 of 64 digits; the file in the cache tells them all"
    assert draft.fix
    assert not draft.fix.safe
    assert card.document.edit(draft.fix.edits).text == write(link).text


def test_a_whole_digest_needs_no_completion(server, network) -> None:
    link = server.serve("/a.ckpt", CONTENT)
    find(rules.find_wrong_digest, write(link), network)
    assert find(rules.find_full_digest_known, write(link), network) == []


def mirror_github(server, monkeypatch) -> None:
    """Let the test's server stand in for GitHub, which no test may ask."""
    monkeypatch.setenv("MSHUB_MIRRORS", f"https://github.com/={server.origin}/")


def test_the_lock_knows_the_whole_digest(tmp_path, monkeypatch, clock) -> None:
    monkeypatch.chdir(tmp_path)
    link = "https://example.org/a.ckpt"
    locked = LockedAsset("Ada/lite0@2.5", "ckpt", link, SHA256[:8], SHA256, len(CONTENT))
    write_lock_file(tmp_path / "hub.lock", [locked])
    network = Network(clock=clock, sleep=clock.sleep)
    card = write(link, SHA256[:8])
    ((_, _, message),) = find(rules.find_full_digest_known, card, network)
    assert message == "8 of 64 digits; hub.lock tells them all"
    (draft,) = rules.find_full_digest_known.check(card, network)
    assert draft.fix.message == f"write {SHA256}"
    (tmp_path / "hub.lock").write_text("<<<<<<< HEAD")
    with pytest.raises(ArgumentError, match=r"hub\.lock"):
        Network(clock=clock, sleep=clock.sleep)
    contradicting = write(link, 8 * "0")
    assert find(rules.find_full_digest_known, contradicting, network) == []


def test_a_ref_that_exists_passes(server, monkeypatch, network) -> None:
    mirror_github(server, monkeypatch)
    server.serve("/acme/models/tree/r2.5/lite0", b"<p>files")
    assert find(rules.find_missing_ref, write("", repo=REPO), network) == []


def test_a_ref_that_is_gone_is_flagged(cache_folder, monkeypatch, network, clock) -> None:
    remember(cache_folder, REPO, clock, status=404)
    ((key, place, message),) = find(rules.find_missing_ref, write("", repo=REPO), network)
    assert (key, place) == ("repo-link", f"<{REPO}>")
    assert message == (
        "the server answered 404 Not Found: acme/models has no such folder at 'r2.5', or is not"
        " public"
    )


def test_a_link_that_names_no_repository_is_not_asked_for(server, network) -> None:
    card = write("", repo=f"{server.origin}/acme/models")
    assert find(rules.find_missing_ref, card, network) == []
    assert asked(server) == []


def test_a_card_without_model_name_or_assets_is_not_asked_about(network) -> None:
    for text in ("", "---\nasset: 1\n---\n", "---\nmodel-name: a\nasset:\n- b\n- c: 1\n---\n"):
        for rule in vars(rules).values():
            if isinstance(rule, Rule):
                assert find(rule, Subject(Document(text)), network) == []


def test_online_rules_are_told_by_their_scope_and_the_one_that_fetches_wants_to_be_selected() -> (
    None
):
    family = [rule for rule in vars(rules).values() if isinstance(rule, Rule)]
    assert {rule.code for rule in family} == {f"MC90{n}" for n in range(1, 6)}
    assert {rule.code for rule in family if not rule.default} == {"MC903"}  # it fetches files
    assert {rule.scope for rule in family} == {"online"}


# The network


def remember(cache_folder: Path, link: str, clock: Clock, **values: object) -> Path:
    """Write an answer down as a network of another process would have."""
    file = Layout(cache_folder).answer(link)
    file.parent.mkdir(parents=True, exist_ok=True)
    record = {"link": link, "asked_at": clock.now, "url": link, "status": 200}
    record |= {"length": 7, "content_type": "", "problem": "", **values}
    file.write_text(json.dumps(record))
    return file


def test_a_link_is_asked_for_once(server, network) -> None:
    link = server.serve("/a.ckpt", CONTENT)
    first, second = network.ask(link), network.ask(link)
    assert first is second
    assert first == Answer(link, 200, 7)
    assert len(asked(server)) == 1


def test_an_answer_is_remembered_for_a_day(server, clock, cache_folder) -> None:
    link = server.serve("/a.ckpt", CONTENT)
    answer = Network(clock=clock, sleep=clock.sleep).ask(link)
    clock.now += 24 * 3600 - 1
    assert Network(clock=clock, sleep=clock.sleep).ask(link) == answer
    assert len(asked(server)) == 1
    clock.now += 2
    assert Network(clock=clock, sleep=clock.sleep).ask(link) == answer
    assert len(asked(server)) == 2


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_answer_that_passes_is_not_remembered(server, network, cache_folder, status) -> None:
    network.ask(server.behave("/a.ckpt", respond(status)))
    assert answers(cache_folder) == []


def test_no_answer_is_not_remembered_either(server, network, cache_folder) -> None:
    server.stop()
    answer = network.ask(f"{server.origin}/a.ckpt")
    assert (answer.alive, answer.settled, answer.status) == (False, False, None)
    assert answers(cache_folder) == []


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        '{"asked_at": "soon"}',
        '{"link": "LINK", "asked_at": 1000000.0, "url": "LINK", "status": "fine"}',
        '{"link": "LINK", "asked_at": 1000000.0, "url": "LINK", "status": 200, "more": 1}',
        '{"link": "other", "asked_at": 1000000.0, "url": "LINK", "status": 404}',
        '{"link": "LINK", "asked_at": 2000000.0, "url": "LINK", "status": 404}',
        f'{{"link": "LINK", "asked_at": 1{400 * "0"}, "url": "LINK", "status": 404}}',
    ],
)
def test_a_damaged_answer_counts_as_none(server, network, cache_folder, clock, damage) -> None:
    link = server.serve("/a.ckpt", CONTENT)
    remember(cache_folder, link, clock).write_text(damage.replace("LINK", link))
    assert network.ask(link) == Answer(link, 200, 7)
    assert len(asked(server)) == 1


def test_one_host_is_asked_at_most_so_often_in_a_second(server, clock) -> None:
    network = Network(4, clock=clock, sleep=clock.sleep)
    for number in range(3):
        network.ask(server.serve(f"/{number}.ckpt", CONTENT))
    assert clock.slept == [0.25, 0.25]


def test_time_that_has_passed_anyway_is_not_waited_for(server, clock, network) -> None:
    network.ask(server.serve("/a.ckpt", CONTENT))
    clock.now += 60
    network.ask(server.serve("/b.ckpt", CONTENT))
    assert clock.slept == []


def test_hosts_do_not_wait_for_each_other(server, clock, network) -> None:
    network.ask(server.serve("/a.ckpt", CONTENT))
    network.ask(server.serve("/a.ckpt", CONTENT).replace("127.0.0.1", "localhost"))
    assert clock.slept == []


def test_offline_only_a_remembered_answer_is_given(
    server, network, monkeypatch, cache_folder, clock
) -> None:
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    known = "https://example.org/a.ckpt"
    remember(cache_folder, known, clock)
    assert network.ask(known).alive
    with pytest.raises(OfflineError, match="MSHUB_OFFLINE is set"):
        network.ask(server.serve("/a.ckpt", CONTENT))
    assert asked(server) == []


def test_no_secret_of_a_link_is_shown_or_kept(
    server, network, clock, cache_folder, monkeypatch
) -> None:
    link = server.serve("/a.ckpt?X-Signature=SECRET", CONTENT)
    assert network.ask(link) == Answer(f"{server.origin}/a.ckpt", 200, 7)
    (file,) = answers(cache_folder)
    assert "SECRET" not in file.read_text()
    later = Network(clock=clock, sleep=clock.sleep)
    assert later.ask(link) == network.ask(link)
    assert len(asked(server)) == 1
    server.stop()
    said = [later.ask(f"{server.origin}/{name}.ckpt?X-Signature=SECRET") for name in "bc"]
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    with pytest.raises(OfflineError, match="cannot be asked for") as caught:
        later.ask(link + "&more")
    assert "SECRET" not in f"{said} {caught.value!r} {vars(caught.value)}"


def test_a_mirror_that_has_the_file_is_answer_enough(server, network, monkeypatch) -> None:
    monkeypatch.setenv("MSHUB_MIRRORS", f"https://example.org/={server.origin}/")
    url = server.serve("/a.ckpt", CONTENT)
    assert network.ask("https://example.org/a.ckpt") == Answer(url, 200, 7)


def test_where_the_mirror_lacks_the_file_the_link_itself_is_asked(
    server, network, monkeypatch
) -> None:
    monkeypatch.setenv("MSHUB_MIRRORS", f"{server.origin}/a={server.origin}/mirror/a")
    link = server.serve("/a.ckpt", CONTENT)
    assert network.ask(link).alive
    assert asked(server)[-1] == "/a.ckpt"
    assert "/mirror/a.ckpt" in asked(server)
