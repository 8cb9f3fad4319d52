"""The end of a script that keeps a network: without a word about it."""

from __future__ import annotations

import atexit
import functools

from mindspore import nn


@functools.cache
def keep_interpreter_exit_quiet() -> None:
    """Let cells that live until the interpreter ends go without a word.

    They are destroyed after the module whose globals ``Cell.__del__`` reads, so that each of them
    prints an ignored TypeError: two thousand lines for one network. What it would release then
    ends with the process anyway, so at the end, and not before, nothing is released.
    """
    atexit.register(setattr, nn.Cell, "__del__", _leave)


def _leave(_cell: nn.Cell) -> None:
    pass
