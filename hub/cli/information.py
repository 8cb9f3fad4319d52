"""The command ``hub info``: what a card says, and what the network is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import hub
from hub.cli.options import json_option, registry_option
from hub.cli.render import echo_json, echo_rows, echo_text, to_json
from hub.errors import ArchitectureError

if TYPE_CHECKING:
    from hub.cards.asset import Asset
    from hub.cards.record import Card
    from hub.networks.summary import Summary

_HEADINGS = (
    *("STAGE", "OPERATOR", "STRIDE", "CHANNELS", "REPEATS", "INPUT", "OUTPUT"),
    *("PARAMETERS", "MULT-ADDS"),
)


@click.command()
@click.argument("model_id", metavar="ID")
@registry_option
@json_option
def info(model_id: str, registry: str | None, as_json: bool) -> None:
    """Show what a model's card says, and the stages of its network.

    The table counts the network as published, for 1000 classes and images of three channels: sides
    of the feature maps in pixels, and multiply-adds (MULT-ADDS) of convolutions and classifier,
    each of which is two floating-point operations. Only EfficientNets have one.

    \b
    Examples:
      hub info MindSpore/efficientnet_b0
      hub info mindspore/2.5/efficientnet_b0_imagenet2012
      hub info ./my_card.md --json
    """
    card = hub.card(model_id, registry=registry)
    summary = _summarise_network(card.model_name)
    if as_json:
        facts = {**to_json(card), "source": card.source, "body": card.body.text}
        echo_json({"card": facts, "network": _list_facts(summary) if summary else None})
        return
    echo_rows([*_describe_card(card), ("network", _describe_network(summary))])
    if summary:
        echo_text("")
        _echo_stages(summary)


def _summarise_network(model_name: str) -> Summary | None:
    """Count what a network of ours is made of; None if its architecture is not one of ours."""
    from hub.networks.summary import summarise_variant
    from hub.networks.variants import find_variant

    try:
        variant = find_variant(model_name)
    except ArchitectureError:
        return None
    return summarise_variant(variant)


def _list_facts(summary: Summary) -> dict[str, object]:
    totals = {"parameters": summary.parameters, "multiply_adds": summary.multiply_adds}
    return {**to_json(summary), **totals}


def _describe_network(summary: Summary | None) -> str:
    if summary is None:
        return ""
    side, multiply_adds = summary.resolution, _format_count(summary.multiply_adds)
    return (
        f"{summary.architecture}: {summary.parameters:,} parameters,"
        f" {multiply_adds} multiply-adds for an image of {side} x {side}"
    )


def _echo_stages(summary: Summary) -> None:
    """Print the table, its numbers to the right."""
    rows = [
        (
            stage.name,
            stage.operator,
            str(stage.stride),
            str(stage.channels),
            str(stage.repeats),
            str(stage.input_size),
            str(stage.output_size),
            f"{stage.parameters:,}",
            _format_count(stage.multiply_adds),
        )
        for stage in summary.stages
    ]
    totals = (f"{summary.parameters:,}", _format_count(summary.multiply_adds))
    table = [_HEADINGS, *rows, ("total", *[""] * (len(_HEADINGS) - 3), *totals)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = [
            cell.ljust(width) if heading in _HEADINGS[:2] else cell.rjust(width)
            for heading, cell, width in zip(_HEADINGS, row, widths, strict=True)
        ]
        echo_text("  ".join(cells))


def _format_count(number: int) -> str:
    """Write a number of operations for people, with three digits: 10.8 M, 1.23 G."""
    unit, size = ("G", 1e9) if number >= 999.5e6 else ("M", 1e6)
    amount = number / size
    return f"{amount:.{2 if amount < 9.995 else 1 if amount < 99.95 else 0}f} {unit}"


def _describe_card(card: Card) -> list[tuple[str, str]]:
    metrics = " | ".join(f"{name} {value}" for name, value in card.evaluation.items())
    return [
        ("id", str(card.id)),
        ("model", f"{card.model_name} ({card.backbone_name}, {card.module_type})"),
        ("summary", card.summary or ""),
        ("trained on", card.train_dataset or ""),
        ("evaluation", metrics),
        ("unread", " | ".join(card.evaluation.unread)),
        ("mindspore", str(card.mindspore_version)),
        ("author", f"{card.author} ({card.user_id}), {card.update_time}"),
        ("license", card.license or ""),
        ("repository", card.repo_link or ""),
        *(("asset", _describe_asset(asset)) for asset in card.assets),
        *((key, str(value)) for key, value in card.extra.items()),
        ("card", card.source),
    ]


def _describe_asset(asset: Asset) -> str:
    digest = asset.digest_text or "none stated"
    if asset.digest:
        digest = f"{asset.digest} ({asset.digest.strength})"
    return f"{asset.file_format}: {asset.link}\nsha256 {digest}"
