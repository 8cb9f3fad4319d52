"""Processes that are really killed, at random and at every step, and Ctrl-C.

The random kills end after 200, or after a minute on a slow machine; the test prints how many there
were (``pytest -rP``). ``MSHUB_FAULT_KILLS=200`` makes it 200 however long that takes, and
``MSHUB_FAULT_SEED`` repeats a run.
"""

import os
import random
import re
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.assets.cache.cache import Cache
from tests.faults.conftest import (
    Actors,
    Hub,
    check_blobs,
    check_file,
    fetch,
    list_litter,
    list_partials,
    make_asset,
    wait_until,
)
from tests.faults.fault_server import Content, Cut, Fault, FaultServer, Rate, Refuse, Swap

KILLS = int(os.environ.get("MSHUB_FAULT_KILLS", "200"))
SEED = int(os.environ.get("MSHUB_FAULT_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
LONGEST = 60  # seconds after which a slow machine has killed enough
LARGE = Content(50_000_000)
SMALL = Content(300_000)
PATH = "/models/lite0.ckpt"


@pytest.mark.slow
def test_a_file_is_right_and_nothing_is_left_after_hundreds_of_kills(
    fault_server: FaultServer, tmp_path: Path, actors: Actors
) -> None:
    print(f"MSHUB_FAULT_SEED={SEED}")  # noqa: T201, to repeat it
    chance = random.Random(SEED)
    asset = make_asset(fault_server.serve(PATH, LARGE, Rate(80_000_000)), LARGE)
    folder, kills, sending, complete = tmp_path / "cache0", 0, 0, 0
    deadline = time.monotonic() + LONGEST
    while kills < KILLS and (time.monotonic() < deadline or "MSHUB_FAULT_KILLS" in os.environ):
        asked = len(fault_server.requests(PATH))
        child = actors.start(asset, folder)
        if chance.random() < 0.8:  # else also before the first byte is asked for
            wait_for_request(fault_server, asked + 1)
        time.sleep(chance.uniform(0, 0.2))
        sending += fault_server.active > 0
        outcome = actors.kill(child)
        if outcome == {"signal": 9}:
            kills += 1
            continue
        complete += 1
        check_end(folder, outcome)
        shutil.rmtree(folder)
        folder = tmp_path / f"cache{complete}"
    outcome = actors.wait(actors.start(asset, folder))
    check_end(folder, outcome)
    print(f"{kills} of {KILLS} kills, {sending} while bytes came, {complete + 1} files")  # noqa: T201
    assert kills > 50, f"only {kills} kills in {LONGEST} s; MSHUB_FAULT_KILLS={KILLS} waits for all"
    assert sending > kills / 2, f"{sending} of {kills} kills while bytes came"
    assert any(request.status == 206 for request in fault_server.requests(PATH))
    assert fault_server.sent(PATH) < (complete + 2) * LARGE.size * 3


def wait_for_request(server: FaultServer, number: int) -> None:
    """Wait until a request was made, or for a second: the file may have been complete."""
    deadline = time.monotonic() + 1
    while len(server.requests(PATH)) < number and time.monotonic() < deadline:
        time.sleep(0.005)


def check_end(folder: Path, outcome: dict[str, object]) -> None:
    assert "path" in outcome, outcome
    check_file(Path(str(outcome["path"])), LARGE)
    assert list_litter(folder) == [], f"seed {SEED}"


SITUATIONS: dict[str, tuple[tuple[Fault, ...], tuple[Fault, ...]]] = {
    "a new file": ((), ()),
    "a file that broke off": ((Cut(100_000), Refuse(500, skip=1)), ()),
    "a file that was wrong at first": ((), (Swap(Content(300_000, seed=1), times=1),)),
}


@pytest.mark.parametrize(("before", "meanwhile"), SITUATIONS.values(), ids=SITUATIONS.keys())
def test_killed_at_any_step_nothing_is_wrong_and_the_next_fetch_tidies_up(
    fault_server: FaultServer,
    tmp_path: Path,
    actors: Actors,
    before: tuple[Fault, ...],
    meanwhile: tuple[Fault, ...],
) -> None:
    """A child kills itself before its n-th change to a file, for every n."""
    wrong = []
    for step in range(200):
        folder = tmp_path / str(step)
        asset = make_asset(fault_server.serve(PATH, SMALL, *before), SMALL)
        if before:
            assert "error" in actors.wait(actors.start(asset, folder))
        fault_server.serve(PATH, SMALL, *meanwhile)
        outcome = actors.wait(actors.start(asset, folder, die_at=step))
        check_blobs(folder)
        fault_server.mend(PATH)
        check_file(fetch(asset, Cache(folder)).path, SMALL)
        if litter := list_litter(folder, quarantined=1 if meanwhile else 0):
            wrong.append(f"step {step}: {' '.join(short(name) for name in litter)}")
        if "path" in outcome:
            break
        assert outcome == {"signal": 9}
    else:
        pytest.fail("it never came to an end")
    assert step > 5
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("situation", ["bytes come", "connections", "silence", "a pause"])
def test_ctrl_c_ends_the_command_at_once_and_the_next_one_goes_on(
    fault_server: FaultServer,
    cache_folder: Path,
    write_card: Callable[..., Path],
    hub_command: Hub,
    situation: str,
) -> None:
    content = Content(42_000_000 if situation == "connections" else 8_000_000)
    faults: tuple[Fault, ...] = {
        "bytes come": (Rate(2_000_000),),
        "connections": (Rate(4_000_000),),
        "silence": (Cut(3_000_000, "stall"),),
        "a pause": (Cut(3_000_000, times=1), Refuse(503, "25", skip=1)),
    }[situation]
    card = write_card(link=fault_server.serve(PATH, content, *faults), digest=content.sha256)
    with hub_command.start("fetch", card) as process:
        wait_until(lambda: fault_server.sent(PATH) > 2_000_000 or process.poll(), "bytes come")
        assert process.poll() is None, process.communicate()
        if situation == "a pause":
            wait_until(lambda: len(fault_server.requests(PATH)) > 1, "it asked again")
        if situation == "connections":
            wait_until(lambda: fault_server.active > 2, "several connections serve")
        wait_until(lambda: size_of_partials(cache_folder) >= 1_000_000, "bytes are on the disk")
        time.sleep(0.2)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        try:
            output, errors = process.communicate(timeout=20)
        finally:
            process.kill()
    assert time.monotonic() - start < 3
    assert (process.returncode, output) == (130, "")
    assert "Traceback" not in errors
    assert list_litter(cache_folder, resumable=True) == []
    assert size_of_partials(cache_folder) >= 1_000_000
    fault_server.mend(PATH)
    done = hub_command.run("fetch", card)
    check_file(Path(done.stdout.strip()), content)
    *_, last = fault_server.requests(PATH)
    assert (last.status, last.headers["if-range"]) == (206, content.etag)
    assert fault_server.sent(PATH) < content.size * 1.4
    assert list_litter(cache_folder) == []


def test_ctrl_c_while_another_process_fetches_ends_the_command_and_not_the_other(
    fault_server: FaultServer,
    cache_folder: Path,
    write_card: Callable[..., Path],
    hub_command: Hub,
    actors: Actors,
) -> None:
    content = Content(10_000_000)
    link = fault_server.serve(PATH, content, Rate(2_000_000))
    card = write_card(link=link, digest=content.sha256)
    holder = actors.start(make_asset(link, content), cache_folder)
    fault_server.wait_sent(1000, PATH)
    with hub_command.start("fetch", card) as process:
        time.sleep(2.5)
        assert process.poll() is None, process.communicate()
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        try:
            _, errors = process.communicate(timeout=20)
        finally:
            process.kill()
    assert time.monotonic() - start < 3
    assert process.returncode == 130
    assert "Traceback" not in errors
    check_file(Path(actors.wait(holder)["path"]), content)
    assert len(fault_server.requests(PATH)) == 1
    assert list_litter(cache_folder) == []


def test_a_terminated_command_leaves_what_the_next_one_goes_on_with(
    fault_server: FaultServer,
    cache_folder: Path,
    write_card: Callable[..., Path],
    hub_command: Hub,
) -> None:
    content = Content(8_000_000)
    link = fault_server.serve(PATH, content, Rate(2_000_000))
    card = write_card(link=link, digest=content.sha256)
    with hub_command.start("fetch", card) as process:
        wait_until(
            lambda: size_of_partials(cache_folder) >= 1_000_000 or process.poll(),
            "bytes are on the disk",
        )
        assert process.poll() is None, process.communicate()
        process.terminate()
        process.communicate(timeout=20)
    fault_server.mend(PATH)
    check_file(Path(hub_command.run("fetch", card).stdout.strip()), content)
    assert fault_server.sent(PATH) < content.size * 1.3
    assert list_litter(cache_folder) == []


def short(name: str) -> str:
    """A name without its random parts."""
    return re.sub(r"[0-9a-f]{32,}", "…", name)


def size_of_partials(folder: Path) -> int:
    return sum(path.stat().st_size for path in list_partials(folder))
