"""The folder itself: its layout version, its marks, and what disks say."""

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.assets.cache.cache import Cache, CachedFile
from hub.assets.cache.folder import SharedFolder, explain_errors, publish_file
from hub.assets.disk import describe_fault
from hub.errors import CacheError
from tests.assets.cache.conftest import LINK, NAME, WHOLE, list_names
from tests.assets.cache.test_shared import can_mount, remember

Keep = Callable[..., CachedFile]


def test_a_cache_is_marked_when_it_is_first_written_to(cache: Cache) -> None:
    assert cache.find(LINK, WHOLE, NAME) is None
    assert list(cache.files()) == []
    assert not cache.folder.exists()
    cache.write_card("https://example.org/card.md", b"# card")
    assert cache.layout.version.read_text() == "1\n"
    assert cache.layout.tag.read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    assert list_names(cache.folder) == ["CACHEDIR.TAG", "cards", "layout", "partial"]
    assert list_names(cache.layout.partials) == []


def test_a_mark_that_was_removed_comes_back(cache: Cache, keep: Keep) -> None:
    keep(cache)
    cache.layout.version.unlink()
    cache.layout.tag.unlink()
    keep(cache)
    assert cache.layout.version.exists()
    assert cache.layout.tag.exists()


def ask_all(cache: Cache, weights: Path) -> list[Callable[[], object]]:
    def receive() -> None:
        with cache.receive(LINK, WHOLE):
            raise AssertionError("a newer cache was written to")

    return [
        lambda: cache.find(LINK, WHOLE, NAME),
        lambda: cache.recover(LINK, WHOLE, NAME),
        lambda: cache.lock(LINK, WHOLE).__enter__(),
        receive,
        lambda: cache.add(weights, link=LINK, digest=WHOLE, filename=NAME),
        lambda: list(cache.files()),
        cache.pins,
        lambda: cache.read_card("x"),
        lambda: cache.write_card("x", b""),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("2\n", r"was written by a newer mshub: it has layout 2, and this mshub knows layouts up"),
        (
            "10",
            r"has layout 10, .* nothing in it was touched\. .*MSHUB_CACHE, or upgrade with `pip",
        ),
        ("", r"should hold the number of the cache's layout, but holds ''"),
        ("1.5", r"should hold the number .* holds '1\.5', .*; nothing in it was touched\. Choose"),
        ("\N{SUPERSCRIPT TWO}", r"should hold the number"),
        ("-1", r"should hold the number"),
        ("x" * 5000, r"should hold the number"),
    ],
)
def test_a_cache_of_an_unknown_layout_is_refused_and_not_touched(
    cache: Cache, keep: Keep, weights: Path, content: str, message: str
) -> None:
    keep(cache)
    cache.layout.version.write_text(content, encoding="utf-8")
    before = remember(cache.folder)
    for ask in ask_all(Cache(cache.folder), weights):
        with pytest.raises(CacheError, match=message):
            ask()
    assert remember(cache.folder) == before


def test_a_pipe_in_the_place_of_the_layout_is_refused(cache: Cache, keep: Keep) -> None:
    keep(cache)
    cache.layout.version.unlink()
    os.mkfifo(cache.layout.version)
    with pytest.raises(CacheError, match="should hold the number"):
        Cache(cache.folder).find(LINK, WHOLE, NAME)


def test_the_layout_is_read_once(cache: Cache, keep: Keep) -> None:
    keep(cache)
    assert cache.find(LINK, WHOLE, NAME)
    cache.layout.version.write_text("2")
    assert cache.find(LINK, WHOLE, NAME)


def test_small_files_survive_a_sweeper_that_takes_all_temporary_files(cache_folder: Path) -> None:
    folder = SharedFolder(cache_folder)
    partials = folder.make("partial")
    done = threading.Event()

    def sweep() -> None:
        while not done.is_set():
            for path in partials.glob("*.tmp"):
                path.unlink(missing_ok=True)
            done.wait(0.002)

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    try:
        for number in range(100):
            folder.write(cache_folder / "cards" / "a.md", b"%d" % number)
            assert (cache_folder / "cards" / "a.md").read_bytes() == b"%d" % number
    finally:
        done.set()
        sweeper.join()
    assert list_names(partials) == []


@pytest.mark.parametrize("links", [True, False])
def test_what_is_new_never_takes_the_place_of_what_is_there(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:

        def refuse(*names: object, **options: object) -> None:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "link", refuse)  # as some network drives do
    folder, path = SharedFolder(cache_folder), cache_folder / "pins" / "12345678.json"
    for content in (b"first", b"second"):
        folder.write_new(path, content)
        assert path.read_bytes() == b"first"
        assert list_names(cache_folder / "partial") == []
    assert path.stat().st_nlink == 1


def test_temporary_files_carry_the_key_of_what_they_become(cache_folder: Path) -> None:
    folder = SharedFolder(cache_folder)
    with folder.receive("key") as (_, path):
        assert path.parent == cache_folder / "partial"
        assert path.name.startswith("key.")
        assert path.suffix == ".tmp"
    assert not path.exists()


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.EACCES, "mend the permissions, or choose another"),
        (errno.EROFS, "choose another"),
    ],
)
def test_what_the_disk_says_comes_with_a_place_and_advice(number: int, advice: str) -> None:
    with pytest.raises(CacheError) as caught, explain_errors(Path("/cache")):
        raise OSError(number, os.strerror(number), "/cache/x")
    assert str(caught.value) == (
        f"the cache cannot be used: {os.strerror(number)} (/cache/x); {advice} folder with"
        " MSHUB_CACHE"
    )
    assert caught.value.path == "/cache/x"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_called_full_as_while_a_file_arrives(number: int) -> None:
    error = OSError(number, os.strerror(number), "/cache/x")
    with pytest.raises(CacheError) as caught, explain_errors(Path("/cache")):
        raise error
    assert str(caught.value) == describe_fault(error, Path("/cache"))
    assert str(caught.value).startswith(f"the disk of /cache is full ({os.strerror(number)}). Free")


def test_errors_that_are_not_of_the_disk_pass() -> None:
    with pytest.raises(TimeoutError, match="slow"), explain_errors(Path("/cache")):
        raise TimeoutError("slow")


def test_the_status_of_a_published_file_is_the_one_it_has(tmp_path: Path) -> None:
    partial = tmp_path / "partial"
    partial.write_bytes(b"x")
    status = publish_file(partial, tmp_path / "a" / "b")
    after = (tmp_path / "a" / "b").stat()
    assert (status.st_ino, status.st_mtime_ns, status.st_mode) == (
        after.st_ino,
        after.st_mtime_ns,
        after.st_mode,
    )


def test_a_cache_folder_that_is_a_file_is_an_error(tmp_path: Path, weights: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file")
    assert cache.find(LINK, WHOLE, NAME) is None
    with pytest.raises(CacheError, match=r"cannot be used: Not a directory .*; choose another"):
        cache.add(weights, link=LINK, digest=WHOLE, filename=NAME)


FILL = f"""
import logging, os, pathlib, sys
logging.basicConfig(stream=sys.stdout)
from hub.assets.cache.cache import Cache
from hub.digests import hash_file
from hub.digests import Digest
from hub.errors import CacheError
cache = Cache("cache")
small, large = pathlib.Path("small"), pathlib.Path("large")
small.write_bytes(bytes(1000))
digest = Digest(hash_file(small))
kept = cache.add(small, link={LINK!r}, digest=digest, filename={NAME!r})
os.truncate("large", 0) if large.exists() else large.touch()
os.truncate("large", 10_000_000)  # a hole: it needs no room
try:
    cache.add(large, link="x", digest=None, filename="x")
except CacheError as error:
    print(error)
assert list(cache.layout.partials.iterdir()) == []
with open("filler", "wb", buffering=0) as filler:
    try:
        while filler.write(bytes(4096)):
            pass
    except OSError:
        pass
assert cache.find({LINK!r}, digest, {NAME!r}) == kept
os.utime(kept.path, (1, 1))
with cache.lock({LINK!r}, digest):
    assert cache.recover({LINK!r}, digest, {NAME!r}) == kept
try:
    cache.write_card("x", b"x")
except CacheError as error:
    print(error)
"""


def test_a_full_disk_costs_what_is_new_and_nothing_else(tmp_path: Path) -> None:
    if not can_mount(tmp_path):
        pytest.skip("no file system can be mounted here")
    script = 'mount -t tmpfs -o size=1m tmpfs "$1" && cd "$1" && shift && exec "$@"'
    command = ["unshare", "-m", "sh", "-c", script, "sh", tmp_path, sys.executable, "-c", FILL]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    large, card = done.stdout.splitlines()
    for line in (large, card):
        assert "is full (No space left on device)" in line
        assert "Free some space, for example with 'hub cache prune'" in line
