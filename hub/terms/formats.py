"""The file formats of assets, and the endings that files of each have."""

from __future__ import annotations

from types import MappingProxyType

FILE_FORMATS = MappingProxyType(
    {
        "ckpt": (".ckpt",),
        "safetensors": (".safetensors",),
        "mindir": (".mindir",),
        "mslite": (".ms", ".mslite"),
        "air": (".air",),
        "onnx": (".onnx",),
    }
)
"""The formats, in the order in which messages list them, each with its files' endings."""

_FORMATS = MappingProxyType(
    {suffix: name for name, suffixes in FILE_FORMATS.items() for suffix in suffixes}
)


def guess_format(filename: str) -> str | None:
    """Tell what a file's name, or the end of its link, says about its format.

    Example:
        >>> guess_format("lite0.ms"), guess_format("LITE0.CKPT"), guess_format("lite0.pth")
        ('mslite', 'ckpt', None)
    """
    _, dot, ending = filename.rpartition(".")
    return _FORMATS.get(dot + ending.lower())
