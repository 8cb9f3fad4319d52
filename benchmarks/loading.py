"""A network that is loaded from the cache, against MindCV's own way to it: time and memory."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from memory import read_peak
from table import MB, Row, ask_child, compare, make_row

_VARIANTS = {"efficientnet_b0": 0.45, "efficientnet_b7": 0.25, "efficientnet_v2_l": 0.20}
_LARGE = "efficientnet_b7"  # whose memory is measured
_SMALL = "efficientnet_b0"  # whose file alone is read
_PAIRS = 3
_MINDCV = "MindCV create + load_checkpoint + load_param_into_net"


def measure_loads(folder: Path) -> Iterator[Row]:
    """`hub.load` from the cache against MindCV's three calls, in a process of each pair's own."""
    for variant, budget in _VARIANTS.items():
        times = ask_child(__file__, "loads", variant, folder)
        what = f"hub.load({variant}), cached"
        yield make_row(what, times["ours"], times["other"], _MINDCV, f"≤ {budget}")
    for suffix in ("ckpt", "safetensors"):
        times = ask_child(__file__, "files", _SMALL, folder / f"alone.{suffix}")
        what = f"{_SMALL}'s .{suffix} as parameters"
        yield make_row(what, times["ours"], times["other"], "mindspore.load_checkpoint", "")
    yield from _measure_peaks(folder)


def _measure_peaks(folder: Path) -> Iterator[Row]:
    """What loading takes besides the network: the peak of a process less that of a bare build."""
    if not Path("/proc/self/status").exists():
        return
    extra = {way: [_measure_extra(way, folder) for _ in range(_PAIRS)] for way in ("hub", "mindcv")}
    size = [float((folder / f"{_LARGE}.ckpt").stat().st_size)] * _PAIRS
    what = f"peak memory of hub.load({_LARGE}) over the network's own"
    yield make_row(what, extra["hub"], size, "the checkpoint's size", "≤ 1.3", MB)
    yield make_row(what, extra["hub"], extra["mindcv"], _MINDCV, "", MB)


def _measure_extra(way: str, folder: Path) -> float:
    filled, bare = (
        ask_child(__file__, f"{way} {what}", _LARGE, folder) for what in ("filled", "bare")
    )
    return float(filled - bare)


def load_in_turn(variant: str, folder: Path) -> dict[str, list[float]]:
    """Time both ways to a filled network, MindSpore already imported."""
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

    ours, other = compare(lambda: hub.load(card, cache=cache), load_with_mindcv, pairs=_PAIRS)
    return {"ours": ours, "other": other}


def read_in_turn(variant: str, file: Path) -> dict[str, list[float]]:
    """Time both ways from a file to parameters."""
    import mindspore
    from mindcv.models import create_model

    from hub.networks.checkpoint import read_checkpoint

    kind = file.suffix[1:]
    mindspore.save_checkpoint(create_model(variant), str(file), format=kind)
    ours, other = compare(
        lambda: read_checkpoint(file),
        lambda: mindspore.load_checkpoint(str(file), format=kind),
        pairs=4 * _PAIRS,
    )
    return {"ours": ours, "other": other}


def fill_with_hub(variant: str, folder: Path) -> int:
    """Return the peak of memory after `hub.load` from the cache that `load_in_turn` filled."""
    import hub

    hub.load(folder / f"{variant}.md", cache=folder / "cache")
    return read_peak()


def build_with_hub(variant: str, folder: Path) -> int:
    """Return the peak of memory after the same without a checkpoint."""
    import hub

    hub.load(folder / f"{variant}.md", pretrained=False)
    return read_peak()


def fill_with_mindcv(variant: str, folder: Path) -> int:
    """Return the peak of memory after MindCV's three calls."""
    import mindspore
    from mindcv.models import create_model

    network = create_model(variant)
    values = mindspore.load_checkpoint(str(folder / f"{variant}.ckpt"))
    mindspore.load_param_into_net(network, values)
    return read_peak()


def build_with_mindcv(variant: str, _: Path) -> int:
    """Return the peak of memory after the first of them."""
    from mindcv.models import create_model

    create_model(variant)
    return read_peak()


# What runs in a child process of its own.
JOBS: dict[str, Callable[[str, Path], object]] = {
    "loads": load_in_turn,
    "files": read_in_turn,
    "hub filled": fill_with_hub,
    "hub bare": build_with_hub,
    "mindcv filled": fill_with_mindcv,
    "mindcv bare": build_with_mindcv,
}

if __name__ == "__main__":
    job, name, place = sys.argv[1:]
    print(json.dumps(JOBS[job](name, Path(place))))
