"""PyTorch's weights files, read without PyTorch and without running anything in them.

``torch.save`` has written two formats. Since PyTorch 1.6 (2020) a file is a zip archive: one pickle
that describes the tensors, and one entry for each storage, the numbers that they are cut from.
Before, it was a row of pickles (a magic number, the version of the format, the machine's byte
order, the tensors, the storages' keys) with the storages behind them. The descriptions are followed
by :mod:`hub.networks.files.torch_pickle`; here their every size is checked against the bytes that are
there, so that no file can make us hold more than it holds itself.

Both formats are defined by ``torch/serialization.py``, https://github.com/pytorch/pytorch.
"""

from __future__ import annotations

import io
import math
import os
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import numpy as np

from hub.errors import CheckpointError
from hub.networks.files.kinds import PYTORCH, START_SIZE, find_kind
from hub.networks.files.torch_pickle import Pickled, Storage, Tensor, read_pickle, shown
from hub.networks.files.weights import Array, MalformedError, widen_bfloat16

_MAGIC_NUMBER = 0x1950A86A20F9469CFC6C  # opens the format of before 1.6
_PROTOCOL_VERSION = 1001
_ZIP = b"PK"  # opens the format since then
_LENGTH_SIZE = 8  # bytes of the number before each storage
_SHOWN = 8  # entries that a message names
_AGAIN = "Download it again"
_SAVE_AGAIN = "Open it with PyTorch and save model.state_dict() alone"

#: How PyTorch's element types lie in a file. numpy has no bfloat16, the upper half of a float32.
_ELEMENT_TYPES: Mapping[str, np.dtype[Any]] = MappingProxyType(
    {
        "FloatStorage": np.dtype("<f4"),
        "DoubleStorage": np.dtype("<f8"),
        "HalfStorage": np.dtype("<f2"),
        "BFloat16Storage": np.dtype("<u2"),
        "LongStorage": np.dtype("<i8"),
        "IntStorage": np.dtype("<i4"),
        "ShortStorage": np.dtype("<i2"),
        "CharStorage": np.dtype("i1"),
        "ByteStorage": np.dtype("u1"),
        "BoolStorage": np.dtype("?"),
    }
)

#: Where training scripts put the weights when they also keep an epoch or an optimizer.
_WRAPPERS = ("state_dict", "model", "model_state_dict", "model_ema")
_AVERAGED = "state_dict_ema"  # timm's, which prefers it to the state_dict beside it

#: What zipfile raises, besides its own error, for archives that are damaged or made to confuse it.
_ZIP_ERRORS = (zipfile.BadZipFile, RuntimeError, ValueError, EOFError, struct.error, OSError)


def read_torch_file(path: str | os.PathLike[str]) -> dict[str, Array]:
    """Read the tensors of a ``.pth`` or ``.pt`` file, of either of PyTorch's formats.

    Nothing in the file is executed: a file that asks for more than tensors is refused, and the
    message names what it asked for.

    Args:
        path: A file in which ``torch.save`` put a state dictionary, or a dictionary that holds one
            under ``state_dict_ema`` (taken before ``state_dict``, as timm does), ``state_dict``,
            ``model``, ``model_state_dict`` or ``model_ema``.

    Returns:
        The tensors by name, in the file's order. The arrays are read-only, and those that shared a
        storage in PyTorch share memory here. A bfloat16 tensor is returned as float32.

    Raises:
        CheckpointError: There is no such file, it is of another kind (the message says which), or
            it is damaged, cut off, ambiguous or asks for anything but tensors.

    Example:
        >>> import tempfile
        >>> page = Path(tempfile.mkdtemp(), "weights.pth")
        >>> _ = page.write_text("<!DOCTYPE html><title>404</title>")
        >>> read_torch_file(page)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        hub.errors.CheckpointError: ...weights.pth: it is a web page, ...
    """
    path = Path(path)
    try:
        described, arrays = _read(path)
        tensors = _state_dict(described)
        return {name: _cut(name, tensor, arrays) for name, tensor in tensors.items()}
    except MalformedError as error:
        raise CheckpointError(f"{path}: {error}.", path=str(path)) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise CheckpointError(f"{path}: cannot be read ({reason}).", path=str(path)) from error


def _read(path: Path) -> tuple[object, dict[str, Array]]:
    if not path.is_file():  # a pipe would keep us waiting, a device might never end
        raise MalformedError("there is no file at this path")
    with path.open("rb") as file:
        start = file.read(START_SIZE)
        file.seek(0)
        kind = find_kind(start)
        if not kind or kind.name != PYTORCH:
            raise MalformedError(
                f"it is {kind.meaning if kind else 'no file that torch.save wrote'}"
            )
        return _read_zip(file) if start.startswith(_ZIP) else _read_rows(file.read())


def _read_zip(file: IO[bytes]) -> tuple[object, dict[str, Array]]:
    try:
        with zipfile.ZipFile(file) as archive:
            entries = _entries(archive, os.fstat(file.fileno()).st_size)
            content = archive.read(entries["data.pkl"])
            pickled = _next_pickle(io.BytesIO(content))
            arrays = {}
            for key, storage in pickled.storages.items():
                if f"data/{key}" not in entries:
                    raise MalformedError(f"storage {shown(key)} is missing. {_AGAIN}")
                arrays[key] = _decode(storage, archive.read(entries[f"data/{key}"]))
            return pickled.value, arrays
    except _ZIP_ERRORS as error:
        raise MalformedError(f"its zip archive is damaged ({shown(error)}). {_AGAIN}") from error


def _entries(archive: zipfile.ZipFile, archive_size: int) -> dict[str, zipfile.ZipInfo]:
    """Map the names inside the archive's one folder to entries that are safe to read."""
    members = archive.infolist()
    folders = {name.partition("/")[0] for name in archive.namelist()}
    entries = {member.filename.partition("/")[2]: member for member in members}
    if len(folders) != 1 or "data.pkl" not in entries:
        raise MalformedError("this zip archive was not written by torch.save: no data.pkl in it")
    if len(entries) != len(members):
        raise MalformedError("its zip archive has two entries of one name")
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise MalformedError(f"its zip archive is compressed, unlike torch.save's. {_SAVE_AGAIN}")
    if sum(member.file_size for member in members) > archive_size:
        raise MalformedError(f"its zip archive claims to hold more than it does. {_AGAIN}")
    if "byteorder" in entries and archive.read(entries["byteorder"]) != b"little":
        raise MalformedError(f"its numbers are not little-endian. {_SAVE_AGAIN} on another machine")
    return entries


def _read_rows(content: bytes) -> tuple[object, dict[str, Array]]:
    """Read the format of before PyTorch 1.6: five pickles in a row, then the storages."""
    stream = io.BytesIO(content)
    for expected in (_MAGIC_NUMBER, _PROTOCOL_VERSION):
        if _next_pickle(stream).value != expected:
            raise MalformedError("this is a pickle that torch.save did not write")
    system = _next_pickle(stream).value
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise MalformedError(f"its numbers are not little-endian. {_SAVE_AGAIN} on another machine")
    pickled = _next_pickle(stream)
    keys = _next_pickle(stream).value
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise MalformedError("its list of storages is damaged")
    if len(keys) != len(pickled.storages) or set(keys) != set(pickled.storages):
        raise MalformedError("its list of storages is not the one that its tensors need")
    ordered = [pickled.storages[key] for key in keys]
    return pickled.value, _arrays_in_a_row(ordered, memoryview(content)[stream.tell() :])


def _next_pickle(stream: IO[bytes]) -> Pickled:
    return read_pickle(stream, frozenset(_ELEMENT_TYPES))


def _arrays_in_a_row(storages: list[Storage], content: memoryview) -> dict[str, Array]:
    """Cut up what follows the pickles: for each storage its length in elements, then these."""
    arrays = {}
    for storage in storages:
        length, content = content[:_LENGTH_SIZE], content[_LENGTH_SIZE:]
        if len(length) == _LENGTH_SIZE and int.from_bytes(length, "little") != storage.size:
            raise MalformedError(f"storage {shown(storage.key)} has two lengths. {_AGAIN}")
        end = storage.size * _ELEMENT_TYPES[storage.element_type].itemsize
        arrays[storage.key] = _decode(storage, content[:end])
        content = content[end:]
    if content:
        raise MalformedError(f"{len(content):,} bytes follow the last storage. {_AGAIN}")
    return arrays


def _decode(storage: Storage, content: bytes | memoryview) -> Array:
    element_type = _ELEMENT_TYPES[storage.element_type]
    expected = storage.size * element_type.itemsize
    if len(content) != expected:
        raise MalformedError(
            f"storage {shown(storage.key)} should have {expected:,} bytes and has "
            f"{len(content):,}. {_AGAIN}"
        )
    numbers = np.frombuffer(content, element_type)
    return widen_bfloat16(numbers) if storage.element_type == "BFloat16Storage" else numbers


def _state_dict(described: object) -> dict[str, Tensor]:
    """Find the one dictionary of tensors in what the file holds."""
    if isinstance(described, dict):
        wrappers = (_AVERAGED,) if _AVERAGED in described else _WRAPPERS
        wrapped = [key for key in wrappers if isinstance(described.get(key), dict)]
        if len(wrapped) > 1:
            raise MalformedError(f"it holds {' and '.join(wrapped)}: save the one you mean alone")
        described = described[wrapped[0]] if wrapped else described
    if not isinstance(described, dict) or not described:
        kind = type(described).__name__
        raise MalformedError(f"it holds no dictionary of tensors but a {kind}. {_SAVE_AGAIN}")
    others = [
        f"{shown(name)} ({type(value).__name__})"
        for name, value in described.items()
        if not isinstance(value, Tensor) or not isinstance(name, str)
    ]
    if others:
        more = "" if len(others) <= _SHOWN else f" and {len(others) - _SHOWN} more"
        names = ", ".join(others[:_SHOWN]) + more
        raise MalformedError(f"it holds what is no tensor: {names}. {_SAVE_AGAIN}")
    return described


def _cut(name: str, tensor: Tensor, arrays: Mapping[str, Array]) -> Array:
    """Show a storage in a tensor's shape, if all of it lies inside and none of it is repeated."""
    numbers = arrays[tensor.storage.key]
    walk = [
        (size, step if size > 1 else 0)
        for size, step in zip(tensor.shape, tensor.stride, strict=True)
    ]
    last = tensor.offset + sum((size - 1) * step for size, step in walk)
    if not 0 < math.prod(tensor.shape) <= len(numbers) or last >= len(numbers):
        raise MalformedError(
            f"tensor {shown(name)} of shape {tensor.shape} is empty or does not fit its storage of "
            f"{len(numbers):,} elements"
        )
    strides = [step * numbers.itemsize for _, step in walk]
    return np.lib.stride_tricks.as_strided(
        numbers[tensor.offset :], tensor.shape, strides, writeable=False
    )
