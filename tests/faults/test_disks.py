"""Disks that are full, read-only, or change what was written."""

import contextlib
import logging
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.assets.cache.cache import Cache
from hub.errors import CacheError, OfflineError
from tests.faults.conftest import (
    Actors,
    Hub,
    check_blobs,
    check_file,
    fetch,
    list_litter,
    list_partials,
    make_asset,
    remount,
    wait_until,
)
from tests.faults.fault_server import Content, Etag, Fault, FaultServer, Rate, Unannounced

CONTENT = Content(6_000_000)
LARGE = Content(20_000_000)
PATH = "/models/lite0.ckpt"
MountSmall = Callable[[str], Path]


def fill(disk: Path, left: int) -> Path:
    """Write a file that leaves so many bytes free, even if somebody else writes meanwhile."""
    ballast = disk / "ballast"
    with ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while (free := os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize) > left:
            file.write(bytes(min(1 << 20, free - left)))
    return ballast


def test_a_file_that_the_disk_has_no_room_for_is_not_begun(
    fault_server: FaultServer, tmpfs: MountSmall
) -> None:
    cache = Cache(tmpfs("4m") / "cache")
    asset = make_asset(fault_server.serve(PATH, LARGE), LARGE)
    with pytest.raises(CacheError, match=r"20,000,000.*(hub cache prune|MSHUB_CACHE)") as caught:
        fetch(asset, cache)
    assert caught.value.exit_code == 6
    assert "bytes free" in str(caught.value)
    assert fault_server.sent(PATH) < LARGE.size / 2  # no more than was on its way already
    assert list_litter(cache.folder) == []


def test_a_disk_without_room_is_exit_code_six(
    fault_server: FaultServer,
    tmpfs: MountSmall,
    hub_command: Hub,
    write_card: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmpfs("4m") / "cache"
    monkeypatch.setenv("MSHUB_CACHE", str(folder))
    card = write_card(link=fault_server.serve(PATH, CONTENT), digest=CONTENT.sha256)
    done = hub_command.run("fetch", card)
    assert (done.returncode, done.stdout) == (6, "")
    assert "6,000,000" in done.stderr
    assert list_litter(folder) == []


def test_with_room_again_the_next_call_succeeds(
    fault_server: FaultServer, tmpfs: MountSmall
) -> None:
    disk = tmpfs("64m")
    cache = Cache(disk / "cache")
    ballast = fill(disk, 5_000_000)
    asset = make_asset(fault_server.serve(PATH, CONTENT), CONTENT)
    with pytest.raises(CacheError, match="6,000,000"):
        fetch(asset, cache)
    ballast.unlink()
    check_file(fetch(asset, cache).path, CONTENT)
    assert list_litter(cache.folder) == []


@pytest.mark.parametrize(
    "faults", [(), (Unannounced(),), (Etag(None),)], ids=["length", "no length", "no tag"]
)
def test_a_disk_that_fills_up_meanwhile_is_an_error_and_the_next_call_goes_on(
    fault_server: FaultServer, tmpfs: MountSmall, actors: Actors, faults: tuple[Fault, ...]
) -> None:
    disk = tmpfs("120m")
    cache = Cache(disk / "cache")
    asset = make_asset(fault_server.serve(PATH, LARGE, Rate(8_000_000), *faults), LARGE)
    child = actors.start(asset, cache.folder)
    wait_until(lambda: size_of_partials(cache) > 2_000_000, "bytes are on the disk")
    ballast = fill(disk, 1_000_000)
    outcome = actors.wait(child)
    assert outcome["error"] == "CacheError"
    assert re.search("is full|bytes free", outcome["message"])
    assert "MSHUB_CACHE" in outcome["message"]
    resumable = Etag(None) not in faults
    assert ("are kept" in outcome["message"]) == resumable
    assert list_litter(cache.folder, resumable=resumable) == []
    assert len(fault_server.requests(PATH)) == 1  # a full disk is no reason to ask again
    ballast.unlink()
    fault_server.mend(PATH)
    check_file(fetch(asset, cache).path, LARGE)
    assert list_litter(cache.folder) == []
    *_, last = fault_server.requests(PATH)
    assert last.status == (206 if resumable else 200)


def test_a_disk_that_fills_up_under_several_connections_is_an_error_and_the_next_call_succeeds(
    fault_server: FaultServer, tmpfs: MountSmall, actors: Actors
) -> None:
    disk = tmpfs("120m")
    cache = Cache(disk / "cache")
    content = Content(42_000_000)
    asset = make_asset(fault_server.serve(PATH, content, Rate(4_000_000)), content)
    child = actors.start(asset, cache.folder)
    wait_until(lambda: fault_server.active > 2, "several connections serve")
    ballast = fill(disk, 1_000_000)
    outcome = actors.wait(child)
    assert outcome["error"] == "CacheError"
    assert "is full" in outcome["message"]
    assert "MSHUB_CACHE" in outcome["message"]
    assert list_litter(cache.folder, resumable=True) == []
    ballast.unlink()
    fault_server.mend(PATH)
    check_file(fetch(asset, cache).path, content)
    assert list_litter(cache.folder) == []


def test_what_is_kept_of_a_file_survives_a_disk_that_is_full_to_the_last_byte(
    fault_server: FaultServer, tmpfs: MountSmall, actors: Actors
) -> None:
    """To go on with a partial file takes a copy, for which there is no room now."""
    disk = tmpfs("120m")
    cache = Cache(disk / "cache")
    asset = make_asset(fault_server.serve(PATH, LARGE, Rate(8_000_000)), LARGE)
    child = actors.start(asset, cache.folder)
    wait_until(lambda: size_of_partials(cache) > 5_000_000, "bytes are on the disk")
    actors.kill(child)
    kept = size_of_partials(cache)
    ballast = fill(disk, 0)
    for _ in range(2):
        with pytest.raises(CacheError, match=r"MSHUB_CACHE"):
            fetch(asset, cache)
        assert size_of_partials(cache) == kept
    ballast.unlink()
    fault_server.mend(PATH)
    fault_server.forget()
    check_file(fetch(asset, cache).path, LARGE)
    assert fault_server.sent(PATH) == LARGE.size - kept
    assert list_litter(cache.folder) == []


def size_of_partials(cache: Cache) -> int:
    return sum(path.stat().st_size for path in list_partials(cache.folder))


def test_a_full_disk_does_not_hinder_a_hit(fault_server: FaultServer, tmpfs: MountSmall) -> None:
    disk = tmpfs("64m")
    cache = Cache(disk / "cache")
    asset = make_asset(fault_server.serve(PATH, CONTENT), CONTENT)
    fetch(asset, cache)
    fill(disk, 0)
    check_file(fetch(asset, cache).path, CONTENT)
    assert len(fault_server.requests(PATH)) == 1


def test_a_read_only_disk_serves_hits_and_refuses_the_rest(
    fault_server: FaultServer, tmpfs: MountSmall
) -> None:
    disk = tmpfs("64m")
    cache = Cache(disk / "cache")
    asset = make_asset(fault_server.serve(PATH, CONTENT), CONTENT)
    first = fetch(asset, cache)
    remount(disk, "ro")
    assert fetch(asset, Cache(cache.folder)).path == first.path
    assert [file.path for file in cache.files()] == [first.path]
    other = make_asset(fault_server.serve("/other.ckpt", Content(1000, 1)), Content(1000, 1))
    with pytest.raises(CacheError, match=r"Read-only file system.*MSHUB_CACHE") as caught:
        fetch(other, cache)
    assert caught.value.exit_code == 6
    assert fault_server.requests("/other.ckpt") == []
    remount(disk, "rw")
    check_file(fetch(other, cache).path, Content(1000, 1))


def test_a_read_only_disk_serves_a_file_whose_stamp_changed_if_its_content_did_not(
    fault_server: FaultServer, tmpfs: MountSmall
) -> None:
    disk = tmpfs("64m")
    cache = Cache(disk / "cache")
    asset = make_asset(fault_server.serve(PATH, CONTENT), CONTENT)
    path = fetch(asset, cache).path
    os.utime(path, (1, 1))
    remount(disk, "ro")
    try:
        check_file(fetch(asset, cache).path, CONTENT)
    except CacheError as error:
        assert "Read-only file system" in str(error)


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_flipped_bit_on_the_disk_is_noticed_put_aside_and_mended(
    fault_server: FaultServer, cache: Cache, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    asset = make_asset(fault_server.serve(PATH, CONTENT), CONTENT)
    path = fetch(asset, cache).path
    flip(path, {"first": 0, "middle": CONTENT.size // 2, "last": CONTENT.size - 1}[place])
    with caplog.at_level(logging.WARNING, logger="hub"):
        check_file(fetch(asset, cache).path, CONTENT)
    assert len(fault_server.requests(PATH)) == 2
    assert any(str(path) in record.getMessage() for record in caplog.records)
    kept = [file for file in (cache.folder / "quarantine").iterdir() if file.suffix != ".json"]
    assert [file.stat().st_size for file in kept] == [CONTENT.size]
    check_blobs(cache.folder)
    assert list_litter(cache.folder, quarantined=1) == []


def test_a_flipped_bit_is_not_handed_out_offline(
    fault_server: FaultServer, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = make_asset(fault_server.serve(PATH, CONTENT), CONTENT)
    flip(fetch(asset, cache).path, 1000)
    monkeypatch.setenv("MSHUB_OFFLINE", "1")
    with pytest.raises(OfflineError, match="MSHUB_OFFLINE"):
        fetch(asset, cache)
    check_blobs(cache.folder)


def flip(path: Path, offset: int) -> None:
    """Change one bit; the size stays."""
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1]))
    path.chmod(0o444)


def test_a_cache_folder_below_a_file_is_a_cache_error(
    fault_server: FaultServer, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    asset = make_asset(fault_server.serve(PATH, CONTENT), CONTENT)
    with pytest.raises(CacheError, match=r"MSHUB_CACHE"):
        fetch(asset, Cache(tmp_path / "file" / "cache"))
    assert fault_server.requests(PATH) == []


def test_a_body_of_unknown_length_wants_some_room_and_leaves_nothing_without_it(
    fault_server: FaultServer, tmpfs: MountSmall
) -> None:
    disk = tmpfs("64m")
    cache = Cache(disk / "cache")
    fill(disk, 3_000_000)
    asset = make_asset(fault_server.serve(PATH, CONTENT, Unannounced()), CONTENT)
    for _ in range(2):
        with pytest.raises(CacheError, match=r"bytes free.*MSHUB_CACHE"):
            fetch(asset, cache)
    assert list_litter(cache.folder, resumable=True) == []
