"""A progress bar for downloads, on a terminal and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int], object]
"""Called with the number of bytes that have just arrived."""


@contextmanager
def show_progress(name: str, total: int | None, *, wanted: bool) -> Iterator[Advance]:
    """Show a bar on standard error while a file arrives, if standard error is a terminal.

    Args:
        name: What the bar is labelled with.
        total: The number of bytes expected, if the server said.
        wanted: False shows nothing on a terminal either.

    Yields:
        The function that moves the bar on by a number of bytes.
    """
    from tqdm import tqdm

    disable = None if wanted else True  # None: tqdm hides where there is no terminal
    with tqdm(
        total=total, desc=name, unit="B", unit_scale=True, leave=False, disable=disable
    ) as bar:
        yield bar.update
