"""The commands fetch and lock, and the Python functions beside them."""

import asyncio
import itertools
import json
import os
import re
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.api import fetch
from hub.assets.batch import Job, Outcome
from hub.assets.cache.cache import Cache
from hub.cards.asset import Asset
from hub.cli import main
from hub.cli.events import Events
from hub.digests import Digest
from hub.errors import ArgumentError, IntegrityError, ModelNotFoundError
from hub.fetching import fetch_async, fetch_many, resolve_jobs
from hub.lockfile_update import lock_models
from hub.registry.entry import Root
from hub.registry.registry import Registry
from tests.conftest import CARD, AssetServer, all_files, answer, answer_status, digest_of

Run = Callable[..., "Done | subprocess.CompletedProcess[str]"]
Publish = Callable[..., str]

A, B, C = b"a" * 1000, b"b" * 2000, b"c" * 3000


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder without a hub.lock, and a registry of its own."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MSHUB_REGISTRY", str(tmp_path / "cards"))
    return folder


@dataclass(frozen=True)
class Done:
    """What a command did that ran in this process, which is much quicker."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def call() -> Run:
    def call(*arguments: object) -> Done:
        done = CliRunner().invoke(main, [str(argument) for argument in arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    return call


@pytest.fixture
def publish(server: AssetServer, tmp_path: Path) -> Publish:
    """Serve files, and publish a card that lists them."""

    def publish(
        name: str, *contents: bytes, digest: str | None = None, path: str = "", version: str = "2.5"
    ) -> str:
        kinds = ("ckpt", "mslite", "onnx")
        assets = []
        for kind, content in zip(kinds, contents, strict=False):
            link = server.serve(path or f"/{name}.{kind}", content)
            stated = digest_of(content)[:8] if digest is None else digest
            line = f"  asset-sha256: {stated}\n" if stated else ""
            assets.append(f"- file-format: {kind}\n  asset-link: <{link}>\n{line}")
        text = CARD.format(name=name, version=version, link="LINK", digest="DIGEST")
        head, _, tail = text.partition("- file-format")
        tail = tail.partition("license:")[2]
        card = tmp_path / "cards/ada" / f"{name}.md"
        card.parent.mkdir(parents=True, exist_ok=True)
        card.write_text(f"{head}{''.join(assets)}\nlicense:{tail}")
        return f"ada/{name}"

    return publish


@pytest.fixture
def three(publish: Publish) -> list[str]:
    return [publish("a", A), publish("b", B), publish("c", C)]


def asked(server: AssetServer) -> list[str]:
    return [path for path, _ in server.requests]


def read_events(stderr: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in stderr.splitlines()]


# One and several ids


def test_paths_come_in_the_order_of_the_ids_one_a_line(call: Run, three: list[str]) -> None:
    done = call("fetch", three[2], three[0], three[1])
    assert (done.returncode, done.stderr) == (0, "")
    assert [Path(line).read_bytes() for line in done.stdout.splitlines()] == [C, A, B]


def test_one_failing_id_stops_no_other_and_every_failure_is_listed(
    run: Run, three: list[str], server: AssetServer
) -> None:
    server.behave("/b.ckpt", answer_status(404))
    done = run("fetch", three[0], "ada/q", three[1], three[2])
    assert [Path(line).read_bytes() for line in done.stdout.splitlines()] == [A, C]
    missing, broken, total = done.stderr.splitlines()
    assert missing.startswith("error: ada/q is in no registry")
    assert re.match(r"error: ada/b@2\.5: http://.*/b\.ckpt answered 404 Not Found", broken)
    assert total == "2 of 4 failed"
    assert done.returncode == 3  # that of the first failure


def test_the_exit_code_is_that_of_the_first_failure(
    call: Run, three: list[str], server: AssetServer
) -> None:
    server.behave("/a.ckpt", answer_status(404))
    assert call("fetch", three[0], "ada/q").returncode == 4


def test_the_same_asset_is_fetched_once_and_printed_for_each_id(
    call: Run, publish: Publish, server: AssetServer
) -> None:
    publish("a", A), publish("twin", A, path="/a.ckpt")
    lines = call("fetch", "ada/a", "ada/twin", "ada/a").stdout.splitlines()
    assert len(lines) == 3
    assert len(set(lines)) == 1
    assert asked(server) == ["/a.ckpt"]


def test_nothing_named_is_wrong_use(call: Run) -> None:
    done = call("fetch")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Name an ID, or a pattern with --all." in done.stderr


def test_json_has_file_for_one_id_and_files_always(call: Run, three: list[str]) -> None:
    one = json.loads(call("fetch", three[0], "--json").stdout)
    assert one["schema_version"] == 1
    assert one["file"] == one["files"][0]
    assert (one["file"]["id"], one["file"]["size"]) == ("ada/a@2.5", 1000)
    done = call("fetch", three[0], "ada/q", "--json")
    several = json.loads(done.stdout)
    assert "file" not in several
    assert [file["id"] for file in several["files"]] == ["ada/a@2.5"]
    failure = several["failures"][0]
    assert (failure["id"], failure["error"]) == ("ada/q", "ModelNotFoundError")
    assert failure["exit_code"] == done.returncode == 3


def test_a_format_may_be_repeated_and_all_takes_every_asset(call: Run, publish: Publish) -> None:
    model = publish("a", A, B, C)

    def fetch_formats(*formats: str) -> list[str]:
        options = [f"--file-format={name}" for name in formats]
        return [Path(line).suffix for line in call("fetch", model, *options).stdout.splitlines()]

    assert fetch_formats() == [".ckpt"]
    assert fetch_formats("onnx", "ckpt") == [".onnx", ".ckpt"]
    assert fetch_formats("all") == [".ckpt", ".mslite", ".onnx"]
    done = call("fetch", model, "--file-format", "ckpt", "--file-format", "air")
    assert done.returncode == 3
    assert "ada/a@2.5 has no air asset; it has: ckpt, mslite, onnx" in done.stderr
    assert done.stdout.endswith("a.ckpt\n")


def test_all_takes_the_models_that_match(call: Run, three: list[str]) -> None:
    done = call("fetch", "--all", "ada/[bc]")
    assert [Path(line).read_bytes() for line in done.stdout.splitlines()] == [B, C]


def test_a_pattern_costs_one_scan_for_all_models_that_match(
    publish: Publish, tmp_path: Path
) -> None:
    class Counting(Registry):
        scans = 0

        @property
        def roots(self) -> tuple[Root, ...]:
            self.scans += 1
            return super().roots

    for number in range(20):
        publish(f"m{number:02}", A)
    registry = Counting(tmp_path / "cards")
    found = resolve_jobs([], registry, patterns=["ada/*"])
    assert [job.model_id for job in found] == [f"ada/m{number:02}@2.5" for number in range(20)]
    assert registry.scans <= 2


def test_all_that_matches_nothing_is_not_found(call: Run, three: list[str]) -> None:
    done = call("fetch", "--all", "bert*")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "error: no model matches 'bert*'; `hub list` shows all that there are\n"


def test_all_takes_the_newest_version_of_each_model(
    call: Run, server: AssetServer, tmp_path: Path
) -> None:
    for version, content in (("2.5", A), ("2.10", B)):
        link = server.serve(f"/{version}.ckpt", content)
        card = tmp_path / "cards/ada" / version / "model.md"
        card.parent.mkdir(parents=True)
        digest = digest_of(content)[:8]
        card.write_text(CARD.format(name="model", version=version, link=link, digest=digest))
    assert Path(call("fetch", "--all", "ada/*").stdout.strip()).read_bytes() == B


def test_a_card_without_a_digest_needs_a_word(call: Run, publish: Publish) -> None:
    model = publish("a", A, digest="")
    assert call("fetch", model).returncode == 5
    assert call("fetch", model, "--allow-unverified").returncode == 0


# --output


def test_output_gets_copies_and_prints_their_paths(
    call: Run, three: list[str], project: Path
) -> None:
    done = call("fetch", *three, "--output", "weights")
    assert done.stdout.splitlines() == [str(Path("weights") / f"{n}.ckpt") for n in "abc"]
    assert [(project / "weights" / f"{name}.ckpt").read_bytes() for name in "abc"] == [A, B, C]
    again = json.loads(call("fetch", *three, "--output", "weights", "--json").stdout)
    assert [file["state"] for file in again["files"]] == 3 * ["unchanged"]


def test_other_content_in_output_is_refused_before_the_download_and_force_replaces_it(
    call: Run, three: list[str], project: Path, server: AssetServer
) -> None:
    (project / "a.ckpt").write_bytes(b"mine")
    done = call("fetch", *three[:2], "--output", ".")
    assert done.returncode == 6
    assert done.stderr.startswith("error: ada/a@2.5: a.ckpt is there with other content; --force")
    assert (done.stdout, asked(server)) == ("b.ckpt\n", ["/b.ckpt"])
    assert (project / "a.ckpt").read_bytes() == b"mine"
    assert call("fetch", three[0], "--output", ".", "--force").returncode == 0
    assert (project / "a.ckpt").read_bytes() == A
    done = call("fetch", three[0], "--force")
    assert (done.returncode, "--force is about the files in --output" in done.stderr) == (2, True)


def test_two_assets_with_one_name_are_refused_before_anything_is_downloaded(
    call: Run, publish: Publish, server: AssetServer, project: Path
) -> None:
    publish("a", A, path="/1/same.ckpt"), publish("b", B, path="/2/same.ckpt")
    done = call("fetch", "ada/a", "ada/b", "--output", "weights")
    assert done.returncode == 2
    assert "ada/a@2.5 and ada/b@2.5 both have a file named same.ckpt" in done.stderr
    assert (asked(server), list(project.iterdir())) == ([], [])


def test_output_that_cannot_be_written_is_a_disk_error_before_the_download(
    call: Run, three: list[str], project: Path, server: AssetServer
) -> None:
    (project / "file").write_text("")
    done = call("fetch", three[0], "--output", "file")
    assert (done.returncode, asked(server)) == (6, [])
    assert "error: file is a file, and a folder is wanted there; name another" in done.stderr


@pytest.mark.parametrize("command", ["fetch", "lock"])
def test_an_empty_output_is_wrong_use(call: Run, three: list[str], command: str) -> None:
    done = call(command, three[0], "--output", "")
    assert (done.returncode, done.stdout) == (2, "")
    assert "it is empty; write '.' for the current folder, or a name" in done.stderr


# --dry-run


def test_a_dry_run_says_all_and_downloads_nothing(
    call: Run, three: list[str], cache_folder: Path, project: Path
) -> None:
    call("fetch", three[0])
    before = all_files(cache_folder)
    done = call("fetch", *three, "ada/q", "--dry-run", "--output", "weights")
    header, *rows, total = done.stdout.splitlines()
    assert header.split() == ["ID", "SIZE", "CACHED", "DIGEST", "HOST", "SOURCE", "TARGET"]
    cells = [re.split(r" {2,}", row) for row in rows]
    assert [row[:4] for row in cells] == [
        ["ada/a@2.5", "1.0 kB", "yes", "weak: a prefix of 32 bits"],
        ["ada/b@2.5", "2.0 kB", "no", "weak: a prefix of 32 bits"],
        ["ada/c@2.5", "3.0 kB", "no", "weak: a prefix of 32 bits"],
    ]
    assert cells[0][5:] == ["the cache", str(Path("weights") / "a.ckpt")]
    assert cells[1][5].endswith("/b.ckpt")
    assert total == "3 files, 6.0 kB; 5.0 kB to download"
    assert (done.returncode, "ada/q is in no registry" in done.stderr) == (3, True)
    assert all_files(cache_folder) == before
    assert list(project.iterdir()) == []


def test_a_dry_run_names_the_mirror_that_would_serve_and_what_none_would(
    call: Run, three: list[str], server: AssetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.serve("/mirror/b.ckpt", B)
    server.behave("/c.ckpt", answer_status(404))
    monkeypatch.setenv("MSHUB_MIRRORS", f"{server.origin}/={server.origin}/mirror/")
    done = call("fetch", *three, "--dry-run", "--json")
    document = json.loads(done.stdout)
    a, b, c = document["files"]
    assert (a["source"], a["size"], a["size_from"]) == (f"{server.origin}/a.ckpt", 1000, "server")
    assert (b["source"], b["cached"]) == (f"{server.origin}/mirror/b.ckpt", False)
    assert (c["source"], c["size"]) == ("", None)
    assert c["problem"] == f"{server.origin.removeprefix('http://')} answers 404"
    assert document["total"] == {
        "files": 3,
        "size": 3000,
        "to_download": 3000,
        "unknown": 0,
        "unavailable": 1,
    }
    assert (document["dry_run"], document["schema_version"]) == (True, 1)
    (failure,) = document["failures"]
    assert (failure["id"], failure["error"]) == ("ada/c@2.5", "DownloadError")
    assert done.returncode == failure["exit_code"] == 4


def test_a_dry_run_fails_with_what_nobody_would_serve_and_does_not_count_it(
    call: Run, three: list[str], server: AssetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("lock", *three)
    monkeypatch.setenv("MSHUB_CACHE", "empty")
    server.behave("/c.ckpt", answer_status(404))
    done = call("fetch", *three[1:], "--dry-run")
    assert done.returncode == 4
    assert done.stdout.splitlines()[-1].endswith("; 1 cannot be had")
    host = server.origin.removeprefix("http://")
    assert done.stderr.splitlines()[0] == (
        f"error: ada/c@2.5: nobody would serve {server.origin}/c.ckpt: {host} answers 404"
    )
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    done = call("fetch", three[2], "--dry-run", "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["failures"][0]["error"]) == (4, "OfflineError")
    assert document["total"]["to_download"] == 0
    assert "0 B to download" not in call("fetch", three[2], "--dry-run").stdout


def test_a_dry_run_s_json_has_the_names_of_the_real_one(
    call: Run, three: list[str], project: Path
) -> None:
    dry = json.loads(call("fetch", three[0], "--dry-run", "--json").stdout)
    real = json.loads(call("fetch", three[0], "--json").stdout)
    assert dry["file"] == dry["files"][0]
    same = ("id", "file", "file_format", "link", "size")
    assert [dry["file"][name] for name in same] == [real["file"][name] for name in same]
    assert [real["file"][name] for name in ("file", "cached", "received")] == [
        "a.ckpt",
        False,
        1000,
    ]
    dry = json.loads(call("fetch", three[0], "--dry-run", "--json", "--output", "w").stdout)
    real = json.loads(call("fetch", three[0], "--json", "--output", "w").stdout)
    for name in ("id", "file", "output", "sha256", "cached", "size"):
        assert dry["file"][name] == real["file"][name]
    assert (real["file"]["cached"], real["file"]["received"]) == (True, 0)
    nothing = json.loads(call("fetch", "ada/q", "--dry-run", "--json").stdout)
    assert (nothing["files"], "file" in nothing) == ([], False)


def test_a_link_with_a_login_is_refused_by_a_dry_run_of_a_cached_file_too(
    call: Run, publish: Publish, server: AssetServer, tmp_path: Path, cache_folder: Path
) -> None:
    model = publish("a", A)
    card = tmp_path / "cards/ada/a.md"
    card.write_text(card.read_text().replace("http://", "http://me:word@"))
    local = tmp_path / "local"
    local.write_bytes(A)
    link = f"{server.origin}/a.ckpt".replace("http://", "http://me:word@")
    digest = Digest.parse(digest_of(A)[:8])
    Cache(cache_folder).add(local, link=link, digest=digest, filename="a.ckpt")
    for options in ([], ["--dry-run"]):
        done = call("fetch", model, *options)
        assert done.returncode == 4
        assert "a login in a link is refused" in done.stderr
        assert "word" not in done.stderr
    assert asked(server) == []


def test_a_dry_run_without_a_network_knows_sizes_from_the_lock(
    call: Run,
    three: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    server: AssetServer,
) -> None:
    call("lock", three[0])
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    monkeypatch.setenv("MSHUB_CACHE", str(tmp_path / "empty"))
    before = len(server.requests)
    document = json.loads(call("fetch", *three[:2], "--dry-run", "--json").stdout)
    a, b = document["files"]
    assert (a["size"], a["size_from"], a["strength"]) == (1000, "lock", "full")
    assert a["sha256"] == digest_of(A)
    assert (b["size"], b["problem"]) == (None, "MSHUB_OFFLINE is set")
    assert len(server.requests) == before


# --progress json, terminals


def test_json_progress_is_one_event_a_line_and_nothing_else(
    run: Run, three: list[str], server: AssetServer
) -> None:
    server.behave("/b.ckpt", answer_status(404))
    done = run("fetch", *three, "ada/q", "--progress", "json")
    events = read_events(done.stderr)
    for event in events:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", str(event["time"]))
    start = next(e for e in events if e["event"] == "start" and e["id"] == "ada/a@2.5")
    assert (start["file"], start["received"], start["size"]) == ("a.ckpt", 0, 1000)
    ends = {e["id"]: e for e in events if e["event"] == "done"}
    assert set(ends) == {"ada/a@2.5", "ada/c@2.5"}
    assert ends["ada/c@2.5"]["received"] == ends["ada/c@2.5"]["size"] == 3000
    errors = {e["id"]: e for e in events if e["event"] == "error"}
    assert set(errors) == {"ada/b@2.5", "ada/q"}
    assert (errors["ada/q"]["exit_code"], errors["ada/b@2.5"]["file"]) == (3, "b.ckpt")
    total = events[-1]
    assert (total["event"], total["done"], total["failed"]) == ("total", 2, 2)
    assert total["received"] == 4000
    assert len(done.stdout.splitlines()) == 2


def test_json_progress_holds_an_error_before_the_first_file_too(
    call: Run, three: list[str]
) -> None:
    done = call("fetch", three[0], "--locked", "--progress", "json")
    (event,) = read_events(done.stderr)
    assert (event["event"], event["exit_code"], done.returncode) == ("error", 5, 5)


def test_progress_events_come_at_most_ten_a_second_per_file(
    call: Run, publish: Publish, server: AssetServer
) -> None:
    pieces, piece = 40, 64 << 10

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(pieces * piece))
        handler.end_headers()
        for _ in range(pieces):
            handler.wfile.write(bytes(piece))
            time.sleep(0.02)

    models = [publish(name, bytes(pieces * piece)) for name in "ab"]
    for name in "ab":
        server.behave(f"/{name}.ckpt", trickle)
    events = read_events(call("fetch", *models, "--progress", "json").stderr)
    for model in ("ada/a@2.5", "ada/b@2.5"):
        mine = [e for e in events if e["event"] in {"start", "progress"} and e["id"] == model]
        assert len(mine) > 2
        times = [float(str(e["time"])[17:23]) for e in mine]
        assert all((b - a) % 60 > 0.09 for a, b in itertools.pairwise(times))
        received = [int(str(e["received"])) for e in mine]
        assert received == sorted(received)


def test_done_events_say_what_was_cached_and_received_counts_what_came_now(
    call: Run, three: list[str], publish: Publish, server: AssetServer
) -> None:
    content = bytes(4 << 20)
    model = publish("big", content)

    def stop_half_way(handler: BaseHTTPRequestHandler) -> None:
        answer(content[: 2 << 20], announced=len(content), ETag='"1"')(handler)

    call("fetch", three[0])
    starts: list[int] = []
    server.behave("/big.ckpt", stop_half_way)
    assert call("fetch", model, "--progress", "none").returncode == 4
    server.behave("/big.ckpt", continue_from(content, starts))
    events = read_events(call("fetch", *three[:2], model, "--progress", "json").stderr)
    ends = {e["id"]: (e["cached"], e["received"]) for e in events if e["event"] == "done"}
    rest = len(content) - starts[0]
    assert ends == {
        "ada/a@2.5": (True, 0),
        "ada/b@2.5": (False, 2000),
        "ada/big@2.5": (False, rest),
    }
    assert 0 < rest < len(content)
    start = next(e for e in events if e["event"] == "start" and e["id"] == "ada/big@2.5")
    assert (start["received"], start["present"]) == (0, starts[0])
    assert (events[-1]["received"], events[-1]["size"]) == (2000 + rest, 3000 + len(content))


def test_events_of_many_threads_count_up(capsys: pytest.CaptureFixture[str]) -> None:
    events, asset = Events(), Asset("ckpt", "https://a.org/a.ckpt", None)
    followed = events.follow(Job("ada/a@2.5", asset), 0)
    followed.begin(None, 0)
    failed = Outcome("ada/a@2.5", asset, error=ArgumentError("no"))
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:

        def work() -> None:
            for _ in range(300):
                followed.advance(1)
                followed._told = 0.0  # as if a tenth of a second were over
                events.finish(failed)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    events.close()
    told = read_events(capsys.readouterr().err)
    received = [int(str(e["received"])) for e in told if e["event"] == "progress"]
    assert received == sorted(received)
    assert told[-1]["failed"] == 1200


def test_notes_and_warnings_are_events_as_well(
    run: Run, publish: Publish, server: AssetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = publish("a", A)
    server.behave("/mirror/a.ckpt", answer_status(404))
    monkeypatch.setenv("MSHUB_MIRRORS", f"{server.origin}/={server.origin}/mirror/")
    events = read_events(run("fetch", model, "--progress", "json").stderr)
    notes = [str(e["message"]) for e in events if e["event"] == "note"]
    assert any("/mirror/a.ckpt answered 404" in note for note in notes)


def read_terminal(command: list[object], width: int = 100) -> tuple[bytes, str]:
    """Run a command on a terminal, and return its standard output and what the terminal got."""
    fcntl, pty, termios = map(pytest.importorskip, ("fcntl", "pty", "termios"))
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal) as child:
        os.close(terminal)
        shown = b""
        try:
            while chunk := os.read(controller, 4096):
                shown += chunk
        except OSError:  # Linux ends a terminal without writers with EIO
            pass
        os.close(controller)
        return child.stdout.read(), shown.decode()


def test_a_terminal_gets_a_bar_for_each_file_and_a_total(three: list[str]) -> None:
    stdout, shown = read_terminal([sys.executable, "-m", "hub", "fetch", *three])
    assert len(stdout.splitlines()) == 3
    for name in ("a.ckpt: ", "b.ckpt: ", "c.ckpt: ", "total: "):
        assert name in shown
    assert "6.00k" in shown
    _, shown = read_terminal([sys.executable, "-m", "hub", "fetch", *three, "--no-progress"])
    assert shown == ""


# Ctrl-C


@pytest.fixture
def slow(server: AssetServer) -> Iterator[Callable[[str, bytes, int], None]]:
    """Let a path stop answering after some bytes, for as long as the test runs."""
    over = threading.Event()

    def stop_after(path: str, content: bytes, size: int) -> None:
        def behave(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(content)))
            handler.send_header("ETag", '"1"')
            handler.end_headers()
            handler.wfile.write(content[:size])
            handler.wfile.flush()
            over.wait(30)

        server.behave(path, behave)

    yield stop_after
    over.set()


def continue_from(content: bytes, starts: list[int]) -> Callable[[BaseHTTPRequestHandler], None]:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        wanted = re.match(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        start = int(wanted[1]) if wanted else 0
        starts.append(start)
        headers = {"ETag": '"1"'}
        if start:
            headers["Content_Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        answer(content[start:], status=206 if start else 200, **headers)(handler)

    return behave


def interrupt(cache_folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command, and press Ctrl-C as soon as two mebibytes of a file are here."""
    command = [sys.executable, "-m", "hub", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        deadline = time.monotonic() + 20
        partials = cache_folder / "partial"
        while time.monotonic() < deadline and not any(
            path.stat().st_size >= 2 << 20 for path in partials.glob("*.part")
        ):
            time.sleep(0.02)
        start = time.monotonic()
        child.send_signal(signal.SIGINT)
        stdout, stderr = child.communicate(timeout=20)
    assert time.monotonic() - start < 10  # one or two; the server stays silent for thirty
    assert "Traceback" not in stderr
    return subprocess.CompletedProcess(command, child.returncode, stdout, stderr)


ctrl_c = pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")


@ctrl_c
@pytest.mark.parametrize("options", [[], ["--jobs", "1"], ["--progress", "json"]])
def test_ctrl_c_ends_soon_says_what_is_kept_and_the_same_command_goes_on(
    call: Run,
    publish: Publish,
    server: AssetServer,
    slow: Callable[[str, bytes, int], None],
    options: list[str],
    cache_folder: Path,
) -> None:
    content = bytes(4 << 20)
    models = [publish("a", content), publish("b", B)]
    slow("/a.ckpt", content, 3 << 20)
    done = interrupt(cache_folder, "fetch", *models, *options)
    assert done.returncode == 130
    last = read_events(done.stderr)[-1]["message"] if "json" in options else done.stderr
    found = re.search(r"interrupted; kept are (.+) of a\.ckpt; the same command goes on", str(last))
    assert found, done.stderr
    assert found[1] in {"2.1 MB", "3.1 MB"}
    starts: list[int] = []
    server.behave("/a.ckpt", continue_from(content, starts))
    again = call("fetch", *models)
    assert [Path(line).read_bytes() for line in again.stdout.splitlines()] == [content, B]
    assert starts[0] >= 2 << 20


@ctrl_c
def test_ctrl_c_leaves_the_lock_as_it_was(
    publish: Publish,
    slow: Callable[[str, bytes, int], None],
    cache_folder: Path,
    project: Path,
) -> None:
    content = bytes(4 << 20)
    models = [publish("a", content), publish("b", B)]
    slow("/a.ckpt", content, 3 << 20)
    done = interrupt(cache_folder, "lock", *models)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "interrupted; the lock is as it was, and the same command goes on\n"
    assert list(project.iterdir()) == []


# hub.lock


def test_lock_writes_whole_digests_and_says_which_became_strong(
    run: Run, three: list[str], project: Path, publish: Publish
) -> None:
    publish("c", C, digest=digest_of(C))
    done = run("lock", *three)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        f"added: ada/a@2.5 ckpt: {digest_of(A)[:8]} (32 bits) became strong: {digest_of(A)}",
        f"added: ada/b@2.5 ckpt: {digest_of(B)[:8]} (32 bits) became strong: {digest_of(B)}",
        f"added: ada/c@2.5 ckpt: {digest_of(C)}",
    ]
    assert done.stderr == "hub.lock changed: 3 added, 2 weak digests became strong\n"
    listed = json.loads((project / "hub.lock").read_text())["assets"]
    assert [(item["sha256"], item["size"]) for item in listed] == [
        (digest_of(content), len(content)) for content in (A, B, C)
    ]


def test_locking_again_changes_nothing_and_other_entries_stay(
    call: Run, three: list[str], project: Path
) -> None:
    call("lock", three[0], three[1])
    before = (project / "hub.lock").stat()
    again = call("lock", three[0])
    assert (again.stdout, again.returncode) == ("", 0)
    assert again.stderr.endswith("hub.lock is up to date\n")
    assert (project / "hub.lock").stat() == before
    call("lock", three[2])
    listed = json.loads((project / "hub.lock").read_text())["assets"]
    assert [item["id"] for item in listed] == ["ada/a@2.5", "ada/b@2.5", "ada/c@2.5"]


def test_lock_from_a_folder_below_finds_the_project_s(
    call: Run, three: list[str], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("lock", three[0])
    (project / "src").mkdir()
    monkeypatch.chdir(project / "src")
    call("lock", three[1])
    assert list((project / "src").iterdir()) == []
    assert len(json.loads((project / "hub.lock").read_text())["assets"]) == 2
    call("lock", three[1], "-o", "mine.lock")
    assert len(json.loads((project / "src/mine.lock").read_text())["assets"]) == 1


def test_check_writes_and_fetches_nothing_and_fails_if_something_would_change(
    call: Run, three: list[str], project: Path, server: AssetServer, publish: Publish
) -> None:
    done = call("lock", three[0], "--check")
    assert (done.returncode, list(project.iterdir()), asked(server)) == (1, [], [])
    assert done.stdout == (f"would be added: ada/a@2.5 ckpt: the card states {digest_of(A)[:8]}\n")
    assert done.stderr == "hub.lock would change: 1 added\n"
    call("lock", three[0])
    before = (project / "hub.lock").read_text()
    assert call("lock", "--check").returncode == 0
    publish("a", B, path="/a.ckpt")  # the card means another file now
    done = call("lock", "--check", "--json")
    assert done.returncode == 1
    change = json.loads(done.stdout)["changes"][0]
    assert (change["action"], change["before"]) == ("changed", digest_of(A))
    assert (project / "hub.lock").read_text() == before


def test_lock_without_ids_goes_through_the_list_again(
    call: Run, three: list[str], project: Path, publish: Publish
) -> None:
    assert "lists nothing yet; name the models: `hub lock ID…`" in call("lock").stderr
    call("lock", *three)
    publish("a", B, path="/moved.ckpt")
    done = call("lock")
    assert done.stdout.splitlines() == [
        "removed: ada/a@2.5 ckpt: its card does not list it any more",
        f"added: ada/a@2.5 ckpt: {digest_of(B)[:8]} (32 bits) became strong: {digest_of(B)}",
    ]
    listed = json.loads((project / "hub.lock").read_text())["assets"]
    assert [item["link"].rpartition("/")[2] for item in listed] == [
        "moved.ckpt",
        "b.ckpt",
        "c.ckpt",
    ]


def test_a_model_that_went_away_is_an_error_and_its_entry_stays(
    call: Run, three: list[str], project: Path, tmp_path: Path
) -> None:
    call("lock", *three)
    before = (project / "hub.lock").read_text()
    (tmp_path / "cards/ada/b.md").unlink()
    done = call("lock")
    assert done.returncode == 3
    assert "ada/b@2.5 is in no registry" in done.stderr
    assert (project / "hub.lock").read_text() == before


def test_another_file_under_the_same_short_digest_is_refused_by_the_lock(
    publish: Publish, server: AssetServer, project: Path, tmp_path: Path
) -> None:
    model = publish("a", A)
    lock_models([model], cache=tmp_path / "one")
    text = (project / "hub.lock").read_text()
    forged = digest_of(A)[:8] + 56 * "0"  # as if this had come when the lock was written
    (project / "hub.lock").write_text(text.replace(digest_of(A), forged))
    with pytest.raises(IntegrityError, match=forged):
        fetch(model, cache=tmp_path / "two")
    report = lock_models([model], cache=tmp_path / "two")
    assert not report.written
    message = str(report.failures[0].error)
    assert forged in message
    assert "if another one is right, remove its entry there, and lock again" in message
    assert len(asked(server)) > 1


def test_a_card_that_is_named_by_its_path_is_locked_and_checked_by_it(
    call: Run,
    publish: Publish,
    tmp_path: Path,
    project: Path,
    server: AssetServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish("a", A)
    odd = project / "cards" / "-odd name.md"
    odd.parent.mkdir()
    odd.write_text((tmp_path / "cards/ada/a.md").read_text().replace("user-id: MindSpore", ""))
    done = call("fetch", "cards/-odd name.md", "--locked")
    assert "add it with `hub lock 'cards/-odd name.md'`" in done.stderr
    assert call("lock", "cards/-odd name.md").returncode == 0
    (entry,) = json.loads((project / "hub.lock").read_text())["assets"]
    assert (entry["id"], entry["card"]) == ("-/-odd-name@2.5", "cards/-odd name.md")
    monkeypatch.chdir(odd.parent)  # the lock's folder counts, not the current one
    assert call("fetch", odd, "--locked").returncode == 0
    for options in ([], ["--check"]):
        done = call("lock", *options)
        assert (done.returncode, done.stdout) == (0, "")
        assert done.stderr == f"{project / 'hub.lock'} is up to date\n"
    server.serve("/new.ckpt", B)
    text = (
        odd.read_text().replace("/a.ckpt", "/new.ckpt").replace(digest_of(A)[:8], digest_of(B)[:8])
    )
    odd.write_text(text.replace("2.5", "2.6"))  # another file, and another id
    assert call("lock", "--check").returncode == 1
    assert call("lock").stdout.splitlines() == [
        "removed: -/-odd-name@2.5 ckpt: its card does not list it any more",
        f"added: -/-odd-name@2.6 ckpt: {digest_of(B)[:8]} (32 bits) became strong: {digest_of(B)}",
    ]
    assert call("lock", "--check").returncode == 0


def test_a_card_that_is_named_by_its_url_is_checked_by_it(
    call: Run, publish: Publish, tmp_path: Path, project: Path, server: AssetServer
) -> None:
    publish("a", A)
    card = tmp_path / "cards/ada/a.md"
    url = server.serve("/page.md", card.read_bytes())
    signed = server.serve("/page.md?key=secret", card.read_bytes())
    card.unlink()
    assert call("lock", signed).returncode == 0
    text = (project / "hub.lock").read_text()
    assert json.loads(text)["assets"][0]["card"] == url
    assert "secret" not in text
    assert call("lock", "--check").stderr == f"{project / 'hub.lock'} is up to date\n"


def test_what_could_not_be_checked_is_never_up_to_date(
    call: Run, three: list[str], project: Path, tmp_path: Path
) -> None:
    call("lock", *three[:2])
    (tmp_path / "cards/ada/b.md").unlink()
    for options, done in (([], "locked"), (["--check"], "checked")):
        told = call("lock", *options)
        summary, error, total = told.stderr.splitlines()
        assert total == "1 of 2 failed"
        assert summary == f"{project / 'hub.lock'} is as it was, and 1 model could not be {done}"
        assert error.startswith("error: ada/b@2.5 is in no registry")
        assert (told.returncode, told.stdout) == (3, "")


def test_check_notices_a_wrong_size_of_a_file_that_is_cached(
    call: Run, three: list[str], project: Path, server: AssetServer
) -> None:
    call("lock", three[0])
    lock = project / "hub.lock"
    lock.write_text(lock.read_text().replace('"size": 1000', '"size": 999'))
    before = len(server.requests)
    done = call("lock", "--check")
    assert done.returncode == 1
    text = "changed: ada/a@2.5 ckpt: its size is 1,000 bytes, not 999\n"
    assert done.stdout == f"would be {text}"
    assert call("lock").stdout == text
    assert '"size": 1000' in lock.read_text()
    assert len(server.requests) == before


def test_a_lock_can_be_printed(call: Run, three: list[str], project: Path) -> None:
    done = call("lock", three[0], "-o", "-")
    assert (done.returncode, done.stderr) == (0, "")
    assert list(project.iterdir()) == []
    call("lock", three[0])
    assert done.stdout == (project / "hub.lock").read_text()
    for option in ("--check", "--json"):
        assert call("lock", three[0], "-o", "-", option).returncode == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_named_hub_lock_is_refused_and_not_waited_for(
    call: Run, three: list[str], project: Path
) -> None:
    os.mkfifo(project / "hub.lock")
    done = call("lock", three[0])
    assert (done.returncode, "hub.lock cannot be read: it is a named pipe" in done.stderr) == (
        2,
        True,
    )
    assert call("fetch", three[0]).returncode == 0


def test_a_card_that_contradicts_the_lock_is_refused_until_it_is_locked_again(
    call: Run, publish: Publish
) -> None:
    call("lock", publish("a", A))
    publish("a", B, path="/a.ckpt")
    done = call("fetch", "ada/a")
    assert done.returncode == 5
    assert f"the card states the digest {digest_of(B)[:8]} (weak" in done.stderr
    assert f"lists {digest_of(A)}" in done.stderr
    assert "`hub lock ada/a@2.5` accepts it" in done.stderr
    done = call("lock", "ada/a@2.5")
    assert done.stdout.startswith("changed: ada/a@2.5 ckpt: ")
    assert Path(call("fetch", "ada/a").stdout.strip()).read_bytes() == B


def test_two_ids_of_one_link_stay_consistent(publish: Publish, project: Path) -> None:
    publish("a", A, path="/same.ckpt"), publish("b", A, path="/same.ckpt", version="2.3")
    lock_models(["ada/a", "ada/b"])
    publish("a", B, path="/same.ckpt")
    with pytest.raises(IntegrityError, match=r"lock both at once with `hub lock ada/a@2\.5 ada/b"):
        lock_models(["ada/a"])
    publish("b", B, path="/same.ckpt", version="2.3")
    assert len(lock_models(["ada/a", "ada/b"]).changes) == 2


def test_a_lock_lets_a_card_without_a_digest_be_fetched(call: Run, publish: Publish) -> None:
    model = publish("a", A, digest="")
    refused = call("lock", model)
    assert refused.returncode == 5
    assert "the card gives no asset-sha256" in refused.stderr
    done = call("lock", model, "--allow-unverified")
    assert "no digest became strong" in done.stdout
    assert call("fetch", model, "--locked").returncode == 0


def test_locked_refuses_all_if_one_is_not_listed(
    call: Run, three: list[str], server: AssetServer, project: Path, cache_folder: Path
) -> None:
    call("lock", three[0], "-o", "other.lock")
    before = len(server.requests)
    done = call("fetch", *three[:2], "--locked", "--lock", "other.lock")
    assert (done.returncode, done.stdout) == (5, "")
    assert "other.lock does not list b.ckpt of ada/b@2.5" in done.stderr
    assert len(server.requests) == before
    assert call("fetch", three[0], "--locked", "--lock", "other.lock").returncode == 0
    done = call("fetch", three[0], "--locked")
    assert (done.returncode, "there is no hub.lock that lists" in done.stderr) == (5, True)


def test_a_damaged_lock_is_wrong_use_and_is_not_overwritten(
    call: Run, three: list[str], project: Path
) -> None:
    (project / "hub.lock").write_text("{")
    for command in ("fetch", "lock"):
        done = call(command, three[0])
        assert done.returncode == 2
        assert "hub.lock cannot be used: line 1, column 2: " in done.stderr
    assert (project / "hub.lock").read_text() == "{"
    assert "there is no lock file" in call("fetch", three[0], "--lock", "none").stderr


# Python


def test_fetch_many_returns_paths_in_the_order_of_the_ids(three: list[str]) -> None:
    paths = fetch_many([three[1], three[0]], jobs=2)
    assert [path.read_bytes() for path in paths] == [B, A]


def test_fetch_many_tries_all_and_names_all_that_failed(
    three: list[str], server: AssetServer, cache_folder: Path
) -> None:
    server.behave("/b.ckpt", answer_status(404))
    with pytest.raises(ModelNotFoundError) as caught:
        fetch_many(["ada/q", *three])
    first, missing, broken = str(caught.value).splitlines()
    assert first == "2 of 4 failed:"
    assert missing.startswith("  ada/q is in no registry")
    assert broken.startswith("  ada/b@2.5: http://")
    assert caught.value.model_id == "ada/q"
    assert len(list(Cache(cache_folder).files())) == 2


@pytest.mark.parametrize("wrong", ["ada/a", Path("a.md")])
def test_fetch_many_wants_a_list(wrong: object) -> None:
    with pytest.raises(ArgumentError, match="model_ids must be a list of ids, not the single one"):
        fetch_many(wrong)


@pytest.mark.parametrize("wrong", [None, 7])
@pytest.mark.parametrize("many", [fetch_many, lock_models])
def test_what_is_no_list_of_ids_is_a_wrong_argument(
    many: Callable[[object], object], wrong: object
) -> None:
    with pytest.raises(ArgumentError, match=f"model_ids must be a list of ids, not {wrong}"):
        many(wrong)


def test_a_single_url_s_secrets_are_not_repeated() -> None:
    with pytest.raises(ArgumentError, match=r"not the single one 'https://a\.org/a\.md'"):
        fetch_many("https://me:word@a.org/a.md?key=secret")


@pytest.mark.parametrize("many", [fetch_many, lock_models])
@pytest.mark.parametrize("wrong", [0, True])
def test_jobs_must_be_a_number_from_1(
    three: list[str], many: Callable[..., object], wrong: object
) -> None:
    with pytest.raises(ArgumentError, match=f"jobs must be a number of files from 1, not {wrong}"):
        many(three, jobs=wrong)


@pytest.mark.parametrize("name", [300 * "a", "a\0b", ""])
def test_a_lock_needs_a_name_that_a_file_can_have(three: list[str], name: str) -> None:
    with pytest.raises(ArgumentError, match="lock file"):
        lock_models(three, path=name)


def test_a_url_s_secrets_are_not_repeated() -> None:
    url = "https://me:password@127.0.0.1:1/card.md?signature=secret"
    with pytest.raises(Exception, match="2 of 2 failed") as caught:
        fetch_many([url, url])
    assert "secret" not in str(caught.value)
    assert "password" not in str(caught.value)


def test_fetch_async_leaves_the_loop_free(three: list[str]) -> None:
    async def fetch_two() -> list[Path]:
        return await asyncio.gather(fetch_async(three[0]), fetch_async(three[1]))

    assert [path.read_bytes() for path in asyncio.run(fetch_two())] == [A, B]


def test_a_cancelled_fetch_async_still_fills_the_cache(
    three: list[str], server: AssetServer, cache_folder: Path
) -> None:
    begun, go = threading.Event(), threading.Event()

    def wait(handler: BaseHTTPRequestHandler) -> None:
        begun.set()
        go.wait(10)
        answer(A)(handler)

    server.behave("/a.ckpt", wait)

    async def cancel() -> None:
        task = asyncio.create_task(fetch_async(three[0]))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go.set()

    asyncio.run(cancel())
    assert [file.path.read_bytes() for file in Cache(cache_folder).files()] == [A]
