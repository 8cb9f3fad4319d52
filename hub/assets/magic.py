"""What a file is by its first bytes, whatever its name says.

Source of the magic numbers: the file formats' own specifications, and ``file(1)``'s table.
"""

from __future__ import annotations

import re
from pathlib import Path

_HEAD = 1024  # bytes that tell
_TAR = slice(257, 262)
_PICKLE = "a pickle, which is a program"
_SAFETENSORS = re.compile(rb".{5}\0\0\0\{", re.DOTALL)  # the header's length, and the header
_KINDS = (
    (re.compile(rb"PK(\x03\x04|\x05\x06|\x07\x08)"), "a zip archive, as PyTorch saves weights too"),
    (re.compile(rb"\x80[\x02-\x05][\x80-\xff(\x5d\x7d\x4eGKMJUXclq]"), _PICKLE),
    (re.compile(rb"[\x5d\x7d\x29]q\0|[ci][\w.]+\n[\w.]+\n"), _PICKLE),  # protocols 0 and 1
    (re.compile(rb"\(([dlt]p?\d*\n|[SV].*\n|[FIL][-\d.]+L?\n|[ci][\w.]+\n)"), _PICKLE),
    (re.compile(rb"\((K.|M..|J.{4}|U.|X.{4}|\]|\}|\()", re.DOTALL), _PICKLE),
    (re.compile(rb"\x1f\x8b\x08"), "a gzip archive"),
    (re.compile(rb"BZh[1-9]1AY&SY"), "a bzip2 archive"),
    (re.compile(rb"\xfd7zXZ\0"), "an xz archive"),
    (re.compile(rb"\x28\xb5\x2f\xfd"), "a zstd archive"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), "a 7z archive"),
    (re.compile(rb"Rar!\x1a\x07"), "a rar archive"),
    (re.compile(rb"\x7fELF|MZ.{56,}PE\0\0|#!\s*/", re.DOTALL), "a program"),
    (re.compile(rb"\s*<(!doctype\s+html|html|head|\?xml)", re.IGNORECASE), "a web page"),
)


def name_kind(head: bytes) -> str | None:
    r"""Name what a file is that begins like this, if it is of a kind that mshub never opens.

    Args:
        head: The first kilobyte of the file, or all of a smaller one.

    Returns:
        A few words, or None: a checkpoint, or something that is not known.

    Example:
        >>> name_kind(b"PK\x03\x04..."), name_kind(b"\n\x1a\n\x05mlp_head")
        ('a zip archive, as PyTorch saves weights too', None)
    """
    if _SAFETENSORS.match(head):  # the length may look like anything
        return None
    if head[_TAR] == b"ustar":
        return "a tar archive"
    return next((kind for pattern, kind in _KINDS if pattern.match(head)), None)


def sniff_file(path: Path) -> str | None:
    """Name what a file is, as :func:`name_kind` does.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        return name_kind(file.read(_HEAD))
