"""Sizes and ages as people write them on the command line: ``5GB``, ``30d``.

The functions serve as ``type=`` of an option.
"""

from __future__ import annotations

import re

import click

_SIZE = re.compile(r"(?P<number>[0-9]{1,15}(\.[0-9]{1,9})?) ?(?P<unit>[kmgt]?i?b?)", re.IGNORECASE)
_AGE = re.compile(r"(?P<number>[0-9]{1,9}(\.[0-9]{1,9})?) ?(?P<unit>[smhdw])")
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}


def parse_size(text: str) -> int:
    """Read a number of bytes.

    Args:
        text: A number and perhaps a unit: B, kB, MB, GB, TB are powers of 1000, KiB, MiB, GiB, TiB
            powers of 1024. Capitals do not matter, nor does the B.

    Returns:
        The bytes.

    Raises:
        click.BadParameter: It is no size.

    Example:
        >>> parse_size("5GB"), parse_size("1.5 GiB"), parse_size("123")
        (5000000000, 1610612736, 123)
    """
    match = _SIZE.fullmatch(text.strip())
    unit = match["unit"].lower().removesuffix("b") if match else "i"
    if match is None or unit == "i":
        raise click.BadParameter(
            f"{text!r} is not a size; write for example 5GB, 500 MB, 1.5GiB or 123"
        )
    base = 1024 if unit.endswith("i") else 1000
    return int(float(match["number"]) * base ** _POWERS[unit.removesuffix("i")])


def parse_age(text: str) -> float:
    """Read how long ago something was.

    Args:
        text: A number and a unit: s, m (minutes), h, d or w.

    Returns:
        The seconds.

    Raises:
        click.BadParameter: It is no age.

    Example:
        >>> parse_age("30d"), parse_age("90m")
        (2592000.0, 5400.0)
    """
    match = _AGE.fullmatch(text.strip())
    if match is None:
        raise click.BadParameter(
            f"{text!r} is not an age; write for example 30d, 2w, 12h or 90m (m is minutes)"
        )
    return float(match["number"]) * _SECONDS[match["unit"]]
