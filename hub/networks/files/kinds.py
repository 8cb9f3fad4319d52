"""What a file is, told by how it begins and not by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

START_SIZE = 512  # bytes that tell every kind

MINDSPORE, SAFETENSORS, PYTORCH = "MindSpore checkpoint", "safetensors file", "PyTorch file"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that comes where weights are expected.

    Args:
        name: What it is called.
        start: How it begins, as a regular expression.
        meaning: What it is and what to do, worded to follow "it is ".
    """

    name: str
    start: bytes
    meaning: str


_KINDS = (  # the most telling first: a safetensors file may begin with any length, so with any mark
    Kind(SAFETENSORS, rb"(?s:.{6})\0\0\{", "a safetensors file"),
    Kind("empty file", rb"\Z", "empty; fetch it again"),
    Kind(
        "web page",
        rb"\s*(?i:<!doctype|<html|<\?xml)",
        "a web page, which a server sent in place of the file; check the link, log in if it asks "
        "you to, and fetch it again",
    ),
    Kind(
        "Git LFS pointer",
        rb"version https://git-lfs",
        "a Git LFS pointer; fetch the file that it stands for ('git lfs pull')",
    ),
    Kind(PYTORCH, rb"PK\x03\x04", "a zip archive, as PyTorch saves; run 'hub convert' on it"),
    Kind(
        PYTORCH,
        rb"\x80[\x02-\x05]",
        "a pickle, as PyTorch saved once, and is never opened; run 'hub convert' on it",
    ),
    Kind("HDF5 file", rb"\x89HDF", "an HDF5 file, as Keras saves"),
    Kind("gzip file", rb"\x1f\x8b", "compressed; run 'gunzip' on it"),
    Kind(
        "tar archive", rb"(?s:.{257})ustar", "a tar archive; unpack it and take the file you mean"
    ),
    Kind(
        "encrypted checkpoint",
        rb"(?s:.)\^:\x7f",
        "encrypted; mindspore.load_checkpoint(dec_key=...) decrypts it",
    ),
    Kind("text", rb"[\t\n\r -~]{8,}\Z", "text, not weights"),
    Kind(MINDSPORE, rb"\n[\x80-\xff]*[\x00-\x7f]\n(?s:.)[\w.]+\x12", "a MindSpore checkpoint"),
)


def find_kind(start: bytes) -> Kind | None:
    r"""Recognise a file.

    Args:
        start: Its first :data:`START_SIZE` bytes, or all of it if it is shorter.

    Returns:
        Its kind, or None. A MindSpore checkpoint is not always recognised, since nothing marks it.

    Example:
        >>> find_kind(b"PK\x03\x04").name
        'PyTorch file'
        >>> find_kind(b"\x93NUMPY") is None
        True
    """
    return next((kind for kind in _KINDS if re.match(kind.start, start)), None)
