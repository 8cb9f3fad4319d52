"""Results as text for people and as JSON for programs; no logic."""

from __future__ import annotations

import dataclasses
import datetime
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from hub.digests import Digest
from hub.ids import ModelId
from hub.terminal import neutralise
from hub.versions import Version

_SCHEMA_VERSION = 1


def echo_json(values: Mapping[str, object]) -> None:
    """Print a result for programs: numbers as numbers, times in ISO 8601, a schema version."""
    import json

    document = {"schema_version": _SCHEMA_VERSION, **{k: to_json(v) for k, v in values.items()}}
    click.echo(json.dumps(document, indent=2))


def echo_text(text: str, *, err: bool = False, newline: bool = True) -> None:
    r"""Print text that may come from a card or a server, without what would steer a terminal.

    Example:
        >>> echo_text("red \x1b[31m and\nanother line")
        red \x1b[31m and
        another line
    """
    click.echo(neutralise(text), err=err, nl=newline)


def echo_patch(diff: str) -> None:
    """Print a diff: for programs as it is, for a terminal without what would steer it."""
    if sys.stdout.isatty():
        echo_text(diff, newline=False)
    else:
        echo_bytes(diff.encode("utf-8", "surrogateescape"))


def echo_bytes(content: bytes) -> None:
    """Print bytes as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def echo_rows(rows: Iterable[tuple[str, str]]) -> None:
    """Print names and values in two columns; a value of several lines stays in its column."""
    listed = [(name, value) for name, value in rows if value]
    width = max((len(name) for name, _ in listed), default=0)
    for name, value in listed:
        first, *more = value.splitlines()
        echo_text(f"{name:<{width}}  {first}")
        for line in more:
            echo_text(f"{'':<{width}}  {line}")


def echo_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        echo_text("  ".join(cells).rstrip())


def to_json(value: object) -> Any:  # noqa: PLR0911
    """Turn a record into what JSON can hold."""
    if isinstance(value, Digest):
        return {"hex": value.hex, "complete": value.complete}
    if isinstance(value, ModelId | Path | Version):
        return str(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [f.name for f in dataclasses.fields(value)]
        return {
            name: to_json(getattr(value, name))
            for name in names
            if name not in {"body", "document"}
        }
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value


def format_size(size: int) -> str:
    """Write a number of bytes for people.

    Example:
        >>> format_size(21_339_458), format_size(512)
        ('21.3 MB', '512 B')
    """
    amount, units = float(size), ["B", "kB", "MB", "GB", "TB"]
    while amount >= 1000 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{amount:.0f} B" if units[0] == "B" else f"{amount:.1f} {units[0]}"


def format_seconds(seconds: float) -> str:
    """Write a duration for people.

    Example:
        >>> format_seconds(0.0123), format_seconds(1.5)
        ('12 ms', '1.50 s')
    """
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"
