"""Several processes want one file, with locks, without them, and with locks that lie."""

from pathlib import Path

import pytest

from hub.assets.cache.cache import Cache
from hub.errors import DownloadError
from tests.faults.conftest import (
    Actors,
    check_blobs,
    check_file,
    fetch,
    list_litter,
    list_partials,
    make_asset,
)
from tests.faults.fault_server import Content, Cut, FaultServer, Rate, Refuse, Swap

CONTENT = Content(4_000_000)
OTHER = Content(4_000_000, seed=1)
PATH = "/models/lite0.ckpt"


def check_outcomes(outcomes: list[dict[str, object]], folder: Path) -> None:
    """All have the right file, under one name."""
    failures = [
        str(outcome.get("trace") or outcome["message"])
        for outcome in outcomes
        if "path" not in outcome
    ]
    assert not failures, "\n".join([f"{len(failures)} of {len(outcomes)} failed", *failures])
    (path,) = {str(outcome["path"]) for outcome in outcomes}
    check_file(Path(path), CONTENT)
    check_blobs(folder)


def test_sixteen_processes_make_one_transfer(
    fault_server: FaultServer, cache: Cache, actors: Actors
) -> None:
    asset = make_asset(fault_server.serve(PATH, CONTENT, Rate(4_000_000)), CONTENT)
    children = [actors.start(asset, cache.folder) for _ in range(16)]
    check_outcomes([actors.wait(child) for child in children], cache.folder)
    assert fault_server.sent(PATH) == CONTENT.size
    assert [request.status for request in fault_server.requests(PATH)] == [200]
    assert list_litter(cache.folder) == []


def test_if_the_process_that_fetches_is_killed_another_one_goes_on(
    fault_server: FaultServer, cache: Cache, actors: Actors
) -> None:
    asset = make_asset(fault_server.serve(PATH, CONTENT, Rate(4_000_000)), CONTENT)
    holder = actors.start(asset, cache.folder)
    fault_server.wait_sent(200_000, PATH)
    children = [actors.start(asset, cache.folder) for _ in range(15)]
    fault_server.wait_sent(2_500_000, PATH)
    assert actors.kill(holder) == {"signal": 9}
    check_outcomes([actors.wait(child) for child in children], cache.folder)
    first, second = fault_server.requests(PATH)
    assert (first.status, second.status) == (200, 206)
    assert fault_server.sent(PATH) < CONTENT.size * 1.4
    assert list_litter(cache.folder) == []


def test_if_each_process_that_fetches_is_killed_the_last_one_succeeds(
    fault_server: FaultServer, cache: Cache, actors: Actors
) -> None:
    asset = make_asset(fault_server.serve(PATH, CONTENT, Rate(4_000_000)), CONTENT)
    children = [actors.start(asset, cache.folder) for _ in range(4)]
    for sent in (600_000, 1_200_000, 1_800_000):
        fault_server.wait_sent(sent, PATH)
        actors.kill(children.pop(0))
    check_outcomes([actors.wait(children[0])], cache.folder)
    check_file(fetch(asset, cache).path, CONTENT)
    assert list_litter(cache.folder) == []


@pytest.mark.parametrize("flock", ["missing", "lies"])
def test_eight_processes_get_the_right_file_though_flock(
    fault_server: FaultServer, cache: Cache, actors: Actors, flock: str
) -> None:
    asset = make_asset(fault_server.serve(PATH, CONTENT, Rate(8_000_000)), CONTENT)
    children = [actors.start(asset, cache.folder, flock=flock) for _ in range(8)]
    check_outcomes([actors.wait(child) for child in children], cache.folder)
    check_outcomes([actors.wait(actors.start(asset, cache.folder, flock=flock))], cache.folder)
    assert list_litter(cache.folder) == []


@pytest.mark.parametrize("flock", ["missing", "lies"])
@pytest.mark.parametrize("rate", [3_000_000, 30_000_000])
def test_processes_that_go_on_with_one_partial_at_once_get_the_right_file_though_flock(
    fault_server: FaultServer, cache: Cache, actors: Actors, flock: str, rate: float
) -> None:
    link = fault_server.serve(PATH, CONTENT, Cut(1_500_000), Refuse(500, skip=1))
    asset = make_asset(link, CONTENT)
    with pytest.raises(DownloadError):
        fetch(asset, cache)
    assert len(list_partials(cache.folder)) == 1
    fault_server.serve(PATH, CONTENT, Rate(rate))
    children = [actors.start(asset, cache.folder, flock=flock) for _ in range(3)]
    check_outcomes([actors.wait(child) for child in children], cache.folder)
    check_file(fetch(asset, cache).path, CONTENT)
    assert list_litter(cache.folder) == []


def test_processes_that_start_one_after_another_while_flock_lies_get_the_right_file(
    fault_server: FaultServer, cache: Cache, actors: Actors
) -> None:
    """A late one finds what an early one is still writing, and must leave it alone."""
    asset = make_asset(fault_server.serve(PATH, CONTENT, Rate(4_000_000)), CONTENT)
    children = []
    for step in range(1, 5):
        children.append(actors.start(asset, cache.folder, flock="lies"))
        fault_server.wait_sent(step * 600_000, PATH)
    check_outcomes([actors.wait(child) for child in children], cache.folder)
    assert list_litter(cache.folder) == []


def test_with_lying_locks_a_wrong_file_of_one_process_does_not_hurt_the_others(
    fault_server: FaultServer, cache: Cache, actors: Actors
) -> None:
    faults = (Rate(8_000_000), Swap(OTHER, etag=CONTENT.etag, times=1))
    asset = make_asset(fault_server.serve(PATH, CONTENT, *faults), CONTENT)
    children = [actors.start(asset, cache.folder, flock="lies") for _ in range(4)]
    check_outcomes([actors.wait(child) for child in children], cache.folder)
    assert list_litter(cache.folder, quarantined=1) == []


def test_a_kill_among_processes_with_lying_locks_leaves_the_others_right(
    fault_server: FaultServer, cache: Cache, actors: Actors
) -> None:
    asset = make_asset(fault_server.serve(PATH, CONTENT, Rate(4_000_000)), CONTENT)
    children = [actors.start(asset, cache.folder, flock="lies") for _ in range(4)]
    fault_server.wait_sent(4_000_000, PATH)
    actors.kill(children.pop(0))
    check_outcomes([actors.wait(child) for child in children], cache.folder)
    check_file(fetch(asset, cache).path, CONTENT)
    assert list_litter(cache.folder) == []


def test_locks_of_other_files_are_not_waited_for(
    fault_server: FaultServer, cache: Cache, actors: Actors
) -> None:
    slow = make_asset(fault_server.serve("/slow.ckpt", OTHER, Cut(1000, "stall")), OTHER)
    quick = make_asset(fault_server.serve("/quick.ckpt", CONTENT), CONTENT)
    holder = actors.start(slow, cache.folder)
    fault_server.wait_sent(1000, "/slow.ckpt")
    check_outcomes([actors.wait(actors.start(quick, cache.folder))], cache.folder)
    assert fault_server.active == 1
    actors.kill(holder)
