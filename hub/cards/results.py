"""The result tables of a card's body, as typed rows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from hub.frozen import FrozenMapping
from hub.markdown.markup import Cell, Table
from hub.terms.metrics import canonical_metric, is_metric

_NUMBER = re.compile(r"([+-]?\d{1,20}(?:\.\d{1,20})?)\s*%?", re.ASCII)
_NOT_IN_HEADER = re.compile(r"[^a-z]")
_NOT_IN_NAME = re.compile(r"[-_\s]")
# What a column holds, by the letters of its header.
_ROLES = FrozenMapping(
    {
        "model": "model",
        "modelname": "model",
        "context": "context",
        "params": "parameters",
        "paramsm": "parameters",
        "parameters": "parameters",
        "parametersm": "parameters",
        "recipe": "recipe",
        "config": "recipe",
        "weight": "weights",
        "weights": "weights",
        "download": "weights",
        "checkpoint": "weights",
    }
)


class Measurement(NamedTuple):
    """A number that a table states for a metric.

    Attributes:
        name: The column's header, such as ``acc@top1``.
        value: The number as written, without ``%``.
        start: Where the cell's text begins in the card.
        end: The offset behind it.
    """

    name: str
    value: Decimal
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A row of a result table.

    Attributes:
        model: The name of the model, as the row writes it; may be empty.
        context: How it was trained, such as ``D910x8-G``, or None.
        metrics: The measurements, by the metric's canonical name, such as ``top1_accuracy``.
        parameters: How many parameters the model has, in millions, or None.
        recipe: The link to the training recipe, or None.
        weights: The link to the weights, or None.
        cells: The text of every cell, by the header of its column.
        start: Where the first cell's text begins in the card.
        end: The offset behind the last cell's text.
    """

    model: str
    context: str | None
    metrics: Mapping[str, Measurement]
    parameters: Decimal | None
    recipe: str | None
    weights: str | None
    cells: Mapping[str, str]
    start: int
    end: int


def read_results(tables: Iterable[Table]) -> tuple[Result, ...]:
    r"""Read the rows of the tables that have a model column, and weights or a known metric.

    Both shapes of published cards are read: ``Model | Context | Top-1 (%) | … | Download`` and
    ``model name | params(M) | … | acc@top1 | … | weight``. A row may be shorter or longer than the
    header. Of two columns for one thing the first counts. A cell that is no number, such as
    ``fp16`` under ``precision``, is no measurement.

    Args:
        tables: The tables of a body, in their order.

    Example:
        >>> from hub.markdown.body import Body
        >>> body = Body("| Model | Top-1 (%) | Params (M) |\n| --- | --- | --- |\n| b0 | 76.89 | 5.33 |")
        >>> (result,) = read_results(body.tables)
        >>> result.model, result.metrics["top1_accuracy"].value, result.parameters
        ('b0', Decimal('76.89'), Decimal('5.33'))
    """
    return tuple(result for table in tables for result in _read_table(table))


def _read_table(table: Table) -> Iterator[Result]:
    headers = [cell.text for cell in table.header]
    roles: dict[str, int] = {}
    metrics: dict[str, int] = {}
    for column, header in enumerate(headers):
        role = _ROLES.get(_NOT_IN_HEADER.sub("", header.lower()))
        if role is not None:
            roles.setdefault(role, column)
        elif is_metric(header):
            metrics.setdefault(canonical_metric(header), column)
    if "model" not in roles:
        return
    results = [_read_row(headers, roles, metrics, row) for row in table.rows if row]
    if "weights" in roles or any(result.metrics for result in results):
        yield from results


def _read_row(
    headers: Sequence[str],
    roles: Mapping[str, int],
    metrics: Mapping[str, int],
    row: Sequence[Cell],
) -> Result:
    named = {role: row[column] for role, column in roles.items() if column < len(row)}
    measurements = {}
    for name, column in metrics.items():
        number = _NUMBER.fullmatch(row[column].text) if column < len(row) else None
        if number:
            cell = row[column]
            value = Decimal(number[1])
            measurements[name] = Measurement(headers[column], value, cell.start, cell.end)
    cells: dict[str, str] = {}
    for header, cell in zip(headers, row, strict=False):
        cells.setdefault(header, cell.text)
    context, parameters = named.get("context"), named.get("parameters")
    count = _NUMBER.fullmatch(parameters.text) if parameters else None
    return Result(
        model=named["model"].text.strip("`") if "model" in named else "",
        context=context.text if context and context.text else None,
        metrics=FrozenMapping(measurements),
        parameters=Decimal(count[1]) if count else None,
        recipe=named["recipe"].link if "recipe" in named else None,
        weights=named["weights"].link if "weights" in named else None,
        cells=FrozenMapping(cells),
        start=row[0].start,
        end=row[-1].end,
    )


def match_result(
    results: Sequence[Result], links: Collection[str], names: Collection[str]
) -> Result | None:
    """Find the row that is about a card's own model.

    A row's link to the weights says more than its name: a table often calls the model by another
    name (``vit_b32`` for ``vit_b32_224``), or several by one.

    Args:
        results: The rows, as ``read_results`` gives them.
        links: The links of the card's assets.
        names: What the model may be called: its name, the card's title or file name.

    Returns:
        The row whose weights are at one of the links, or have the file name of one; without such a
        row, the one that has one of the names, without regard to case, ``-``, ``_`` and blanks.
        None if no row fits, or several do.
    """
    fitting: Sequence[Result] = ()
    for fold in (str, _fold_link, _name_file):
        wanted = {fold(link) for link in links} - {""}
        fitting = [row for row in results if row.weights and fold(row.weights) in wanted]
        if fitting:
            break
    if len(fitting) != 1:
        wanted = {_fold_name(name) for name in names} - {""}
        fitting = [row for row in fitting or results if _fold_name(row.model) in wanted]
    return fitting[0] if len(fitting) == 1 else None


def _fold_link(link: str) -> str:
    return link.strip(" \t<>")


def _name_file(link: str) -> str:
    path = _fold_link(link).partition("?")[0].partition("#")[0]
    return path.rpartition("/")[2].lower()


def _fold_name(name: str) -> str:
    return _NOT_IN_NAME.sub("", name).lower()
