"""Files of weights, whatever their format: read without trust, written whole or not at all.

The format of a file that is read is told by its content, that of a file to write by its suffix.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from os import PathLike, fspath
from pathlib import Path
from types import MappingProxyType

import numpy as np

from hub.errors import ArgumentError, CacheError, CheckpointError
from hub.networks.files.checkpoint_file import parse_checkpoint, write_checkpoint
from hub.networks.files.kinds import MINDSPORE, PYTORCH, SAFETENSORS, START_SIZE, find_kind
from hub.networks.files.safetensors_file import METADATA, parse_safetensors, write_safetensors
from hub.networks.files.torch_file import read_torch_file
from hub.networks.files.weights import Array, MalformedError, Weights

__all__ = ["Array", "Weights", "read_source", "read_weights", "write_weights"]

Writer = Callable[[Mapping[str, Array], str], Iterator[bytes | memoryview]]
_WRITERS: Mapping[str, Writer] = MappingProxyType(
    {".ckpt": write_checkpoint, ".safetensors": write_safetensors}
)
_MAX_NAME = 4096  # bytes


def read_weights(path: str | PathLike[str]) -> Weights:
    """Read a file of MindSpore's, a checkpoint or safetensors.

    Args:
        path: The file. It must not be shortened while one of the arrays is in use.

    Returns:
        The arrays, which are read-only views of the file: copy what is to outlast a change of it.
        The record of the architecture is none of them.

    Raises:
        CheckpointError: The file cannot be read, or is not whole, or is of another kind; the
            message says which, and what to do.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "weights.ckpt")
        ...     write_weights(path, {"w": np.ones(2)}, architecture="efficientnet_b0")
        ...     weights = read_weights(path)
        >>> weights.arrays["w"], weights.architecture
        (array([1., 1.]), 'efficientnet_b0')
    """
    name = fspath(path)
    with _naming(name):
        return _parse(_map(name))


def read_source(path: str | PathLike[str]) -> Weights:
    """Read a file that is to be converted: MindSpore's or PyTorch's.

    Args:
        path: A file that :func:`read_weights` reads, or one that ``torch.save`` wrote.

    Returns:
        The arrays under the names that they have in the file. Nothing in it was executed.

    Raises:
        CheckpointError: The file cannot be read, or is not whole, or is of another kind, or asks
            for more than tensors.

    Example:
        >>> read_source("none.pth")
        Traceback (most recent call last):
        ...
        hub.errors.CheckpointError: none.pth cannot be read: No such file or directory.
    """
    name = fspath(path)
    with _naming(name):
        file = _map(name)
        kind = find_kind(file[:START_SIZE])
        if kind is None or kind.name != PYTORCH:
            return _parse(file)
    return Weights(MappingProxyType(read_torch_file(name)))


def write_weights(
    path: str | PathLike[str], arrays: Mapping[str, Array], *, architecture: str = ""
) -> None:
    """Write a file that MindSpore reads, too.

    The file appears under its name only when it is complete; until then a file that was there
    before stays as it was.

    Args:
        path: Where it goes; ends in ``.ckpt`` or ``.safetensors``, which decides the format.
        arrays: Names and values, in the order in which to write them.
        architecture: The network that they are for, to be recorded where MindSpore ignores it.

    Raises:
        ArgumentError: The suffix is another one, a name is empty, long or not printable, there are
            no arrays, or one has no values or a type that the formats lack.
        CacheError: The file cannot be written.

    Example:
        >>> write_weights("weights.onnx", {"w": np.ones(2)})
        Traceback (most recent call last):
        ...
        hub.errors.ArgumentError: A file of weights ends in .ckpt or .safetensors, unlike 'weights.onnx'.
    """
    name = fspath(path)
    write = _WRITERS.get(Path(name).suffix.lower())
    if write is None:
        known = " or ".join(_WRITERS)
        raise ArgumentError(f"A file of weights ends in {known}, unlike {name!r}.")
    if not arrays:
        raise ArgumentError(f"There are no arrays to write to {name}.")
    if architecture:
        _check_name(architecture)
    plain = {_check_name(key): _plain(key, array) for key, array in arrays.items()}
    try:
        _replace(Path(os.path.realpath(name)), write(plain, architecture))
    except (OSError, ValueError) as error:
        raise CacheError(f"{name} cannot be written: {_reason(error)}.", path=name) from error


@contextlib.contextmanager
def _naming(name: str) -> Iterator[None]:
    """Say which file it is that cannot be read."""
    try:
        yield
    except MalformedError as fault:
        raise CheckpointError(f"{name} cannot be read as weights: {fault}.", path=name) from None
    except (OSError, ValueError) as fault:
        raise CheckpointError(f"{name} cannot be read: {_reason(fault)}.", path=name) from fault


def _map(name: str) -> mmap.mmap:
    if not stat.S_ISREG(Path(name).stat().st_mode):  # a pipe would keep us waiting
        raise OSError("it is a folder, a pipe or a device")
    with Path(name).open("rb") as file:
        if not file.read(1):
            raise MalformedError("it is empty; fetch it again")
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _parse(file: mmap.mmap) -> Weights:
    kind = find_kind(file[:START_SIZE])
    if kind is None or kind.name == MINDSPORE:  # which nothing marks
        return parse_checkpoint(file)
    if kind.name == SAFETENSORS:
        return parse_safetensors(file)
    raise MalformedError(f"it is {kind.meaning}")


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


def _check_name(name: str) -> str:
    """Refuse what no reader of ours would take back."""
    long = len(name.encode(errors="replace")) > _MAX_NAME
    if not name or not name.isprintable() or long or name == METADATA:
        raise ArgumentError(f"{name[:40]!a} is not a name that can be written.")
    return name


def _plain(name: str, array: Array) -> Array:
    """Give an array the layout that it has on disk, without a copy if it has it already."""
    array = np.asarray(array)
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > np.dtype("f8").itemsize:
        raise ArgumentError(f"{name} is of type {array.dtype}, which files of weights lack.")
    if not array.size:
        raise ArgumentError(f"{name} of shape {array.shape} has no values to write.")
    return np.asarray(array, array.dtype.newbyteorder("<"), order="C")


def _replace(target: Path, pieces: Iterator[bytes | memoryview]) -> None:
    """Write beside the target, under another name, and put the whole file in its place."""
    if target.exists() and not target.is_file():
        raise OSError(f"{target} is a folder or a device")
    draft = target.with_name(f".mshub-{os.urandom(8).hex()}")
    try:
        with draft.open("xb") as file:
            file.writelines(pieces)
        draft.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
