"""A new card, made of the facts that its author states, and ready to be published."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from hub.cards.document import Document
from hub.cards.keys import CARD_KEYS
from hub.cards.record import build_card
from hub.digests import hash_file
from hub.errors import ArgumentError
from hub.ids import is_name
from hub.metadata.layout import write_document, write_metric
from hub.metadata.spelling import check_value
from hub.terms.formats import FILE_FORMATS, guess_format
from hub.terms.modules import FIELDS, read_module_type, suggest_field

_CITATION = "<!-- The paper that describes the model, and how to cite this card. -->"
_DISCLAIMER = "<!-- What the weights may be used for, and what is not promised. -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAsset:
    """A file that a new card is to offer.

    Attributes:
        link: The https URL under which it is, or will be, published.
        file_format: What kind of file, such as ``ckpt``; None guesses it from the suffix of the
            file or of the link (``.ms`` is ``mslite``).
        path: A copy of the file on this machine, which is read in full for its digest.
        sha256: Its SHA-256, or at least the first 8 digits, where there is no copy.
    """

    link: str
    file_format: str | None = None
    path: Path | None = None
    sha256: str | None = None


def create_card(
    *,
    name: str,
    module_type: str,
    author: str,
    user_id: str,
    repo_link: str,
    mindspore_version: str,
    summary: str,
    title: str | None = None,
    backbone_name: str | None = None,
    fine_tunable: bool = True,
    model_version: str | None = None,
    train_dataset: str | None = None,
    metrics: Mapping[str, Decimal | str] | None = None,
    used_for: str = "inference",
    license_name: str = "Apache-2.0",
    update_time: datetime.date | None = None,
    assets: Sequence[NewAsset] = (),
    source: str = "<new card>",
) -> Document:
    """Write a card in the specification's layout, with a short body to be completed.

    Every fact is checked as ``hub card set`` checks it, so that the card is clean under
    ``hub validate``, as far as the facts agree with each other.

    Args:
        name: The model's name, under which ``hub.load`` builds it.
        module_type: The field, or field and task, such as ``cv-classification``.
        author: Who made the model.
        user_id: The publisher, the first part of the model's id.
        repo_link: The URL of the code; one that names a release stays true.
        mindspore_version: The MindSpore version that the assets are made for.
        summary: One sentence about the model, which begins the body too.
        title: The title line; None takes the name.
        backbone_name: The network's family; None takes the name up to its first ``_``.
        fine_tunable: Whether the weights may be trained further.
        model_version: The model's own version; None takes ``mindspore_version``.
        train_dataset: What the weights were trained on; None leaves the key out.
        metrics: Numbers by name, such as ``{"top1acc": "76.88"}``; none says ``none``.
        used_for: What the assets are for.
        license_name: An SPDX id, such as ``Apache-2.0``.
        update_time: The day of the card; None takes today, in UTC.
        assets: The files.
        source: The name that the card goes by in errors.

    Returns:
        The card.

    Raises:
        ArgumentError: A fact cannot be written, or is none of its kind; a file cannot be read,
            has a suffix that says nothing, or another digest than is stated.

    Example:
        >>> card = create_card(
        ...     name="lite0", module_type="cv", author="A. Smith", user_id="smith",
        ...     repo_link="https://example.org/lite0", mindspore_version="2.10",
        ...     summary="Sorts pictures on phones.", metrics={"top1acc": "75.10"})
        >>> print(card.header.values["mindspore-version"].text, card.body.sections[0].title)
        2.10 Introduction
    """
    day = update_time or datetime.datetime.now(tz=datetime.timezone.utc).date()
    facts = {
        "model-name": name,
        "backbone-name": backbone_name or name.partition("_")[0],
        "module-type": _check_module_type(module_type, source),
        "fine-tunable": str(fine_tunable),
        "mindspore-version": mindspore_version,
        "model-version": model_version or mindspore_version,
        "train-dataset": train_dataset,
        "author": author,
        "update-time": day.isoformat(),
        "repo-link": repo_link,
        "user-id": user_id,
        "used-for": used_for,
        "license": license_name,
        "summary": summary,
    }
    values: dict[str, object] = {
        key: check_fact(key, text, source) for key, text in facts.items() if text is not None
    }
    values["evaluation"] = [{"name": n, "value": str(v)} for n, v in (metrics or {}).items()]
    files = [_describe_asset(asset, f"{source}: asset[{i}]") for i, asset in enumerate(assets)]
    values["asset"] = files or None
    keys = [key.name for key in CARD_KEYS if values.get(key.name) is not None]
    header = {"title": check_fact("title", title or name, source)}
    ordered: dict[str, object] = {**header, **{key: values[key] for key in keys}}
    _check_metrics(metrics or {}, source)
    owner = build_card(write_document(ordered, source)).id.owner
    body = _write_body(f"{owner}/{name.strip()}", ordered, metrics or {}, files)
    return write_document({**ordered, "body": body}, source)


def check_fact(key: str, text: str, source: str = "<new card>") -> str:
    """Check a fact that a card needs, and return its normal form.

    Args:
        key: Its key, such as ``update-time``.
        text: Its value.
        source: The name that the card goes by in errors.

    Raises:
        ArgumentError: It is empty, or the key takes no such value.

    Example:
        >>> check_fact("update-time", "2025-3-10")
        '2025-03-10'
    """
    if not text.strip():
        raise ArgumentError(f"{source}: {key} is empty; every card states it")
    if key == "module-type":
        _check_module_type(text, source)
    if key == "model-name" and not is_name(text.strip()):
        raise ArgumentError(
            f"{source}: {text[:80]!r} cannot be a model's name: letters, digits, '_', '-', '.' and"
            " '+', beginning with a letter or a digit"
        )
    return check_value(key, text.strip(), f"{source}: {key}")


def guess_file_format(name: str) -> str | None:
    """Guess what kind of file it is from its name or link; None if the suffix says nothing.

    Example:
        >>> guess_file_format("https://example.org/b0.ms"), guess_file_format("b0.zip")
        ('mslite', None)
    """
    path = name.partition("?")[0].partition("#")[0].replace("\\", "/")
    return guess_format(path)


def _check_module_type(text: str, source: str) -> str:
    field = read_module_type(text.strip()).field
    if field in FIELDS:
        return text
    near = suggest_field(field)
    advice = f"write {near}" if near else f"write one of: {', '.join(sorted(FIELDS))}"
    raise ArgumentError(f"{source}: module-type: {field[:80]!r} is no field of use; {advice}")


def _check_metrics(metrics: Mapping[str, Decimal | str], source: str) -> None:
    for name, value in metrics.items():
        try:
            write_metric({"name": name, "value": str(value)})
        except ValueError as error:
            raise ArgumentError(f"{source}: {error}") from error


def _describe_asset(asset: NewAsset, place: str) -> dict[str, str]:
    names = [str(asset.path)] if asset.path else []
    guesses = [guess_file_format(name) for name in (*names, asset.link)]
    file_format = asset.file_format or next((guess for guess in guesses if guess), None)
    if file_format is None:
        raise ArgumentError(
            f"{place}: the suffix of {(*names, asset.link)[0]!r} does not say the file format; "
            f"state one of: {', '.join(FILE_FORMATS)}"
        )
    described = {"file-format": file_format, "asset-link": asset.link}
    sha256 = _find_digest(asset, place)
    if sha256:
        described["asset-sha256"] = sha256
    return {key: check_value(key, text, f"{place}.{key}") for key, text in described.items()}


def _find_digest(asset: NewAsset, place: str) -> str | None:
    if asset.path is None:
        return asset.sha256
    try:
        found = hash_file(asset.path)
    except OSError as error:
        reason = error.strerror or error
        raise ArgumentError(f"{place}: {asset.path} cannot be read: {reason}") from error
    if asset.sha256 and not found.startswith(asset.sha256.lower()):
        raise ArgumentError(
            f"{place}: {asset.path} has the SHA-256 {found}, not {asset.sha256}; state the right "
            "file, or no digest"
        )
    return found


def _write_body(
    model_id: str,
    facts: Mapping[str, object],
    metrics: Mapping[str, Decimal | str],
    assets: Sequence[Mapping[str, str]],
) -> str:
    usage = f'```python\nimport hub\n\nnetwork = hub.load("{model_id}")\n```'
    sections = [
        ("Introduction", f"{facts['summary']}\n\nThe code is at <{facts['repo-link']}>."),
        ("Results", _write_results(str(facts["model-name"]), metrics, assets)),
        ("Usage", usage),
        ("Citation", _CITATION),
        ("Disclaimer", _DISCLAIMER),
    ]
    return "\n\n".join(f"## {title}\n\n{text}" for title, text in sections if text)


def _write_results(
    name: str, metrics: Mapping[str, Decimal | str], assets: Sequence[Mapping[str, str]]
) -> str:
    """Write the table of the metrics, which links the first asset."""
    if not metrics:
        return ""
    row = {"Model": name, **{key: str(value) for key, value in metrics.items()}}
    if assets:
        row["Weights"] = f"[weights](<{assets[0]['asset-link']}>)"
    widths = [max(len(header), len(cell)) for header, cell in row.items()]
    rows = [list(row), ["-" * width for width in widths], list(row.values())]
    lines = (
        " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        for cells in rows
    )
    return "\n".join(f"| {line} |" for line in lines)
