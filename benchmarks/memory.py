"""The most memory that a fetch takes: the same for a small file and a large one."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from contestants import CONTESTANTS, OURS, clean_environment, name_contestant
from file_server import hash_content, serve_files
from table import MB, Row, ask_child, make_row

_SIZES = {"200 MB": 200_000_000, "2 GB": 2_000_000_000}
_FREE = 5_000_000_000  # bytes that must be free on the disk for the large one
_RATES = {"over loopback": 0, "at 50 MB/s a connection": 50}
_PAIRS = 3
_PEAK = re.compile(r"VmHWM:\s*(\d+) kB")


def measure_memory(folder: Path) -> Iterator[Row]:
    """The peak of a process that fetches, by size and by contestant."""
    if not Path("/proc/self/status").exists():
        print("no /proc here, so the peaks of memory are left out", file=sys.stderr)
        return
    with serve_files() as origin:
        peaks = Peaks(origin, folder)
        small, large = _SIZES
        bare = name_contestant("requests")
        yield make_row(
            f"peak memory, {small} over loopback",
            *peaks.compare((OURS, small, 0), ("requests", small, 0)),
            str(bare),
            "",
            MB,
        )
        if shutil.disk_usage(folder).free < _FREE:
            print(f"{large} left out: less than {_FREE:,} bytes are free", file=sys.stderr)
            return
        for road, rate in _RATES.items():
            yield make_row(
                f"peak memory, {large} {road}",
                *peaks.compare((OURS, large, rate), (OURS, small, rate)),
                f"ours with {small}",
                "flat: ≤ 1.1",
                MB,
            )


class Peaks:
    """What processes took that fetched a file and ended."""

    def __init__(self, origin: str, folder: Path) -> None:
        self._origin = origin
        self._folder = folder

    def compare(
        self, ours: tuple[str, str, int], other: tuple[str, str, int]
    ) -> tuple[list[float], list[float]]:
        """Measure two in turn; each is a contestant, a size and a rate of the server."""
        pairs = [(self.measure(*ours), self.measure(*other)) for _ in range(_PAIRS)]
        return [pair[0] for pair in pairs], [pair[1] for pair in pairs]

    def measure(self, contestant: str, size: str, rate: int) -> float:
        """Return the peak of one process, in bytes."""
        bytes_ = _SIZES[size]
        url = f"{self._origin}/0/{rate}/org/model/resolve/main/{bytes_}.ckpt"
        place = self._folder / "fetched"
        place.mkdir()
        try:
            variables = clean_environment(self._folder)
            arguments = (contestant, url, hash_content(bytes_), place)
            return float(ask_child(__file__, *arguments, **variables))
        finally:
            shutil.rmtree(place)


def read_peak() -> int:
    """Return the most bytes that this process has had in memory since it began."""
    found = _PEAK.search(Path("/proc/self/status").read_text(encoding="ascii"))
    assert found
    return 1024 * int(found[1])


if __name__ == "__main__":
    name, url, sha256, folder = sys.argv[1:]
    CONTESTANTS[name](url, sha256, Path(folder))
    print(json.dumps(read_peak()))
