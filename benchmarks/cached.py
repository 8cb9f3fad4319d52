"""What a file costs that is in the cache already."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from filled_cache import fill_cache
from table import US, Row, compare, make_row, run_python

from hub.assets.store import fetch_asset
from hub.cards.asset import Asset
from hub.digests import Digest, hash_file

_CALLS = 2000  # for each measured time
_LINK = "https://example.org/efficientnet_b0.ckpt"


def measure_cached(folder: Path) -> Iterator[Row]:
    """The call that finds it, and the command that does."""
    file = folder / "efficientnet_b0.ckpt"
    file.write_bytes(bytes(1_000_000))
    card, cache = fill_cache("efficientnet_b0", _LINK, file, folder)
    asset = Asset("ckpt", _LINK, Digest(hash_file(file)))
    path = fetch_asset(asset, cache).path

    def find() -> None:
        for _ in range(_CALLS):
            fetch_asset(asset, cache)

    def look() -> None:
        for _ in range(_CALLS):
            os.stat(path)  # noqa: PTH116, what is compared with

    ours, other = ([time / _CALLS for time in times] for times in compare(find, look, pairs=7))
    yield make_row("fetch_asset, cached, a call", ours, other, "os.stat", "", US)
    ours, other = compare(
        lambda: run_python("-m", "hub", "fetch", str(card), MSHUB_CACHE=str(cache.folder)),
        lambda: run_python("-c", "pass"),
        pairs=20,
    )
    yield make_row("hub fetch, cached, as a process", ours, other, "python -c pass", "")
