"""One image through EfficientNet-B0 on the CPU, by several frameworks.

Each contestant is a process of its own that runs once for each line that it reads, since the thread
pools of several frameworks do not get on in one. A pair is two of them in turn, on an idle machine.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from table import Row, compare, make_row

_NAME, _SHAPE = "efficientnet_b0", (1, 3, 224, 224)
_PAIRS = 15
_OURS = f"forward, {_NAME}, batch 1"

Run = Callable[[], object]


def measure_forwards(folder: Path) -> Iterator[Row]:
    """Ours against bare onnxruntime, MindCV on MindSpore, and torchvision on PyTorch."""
    pairs = (
        ("engine='onnxruntime'", "onnxruntime", "bare onnxruntime, the same graph", "≤ 1.15"),
        ("PyNative", "mindcv PyNative", "MindCV, PyNative", ""),
        ("graph mode", "mindcv graph mode", "MindCV, graph mode", ""),
        ("hub.optimize, graph mode", "mindcv graph mode", "MindCV, graph mode", "≤ 0.48"),
        ("engine='onnxruntime'", "torchvision", "torchvision on PyTorch, CPU", ""),
        ("engine='onnxruntime'", "mindcv graph mode", "MindCV, graph mode", ""),
    )
    for ours, other, against, budget in pairs:
        if _is_there(ours) and _is_there(other):
            with ExitStack() as stack:
                run, run_other = (
                    stack.enter_context(start_contestant(name, folder)) for name in (ours, other)
                )
                times = compare(run, run_other, pairs=_PAIRS)
            yield make_row(f"{_OURS}, {ours}", *times, against, budget)


@contextmanager
def start_contestant(name: str, folder: Path) -> Iterator[Run]:
    """Start a process that has a network, and yield a call that has it run once.

    Args:
        name: Which one, a key of ``CONTESTANTS``.
        folder: Where it may put files.
    """
    command = [sys.executable, __file__, name, str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, bufsize=1) as process:
        assert process.stdin
        assert process.stdout
        commands, answers = process.stdin, process.stdout

        def run() -> None:
            commands.write("run\n")
            while (line := answers.readline()) != "done\n":
                if not line:
                    raise RuntimeError(f"{name} failed; see above")

        yield run
        commands.close()


def open_ours(folder: Path) -> Run:
    """Our cell that onnxruntime runs."""
    import mindspore

    cell, images = _open_cell(folder), mindspore.Tensor(_make_images())
    return lambda: cell(images).asnumpy()


def open_onnxruntime(folder: Path) -> Run:
    """The same graph, without us: ten lines that anybody would write."""
    import onnxruntime

    _open_cell(folder)
    (path,) = (folder / "cache" / "blobs").rglob("*.onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _count_cores()
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    images = _make_images()
    return lambda: session.run(None, {"images": images})


def open_native(_: Path) -> Run:
    """Our network on MindSpore's operators."""
    from hub.networks.builders import build_network

    return _run_cell(build_network(_NAME), graph=False)


def open_native_graph(_: Path) -> Run:
    """The same, compiled."""
    from hub.networks.builders import build_network

    return _run_cell(build_network(_NAME), graph=True)


def open_optimised(_: Path) -> Run:
    """Our network, made ready for inference, compiled."""
    from hub.networks.builders import build_network
    from hub.networks.inference import optimize

    return _run_cell(optimize(build_network(_NAME)), graph=True)


def open_mindcv(_: Path) -> Run:
    """MindCV's network."""
    from mindcv.models import create_model

    return _run_cell(create_model(_NAME).set_train(False), graph=False)


def open_mindcv_graph(_: Path) -> Run:
    """The same, compiled."""
    from mindcv.models import create_model

    return _run_cell(create_model(_NAME).set_train(False), graph=True)


def open_torchvision(_: Path) -> Run:
    """Torchvision's network; its wheel from the package registry lacks operators for the CPU."""
    sys.modules["torchvision._meta_registrations"] = types.ModuleType("_meta_registrations")
    import torch
    from torchvision.models import efficientnet_b0

    torch.set_num_threads(_count_cores())
    network, images = efficientnet_b0().eval(), torch.from_numpy(_make_images())

    def run() -> None:
        with torch.inference_mode():
            network(images)

    return run


CONTESTANTS: dict[str, Callable[[Path], Run]] = {
    "engine='onnxruntime'": open_ours,
    "onnxruntime": open_onnxruntime,
    "PyNative": open_native,
    "graph mode": open_native_graph,
    "hub.optimize, graph mode": open_optimised,
    "mindcv PyNative": open_mindcv,
    "mindcv graph mode": open_mindcv_graph,
    "torchvision": open_torchvision,
}
_NEEDS = {
    "engine='onnxruntime'": "onnxruntime",
    "onnxruntime": "onnxruntime",
    "mindcv PyNative": "mindcv",
    "mindcv graph mode": "mindcv",
    "torchvision": "torchvision",
}


def _is_there(name: str) -> bool:
    return name not in _NEEDS or importlib.util.find_spec(_NEEDS[name]) is not None


def _open_cell(folder: Path) -> Any:
    from hub.assets.cache.cache import Cache
    from hub.networks.builders import build_network
    from hub.networks.engines.onnx_network import open_onnx_network

    return open_onnx_network(
        lambda: build_network(_NAME),
        key="benchmark",
        cache=Cache(folder / "cache"),
        input_shape=_SHAPE,
        name=_NAME,
    )


def _run_cell(cell: Any, *, graph: bool) -> Run:
    import mindspore

    mindspore.set_context(mode=mindspore.GRAPH_MODE if graph else mindspore.PYNATIVE_MODE)
    images = mindspore.Tensor(_make_images())
    return lambda: cell(images).asnumpy()


def _make_images() -> Any:
    import numpy

    return numpy.random.default_rng(0).standard_normal(_SHAPE, numpy.float32)


def _count_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _serve(name: str, folder: Path) -> None:
    run = CONTESTANTS[name](folder)
    for _ in sys.stdin:
        run()
        print("done", flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1], Path(sys.argv[2]))
