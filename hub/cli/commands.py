"""The commands. What a command needs is imported when it runs, so that ``hub list`` is quick."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

import hub
from hub.cli.render import (
    echo_json,
    echo_rows,
    echo_text,
    format_seconds,
    format_size,
)

if TYPE_CHECKING:
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
@click.option(
    "--allow-unverified", is_flag=True, help="Accept a card that gives no digest for the file."
)
@click.option("--no-pretrained", is_flag=True, help="Fresh parameters instead of the asset's.")
@click.option("--num-classes", type=int, help="Outputs of the classifier.")
@click.option("--in-channels", type=int, default=3, help="Channels of the images.")
@click.option(
    "--engine",
    type=click.Choice(["mindspore", "onnxruntime"]),
    default="mindspore",
    help="What computes; onnxruntime is for inference on a CPU.",
)
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
    engine: str,
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
    from hub.loading import Stopwatch, load_model
    from hub.networks.options import NetworkOptions

    clock = Stopwatch()
    with clock.step("resolve the card"):
        card = hub.card(model_id, registry=registry)
    loaded = load_model(
        card,
        hub.Cache(),
        NetworkOptions(num_classes=num_classes, in_channels=in_channels),
        pretrained=not no_pretrained,
        engine=engine,
        allow_unverified=allow_unverified,
        progress=not no_progress,
        lock=open_lock(lock),
        locked=locked,
        clock=clock,
    )
    if as_json:
        echo_json(_summarise_load(loaded))
    else:
        echo_rows(_describe_load(loaded))


def _summarise_load(loaded: LoadedModel) -> dict[str, object]:
    parameters = list(loaded.network.get_parameters())
    return {
        "id": loaded.card.id,
        "architecture": loaded.architecture,
        "parameters": sum(parameter.size for parameter in parameters),
        "trainable_parameters": sum(p.size for p in parameters if p.requires_grad),
        "tensors": len(parameters),
        "file": loaded.file,
        "seconds": loaded.seconds,
    }


def _describe_load(loaded: LoadedModel) -> list[tuple[str, str]]:
    from hub.loading import find_weights

    facts = _summarise_load(loaded)
    counts = f"{facts['trainable_parameters']:,} trainable, {facts['parameters']:,} in all"
    rows = [
        ("id", str(facts["id"])),
        ("architecture", str(facts["architecture"])),
        ("parameters", f"{counts}, {facts['tensors']} tensors"),
    ]
    if loaded.file and (digest := find_weights(loaded.card).digest):
        rows += [
            ("checkpoint", f"{loaded.file.path} ({format_size(loaded.file.size)})"),
            ("sha256", f"{loaded.file.sha256}\nthe card states {digest} ({digest.strength})"),
        ]
    times = [f"{format_seconds(s):>8}  {step}" for step, s in loaded.seconds.items()]
    return [*rows, ("time", "\n".join(times))]
