"""The command ``hub index``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from hub.cli.render import echo_bytes, echo_json, echo_text
from hub.errors import CacheError
from hub.plurals import count


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("-o", "--output", metavar="FILE", help="[default: index.json in the folder]")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if FILE is out of date.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def index(folder: Path, output: str | None, check: bool, as_json: bool) -> None:
    """Write the index that makes a folder of cards a registry on the web.

    Put FOLDER with its index.json on any web server, and name its URL in MSHUB_REGISTRY.
    FILE may be '-' for standard output. The same cards give the same index, byte for byte.

    \b
    Examples:
      hub index cards/
      hub index cards/ --check
      hub list --registry https://example.org/cards
    """
    from hub.files import write_file
    from hub.registry.index import FILE_NAME, format_index, index_folder

    if output == "-" and (check or as_json):
        raise click.UsageError("With '-o -' neither --check nor --json makes sense.")
    cards = index_folder(folder)
    content = format_index(cards)
    if output == "-":
        echo_bytes(content)
        return
    file = output or str(folder / FILE_NAME)
    current = _read(file) == content
    if not (check or current):
        write_file(file, content)
    if as_json:
        echo_json({"index": {"path": file, "cards": len(cards), "current": current or not check}})
    elif check and not current:
        option = f" -o {output}" if output else ""
        echo_text(f"{file} is out of date; write it with `hub index {folder}{option}`", err=True)
    else:
        echo_text(f"{file} lists {count(len(cards), 'card')}")
    sys.exit(1 if check and not current else 0)


def _read(file: str) -> bytes | None:
    """Return what is in a file; None if there is none, or no file but a pipe or a device."""
    path = Path(file)
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError as error:
        raise CacheError(f"{file} cannot be read: {error.strerror or error}", path=file) from error
