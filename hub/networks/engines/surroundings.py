"""What an export must leave as it found it: the network, MindSpore's settings, the folders."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import mindspore
from mindspore import nn

from hub.errors import CacheError, HubError, LoadError

_ONE_AT_A_TIME = threading.Lock()  # MindSpore's settings are the whole process's
_NOTES = "MS_OM_PATH"  # where MindSpore writes rank_0/om/analyze_fail.ir
_FAILURES = (RuntimeError, TypeError, ValueError, AttributeError, LookupError, OSError)


@contextlib.contextmanager
def undisturbed(network: nn.Cell) -> Iterator[Path]:
    """Bring a network into evaluation mode for its export; put everything back afterwards.

    MindSpore's exporters leave settings changed when they fail, set all cells alike, change the
    mode of the folder that they write to, and put further files beside the one that was asked for.

    Args:
        network: The network; its cells may be in different modes.

    Yields:
        An empty folder, gone when the block ends; MindSpore's notes on failures go there, too.

    Raises:
        CacheError: There is no room for temporary files.
    """
    with _ONE_AT_A_TIME, _make_folder() as folder, _send_notes_to(folder):
        mode = mindspore.get_context("mode")
        level = mindspore.get_context("jit_syntax_level")
        modes = [(cell, cell.training) for _, cell in network.cells_and_names()]
        phase, compiled = network.phase, set(network.compile_cache)
        try:
            if mode != mindspore.PYNATIVE_MODE:
                mindspore.set_context(mode=mindspore.PYNATIVE_MODE)
            network.set_train(False)
            yield folder
        finally:
            for cell, training in modes:
                cell.add_flags(training=training)
            network.phase = phase
            # MindSpore would take the graph that it has exported for the network's own.
            network.compile_cache.intersection_update(compiled)
            mindspore.set_context(jit_syntax_level=level)
            if mode != mindspore.PYNATIVE_MODE:
                mindspore.set_context(mode=mode)


@contextlib.contextmanager
def explain_failures(network: nn.Cell, target: str) -> Iterator[None]:
    """Turn what MindSpore says of a network that it cannot export into a LoadError with advice.

    Args:
        network: The network.
        target: What it is exported to, in words.

    Raises:
        LoadError: MindSpore could not export it.
        CacheError: There is no room for temporary files.
        HubError: What the network itself raises of ours, unchanged.
    """
    try:
        yield
    except HubError:
        raise
    except _FAILURES as cause:
        if isinstance(cause, OSError) and cause.errno is not None:
            raise _explain_disk(cause) from cause
        reason = next(filter(None, map(str.strip, str(cause).splitlines())), repr(cause))
        raise LoadError(
            f"MindSpore cannot export this network ({type(network).__name__}) to {target}:"
            f" {reason.rstrip('.')}. The network itself runs without an export:"
            " hub.load(id, engine='mindspore')"
        ) from cause


def count_bytes(network: nn.Cell) -> int:
    """Count the bytes of a network's parameters."""
    return sum(parameter.size * parameter.itemsize for parameter in network.get_parameters())


@contextlib.contextmanager
def _send_notes_to(folder: Path) -> Iterator[None]:
    """Have MindSpore write what it notes of a failure here, not into the current folder."""
    before = os.environ.get(_NOTES)
    os.environ[_NOTES] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[_NOTES]
        else:
            os.environ[_NOTES] = before


@contextlib.contextmanager
def _make_folder() -> Iterator[Path]:
    try:
        folder = tempfile.TemporaryDirectory(prefix="mshub-export-")
    except OSError as error:
        raise _explain_disk(error) from error
    with folder as name:
        yield Path(name)


def _explain_disk(error: OSError) -> CacheError:
    place = str(error.filename or tempfile.gettempdir())
    return CacheError(
        f"the temporary files of an export cannot be written: {error.strerror} ({place}); set TMPDIR"
        " to a folder with room",
        path=place,
    )
