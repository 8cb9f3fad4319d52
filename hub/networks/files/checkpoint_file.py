"""MindSpore's checkpoint file, read and written without MindSpore.

A ``.ckpt`` file is one protocol-buffers message. Each of its values is a parameter, or one slice
of a parameter that is larger than 512 MB::

    Checkpoint   1: Value, repeated
    Value        1: name   2: Tensor   3: MapTensor, which we refuse
    Tensor       1: dimension, repeated   2: type, as "Float32"   3: content, little-endian

A file saved with ``crc_check=True`` has ``crc_num`` and ten bytes of CRC-32 after that. A file that
mshub wrote has one field more, the name of the architecture, under a number that is MindSpore's to
ignore: readers of protocol buffers skip what they do not know.

The file may come from anywhere, so nothing in it is believed, executed or unpickled. Time and
memory grow with the size of the file, never with a number that stands in it.
"""

from __future__ import annotations

import itertools
import math
import mmap
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from hub.networks.files.protobuf import Message, write_integer, write_size
from hub.networks.files.weights import Array, MalformedError, Weights, widen_bfloat16

#: Bytes of a parameter's content that one value holds at most, as in MindSpore.
SLICE_SIZE = 512 * 1024 * 1024

_VALUE = 1  # the numbers of the checkpoint's fields
_ARCHITECTURE = 50_505  # ours: 50000 to 99999 are left to organisations

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
        "BFloat16": np.dtype("<u2"),  # to be widened
        "Float16": np.dtype("<f2"),
        "Float32": np.dtype("<f4"),
        "Float64": np.dtype("<f8"),
    }
)
_TYPES = {dtype: name for name, dtype in _DTYPES.items() if name != "BFloat16"}
_MAX_DIMENSIONS = 32  # numpy's limit
_CRC_MARK, _CRC_SIZE = b"crc_num", 10


def parse_checkpoint(file: mmap.mmap) -> Weights:
    """Read the parameters of a checkpoint, in the file's order.

    Args:
        file: The whole file.

    Returns:
        Read-only views of the file; only bfloat16, and parameters that were saved in slices, are
        copied. A text among the parameters is an array without dimensions.

    Raises:
        MalformedError: The file is not a whole, plain checkpoint.
    """
    architecture, values = "", list[Message]()
    for number, field in Message(file, 0, _end_before_crc(file)).fields():
        if number == _VALUE and isinstance(field, Message):
            values.append(field)
        elif number == _ARCHITECTURE and isinstance(field, Message):
            architecture = field.text()
    tensors = (_tensor(*_name_and_tensor(value)) for value in values)
    arrays: dict[str, Array] = {}
    for name, slices in itertools.groupby(tensors, key=lambda tensor: tensor.name):
        if name in arrays:
            raise MalformedError(f"two of its parameters are called {name!r}")
        arrays[name] = _array(name, list(slices))
    if not arrays:
        raise MalformedError("there are no parameters in it")
    return Weights(MappingProxyType(arrays), architecture)


def write_checkpoint(
    arrays: Mapping[str, Array], architecture: str
) -> Iterator[bytes | memoryview]:
    r"""Lay a checkpoint out, piece by piece.

    Args:
        arrays: Names and values: C-contiguous and little-endian, of a type that the format has.
        architecture: What to record, if it is not empty.

    Yields:
        What is to be written, in order.

    Example:
        >>> b"".join(write_checkpoint({"w": np.ones((), np.float32)}, ""))
        b'\n\x14\n\x01w\x12\x0f\x12\x07Float32\x1a\x04\x00\x00\x80?'
    """
    for name, array in arrays.items():
        tag = name.encode()
        kind = _TYPES[array.dtype].encode()
        kind = b"".join(write_integer(1, n) for n in array.shape) + write_size(2, len(kind)) + kind
        content = array.reshape(-1).view(np.uint8)
        for start in range(0, len(content), SLICE_SIZE):
            piece = content[start : start + SLICE_SIZE]
            tensor = kind + write_size(3, len(piece))
            value = write_size(1, len(tag)) + tag + write_size(2, len(tensor) + len(piece)) + tensor
            yield write_size(_VALUE, len(value) + len(piece)) + value
            yield piece.data
    if architecture:
        text = architecture.encode()
        yield write_size(_ARCHITECTURE, len(text)) + text


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A parameter, or one slice of it: the shape is the whole parameter's in either case."""

    name: str
    type: str
    shape: tuple[int, ...]
    content: Message


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
    array = content.view(dtype).reshape(shape)
    return widen_bfloat16(array) if kind == "BFloat16" else array


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
