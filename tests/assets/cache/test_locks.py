"""The locks: one at a time, by real processes that are really killed, stopped and lied to."""

import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.assets.cache.cache import Cache
from hub.assets.cache.folder import SharedFolder
from hub.assets.cache.layout import make_key
from hub.assets.cache.locks import ANNOUNCED, STALLED, KeyLock
from tests.assets.cache.conftest import (
    CONTENT,
    LINK,
    NAME,
    SHA256,
    WHOLE,
    list_names,
    run_python,
    start_python,
)

KEY = make_key(LINK, WHOLE)
SECRET = LINK + "?token=secret"

# Takes the lock, says so, and holds it until it is told to go on or is killed.
HOLD = f"""
import sys
from pathlib import Path
from hub.assets.cache.folder import SharedFolder
from hub.assets.cache.locks import KeyLock
with KeyLock(SharedFolder(Path(sys.argv[1])), {KEY!r}, {SECRET!r}).hold():
    print("held", flush=True)
    sys.stdin.readline()
print("released", flush=True)
"""

# Counts how many are inside at once, by a file that only one may make.
ENTER = f"""
import logging, os, sys, time
logging.basicConfig(level=logging.INFO, stream=sys.stdout)
logging.getLogger("filelock").setLevel(logging.WARNING)
from hub.assets.cache.cache import Cache
from hub.digests import Digest
inside = sys.argv[2]
with Cache(sys.argv[1]).lock({LINK!r}, Digest({SHA256!r})):
    os.close(os.open(inside, os.O_CREAT | os.O_EXCL))
    time.sleep(0.02)
    os.unlink(inside)
print("done")
"""


@pytest.fixture
def holder(cache_folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lock."""
    with start_python(HOLD, cache_folder) as child:
        assert child.stdout
        assert child.stdout.readline() == "held\n"
        yield child
        child.kill()


def make_lock(folder: Path, stalled: float = 30, announced: float = ANNOUNCED) -> KeyLock:
    return KeyLock(SharedFolder(folder), KEY, SECRET, stalled=stalled, announced=announced)


def touch_partial(folder: Path, key: str = KEY) -> None:
    with (folder / "partial" / f"{key}.x.part").open("ab") as file:
        file.write(b"x")


def test_the_limits_are_what_the_documentation_says() -> None:
    lock = KeyLock(SharedFolder(Path("x")), KEY, LINK)
    assert (lock.stalled, lock.announced) == (STALLED, ANNOUNCED) == (60, 3)


def test_sixteen_processes_enter_one_after_the_other(cache_folder: Path, tmp_path: Path) -> None:
    children = [start_python(ENTER, cache_folder, tmp_path / "inside") for _ in range(16)]
    results = [(*child.communicate(timeout=60), child.returncode) for child in children]
    assert [err for _, err, status in results if status] == []
    assert all(out.endswith("done\n") for out, _, _ in results)
    assert list_names(cache_folder / "locks") == [f"{KEY}.lock"]


def test_threads_with_caches_of_their_own_enter_one_after_the_other(cache_folder: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        with Cache(cache_folder).lock(LINK, WHOLE):
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.02)
            inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8


def test_locks_of_different_keys_do_not_meet(cache: Cache) -> None:
    with cache.lock(LINK, WHOLE), cache.lock(LINK, None), cache.lock(LINK + "x", WHOLE):
        pass


def test_the_holder_is_noted_while_it_holds(
    cache_folder: Path, holder: "subprocess.Popen[str]"
) -> None:
    note = json.loads((cache_folder / "locks" / f"{KEY}.json").read_text())
    assert note["process"] == holder.pid
    assert note["link"] == LINK  # without its query
    holder.communicate("go on\n", timeout=30)
    assert list_names(cache_folder / "locks") == [f"{KEY}.lock"]


def test_a_waiter_gets_the_lock_of_a_killed_holder_at_once(
    cache_folder: Path, holder: "subprocess.Popen[str]", caplog: pytest.LogCaptureFixture
) -> None:
    waiting = threading.Timer(0.5, holder.kill)
    waiting.start()
    with make_lock(cache_folder).hold():
        assert holder.wait(timeout=30) == -signal.SIGKILL
        note = json.loads((cache_folder / "locks" / f"{KEY}.json").read_text())
        assert note["process"] == os.getpid()
    waiting.join()
    assert "without" not in caplog.text


def test_a_waiter_names_the_holder_once(
    cache_folder: Path, holder: "subprocess.Popen[str]", caplog: pytest.LogCaptureFixture
) -> None:
    assert holder.stdin
    threading.Timer(1.0, holder.stdin.write, ("go on\n",)).start()
    with make_lock(cache_folder, announced=0.2).hold():
        pass
    (message,) = caplog.messages
    assert re.fullmatch(
        rf"waiting for process {holder.pid} on host \S+, which has been fetching {LINK} for \d+ s",
        message,
    )


def test_a_quick_wait_is_not_worth_a_word(
    cache_folder: Path, holder: "subprocess.Popen[str]", caplog: pytest.LogCaptureFixture
) -> None:
    assert holder.stdin
    threading.Timer(0.5, holder.stdin.write, ("go on\n",)).start()
    with make_lock(cache_folder).hold():
        pass
    assert caplog.messages == []


@pytest.mark.parametrize("note", ["", "[]", '{"process": "x"}', None])
def test_a_damaged_note_is_not_repeated(
    cache_folder: Path,
    holder: "subprocess.Popen[str]",
    caplog: pytest.LogCaptureFixture,
    note: str | None,
) -> None:
    path = cache_folder / "locks" / f"{KEY}.json"
    path.unlink()
    if note is not None:
        path.write_text(note)
    with make_lock(cache_folder, stalled=0.4, announced=0.1).hold():
        pass
    assert caplog.messages[0] == f"waiting for another process, which is fetching {LINK}"


def test_a_waiter_goes_on_past_a_stopped_holder(
    cache_folder: Path, holder: "subprocess.Popen[str]", caplog: pytest.LogCaptureFixture
) -> None:
    holder.send_signal(signal.SIGSTOP)
    with make_lock(cache_folder, stalled=0.5).hold():
        (message,) = caplog.messages
        assert message.startswith(f"going on without waiting for process {holder.pid} on host ")
        assert message.endswith("there was no progress for 1 s")
        assert (cache_folder / "locks" / f"{KEY}.json").exists()  # the holder's own
    holder.send_signal(signal.SIGCONT)
    assert holder.communicate("go on\n", timeout=30)[0] == "released\n"


def test_a_waiter_waits_as_long_as_there_is_progress(
    cache_folder: Path, holder: "subprocess.Popen[str]", caplog: pytest.LogCaptureFixture
) -> None:
    def work() -> None:
        for _ in range(20):  # together three times as long as a waiter waits without progress
            touch_partial(cache_folder)
            time.sleep(0.15)
        assert holder.stdin
        holder.stdin.write("go on\n")

    worker = threading.Thread(target=work)
    worker.start()
    with make_lock(cache_folder, stalled=1).hold():
        assert (cache_folder / "partial" / f"{KEY}.x.part").stat().st_size == 20
    worker.join()
    assert "without" not in caplog.text


def test_the_progress_of_others_does_not_count(
    cache_folder: Path, holder: "subprocess.Popen[str]", caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()

    def work() -> None:
        while not done.wait(0.1):
            touch_partial(cache_folder, make_key("other"))

    worker = threading.Thread(target=work)
    worker.start()
    try:
        with make_lock(cache_folder, stalled=0.6).hold():
            assert "going on without waiting" in caplog.text
    finally:
        done.set()
        worker.join()


def test_trying_never_waits(cache_folder: Path, holder: "subprocess.Popen[str]") -> None:
    with make_lock(cache_folder).try_hold() as held:
        assert not held
    holder.communicate("go on\n", timeout=30)
    with make_lock(cache_folder).try_hold() as held:
        assert held
        with make_lock(cache_folder).try_hold() as again:
            assert not again


def test_a_failure_under_the_lock_releases_it(cache: Cache) -> None:
    with pytest.raises(ZeroDivisionError), cache.lock(LINK, WHOLE):
        raise ZeroDivisionError
    with make_lock(cache.folder).try_hold() as held:
        assert held


# Replaces flock before filelock can get hold of it, as some network file systems would.
BROKEN_FLOCK = """
import errno, fcntl, os, sys
def flock(descriptor, operation):
    if {number}:
        raise OSError({number}, os.strerror({number}))
fcntl.flock = flock
"""


@pytest.mark.parametrize("name", ["ENOSYS", "ENOLCK", "EOPNOTSUPP"])
def test_without_flock_it_goes_on_and_says_so_once(
    cache_folder: Path, tmp_path: Path, name: str
) -> None:
    code = BROKEN_FLOCK.format(number=f"errno.{name}") + ENTER
    out = run_python(code, cache_folder, tmp_path / "inside")
    info, done = out.splitlines()
    assert done == "done"
    assert info.startswith("INFO:hub.assets.cache.locks:going on without the lock ")
    assert list_names(cache_folder / "locks") == [f"{KEY}.lock"]  # and no note


@pytest.mark.parametrize("number", ["errno.ENOSYS", "0"])
def test_without_a_working_flock_threads_still_enter_one_after_the_other(
    cache_folder: Path, number: str
) -> None:
    code = f"""
import threading, time
from hub.assets.cache.cache import Cache
inside, most = [], []
def work():
    with Cache(sys.argv[1]).lock({LINK!r}, None):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.02)
        inside.pop()
threads = [threading.Thread(target=work) for _ in range(6)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(most)
"""
    assert run_python(BROKEN_FLOCK.format(number=number) + code, cache_folder) == f"{[1] * 6}\n"


def test_where_flock_lies_all_processes_get_the_right_file(
    cache_folder: Path, weights: Path
) -> None:
    """All of them believe that they hold the lock, and do everything at once."""
    code = f"""
import pathlib, time
from hub.assets.cache.cache import Cache
from hub.assets.partials import Source
from hub.digests import Digest
whole, prefix = Digest({SHA256!r}), Digest({SHA256[:8]!r})
content = pathlib.Path(sys.argv[2]).read_bytes()
cache = Cache(sys.argv[1])
sys.stdin.readline()
for digest in (whole, prefix) * 5:
    with cache.lock({LINK!r}, digest), cache.receive({LINK!r}, digest) as partial:
        partial.begin(Source({LINK!r}, '"tag"', len(content)))
        partial.append(content)
        partial.close()
        file = cache.publish(
            partial.path, partial.hexdigest(), link={LINK!r}, digest=digest,
            filename={NAME!r}, served_by="",
        )
    assert file.path.read_bytes() == content
    found = cache.find({LINK!r}, digest, {NAME!r}) or cache.recover({LINK!r}, digest, {NAME!r})
    assert found.path == file.path
print("right")
"""
    code = BROKEN_FLOCK.format(number="0") + code
    children = [start_python(code, cache_folder, weights) for _ in range(6)]
    results = [child.communicate("go\n", timeout=60) for child in children]
    assert results == [("right\n", "")] * 6
    cache = Cache(cache_folder)
    assert cache.layout.blob(SHA256, NAME).read_bytes() == CONTENT
    assert list_names(cache.layout.partials) == []
    assert not cache.layout.quarantine.exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can be two users")
def test_the_lock_file_of_another_user_is_gone_without() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to others
        cache = Path(folder, "cache")
        Path(folder).chmod(0o755)
        before = os.umask(0)
        try:
            cache.mkdir()
            with KeyLock(SharedFolder(cache), KEY, LINK).hold():
                pass
        finally:
            os.umask(before)
        (cache / "locks" / f"{KEY}.lock").chmod(0o600)
        code = f"""
import logging, os, sys
from pathlib import Path
import filelock
from hub.assets.cache.folder import SharedFolder
from hub.assets.cache.locks import KeyLock
logging.basicConfig(level=logging.INFO, stream=sys.stdout)
os.setuid(65534)
with KeyLock(SharedFolder(Path({str(cache)!r})), {KEY!r}, {LINK!r}).hold():
    print("went on")
"""
        info, done = run_python(code).splitlines()
        assert done == "went on"
        assert "going on without the lock" in info
        assert "Permission denied" in info
