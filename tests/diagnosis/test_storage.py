"""The cache folder and its disk, tried on real ones; a bad disk is played below Python, in C."""

import contextlib
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from hub.diagnosis.check import Check
from hub.diagnosis.storage import check_cache, check_shared_caches, check_space, find_resolution
from tests.diagnosis.conftest import Look

# What some network and removable disks do, in place of the C library's functions.
BAD_DISK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
static int is(const char *fault) {
    const char *set = getenv("BAD_DISK");
    return set && !strcmp(set, fault);
}
int flock(int descriptor, int operation) {
    if (is("locks lie")) return 0;
    if (is("no locks")) { errno = ENOLCK; return -1; }
    int (*real)(int, int) = dlsym(RTLD_NEXT, "flock");
    return real(descriptor, operation);
}
int rename(const char *from, const char *to) {
    if (is("no rename")) { errno = EIO; return -1; }
    int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
    return real(from, to);
}
int utimensat(int folder, const char *path, const struct timespec given[2], int flags) {
    struct timespec times[2];
    if (given) memcpy(times, given, sizeof times);
    for (int i = 0; given && is("coarse times") && i < 2; i++) {
        times[i].tv_sec -= times[i].tv_sec % 2;
        times[i].tv_nsec = 0;
    }
    int (*real)(int, const char *, const struct timespec *, int) = dlsym(RTLD_NEXT, "utimensat");
    return real(folder, path, given ? times : given, flags);
}
"""


@pytest.fixture(scope="module")
def bad_disk(tmp_path_factory: pytest.TempPathFactory) -> str:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    folder = tmp_path_factory.mktemp("disk")
    (folder / "disk.c").write_text(BAD_DISK)
    library = folder / "disk.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", library, folder / "disk.c", "-ldl"], check=True
    )
    return str(library)


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def test_a_good_folder_passes_all_checks_and_stays_as_it_was(cache_folder: Path) -> None:
    cache_folder.mkdir()
    checks = by_name(check_cache())
    assert {check.status for check in checks.values()} == {"ok"}
    assert list(checks) == [
        "cache folder", "cache layout", "free space", "file locks", "renaming", "time stamps",
    ]  # fmt: skip
    found = checks["cache folder"].found
    assert found == f"{cache_folder}, writable, owned by {cache_folder.owner()}"
    assert checks["file locks"].found == "work: a second process sees that one is taken"
    assert list(cache_folder.iterdir()) == []


def test_a_folder_that_is_not_there_is_not_made(cache_folder: Path) -> None:
    folder = cache_folder / "deep" / "er"
    check = by_name(check_cache(folder))["cache folder"]
    parent = cache_folder.parent
    assert (check.status, check.found) == (
        "ok",
        f"{folder} will be made in {parent}, owned by {parent.owner()}",
    )
    assert not cache_folder.exists()


def test_a_folder_of_somebody_else_fails_once(foreign_folder: Path) -> None:
    checks = by_name(check_cache(foreign_folder))
    check = checks["cache folder"]
    assert check.status == "failed"
    assert f"{foreign_folder} cannot be written: Permission denied" in check.found
    assert f"({foreign_folder} is owned by " in check.found
    assert check.advice == "mend the permissions, or choose another folder with MSHUB_CACHE"
    assert list(checks) == ["cache folder", "free space"]


def test_a_full_disk_fails_with_its_own_advice(tmp_path: Path) -> None:
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("needs the right to mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("needs the right to mount a small disk")
    try:
        with contextlib.suppress(OSError), (tmp_path / "ballast").open("wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass
        checks = by_name(check_cache(tmp_path))
    finally:
        subprocess.run(["umount", tmp_path], check=True)
    assert checks["cache folder"].status == "failed"
    assert "No space left on device" in checks["cache folder"].found
    assert checks["cache folder"].advice.startswith("free some space, or choose another folder")
    assert checks["free space"].status == "warning"
    assert checks["free space"].found.startswith("0.0 GB")


def test_a_file_that_may_not_grow_is_no_room_either(look_elsewhere: Look, tmp_path: Path) -> None:
    limits = "__import__('resource').setrlimit(1, (0, 0)), __import__('signal').signal(25, 1)"
    rows = look_elsewhere(f"({limits}, storage.check_cache(Path({str(tmp_path)!r})))[2]")
    assert "File too large" in rows[0][2]
    assert rows[0][3].startswith("free some space, or choose another folder")


def test_what_a_doctor_that_was_killed_left_an_hour_ago_goes(cache_folder: Path) -> None:
    old, new, other = (
        cache_folder / f".{name}" for name in ("mshub-doctor-a", "mshub-doctor-b", "c")
    )
    for folder in (old, new, other):
        folder.mkdir(parents=True)
        (folder / "file").touch(0o444)
    for folder in (old, other):
        os.utime(folder, (time.time() - 3700,) * 2)
    check_cache()
    assert sorted(cache_folder.iterdir()) == [other, new]


def test_a_file_in_the_way_fails(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check = check_cache(tmp_path / "file" / "cache")[0]
    assert check.status == "failed"
    assert check.found.endswith(f"cannot be a folder: {tmp_path / 'file'} is a file")
    assert check.advice.startswith(f"remove {tmp_path / 'file'}, or choose another folder")


def test_symbolic_links_are_followed_and_told(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    check = check_cache(tmp_path / "link")[0]
    assert check.status == "ok"
    assert check.found.endswith(f", leads to {tmp_path / 'real'}")
    (tmp_path / "real").rmdir()
    check = check_cache(tmp_path / "link")[0]
    assert check.status == "failed"
    assert check.found.endswith("is a symbolic link to nothing")


def test_a_newer_or_unknown_layout_fails(cache_folder: Path) -> None:
    cache_folder.mkdir()
    (cache_folder / "layout").write_text("1\n")
    assert by_name(check_cache())["cache layout"] == Check("cache layout", "ok", "known")
    for content in ("99\n", "something else"):
        (cache_folder / "layout").write_text(content)
        check = by_name(check_cache())["cache layout"]
        assert check.status == "failed"
        assert content.strip() in check.found
        assert check.advice == "upgrade mshub, or choose another folder with MSHUB_CACHE"


def test_little_space_is_a_warning_with_numbers(tmp_path: Path) -> None:
    assert check_space(tmp_path, least=0).status == "ok"
    check = check_space(tmp_path, least=1 << 62)
    assert check.status == "warning"
    free = shutil.disk_usage(tmp_path).free / 1e9
    assert float(check.found.split()[0].replace(",", "")) == pytest.approx(free, rel=0.2)
    assert "`hub cache prune`" in check.advice


@pytest.mark.parametrize(
    ("fault", "name", "status", "found", "advice"),
    [
        ("locks lie", "file locks", "warning", "two processes got one lock", "nothing breaks"),
        ("no locks", "file locks", "warning", "No locks available", "a folder on a local disk"),
        ("no rename", "renaming", "failed", "a file cannot replace another", "MSHUB_CACHE"),
        ("coarse times", "time stamps", "warning", "kept to 2 s", "hub cache verify"),
    ],
)
def test_a_bad_disk_is_found_out(
    look_elsewhere: Look,
    bad_disk: str,
    tmp_path: Path,
    fault: str,
    name: str,
    status: str,
    found: str,
    advice: str,
) -> None:
    call = f"storage.check_cache(Path({str(tmp_path)!r}))"
    rows = look_elsewhere(call, LD_PRELOAD=bad_disk, BAD_DISK=fault)
    other = {row[1] for row in rows if row[0] not in {name, "free space"}}
    ((_, got, words, next_step),) = [row for row in rows if row[0] == name]
    assert (got, other) == (status, {"ok"})
    assert found in words
    assert advice in next_step


def test_the_resolution_of_time_stamps_is_told_from_a_sample() -> None:
    stored = {
        "1 ns": 1_700_000_001_123_456_789,
        "100 ns": 1_700_000_001_123_456_700,
        "1 µs": 1_700_000_001_123_456_000,
        "1 ms": 1_700_000_001_123_000_000,
        "1 s": 1_700_000_001_000_000_000,
        "2 s": 1_700_000_000_000_000_000,
    }
    assert [find_resolution(value)[1] for value in stored.values()] == list(stored)


def test_shared_caches_are_looked_at_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check_shared_caches() == []
    full, empty, missing, newer = (tmp_path / name for name in ("full", "empty", "none", "newer"))
    (full / "blobs" / "ab" / ("ab" * 32)).mkdir(parents=True)
    empty.mkdir()
    newer.mkdir()
    (newer / "layout").write_text("99\n")
    folders = os.pathsep.join(map(str, (full, empty, missing, newer)))
    monkeypatch.setenv("MSHUB_SHARED_CACHE", folders)
    checks = check_shared_caches()
    assert [check.status for check in checks] == ["ok", "warning", "warning", "failed"]
    assert checks[0] == Check(f"shared cache {full}", "ok", "can be read, 1 file")
    assert checks[1].found == "holds no file"
    assert checks[2].found == "is not there, so no file comes from it"
    assert checks[2].advice == "mount it, or correct MSHUB_SHARED_CACHE"
    assert "layout 99" in checks[3].found


def test_a_shared_cache_may_be_read_only(
    foreign_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSHUB_SHARED_CACHE", str(foreign_folder))
    assert check_shared_caches()[0].found == "holds no file"
