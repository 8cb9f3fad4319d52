"""The family in a picture: parameters and measured time against published accuracy.

Usage::

    python benchmarks/family.py             measure all, then draw
    python benchmarks/family.py b0 lite0    measure these anew, keep what is known of the others
    python benchmarks/family.py --draw      draw what was measured last

It writes docs/family.json (what was measured), docs/family.svg and the table in docs/networks.md.
A variant that takes too long is named, and has no time in them.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hub.networks.summary import summarise_variant
from hub.networks.variants import find_variant

DOCS = Path(__file__).parent.parent / "docs"
RESULTS, PICTURE, PAGE = DOCS / "family.json", DOCS / "family.svg", DOCS / "networks.md"
BEGIN, END = "<!-- family.py writes from here -->\n", "<!-- to here -->\n"

SECONDS = 2  # of processor time for which one network is run again and again
LEAST_RUNS = 3
PATIENCE = 150  # seconds for building, exporting and running one network

B_PAPER = "[B, Table 2](https://arxiv.org/abs/1905.11946)"
V2_PAPER = "[V2, Table 7](https://arxiv.org/abs/2104.00298)"
V2_README = "[V2's README](https://github.com/google/automl/tree/master/efficientnetv2)"
LITE_README = "[Lite's README](https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite)"


@dataclass(frozen=True)
class Published:
    """What a publication says of a variant: its top-1 accuracy on ImageNet in percent, and where.

    ``beside`` is where its label stands in the picture, points to the right and upwards, and
    ``beside_time`` the same for the second panel, where it differs.
    """

    name: str
    accuracy: float
    source: str
    beside: tuple[int, int]
    beside_time: tuple[int, int] | None = None

    @property
    def label(self) -> str:
        """The name in the picture."""
        short = self.name.removeprefix("efficientnet_")
        return {"b": short.upper(), "l": short.title(), "v": short.upper().replace("_", "-")}[
            short[0]
        ]


@dataclass(frozen=True)
class Series:
    """Variants that one line connects, smallest first; all of them were trained on ImageNet alone."""

    title: str
    color: str
    variants: tuple[Published, ...]


UP, DOWN, LEFT, RIGHT = (-4, 8), (2, -15), (-22, 2), (14, -8)

FAMILY = (
    Series(
        "EfficientNet, 2019",
        "#2f6db5",
        (
            Published("efficientnet_b0", 77.1, B_PAPER, (-13, 1)),
            Published("efficientnet_b1", 79.1, B_PAPER, RIGHT),
            Published("efficientnet_b2", 80.1, B_PAPER, RIGHT, UP),
            Published("efficientnet_b3", 81.6, B_PAPER, UP),
            Published("efficientnet_b4", 82.9, B_PAPER, (12, -12)),
            Published("efficientnet_b5", 83.6, B_PAPER, DOWN),
            Published("efficientnet_b6", 84.0, B_PAPER, DOWN),
            Published("efficientnet_b7", 84.3, B_PAPER, DOWN),
        ),
    ),
    Series(
        "EfficientNet-Lite, 2020",
        "#d9822b",
        (
            Published("efficientnet_lite0", 75.1, LITE_README, DOWN),
            Published("efficientnet_lite1", 76.7, LITE_README, (20, -8)),
            Published("efficientnet_lite2", 77.6, LITE_README, (20, -10)),
            Published("efficientnet_lite3", 79.8, LITE_README, (20, -16)),
            Published("efficientnet_lite4", 81.5, LITE_README, (20, -10)),
        ),
    ),
    Series(
        "EfficientNetV2, 2021",
        "#2e8b57",
        (
            Published("efficientnet_v2_b0", 78.7, V2_README, LEFT),
            Published("efficientnet_v2_b1", 79.8, V2_README, LEFT),
            Published("efficientnet_v2_b2", 80.5, V2_README, LEFT, (24, -8)),
            Published("efficientnet_v2_b3", 82.1, V2_README, (24, -8)),
            Published("efficientnet_v2_s", 83.9, V2_PAPER, UP),
            Published("efficientnet_v2_m", 85.1, V2_PAPER, UP),
            Published("efficientnet_v2_l", 85.7, V2_PAPER, UP),
        ),
    ),
)


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for, then draw and write the table; 2 for a name that is not in the family."""
    names = [point.name for series in FAMILY for point in series.variants]
    wanted = [f"efficientnet_{name.removeprefix('efficientnet_')}" for name in arguments]
    if arguments == ["--draw"]:
        wanted = []
    elif unknown := sorted(set(wanted) - set(names)):
        print(f"{unknown[0]} is not in the family: {', '.join(names)}", file=sys.stderr)
        return 2
    measured = json.loads(RESULTS.read_text())["milliseconds"] if arguments else {}
    for name in wanted or ([] if arguments else names):
        found = ask_process(name)
        if found is None:
            print(f"{name:20} left out: more than {PATIENCE} s to build, export and run")
            continue
        print(f"{name:20} {found:8.1f} ms", flush=True)
        measured[name] = found
        save(measured)
    draw(measured)
    write_table(measured)
    return 0


def ask_process(name: str) -> float | None:
    """Measure a network in a process of its own, in milliseconds; None if that takes too long."""
    command = [sys.executable, __file__, "--one", name]
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return None
    return float(done.stdout.splitlines()[-1])


def measure_one(name: str) -> float:
    """Run a network with random weights on one image of its own resolution, by onnxruntime.

    What counts is the time of one processor core, not of the clock, so that other programs on the
    machine make little difference.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # before any thread starts
    import numpy as np

    from hub.assets.cache.cache import Cache
    from hub.networks.builders import build_network
    from hub.networks.engines.onnx_network import open_onnx_network

    side = find_variant(name).resolution
    images = np.random.default_rng(0).standard_normal((1, 3, side, side), np.float32)
    with tempfile.TemporaryDirectory() as folder:
        network = open_onnx_network(
            lambda: build_network(name),
            key=name,
            cache=Cache(folder),
            input_shape=(1, 3, 64, 64),  # it takes any size, and is checked sooner with this one
            name=name,
        )
        network(images)  # the first run sets up memory
    times: list[float] = []
    while len(times) < LEAST_RUNS or sum(times) < SECONDS:
        start = time.process_time()
        network(images)
        times.append(time.process_time() - start)
    return round(min(times) * 1000, 2)


def save(measured: dict[str, float]) -> None:
    """Write what was measured, and on what."""
    from importlib.metadata import version

    results = {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "onnxruntime": version("onnxruntime"),
        "date": time.strftime("%Y-%m-%d"),
        "milliseconds": measured,
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


def draw(measured: dict[str, float]) -> None:
    """Draw accuracy against parameters, and beside it against time."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams.update(
        {
            "font.family": "DejaVu Sans",
            "font.size": 10,
            "text.color": "#333333",
            "axes.labelcolor": "#333333",
            "xtick.color": "#666666",
            "ytick.color": "#666666",
            "svg.hashsalt": "mshub",  # the same file for the same numbers
            "svg.fonttype": "path",
        }
    )
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5.6), sharey=True, layout="constrained")
    for series in FAMILY:
        sizes = [find_variant(point.name).count_parameters() / 1e6 for point in series.variants]
        draw_line(left, series, [(point, point.beside) for point in series.variants], sizes)
        timed = [point for point in series.variants if point.name in measured]
        labels = [(point, point.beside_time or point.beside) for point in timed]
        draw_line(right, series, labels, [measured[point.name] for point in timed])
    for axes, title in ((left, "Accuracy and size"), (right, "Accuracy and time")):
        axes.set_title(title, loc="left", fontsize=11, fontweight="bold")
    left.set_xlabel("parameters, millions")
    right.set_xlabel("one image on one core, milliseconds (onnxruntime, own resolution)")
    left.set_ylabel("top-1 accuracy on ImageNet as published, %")
    left.set_xticks([4, 8, 16, 32, 64, 128], [4, 8, 16, 32, 64, 128])
    right.set_xticks(ticks := [4, 10, 25, 60, 150, 400, 1000, 2500], ticks)
    for axes in (left, right):
        axes.minorticks_off()
        axes.grid(color="#e6e6e6", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
        for side in ("top", "right", "left", "bottom"):
            axes.spines[side].set_visible(False)
    left.margins(x=0.08, y=0.09)
    right.margins(x=0.08)
    left.legend(loc="lower right", frameon=False)
    figure.savefig(PICTURE, facecolor="white", metadata={"Date": None})


def draw_line(
    axes: object,
    series: Series,
    points: Sequence[tuple[Published, tuple[int, int]]],
    places: Sequence[float],
) -> None:
    """Draw one series at places along the x axis, and name its points beside them."""
    axes.semilogx(
        places,
        [point.accuracy for point, _ in points],
        marker="o",
        markersize=6,
        markeredgecolor="white",
        linewidth=1.8,
        color=series.color,
        label=series.title,
    )
    for (point, beside), place in zip(points, places, strict=True):
        axes.annotate(
            point.label,
            (place, point.accuracy),
            xytext=beside,
            textcoords="offset points",
            ha="center",
            fontsize=8.5,
            color=series.color,
        )


def write_table(measured: dict[str, float]) -> None:
    """Write the table into the page, between its two marks."""
    results = json.loads(RESULTS.read_text())
    lines = [
        "| variant | parameters | multiply-adds | resolution | top-1 | published in | ms |",
        "| --- | ---: | ---: | ---: | ---: | --- | ---: |",
    ]
    for series in FAMILY:
        for point in series.variants:
            summary = summarise_variant(find_variant(point.name))
            result = measured.get(point.name)
            speed = f"{result:,.1f}" if result else "-"
            lines.append(
                f"| `{point.name}` | {summary.parameters / 1e6:.1f} M"
                f" | {summary.multiply_adds / 1e9:.2f} G | {summary.resolution}"
                f" | {point.accuracy} % | {point.source} | {speed} |"
            )
    words = (
        f"\nMeasured on {results['date']}: {results['machine']}, onnxruntime"
        f" {results['onnxruntime']}, one image at a time, random weights; processor time of one"
        f" core, the best of {LEAST_RUNS} runs or more.\n"
    )
    page = PAGE.read_text(encoding="utf-8")
    before, after, table = page.split(BEGIN)[0], page.split(END)[1], "\n".join(lines)
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n{words}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(measure_one(sys.argv[2]))
        sys.exit(0)
    sys.exit(main(sys.argv[1:]))
