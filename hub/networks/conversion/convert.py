"""EfficientNet weights of PyTorch, made into a MindSpore checkpoint: exactly, or not at all.

The tensors are read by :mod:`hub.networks.files.torch_file`, their names are translated by
:mod:`hub.networks.conversion.torch_names`. A file fits the variant tensor by tensor, or it is refused with
every difference listed; only what PyTorch counts for itself is left behind.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub.digests import hash_file
from hub.errors import ArgumentError, CacheError, WeightsError
from hub.networks.builders import require_mindspore
from hub.networks.conversion.torch_names import Counterpart, pair_names
from hub.networks.files.torch_file import read_torch_file
from hub.networks.variants import Variant, find_variant

Array = NDArray[Any]

_COUNTER = ".num_batches_tracked"  # PyTorch counts its training steps; MindSpore does not
_CLASSES = 1000  # ImageNet's
_SHOWN = 8  # differences of a kind that a message spells out; the error's attributes have all


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionReport:
    """What a conversion did.

    Args:
        architecture: The variant's name.
        num_classes: How many classes the classifier tells apart.
        parameters: How many tensors went into the checkpoint: all that the network has.
        ignored: How many were left behind, each a training-step counter of PyTorch.
        output: The checkpoint.
        sha256: Its digest, 64 hexadecimal digits.
    """

    architecture: str
    num_classes: int
    parameters: int
    ignored: int
    output: Path
    sha256: str


def convert_weights(
    source: str | os.PathLike[str], architecture: str, output: str | os.PathLike[str]
) -> ConversionReport:
    """Turn a PyTorch weights file into a checkpoint that our network of that name can load.

    The checkpoint appears under its name only when it is complete; until then a file that was
    there before stays as it was.

    Args:
        source: A file of ``torch.save``, with the names of ``efficientnet_pytorch``.
        architecture: The variant, for example ``"efficientnet_lite0"``.
        output: Where the checkpoint goes; ends in ``.ckpt``.

    Returns:
        What was done. The number of classes is the file's own.

    Raises:
        ArgumentError: ``output`` does not end in ``.ckpt`` or is ``source`` itself.
        ArchitectureError: There is no such variant, or none whose PyTorch names we know.
        CheckpointError: ``source`` is not a PyTorch file that can be read safely.
        WeightsError: Its tensors are not the variant's; the message lists every difference.
        MissingDependencyError: MindSpore is not installed.
        CacheError: ``output`` cannot be written.

    Example:
        >>> convert_weights("weights.pth", "efficientnet_lite0", "lite0.onnx")
        Traceback (most recent call last):
            ...
        hub.errors.ArgumentError: A checkpoint's name ends in .ckpt, unlike 'lite0.onnx'.
    """
    source, output = Path(source), Path(output)
    _check_output(source, output)
    variant = find_variant(architecture)
    tensors = read_torch_file(source)
    weights = rename_weights(tensors, variant, str(source))
    _write_checkpoint(weights, output)
    return ConversionReport(
        architecture=variant.name,
        num_classes=_num_classes(tensors),
        parameters=len(weights),
        ignored=len(tensors) - len(weights),
        output=output,
        sha256=hash_file(output),
    )


def rename_weights(
    tensors: Mapping[str, Array], variant: Variant, origin: str = "the file"
) -> dict[str, Array]:
    """Give PyTorch's tensors the names, the order and the type that our network has them in.

    Args:
        tensors: All tensors of a state dictionary.
        variant: The network they are for.
        origin: Where they come from, for the error message.

    Returns:
        The network's parameters, in its order: float32, copied.

    Raises:
        ArchitectureError: The variant has blocks that ``efficientnet_pytorch`` doesn't know.
        WeightsError: A tensor is missing, left over, mis-shaped or not of a floating type. Only
            PyTorch's training-step counters may be left over.

    Example:
        >>> lite0 = find_variant("efficientnet_lite0")
        >>> rename_weights({"_fc.bias": np.zeros(10)}, lite0)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        hub.errors.WeightsError: the file does not hold the weights of efficientnet_lite0:
          246 missing: _conv_stem.weight, ...
    """
    pairs = pair_names(variant, _num_classes(tensors))
    _check_weights(tensors, pairs, variant, origin)
    with np.errstate(over="ignore"):  # what only float64 can hold becomes infinite
        return {
            pair.target: np.array(_shift(tensors[pair.source], pair.shift), np.float32)
            for pair in pairs
        }


def _shift(tensor: Array, by: float) -> Array:
    """Add in double precision: half a tensor's digits would be lost in its own."""
    return tensor.astype(np.float64) + by if by else tensor


def _num_classes(tensors: Mapping[str, Array]) -> int:
    bias = tensors.get("_fc.bias")
    return _CLASSES if bias is None or bias.ndim != 1 else len(bias)


def _check_weights(
    tensors: Mapping[str, Array], pairs: Sequence[Counterpart], variant: Variant, origin: str
) -> None:
    wanted = {pair.source: pair.shape for pair in pairs}
    differences = {
        "missing": [name for name in wanted if name not in tensors],
        "unexpected": [
            name for name in tensors if name not in wanted and not name.endswith(_COUNTER)
        ],
        "mismatched": [
            f"{name} ({tensors[name].dtype} {tensors[name].shape} instead of float32 {shape})"
            for name, shape in wanted.items()
            if name in tensors and not _fits(tensors[name], shape)
        ],
    }
    if any(differences.values()):
        lines = [f"{origin} does not hold the weights of {variant.name}:"]
        lines += [_line(kind, names) for kind, names in differences.items() if names]
        raise WeightsError("\n".join(lines), **differences)


def _fits(tensor: Array, shape: tuple[int, ...]) -> bool:
    return tensor.shape == shape and np.issubdtype(tensor.dtype, np.floating)


def _line(kind: str, names: Sequence[str]) -> str:
    more = f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"  {len(names)} {kind}: {', '.join(names[:_SHOWN])}{more}"


def _check_output(source: Path, output: Path) -> None:
    if output.suffix != ".ckpt":
        raise ArgumentError(f"A checkpoint's name ends in .ckpt, unlike {str(output)!r}.")
    if output.exists() and source.exists() and output.samefile(source):
        raise ArgumentError(f"{output} is the file to convert: give the checkpoint another name.")


def _write_checkpoint(weights: Mapping[str, Array], output: Path) -> None:
    """Write beside the output, under another name, and put the whole file in its place."""
    require_mindspore()
    try:
        with tempfile.TemporaryDirectory(prefix=".mshub-", dir=output.parent) as folder:
            draft = Path(folder, output.name)
            _save(weights, draft)
            draft.replace(output)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CacheError(f"{output} cannot be written: {reason}.", path=str(output)) from error


def _save(weights: Mapping[str, Array], path: Path) -> None:
    import mindspore

    path.touch()
    mode = stat.S_IMODE(path.stat().st_mode)  # what the umask leaves
    parameters = [
        {"name": name, "data": mindspore.Tensor.from_numpy(values)}
        for name, values in weights.items()
    ]
    mindspore.save_checkpoint(parameters, str(path))
    path.chmod(mode)  # MindSpore leaves 0400
