"""A network as a file for other programs: ONNX or MindIR, checked before it gets its name."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from hub.errors import ArgumentError
from hub.files import write_file

if TYPE_CHECKING:
    from mindspore import nn

GRAPHS = ("onnx", "mindir")


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that was exported.

    Attributes:
        path: Where it is.
        file_format: ``onnx``, ``mindir``, ``safetensors`` or ``ckpt``.
        architecture: The network's name.
        size: Its size in bytes.
        sha256: Its digest, 64 hexadecimal digits.
        input_name: What an ONNX model calls its input; empty for the other formats.
        input_shape: The shape of the images, with a name for each free axis; empty if the file
            holds weights alone.
    """

    path: Path
    file_format: str
    architecture: str
    size: int
    sha256: str
    input_name: str = ""
    input_shape: tuple[int | str, ...] = ()


def export_network(
    network: nn.Cell,
    output: str | PathLike[str],
    *,
    to: str,
    input_shape: tuple[int | None, int, int, int],
    name: str = "network",
) -> ExportedFile:
    """Write a network with its weights as a file that another program runs.

    The file is compared with the network by random images before it gets its name.

    Args:
        network: The network; it is exported in evaluation mode, and left as it was.
        output: The new file; one of that name is replaced.
        to: ``onnx`` or ``mindir``.
        input_shape: The shape ``(N, C, H, W)`` of the images; None for N takes any number.
        name: What the network is called.

    Returns:
        What was written.

    Raises:
        ArgumentError: There is no such format, or the network is too large for it.
        LoadError: MindSpore cannot export the network, or the file puts out something else.
        CacheError: The file cannot be written.
        MissingDependencyError: onnx or onnxruntime is not installed.

    Example:
        >>> import tempfile
        >>> from hub.networks.builders import build_network
        >>> network = build_network("efficientnet_lite0")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "lite0.onnx")
        ...     file = export_network(network, path, to="onnx", input_shape=(None, 3, 64, 64))
        >>> file.input_name, file.input_shape
        ('images', ('batch', 3, 64, 64))
    """
    if to not in GRAPHS:
        raise ArgumentError(f"a network is exported to {' or '.join(GRAPHS)}, not to {to!r}")
    batch, *image = input_shape
    shape = (1 if batch is None else batch, *image)
    if to == "onnx":
        from hub.networks.engines.onnx_export import FIXED, FREE_BATCH, INPUT, export_onnx
        from hub.networks.engines.onnx_session import require_onnx

        require_onnx()
        content = export_onnx(network, shape, [FREE_BATCH if batch is None else FIXED])
        input_name = INPUT
    else:
        from hub.networks.engines.mindir_export import export_mindir

        content = export_mindir(network, shape, free_batch=batch is None)
        input_name = ""
    write_file(str(output), content)
    return ExportedFile(
        path=Path(output),
        file_format=to,
        architecture=name,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        input_name=input_name,
        input_shape=("batch" if batch is None else batch, *image),
    )
