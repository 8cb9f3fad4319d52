"""The command that converts weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli.render import echo_json, echo_rows, echo_text
from hub.errors import WeightsError

if TYPE_CHECKING:
    from hub.networks.conversion.convert import ConversionReport

_ORIGINS = ("efficientnet_pytorch", "timm", "torchvision", "mindspore")


@click.command()
@click.argument("source", metavar="WEIGHTS", type=click.Path(path_type=Path))
@click.option(
    "--architecture",
    required=True,
    metavar="NAME",
    help="The network, such as efficientnet_b0 or timm's tf_efficientnet_b0.",
)
@click.option(
    "--from",
    "origin",
    type=click.Choice(_ORIGINS),
    help="Whose names the tensors have; told by these names if not given.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The new .ckpt or .safetensors file.",
)
@click.option("--names", is_flag=True, help="Print every tensor's old and new name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs, with all names.")
def convert(
    source: Path, architecture: str, origin: str | None, output: Path, names: bool, as_json: bool
) -> None:
    """Turn published weights into a file that MindSpore loads, without running a pickle.

    Reads .pth, .safetensors and .ckpt files with the names of efficientnet_pytorch, timm,
    torchvision or MindSpore. Padding and normalisation are those of the network that the weights
    come from: the new file records whose that is, and a card says it in model-name.

    \b
    Examples:
      hub convert weights.pth --architecture efficientnet_lite0 -o lite0.ckpt
      hub convert timm.safetensors --architecture tf_efficientnet_b3 -o b3.safetensors
      hub convert b0.pth --architecture efficientnet_b0 --from torchvision -o b0.ckpt --json
    """
    from hub.networks.conversion.convert import convert_weights

    try:
        report = convert_weights(source, architecture, output, origin=origin)
    except WeightsError as error:
        if as_json:
            echo_json({"conversion": _describe_failure(source, error)})
        raise
    if as_json:
        echo_json({"conversion": report})
        return
    if names:
        for pair in report.mapped:
            echo_text(f"{pair.source} -> {pair.target} {pair.shape}")
        for name in report.left_over:
            echo_text(f"{name} stays behind")
    echo_rows(_describe(report))


def _describe(report: ConversionReport) -> list[tuple[str, str]]:
    steps = f"{len(report.left_over)} step counters, which MindSpore does not have"
    others = f"its names fit {' and '.join(report.alternatives)} too: if it is one, say so"
    return [
        ("output", str(report.output)),
        ("origin", report.origin),
        ("model-name", report.architecture),
        ("attention", others if report.alternatives else ""),
        ("classifier", f"{report.num_classes} classes, {report.in_channels} image channels"),
        ("mapped", f"{report.parameters} tensors"),
        ("missing", f"{len(report.missing)} tensors"),
        ("left over", steps if report.left_over else "0 tensors"),
        ("sha256", report.sha256),
    ]


def _describe_failure(source: Path, error: WeightsError) -> dict[str, object]:
    return {
        "source": source,
        "error": str(error),
        "missing": error.missing,
        "left_over": error.unexpected,
        "mismatched": error.mismatched,
    }
