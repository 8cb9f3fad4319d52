"""A network that is loaded from the cache, against MindCV's own way to it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from table import Row, ask_child, compare, make_row

_VARIANTS = {"efficientnet_b0": 0.45, "efficientnet_b7": 0.25, "efficientnet_v2_l": 0.20}


def measure_loads(folder: Path) -> Iterator[Row]:
    """`hub.load` from the cache against MindCV's three calls, in a process of each pair's own."""
    for variant, budget in _VARIANTS.items():
        times = ask_child(__file__, variant, folder)
        against = "MindCV create + load_checkpoint + load_param_into_net"
        what = f"hub.load({variant}), cached"
        yield make_row(what, times["ours"], times["other"], against, f"≤ {budget}")


def load_in_turn(variant: str, folder: Path) -> dict[str, list[float]]:
    """Time both ways to a filled network, MindSpore already imported; runs in a child process."""
    import mindspore
    from filled_cache import fill_cache
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


if __name__ == "__main__":
    print(json.dumps(load_in_turn(sys.argv[1], Path(sys.argv[2]))))
