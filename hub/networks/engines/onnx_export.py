"""A network as an ONNX model that is known to compute the same."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import mindspore
from mindspore import nn, ops

from hub.errors import ArgumentError, LoadError
from hub.networks.engines.agreement import Shape, require_agreement
from hub.networks.engines.onnx_session import OnnxSession
from hub.networks.engines.surroundings import count_bytes, explain_failures, undisturbed

if TYPE_CHECKING:
    import onnx

INPUT, OUTPUT = "images", "logits"  # what exported models call them
_AXES = {0: "batch", 2: "height", 3: "width"}  # of images (N, C, H, W)
_LARGEST = (1 << 31) - (1 << 24)  # bytes: the limit of protocol buffers, less room for the graph

FREE_SIZES = ("batch", "height", "width")
FREE_BATCH = ("batch",)
FIXED = ()


def export_onnx(
    network: nn.Cell, input_shape: Shape, freedoms: Sequence[tuple[str, ...]] = (FREE_BATCH, FIXED)
) -> bytes:
    """Export a network with MindSpore's own exporter, and check what came out.

    Random images go through the network and through onnxruntime: one of the given shape, and
    batches of 2 and 5, of other sizes as well if sizes are free.

    Args:
        network: The network; it is exported in evaluation mode, and left as it was.
        input_shape: The shape ``(N, C, H, W)`` of the images to export it for.
        freedoms: Which axes are to be free, out of ``batch``, ``height`` and ``width``. The first
            choice that the network goes along with is taken; the last one has to work.

    Returns:
        The ONNX model, whose input is called ``images`` and its output ``logits``.

    Raises:
        ArgumentError: The network has more parameters than an ONNX file can hold (2 GB).
        LoadError: MindSpore cannot export the network, or the outputs differ.
        CacheError: There is no room for temporary files.
    """
    size = count_bytes(network)
    if size > _LARGEST:
        raise ArgumentError(
            f"the parameters are {size:,} bytes, and an ONNX file can hold 2 GB of them: export to"
            " safetensors or ckpt, or run the network itself with engine='mindspore'"
        )
    with undisturbed(network) as folder:
        with explain_failures(network, "ONNX"):
            model = _export(network, input_shape, folder)
        *others, last = freedoms
        for free in others:
            try:
                return _check(model, network, input_shape, free)
            except LoadError as error:
                log = logging.getLogger(__name__)
                log.info("not with %s free, since %s", " and ".join(free), error)
        return _check(model, network, input_shape, last)


def _export(network: nn.Cell, input_shape: Shape, folder: Path) -> onnx.ModelProto:
    import onnx

    path = folder / "network.onnx"
    images = ops.zeros(input_shape, mindspore.float32)
    names = {"input_names": [INPUT], "output_names": [OUTPUT]}
    mindspore.onnx.export(network, images, file_name=str(path), **names)
    model = onnx.load_from_string(path.read_bytes())
    if len(model.graph.input) != 1 or len(model.graph.output) != 1:
        raise LoadError("only a network with one input and one output can be exported")
    model.graph.name = type(network).__name__  # MindSpore's has a counter: no two files are equal
    return model


def _check(
    model: onnx.ModelProto, network: nn.Cell, input_shape: Shape, free: tuple[str, ...]
) -> bytes:
    """Return the model with some axes free, once it has shown that it computes the same."""
    import onnx

    _declare(model, input_shape, free)
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as cause:
        raise LoadError(f"MindSpore wrote no valid ONNX model: {cause}") from cause
    content = bytes(model.SerializeToString())
    shapes = _list_shapes(input_shape, free)
    with explain_failures(network, "ONNX"):
        require_agreement(network, OnnxSession(content).run, shapes, what="the ONNX model")
    return content


def _declare(model: onnx.ModelProto, input_shape: Shape, free: tuple[str, ...]) -> None:
    """Say which axes are free: MindSpore writes numbers for all of them."""
    dimensions = model.graph.input[0].type.tensor_type.shape.dim
    for axis, (dimension, size) in enumerate(zip(dimensions, input_shape, strict=True)):
        dimension.dim_value = size
        if _AXES.get(axis) in free:
            dimension.dim_param = _AXES[axis]
    batch, *others = model.graph.output[0].type.tensor_type.shape.dim
    if "batch" in free:
        batch.dim_param = "batch"
    else:
        batch.dim_value = input_shape[0]
    if len(others) == 3:  # a feature map (N, C, H, W)
        for side, dimension in zip(("height", "width"), others[1:], strict=True):
            if side in free:
                dimension.dim_param = f"{OUTPUT}_{side}"


def _list_shapes(input_shape: Shape, free: tuple[str, ...]) -> list[Shape]:
    """List what to try; a graph that holds for sizes it was not made for has none built in."""
    _, channels, height, width = input_shape
    if free == FREE_SIZES:
        return [input_shape, (2, channels, 97, 75), (5, channels, 64, 96)]
    if free == FREE_BATCH:
        return [(batch, channels, height, width) for batch in (1, 2, 5)]
    return [input_shape]
