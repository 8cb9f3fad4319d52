"""The command ``hub search``."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

import hub
from hub.cli.options import json_option, registry_option
from hub.cli.render import echo_json, echo_table, echo_text
from hub.plurals import count
from hub.terminal import neutralise_line

if TYPE_CHECKING:
    from hub.cards.record import Card

_LONGEST = 40  # characters of a value in a line for people, but for the summary
_LEAST_SUMMARY = 20  # characters of the summary, however narrow the terminal is


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="The most models that are shown.",
)
@registry_option
@json_option
def search(query: tuple[str, ...], limit: int, registry: str | None, as_json: bool) -> None:
    """Find the models whose cards say all words of QUERY, the best ones first.

    Words, or parts of them, are looked for in owner, name, model name, backbone, module type, data
    set and summary; FIELD:WORD looks into one of these: owner, name, model, backbone, type,
    dataset, summary. Case, accents, '-' and '_' make no difference. Of a registry at a URL, the
    index tells owner, name, model name and data set.

    \b
    Examples:
      hub search efficientnet
      hub search resnet50 dataset:imagenet
      hub search segmentation --registry https://example.org/cards --json
    """
    from hub.registry.word_search import find_entries, read_cards

    registries = hub.Registry(*[registry] if registry else [])
    entries = find_entries(registries, " ".join(query))
    cards = list(read_cards(entries[:limit]))
    if as_json:
        echo_json({"found": len(entries), "models": [_list_facts(card) for card in cards]})
    elif cards:
        echo_table([("ID", "MODEL", "DATA SET", "METRIC", "SUMMARY"), *_fit(map(_describe, cards))])
    if not entries:
        echo_text("no card says that; `hub list` names all models", err=True)
    elif len(entries) > limit and not as_json:
        more = count(len(entries) - limit, "more model")
        echo_text(f"{more}; see them with --limit {len(entries)}", err=True)


def _list_facts(card: Card) -> dict[str, object]:
    return {
        "id": card.id,
        "model_name": card.model_name,
        "backbone_name": card.backbone_name,
        "module_type": card.module_type,
        "train_dataset": card.train_dataset,
        "evaluation": card.evaluation,
        "summary": card.summary,
        "source": card.source,
    }


def _describe(card: Card) -> tuple[str, str, str, str, str]:
    metrics = [f"{name} {value}" for name, value in card.evaluation.items()]
    return (
        str(card.id),
        _cut(card.model_name, _LONGEST),
        _cut(card.train_dataset or "-", _LONGEST),
        _cut(metrics[0] if metrics else "-", _LONGEST),
        _cut(card.summary or "-"),
    )


def _fit(rows: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Cut the summaries so that no line is wider than the terminal, if there is one."""
    listed = list(rows)
    if not sys.stdout.isatty():
        return listed
    others = sum(2 + max(map(len, column)) for column in list(zip(*listed, strict=True))[:-1])
    room = max(shutil.get_terminal_size().columns - others, _LEAST_SUMMARY)
    return [(*row[:-1], _cut(row[-1], room)) for row in listed]


def _cut(text: str, longest: int | None = None) -> str:
    """Put a text on one line, of so many characters at most."""
    line = neutralise_line(" ".join(text.split()))
    return line if longest is None or len(line) <= longest else f"{line[: longest - 3]}..."
