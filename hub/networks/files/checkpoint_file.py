"""MindSpore's checkpoint file, read without MindSpore: names and arrays, straight from the disk.

A ``.ckpt`` file is one protocol-buffers message. Each of its values is a parameter, or one slice
of a parameter that is larger than 512 MB::

    Checkpoint   1: Value, repeated
    Value        1: name   2: Tensor   3: MapTensor, which we refuse
    Tensor       1: dimension, repeated   2: type, as "Float32"   3: content, little-endian

A file saved with ``crc_check=True`` has ``crc_num`` and ten bytes of CRC-32 after that.

The file may come from anywhere, so nothing in it is believed, executed or unpickled. Time and
memory grow with the size of the file, never with a number that stands in it.
"""

from __future__ import annotations

import itertools
import math
import mmap
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from hub.errors import CheckpointError
from hub.networks.files.protobuf import MalformedError, Message

Array = npt.NDArray[Any]

_TEXT = "str"  # what save_checkpoint(append_dict=...) stores for a text: UTF-32
_DTYPES = MappingProxyType(
    {
        "Bool": np.dtype("?"),
        "Int8": np.dtype("i1"),
        "Int16": np.dtype("<i2"),
        "Int32": np.dtype("<i4"),
        "Int64": np.dtype("<i8"),
        "UInt8": np.dtype("u1"),
        "UInt16": np.dtype("<u2"),
        "UInt32": np.dtype("<u4"),
        "UInt64": np.dtype("<u8"),
        "Float16": np.dtype("<f2"),
        "Float32": np.dtype("<f4"),
        "Float64": np.dtype("<f8"),
    }
)
_MAX_DIMENSIONS = 32  # numpy's limit
_CRC_MARK, _CRC_SIZE = b"crc_num", 10

_PICKLE = "it is a pickle, as PyTorch saved once, and is never opened; run 'hub convert' on it"
_OTHER_FORMATS = (  # at which byte, what stands there, what that means
    (0, b"PK\x03\x04", "it is a zip archive, as PyTorch saves; run 'hub convert' on it"),
    (0, b"\x80\x02", _PICKLE),
    (0, b"\x80\x03", _PICKLE),
    (0, b"\x80\x04", _PICKLE),
    (0, b"\x80\x05", _PICKLE),
    (0, b"\x1f\x8b", "it is compressed; run 'gunzip' on it"),
    (0, b"\x89HDF", "it is an HDF5 file, as Keras saves"),
    (0, b"version https://git-lfs", "it is a Git LFS pointer; fetch the file that it stands for"),
    (1, b"^:\x7f", "it is encrypted; mindspore.load_checkpoint(dec_key=...) decrypts it"),
    (8, b'{"', "it is a safetensors file; mindspore.load_checkpoint(format=...) reads it"),
)
_WEB_PAGE = (b"<!doctype", b"<html", b"<?xml")


def read_checkpoint_file(path: str | PathLike[str]) -> dict[str, Array]:
    r"""Read a checkpoint as arrays, in the file's order.

    Args:
        path: The ``.ckpt`` file. It must not be shortened while one of the arrays is in use.

    Returns:
        Each parameter's name and values. The arrays are read-only views of the file: copy what is
        to outlast a change of it. A text among the parameters is an array without dimensions.

    Raises:
        CheckpointError: The file cannot be read, or is not a whole, plain checkpoint; the message
            says what it seems to be and what to do.

    Example:
        >>> import pathlib, tempfile
        >>> tensor = b"\x08\x01" + b"\x12\x07Float32" + b"\x1a\x04\x00\x00\x80?"
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "one.ckpt")
        ...     _ = path.write_bytes(b"\n\x16" + b"\n\x01w" + b"\x12\x11" + tensor)
        ...     read_checkpoint_file(path)
        {'w': array([1.], dtype=float32)}
    """
    name = fspath(path)
    try:
        return _read(_map(name))
    except MalformedError as fault:
        message = f"{name} is not a MindSpore checkpoint: {fault}."
        raise CheckpointError(message, path=name) from None
    except (OSError, ValueError) as fault:
        raise CheckpointError(f"{name} cannot be read: {fault}.", path=name) from fault


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A parameter, or one slice of it: the shape is the whole parameter's in either case."""

    name: str
    type: str
    shape: tuple[int, ...]
    content: Message


def _map(path: str) -> mmap.mmap:
    with Path(path).open("rb") as file:
        if not file.read(1):
            raise MalformedError("it is empty; fetch it again")
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _read(file: mmap.mmap) -> dict[str, Array]:
    _refuse_other_formats(file[:1024])
    tensors = _tensors(Message(file, 0, _end_before_crc(file)))
    arrays: dict[str, Array] = {}
    for name, slices in itertools.groupby(tensors, key=lambda tensor: tensor.name):
        if name in arrays:
            raise MalformedError(f"two of its parameters are called {name!r}")
        arrays[name] = _array(name, list(slices))
    if not arrays:
        raise MalformedError("there are no parameters in it")
    return arrays


def _refuse_other_formats(head: bytes) -> None:
    if head.lstrip().lower().startswith(_WEB_PAGE):
        raise MalformedError(
            "it is a web page, which a server sent in place of the file; check the link, log in "
            "if it asks you to, and fetch it again"
        )
    for at, mark, meaning in _OTHER_FORMATS:
        if head.startswith(mark, at):
            raise MalformedError(meaning)


def _end_before_crc(file: mmap.mmap) -> int:
    """Return where the message ends; a check sum that follows it has to be right."""
    end = max(0, len(file) - len(_CRC_MARK) - _CRC_SIZE)
    if file[end:-_CRC_SIZE] != _CRC_MARK:
        return len(file)
    with memoryview(file) as view:
        actual = zlib.crc32(view[:end])
    if actual != int.from_bytes(file[-_CRC_SIZE:], "big"):
        raise MalformedError("its check sum is wrong, so it is damaged; fetch it again")
    return end


def _tensors(checkpoint: Message) -> Iterator[_Tensor]:
    for number, value in checkpoint.fields():
        if number == 1 and isinstance(value, Message):
            yield _tensor(*_name_and_tensor(value))


def _name_and_tensor(value: Message) -> tuple[str, Message]:
    name, tensor = "", None
    for number, part in value.fields():
        if number == 1 and isinstance(part, Message):
            name = part.text()
        elif number == 2 and isinstance(part, Message):
            tensor = part
        elif number == 3:
            raise MalformedError(f"{name!r} is a MapParameter, which mshub cannot read")
    if not name or tensor is None:
        raise MalformedError(f"the value at byte {value.start} lacks a name or a tensor")
    return name, tensor


def _tensor(name: str, tensor: Message) -> _Tensor:
    kind, shape, content = "", list[int](), None
    for number, part in tensor.fields():
        if number == 1:
            packed = part.integers() if isinstance(part, Message) else (part,)
            shape += itertools.islice(packed, _MAX_DIMENSIONS + 1)
        elif number == 2 and isinstance(part, Message):
            kind = part.text()
        elif number == 3 and isinstance(part, Message):
            content = part
        if len(shape) > _MAX_DIMENSIONS:
            raise MalformedError(f"{name!r} has more than {_MAX_DIMENSIONS} dimensions")
    if not kind or content is None:
        raise MalformedError(f"{name!r} lacks a type or a content")
    return _Tensor(name, kind, () if shape == [0] else tuple(shape), content)


def _array(name: str, slices: list[_Tensor]) -> Array:
    kind, shape = slices[0].type, slices[0].shape
    if any((other.type, other.shape) != (kind, shape) for other in slices):
        raise MalformedError(f"two of its parameters are called {name!r}")
    if kind == _TEXT:
        return np.array(_decode(name, slices))
    dtype = _dtype(name, kind)
    needed = math.prod(shape) * dtype.itemsize
    found = sum(each.content.size for each in slices)
    if len(slices) > 1 and slices[0].content.size == needed:
        raise MalformedError(f"two of its parameters are called {name!r}")
    if found != needed or not needed:
        raise MalformedError(f"{name!r} has {found} bytes, not the {needed} of {kind} {shape}")
    pieces = [_view(each.content) for each in slices if each.content.size]
    content = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
    return content.view(dtype).reshape(shape)


def _view(content: Message) -> npt.NDArray[np.uint8]:
    return np.frombuffer(content.file, np.uint8, content.size, content.start)


def _dtype(name: str, kind: str) -> np.dtype[Any]:
    if kind not in _DTYPES:
        raise MalformedError(
            f"{name!r} is of type {kind}, which numpy lacks; load it with "
            "mindspore.load_checkpoint, cast it to Float32 and save it again"
        )
    return _DTYPES[kind]


def _decode(name: str, slices: list[_Tensor]) -> str:
    content = b"".join(_view(each.content).tobytes() for each in slices if each.content.size)
    try:
        return content.decode("utf-32-le")
    except UnicodeDecodeError:
        raise MalformedError(f"{name!r} is not a text") from None
