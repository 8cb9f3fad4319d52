"""What has arrived once is not sent again, however the first attempt ended."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.assets.cache.cache import Cache
from hub.assets.patience import Patience
from hub.assets.progress import Progress
from hub.assets.store import fetch_asset
from hub.errors import DownloadError
from tests.faults.conftest import (
    QUICK,
    Actors,
    check_file,
    fetch,
    list_litter,
    list_partials,
    make_asset,
    wait_until,
)
from tests.faults.fault_server import (
    Content,
    Cut,
    Etag,
    Fault,
    FaultServer,
    Misplace,
    NoRanges,
    Rate,
    Refuse,
    Swap,
)

CONTENT = Content(3_000_000)
OTHER = Content(3_000_000, seed=1)
LARGE = Content(52_000_000)
SLOW = Rate(16_000_000)  # for each connection, so that more of them are worth while
PATH = "/models/lite0.ckpt"
HALF = 1_500_000
NOT_AGAIN = Refuse(500, skip=1)  # so that the call ends with what it has
ONE_TRY = Patience(connect=5, silence=1, window=1, attempts=1, backoff=0.01, longest_pause=0.1)


def break_off(server: FaultServer, cache: Cache, *faults: Fault, content: Content = CONTENT) -> str:
    """Have a call fail in the middle of the file, and count from zero afterwards."""
    url = server.serve(PATH, content, Cut(HALF), NOT_AGAIN, *faults)
    with pytest.raises(DownloadError) as caught:
        fetch_asset(make_asset(url, CONTENT), cache, patience=ONE_TRY)
    resumable = not any(isinstance(fault, Etag) for fault in faults)
    assert caught.value.received == (HALF if resumable else 0)
    server.mend(PATH)
    server.forget()
    return url


def test_the_next_call_asks_for_the_rest_on_condition(
    fault_server: FaultServer, cache: Cache
) -> None:
    url = break_off(fault_server, cache)
    (partial,) = list_partials(cache.folder)
    assert partial.stat().st_size == HALF
    assert list_litter(cache.folder, resumable=True) == []
    check_file(fetch(make_asset(url, CONTENT), cache).path, CONTENT)
    (request,) = fault_server.requests(PATH)
    assert request.range in {f"bytes={HALF}-", f"bytes={HALF}-{CONTENT.size - 1}"}
    assert request.headers["if-range"] == CONTENT.etag
    assert (request.status, request.sent) == (206, CONTENT.size - HALF)
    assert list_litter(cache.folder) == []


def test_an_error_tells_that_the_next_call_goes_on(fault_server: FaultServer, cache: Cache) -> None:
    url = fault_server.serve(PATH, CONTENT, Cut(HALF), NOT_AGAIN)
    with pytest.raises(DownloadError, match=r"1[,.]5.*kept") as caught:
        fetch_asset(make_asset(url, CONTENT), cache, patience=ONE_TRY)
    assert caught.value.received == HALF


def test_a_call_that_breaks_off_again_and_again_sends_each_byte_once(
    fault_server: FaultServer, cache: Cache
) -> None:
    asset = make_asset(fault_server.serve(PATH, CONTENT, Cut(170_000)), CONTENT)
    calls = 0
    while True:
        calls += 1
        assert calls < 30
        try:
            file = fetch(asset, cache)
            break
        except DownloadError as error:
            assert error.received % 170_000 == 0
            assert list_litter(cache.folder, resumable=True) == []
    check_file(file.path, CONTENT)
    assert fault_server.sent(PATH) == CONTENT.size
    assert list_litter(cache.folder) == []


def test_a_killed_process_is_continued(
    fault_server: FaultServer, cache: Cache, actors: Actors
) -> None:
    asset = make_asset(fault_server.serve(PATH, CONTENT, Rate(3_000_000)), CONTENT)
    child = actors.start(asset, cache.folder)
    fault_server.wait_sent(HALF, PATH)
    wait_until(
        lambda: any(path.stat().st_size >= HALF - 600_000 for path in list_partials(cache.folder)),
        "half of the file is on the disk",
    )
    assert actors.kill(child) == {"signal": 9}
    fault_server.mend(PATH)
    check_file(fetch(asset, cache).path, CONTENT)
    *_, last = fault_server.requests(PATH)
    assert (last.status, last.headers["if-range"]) == (206, CONTENT.etag)
    assert fault_server.sent(PATH) < CONTENT.size * 1.25
    assert list_litter(cache.folder) == []


def test_a_large_file_whose_process_was_killed_is_continued(
    fault_server: FaultServer, cache: Cache, actors: Actors
) -> None:
    """Large enough for parallel ranges, of which only what has no hole before it counts."""
    asset = make_asset(fault_server.serve(PATH, LARGE, SLOW), LARGE)
    child = actors.start(asset, cache.folder)
    fault_server.wait_sent(LARGE.size * 2 // 3, PATH)
    assert fault_server.active > 1
    assert actors.kill(child) == {"signal": 9}
    fault_server.mend(PATH)
    check_file(fetch(asset, cache).path, LARGE)
    assert any(request.status == 206 for request in fault_server.requests(PATH))
    assert fault_server.sent(PATH) < LARGE.size * 1.6
    assert list_litter(cache.folder) == []


def test_a_large_file_whose_parts_break_off_is_right_and_sent_about_once(
    fault_server: FaultServer, cache: Cache
) -> None:
    cuts = (Cut(2_000_000, skip=1, times=1), Cut(2_000_000, "reset", skip=3, times=1))
    asset = make_asset(fault_server.serve(PATH, LARGE, SLOW, *cuts), LARGE)
    check_file(fetch(asset, cache).path, LARGE)
    assert fault_server.peak > 1
    assert fault_server.sent(PATH) < LARGE.size * 1.5
    assert list_litter(cache.folder) == []


@pytest.mark.parametrize(
    "faults",
    [
        (Swap(Content(3_000_000, seed=2), etag=LARGE.etag, skip=1, times=2),),
        (Swap(Content(50_000_000), skip=1, times=2),),
        (NoRanges(skip=1),),
        (Refuse(416, only_ranges=True, skip=1),),
        (Misplace(shift=-1000, header="bytes {start}-{last}/{size}", skip=1, times=3),),
        (Cut(1000, "stall", skip=1, times=1), Refuse(503, "0", skip=2, times=2)),
    ],
    ids=[
        "another file under one tag",
        "a shorter file",
        "no ranges",
        "416",
        "elsewhere, secretly",
        "silence",
    ],
)
def test_a_large_file_whose_parts_are_not_what_was_asked_for_is_never_wrong(
    fault_server: FaultServer, cache: Cache, faults: tuple[Fault, ...]
) -> None:
    from hub.errors import IntegrityError

    asset = make_asset(fault_server.serve(PATH, LARGE, SLOW, *faults), LARGE)
    try:
        check_file(fetch(asset, cache).path, LARGE)
    except (DownloadError, IntegrityError):
        assert not list(cache.folder.glob("blobs/*/*/*"))
        assert list_litter(cache.folder, resumable=True, quarantined=1) == []
    fault_server.mend(PATH)
    check_file(fetch(asset, cache).path, LARGE)
    assert list_litter(cache.folder, quarantined=1) == []


@pytest.mark.parametrize("etag", ['W/"1"', None, "unquoted"])
def test_without_a_strong_tag_nothing_is_kept_and_all_is_asked_for_again(
    fault_server: FaultServer, cache: Cache, etag: str | None
) -> None:
    url = break_off(fault_server, cache, Etag(etag))
    assert list_litter(cache.folder) == []
    check_file(fetch(make_asset(url, CONTENT), cache).path, CONTENT)
    (request,) = fault_server.requests(PATH)
    assert (request.status, request.sent) == (200, CONTENT.size)


def test_a_file_that_changed_in_between_comes_whole(
    fault_server: FaultServer, cache: Cache
) -> None:
    url = break_off(fault_server, cache, content=OTHER)
    fault_server.serve(PATH, CONTENT)
    check_file(fetch(make_asset(url, CONTENT), cache).path, CONTENT)
    (request,) = fault_server.requests(PATH)
    assert request.headers["if-range"] == OTHER.etag
    assert (request.status, request.sent) == (200, CONTENT.size)
    assert list_litter(cache.folder) == []


def test_a_server_that_cannot_resume_any_more_sends_the_whole(
    fault_server: FaultServer, cache: Cache
) -> None:
    for fault in (NoRanges(), Refuse(416, only_ranges=True)):
        cache = Cache(cache.folder.with_name(type(fault).__name__))
        url = break_off(fault_server, cache)
        fault_server.serve(PATH, CONTENT, fault)
        check_file(fetch(make_asset(url, CONTENT), cache).path, CONTENT)
        assert list_litter(cache.folder) == []


def test_bytes_of_one_mirror_are_gone_on_with_at_another_only_under_its_tag(
    fault_server: FaultServer,
    second_server: FaultServer,
    cache: Cache,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The digest decides at last; a resume across servers is allowed, never a mixture."""
    url = break_off(fault_server, cache)
    second_server.serve(PATH, CONTENT, Etag('"another scheme"'))
    fault_server.serve(PATH, CONTENT, Refuse(503, "3600"))
    monkeypatch.setenv("MSHUB_MIRRORS", f"{fault_server.origin}/={second_server.origin}/")
    file = fetch(make_asset(url, CONTENT), cache)
    check_file(file.path, CONTENT)
    assert file.served_by == second_server.origin + PATH
    assert list_litter(cache.folder) == []


def rename_to_dead(partial: Path) -> Path:
    """Let a partial file be one of a process that is dead; what lives is never swept."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    dead = partial.with_name(partial.name.replace(f"-{os.getpid()}-", f"-{process.pid}-"))
    partial.with_suffix(".json").rename(dead.with_suffix(".json"))
    return partial.rename(dead)


@pytest.mark.parametrize(
    "damage", ["flipped", "longer", "empty", "no note", "garbled note", "lying note"]
)
def test_a_partial_that_was_tampered_with_costs_a_download_at_most(
    fault_server: FaultServer, cache: Cache, damage: str
) -> None:
    url = break_off(fault_server, cache)
    partial = rename_to_dead(*list_partials(cache.folder))
    note, content = partial.with_suffix(".json"), bytearray(partial.read_bytes())
    if damage == "flipped":
        content[1000] ^= 1
        partial.write_bytes(content)
    elif damage == "longer":
        partial.write_bytes(content + bytes(CONTENT.size))
    elif damage == "empty":
        partial.write_bytes(b"")
    elif damage == "no note":
        note.unlink()
    elif damage == "garbled note":
        note.write_text('{"etag": [')
    else:
        note.write_text(note.read_text().replace(f"{CONTENT.size}", "5"))
    check_file(fetch(make_asset(url, CONTENT), cache).path, CONTENT)
    assert list_litter(cache.folder, quarantined=1) == []


class Witness(Progress):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.begun: list[tuple[int | None, int]] = []
        self.advanced = 0
        self.ends = 0

    def begin(self, total: int | None, received: int) -> None:
        self.begun.append((total, received))

    def advance(self, size: int) -> None:
        self.advanced += size

    def end(self) -> None:
        self.ends += 1


def test_progress_goes_on_where_it_was(fault_server: FaultServer, cache: Cache) -> None:
    url = break_off(fault_server, cache)
    witness = Witness()
    fetch(make_asset(url, CONTENT), cache, witness)
    assert witness.begun[-1] == (CONTENT.size, HALF)
    assert witness.advanced == CONTENT.size - HALF
    assert witness.ends >= 1


def test_a_partial_is_only_gone_on_with_under_its_own_digest(
    fault_server: FaultServer, cache: Cache
) -> None:
    url = break_off(fault_server, cache, content=CONTENT)
    fault_server.serve(PATH, OTHER)
    check_file(fetch_asset(make_asset(url, OTHER), cache, patience=QUICK).path, OTHER)
    assert fault_server.sent(PATH) == OTHER.size
