"""A verified file for an asset, whatever servers and disks do."""

import json
import os
import pickle
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from hub.assets.cache.cache import Cache, CachedFile
from hub.assets.lockfile import LockedAsset, LockFile
from hub.assets.store import fetch_asset
from hub.cards.asset import Asset
from hub.digests import Digest
from hub.errors import (
    ArgumentError,
    CacheError,
    DownloadError,
    IntegrityError,
    OfflineError,
    UnsafeFileError,
)
from tests.conftest import (
    QUICK,
    AssetServer,
    all_files,
    answer,
    answer_status,
    digest_of,
    redirect,
)

CONTENT = b"weights " * 50_000
SHA256 = digest_of(CONTENT)
BLOB = f"blobs/{SHA256[:2]}/{SHA256}/lite0.ckpt"


def make_asset(link: str, digest: str | None = SHA256) -> Asset:
    return Asset("ckpt", link, Digest.parse(digest) if digest else None)


@pytest.fixture
def asset(server: AssetServer) -> Asset:
    return make_asset(server.serve("/models/lite0.ckpt", CONTENT))


@pytest.fixture
def cache(cache_folder: Path) -> Cache:
    return Cache(cache_folder)


def test_a_fetched_file_has_its_own_name_its_content_and_its_facts(
    asset: Asset, cache: Cache
) -> None:
    file = fetch_asset(asset, cache)
    assert file.path == cache.folder / BLOB
    assert file.path.read_bytes() == CONTENT
    assert (file.sha256, file.size, file.digest) == (SHA256, len(CONTENT), SHA256)
    assert file.link == file.served_by == asset.link
    assert file.fetched_at.endswith("+00:00")


def test_a_second_fetch_makes_no_request(asset: Asset, cache: Cache, server: AssetServer) -> None:
    first = fetch_asset(asset, cache)
    server.stop()
    assert fetch_asset(asset, Cache(cache.folder)) == first
    assert len(server.requests) == 1


def test_a_cached_fetch_does_not_read_the_file(asset: Asset, cache: Cache) -> None:
    file = fetch_asset(asset, cache)
    before = file.path.stat()
    content = bytes(len(CONTENT))
    file.path.chmod(0o644)
    file.path.write_bytes(content)  # the same size; now the same times too: only a hash would tell
    os.utime(file.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert fetch_asset(asset, cache).path.read_bytes() == content


def test_the_cache_follows_the_umask_and_its_files_are_read_only(
    asset: Asset, cache: Cache
) -> None:
    before = os.umask(0o027)
    try:
        path = fetch_asset(asset, cache).path
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o440
    assert (cache.folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f")


def test_only_blob_and_records_are_left(asset: Asset, cache: Cache) -> None:
    fetch_asset(asset, cache)
    blob, link = all_files(cache.folder)
    assert blob == BLOB
    assert link.startswith("links/")


@pytest.mark.parametrize("change", ["content", "truncated", "touched"])
def test_a_file_that_changed_on_disk_is_noticed(
    asset: Asset, cache: Cache, server: AssetServer, change: str
) -> None:
    path = fetch_asset(asset, cache).path
    path.chmod(0o644)
    if change == "content":
        path.write_bytes(b"x" * len(CONTENT))
    elif change == "truncated":
        path.write_bytes(CONTENT[:-1])
    else:
        os.utime(path, (1, 1))
    assert fetch_asset(asset, cache).path.read_bytes() == CONTENT
    assert len(server.requests) == (1 if change == "touched" else 2)


def test_a_deleted_file_is_fetched_again(asset: Asset, cache: Cache, server: AssetServer) -> None:
    fetch_asset(asset, cache).path.unlink()
    assert fetch_asset(asset, cache).path.read_bytes() == CONTENT
    assert len(server.requests) == 2


def test_a_changed_file_is_not_returned_offline(
    asset: Asset, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = fetch_asset(asset, cache).path
    path.chmod(0o644)
    path.write_bytes(b"changed")
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    with pytest.raises(OfflineError, match=r"is not in the cache .*, and MSHUB_OFFLINE is set"):
        fetch_asset(asset, cache)
    assert BLOB not in all_files(cache.folder)


def test_offline_serves_what_is_cached(
    asset: Asset, cache: Cache, server: AssetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch_asset(asset, cache)
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    assert fetch_asset(asset, cache).path.read_bytes() == CONTENT
    assert len(server.requests) == 1


def test_offline_and_not_cached_makes_no_request(
    asset: Asset, cache: Cache, server: AssetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    with pytest.raises(OfflineError) as caught:
        fetch_asset(asset, cache)
    assert caught.value.url == asset.link
    assert (server.requests, all_files(cache.folder)) == ([], [])


def spoil_length(server: AssetServer) -> None:
    server.behave("/models/lite0.ckpt", answer(CONTENT[:99], announced=len(CONTENT)))


def spoil_status(server: AssetServer) -> None:
    server.behave("/models/lite0.ckpt", answer_status(500))


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (spoil_length, DownloadError),
        (spoil_status, DownloadError),
        (AssetServer.stop, DownloadError),
    ],
)
def test_whatever_fails_leaves_nothing_behind_and_a_later_fetch_succeeds(
    asset: Asset,
    cache: Cache,
    server: AssetServer,
    spoil: Callable[[AssetServer], None],
    error: type[Exception],
) -> None:
    spoil(server)
    with pytest.raises(error, match=asset.link):
        fetch_asset(asset, cache, patience=QUICK)
    assert all_files(cache.folder) == []


def test_a_wrong_digest_says_what_was_expected_and_what_came(
    asset: Asset, cache: Cache, server: AssetServer
) -> None:
    server.serve("/models/lite0.ckpt", b"other content")
    with pytest.raises(IntegrityError, match="is not the file that the card means") as caught:
        fetch_asset(asset, cache)
    assert caught.value.expected == SHA256
    assert caught.value.actual == digest_of(b"other content")
    assert (caught.value.strength, caught.value.size) == ("full", len(b"other content"))


def test_a_wrong_file_is_fetched_once_more_and_lies_in_quarantine(
    asset: Asset, cache: Cache, server: AssetServer
) -> None:
    server.serve("/models/lite0.ckpt", b"other content")
    with pytest.raises(IntegrityError, match="what came is kept for a look in ") as caught:
        fetch_asset(asset, cache)
    assert Path(caught.value.kept).read_bytes() == b"other content"
    assert {name.partition("/")[0] for name in all_files(cache.folder)} == {"quarantine"}
    first, second = (headers for _, headers in server.requests)
    assert "Cache-Control" not in first
    assert second["Cache-Control"] == "no-cache"


def test_a_file_that_is_wrong_once_is_right_the_second_time(
    asset: Asset, cache: Cache, server: AssetServer
) -> None:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        answer(CONTENT if len(server.requests) > 1 else b"stale")(handler)

    server.behave("/models/lite0.ckpt", behave)
    assert fetch_asset(asset, cache).path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (pickle.dumps({"weights": [1.0]}), "a pickle, which is a program"),
        (b"PK\x03\x04" + bytes(100), "a zip archive"),
        (b"<!DOCTYPE html><p>Log in</p>", "a web page"),
    ],
)
def test_what_mshub_never_opens_is_refused_though_its_digest_is_right(
    cache: Cache, server: AssetServer, content: bytes, kind: str
) -> None:
    asset = make_asset(server.serve("/lite0.ckpt", content), digest_of(content))
    with pytest.raises(UnsafeFileError, match=f"sent {kind}.*where the card promises a ckpt file"):
        fetch_asset(asset, cache)
    assert not (cache.folder / "blobs").exists()


def test_an_asset_without_a_digest_is_refused_unless_the_caller_says_so(
    asset: Asset, cache: Cache, server: AssetServer
) -> None:
    bare = make_asset(asset.link, None)
    with pytest.raises(IntegrityError, match=r"gives no asset-sha256 .* allow_unverified=True"):
        fetch_asset(bare, cache)
    assert server.requests == []
    file = fetch_asset(bare, cache, allow_unverified=True)
    assert (file.sha256, file.digest) == (SHA256, "")
    server.stop()
    assert fetch_asset(bare, cache, allow_unverified=True) == file


def test_a_prefix_is_enough_and_pins_the_whole_digest(
    asset: Asset, cache: Cache, server: AssetServer
) -> None:
    short = make_asset(asset.link, SHA256[:8])
    assert fetch_asset(short, cache).sha256 == SHA256
    assert json.loads((cache.folder / f"pins/{SHA256[:8]}.json").read_text())["sha256"] == SHA256
    server.stop()
    assert fetch_asset(short, cache).digest == SHA256[:8]


def find_twin(prefix: str) -> bytes:
    """Another file whose SHA-256 begins with the same (here very short) prefix."""
    return next(
        content
        for content in (f"twin {number}".encode() for number in range(10**7))
        if digest_of(content).startswith(prefix)
    )


def test_another_file_with_the_same_prefix_is_refused(
    asset: Asset, cache: Cache, server: AssetServer
) -> None:
    prefix = SHA256[:4]
    short = Asset(
        "ckpt", asset.link, Digest(prefix)
    )  # shorter than a card may have, to find a twin
    fetch_asset(short, cache).path.unlink()
    twin = find_twin(prefix)
    server.serve("/models/lite0.ckpt", twin)
    with pytest.raises(IntegrityError, match="another file than the one first seen") as caught:
        fetch_asset(short, cache)
    assert (caught.value.expected, caught.value.actual) == (SHA256, digest_of(twin))
    (cache.folder / f"pins/{prefix}.json").unlink()  # as the message says
    assert fetch_asset(short, cache).path.read_bytes() == twin


def test_the_same_content_under_another_link_is_not_fetched_again(
    asset: Asset, cache: Cache, server: AssetServer
) -> None:
    fetch_asset(asset, cache)
    other = make_asset(server.origin + "/elsewhere/other_name.ckpt")
    file = fetch_asset(other, cache)
    assert file.path.name == "other_name.ckpt"
    assert file.path.read_bytes() == CONTENT
    assert stat.S_IMODE(file.path.stat().st_mode) & 0o222 == 0
    assert len(server.requests) == 1


@pytest.mark.parametrize("record", [b"", b"{", b"[]", b'{"sha256": 5}', b"\xff", b"[" * 100_000])
def test_a_damaged_record_costs_a_hash_not_a_download(
    asset: Asset, cache: Cache, server: AssetServer, record: bytes
) -> None:
    fetch_asset(asset, cache)
    (link,) = (cache.folder / "links").iterdir()
    link.write_bytes(record)
    assert fetch_asset(asset, cache).path.read_bytes() == CONTENT
    assert len(server.requests) == 1


@pytest.mark.parametrize("filename", ["../../../evil", "/etc/passwd", "..", ""])
def test_a_record_cannot_lead_out_of_the_cache(asset: Asset, cache: Cache, filename: str) -> None:
    fetch_asset(asset, cache)
    (link,) = (cache.folder / "links").iterdir()
    record = json.loads(link.read_text())
    link.write_text(json.dumps({**record, "filename": filename}))
    assert fetch_asset(asset, cache).path == cache.folder / BLOB
    assert [file.path for file in cache.files()] == [cache.folder / BLOB]


def test_a_name_from_a_server_or_card_stays_inside_the_cache(
    server: AssetServer, cache: Cache
) -> None:
    link = server.serve("/x/..%2F..%2F..%2Fevil.ckpt", CONTENT)
    path = fetch_asset(make_asset(link), cache).path
    assert path.parent == (cache.folder / BLOB).parent


def test_a_file_that_was_replaced_with_the_same_size_and_time_is_noticed(
    asset: Asset, cache: Cache, server: AssetServer
) -> None:
    path = fetch_asset(asset, cache).path
    before = path.stat()
    other = path.with_name("other")
    other.write_bytes(b"x" * len(CONTENT))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)
    assert fetch_asset(asset, cache).path.read_bytes() == CONTENT
    assert len(server.requests) == 2


def test_a_record_of_another_digest_is_not_believed(
    asset: Asset, cache: Cache, server: AssetServer
) -> None:
    fetch_asset(asset, cache)
    link = server.serve("/b/lite0.ckpt", b"b")
    other = fetch_asset(make_asset(link, digest_of(b"b")), cache)
    for record in (cache.folder / "links").iterdir():
        facts = {**json.loads(record.read_text()), "sha256": other.sha256, "size": 1}
        status = other.path.stat()
        facts |= {"inode": status.st_ino, "mtime_ns": status.st_mtime_ns}
        record.write_text(json.dumps(facts))
    assert fetch_asset(asset, cache).path.read_bytes() == CONTENT


@pytest.mark.parametrize("pin", ["", "{}", '{"sha256": "../x"}', json.dumps({"sha256": 64 * "0"})])
def test_a_damaged_pin_is_an_error_not_a_new_beginning(
    asset: Asset, cache: Cache, pin: str
) -> None:
    short = make_asset(asset.link, SHA256[:8])
    fetch_asset(short, cache).path.unlink()
    (cache.folder / f"pins/{SHA256[:8]}.json").write_text(pin)
    with pytest.raises(CacheError, match=r"the pin .* is damaged, .*; delete the pin"):
        fetch_asset(short, cache)


def test_a_cache_folder_that_nobody_can_have_is_refused() -> None:
    for folder in ("a\0b", "\ud800", 5):
        with pytest.raises(ArgumentError, match="cannot be a cache folder"):
            Cache(folder)
    assert Cache("~nobody_here/x").folder == Path.cwd() / "~nobody_here" / "x"


def test_mirrors_are_tried_first_and_in_order(
    cache: Cache, server: AssetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.serve("/second/lite0.ckpt", CONTENT)
    prefix = "https://unreachable.invalid/models/"
    mirrors = [f"{prefix}={server.origin}/{name}/" for name in ("first", "second", "third")]
    monkeypatch.setenv("MSHUB_MIRRORS", " ".join(mirrors))
    file = fetch_asset(make_asset(prefix + "lite0.ckpt"), cache)
    assert file.served_by == server.origin + "/second/lite0.ckpt"
    assert file.link == prefix + "lite0.ckpt"
    assert [path for path, _ in server.requests] == ["/first/lite0.ckpt", "/second/lite0.ckpt"]


def test_a_mirror_with_a_wrong_file_is_passed_over(
    asset: Asset, cache: Cache, server: AssetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.serve("/mirror/lite0.ckpt", b"poison")
    monkeypatch.setenv("MSHUB_MIRRORS", f"{server.origin}/models/={server.origin}/mirror/")
    file = fetch_asset(asset, cache)
    assert (file.served_by, file.path.read_bytes()) == (asset.link, CONTENT)


def test_if_no_source_delivers_all_reasons_are_listed(
    cache: Cache, server: AssetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = server.behave("/models/lite0.ckpt", answer_status(500))
    server.serve("/mirror/lite0.ckpt", b"poison")
    monkeypatch.setenv("MSHUB_MIRRORS", f"{server.origin}/models/={server.origin}/mirror/")
    with pytest.raises(IntegrityError) as caught:
        fetch_asset(make_asset(link), cache, patience=QUICK)
    message = str(caught.value)
    assert message.startswith(f"none of the 2 sources of {link} delivered it:\n")
    assert "is not the file that the card means" in message
    assert "answered 500" in message


def test_a_cache_folder_that_is_a_file_is_an_error(asset: Asset, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError, match=r"the cache cannot be used: .*choose another folder with"):
        fetch_asset(asset, Cache(tmp_path / "file"))


def test_a_full_disk_is_a_cache_error_and_leaves_nothing(
    asset: Asset, cache: Cache, server: AssetServer
) -> None:
    """A child process whose files may not grow beyond 100 kB: the same error as a full disk."""
    code = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from hub.assets.cache.cache import Cache
from hub.assets.store import fetch_asset
from hub.cards.asset import Asset
from hub.digests import Digest
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    fetch_asset(Asset("ckpt", {asset.link!r}, Digest({SHA256!r})), Cache({str(cache.folder)!r}))
except OSError as error:
    print(type(error).__name__, error)
"""
    done = run_python(code)
    assert re.match(
        r"CacheError the disk of .* is full \(File too large, .*MSHUB_CACHE", done.stdout
    ), done.stderr
    assert all_files(cache.folder) == []
    assert len(server.requests) == 1


def run_python(code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


FETCH = """
import sys
from hub.assets.cache.cache import Cache
from hub.assets.store import fetch_asset
from hub.cards.asset import Asset
from hub.digests import Digest
link, digest, folder = sys.argv[1:]
print(fetch_asset(Asset("ckpt", link, Digest(digest)), Cache(folder)).path)
"""


def start_fetch(asset: Asset, folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", FETCH, asset.link, SHA256, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def answer_slowly(seconds: float) -> Callable[[BaseHTTPRequestHandler], None]:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        half = len(CONTENT) // 2
        handler.wfile.write(CONTENT[:half])
        time.sleep(seconds)
        handler.wfile.write(CONTENT[half:])

    return behave


def test_eight_processes_at_once_download_once(server: AssetServer, cache: Cache) -> None:
    asset = make_asset(server.behave("/models/lite0.ckpt", answer_slowly(1.0)))
    children = [start_fetch(asset, cache.folder) for _ in range(8)]
    results = [(*child.communicate(timeout=60), child.returncode) for child in children]
    assert set(results) == {(f"{cache.folder / BLOB}\n", "", 0)}
    assert len(server.requests) == 1
    assert (cache.folder / BLOB).read_bytes() == CONTENT


def test_a_killed_download_leaves_no_file_and_the_next_one_succeeds(
    server: AssetServer, cache: Cache
) -> None:
    asset = make_asset(server.behave("/models/lite0.ckpt", answer_slowly(30)))
    partial = cache.folder / "partial"
    with start_fetch(asset, cache.folder) as child:
        wait_until(lambda: partial.is_dir() and any(partial.iterdir()) and server.requests)
        child.send_signal(signal.SIGKILL)
    assert {name.partition("/")[0] for name in all_files(cache.folder)} == {"partial"}
    server.serve("/models/lite0.ckpt", CONTENT)
    assert fetch_asset(asset, cache).path.read_bytes() == CONTENT


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_an_older_version_left_is_swept_when_nobody_writes_to_it(
    asset: Asset, cache: Cache
) -> None:
    partial = cache.folder / "partial"
    partial.mkdir(parents=True)
    for name, age in (("old", 2 * 3600), ("new", 60)):
        (partial / name).touch()
        os.utime(partial / name, (time.time() - age,) * 2)
    fetch_asset(asset, cache)
    assert [path.name for path in partial.iterdir()] == ["new"]


def test_a_cache_lists_its_files(asset: Asset, cache: Cache, server: AssetServer) -> None:
    assert list(cache.files()) == []
    first = fetch_asset(asset, cache)
    other = b"other"
    second = fetch_asset(make_asset(server.serve("/a/other.ckpt", other), digest_of(other)), cache)
    assert list(cache.files()) == [second, first]
    second.path.unlink()
    assert list(cache.files()) == [first]
    assert isinstance(first, CachedFile)


def test_a_redirected_link_is_cached_under_the_link_of_the_card(
    server: AssetServer, cache: Cache
) -> None:
    server.serve("/bucket/7f3a", CONTENT)
    asset = make_asset(server.behave("/models/lite0.ckpt", redirect("/bucket/7f3a")))
    assert fetch_asset(asset, cache).path.name == "lite0.ckpt"


def lock_file(tmp_path: Path, asset: Asset, sha256: str = SHA256) -> LockFile:
    locked = LockedAsset(
        "Ada/lite0@2.5", "ckpt", asset.link, asset.digest_text, sha256, len(CONTENT)
    )
    return LockFile(tmp_path / "hub.lock", (locked,))


@pytest.mark.parametrize("digest", [None, SHA256[:8]])
def test_a_lock_makes_a_weak_or_missing_digest_strong(
    server: AssetServer, cache: Cache, tmp_path: Path, digest: str | None
) -> None:
    asset = make_asset(server.serve("/lite0.ckpt", CONTENT), digest)
    file = fetch_asset(asset, cache, lock=lock_file(tmp_path, asset))
    assert file.digest == SHA256
    assert not (cache.folder / "pins").exists()


def test_a_file_that_the_lock_does_not_mean_is_refused(
    server: AssetServer, cache: Cache, tmp_path: Path
) -> None:
    twin = SHA256[:8] + 56 * "0"
    asset = make_asset(server.serve("/lite0.ckpt", CONTENT), SHA256[:8])
    with pytest.raises(IntegrityError) as caught:
        fetch_asset(asset, cache, lock=lock_file(tmp_path, asset, twin))
    assert (caught.value.expected, caught.value.actual) == (twin, SHA256)


def test_a_card_that_contradicts_the_lock_is_refused_before_any_request(
    server: AssetServer, cache: Cache, tmp_path: Path
) -> None:
    asset = make_asset(server.serve("/lite0.ckpt", CONTENT))
    with pytest.raises(IntegrityError, match="hub lock"):
        fetch_asset(asset, cache, lock=lock_file(tmp_path, asset, 64 * "0"))
    assert server.requests == []


@pytest.mark.parametrize("listed", [True, False])
def test_only_what_is_locked_may_be_used_if_the_caller_says_so(
    asset: Asset, cache: Cache, server: AssetServer, tmp_path: Path, listed: bool
) -> None:
    lock = LockFile(tmp_path / "hub.lock", ()) if listed else None
    with pytest.raises(IntegrityError, match=r"only what is locked may be used; add it with `hub"):
        fetch_asset(asset, cache, lock=lock, locked=True)
    assert server.requests == []


def test_a_mirror_that_failed_is_named_beside_the_one_that_served(
    asset: Asset,
    cache: Cache,
    server: AssetServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("MSHUB_MIRRORS", f"{server.origin}/models/={server.origin}/mirror/")
    fetch_asset(asset, cache)
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith(f"{server.origin}/mirror/lite0.ckpt answered 404")
    assert second == f"lite0.ckpt came from {asset.link}"


GLOBALS = """
import logging, os, random, signal, socket, ssl, sys, threading, urllib.request, warnings
from hub.assets.cache.cache import Cache
from hub.assets.store import fetch_asset
from hub.assets.transfer import download
from hub.cards.asset import Asset
from hub.digests import Digest

def look():
    return (
        urllib.request._opener, ssl._create_default_https_context, socket.getdefaulttimeout(),
        dict(os.environ), os.getcwd(), list(warnings.filters), logging.root.handlers,
        [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        sys.excepthook, threading.excepthook, random.getstate()[1][:0], os.umask(0o022),
    )

link, digest, folder = sys.argv[1:]
before = look()
fetch_asset(Asset("ckpt", link, Digest(digest)), Cache(folder))
print(before == look(), threading.active_count())
"""


def test_a_fetch_changes_nothing_for_the_rest_of_the_process(asset: Asset, cache: Cache) -> None:
    command = [sys.executable, "-c", GLOBALS, asset.link, SHA256, str(cache.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True 1\n", "")


def test_a_cached_file_needs_none_of_the_libraries_that_fetch(asset: Asset, cache: Cache) -> None:
    fetch_asset(asset, cache)
    code = FETCH + "print({'requests', 'filelock', 'tqdm', 'urllib3'} & set(sys.modules))"
    command = [sys.executable, "-c", code, asset.link, SHA256, str(cache.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"{cache.folder / BLOB}\nset()\n"


def test_a_login_in_a_link_is_refused_even_if_the_content_is_cached(
    asset: Asset, cache: Cache, server: AssetServer
) -> None:
    fetch_asset(asset, cache)
    link = asset.link.replace("http://", "http://me:secret@")
    with pytest.raises(DownloadError, match="a login in a link is refused") as caught:
        fetch_asset(make_asset(link), cache)
    assert "secret" not in f"{caught.value}{vars(caught.value)}"


def test_the_cards_own_link_gets_a_fresh_try_after_a_wrong_mirror(
    asset: Asset, cache: Cache, server: AssetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def behave(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers.get("Cache-Control"))
        answer(CONTENT if len(seen) > 1 else b"stale")(handler)

    server.serve("/mirror/lite0.ckpt", b"poison")
    server.behave("/models/lite0.ckpt", behave)
    monkeypatch.setenv("MSHUB_MIRRORS", f"{server.origin}/models/={server.origin}/mirror/")
    assert fetch_asset(asset, cache).path.read_bytes() == CONTENT
    assert seen == [None, "no-cache"]


def test_a_mirror_that_promises_more_than_the_disk_holds_is_passed_over(
    asset: Asset, cache: Cache, server: AssetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.behave("/mirror/lite0.ckpt", answer(b"", announced=500 << 30))
    monkeypatch.setenv("MSHUB_MIRRORS", f"{server.origin}/models/={server.origin}/mirror/")
    assert fetch_asset(asset, cache).served_by == asset.link


def test_two_sources_without_a_digest_are_never_mixed(
    cache: Cache, server: AssetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = server.behave("/models/lite0.ckpt", answer(b"B" * 10_000, ETag='"1"'))
    server.behave("/mirror/lite0.ckpt", answer(b"A" * 4_000, announced=10_000, ETag='"1"'))
    monkeypatch.setenv("MSHUB_MIRRORS", f"{server.origin}/models/={server.origin}/mirror/")
    file = fetch_asset(make_asset(link, None), cache, allow_unverified=True, patience=QUICK)
    assert file.path.read_bytes() == b"B" * 10_000


def test_a_mail_address_in_a_query_is_no_login(cache: Cache, server: AssetServer) -> None:
    link = server.behave("/lite0.ckpt?by=me@example.org", answer(CONTENT))
    assert fetch_asset(make_asset(link), cache).sha256 == SHA256
