"""Cards as commands read and write them: as files, or on standard input and output."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from hub.cards.document import LARGEST_CARD, Document
from hub.cli.render import echo_bytes, echo_patch
from hub.errors import CacheError
from hub.files import write_file


def read_card_file(source: str) -> Document:
    """Read a card from a file, or from standard input if it is called '-'.

    Raises:
        CardError: The file cannot be read, or is too large for a card.
    """
    if source != "-":
        return Document.read(Path(source))
    return Document.parse(read_stdin(), "<stdin>")


def read_stdin(most: int = LARGEST_CARD) -> bytes:
    """Read standard input: up to a number of bytes, and one more if there are more."""
    return sys.stdin.buffer.read(most + 1)


def list_card_files(paths: Sequence[str], *, force_exclude: bool = False) -> Iterator[str]:
    """Yield each file once; below folders, those that the project's configuration leaves in.

    Args:
        paths: Files, folders, and '-' for standard input.
        force_exclude: Whether files that are excluded are left out even if they are named.

    Raises:
        RegistryError: A path does not exist, or there is no card below a folder.
        ArgumentError: The configuration cannot be read.
    """
    from hub.lint.configuration import find_configuration
    from hub.lint.files import collect_files

    configuration = find_configuration([path for path in paths if path != "-"] or ["."])
    found: dict[str, None] = {}
    for path in paths:
        if path == "-":
            found["-"] = None
        else:
            files = collect_files([path], configuration, force_exclude=force_exclude)
            found |= dict.fromkeys(files)
    yield from found


def echo_diff(before: Document, after: Document) -> None:
    """Print how a card was changed, as a unified diff."""
    from hub.lint.patches import write_diff

    echo_patch(write_diff(before, after))


def write_stdout(document: Document) -> None:
    """Print a card, byte for byte."""
    echo_bytes(document.to_bytes())


def write_card_file(path: str, document: Document) -> None:
    """Put a changed card into its file, all of it or nothing; the file keeps its mode.

    Raises:
        CacheError: It cannot be written.
    """
    write_file(path, document.to_bytes())


def create_card_file(path: Path, document: Document, *, force: bool) -> None:
    """Write a new file, all of it or nothing.

    Raises:
        click.UsageError: It exists, and is not to be replaced.
        CacheError: It cannot be written.
    """
    created = not (force and path.exists())
    try:
        if created:
            path.open("xb").close()
    except FileExistsError as error:
        raise click.UsageError(f"{path} exists; --force replaces it.") from error
    except OSError as error:
        reason = error.strerror or error
        raise CacheError(f"{path} cannot be written: {reason}", path=str(path)) from error
    try:
        write_card_file(str(path), document)
    except CacheError:
        if created:
            with contextlib.suppress(OSError):
                path.unlink()
        raise
