"""Several connections for one large file, and what becomes of it when the server plays tricks."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from hub.assets.partials import find_remainders, open_partial
from hub.assets.patience import Patience
from hub.assets.transfer import download as downloading
from hub.assets.transfer import ranges
from hub.assets.transfer.download import download
from hub.errors import DownloadError
from tests.assets.transfer.fetching import QUICK, Notes, fetch
from tests.assets.transfer.file_server import FileServer, Plan

SEGMENT = 250_000
SLOW = 1_000_000  # bytes a second and connection


@pytest.fixture(autouse=True)
def small_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of 3 MB is large, and a tenth of a second long."""
    monkeypatch.setattr(ranges, "SEGMENT", SEGMENT)
    monkeypatch.setattr(ranges, "WORTH_SHARING", 1_000_000)
    monkeypatch.setattr(ranges, "WORTH_SAVING", 0.5)
    monkeypatch.setattr(downloading, "FIRST_LOOK", 0.1)


def test_a_slow_server_is_asked_over_four_connections(
    file_server: FileServer, folder: Path
) -> None:
    file_server.plan = Plan(pace=SLOW)
    notes = Notes()
    started = time.monotonic()
    fetch(folder, file_server.url, progress=notes)
    assert time.monotonic() - started < 2.5  # one connection needs three seconds
    assert (folder / "published").read_bytes() == file_server.content
    first, *parts = file_server.ranges
    assert first is None
    assert len(parts) >= 8
    assert all(headers["If-Range"] == file_server.etag for headers in file_server.requests[1:])
    assert notes.received == len(file_server.content)


def test_segments_are_asked_for_in_order_and_none_twice(
    file_server: FileServer, folder: Path
) -> None:
    file_server.plan = Plan(pace=SLOW)
    fetch(folder, file_server.url)
    starts = [int(part.removeprefix("bytes=").partition("-")[0]) for part in file_server.ranges[1:]]
    assert sorted(set(starts)) == sorted(starts)
    assert max(starts) - starts[-1] <= 4 * SEGMENT


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param({"headers": {"Accept-Ranges": "none"}}, id="no parts"),
        pytest.param({"etag": ""}, id="no validator"),
        pytest.param({"etag": 'W/"v1"'}, id="a weak validator"),
        pytest.param({"chunked": True}, id="no length"),
    ],
)
def test_without_what_it_takes_one_connection_does_it_all(
    file_server: FileServer, folder: Path, plan: dict
) -> None:
    file_server.plan = Plan(pace=3 * SLOW, **plan)
    fetch(folder, file_server.url)
    assert len(file_server.requests) == 1


def test_a_fast_server_is_asked_once(file_server: FileServer, folder: Path) -> None:
    fetch(folder, file_server.url)
    assert len(file_server.requests) == 1


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param({"ranges": False}, id="the whole file instead"),
        pytest.param({"shift": 1}, id="another part"),
        pytest.param({"status": 403}, id="a refusal"),
        pytest.param({"status": 416}, id="no such part"),
        pytest.param({"headers": {"ETag": '"v2"'}}, id="another validator"),
        pytest.param({"headers": {"ETag": ""}}, id="no validator"),
        pytest.param({"headers": {"Content-Encoding": "gzip"}}, id="an encoding"),
        pytest.param({"cut": 1000}, id="nothing but broken answers"),
    ],
)
def test_parts_that_go_wrong_lead_back_to_one_connection(
    file_server: FileServer, folder: Path, plan: dict
) -> None:
    file_server.plans.append(Plan(pace=SLOW))
    file_server.part_plan, file_server.right_parts = Plan(**plan), 1
    notes = Notes()
    fetch(folder, file_server.url, Patience(silence=2, attempts=3, backoff=0.01), progress=notes)
    assert any(note.startswith("going on over one connection: ") for note in notes.notes)
    assert (folder / "published").read_bytes() == file_server.content
    assert notes.received == len(file_server.content)


@pytest.mark.parametrize(
    "plan",
    [{"ranges": False}, {"shift": 1}, {"status": 403}, {"status": 500}, {"quiet": 60}],
    ids=["the whole file instead", "another part", "a refusal", "a fault", "silence"],
)
def test_a_server_that_sends_no_parts_keeps_its_one_connection(
    file_server: FileServer, folder: Path, plan: dict
) -> None:
    file_server.plans.append(Plan(pace=SLOW))
    file_server.part_plan = Plan(**plan)
    assert fetch(folder, file_server.url, Patience(silence=1, attempts=1)).resumed == 0
    assert (folder / "published").read_bytes() == file_server.content
    whole, one_byte = file_server.ranges
    assert whole is None
    assert one_byte is not None


def test_a_file_that_changes_between_its_parts_is_fetched_anew(
    file_server: FileServer, folder: Path
) -> None:
    changed = b"another file" * 250_000

    class Changing(Notes):
        def advance(self, size: int) -> None:
            super().advance(size)
            if self.received > 1_000_000:
                file_server.content, file_server.etag = changed, '"v2"'

    file_server.plan = Plan(pace=SLOW)
    transfer = fetch(folder, file_server.url, progress=Changing())
    assert (folder / "published").read_bytes() == changed
    assert transfer.size == len(changed)


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_finds_it_too_many_gets_fewer(
    file_server: FileServer, folder: Path, status: int
) -> None:
    file_server.plans.extend([Plan(pace=SLOW), Plan(), *[Plan(status=status)] * 3])
    file_server.plan = Plan(pace=3 * SLOW)
    fetch(folder, file_server.url)
    assert (folder / "published").read_bytes() == file_server.content
    refused = file_server.ranges[2:5]
    assert set(refused) <= set(file_server.ranges[5:])


def test_connections_that_break_off_are_made_anew(file_server: FileServer, folder: Path) -> None:
    file_server.plans.append(Plan(pace=SLOW))
    file_server.plans.extend([Plan(cut=100_000, reset=at % 2 == 0) for at in range(4)])
    file_server.plan = Plan(pace=3 * SLOW)
    fetch(folder, file_server.url)
    assert (folder / "published").read_bytes() == file_server.content


def test_a_full_disk_ends_all_connections(
    file_server: FileServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource

    file_server.plan = Plan(pace=SLOW)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, limits[1]))
    try:
        with pytest.raises(OSError, match=r"is full \(File too large.* bytes are kept") as error:
            fetch(folder, file_server.url)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert error.type.__name__ == "CacheError"
    assert not [thread for thread in threading.enumerate() if thread.name == "mshub-range"]
    assert fetch(folder, file_server.url).resumed > 0


def test_whoever_watches_can_end_it_and_what_is_here_is_kept(
    file_server: FileServer, folder: Path
) -> None:
    class Interrupting(Notes):
        def advance(self, size: int) -> None:
            super().advance(size)
            if self.received > 2_000_000:
                raise KeyboardInterrupt

    file_server.plan = Plan(pace=SLOW)
    with pytest.raises(KeyboardInterrupt):
        fetch(folder, file_server.url, progress=Interrupting())
    assert not [thread for thread in threading.enumerate() if thread.name == "mshub-range"]
    (remainder,) = find_remainders(folder)
    assert remainder.size > 500_000
    assert remainder.path.read_bytes()[: remainder.size] == file_server.content[: remainder.size]
    file_server.plan = Plan()
    assert fetch(folder, file_server.url).resumed == remainder.size
    assert (folder / "published").read_bytes() == file_server.content


PROGRAM = """
import sys
from pathlib import Path
from hub.assets.partials import open_partial
from hub.assets.transfer import download, ranges
ranges.SEGMENT, ranges.WORTH_SHARING, ranges.WORTH_SAVING = 250_000, 1_000_000, 0.5
download.FIRST_LOOK = 0.1
with open_partial(Path(sys.argv[1]), "key") as partial:
    print("started", flush=True)
    download.download(sys.argv[2], partial)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_process_that_is_stopped_leaves_what_the_next_one_goes_on_with(
    file_server: FileServer, folder: Path, how: signal.Signals
) -> None:
    file_server.plan = Plan(pace=SLOW / 2)
    command = [sys.executable, "-c", PROGRAM, str(folder), file_server.url]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        deadline = time.monotonic() + 20
        while sum(file_server.sent) < 2_000_000 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(how)
        asked = time.monotonic()
        process.wait(10)
        assert time.monotonic() - asked < 2.5
        if how is signal.SIGINT:
            assert process.stderr.read().endswith("KeyboardInterrupt\n")
    assert len(file_server.requests) > 4
    file_server.plan = Plan()
    assert fetch(folder, file_server.url).resumed >= 500_000
    assert (folder / "published").read_bytes() == file_server.content
    assert [path.name for path in folder.iterdir()] == ["published"]


def test_a_silent_connection_does_not_hold_up_an_interrupt(
    file_server: FileServer, folder: Path
) -> None:
    """Three workers wait for an answer that does not come; the fourth brings the end."""

    class Interrupting(Notes):
        def advance(self, size: int) -> None:
            super().advance(size)
            if len(file_server.requests) >= 5:
                raise KeyboardInterrupt

    file_server.plans.extend([Plan(pace=SLOW), Plan()])
    file_server.plan = Plan(quiet=8)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        fetch(folder, file_server.url, Patience(), progress=Interrupting())
    assert time.monotonic() - started < 3


def test_the_rest_of_a_file_is_shared_too(file_server: FileServer, folder: Path) -> None:
    file_server.plans.append(Plan(cut=700_000))
    with pytest.raises(DownloadError):
        fetch(folder, file_server.url, Patience(attempts=1))
    file_server.requests.clear()
    file_server.plan = Plan(pace=SLOW)
    with open_partial(folder, "key") as partial:
        assert download(file_server.url, partial, patience=QUICK).resumed == 700_000
        assert partial.path.read_bytes() == file_server.content
    assert file_server.ranges[0] == "bytes=700000-"
    assert len(file_server.ranges) > 4
