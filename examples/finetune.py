"""Fine-tuning: a network that knows ImageNet learns to read handwritten digits.

The data are scikit-learn's: 1,797 grey pictures of 8x8 pixels, a quarter of them held out for the
test. The first four stages stay as they are, so their maps are computed once. On them first a new
classifier learns, behind a frozen backbone, then the last three stages learn with it. The tuned weights are saved, and `hub.load` loads them by a card of their own, as it loads any model.

Run it with `make finetune`. The curve is drawn to `examples/output/finetune.png`. It exits with 1
if fewer than 95 of 100 held-out digits are read.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import demo  # beside this file: it publishes a trained EfficientNet-Lite0 on this machine
import matplotlib as mpl
import mindspore
import numpy as np
from mindspore import Tensor, nn, ops
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import hub

SIDE = 64  # pixels; the last of the network's maps is then 2x2
FROZEN = 7  # cells of the network's features: the stem's three, and four of seven stages
BATCH = 32
WANTED = 0.95
Images = np.ndarray[Any, Any]


@dataclass
class Curve:
    """What training measures: the loss of each step, the accuracy after each epoch."""

    losses: list[float] = field(default_factory=list)
    accuracies: list[tuple[int, float]] = field(default_factory=list)  # step, share of right ones
    thawed: int = 0  # the step from which on the last stages learn


def main() -> int:
    """Tune, draw, save and load again; 0 if the digits are read well."""
    mindspore.set_seed(0)
    images, labels = read_digits()
    with demo.publish() as card:
        start, curve = time.perf_counter(), Curve()
        # In evaluation mode batch normalisation keeps ImageNet's statistics, which 1,347 small
        # pictures could only make worse. Gradients flow all the same.
        network = hub.load(card, num_classes=10)
        maps = compute_maps(network, images)
        data = train_test_split(maps, labels, test_size=0.25, random_state=0, stratify=labels)

        unfreeze = hub.freeze_backbone(network)
        train(network, data, curve, epochs=2, learning_rate=3e-3)

        unfreeze()
        for cell in list(network.features)[:FROZEN]:
            for parameter in cell.get_parameters():
                parameter.requires_grad = False
        curve.thawed = len(curve.losses)
        train(network, data, curve, epochs=4, learning_rate=5e-4)

        draw(curve)
        print(f"{time.perf_counter() - start:.0f} s in all; the curve: {demo.OUTPUT}/finetune.png")
        tested = train_test_split(images, labels, test_size=0.25, random_state=0, stratify=labels)
        return save_and_load(network, card, tested[1], tested[3])


def read_digits() -> tuple[Images, Images]:
    """Return float32 images (N, 3, SIDE, SIDE) from -1 to 1, and int32 labels (N,)."""
    digits = load_digits()
    enlarged = [
        np.asarray(Image.fromarray(digit).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
        for digit in digits.images.astype(np.float32) / 8 - 1
    ]
    return np.stack([enlarged] * 3, axis=1), digits.target.astype(np.int32)


def compute_maps(network: nn.Cell, images: Images) -> Images:
    """Send the images through the stages that stay as they are: once, not in every epoch."""
    cells = list(network.features)[:FROZEN]

    @mindspore.jit
    def run(batch: Tensor) -> Tensor:
        for cell in cells:
            batch = cell(batch)
        return batch

    batches = tqdm(np.array_split(images, range(100, len(images), 100)), desc="stages 1 to 4")
    return np.concatenate([run(Tensor(batch)).asnumpy() for batch in batches])


def train(network: nn.Cell, data: Any, curve: Curve, *, epochs: int, learning_rate: float) -> None:
    """Let learn what is not frozen. A step is compiled at its first call, for some seconds."""
    maps, test_maps, labels, test_labels = data
    rate = nn.CosineDecayLR(0.0, learning_rate, epochs * (len(labels) // BATCH))
    optimiser = nn.Adam(network.trainable_params(), rate)
    cells = list(network.features)[FROZEN:]

    def infer(batch: Tensor) -> Tensor:
        for cell in cells:
            batch = cell(batch)
        return network.mlp_head(network.dropout(ops.mean(batch, axis=(2, 3))))

    def loss_of(batch: Tensor, targets: Tensor) -> Tensor:
        return ops.cross_entropy(infer(batch), targets)

    differentiate = mindspore.value_and_grad(loss_of, None, optimiser.parameters)

    @mindspore.jit
    def step(batch: Tensor, targets: Tensor) -> Tensor:
        loss, gradients = differentiate(batch, targets)
        optimiser(gradients)
        return loss

    for epoch in range(epochs):
        order = np.random.default_rng(epoch).permutation(len(labels))
        batches = [order[i : i + BATCH] for i in range(0, len(order) - BATCH + 1, BATCH)]
        for batch in (bar := tqdm(batches, desc=f"{len(optimiser.parameters):3} tensors learn")):
            loss = step(Tensor(maps[batch]), Tensor(labels[batch]))
            curve.losses.append(float(loss.asnumpy()))
            bar.set_postfix(loss=f"{curve.losses[-1]:.2f}")
        accuracy = measure_accuracy(infer, test_maps, test_labels)
        curve.accuracies.append((len(curve.losses), accuracy))
        print(f"    {accuracy:.1%} of {len(test_labels)} held-out digits are read", flush=True)


def measure_accuracy(infer: Callable[[Tensor], Tensor], inputs: Images, labels: Images) -> float:
    """Return the share of the inputs whose likeliest class is the right one."""
    parts = [infer(Tensor(inputs[i : i + 150])).asnumpy() for i in range(0, len(inputs), 150)]
    return float((np.concatenate(parts).argmax(axis=1) == labels).mean())


def save_and_load(network: nn.Cell, card: str, images: Images, labels: Images) -> int:
    """Publish the tuned weights beside the old ones, and load them as anybody would."""
    checkpoint = demo.OUTPUT / "digits.ckpt"
    checkpoint.unlink(missing_ok=True)  # MindSpore writes files that it cannot write again
    mindspore.save_checkpoint(network, str(checkpoint))
    sha256 = hashlib.sha256(checkpoint.read_bytes()).hexdigest()
    link = card.rpartition("/")[0] + f"/{checkpoint.name}"
    text = demo.CARD.format(link=link, sha256=sha256).replace("ImageNet2012", "Digits")
    tuned_card = checkpoint.with_suffix(".md")
    tuned_card.write_text(text, encoding="utf-8")

    print(f"hub.load({str(tuned_card)!r})")
    loaded = hub.load(tuned_card)
    accuracy = measure_accuracy(loaded, images, labels)
    print(
        f"    {loaded.mlp_head.bias.size} classes, {accuracy:.1%} of the held-out digits are read"
    )
    return 0 if accuracy >= WANTED else 1


def draw(curve: Curve) -> None:
    """Draw loss and accuracy over the steps of training."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    smooth = [np.mean(curve.losses[max(0, i - 7) : i + 1]) for i in range(len(curve.losses))]
    left.plot(curve.losses, color="#4c78a8", alpha=0.3)
    left.plot(smooth, color="#4c78a8")
    left.set(yscale="log", title="Loss (a batch; mean of eight)", xlabel="step")
    steps, accuracies = zip(*curve.accuracies, strict=True)
    right.plot(steps, accuracies, "o-", color="#e45756")
    for step, accuracy in curve.accuracies:
        place = {"xytext": (0, 7), "textcoords": "offset points", "ha": "center"}
        right.annotate(f"{accuracy:.1%}", (step, accuracy), **place)
    right.set(ylim=(0, 1.1), title="Accuracy on held-out digits", xlabel="step")
    for axes in (left, right):
        axes.set_xlim(0, len(curve.losses) * 1.06)
        axes.axvspan(0, curve.thawed, color="#eeeeee", label="frozen backbone")
        axes.spines[["top", "right"]].set_visible(False)
    right.legend(loc="lower right", frameon=False)
    figure.suptitle("EfficientNet-Lite0 from ImageNet to digits")
    figure.savefig(demo.OUTPUT / "finetune.png", dpi=120)


if __name__ == "__main__":
    sys.exit(main())
