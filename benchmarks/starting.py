"""How long it takes until a command or an import has done its first useful thing."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

from table import Row, compare, make_row, run_python

_CARDS = 3000


def measure_starts(folder: Path) -> Iterator[Row]:
    """The import, and the list of a large registry."""
    yield measure_import()
    yield measure_list(folder)


def measure_import() -> Row:
    """`import hub` as a whole process, over a Python that imports nothing."""
    ours, other = compare(
        lambda: run_python("-c", "import hub"), lambda: run_python("-c", "pass"), pairs=30
    )
    extra = (statistics.median(ours) - statistics.median(other)) * 1000
    return make_row("import hub", ours, other, "python -c pass", f"+20 ms, is {extra:+.0f} ms")


def measure_list(folder: Path) -> Row:
    """`hub list` as a whole process, over 3,000 cards in the official layout."""
    for number in range(_CARDS):
        place = folder / "registry" / "mindspore" / f"{1 + number // 1000}.0"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"model_{number:04}.md").write_text("# card\n")
    command = ("-m", "hub", "list", "--registry", str(folder / "registry"))
    ours, other = compare(
        lambda: run_python(*command), lambda: run_python("-m", "pip", "--version"), pairs=20
    )
    return make_row(f"hub list, {_CARDS:,} cards", ours, other, "pip --version", "120 ms ours")
