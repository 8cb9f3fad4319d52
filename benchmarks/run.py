"""What docs/benchmarks.md claims, measured as ratios in one run.

    make bench

Each pair is measured in turn, A B A B …, so that a machine that slows down slows both. The median
of the ratios is what counts; times are printed to give an idea. Children run one at a time.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hub.resources import cards_folder

CARDS = 3000
CORPUS = Path(__file__).parents[2] / "shared" / "corpus"  # official cards, if they are there
VARIANTS = {"efficientnet_b0": 0.45, "efficientnet_b7": 0.25, "efficientnet_v2_l": 0.20}


SHORT_BODY = """
---

## Introduction

This network classifies images. Its code is in the repository under
[configs](https://example.org/owner/models/blob/r1.10/official/cv/README.md), its paper on
[arXiv](https://arxiv.org/abs/1905.11946). All parameters can be trained further.

## Usage

```python
import mindspore_hub as mshub
from mindspore import context

context.set_context(mode=context.GRAPH_MODE, device_target="Ascend", device_id=0)
network = mshub.load("UID")
network.set_train(False)
```

## Citation

The repository of the [models](https://example.org/owner/models).

## Disclaimer

The weights are given for research, as they are. Those who own a data set and do not want it to be
used here can say so in the repository, and it will be taken out. Whoever uses the weights answers
for what they do with them, and heeds the licences of the data sets that they were trained on, which
the repository lists. Nothing here is advice. This paragraph is about as long as those of the cards.
"""


@dataclass(frozen=True)
class Row:
    """One line of the table: ours, what it is compared with, and the budget for the two."""

    what: str
    ours: float
    other: float
    against: str
    ratio: float
    budget: str

    def __str__(self) -> str:
        times = f"{self.ours * 1000:7.0f} ms | {self.other * 1000:7.0f} ms"
        return f"| {self.what} | {times} | {self.against} | {self.ratio:.2f} | {self.budget} |"


def main() -> None:
    """Print the table, as Markdown."""
    print(
        f"{platform.platform()}, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}\n"
    )
    print("| what | ours | other | compared with | ratio | budget |")
    print("| --- | --- | --- | --- | --- | --- |")
    print(measure_import())
    with tempfile.TemporaryDirectory() as folder:
        print(measure_list(Path(folder)))
        for row in measure_validate(Path(folder)):
            print(row)
        for variant, budget in VARIANTS.items():
            print(measure_load(variant, budget, Path(folder)))


def measure_import() -> Row:
    """`import hub` as a whole process, over a Python that imports nothing."""
    ours, other = compare(
        lambda: run_python("-c", "import hub"), lambda: run_python("-c", "pass"), pairs=30
    )
    extra = (statistics.median(ours) - statistics.median(other)) * 1000
    return make_row("import hub", ours, other, "python -c pass", f"+20 ms, is {extra:+.0f} ms")


def measure_list(folder: Path) -> Row:
    """`hub list` as a whole process, over 3,000 cards in the official layout."""
    for number in range(CARDS):
        place = folder / "registry" / "mindspore" / f"{1 + number // 1000}.0"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"model_{number:04}.md").write_text("# card\n")
    command = ("-m", "hub", "list", "--registry", str(folder / "registry"))
    ours, other = compare(
        lambda: run_python(*command), lambda: run_python("-m", "pip", "--version"), pairs=20
    )
    return make_row(f"hub list, {CARDS:,} cards", ours, other, "pip --version", "120 ms ours")


def measure_validate(folder: Path) -> Iterator[Row]:
    """`hub validate`: all offline rules on one thread, one card as a process, an unchanged rerun."""
    cards = write_cards(folder / "cards")
    checked = CORPUS if CORPUS.exists() else cards
    number = sum(1 for _ in checked.rglob("*.md"))
    done = subprocess.run(
        [sys.executable, __file__, "validate", str(checked)],
        capture_output=True,
        text=True,
        check=True,
    )
    times = json.loads(done.stdout.splitlines()[-1])
    speed = number / statistics.median(times["ours"])
    yield make_row(
        f"hub.validate, {number:,} cards, every offline rule, one thread",
        times["ours"],
        times["other"],
        "PyYAML's CSafeLoader over the headers alone",
        f"3,000 cards/s, is {speed:,.0f}",
    )
    one = next(cards.rglob("*.md"))
    ours, other = compare(
        lambda: run_python("-m", "hub", "validate", "--exit-zero", str(one)),
        lambda: run_python("-c", "import yaml"),
        pairs=20,
    )
    yield make_row("hub validate, one card", ours, other, "python -c 'import yaml'", "150 ms ours")
    rerun = ("-m", "hub", "validate", "--exit-zero", "--output-format", "concise", str(cards))
    time.sleep(3)  # results about files younger than this are not remembered
    ours, other = compare(
        lambda: run_python(*rerun),
        lambda: run_python(*rerun, "--no-cache", "--jobs", "1"),
        pairs=3,
    )
    yield make_row(
        f"hub validate, {CARDS:,} unchanged cards", ours, other, "--no-cache", "300 ms ours"
    )


def write_cards(root: Path) -> Path:
    """Write cards in the official layout and of the official lengths: one in 35 is a long one."""
    shipped = (cards_folder() / "MindSpore" / "efficientnet_b0.md").read_text(encoding="utf-8")
    header, body = shipped.split("\n---\n\n# EfficientNet", 1)
    for number in range(CARDS):
        version, name = f"{1 + number // 500}.{1 + number % 9}", f"model{number % 500}"
        text = header.replace("efficientnet_b0", name).replace("2.5", version)
        text = text.replace(
            "f8d7aa2a", hashlib.sha256(name.encode() + version.encode()).hexdigest()
        )
        shown = (
            f"\n---\n\n# EfficientNet{body}"
            if number % 35 == 0
            else SHORT_BODY.replace("UID", f"mindspore/{version}/{name}_imagenet2012")
        )
        place = root / "mindspore" / version / f"{name}_imagenet2012.md"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{text}{shown}\n", encoding="utf-8")
    return root


def validate_in_turn(folder: Path) -> dict[str, list[float]]:
    """Time every offline rule over all cards, and PyYAML over their headers; in a child process."""
    import yaml

    import hub

    def read_with_yaml() -> None:
        for path in sorted(folder.rglob("*.md")):
            header = path.read_text(encoding="utf-8").split("\n---\n", 2)[1]
            header = header.replace("evaluation: -\n", "\n")  # which YAML refuses
            yaml.load(header, Loader=yaml.CSafeLoader)

    configuration = hub.Configuration(select=("ALL",))
    ours, other = compare(
        lambda: hub.validate(folder, config=configuration), read_with_yaml, pairs=5
    )
    return {"ours": ours, "other": other}


def measure_load(variant: str, budget: float, folder: Path) -> Row:
    """`hub.load` from the cache against MindCV's three calls, in a process of each pair's own."""
    command = [sys.executable, __file__, variant, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    times = json.loads(done.stdout.splitlines()[-1])
    against = "MindCV create + load_checkpoint + load_param_into_net"
    return make_row(
        f"hub.load({variant}), cached", times["ours"], times["other"], against, f"≤ {budget}"
    )


def compare(
    ours: Callable[[], object], other: Callable[[], object], *, pairs: int
) -> tuple[list[float], list[float]]:
    """Time two calls in turn, after one call of each that does not count."""
    ours(), other()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(pairs):
        for call, taken in zip((ours, other), times, strict=True):
            start = time.perf_counter()
            call()
            taken.append(time.perf_counter() - start)
    return times


def make_row(what: str, ours: list[float], other: list[float], against: str, budget: str) -> Row:
    """Summarise the pairs: medians of the times, and the median of the pairs' ratios."""
    ratio = statistics.median(a / b for a, b in zip(ours, other, strict=True))
    return Row(what, statistics.median(ours), statistics.median(other), against, ratio, budget)


def run_python(*arguments: str) -> None:
    """Run Python in a child process, with compiled modules as an installed package has them."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True, env=environment)


def load_in_turn(variant: str, folder: Path) -> dict[str, list[float]]:
    """Time both ways to a filled network, MindSpore already imported; runs in a child process."""
    import mindspore
    from mindcv.models import create_model

    import hub

    link = f"https://example.org/{variant}.ckpt"
    checkpoint = folder / f"{variant}.ckpt"
    mindspore.save_checkpoint(create_model(variant), str(checkpoint))
    card, cache = fill_cache(variant, link, checkpoint, folder)

    def load_with_mindcv() -> object:
        network = create_model(variant)
        values = mindspore.load_checkpoint(str(checkpoint))
        mindspore.load_param_into_net(network, values)
        return network.set_train(False)

    ours, other = compare(lambda: hub.load(card, cache=cache), load_with_mindcv, pairs=3)
    return {"ours": ours, "other": other}


def fill_cache(variant: str, link: str, checkpoint: Path, folder: Path) -> tuple[Path, Path]:
    """Put a checkpoint into a cache as a download would, and write a card for it."""
    from hub.assets.cache.cache import Cache
    from hub.digests import Digest, hash_file
    from hub.resources import cards_folder

    cache = Cache(folder / "cache")
    sha256 = hash_file(checkpoint)
    with cache.receive() as (file, partial):
        file.write(checkpoint.read_bytes())
        file.close()
        cache.publish(
            partial,
            sha256,
            link=link,
            digest=Digest(sha256),
            filename=checkpoint.name,
            served_by=link,
        )
    shipped = (cards_folder() / "MindSpore" / "efficientnet_b0.md").read_text(encoding="utf-8")
    lines = shipped.replace("model-name: efficientnet_b0", f"model-name: {variant}").splitlines()
    changes = {"  asset-link:": f" <{link}>", "  asset-sha256:": f" {sha256}"}
    for number, line in enumerate(lines):
        key = line.partition(":")[0] + ":"
        lines[number] = key + changes[key] if key in changes else line
    card = folder / f"{variant}.md"
    card.write_text("\n".join(lines), encoding="utf-8")
    return card, cache.folder


if __name__ == "__main__":
    if sys.argv[1:2] == ["validate"]:
        print(json.dumps(validate_in_turn(Path(sys.argv[2]))))
    elif len(sys.argv) > 1:
        print(json.dumps(load_in_turn(sys.argv[1], Path(sys.argv[2]))))
    else:
        main()
