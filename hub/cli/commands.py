"""The commands. What a command needs is imported when it runs, so that ``hub list`` is quick."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import hub
from hub.cli.render import (
    echo_json,
    echo_rows,
    echo_text,
    format_seconds,
    format_size,
    to_json,
)

if TYPE_CHECKING:
    from hub.cards.asset import Asset
    from hub.cards.record import Card
    from hub.loading import LoadedModel

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
_registry = click.option(
    "--registry", metavar="FOLDER|URL", help="Look here instead of in MSHUB_REGISTRY."
)
_no_progress = click.option("--no-progress", is_flag=True, help="Show no progress bar.")
_model_id = click.argument("model_id", metavar="ID")


@click.command("list")
@click.argument("pattern", default="*")
@_registry
@_json
def list_(pattern: str, registry: str | None, as_json: bool) -> None:
    """List the models whose owner/name, or name alone, matches PATTERN.

    \b
    Examples:
      hub list
      hub list 'efficientnet_*'
      hub list 'MindSpore/*' --json
    """
    models = hub.list_models(pattern, registry=registry)
    if as_json:
        echo_json({"models": models})
    for model in [] if as_json else models:
        echo_text(model)


@click.command()
@_model_id
@_registry
@_json
def info(model_id: str, registry: str | None, as_json: bool) -> None:
    """Show what a model's card says.

    \b
    Examples:
      hub info MindSpore/efficientnet_b0
      hub info mindspore/2.5/efficientnet_b0_imagenet2012
      hub info ./my_card.md --json
    """
    card = hub.card(model_id, registry=registry)
    if as_json:
        echo_json({"card": {**to_json(card), "source": card.source, "body": card.body.text}})
    else:
        echo_rows(_describe_card(card))


@click.command()
@_model_id
@click.option(
    "--allow-unverified", is_flag=True, help="Accept a card that gives no digest for the file."
)
@click.option("--no-pretrained", is_flag=True, help="Fresh parameters instead of the asset's.")
@click.option("--num-classes", type=int, help="Outputs of the classifier.")
@click.option("--in-channels", type=int, default=3, help="Channels of the images.")
@click.option(
    "--lock", metavar="FILE", help="Take digests from this file, not the nearest hub.lock."
)
@click.option("--locked", is_flag=True, help="Refuse a file that the lock does not list.")
@_registry
@_no_progress
@_json
def load(
    model_id: str,
    allow_unverified: bool,
    no_pretrained: bool,
    num_classes: int | None,
    in_channels: int,
    lock: str | None,
    locked: bool,
    registry: str | None,
    no_progress: bool,
    as_json: bool,
) -> None:
    """Fetch, build and fill a network, and say what it is and where the time went.

    \b
    Examples:
      hub load MindSpore/efficientnet_b0
      hub load MindSpore/efficientnet_b0 --no-pretrained --num-classes 10 --json
    """
    from hub.api import open_lock
    from hub.loading import load_model

    loaded = load_model(
        model_id,
        hub.Registry(*[registry] if registry else []),
        hub.Cache(),
        pretrained=not no_pretrained,
        num_classes=num_classes,
        in_channels=in_channels,
        allow_unverified=allow_unverified,
        progress=not no_progress,
        lock=open_lock(lock),
        locked=locked,
    )
    if as_json:
        echo_json(_summarise_load(loaded))
    else:
        echo_rows(_describe_load(loaded))


@click.command()
@click.argument("source", metavar="WEIGHTS", type=click.Path(path_type=Path))
@click.option("--architecture", required=True, help="The network, such as efficientnet_lite0.")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="The new .ckpt file."
)
@_json
def convert(source: Path, architecture: str, output: Path, as_json: bool) -> None:
    """Turn a PyTorch weights file into a MindSpore checkpoint, without running its pickle.

    Reads the weights of efficientnet_pytorch and efficientnet_lite_pytorch.

    \b
    Examples:
      hub convert weights.pth --architecture efficientnet_lite0 -o lite0.ckpt
    """
    from hub.networks.builders import require_mindspore

    require_mindspore()
    from hub.networks.conversion.convert import convert_weights

    report = convert_weights(source, architecture, output)
    if as_json:
        echo_json({"conversion": report})
        return
    echo_rows(
        [
            ("output", str(report.output)),
            ("architecture", report.architecture),
            ("parameters", f"{report.parameters} tensors, {report.num_classes} classes"),
            ("left behind", f"{report.ignored} step counters" if report.ignored else ""),
            ("sha256", report.sha256),
        ]
    )


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


def _summarise_load(loaded: LoadedModel) -> dict[str, object]:
    parameters = list(loaded.network.get_parameters())
    return {
        "id": loaded.card.id,
        "architecture": loaded.card.model_name,
        "parameters": sum(parameter.size for parameter in parameters),
        "trainable_parameters": sum(p.size for p in parameters if p.requires_grad),
        "tensors": len(parameters),
        "file": loaded.file,
        "seconds": loaded.seconds,
    }


def _describe_load(loaded: LoadedModel) -> list[tuple[str, str]]:
    facts = _summarise_load(loaded)
    counts = f"{facts['trainable_parameters']:,} trainable, {facts['parameters']:,} in all"
    rows = [
        ("id", str(facts["id"])),
        ("architecture", str(facts["architecture"])),
        ("parameters", f"{counts}, {facts['tensors']} tensors"),
    ]
    if loaded.file and (digest := loaded.card.asset("ckpt").digest):
        rows += [
            ("checkpoint", f"{loaded.file.path} ({format_size(loaded.file.size)})"),
            ("sha256", f"{loaded.file.sha256}\nthe card states {digest} ({digest.strength})"),
        ]
    times = [f"{format_seconds(s):>8}  {step}" for step, s in loaded.seconds.items()]
    return [*rows, ("time", "\n".join(times))]
