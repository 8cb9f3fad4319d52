"""The one place where a name from a card or a server becomes a file's name."""

from __future__ import annotations

import re

_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]+")
_LONGEST = 128  # characters; file systems take 255 bytes
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)


def safe_filename(name: str, fallback: str = "asset") -> str:
    r"""Turn a name from outside into a plain file name, safe on POSIX and Windows alike.

    Separators, ``..``, drive letters, control characters, leading dots and dashes, and device names cannot
    survive. A name that is safe already stays as it is.

    Args:
        name: The publisher's name for the file.
        fallback: What a name that has nothing usable becomes; made safe like the name itself.

    Example:
        >>> safe_filename("efficientnet_b0-f8d7aa2a-910v2.ckpt")
        'efficientnet_b0-f8d7aa2a-910v2.ckpt'
        >>> safe_filename("..\\\\..\\\\etc/passwd"), safe_filename("NUL.ckpt"), safe_filename("..")
        ('_.._etc_passwd', '_NUL.ckpt', 'asset')
        >>> safe_filename("", fallback="asset.../../x")
        'asset..._.._x'
    """
    plain = _UNSAFE.sub("_", name).rstrip(".")[-_LONGEST:].lstrip(".-")
    if not plain.strip("_."):
        return "asset" if fallback == name else safe_filename(fallback, fallback)
    return f"_{plain}" if plain.partition(".")[0].lower() in _DEVICES else plain
