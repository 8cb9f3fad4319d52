"""What docs/benchmarks.md claims, measured as ratios in one run.

    make bench

Each pair is measured in turn, A B A B …, so that a machine that slows down slows both. The median
of the ratios is what counts; times are printed to give an idea. Children run one at a time.

Usage: ``python benchmarks/run.py [PART…]``; without a part, all of them.
"""

from __future__ import annotations

import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from cached import measure_cached
from forward import measure_forwards
from linting import measure_validate
from loading import measure_loads
from memory import measure_memory
from starting import measure_starts
from transfers import measure_transfers

PARTS = {
    "starts": measure_starts,
    "validation": measure_validate,
    "loads": measure_loads,
    "forward": measure_forwards,
    "cached": measure_cached,
    "transfers": measure_transfers,
    "memory": measure_memory,
}


def main(chosen: Sequence[str]) -> int:
    """Print the table, as Markdown; 2 if there is no such part."""
    if unknown := [name for name in chosen if name not in PARTS]:
        print(f"no part is called {unknown[0]}; the parts are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    print(
        f"{platform.platform()}, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}\n"
    )
    print("| what | ours | other | compared with | ratio | budget |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in chosen or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            for row in PARTS[name](Path(folder)):
                print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
