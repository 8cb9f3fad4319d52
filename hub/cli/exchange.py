"""The commands that compare cards and turn them into other formats and back."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli.card_files import read_stdin
from hub.cli.render import echo_bytes, echo_json, echo_text
from hub.errors import ArgumentError, CardError
from hub.files import write_file
from hub.terminal import neutralise_line

if TYPE_CHECKING:
    from hub.cards.document import Document

_FORMATS = ("card", "json", "yaml", "hf")
_SUFFIXES = ((".json", "json"), (".yaml", "yaml"), (".yml", "yaml"))
_LARGEST = 1 << 22  # bytes; a card has 1 MiB at most, and escapes make its JSON longer

_from = click.option(
    "--from",
    "source_format",
    type=click.Choice(_FORMATS),
    help="What the input is, if its name does not say.",
)


@click.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@_from
@click.option("--registry", metavar="FOLDER", help="Look here instead of in MSHUB_REGISTRY.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def diff(
    old: str, new: str, source_format: str | None, registry: str | None, as_json: bool
) -> None:
    """Show what changed from one card to another, a line a fact.

    The exit code is 1 if they differ, and 2 if one of them cannot be read. Each is a file, '-' for standard input, or a model's id. How a fact is written (quotes, blanks,
    zeros of a day) makes no difference.

    \b
    Examples:
      hub card diff old.md new.md
      hub card diff MindSpore/efficientnet_b0@1.10 MindSpore/efficientnet_b0@2.5 --json
    """
    from hub.cards.record import build_card
    from hub.metadata.difference import diff_cards

    if old == new == "-":
        raise ArgumentError("standard input can be one of the two cards; name a file for the other")
    try:
        cards = [build_card(_read(name, source_format, registry)) for name in (old, new)]
    except CardError as error:  # whose own exit code would say that they differ
        raise ArgumentError(str(error)) from error
    changes = diff_cards(*cards)
    if as_json:
        echo_json({"same": not changes, "changes": changes})
    for change in () if as_json else changes:
        echo_text(neutralise_line(str(change)))
    sys.exit(1 if changes else 0)


@click.command("convert")
@click.argument("card", metavar="CARD")
@_from
@click.option(
    "--to",
    "target_format",
    type=click.Choice(_FORMATS),
    required=True,
    help="json, yaml, hf (a README of the Hugging Face Hub) or card.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write here, not to standard output."
)
@click.option("--force", is_flag=True, help="Replace the output if it exists.")
@click.option("--registry", metavar="FOLDER", help="Look here instead of in MSHUB_REGISTRY.")
def convert_card(
    card: str,
    source_format: str | None,
    target_format: str,
    output: Path | None,
    force: bool,
    registry: str | None,
) -> None:
    """Turn a card into JSON, YAML or a Hugging Face README, or one of these into a card.

    CARD is a file, '-' for standard input, or a model's id. The format of a file is told by its
    name (.json, .yaml, .yml, README.md with front matter); anything else is a card. No fact is
    lost on the way there and back.

    \b
    Examples:
      hub card convert my_card.md --to json
      hub card convert README.md --to card -o my_card.md
      hub card convert - --from yaml --to card < my_card.yaml
    """
    if output and output.is_file() and not force:
        raise click.UsageError(f"{output} exists; --force replaces it.")
    document = _read(card, source_format, registry)
    _echo_missing(document)
    text = _writers()[target_format](document)
    if output:
        write_file(str(output), text.encode())
    elif sys.stdout.isatty():
        echo_text(text.removesuffix("\n"))
    else:
        echo_bytes(text.encode())


@click.command("schema")
def schema() -> None:
    """Print the JSON Schema of model cards, for editors and other programs.

    \b
    Examples:
      hub schema > model-card.schema.json
    """
    import json

    from hub.schema import load_schema

    click.echo(json.dumps(load_schema(), indent=2))


def _writers() -> dict[str, Callable[[Document], str]]:
    from hub.cards.record import build_card
    from hub.metadata import huggingface, notations
    from hub.metadata.layout import write_document

    return {
        "json": notations.to_json,
        "yaml": notations.to_yaml,
        "hf": lambda document: huggingface.to_huggingface(build_card(document)),
        "card": lambda document: write_document(notations.to_values(document)).text,
    }


def _read(name: str, source_format: str | None, registry: str | None) -> Document:
    """Read a card from a file of any format, from standard input, or from a registry."""
    from hub.cards.document import Document
    from hub.metadata import huggingface, notations

    path = Path(name)
    if name != "-" and not path.is_file() and not source_format and not _is_file_name(name):
        import hub

        return hub.card(name, registry=registry).document
    source = "<stdin>" if name == "-" else name
    content = _read_bytes(path, name)
    found = source_format or _guess_format(path.name, content)
    if found == "card":
        return Document.parse(content, source)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CardError(f"{source}: not UTF-8 text", source=source, reason=str(error)) from error
    readers: dict[str, Callable[[str, str], Document]] = {
        "json": notations.from_json,
        "yaml": notations.from_yaml,
        "hf": huggingface.from_huggingface,
    }
    return readers[found](text, source)


def _is_file_name(name: str) -> bool:
    return "://" not in name and name.lower().endswith((".md", ".json", ".yaml", ".yml"))


def _read_bytes(path: Path, name: str) -> bytes:
    try:
        if name == "-":
            content = read_stdin(_LARGEST)
        else:
            with path.open("rb") as file:
                content = file.read(_LARGEST + 1)
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        raise CardError(f"{name}: {reason}", source=name, reason=reason) from error
    if len(content) > _LARGEST:
        reason = f"larger than {_LARGEST:,} bytes, the most that is read"
        raise CardError(f"{name}: {reason}", source=name, reason=reason)
    return content


def _guess_format(name: str, content: bytes) -> str:
    for suffix, found in _SUFFIXES:
        if name.lower().endswith(suffix):
            return found
    has_front_matter = content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"---")
    return "hf" if name.lower() == "readme.md" and has_front_matter else "card"


def _echo_missing(document: Document) -> None:
    from hub.metadata.huggingface import list_missing_keys

    missing = list_missing_keys(document)
    if missing:
        echo_text(f"{document.source} does not state: {', '.join(missing)}", err=True)
