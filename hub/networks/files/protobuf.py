"""Just enough of protocol buffers to walk through a message that may be hostile, and to write one.

A message is a row of fields. A field is a key (its number and its wire type, in one integer) and
a value: an integer, or a size and that many bytes, which are a text or again a message. That is
all: https://protobuf.dev/programming-guides/encoding. Nothing is copied before somebody asks for
it, and no size is believed before it was compared with the bytes that are there.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass

from hub.networks.files.weights import MalformedError

_VARINT, _FIXED_64, _SIZED, _FIXED_32 = 0, 1, 2, 5  # wire types; 3 and 4 are long deprecated
_MAX_FIELDS = 200_000  # of one message: checkpoints have a few thousand parameters
_MAX_TEXT = 4096  # bytes: the names of parameters and types are a few dozen


@dataclass(frozen=True, slots=True)
class Message:
    """The bytes from ``start`` up to ``end`` of a mapped file, read as a message when asked to.

    Args:
        file: The whole file.
        start: The first byte's place in the file.
        end: The place after the last byte.
    """

    file: mmap.mmap
    start: int
    end: int

    @property
    def size(self) -> int:
        """The number of bytes."""
        return self.end - self.start

    def fields(self) -> Iterator[tuple[int, int | Message]]:
        """Walk through the fields; numbers of fixed size, which we have no use for, are skipped.

        Yields:
            The field's number, and its integer or the message (or text, or bytes) that it holds.

        Raises:
            MalformedError: The bytes are no fields, or end before the last one does.
        """
        at = self.start
        for _ in range(_MAX_FIELDS):
            if at == self.end:
                return
            key, at = self._integer(at)
            number, wire_type = key >> 3, key & 7
            if wire_type == _VARINT:
                value, at = self._integer(at)
                yield number, value
            elif wire_type == _SIZED:
                size, start = self._integer(at)
                at = self._skip(start, size)
                yield number, Message(self.file, start, at)
            elif wire_type in (_FIXED_32, _FIXED_64):
                at = self._skip(at, 4 if wire_type == _FIXED_32 else 8)
            else:
                raise MalformedError(f"no field can start before byte {at}")
        raise MalformedError(f"there are over {_MAX_FIELDS:,} fields before byte {at}")

    def integers(self) -> Iterator[int]:
        """Read the bytes as integers in a row, as repeated ones may be packed.

        Yields:
            Each integer, at least 0 and less than 2**70.

        Raises:
            MalformedError: The bytes end within an integer, or it is too long.
        """
        at = self.start
        while at < self.end:
            value, at = self._integer(at)
            yield value

    def text(self) -> str:
        """Decode the bytes as a name.

        Returns:
            The name, which has no control characters.

        Raises:
            MalformedError: The bytes are no UTF-8, not printable, or too many for a name.
        """
        if self.size > _MAX_TEXT:
            raise MalformedError(f"the name at byte {self.start} is {self.size} bytes long")
        try:
            text = self.file[self.start : self.end].decode()
        except UnicodeDecodeError:
            raise MalformedError(f"the name at byte {self.start} is not UTF-8") from None
        if not text.isprintable():
            raise MalformedError(f"the name at byte {self.start} has control characters")
        return text

    def _integer(self, at: int) -> tuple[int, int]:
        """Seven bits a byte, the lowest first, until a byte is below 128; return where it ends."""
        value = 0
        for shift in range(0, 70, 7):
            if at >= self.end:
                raise self._cut_off(at)
            byte = self.file[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, at
        raise MalformedError(f"the integer before byte {at} has no end")

    def _skip(self, at: int, size: int) -> int:
        if size > self.end - at:
            raise self._cut_off(at)
        return at + size

    def _cut_off(self, at: int) -> MalformedError:
        if self.end == len(self.file):
            return MalformedError(f"it is cut off at byte {self.end}; fetch it again")
        return MalformedError(f"what starts at byte {at} does not fit before byte {self.end}")


def write_integer(number: int, value: int) -> bytes:
    r"""Write a field that holds an integer.

    Args:
        number: The field's number.
        value: The integer, at least 0.

    Returns:
        The field.

    Example:
        >>> write_integer(1, 300)
        b'\x08\xac\x02'
    """
    return _write_varint(number << 3 | _VARINT) + _write_varint(value)


def write_size(number: int, size: int) -> bytes:
    r"""Write the beginning of a field that holds a text, bytes or a message.

    Args:
        number: The field's number.
        size: How many bytes follow.

    Returns:
        What stands before them.

    Example:
        >>> write_size(2, 7) + b"Float32"
        b'\x12\x07Float32'
    """
    return _write_varint(number << 3 | _SIZED) + _write_varint(size)


def _write_varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
