"""The table's rows, and how two things are timed against each other."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MS = (1e3, 0, "ms")  # for seconds: factor, decimal places, unit
US = (1e6, 1, "µs")
MB = (1e-6, 0, "MB")  # for bytes


@dataclass(frozen=True)
class Row:
    """One line of the table: ours, what it is compared with, and the budget for the two."""

    what: str
    ours: float
    other: float
    against: str
    ratio: float
    budget: str
    unit: tuple[float, int, str] = MS

    def __str__(self) -> str:
        factor, places, name = self.unit
        shown = (
            f"{self.ours * factor:7.{places}f} {name} | {self.other * factor:7.{places}f} {name}"
        )
        return f"| {self.what} | {shown} | {self.against} | {self.ratio:.2f} | {self.budget} |"


def compare(
    ours: Callable[[], object],
    other: Callable[[], object],
    *,
    pairs: int,
    between: Callable[[], object] = lambda: None,
) -> tuple[list[float], list[float]]:
    """Time two calls in turn, after one call of each that does not count.

    Args:
        ours: What is measured.
        other: What it is compared with.
        pairs: How often each of them is timed.
        between: Called before each of them, outside the measured time.
    """
    for call in (ours, other):
        between()
        call()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(pairs):
        for call, taken in zip((ours, other), times, strict=True):
            between()
            start = time.perf_counter()
            call()
            taken.append(time.perf_counter() - start)
    return times


def make_row(
    what: str,
    ours: list[float],
    other: list[float],
    against: str,
    budget: str,
    unit: tuple[float, int, str] = MS,
) -> Row:
    """Summarise the pairs: medians of the values, and the median of the pairs' ratios."""
    ratio = statistics.median(a / b for a, b in zip(ours, other, strict=True))
    return Row(
        what, statistics.median(ours), statistics.median(other), against, ratio, budget, unit
    )


def run_python(*arguments: str, **variables: str) -> None:
    """Run Python in a child process, with compiled modules as an installed package has them."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment.update(variables)
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True, env=environment)


def ask_child(script: str | Path, *arguments: object, **variables: str) -> Any:
    """Run one of these scripts in a child process, and return what it prints as JSON."""
    command = [sys.executable, str(script), *map(str, arguments)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, **variables}
    )
    return json.loads(done.stdout.splitlines()[-1])
