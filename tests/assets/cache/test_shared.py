"""Shared caches: a second layer that is only read, and own caches that cannot be written."""

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.assets.cache.cache import Cache, CachedFile
from hub.assets.cache.layout import make_key
from hub.digests import Digest
from hub.errors import CacheError, IntegrityError
from tests.assets.cache.conftest import (
    CONTENT,
    LINK,
    NAME,
    PREFIX,
    SHA256,
    WHOLE,
    arrive,
    list_names,
    publish,
)
from tests.conftest import digest_of

Keep = Callable[..., CachedFile]


@pytest.fixture
def shared(tmp_path: Path) -> Cache:
    """A cache that somebody else filled."""
    return Cache(tmp_path / "shared", shared=[])


@pytest.fixture
def cache(cache_folder: Path, shared: Cache) -> Cache:
    return Cache(cache_folder, shared=[shared.folder])


def find(cache: Cache, digest: Digest | None = WHOLE) -> CachedFile | None:
    return cache.find(LINK, digest, NAME)


def recover(cache: Cache, digest: Digest | None = WHOLE) -> CachedFile | None:
    with cache.lock(LINK, digest):
        return cache.recover(LINK, digest, NAME)


def remember(folder: Path) -> dict[str, tuple[int, int, int]]:
    """All that could change in a folder that is only read."""
    stats = {str(path): path.lstat() for path in [folder, *folder.rglob("*")]}
    return {path: (s.st_mtime_ns, s.st_ino, s.st_mode) for path, s in stats.items()}


def test_the_setting_names_shared_caches(
    monkeypatch: pytest.MonkeyPatch, cache_folder: Path, tmp_path: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    entries = [one, two, "", one, cache_folder]
    monkeypatch.setenv("MSHUB_SHARED_CACHE", os.pathsep.join(map(str, entries)))
    assert Cache().shared == (one, two)
    assert Cache(shared=[two]).shared == (two,)


@pytest.mark.parametrize("digest", [WHOLE, PREFIX, None])
def test_a_shared_file_is_used_where_it_lies_and_nothing_is_written(
    cache: Cache, shared: Cache, keep: Keep, digest: Digest | None
) -> None:
    kept = keep(shared, digest)
    before = remember(shared.folder)
    assert find(cache, digest) == kept
    assert kept.path.is_relative_to(shared.folder)
    assert remember(shared.folder) == before
    assert not cache.folder.exists()


def test_the_own_cache_is_asked_first(cache: Cache, shared: Cache, keep: Keep) -> None:
    keep(shared)
    assert find(cache)
    own = keep(cache)
    assert find(cache) == own
    assert own.path.is_relative_to(cache.folder)


def test_shared_caches_are_asked_in_order(tmp_path: Path, keep: Keep, shared: Cache) -> None:
    other = Cache(tmp_path / "other", shared=[])
    for each in (shared, other):
        keep(each)
    for first, second in ((shared, other), (other, shared)):
        both = Cache(tmp_path / "own", shared=[first.folder, second.folder])
        found = find(both)
        assert found
        assert found.path.is_relative_to(first.folder)


def copy_shared(cache: Cache, shared: Cache) -> None:
    """Replace the shared cache by a copy: other inode numbers, as rsync would leave it."""
    aside = shared.folder.with_name("aside")
    shared.folder.rename(aside)
    shutil.copytree(aside, shared.folder)


@pytest.mark.parametrize("digest", [WHOLE, PREFIX, None])
def test_a_copied_shared_cache_is_hashed_once_and_then_found(
    cache: Cache, shared: Cache, keep: Keep, digest: Digest | None
) -> None:
    kept = keep(shared, digest)
    copy_shared(cache, shared)
    before = remember(shared.folder)
    assert find(cache, digest) is None
    found = recover(cache, digest)
    assert found == kept
    assert find(Cache(cache.folder, shared=[shared.folder]), digest) == found
    assert remember(shared.folder) == before
    assert not cache.layout.blobs.exists()


@pytest.mark.parametrize("digest", [WHOLE, PREFIX])
def test_a_shared_file_without_a_record_is_found_by_its_digest(
    cache: Cache, shared: Cache, keep: Keep, digest: Digest
) -> None:
    keep(shared, digest)
    shutil.rmtree(shared.layout.links)
    found = recover(cache, digest)
    assert found
    assert (found.path, found.served_by) == (shared.layout.blob(SHA256, NAME), "")
    assert find(cache, digest) == found
    assert cache.pins() == ({} if digest.complete else {PREFIX.hex: SHA256})


def test_a_shared_file_is_found_by_ones_own_pin(cache: Cache, shared: Cache, keep: Keep) -> None:
    keep(shared, None)
    shutil.rmtree(shared.layout.links)
    assert recover(cache, PREFIX) is None
    cache.layout.pins.mkdir(parents=True)
    cache.layout.pin(PREFIX).write_text(json.dumps({"sha256": SHA256}))
    assert recover(cache, PREFIX)


def test_a_shared_file_with_another_name_is_copied(cache: Cache, shared: Cache, keep: Keep) -> None:
    keep(shared, name="other.ckpt")
    found = recover(cache)
    assert found
    assert found.path == cache.layout.blob(SHA256, NAME)
    assert found.path.read_bytes() == CONTENT
    assert find(cache) == found


def test_a_record_into_a_cache_that_is_not_configured_any_more_is_not_followed(
    cache: Cache, shared: Cache, keep: Keep
) -> None:
    keep(shared)
    copy_shared(cache, shared)
    assert recover(cache)
    assert find(cache)
    for others in ([], [shared.folder.with_name("elsewhere")]):
        assert find(Cache(cache.folder, shared=others)) is None
    assert list(cache.files()) == []


def test_a_record_cannot_name_any_folder_as_a_layer(
    cache: Cache, tmp_path: Path, keep: Keep
) -> None:
    kept = keep(cache)
    record = cache.layout.link(make_key(LINK, WHOLE))
    facts = json.loads(record.read_text())
    other = Cache(tmp_path / "other", shared=[])
    status = keep(other).path.stat()
    facts |= {"layer": str(other.folder), "inode": status.st_ino, "mtime_ns": status.st_mtime_ns}
    record.write_text(json.dumps(facts))
    assert find(cache) is None
    found = recover(cache)
    assert found
    assert found.path == kept.path


@pytest.mark.parametrize("kind", ["changed", "fifo", "symlink", "folder"])
def test_what_is_bad_in_a_shared_cache_is_passed_over_and_stays(
    cache: Cache, shared: Cache, keep: Keep, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    path = keep(shared).path
    path.unlink()
    if kind == "changed":
        path.write_bytes(b"x")
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "symlink":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    before = remember(shared.folder)
    assert find(cache) is None
    assert recover(cache) is None
    assert f"{path} in a shared cache" in caplog.text
    assert "it is passed over" in caplog.text
    assert remember(shared.folder) == before
    assert keep(cache).path.is_relative_to(cache.folder)


def test_a_missing_shared_cache_is_passed_over_quietly(
    cache: Cache, shared: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    assert recover(cache) is None
    assert caplog.text == ""
    caplog.set_level(logging.INFO, "hub")
    assert find(Cache(cache.folder, shared=[shared.folder])) is None
    assert f"the shared cache {shared.folder} is passed over" in caplog.text


def test_a_shared_cache_that_is_a_file_is_passed_over(
    cache: Cache, shared: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    shared.folder.write_text("")
    assert find(cache) is None
    assert f"the shared cache {shared.folder} is no folder" in caplog.text


def test_a_shared_cache_of_a_newer_mshub_is_passed_over_with_a_warning(
    cache: Cache, shared: Cache, keep: Keep, caplog: pytest.LogCaptureFixture
) -> None:
    keep(shared)
    shared.layout.version.write_text("2\n")
    assert find(cache) is None
    assert recover(cache) is None
    assert "was written by a newer mshub" in caplog.text


def twin_of(content: bytes, digits: int) -> bytes:
    prefix = digest_of(content)[:digits]
    twins = (b"twin %d" % number for number in range(10**7))
    return next(twin for twin in twins if digest_of(twin).startswith(prefix))


SHORT = Digest(SHA256[:3])  # shorter than cards may have, so that a twin is found at once


def test_a_pin_of_a_shared_cache_counts(cache: Cache, shared: Cache, keep: Keep) -> None:
    keep(shared, SHORT)
    with pytest.raises(IntegrityError, match="another file than the one first seen") as caught:
        publish(cache, arrive(cache, twin_of(CONTENT, 3)), SHORT)
    assert str(shared.layout.pin(SHORT)) in str(caught.value)
    assert "or state the whole digest in the card" in str(caught.value)


def test_ones_own_pin_counts_more_than_a_shared_one(
    cache: Cache, shared: Cache, keep: Keep, caplog: pytest.LogCaptureFixture
) -> None:
    twin = twin_of(CONTENT, 3)
    publish(Cache(cache.folder, shared=[]), arrive(cache, twin), SHORT).path.unlink()
    keep(shared, SHORT)
    assert find(cache, SHORT) is None  # the shared record leads to what is not pinned here
    assert recover(cache, SHORT) is None
    assert f"in the shared cache {shared.folder}; the first counts" in caplog.text
    assert publish(cache, arrive(cache, twin), SHORT).sha256 == digest_of(twin)


def test_a_damaged_pin_of_a_shared_cache_is_passed_over(
    cache: Cache, shared: Cache, keep: Keep, caplog: pytest.LogCaptureFixture
) -> None:
    keep(shared, PREFIX)
    shared.layout.pin(PREFIX).write_text("{")
    assert keep(cache, PREFIX)
    assert f"the shared cache {shared.folder} is passed over: the pin" in caplog.text


def test_an_own_folder_that_cannot_be_made_still_serves_the_shared_files(
    shared: Cache, keep: Keep, tmp_path: Path
) -> None:
    keep(shared)
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file" / "cache", shared=[shared.folder])
    assert find(cache)
    copy_shared(cache, shared)
    cache = Cache(cache.folder, shared=[shared.folder])
    assert find(cache) is None
    found = recover(cache)
    assert found
    assert found.path == shared.layout.blob(SHA256, NAME)
    with pytest.raises(CacheError, match="the cache cannot be used: Not a directory"):
        keep(cache)


def in_a_read_only_folder(folder: Path, code: str) -> "subprocess.CompletedProcess[str]":
    """Run Python where a folder is mounted read-only: root may write wherever modes forbid it."""
    script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" "$1" && shift && exec "$@"'
    command = ["unshare", "-m", "sh", "-c", script, "sh", folder, sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def can_mount(folder: Path) -> bool:
    if not shutil.which("unshare"):
        return False
    code = f"open({str(folder / 'x')!r}, 'w')"
    return "Read-only file system" in in_a_read_only_folder(folder, code).stderr


def test_a_read_only_own_cache_serves_hits_and_writing_is_an_error(
    cache: Cache, shared: Cache, keep: Keep, weights: Path, tmp_path: Path
) -> None:
    if not can_mount(tmp_path):
        pytest.skip("no file system can be mounted here")
    other = "https://example.org/shared.ckpt"
    third = "https://example.org/copied.ckpt"
    keep(cache)
    shared.add(weights, link=other, digest=PREFIX, filename="shared.ckpt")
    shared.add(weights, link=third, digest=WHOLE, filename="copied.ckpt")
    os.utime(shared.layout.blob(SHA256, "copied.ckpt"), (1, 1))
    before = remember(cache.folder)
    code = f"""
import logging, pathlib, sys
logging.basicConfig(level=logging.INFO, stream=sys.stdout)
from hub.assets.cache.cache import Cache
from hub.digests import Digest
from hub.errors import CacheError
cache = Cache({str(cache.folder)!r}, shared=[{str(shared.folder)!r}])
whole, prefix = Digest({SHA256!r}), Digest({PREFIX.hex!r})
assert cache.find({LINK!r}, whole, {NAME!r}).last_used
assert cache.find({other!r}, prefix, "shared.ckpt")
with cache.lock({third!r}, whole):
    assert cache.find({third!r}, whole, "copied.ckpt") is None
    assert cache.recover({third!r}, whole, "copied.ckpt")
try:
    with cache.receive("https://example.org/x", None):
        pass
except CacheError as error:
    print(error)
try:
    cache.add(pathlib.Path({str(weights)!r}), link="x", digest=None, filename="x")
except CacheError as error:
    print(error)
"""
    done = in_a_read_only_folder(cache.folder, code)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "copied.ckpt will be hashed again next time" in done.stdout
    assert done.stdout.count("\nthe cache cannot be used: Read-only file system (") == 2
    assert done.stdout.count("choose another folder with MSHUB_CACHE") >= 2
    assert "WARNING" not in done.stdout
    assert remember(cache.folder) == before


def test_a_shared_cache_on_a_read_only_mount_is_served(
    cache: Cache, shared: Cache, keep: Keep, tmp_path: Path
) -> None:
    if not can_mount(tmp_path):
        pytest.skip("no file system can be mounted here")
    keep(shared)
    os.utime(shared.layout.blob(SHA256, NAME), (1, 1))
    code = f"""
from hub.assets.cache.cache import Cache
from hub.digests import Digest
question = {LINK!r}, Digest({SHA256!r}), {NAME!r}
cache = Cache({str(cache.folder)!r}, shared=[{str(shared.folder)!r}])
assert cache.find(*question) is None
assert cache.recover(*question) == cache.find(*question) != None
"""
    done = in_a_read_only_folder(shared.folder, code)
    assert (done.returncode, done.stderr) == (0, "")
    assert list_names(cache.layout.links) == [f"{make_key(LINK, WHOLE)}.json"]
