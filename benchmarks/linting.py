"""The rules over cards, against PyYAML over their headers alone."""

from __future__ import annotations

import hashlib
import json
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from table import Row, ask_child, compare, make_row, run_python

from hub.resources import cards_folder

_CARDS = 3000
_CORPUS = Path(__file__).parents[2] / "shared" / "corpus"  # official cards, if they are there

_SHORT_BODY = """
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


def measure_validate(folder: Path) -> Iterator[Row]:
    """`hub validate`: all offline rules on one thread, one card as a process, an unchanged rerun."""
    cards = write_cards(folder / "cards")
    checked = _CORPUS if _CORPUS.exists() else cards
    number = sum(1 for _ in checked.rglob("*.md"))
    times = ask_child(__file__, checked)
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
        f"hub validate, {_CARDS:,} unchanged cards", ours, other, "--no-cache", "300 ms ours"
    )


def write_cards(root: Path) -> Path:
    """Write cards in the official layout and of the official lengths: one in 35 is a long one."""
    shipped = (cards_folder() / "MindSpore" / "efficientnet_b0.md").read_text(encoding="utf-8")
    header, body = shipped.split("\n---\n\n# EfficientNet", 1)
    for number in range(_CARDS):
        version, name = f"{1 + number // 500}.{1 + number % 9}", f"model{number % 500}"
        text = header.replace("efficientnet_b0", name).replace("2.5", version)
        text = text.replace(
            "f8d7aa2a", hashlib.sha256(name.encode() + version.encode()).hexdigest()
        )
        shown = (
            f"\n---\n\n# EfficientNet{body}"
            if number % 35 == 0
            else _SHORT_BODY.replace("UID", f"mindspore/{version}/{name}_imagenet2012")
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


if __name__ == "__main__":
    print(json.dumps(validate_in_turn(Path(sys.argv[1]))))
