"""The command ``hub predict``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from hub.cli.options import asset_options, json_option
from hub.cli.render import echo_json, echo_table, echo_text
from hub.errors import ArgumentError
from hub.terminal import neutralise_line

if TYPE_CHECKING:
    from PIL.Image import Image

    from hub.classifying import Classifier
    from hub.images.predictions import Prediction

_STDIN = "-"
_LONGEST = 256 * 1024 * 1024  # bytes of standard input; no photograph has more


@click.command()
@click.argument("model_id", metavar="ID")
@click.argument("photos", metavar="PHOTO...", nargs=-1, required=True)
@click.option(
    "--top", type=click.IntRange(min=1), default=5, show_default=True, help="How many classes."
)
@click.option(
    "--engine",
    type=click.Choice(["mindspore", "onnxruntime"]),
    default="mindspore",
    show_default=True,
    help="What computes.",
)
@asset_options
@json_option
@click.pass_context
def predict(
    context: click.Context,
    model_id: str,
    photos: tuple[str, ...],
    top: int,
    engine: str,
    allow_unverified: bool,
    lock: str | None,
    locked: bool,
    registry: str | None,
    no_progress: bool,
    as_json: bool,
) -> None:
    """Name what is on photographs: the likeliest classes of each, with their probabilities.

    PHOTO is a file (JPEG, PNG, WebP, TIFF, GIF and the like), or - for standard input. One that
    cannot be read does not stop the others; the exit code is then 1.

    \b
    Examples:
      hub predict MindSpore/efficientnet_b0 cat.jpg dog.jpg
      hub predict MindSpore/efficientnet_b0 holiday/*.jpg --top 1 --json
      curl -s https://example.org/cat.jpg | hub predict MindSpore/efficientnet_b0 -
    """
    if photos.count(_STDIN) > 1:
        raise click.UsageError("Standard input, -, can be read once only.")
    from hub.errors import ImageError

    classifier: Classifier | None = None
    results: list[dict[str, object]] = []
    for photo in photos:
        name = "standard input" if photo == _STDIN else photo
        try:
            image = _read_photo(photo, name)  # before any network: names are mistyped
            if classifier is None:
                classifier = _load_classifier(
                    model_id,
                    engine=engine,
                    allow_unverified=allow_unverified,
                    registry=registry,
                    progress=not no_progress,
                    lock=lock,
                    locked=locked,
                )
            predictions = classifier(image, top=top)
        except ImageError as error:
            message = str(error) if error.source == name else f"{name}: {error}"
            echo_text(f"error: {message}", err=True)
            results.append({"path": photo, "error": message})
            continue
        results.append({"path": photo, "predictions": predictions})
        if not as_json:
            _show(photo, predictions, first=len(results) == 1)
    if as_json:
        model = classifier.card.id if classifier else model_id
        echo_json({"id": model, "photos": results})
    if any("error" in result for result in results):
        context.exit(ImageError.exit_code)


def _read_photo(photo: str, name: str) -> Image:
    from hub.images.packages import require_images

    require_images()
    from hub.images.photographs import open_image

    if photo != _STDIN:
        return open_image(photo, "RGB")
    content = sys.stdin.buffer.read(_LONGEST + 1)
    if len(content) > _LONGEST:
        raise ArgumentError(f"{name} has more than {_LONGEST:,} bytes: it is no photograph")
    return open_image(content, "RGB", name)


def _load_classifier(model_id: str, **options: Any) -> Classifier:
    from hub.classifying import Classifier

    return Classifier(model_id, **options)


def _show(photo: str, predictions: Sequence[Prediction], *, first: bool) -> None:
    if not first:
        echo_text("")
    echo_text(neutralise_line(photo))
    echo_table(
        [
            (f"{each.probability:8.1%}", neutralise_line(each.label), f"({each.index})")
            for each in predictions
        ]
    )
