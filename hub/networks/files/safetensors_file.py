"""The safetensors format, read and written: a header in JSON, and the numbers behind it.

::

    8 bytes    the header's length, little-endian
    header     {"__metadata__": {key: text}, name: {"dtype", "shape", "data_offsets": [start, end]}}
    the rest   the tensors' content, without a gap; offsets are counted from here

The format: https://huggingface.co/docs/safetensors, "Format". Like the reference implementation
this reader wants every byte to belong to exactly one tensor. Beyond it, names have to be printable.
"""

from __future__ import annotations

import json
import math
import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from hub.networks.files.weights import Array, MalformedError, Weights, widen_bfloat16

METADATA = "__metadata__"  # what no tensor can be called

_ARCHITECTURE = "mshub.architecture"  # of the metadata
_LENGTH_SIZE = 8
_ALIGNMENT = 8  # the content begins at a multiple of this
_MAX_HEADER = 10_000_000  # bytes; a network of a thousand tensors takes 0.1 million
_MAX_NAME = 4096  # characters
_MAX_DIMENSIONS = 32  # numpy's limit
_MAX_COUNT = 2**62  # numpy counts in 64 bits

_DTYPES = MappingProxyType(
    {
        "BOOL": np.dtype("?"),
        "I8": np.dtype("i1"),
        "I16": np.dtype("<i2"),
        "I32": np.dtype("<i4"),
        "I64": np.dtype("<i8"),
        "U8": np.dtype("u1"),
        "U16": np.dtype("<u2"),
        "U32": np.dtype("<u4"),
        "U64": np.dtype("<u8"),
        "BF16": np.dtype("<u2"),  # to be widened
        "F16": np.dtype("<f2"),
        "F32": np.dtype("<f4"),
        "F64": np.dtype("<f8"),
    }
)
_NAMES = {dtype: name for name, dtype in _DTYPES.items() if name != "BF16"}


def parse_safetensors(file: mmap.mmap) -> Weights:
    """Read the tensors of a file, in the order in which they lie in it.

    Args:
        file: The whole file.

    Returns:
        Read-only views of the file; only bfloat16 is copied, to float32.

    Raises:
        MalformedError: The file is damaged, hostile, or holds types that numpy lacks.
    """
    header, start = _read_header(file)
    metadata = _check_metadata(header.pop(METADATA, {}))
    tensors = [_check_tensor(name, entry) for name, entry in header.items()]
    if not tensors:
        raise MalformedError("there are no tensors in it")
    tensors.sort(key=lambda tensor: (tensor.start, tensor.end))
    _check_places(tensors, len(file) - start)
    arrays = {tensor.name: _view(tensor, file, start) for tensor in tensors}
    return Weights(MappingProxyType(arrays), metadata.get(_ARCHITECTURE, ""))


def write_safetensors(
    arrays: Mapping[str, Array], architecture: str
) -> Iterator[bytes | memoryview]:
    """Lay a file out, piece by piece.

    Args:
        arrays: Names and values: C-contiguous and little-endian, of a type that the format has.
        architecture: What to record, if it is not empty.

    Yields:
        What is to be written, in order.

    Example:
        >>> head, content = write_safetensors({"w": np.ones(2, np.float32)}, "")
        >>> head[8:]
        b'{"__metadata__":{"format":"ms"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}   '
    """
    record = {_ARCHITECTURE: architecture} if architecture else {}
    header: dict[str, object] = {METADATA: {"format": "ms", **record}}  # as MindSpore writes
    end = 0
    for name, array in arrays.items():
        start, end = end, end + array.nbytes
        header[name] = {
            "dtype": _NAMES[array.dtype],
            "shape": array.shape,
            "data_offsets": (start, end),
        }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text = text.ljust(math.ceil(len(text) / _ALIGNMENT) * _ALIGNMENT)
    yield len(text).to_bytes(_LENGTH_SIZE, "little") + text
    yield from (array.data for array in arrays.values())


@dataclass(frozen=True, slots=True)
class _Tensor:
    """An entry of the header; ``start`` and ``end`` are counted from the end of the header."""

    name: str
    type: str
    shape: tuple[int, ...]
    start: int
    end: int


def _read_header(file: mmap.mmap) -> tuple[dict[str, Any], int]:
    """Parse the header; return it with the place where the content begins."""
    length = int.from_bytes(file[:_LENGTH_SIZE], "little")
    if length > _MAX_HEADER:
        raise MalformedError(f"its header would be {length:,} bytes long")
    end = _LENGTH_SIZE + length
    if end > len(file):
        raise MalformedError(f"it is cut off at byte {len(file)}, in its header; fetch it again")
    try:
        header = json.loads(
            file[_LENGTH_SIZE:end].decode(),
            object_pairs_hook=_refuse_twins,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"its header is no JSON: {str(error)[:100]}") from None
    if not isinstance(header, dict):
        raise MalformedError("its header is no JSON object")
    return header, end


def _refuse_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise MalformedError(f"its header has two entries called {name[:40]!a}")
        found[name] = value
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _check_metadata(metadata: object) -> dict[str, str]:
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise MalformedError("its metadata are not texts")
    architecture = metadata.get(_ARCHITECTURE, "")
    if len(architecture) > _MAX_NAME or not architecture.isprintable():
        raise MalformedError("the architecture in its metadata is no name")
    return metadata


def _check_tensor(name: str, entry: object) -> _Tensor:
    if not name or len(name) > _MAX_NAME or not name.isprintable():
        raise MalformedError(f"{name[:40]!a} is not the name of a tensor")
    match entry:
        case {"dtype": str() as kind, "shape": list() as shape, "data_offsets": [start, end]}:
            numbers = (*shape, start, end)
        case _:
            raise MalformedError(f"{name!r} lacks a type, a shape or two offsets")
    if not all(type(number) is int and 0 <= number < _MAX_COUNT for number in numbers):
        raise MalformedError(f"the shape or an offset of {name!r} is not made of whole numbers")
    if len(shape) > _MAX_DIMENSIONS:
        raise MalformedError(f"{name!r} has more than {_MAX_DIMENSIONS} dimensions")
    if kind not in _DTYPES:
        raise MalformedError(f"{name!r} is of type {kind[:20]!a}, which numpy lacks")
    needed = math.prod(shape) * _DTYPES[kind].itemsize
    if math.prod(filter(None, shape)) >= _MAX_COUNT:  # numpy refuses even an empty array like that
        raise MalformedError(f"{name!r} is too large")
    if end - start != needed:
        raise MalformedError(f"{name!r} has {end - start} bytes, not those of {kind} {shape}")
    return _Tensor(name, kind, tuple(shape), start, end)


def _check_places(tensors: list[_Tensor], size: int) -> None:
    """Every byte of the content belongs to one tensor; they come sorted by their start."""
    place = 0
    for tensor in tensors:
        if tensor.start < place:
            raise MalformedError(f"{tensor.name!r} overlaps the tensor before it")
        if tensor.start > place:
            raise MalformedError(f"nothing describes the bytes before {tensor.name!r}")
        place = tensor.end
    if place > size:
        raise MalformedError(f"it is cut off: {place - size:,} bytes are missing; fetch it again")
    if place < size:
        raise MalformedError(f"{size - place:,} bytes follow its last tensor")


def _view(tensor: _Tensor, file: mmap.mmap, start: int) -> Array:
    dtype = _DTYPES[tensor.type]
    count = math.prod(tensor.shape)
    # frombuffer refuses to look at no bytes at all
    flat = np.frombuffer(file, dtype, count, start + tensor.start) if count else np.empty(0, dtype)
    return (widen_bfloat16(flat) if tensor.type == "BF16" else flat).reshape(tensor.shape)
