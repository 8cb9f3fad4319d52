"""The cache folder and the disk below it: whether what the cache does there works."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hub import settings
from hub.assets.cache.folder import check_layout
from hub.assets.cache.layout import Layout
from hub.assets.disk import NO_ROOM
from hub.diagnosis.check import Check
from hub.errors import CacheError
from hub.plurals import count

_LEAST_SPACE = 2_000_000_000  # bytes; the largest EfficientNet's checkpoint is half a gigabyte
_ELSEWHERE = "choose another folder with MSHUB_CACHE"
_UNITS = (  # nanoseconds to which file systems round time stamps, the coarsest first
    (2_000_000_000, "2 s"),
    (1_000_000_000, "1 s"),
    (1_000_000, "1 ms"),
    (1_000, "1 µs"),
    (100, "100 ns"),
    (1, "1 ns"),
)
_COARSE = 1_000_000_000
_SAMPLE = 1_700_000_001_123_456_789  # nanoseconds; no unit above 1 divides it
_HELD = 3
_SCRATCH = ".mshub-doctor-"
_FORGOTTEN = 3600  # seconds after which a scratch folder's process was surely killed
# A second process tries to take a lock that the first one holds.
_TRY_LOCK = f"""
import fcntl, sys
with open(sys.argv[1]) as file:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit({_HELD})
"""


def check_cache(folder: Path | None = None) -> list[Check]:
    """Try in the cache folder what the cache does there; nothing of it stays.

    What a doctor that was killed left there more than an hour ago goes, too. If the folder is not there yet, it is tried where it would be made.

    Args:
        folder: The cache folder; None takes the one in force.

    Raises:
        ArgumentError: ``MSHUB_CACHE`` is not set, and the user has no home folder.
    """
    folder = folder or settings.cache_folder()
    place = _find_place(folder)
    _sweep_scratch(place)
    first, *more = [_check_folder(folder, place), check_space(place)]
    if first.status == "failed":
        return [first, *more]
    tries = (_check_locks, _check_renaming, _check_times)
    return [first, *_check_layout("cache layout", folder), *more, *(t(place) for t in tries)]


def check_shared_caches() -> list[Check]:
    """Look whether the caches that are only read can be read."""
    return [
        check
        for folder in settings.shared_caches()
        for check in _check_shared(f"shared cache {folder}", folder)
    ]


def check_space(place: Path, least: int = _LEAST_SPACE) -> Check:
    """Look how much room a disk has.

    Args:
        place: A folder on it.
        least: Bytes below which there is a warning.
    """
    try:
        free = shutil.disk_usage(place).free
    except OSError as error:
        found = f"unknown at {place}: {error.strerror or error}"
        return Check("free space", "warning", found, _ELSEWHERE)
    found = f"{free / 1e9:,.1f} GB at {place}"
    if free < least:
        advice = f"free some, for example with `hub cache prune`, or {_ELSEWHERE}"
        return Check("free space", "warning", f"{found}, which few models fit into", advice)
    return Check("free space", "ok", found)


def find_resolution(stored: int) -> tuple[int, str]:
    """Tell to which unit a file system rounded a time stamp.

    Args:
        stored: What it made of 1,700,000,001,123,456,789 nanoseconds.

    Returns:
        The unit in nanoseconds, and in words.

    Example:
        >>> find_resolution(1_700_000_001_123_456_700)
        (100, '100 ns')
    """
    return next((unit, words) for unit, words in _UNITS if stored % unit == 0)


def _find_place(folder: Path) -> Path:
    """Return the folder, or what is nearest above it if it is not there."""
    places = (folder, *folder.parents)
    return next((place for place in places if os.path.lexists(place)), folder)


def _check_folder(folder: Path, place: Path) -> Check:
    name = "cache folder"
    if not os.path.isdir(place):  # noqa: PTH112, Path.is_dir raises where it may not look
        broken = os.path.islink(place) and not os.path.exists(place)  # noqa: PTH110, PTH114
        kind = "a symbolic link to nothing" if broken else "a file"
        found = f"{folder} cannot be a folder: {place} is {kind}"
        return Check(name, "failed", found, f"remove {place}, or {_ELSEWHERE}")
    owner = _find_owner(place)
    try:
        with _open_scratch(place) as scratch:
            Path(scratch, "file").write_bytes(b"x")
    except OSError as error:
        found = f"{folder} cannot be written: {error.strerror or error} ({place} is {owner})"
        remedy = "free some space" if error.errno in NO_ROOM else "mend the permissions"
        return Check(name, "failed", found, f"{remedy}, or {_ELSEWHERE}")
    if place != folder:
        return Check(name, "ok", f"{folder} will be made in {place}, {owner}")
    real = os.path.realpath(folder)
    leads = f", leads to {real}" if real != str(folder) else ""
    return Check(name, "ok", f"{folder}, writable, {owner}{leads}")


def _check_layout(name: str, folder: Path) -> list[Check]:
    try:
        marked = check_layout(Layout(folder))
    except CacheError as error:
        return [Check(name, "failed", str(error), f"upgrade mshub, or {_ELSEWHERE}")]
    except OSError as error:
        found = f"{Layout(folder).version} cannot be read: {error.strerror or error}"
        return [Check(name, "failed", found, f"mend the permissions, or {_ELSEWHERE}")]
    return [Check(name, "ok", "known" if marked else "not stated, so the first or none yet")]


def _check_shared(name: str, folder: Path) -> list[Check]:
    advice = "mend its permissions, or correct MSHUB_SHARED_CACHE"
    try:
        os.scandir(folder).close()
        blobs = Layout(folder).blobs
        files = sum(1 for _ in blobs.glob("*/*")) if blobs.is_dir() else 0
    except FileNotFoundError:
        found = "is not there, so no file comes from it"
        return [Check(name, "warning", found, "mount it, or correct MSHUB_SHARED_CACHE")]
    except OSError as error:
        found = f"cannot be read: {error.strerror or error}"
        return [Check(name, "failed", found, advice)]
    faults = [check for check in _check_layout(name, folder) if check.status != "ok"]
    if faults:
        return faults
    if not files:
        found = "holds no file"
        return [Check(name, "warning", found, "is it a cache of mshub? see MSHUB_SHARED_CACHE")]
    return [Check(name, "ok", f"can be read, {count(files, 'file')}")]


def _check_locks(place: Path) -> Check:
    """Take a lock, and let a second process try; two descriptors of one process prove less."""
    name = "file locks"
    advice = (
        "nothing breaks, but two processes may download one file twice; a folder on a local disk"
        " (MSHUB_CACHE) has locks"
    )
    try:
        import fcntl
    except ImportError:
        return Check(name, "ok", "not tried, since this system has another kind")
    try:
        with _open_scratch(place) as scratch, Path(scratch, "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            command = [sys.executable, "-I", "-S", "-c", _TRY_LOCK, file.name]
            done = subprocess.run(command, capture_output=True, timeout=10, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        found = f"do not work in {place}: {getattr(error, 'strerror', None) or 'no answer in 10 s'}"
        return Check(name, "warning", found, advice)
    if done.returncode == _HELD:
        return Check(name, "ok", "work: a second process sees that one is taken")
    if done.returncode == 0:
        found = f"lie in {place}: two processes got one lock at the same time"
        return Check(name, "warning", found, advice)
    said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    return Check(name, "warning", f"do not work in {place}: {said}", advice)


def _check_renaming(place: Path) -> Check:
    """Replace a read-only file by another in one step, as every file of the cache gets its name."""
    name = "renaming"
    try:
        with _open_scratch(place) as scratch:
            old, new = Path(scratch, "old"), Path(scratch, "new")
            for path in (old, new):
                path.write_text(path.name)
                path.chmod(0o444)
            new.replace(old)
            right = old.read_text() == "new" and not new.exists()
    except OSError as error:
        found = f"a file cannot replace another in {place}: {error.strerror or error}"
        return Check(name, "failed", found, _ELSEWHERE)
    if not right:
        found = f"a file that replaced another in {place} is not there"
        return Check(name, "failed", found, _ELSEWHERE)
    return Check(name, "ok", "a file replaces another in one step")


def _check_times(place: Path) -> Check:
    name = "time stamps"
    try:
        with _open_scratch(place) as scratch:
            file = Path(scratch, "file")
            file.touch()
            os.utime(file, ns=(_SAMPLE, _SAMPLE))
            unit, words = find_resolution(file.stat().st_mtime_ns)
    except OSError as error:
        found = f"cannot be set in {place}: {error.strerror or error}"
        return Check(name, "warning", found, _ELSEWHERE)
    if unit >= _COARSE:
        found = f"kept to {words} in {place}: a change right after another may go unnoticed"
        advice = f"run `hub cache verify` if other programs write there, or {_ELSEWHERE}"
        return Check(name, "warning", found, advice)
    return Check(name, "ok", f"kept to {words}")


def _open_scratch(place: Path) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=place)


def _sweep_scratch(place: Path) -> None:
    """Remove the scratch folders of doctors that were killed."""
    with contextlib.suppress(OSError):  # whatever is wrong with the place, the checks tell
        for folder in place.glob(f"{_SCRATCH}*"):
            if time.time() - folder.lstat().st_mtime > _FORGOTTEN:
                shutil.rmtree(folder, ignore_errors=True)


def _find_owner(place: Path) -> str:
    try:
        return f"owned by {place.owner()}"
    except (KeyError, NotImplementedError, OSError):  # no name for this number, or no such thing
        return "of an unknown owner"
