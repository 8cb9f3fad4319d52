"""The command that writes a model to a file for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli.options import asset_options, json_option
from hub.cli.render import echo_json, echo_rows, format_size

if TYPE_CHECKING:
    from hub.networks.engines.export_file import ExportedFile

_FORMATS = ("onnx", "mindir", "safetensors", "ckpt")


@click.command("export")
@click.argument("model_id", metavar="ID")
@click.option(
    "--to", type=click.Choice(_FORMATS), help="The format, if the output's name does not say it."
)
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="The new file."
)
@click.option("--image-size", type=int, help="Side of the images; by default the network's own.")
@click.option("--batch", type=int, help="Images that come at once; by default any number.")
@click.option("--in-channels", type=int, default=3, help="Channels of the images.")
@click.option("--force", is_flag=True, help="Replace the output if it exists.")
@asset_options
@json_option
def export(
    model_id: str,
    to: str | None,
    output: Path,
    image_size: int | None,
    batch: int | None,
    in_channels: int,
    force: bool,
    allow_unverified: bool,
    lock: str | None,
    locked: bool,
    registry: str | None,
    no_progress: bool,
    as_json: bool,
) -> None:
    """Write a model to a file that other programs read.

    onnx and mindir hold the network with its weights, and are compared with it by random images
    before the file gets its name. safetensors and ckpt hold the weights alone.

    \b
    Examples:
      hub export MindSpore/efficientnet_b0 -o b0.onnx
      hub export MindSpore/efficientnet_b0 --to mindir -o b0.mindir --batch 1
      hub export MindSpore/efficientnet_b0 -o b0.safetensors --json
    """
    from hub.exporting import export as export_model

    file = export_model(
        model_id,
        output,
        to=to,
        image_size=image_size,
        batch=batch,
        in_channels=in_channels,
        force=force,
        allow_unverified=allow_unverified,
        lock=lock,
        locked=locked,
        registry=registry,
        progress=not no_progress,
    )
    if as_json:
        echo_json({"file": file})
    else:
        echo_rows(_describe(file))


def _describe(file: ExportedFile) -> list[tuple[str, str]]:
    shape = ", ".join(map(str, file.input_shape))
    images = f"float32 ({shape})" if shape else ""
    return [
        ("output", f"{file.path} ({format_size(file.size)})"),
        ("format", file.file_format),
        ("architecture", file.architecture),
        ("input", f"{file.input_name} {images}".strip()),
        ("sha256", file.sha256),
    ]
