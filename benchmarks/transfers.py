"""A file of 200 MB that is fetched and verified, against what others do with it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from contestants import CONTESTANTS, OURS, clean_environment, name_contestant
from file_server import hash_content, serve_files
from table import Row, ask_child, compare, make_row

_SIZE = 200_000_000  # bytes
_BUDGETS = {"requests": "≤ 1.5"}
# Milliseconds before each answer, megabytes a second of a connection, pairs
_ROADS = {
    "200 MB over loopback, fetch + verify": (0, 0, 11),
    "the same, 50 ms a request and 20 MB/s a connection": (50, 20, 3),
}


def measure_transfers(folder: Path) -> Iterator[Row]:
    """Ours against each that is installed, on each road, in a process of each pair's own."""
    sha256 = hash_content(_SIZE)
    with serve_files() as origin:
        for what, (delay, rate, pairs) in _ROADS.items():
            url = f"{origin}/{delay}/{rate}/org/model/resolve/main/{_SIZE}.ckpt"
            for name in CONTESTANTS:
                if name == OURS or not (against := name_contestant(name)):
                    continue
                times = ask_child(
                    __file__, name, url, sha256, folder, pairs, **clean_environment(folder)
                )
                budget = "" if delay else _BUDGETS.get(name, "")
                yield make_row(what, times["ours"], times["other"], against, budget)


def fetch_in_turn(
    name: str, url: str, sha256: str, folder: Path, pairs: int
) -> dict[str, list[float]]:
    """Time both ways to a file in an empty folder, all imported; runs in a child process."""
    place = folder / "fetched"

    def fetch(contestant: str) -> None:
        path = CONTESTANTS[contestant](url, sha256, place)
        assert path.stat().st_size == _SIZE, f"{contestant} brought another file"

    def empty() -> None:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()

    ours, other = compare(lambda: fetch(OURS), lambda: fetch(name), pairs=pairs, between=empty)
    shutil.rmtree(place)
    return {"ours": ours, "other": other}


if __name__ == "__main__":
    name, url, sha256, folder, pairs = sys.argv[1:]
    print(json.dumps(fetch_in_turn(name, url, sha256, Path(folder), int(pairs))))
