"""Files that are arriving: never a byte of anybody else's, and nothing lost that can be kept."""

from __future__ import annotations

import errno
import json
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.assets.disk import describe_fault
from hub.assets.marks import QUIET, is_dead, mark_name
from hub.assets.partials import Partial, Source, find_remainders, open_partial
from hub.assets.remainders import sweep_folder
from hub.errors import CacheError
from tests.conftest import digest_of

CONTENT = random.Random(2).randbytes(3_000_000)
SOURCE = Source("https://example.org/a.ckpt", '"v1"', len(CONTENT))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "partial"


def leave(folder: Path, size: int, source: Source = SOURCE, key: str = "key") -> Path:
    """Leave the first bytes behind, as a call that was killed does."""
    partial = Partial(folder, key)
    partial.begin(source)
    partial.append(CONTENT[:size])
    partial.close()
    return rename_to_dead(partial.path)


def rename_to_dead(path: Path) -> Path:
    """Let a partial file be one of a process of this machine that is dead."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    dead = path.with_name(path.name.replace(f"-{os.getpid()}-", f"-{process.pid}-"))
    path.with_suffix(".json").rename(dead.with_suffix(".json"))
    return path.rename(dead)


def names(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir())


def test_bytes_in_order_are_written_and_hashed(folder: Path) -> None:
    with open_partial(folder, "key") as partial:
        assert (partial.source, partial.size) == (None, 0)
        partial.begin(SOURCE)
        for at in range(0, len(CONTENT), 70_001):
            partial.append(CONTENT[at : at + 70_001])
        assert partial.size == len(CONTENT)
        assert partial.hexdigest() == digest_of(CONTENT)
        assert partial.path.read_bytes() == CONTENT


def test_pieces_in_any_order_are_hashed_as_far_as_there_is_no_hole(folder: Path) -> None:
    with open_partial(folder, "key") as partial:
        partial.begin(SOURCE)
        partial.append(CONTENT[:1000])
        partial.place(2_000_000, CONTENT[2_000_000:])
        assert partial.size == 1000
        partial.place(1000, CONTENT[1000:2_000_000])
        partial.settle(1_500_000)
        assert partial.hexdigest() == digest_of(CONTENT[:1_500_000])
        partial.settle(len(CONTENT))
        assert partial.hexdigest() == digest_of(CONTENT)


def test_one_may_go_back_from_pieces_to_bytes_in_order(folder: Path) -> None:
    with open_partial(folder, "key") as partial:
        partial.begin(SOURCE)
        partial.place(500_000, b"ahead")
        partial.append(CONTENT)
        assert partial.hexdigest() == digest_of(CONTENT)
        assert partial.path.read_bytes() == CONTENT


def test_the_next_call_has_what_the_last_one_had(folder: Path) -> None:
    old = leave(folder, 1_000_000)
    with open_partial(folder, "key") as partial:
        assert (partial.source, partial.size) == (SOURCE, 1_000_000)
        assert partial.path != old
        assert not old.exists()
        partial.append(CONTENT[1_000_000:])
        assert partial.hexdigest() == digest_of(CONTENT)


def test_what_lies_behind_a_hole_does_not_count_for_the_next_call(folder: Path) -> None:
    partial = Partial(folder, "key")
    partial.begin(SOURCE)
    partial.append(CONTENT[:1000])
    partial.place(2_000_000, CONTENT[2_000_000:])
    partial.close()
    rename_to_dead(partial.path)
    with open_partial(folder, "key") as partial:
        assert partial.size == 1000
        assert partial.hexdigest() == digest_of(CONTENT[:1000])


def test_the_longest_of_several_is_gone_on_with(folder: Path) -> None:
    for size in (10, 2_000, 300):
        leave(folder, size)
    leave(folder, 5_000, key="other")
    with open_partial(folder, "key") as partial:
        assert partial.size == 2_000


def test_only_a_strong_validator_lets_a_file_stay(folder: Path) -> None:
    for etag, kept in (("", []), ('W/"v1"', []), ('"v1"', [".json", ".part"])):
        with open_partial(folder, "key") as partial:
            partial.begin(Source(SOURCE.url, etag))
            partial.append(b"some")
        assert names(folder) == kept


def test_a_file_without_bytes_does_not_stay(folder: Path) -> None:
    with open_partial(folder, "key") as partial:
        partial.begin(SOURCE)
    assert names(folder) == []


def test_what_is_left_can_be_taken_up_while_its_process_lives(folder: Path) -> None:
    with open_partial(folder, "key") as partial:
        partial.begin(SOURCE)
        partial.append(CONTENT[:1000])
        (arriving,) = find_remainders(folder)
        assert not arriving.released
    (left,), inode = find_remainders(folder), partial.path.stat().st_ino
    assert (left.path, left.released) == (partial.path, True)
    with open_partial(folder, "key") as partial:
        assert partial.path.stat().st_ino == inode  # not copied
        assert partial.hexdigest() == digest_of(CONTENT[:1000])
        (arriving,) = find_remainders(folder)
        assert (arriving.path, arriving.released) == (partial.path, False)
        assert names(folder) == [".json", ".part"]


def test_a_file_of_a_living_process_is_copied_and_left_alone(folder: Path, tmp_path: Path) -> None:
    with open_partial(folder, "key") as slow:
        slow.begin(SOURCE)
        slow.append(CONTENT[:1_000_000])
        with open_partial(folder, "key") as quick:
            assert quick.size == 1_000_000
            assert slow.path.exists()
            quick.append(CONTENT[1_000_000:])
            slow.append(CONTENT[1_000_000:])
            assert quick.hexdigest() == slow.hexdigest() == digest_of(CONTENT)
            quick.path.rename(tmp_path / "published")
            sweep_folder(folder, "key")
        assert slow.path.read_bytes() == (tmp_path / "published").read_bytes() == CONTENT


def test_a_file_of_another_machine_is_copied_and_left_alone(folder: Path) -> None:
    other = rename_to_elsewhere(leave(folder, 1000))
    with open_partial(folder, "key") as partial:
        assert partial.hexdigest() == digest_of(CONTENT[:1000])
        assert other.exists()
        partial.restart()
    now = other.stat().st_mtime + QUIET
    sweep_folder(folder, "key", now)
    assert other.exists()
    sweep_folder(folder, "key", now + 1)
    assert not other.exists()


def test_no_clock_of_this_machine_tells_what_is_quiet(folder: Path) -> None:
    other = rename_to_elsewhere(leave(folder, 1000))
    os.utime(other, (0, 0))
    sweep_folder(folder, "key")
    sweep_folder(folder, "key", QUIET)
    assert other.exists()
    sweep_folder(folder, "key", QUIET + 1)
    assert not other.exists()


def test_whoever_goes_on_removes_what_else_is_left_of_the_key(folder: Path) -> None:
    dead, quiet, busy = leave(folder, 10), leave(folder, 20), leave(folder, 30)
    foreign = leave(folder, 40, key="other")
    quiet, busy = rename_to_elsewhere(quiet), rename_to_elsewhere(busy)
    os.utime(quiet, (busy.stat().st_mtime - QUIET - 60,) * 2)
    longest = leave(folder, 50)
    with open_partial(folder, "key") as partial:
        assert partial.size == 50
        kept = {partial.path, busy, foreign}
        assert set(folder.iterdir()) == kept | {path.with_suffix(".json") for path in kept}
        assert not any(path.exists() for path in (dead, quiet, longest))


def test_what_was_quiet_when_it_was_copied_is_removed(folder: Path) -> None:
    other = rename_to_elsewhere(leave(folder, 1000))
    os.utime(other, (time.time() - QUIET - 60,) * 2)
    with open_partial(folder, "key") as partial:
        assert partial.hexdigest() == digest_of(CONTENT[:1000])
        assert names(folder) == [".json", ".part"]


def test_a_fresh_try_takes_nothing_over_and_leaves_it_where_it_is(folder: Path) -> None:
    old = leave(folder, 1000)
    with open_partial(folder, "key", resume=False) as partial:
        assert (partial.source, partial.size) == (None, 0)
    assert sorted(folder.iterdir()) == [old.with_suffix(".json"), old]


def rename_to_elsewhere(path: Path) -> Path:
    """Let a partial file be one of another machine."""
    _, mark, _ = path.name.split(".")
    other = path.with_name(path.name.replace(mark, f"00000001-{mark.split('-', 1)[1]}"))
    path.with_suffix(".json").rename(other.with_suffix(".json"))
    return path.rename(other)


def plant(folder: Path, size: int = 5, *, length: int | None = None, released: bool = True) -> Path:
    """Write the sidecar of a file, and return where that would lie."""
    folder.mkdir(exist_ok=True)
    path = folder / mark_name("key", "part")
    values = {"url": SOURCE.url, "etag": '"v1"', "length": length, "size": size}
    path.with_suffix(".json").write_text(json.dumps({**values, "released": released}))
    return path


@pytest.mark.parametrize("released", [True, False])
def test_a_link_is_neither_followed_nor_written_through(
    folder: Path, tmp_path: Path, *, released: bool
) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(CONTENT[:1000])
    path = plant(folder, released=released)
    path.symlink_to(precious)
    with open_partial(folder, "key") as partial:
        assert partial.size == 0
        partial.begin(SOURCE)
        partial.append(b"other")
    assert precious.read_bytes() == CONTENT[:1000]
    assert path.is_symlink()


@pytest.mark.parametrize("suffix", [".part", ".json"])
def test_a_pipe_is_not_waited_for(folder: Path, suffix: str) -> None:
    path = plant(folder)
    path.write_bytes(CONTENT[:1000])
    path.with_suffix(suffix).unlink()
    os.mkfifo(path.with_suffix(suffix))
    with open_partial(folder, "key") as partial:
        assert partial.size == 0


def test_a_file_with_a_second_name_is_copied_and_not_changed(folder: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(CONTENT[:1000])
    path = plant(folder, size=500)
    path.hardlink_to(precious)
    with open_partial(folder, "key") as partial:
        partial.append(b"other")
        assert partial.hexdigest() == digest_of(CONTENT[:500] + b"other")
        assert names(folder) == [".json", ".part"]
    assert precious.read_bytes() == CONTENT[:1000]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give")
def test_a_file_of_another_user_is_copied_so_that_nobody_else_owns_what_is_published(
    folder: Path,
) -> None:
    path = plant(folder, size=1000)
    path.write_bytes(CONTENT[:1000])
    os.chown(path, 65534, 65534)
    with open_partial(folder, "key") as partial:
        assert partial.hexdigest() == digest_of(CONTENT[:1000])
        assert partial.path.stat().st_uid == os.geteuid()


AS_NOBODY = """
import os, sys
from pathlib import Path
from hub.assets.partials import open_partial
os.setgid(65534), os.setuid(65534)
with open_partial(Path(sys.argv[1]), "key") as partial:
    print(partial.size)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be two")
@pytest.mark.parametrize(("mode", "size"), [(0o644, 1000), (0o600, 0)])
def test_what_another_user_may_not_move_is_copied_and_what_he_may_not_read_is_ignored(
    mode: int, size: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o1777)
        path = plant(folder, size=1000)
        path.write_bytes(CONTENT[:1000])
        path.chmod(mode)
        path.with_suffix(".json").chmod(0o644)
        command = [sys.executable, "-c", AS_NOBODY, name]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        assert (done.stdout, done.returncode) == (f"{size}\n", 0), done.stderr
        assert path.exists()


def test_a_sidecar_is_not_written_through_a_link(folder: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    with open_partial(folder, "key") as partial:
        for suffix in (".tmp", ".json"):
            partial.path.with_suffix(suffix).symlink_to(precious)
        partial.begin(SOURCE)
        assert not partial.sidecar.is_symlink()
    assert precious.read_text() == "precious"


def test_what_is_left_survives_a_sweep_at_the_same_moment(folder: Path) -> None:
    folder.mkdir()
    done = threading.Event()

    def sweep() -> None:
        while not done.is_set():
            sweep_folder(folder, "published", time.time())

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    try:
        for turn in range(150):
            with open_partial(folder, f"key{turn}") as partial:
                partial.begin(SOURCE)
                partial.append(b"some")
            (left,) = find_remainders(folder, f"key{turn}")
            assert left.released
            left.path.unlink()
            left.sidecar.unlink()
    finally:
        done.set()
        sweeper.join()


def test_a_new_beginning_has_a_new_name(folder: Path) -> None:
    with open_partial(folder, "key") as partial:
        partial.begin(SOURCE)
        partial.append(b"some")
        before = partial.path
        partial.begin(SOURCE)
        assert partial.path != before
        assert (partial.size, partial.hexdigest()) == (0, digest_of(b""))
        assert not before.exists()


def test_two_that_write_at_once_do_not_meet(folder: Path) -> None:
    with open_partial(folder, "key") as one, open_partial(folder, "key") as two:
        for partial in (one, two):
            partial.begin(SOURCE)
        for at in range(0, len(CONTENT), 500_000):
            one.append(CONTENT[at : at + 500_000])
            two.append(CONTENT[at : at + 500_000])
        assert one.hexdigest() == two.hexdigest() == digest_of(CONTENT)


def test_the_note_is_for_people(folder: Path) -> None:
    with open_partial(folder, "key", note={"link": "https://a.org/x", "digest": "ab"}) as partial:
        partial.begin(SOURCE)
        partial.append(b"some")
    (sidecar,) = folder.glob("*.json")
    assert json.loads(sidecar.read_text()) == {
        "link": "https://a.org/x",
        "digest": "ab",
        "url": SOURCE.url,
        "etag": '"v1"',
        "length": len(CONTENT),
        "size": None,
        "released": True,
    }
    (remainder,) = find_remainders(folder)
    assert (remainder.size, remainder.note["link"]) == (4, "https://a.org/x")


GOOD = {"url": "https://a.org/x", "etag": '"v1"', "length": 100, "size": 10}
values = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just('"v1"')
anything = st.dictionaries(st.sampled_from(["url", "etag", "length", "size"]), values)
sidecars = st.binary(max_size=60) | anything.map(lambda some: json.dumps(GOOD | some).encode())


@given(sidecars)
def test_no_sidecar_can_do_harm(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    folder = tmp_path_factory.mktemp("sidecar")
    (folder / "key.1.part").write_bytes(CONTENT[:50])
    (folder / "key.1.json").write_bytes(text)
    with open_partial(folder, "key") as partial:
        assert partial.hexdigest() == digest_of(CONTENT[: partial.size])
        assert partial.path.read_bytes() == CONTENT[: partial.size]
        if partial.source is not None:
            assert partial.source.resumable
            assert 0 < partial.size <= 50
            assert partial.source.length is None or partial.size <= partial.source.length
        else:
            assert partial.size == 0
    shutil.rmtree(folder)


def test_a_disk_without_room_is_noticed_before_the_first_byte(folder: Path) -> None:
    with open_partial(folder, "key") as partial:
        partial.reserve(1)
        message = (
            r"the disk of .*partial has [\d,]+ bytes free, but at least 1,000,000,000,016,777,216 are needed"
            r" .*; nothing is kept\. Free some space, .*'hub cache prune'.*MSHUB_CACHE"
        )
        with pytest.raises(CacheError, match=message):
            partial.reserve(10**18)


def test_a_disk_that_fills_up_keeps_what_it_has(folder: Path) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, limits[1]))
    try:
        message = r"is full \(File too large, with 1,000,000 more .*1,000,000 bytes are kept"
        with open_partial(folder, "key") as partial:
            partial.begin(SOURCE)
            partial.append(CONTENT[:1_000_000])
            with pytest.raises(CacheError, match=message) as caught:
                partial.append(CONTENT[1_000_000:2_000_000])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.__cause__.errno == errno.EFBIG
    with open_partial(folder, "key") as partial:
        assert partial.size >= 1_000_000
        partial.append(CONTENT[partial.size :])
        assert partial.hexdigest() == digest_of(CONTENT)


def test_a_folder_that_cannot_be_made_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CacheError, match=r"cannot be used: .*file.*; choose another folder"):  # noqa: SIM117
        with open_partial(tmp_path / "file" / "partial", "key"):
            pytest.fail("never comes here")


def test_files_follow_the_umask(folder: Path) -> None:
    before = os.umask(0o027)
    try:
        path = leave(folder, 10)
    finally:
        os.umask(before)
    for file in (path, path.with_suffix(".json")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_what_nobody_writes_to_and_nobody_can_use_is_swept(folder: Path) -> None:
    mine, useful = leave(folder, 10), leave(folder, 20, key="other")
    orphan = leave(folder, 30, key="other").with_suffix(".json")
    orphan.with_suffix(".part").unlink()
    half = leave_half(folder, "tmp")
    alive = folder / mark_name("key", "tmp")
    alive.touch()
    released = plant(folder)
    released.write_bytes(CONTENT[:10])
    sweep_folder(folder, "key")
    assert sorted(folder.iterdir()) == sorted([alive, useful, useful.with_suffix(".json")])
    assert not any(path.exists() for path in (mine, orphan, half, released))
    sweep_folder(folder / "missing", "key")


def leave_half(folder: Path, kind: str) -> Path:
    """Leave a small file of a dead process, such as half a record."""
    path = leave(folder, 10, key="record")
    path.with_suffix(".json").unlink()
    return path.rename(path.with_suffix(f".{kind}"))


def test_a_disk_without_room_for_a_copy_keeps_what_is_there(folder: Path) -> None:
    import resource

    with open_partial(folder, "key") as slow:
        slow.begin(SOURCE)
        slow.append(CONTENT[:1_000_000])
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, limits[1]))
        try:
            with pytest.raises(CacheError, match="is full"), open_partial(folder, "key"):
                pytest.fail("never comes here")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, handler)
        assert slow.path.read_bytes() == CONTENT[:1_000_000]


def test_what_there_is_no_room_to_copy_is_passed_over(folder: Path) -> None:
    path = plant(folder, size=1 << 42, released=False)
    with path.open("wb") as file:
        file.truncate(1 << 42)
    with open_partial(folder, "key") as partial:
        assert partial.size == 0
    assert path.exists()


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (
            errno.ENOSPC,
            r"the disk of /c is full \(.*, with 1,024 more bytes at hand\); all is kept\.",
        ),
        (
            errno.EACCES,
            r"cannot be used: .* \(/c/x\); mend the permissions, or choose another fold",
        ),
        (errno.EIO, r"cannot be used: .* \(/c/x\); have the disk or the network drive looked at"),
        (errno.EROFS, r"cannot be used: .* \(/c/x\); choose another folder with MSHUB_CACHE"),
    ],
)
def test_advice_fits_what_is_wrong_with_the_disk(number: int, advice: str) -> None:
    error = OSError(number, os.strerror(number), "/c/x")
    message = describe_fault(error, Path("/c"), kept="all is kept", needed=1024)
    assert re.search(advice, message), message


def test_a_process_that_is_gone_is_dead_also_if_it_was_forked(folder: Path) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, mark_name("key", "part").encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert is_dead(folder / os.read(reader, 1000).decode())
    assert not is_dead(folder / mark_name("key", "part"))
    os.close(reader)
    os.close(writer)


MARK = "from hub.assets.marks import mark_name; print(mark_name('key', 'part'))"


def test_the_number_of_a_process_in_another_container_means_nothing_here(folder: Path) -> None:
    python = [sys.executable, "-c", MARK]
    try:
        there = subprocess.run(
            ["unshare", "--pid", "--fork", "--mount-proc", *python],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no process namespace can be made here: {error}")
    here = subprocess.run(python, capture_output=True, text=True, check=True)
    assert is_dead(folder / here.stdout.strip())
    assert not is_dead(folder / there.stdout.strip().replace("-1-", f"-{2**22 + 5}-"))


def test_closing_twice_does_no_harm(folder: Path) -> None:
    with open_partial(folder, "key") as partial:
        partial.begin(SOURCE)
        partial.append(b"some")
        digest = partial.hexdigest()
        partial.close()
        partial.close()
        assert digest == partial.hexdigest() == digest_of(b"some")


WRITER = """
import random, sys
from pathlib import Path
from hub.assets.partials import open_partial, Source
content = random.Random(2).randbytes(3_000_000)
print("started", flush=True)
with open_partial(Path(sys.argv[1]), "key") as partial:
    if partial.source is None:
        partial.begin(Source("https://example.org/a.ckpt", '"v1"', len(content)))
    for turn in range(1_000_000):
        if turn % 50 == 49 or partial.size > 2_900_000:
            partial.begin(partial.source)
        start = partial.size
        if turn % 3 == 0:
            partial.place(start + 1000, content[start + 1000 : start + 2000])
            partial.place(start, content[start : start + 1000])
            partial.settle(start + 2000)
        else:
            partial.append(content[start : start + 1000])
"""


def test_a_process_may_be_killed_at_any_moment(folder: Path) -> None:
    chance = random.Random(3)
    for _ in range(12):
        command = [sys.executable, "-c", WRITER, str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.1))
            process.kill()
        for found in find_remainders(folder, "key"):
            assert found.path.read_bytes()[: found.size] == CONTENT[: found.size]
    with open_partial(folder, "key") as partial:
        partial.path.rename(folder.parent / "published")
    sweep_folder(folder, "key")
    assert names(folder) == []
