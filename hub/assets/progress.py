"""Telling how far a file has come: to nobody, or by a bar on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from tqdm import tqdm


class Progress:
    """Is told what happens to one file; this one keeps it to itself.

    A transfer calls :meth:`begin` whenever it starts at a source, :meth:`advance` as bytes arrive,
    :meth:`note` when something is worth a word, and at last :meth:`end`. Several threads may
    call :meth:`advance`.

    Example:
        >>> SILENT.begin(1000, 0)
        >>> SILENT.advance(10)
        >>> SILENT.end()
    """

    def begin(self, total: int | None, received: int) -> None:
        """Learn the size of the file, if it is known, and how much of it was here before."""

    def advance(self, size: int) -> None:
        """Learn that some more bytes have arrived."""

    def note(self, text: str) -> None:
        """Learn of a pause, a failed source, a fresh start: one line for people."""

    def end(self) -> None:
        """Learn that there is nothing more to come, whether all went well or not."""


SILENT = Progress()


class Bar(Progress):
    """A bar on standard error, drawn when the first byte is on its way.

    Args:
        name: What the file is called.
        position: The line of the terminal, from 0, if there are several bars.
    """

    def __init__(self, name: str, position: int = 0) -> None:
        self._name = name
        self._position = position
        self._bar: tqdm[NoReturn] | None = None

    def begin(self, total: int | None, received: int) -> None:
        """Draw the bar, as far as the file has come."""
        from tqdm import tqdm

        self.end()
        self._bar = tqdm(
            total=total,
            initial=received,
            desc=self._name,
            unit="B",
            unit_scale=True,
            leave=False,
            position=self._position,
        )

    def advance(self, size: int) -> None:
        """Move the bar on."""
        if self._bar is not None:
            self._bar.update(size)

    def note(self, text: str) -> None:
        """Write some words behind the bar."""
        if self._bar is not None:
            self._bar.set_postfix_str(text)

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def make_progress(name: str, *, wanted: bool) -> Progress:
    """Return a bar if it is wanted and standard error is a terminal, else what stays silent."""
    shown = wanted and sys.stderr is not None and sys.stderr.isatty()
    return Bar(name) if shown else SILENT
