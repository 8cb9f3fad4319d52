"""Read a folder of model cards as a user of them would: validate each, resolve each, count.

Usage: ``python benchmarks/corpus.py FOLDER``
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

import hub
from hub.errors import CardError
from hub.validation import find_problems, read_card


def main(folder: Path) -> int:
    """Print cards, records, problems and cards per second; 0 unless there are no cards."""
    entries = list(hub.Registry(folder).entries())
    records = sum(map(is_record, (entry.path for entry in entries)))
    start = time.perf_counter()
    problems = [problem for entry in entries for problem in find_problems(entry.path)]
    seconds = time.perf_counter() - start
    print(f"{len(entries):6} cards, {records} of them records")
    print(f"{len(entries) / seconds:6.0f} cards/s, validated on one thread")
    for message, count in Counter(problem.message for problem in problems).most_common():
        print(f"{count:6} {message}")
    return 0 if entries else 1


def is_record(path: Path) -> bool:
    """Tell whether a card is valid enough to be loaded from."""
    try:
        read_card(path)
    except CardError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
