"""EfficientNet weights of any publisher, made into a file that our networks load: all or nothing.

A file fits a network tensor by tensor, or it is refused with every difference listed; only the step
counters that PyTorch keeps for itself stay behind. No value is changed. Where publishers differ, in
padding and in the constants of batch normalisation, the new file records whose network its weights
are for, so that they give there what they gave.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hub.digests import hash_file
from hub.errors import ArgumentError, MissingDependencyError, WeightsError
from hub.networks.conversion.origins import choose_variant, find_origin, recognise_origin
from hub.networks.conversion.pairing import Counterpart, find_prefix, match_tensors
from hub.networks.variants import find_variant

if TYPE_CHECKING:
    from hub.networks.files.weights import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionReport:
    """What a conversion did, to every tensor.

    Args:
        source: The file that was converted.
        origin: Whose names its tensors have, of :data:`hub.networks.conversion.origins.ORIGINS`.
        architecture: The variant that computes what the source's network computed: the
            ``model-name`` for a card of the new file.
        alternatives: Variants that the same names could be meant for, if nobody has said which.
        num_classes: How many classes the classifier tells apart.
        in_channels: How many channels the images have.
        mapped: Each of the network's parameters, under both names.
        missing: Those that the file lacks. Always empty: a file that lacks one is refused.
        left_over: Tensors that stayed behind, each of them a step counter of PyTorch's.
        output: The new file.
        sha256: Its digest, 64 hexadecimal digits.
    """

    source: Path
    origin: str
    architecture: str
    alternatives: tuple[str, ...]
    num_classes: int
    in_channels: int
    mapped: tuple[Counterpart, ...]
    missing: tuple[str, ...]
    left_over: tuple[str, ...]
    output: Path
    sha256: str

    @property
    def parameters(self) -> int:
        """How many tensors the new file has: all that the network has."""
        return len(self.mapped)


def convert_weights(
    source: str | os.PathLike[str],
    architecture: str,
    output: str | os.PathLike[str],
    *,
    origin: str | None = None,
) -> ConversionReport:
    """Turn a file of weights into one that our network of that name can load.

    The new file appears under its name only when it is complete; until then a file that was there
    before stays as it was. It has as many classes and image channels as the source.

    Args:
        source: A file of PyTorch's (``.pth``, in which nothing is executed), a ``.safetensors`` or
            a MindSpore checkpoint.
        architecture: The network, for example ``"efficientnet_b0"``. A plain name means the
            origin's own network: torchvision's for torchvision's names. timm has two of most, of
            which ``"tf_efficientnet_b0"`` is the other.
        output: Where the weights go: to a ``.ckpt`` or to a ``.safetensors``.
        origin: Whose names the tensors have: ``"efficientnet_pytorch"``, ``"timm"``,
            ``"torchvision"`` or ``"mindspore"``. None tells it by these names.

    Returns:
        What became of every tensor, and the name of the network that the weights are for.

    Raises:
        ArgumentError: ``source`` or ``output`` is no path, ``output`` has another suffix or is
            ``source`` itself, there is no such origin, or its networks are not as
            ``architecture`` says.
        ArchitectureError: There is no such network, or the origin has none.
        CheckpointError: ``source`` cannot be read safely and completely.
        WeightsError: Its tensors are not the network's; the error lists every difference.
        MissingDependencyError: numpy is not installed.
        CacheError: ``output`` cannot be written.

    Example:
        >>> import tempfile, numpy
        >>> from hub.networks.conversion.pairing import pair_names
        >>> from hub.networks.files.weights_file import write_weights
        >>> names = pair_names(find_origin("timm"), find_variant("efficientnet_lite0"), 10)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     source, output = Path(folder, "timm.safetensors"), Path(folder, "lite0.ckpt")
        ...     write_weights(source, {n.source: numpy.ones(n.shape, "float32") for n in names})
        ...     report = convert_weights(source, "tf_efficientnet_lite0", output)
        >>> report.origin, report.architecture, report.parameters, report.num_classes
        ('timm', 'efficientnet_lite0.tf', 247, 10)
    """
    source, output = _check_path("source", source), _check_path("output", output)
    wanted = find_variant(architecture)
    stated = None if origin is None else find_origin(origin)
    if _is_same_file(source, output):
        raise ArgumentError(f"{output} is the file to convert: give the new one another name.")
    _require_numpy()
    from hub.networks.files.weights_file import read_source, write_weights

    weights = read_source(source)
    skip = len(find_prefix(weights.arrays))
    found = stated or recognise_origin([name[skip:] for name in weights.arrays], str(source))
    variant, alternatives = choose_variant(
        found, wanted, recorded=weights.architecture, source=str(source)
    )
    pairs = match_tensors(weights.arrays, found, variant, str(source))
    write_weights(output, _cast(weights.arrays, pairs), architecture=variant.name)
    mapped = {pair.source for pair in pairs}
    return ConversionReport(
        source=source,
        origin=found.name,
        architecture=variant.name,
        alternatives=tuple(other.name for other in alternatives),
        num_classes=pairs[-1].shape[0],
        in_channels=pairs[0].shape[1],
        mapped=pairs,
        missing=(),
        left_over=tuple(name for name in weights.arrays if name not in mapped),
        output=output,
        sha256=hash_file(output),
    )


def _cast(arrays: Mapping[str, Array], pairs: Sequence[Counterpart]) -> dict[str, Array]:
    """Give the tensors our names and float32, which holds all values that are worth keeping."""
    import numpy as np

    with np.errstate(over="ignore"):
        values = {pair.target: np.asarray(arrays[pair.source], np.float32) for pair in pairs}
    lost = tuple(
        f"{pair.source} ({arrays[pair.source].dtype} values that float32 cannot hold)"
        for pair in pairs
        if arrays[pair.source].dtype.itemsize > np.dtype(np.float32).itemsize
        and (np.isinf(values[pair.target]) & np.isfinite(arrays[pair.source])).any()
    )
    if lost:
        raise WeightsError(f"Too large for a network: {', '.join(lost)}.", mismatched=lost)
    return values


def _check_path(argument: str, value: str | os.PathLike[str]) -> Path:
    if not isinstance(value, str | os.PathLike):
        raise ArgumentError(f"{argument} must be a path, not {value!r}")
    return Path(value)


def _is_same_file(source: Path, output: Path) -> bool:
    try:
        return output.samefile(source)
    except (OSError, ValueError):  # one of them isn't there; reading and writing say why
        return False


def _require_numpy() -> None:
    if importlib.util.find_spec("numpy") is None:
        raise MissingDependencyError(
            'Conversion needs numpy: pip install "mshub[mindspore]", or numpy alone.',
            package="numpy",
        )
