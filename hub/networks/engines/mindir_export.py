"""A network as a MindIR file, MindSpore's own form of a graph with its parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mindspore
from mindspore import Tensor, nn

from hub.errors import ArgumentError
from hub.networks.engines.agreement import Shape, require_agreement
from hub.networks.engines.surroundings import count_bytes, explain_failures, undisturbed

_LARGEST = (1 << 30) - (1 << 24)  # bytes: beyond it, MindSpore writes several files


def export_mindir(network: nn.Cell, input_shape: Shape, *, free_batch: bool = True) -> bytes:
    """Export a network to MindIR, and check that what MindSpore reads from it computes the same.

    Args:
        network: The network; it is exported in evaluation mode, and left as it was.
        input_shape: The shape ``(N, C, H, W)`` of the images to export it for.
        free_batch: Whether any number of images may come at once, not only N.

    Returns:
        The file's content, for :func:`mindspore.load` and :class:`mindspore.nn.GraphCell`.

    Raises:
        ArgumentError: The network has more parameters than one MindIR file holds (1 GB).
        LoadError: MindSpore cannot export the network, or the outputs differ.
        CacheError: There is no room for temporary files.
    """
    size = count_bytes(network)
    if size > _LARGEST:
        raise ArgumentError(
            f"the parameters are {size:,} bytes, and MindSpore puts more than 1 GB of them into"
            " several files: export to safetensors or ckpt"
        )
    batch, *image = input_shape
    with undisturbed(network) as folder, explain_failures(network, "MindIR"):
        path = folder / "network.mindir"
        images = Tensor(shape=(None if free_batch else batch, *image), dtype=mindspore.float32)
        mindspore.export(network, images, file_name=str(path), file_format="MINDIR")
        batches = (1, 2, 5) if free_batch else (batch,)
        shapes = [(number, *image) for number in batches]
        require_agreement(network, _open(path), shapes, what="the MindIR file")
        return path.read_bytes()


def _open(path: Path) -> Any:
    graph = nn.GraphCell(mindspore.load(str(path)))
    return lambda images: graph(Tensor.from_numpy(images)).asnumpy()
