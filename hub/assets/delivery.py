"""Verified files out of the cache into a folder of the user's, as files of the user's own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from hub.assets.cache.cache import CachedFile
from hub.assets.store import name_file
from hub.cards.asset import Asset
from hub.digests import Digest, hash_file, hash_open_file
from hub.errors import ArgumentError, CacheError, IntegrityError
from hub.redaction import redact_url

_FICLONE = 0x40049409  # Linux: share the blocks of another file until one of the two changes


@dataclass(frozen=True, slots=True)
class Delivered:
    """A file in the user's folder.

    Attributes:
        path: Where it is.
        state: ``copied``, ``replaced`` (another file had its name), or ``unchanged`` (it was
            there already).
    """

    path: Path
    state: Literal["copied", "replaced", "unchanged"]


def plan_targets(assets: Iterable[tuple[str, Asset]], folder: Path) -> dict[str, Path]:
    """Say where each asset's file will be.

    Args:
        assets: Whose asset (an id) and the asset.
        folder: The folder that they are delivered to; it is not looked at.

    Returns:
        The path by the asset's link.

    Raises:
        ArgumentError: Two different assets have one file name, but for the case of its letters.
    """
    owners: dict[str, tuple[str, Asset]] = {}
    targets: dict[str, Path] = {}
    for owner, asset in assets:
        name = name_file(asset)
        other, first = owners.setdefault(name.casefold(), (owner, asset))
        if not _is_same(first, asset):
            raise ArgumentError(
                f"{other} and {owner} both have a file named {name}, and {folder} can hold one"
                " of them; fetch them into two folders"
            )
        targets[asset.link] = folder / name
    return targets


def _is_same(one: Asset, two: Asset) -> bool:
    """Tell whether two assets can be one file: one link, and digests that do not contradict."""
    if one.link != two.link or not one.digest or not two.digest:
        return one.link == two.link
    return one.digest.matches(two.digest.hex) or two.digest.matches(one.digest.hex)


def prepare_folder(folder: Path) -> None:
    """Make a folder, if need be, and make sure that files can be written to it.

    Raises:
        CacheError: It cannot be made, or cannot be written.
    """
    with _explained(folder):
        _require_no_file(folder)
        folder.mkdir(parents=True, exist_ok=True)
        probe = _name_temporary(folder)
        probe.open("xb").close()
        probe.unlink()


def _require_no_file(folder: Path) -> None:
    """Make sure that neither a folder nor one above it is something else."""
    there = next((path for path in (folder, *folder.parents) if os.path.lexists(path)), None)
    if there and not there.is_dir():
        kind = "a file" if there.is_file() else "something else"
        raise CacheError(
            f"{there} is {kind}, and a folder is wanted there; name another folder, or move it away",
            path=str(there),
        )


def check_target(target: Path, digest: Digest | None, *, force: bool) -> None:
    """Refuse early what :func:`deliver_file` would refuse after the download.

    Args:
        target: Where a file shall be delivered.
        digest: What is known of the file, if anything.
        force: Whether another file under its name is replaced.

    Raises:
        CacheError: There is another file, which is not to be replaced, or a folder.
    """
    with _explained(target):
        if _is_free(target, force=force) or force or digest is None:
            return
        if not digest.matches(hash_file(target)):
            raise _refuse(target)


def deliver_file(file: CachedFile, target: Path, *, force: bool = False) -> Delivered:
    """Copy a verified file out of the cache, hashing it on the way.

    The copy is no link to the cache, so it may be changed. It gets its name when it is whole, in
    one step, and the permissions that the umask leaves.

    Args:
        file: What the cache has.
        target: Where the copy goes, in a folder that :func:`prepare_folder` has seen.
        force: Replace another file of this name.

    Returns:
        Where the copy is, and whether anything had to be done.

    Raises:
        CacheError: There is another file, which is not to be replaced, or the disk fails.
        IntegrityError: The file in the cache is not the one that was verified any more.
    """
    with _explained(target):
        free = _is_free(target, force=force)
        if not free and not target.is_symlink() and hash_file(target) == file.sha256:
            return Delivered(target, "unchanged")
        if not free and not force:
            raise _refuse(target)
        _copy(file, target)
        return Delivered(target, "copied" if free else "replaced")


def _is_free(target: Path, *, force: bool) -> bool:
    """Tell whether nothing has this name; what is no plain file is refused at once."""
    if not os.path.lexists(target):
        return True
    if target.is_dir() or (not target.is_file() and not target.is_symlink()):
        raise CacheError(f"{target} is there and is no file; move it away", path=str(target))
    if target.is_symlink() and not force:
        raise CacheError(
            f"{target} is a symbolic link; --force replaces it by the file", path=str(target)
        )
    return False


def _refuse(target: Path) -> CacheError:
    message = f"{target} is there with other content; --force replaces it"
    return CacheError(message, path=str(target))


def _copy(file: CachedFile, target: Path) -> None:
    temporary = _name_temporary(target.parent)
    try:
        with file.path.open("rb", buffering=0) as source, temporary.open("xb") as copy:
            sha256 = "" if _clone(source, copy) else hash_open_file(source, copy.write)
        sha256 = sha256 or hash_file(temporary)
        if sha256 != file.sha256:
            raise IntegrityError(
                f"{file.path} is not the file that was verified any more; mend the cache with"
                " `hub cache verify --repair`",
                url=redact_url(file.link),
                expected=file.sha256,
                actual=sha256,
            )
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _clone(source: BinaryIO, copy: BinaryIO) -> bool:
    """Share the source's blocks, where the file system can; the copy stays a file of its own."""
    try:
        import fcntl

        fcntl.ioctl(copy.fileno(), _FICLONE, source.fileno())
    except (ImportError, OSError):
        return False
    return True


def _name_temporary(folder: Path) -> Path:
    return folder / f".mshub-{os.urandom(8).hex()}"


@contextlib.contextmanager
def _explained(place: Path) -> Iterator[None]:
    """Turn what the operating system says into a CacheError with advice."""
    try:
        yield
    except CacheError:
        raise
    except (OSError, ValueError) as error:  # a NUL in a path is a ValueError
        if isinstance(error, IntegrityError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise CacheError(
            f"{place} cannot be written: {reason}; choose another folder, mend its permissions, or"
            " free some space",
            path=str(place),
        ) from error
