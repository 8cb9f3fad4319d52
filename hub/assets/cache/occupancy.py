"""Which keys of a cache somebody works on at this moment; asking never waits."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from hub.assets.cache.folder import SharedFolder
from hub.assets.cache.inventory import is_key, list_plain_files
from hub.assets.cache.layout import Layout
from hub.assets.cache.locks import KeyLock


@contextlib.contextmanager
def try_locks(layout: Layout, keys: Iterable[str], *, dry_run: bool = False) -> Iterator[bool]:
    """Hold the locks of several keys while the block runs, if nobody else holds one of them.

    Args:
        layout: The cache folder.
        keys: The keys; locks may be left over from others.
        dry_run: Make no lock file that is not there.

    Yields:
        Whether all are held; if not, none is.
    """
    folder = SharedFolder(layout.root)
    with contextlib.ExitStack() as stack:
        free = True
        for key in keys:
            if dry_run and not (layout.locks / f"{key}.lock").is_file():
                continue
            free = free and stack.enter_context(KeyLock(folder, key, "").try_hold())
        if not free:
            stack.close()
        yield free


def list_locks(layout: Layout) -> list[str]:
    """Return the keys that have a lock file, whether somebody holds it or not.

    Raises:
        CacheError: The cache folder cannot be read.
    """
    keys = {found.path.stem for found in list_plain_files(layout.locks)}
    return sorted(filter(is_key, keys))


def is_quiet(layout: Layout) -> bool:
    """Tell whether nobody holds the lock of any key, so that nothing is fetched here.

    Raises:
        CacheError: The cache folder cannot be read.
    """
    for key in list_locks(layout):
        with try_locks(layout, [key], dry_run=True) as free:
            if not free:
                return False
    return True
