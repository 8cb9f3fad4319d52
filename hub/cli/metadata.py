"""The commands ``hub card new``, ``get``, ``set`` and ``fmt``."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from hub.cards.document import Document
from hub.cli.card_files import (
    create_card_file,
    echo_diff,
    list_card_files,
    read_card_file,
    write_card_file,
    write_stdout,
)
from hub.cli.exchange import convert_card, diff
from hub.cli.render import echo_json, echo_text
from hub.errors import ArgumentError, CardError, HubError
from hub.plurals import count

_REQUIRED = (
    ("name", "model-name", "The model's name"),
    ("user_id", "user-id", "Its publisher (user-id)"),
    ("author", "author", "Its author"),
    ("module_type", "module-type", "Its field (module-type)"),
    ("summary", "summary", "A sentence about it"),
    ("repo_link", "repo-link", "The URL of its code"),
    ("mindspore_version", "mindspore-version", "The MindSpore version"),
)


@click.group()
def card() -> None:
    """Make, read, change, format, compare and convert model cards."""


card.add_command(diff)
card.add_command(convert_card)


@card.command("new")
@click.argument("output", required=False, metavar="[OUTPUT]")
@click.option("--name", help="The model's name; what OUTPUT is called, if it is left out.")
@click.option("--title", help="The title line.  [default: the name]")
@click.option("--user-id", help="The publisher, the first part of the model's id.")
@click.option("--author", help="Who made the model.")
@click.option("--module-type", help="The field, such as cv or cv-classification.")
@click.option("--summary", help="One sentence about the model.")
@click.option("--repo-link", metavar="URL", help="Where the code is.")
@click.option("--mindspore-version", metavar="VERSION", help="The MindSpore version, such as 2.5.")
@click.option("--model-version", metavar="VERSION", help="[default: the MindSpore version]")
@click.option("--backbone-name", help="[default: the name up to its first '_']")
@click.option("--train-dataset", help="What the weights were trained on.")
@click.option("--used-for", default="inference", show_default=True)
@click.option("--license", "license_name", default="Apache-2.0", show_default=True)
@click.option("--update-time", metavar="DAY", help="The day of the card.  [default: today]")
@click.option("--fine-tunable/--not-fine-tunable", default=True, show_default=True)
@click.option("--metric", "metrics", metavar="NAME=NUMBER", multiple=True, help="A result.")
@click.option(
    "--asset",
    "assets",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file on this machine, whose digest the card gets.",
)
@click.option("--asset-link", "links", metavar="URL", multiple=True, help="Its URL, in that order.")
@click.option("--file-format", "formats", metavar="FORMAT", multiple=True, help="Its format.")
@click.option("--force", is_flag=True, help="Replace OUTPUT if it exists.")
def new(
    output: str | None,
    assets: tuple[Path, ...],
    links: tuple[str, ...],
    formats: tuple[str, ...],
    metrics: tuple[str, ...],
    update_time: str | None,
    force: bool,
    **facts: Any,
) -> None:
    """Write a new card, and print its path.

    OUTPUT is NAME.md if it is left out; '-' prints the card. On a terminal, what is needed and
    no option states is asked for.

    \b
    Examples:
      hub card new --asset lite0.ckpt --asset-link https://example.org/lite0.ckpt
      hub card new lite0.md --name lite0 --user-id smith --author 'A. Smith' --module-type cv
        --summary 'Sorts pictures.' --repo-link https://example.org/lite0
        --mindspore-version 2.5 --metric top1acc=75.1
    """
    if output not in {None, "-"}:
        facts["name"] = facts["name"] or Path(str(output)).stem
    if output not in {None, "-"} and Path(str(output)).exists() and not force:
        raise click.UsageError(f"{output} exists; --force replaces it.")
    links = _complete(facts, assets, links)
    if assets and len(assets) != len(links):
        message = f"{len(assets)} --asset and {len(links)} --asset-link; give each file its URL."
        raise click.UsageError(message)
    if formats and len(formats) != len(links):
        message = f"{len(formats)} --file-format and {len(links)} --asset-link; give one for each."
        raise click.UsageError(message)
    from hub.metadata.template import NewAsset, create_card

    paths = assets or (None,) * len(links)
    files = zip(links, formats or (None,) * len(links), paths, strict=True)
    path = output or f"{facts['name']}.md"
    document = create_card(
        **facts,
        metrics=_read_pairs(metrics, "--metric"),
        update_time=_read_day(update_time),
        assets=[NewAsset(link=link, file_format=kind, path=file) for link, kind, file in files],
        source=path,
    )
    if path == "-":
        write_stdout(document)
        return
    create_card_file(Path(path), document, force=force)
    echo_text(path)
    echo_text(f"complete its Citation and Disclaimer, then: hub validate {path}", err=True)


@card.command("get")
@click.argument("source", metavar="CARD")
@click.argument("keys", metavar="[KEY]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def get(source: str, keys: tuple[str, ...], as_json: bool) -> None:
    """Print values of a card.

    One KEY gives the value alone, several give 'key: value', none gives the whole header.
    CARD is a file, or '-' for standard input.

    \b
    Examples:
      hub card get card.md mindspore-version
      hub card get card.md asset[0].asset-link asset[0].asset-sha256
      hub card get card.md --json
    """
    from hub.metadata.editing import get_value

    document = read_card_file(source)
    values = {key: get_value(document, key) for key in keys}
    if not keys:
        whole = get_value(document)
        values = dict(whole) if isinstance(whole, dict) else {}
    if as_json:
        echo_json({"values": values})
        return
    for key, value in values.items():
        for path, text in _flatten(key, value):
            echo_text(text if len(keys) == 1 and path == key else f"{path}: {text}")


@card.command("set")
@click.argument("source", metavar="CARD")
@click.argument("assignments", metavar="KEY=VALUE...", nargs=-1, required=True)
@click.option("--dry-run", "--diff", "dry_run", is_flag=True, help="Show the change, make none.")
def set_(source: str, assignments: tuple[str, ...], dry_run: bool) -> None:
    """Set values of a card, and nothing else.

    Every other line stays byte for byte. KEY=VALUE may be repeated; KEY VALUE, as two words, does
    too. CARD is a file, or '-': then the card comes from standard input, and the changed one goes
    to standard output.

    \b
    Examples:
      hub card set card.md update-time=2026-01-02 license=Apache-2.0
      hub card set card.md asset[0].asset-sha256 f8d7aa2a --diff
    """
    from hub.metadata.editing import set_value

    if len(assignments) == 2 and "=" not in assignments[0]:
        values = {assignments[0]: assignments[1]}
    else:
        values = _read_pairs(assignments, "KEY=VALUE")
    before = after = read_card_file(source)
    for key, value in values.items():
        after = set_value(after, key, value)
    if dry_run:
        echo_diff(before, after)
        return
    if source == "-":
        write_stdout(after)
    elif after != before:
        write_card_file(source, after)
    done = f"{count(len(values), 'value')} set"
    echo_text(f"{before.source}: {done if after != before else 'nothing to change'}", err=True)


@card.command("fmt")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if something would.")
@click.option("--diff", "show_diff", is_flag=True, help="The same, and show what would change.")
@click.option(
    "--force-exclude",
    is_flag=True,
    help="Leave out excluded files, README.md and the like, even if they are named.",
)
def fmt(paths: tuple[str, ...], check: bool, show_diff: bool, force_exclude: bool) -> None:
    """Write cards in the specification's layout.

    What they say stays the same. PATH is a card, a folder of cards (by default the current one),
    or '-': then the card comes from standard input, and the formatted one goes to standard output.

    \b
    Examples:
      hub card fmt cards/
      hub card fmt --check card.md
      hub card fmt - < card.md
    """
    from hub.metadata.formatting import format_card

    look = check or show_diff
    changed = unchanged = failed = 0
    for path in list_card_files(paths or (".",), force_exclude=force_exclude):
        try:
            document = _read_card(path, skip=path not in paths)
            if document is None:
                continue
            after = format_card(document)
            _warn_of_faults(document)
            _deliver(path, document, after, check=check, show_diff=show_diff)
        except HubError as error:
            failed += 1
            echo_text(f"error: {error}", err=True)
            continue
        changed += after != document
        unchanged += after == document
    done = f"{count(changed, 'card')} {'would be ' if look else ''}formatted"
    rest = f"left as {'it is' if unchanged == 1 else 'they are'}"
    echo_text(f"{done}, {count(unchanged, 'card')} {rest}", err=True)
    sys.exit(1 if failed or (changed and look) else 0)


def _complete(
    facts: dict[str, Any], assets: tuple[Path, ...], links: tuple[str, ...]
) -> tuple[str, ...]:
    """Ask for what no option states, and return the links; without a terminal, list it all."""
    missing = [row for row in _REQUIRED if not facts[row[0]]]
    if sys.stdin.isatty() and sys.stderr.isatty():
        for name, key, question in missing:
            facts[name] = _ask(question, key, _guess(name, facts))
        asked = (_ask(f"The URL of {path.name}", "asset-link") for path in assets[len(links) :])
        return (*links, *asked)
    flags = [f"--{name.replace('_', '-')}" for name, _, _ in missing]
    flags += ["--asset-link"] if assets and not links else []
    if flags:
        raise click.UsageError(f"Missing options: {', '.join(flags)}.")
    return links


def _ask(question: str, key: str, default: str | None = None) -> str:
    answer: str = click.prompt(question, default=default, value_proc=_check_answer(key), err=True)
    return answer


def _guess(name: str, facts: dict[str, Any]) -> str | None:
    guesses = {"author": facts["user_id"], "module_type": "cv"}
    return str(guesses[name]) if guesses.get(name) else None


def _check_answer(key: str) -> Callable[[str], str]:
    from hub.metadata.template import check_fact

    def check(answer: str) -> str:
        try:
            return check_fact(key, answer)
        except ArgumentError as error:
            raise click.BadParameter(str(error)) from error

    return check


def _read_pairs(pairs: Iterable[str], name: str) -> dict[str, str]:
    values = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise click.UsageError(f"{pair!r} is no {name}; write, for example, license=MIT.")
        values[key.strip()] = value
    return values


def _read_day(text: str | None) -> datetime.date | None:
    from hub.cards.fields import read_date

    day = read_date(text)
    if text and day is None:
        raise click.UsageError(f"--update-time: {text!r} is no day; write one such as 2025-03-10.")
    return day


def _read_card(path: str, *, skip: bool) -> Document | None:
    """Read a card; None for a file that is none, if such files are to be skipped."""
    document = read_card_file(path)
    if document.header.values:
        return document
    if skip:
        return None
    fault = document.faults[0]
    line, column = document.place(fault.start)
    reason = f"{fault.message}; this is no model card"
    place = f"{document.source}:{line}:{column}"
    raise CardError(f"{place}: {reason}", source=document.source, reason=reason)


def _deliver(path: str, before: Document, after: Document, *, check: bool, show_diff: bool) -> None:
    """Show or write what formatting has made of a card."""
    if show_diff:
        echo_diff(before, after)
    elif check:
        if after != before:
            echo_text(f"Would format {before.source}")
    elif path == "-":
        write_stdout(after)
    elif after != before:
        write_card_file(path, after)


def _warn_of_faults(document: Document) -> None:
    from hub.metadata.formatting import can_format

    if can_format(document):
        return
    fault = document.faults[0]
    line, column = document.place(fault.start)
    place = f"{document.source}:{line}:{column}"
    echo_text(f"warning: {place}: {fault.message}; its header stays as it is", err=True)


def _flatten(key: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield the texts at and below a key, each with its path."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _flatten(f"{key}.{name}", item)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _flatten(f"{key}[{number}]", item)
    else:
        yield key, str(value)
