"""Asking again, and for how long: refusals, silence, drips, and servers that want a pause."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from hub.assets.patience import Patience
from hub.assets.transfer.download import read_small
from hub.assets.transfer.faults import PassingFault
from hub.assets.transfer.pauses import Tries
from hub.errors import DownloadError, NoAnswerError
from tests.assets.transfer.fetching import QUICK, Notes, fetch
from tests.assets.transfer.file_server import FileServer, Plan


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again(
    file_server: FileServer, folder: Path, status: int
) -> None:
    file_server.plans.extend([Plan(status=status)] * 2)
    notes = Notes()
    fetch(folder, file_server.url, progress=notes)
    assert len(file_server.requests) == 3
    assert all(re.search(rf"answered {status} .*; asking again in", note) for note in notes.notes)
    assert len(notes.notes) == 2


def test_patience_ends(file_server: FileServer, folder: Path) -> None:
    file_server.plan = Plan(status=503)
    with pytest.raises(DownloadError, match="answered 503 Service Unavailable: try again") as error:
        fetch(folder, file_server.url)
    assert (error.value.status, len(file_server.requests)) == (503, QUICK.attempts)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 501])
def test_an_answer_that_will_not_change_is_final(
    file_server: FileServer, folder: Path, status: int
) -> None:
    file_server.plan = Plan(status=status)
    with pytest.raises(DownloadError, match=f"answered {status}"):
        fetch(folder, file_server.url)
    assert len(file_server.requests) == 1


def test_a_refused_connection_is_tried_again(file_server: FileServer, folder: Path) -> None:
    file_server.stop()
    notes = Notes()
    with pytest.raises(NoAnswerError, match="Connection refused"):
        fetch(folder, file_server.url, progress=notes)
    assert len(notes.notes) == QUICK.attempts - 1


def test_a_server_that_says_nothing_is_left(file_server: FileServer, folder: Path) -> None:
    file_server.plan = Plan(quiet=1)
    patience = Patience(silence=0.1, attempts=2, backoff=0.01)
    with pytest.raises(NoAnswerError, match=r"no answer from .*: it took too long"):
        fetch(folder, file_server.url, patience)
    assert len(file_server.requests) == 2


def test_a_server_that_falls_silent_in_the_middle_is_gone_on_with(
    file_server: FileServer, folder: Path
) -> None:
    file_server.plans.append(Plan(headers={"Content-Length": "3000001"}))  # one byte never comes
    file_server.plans.append(Plan(status=500))
    file_server.plans.append(Plan(etag='"v2"'))
    fetch(folder, file_server.url, Patience(silence=0.2, attempts=3, backoff=0.01))
    assert file_server.ranges == [None, "bytes=3000000-", "bytes=3000000-"]


def test_a_drip_counts_as_broken_off(file_server: FileServer, folder: Path) -> None:
    file_server.plan = Plan(pace=100)
    started = time.monotonic()
    patience = Patience(silence=5, window=0.3, floor=1000, attempts=2, backoff=0.01)
    with pytest.raises(
        DownloadError, match=r"broke off .*it brought only \d+ bytes in 0\.3"
    ) as error:
        fetch(folder, file_server.url, patience)
    assert not isinstance(error.value, NoAnswerError)
    assert time.monotonic() - started < 4
    assert len(file_server.requests) == 2
    assert file_server.ranges[1] is not None


def test_a_drip_in_chunks_counts_as_broken_off_too(file_server: FileServer, folder: Path) -> None:
    file_server.plan = Plan(pace=100, chunked=True)
    patience = Patience(silence=5, window=0.3, floor=1000, attempts=1)
    with pytest.raises(DownloadError, match="it brought only"):
        fetch(folder, file_server.url, patience)


def test_a_slow_server_above_the_floor_is_waited_for(file_server: FileServer, folder: Path) -> None:
    file_server.content = b"slow" * 5_000
    file_server.plan = Plan(pace=20_000)
    fetch(folder, file_server.url, Patience(silence=1, window=0.2, floor=2_000, attempts=1))
    assert len(file_server.requests) == 1


def test_a_pause_that_the_server_asks_for_is_kept(file_server: FileServer, folder: Path) -> None:
    file_server.plans.append(Plan(status=503, headers={"Retry-After": "1"}))
    started = time.monotonic()
    notes = Notes()
    fetch(folder, file_server.url, progress=notes)
    assert time.monotonic() - started >= 1
    assert notes.notes[0].endswith("asking again in 1.0 s")


def test_a_server_that_asks_for_too_long_a_pause_has_failed(
    file_server: FileServer, folder: Path
) -> None:
    file_server.plan = Plan(status=429, headers={"Retry-After": "3600"})
    message = r"answered 429 .*asks to wait for 3,600 s; mshub waits for 1 s at most"
    with pytest.raises(DownloadError, match=message) as error:
        fetch(folder, file_server.url)
    assert (error.value.status, len(file_server.requests)) == (429, 1)


@pytest.mark.parametrize("text", ["soon", "-5", "1e9", "", "9" * 10_000])
def test_a_pause_that_makes_no_sense_is_not_kept(
    file_server: FileServer, folder: Path, text: str
) -> None:
    file_server.plans.append(Plan(status=503, headers={"Retry-After": text}))
    if text.startswith("9"):
        with pytest.raises(DownloadError, match="asks to wait"):
            fetch(folder, file_server.url)
    else:
        fetch(folder, file_server.url)


def test_failures_are_counted_anew_when_a_mebibyte_has_come(
    file_server: FileServer, folder: Path
) -> None:
    few = [Plan(cut=100_000)] * 2
    file_server.plans.extend([*few, Plan(cut=1_100_000), few[0]])
    fetch(folder, file_server.url)
    assert len(file_server.requests) == 5


def test_failures_without_progress_add_up(file_server: FileServer, folder: Path) -> None:
    file_server.plan = Plan(cut=100_000)
    with pytest.raises(DownloadError, match="broke off"):
        fetch(folder, file_server.url)
    assert len(file_server.requests) == QUICK.attempts


def test_a_source_that_cannot_be_gone_on_with_makes_no_progress(
    file_server: FileServer, folder: Path
) -> None:
    file_server.plan = Plan(cut=2_000_000, etag="")
    with pytest.raises(DownloadError, match="broke off"):
        fetch(folder, file_server.url)
    assert len(file_server.requests) == QUICK.attempts


def test_pauses_grow_differ_and_have_an_end() -> None:
    def pause_three_times() -> list[float]:
        slept: list[float] = []
        tries = Tries(Patience(attempts=9, backoff=1, longest_pause=5), Notes(), slept.append)
        for _ in range(6):
            tries.wait(PassingFault(DownloadError("x broke off")), 0)
        return slept

    first, second = sum(pause_three_times()), sum(pause_three_times())
    assert first != second
    assert 0.5 + 1 + 2 + 4 + 5 + 5 <= first <= 1.5 + 3 + 5 + 5 + 5 + 5


def test_small_bodies_are_asked_for_again_too(file_server: FileServer) -> None:
    file_server.content = b"a card"
    file_server.plans.extend([Plan(status=502), Plan(cut=3)])
    assert read_small(file_server.url, largest=6, patience=QUICK) == b"a card"
    with pytest.raises(DownloadError, match="holds more than 5 bytes"):
        read_small(file_server.url, largest=5, patience=QUICK)


def test_whoever_watches_can_end_a_pause(file_server: FileServer, folder: Path) -> None:
    class Impatient(Notes):
        def advance(self, size: int) -> None:
            raise KeyboardInterrupt

    file_server.plan = Plan(status=503, headers={"Retry-After": "20"})
    with pytest.raises(KeyboardInterrupt):
        fetch(folder, file_server.url, Patience(), progress=Impatient())
