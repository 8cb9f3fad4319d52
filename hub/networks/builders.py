"""The ways to a network: with initial parameters, or filled from a checkpoint.

This module is what the rest of mshub calls. It can be imported without MindSpore, and says what to
install when a function needs it.
"""

from __future__ import annotations

import importlib.util
import operator
from collections.abc import Mapping
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, SupportsIndex

from hub.errors import ArgumentError, MissingDependencyError
from hub.networks.variants import Variant, find_variant

if TYPE_CHECKING:
    from mindspore import nn

    from hub.networks.files.checkpoint_file import Array

_NUM_CLASSES = 1000  # ImageNet's, when nobody says otherwise
_RGB = 3
_MOST = 1_000_000  # classes or channels; more is a slip, and would exhaust the memory


def build_network(
    architecture: str, *, num_classes: int | None = None, in_channels: int = _RGB
) -> nn.Cell:
    """Build a network with random initial parameters, to train it.

    Args:
        architecture: The variant's name, as ``"efficientnet_b0"``.
        num_classes: Outputs of the classifier; ``None`` means ImageNet's 1000.
        in_channels: Channels of the image.

    Returns:
        The network, in evaluation mode: call ``set_train()`` before training.

    Raises:
        ArgumentError: ``num_classes`` or ``in_channels`` is not a whole number from 1 to 1,000,000.
        ArchitectureError: mshub builds no network of this name.
        MissingDependencyError: MindSpore is not installed, or does not work with this numpy.

    Example:
        >>> network = build_network("efficientnet_lite0", num_classes=10)
        >>> network.mlp_head.weight.shape
        (10, 1280)
    """
    variant = check_request(architecture, num_classes=num_classes, in_channels=in_channels)
    require_mindspore()
    from hub.networks.efficientnet import EfficientNet

    classes = _NUM_CLASSES if num_classes is None else int(num_classes)
    return EfficientNet(variant, classes, int(in_channels)).set_train(False)


def load_network(
    architecture: str,
    checkpoint_path: str | PathLike[str],
    *,
    num_classes: int | None = None,
    in_channels: int = _RGB,
    strict: bool = True,
) -> nn.Cell:
    """Build a network and fill it with a checkpoint's parameters.

    For fine-tuning, ask for other classes or channels than the checkpoint has. Other classes: the
    classifier gets initial parameters. Other channels than its three: the first convolution gets
    the three filters summed up (one channel), or repeated and scaled, so that its outputs keep
    their size.

    Args:
        architecture: The variant's name, as ``"efficientnet_b0"``.
        checkpoint_path: The ``.ckpt`` file, which may be changed or deleted afterwards.
        num_classes: Outputs of the classifier; ``None`` means as many as the checkpoint has.
        in_channels: Channels of the image.
        strict: Whether a parameter that only the network or only the checkpoint has is an error.
            If not, it is logged as a warning, and what is missing gets an initial value.

    Returns:
        The network, in evaluation mode.

    Raises:
        ArgumentError: ``num_classes`` or ``in_channels`` is not a whole number from 1 to 1,000,000.
        ArchitectureError: mshub builds no network of this name.
        CheckpointError: The file cannot be read, or is not a whole, plain checkpoint.
        WeightsError: The parameters are not this network's; every difference is listed.
        MissingDependencyError: MindSpore is not installed, or does not work with this numpy.

    Example:
        >>> import pathlib, tempfile, mindspore
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "lite0.ckpt")
        ...     mindspore.save_checkpoint(build_network("efficientnet_lite0"), str(path))
        ...     network = load_network("efficientnet_lite0", path, num_classes=10)
        >>> network(mindspore.ops.ones((1, 3, 32, 32))).shape
        (1, 10)
    """
    variant = check_request(architecture, num_classes=num_classes, in_channels=in_channels)
    require_mindspore()
    from hub.networks.files.checkpoint_file import read_checkpoint_file

    arrays = read_checkpoint_file(checkpoint_path)
    return _fill_new_network(
        variant,
        arrays,
        None if num_classes is None else int(num_classes),
        int(in_channels),
        source=fspath(checkpoint_path),
        strict=strict,
    )


def load_parameters(checkpoint_path: str | PathLike[str]) -> dict[str, Any]:
    """Read a checkpoint as parameters, for a network that mshub does not build.

    Args:
        checkpoint_path: The ``.ckpt`` file, which may be changed or deleted afterwards.

    Returns:
        Each name and its :class:`mindspore.Parameter`; what was saved as a text is a text.

    Raises:
        CheckpointError: The file cannot be read, or is not a whole, plain checkpoint.
        MissingDependencyError: MindSpore is not installed, or does not work with this numpy.
    """
    require_mindspore()
    from hub.networks.checkpoint import read_checkpoint

    return read_checkpoint(checkpoint_path)


def check_request(architecture: str, *, num_classes: int | None, in_channels: int) -> Variant:
    """Refuse what cannot be built, before anything is downloaded for it.

    Args:
        architecture: The variant's name, as ``"efficientnet_b0"``.
        num_classes: Outputs of the classifier, or None.
        in_channels: Channels of the image.

    Returns:
        The variant of this name.

    Raises:
        ArgumentError: ``num_classes`` or ``in_channels`` is not a whole number from 1 to 1,000,000.
        ArchitectureError: mshub builds no network of this name.
    """
    if num_classes is not None:
        _check_count("num_classes", num_classes)
    _check_count("in_channels", in_channels)
    return find_variant(architecture)


def require_mindspore() -> None:
    """Import MindSpore, or say what to install.

    Raises:
        MissingDependencyError: MindSpore is not installed, or does not work with this numpy.
    """
    if importlib.util.find_spec("mindspore") is None:
        raise MissingDependencyError(
            'Networks need MindSpore: pip install "mshub[mindspore]" (on Ascend, the wheel that '
            "https://www.mindspore.cn/install names for it).",
            package="mindspore",
        )
    _refuse_numpy_2()
    try:
        import mindspore  # noqa: F401
    except ImportError as cause:
        raise MissingDependencyError(
            f"MindSpore is installed, but cannot be imported: {cause}", package="mindspore"
        ) from cause


def _refuse_numpy_2() -> None:
    """MindSpore 2.10 lets itself be installed beside numpy 2, and fails at the first product."""
    import numpy

    if not numpy.__version__.startswith("1."):
        raise MissingDependencyError(
            f"MindSpore 2.10 needs numpy<2 and fails with the numpy {numpy.__version__} that is "
            'installed: pip install "numpy<2"',
            package="mindspore",
        )


def _check_count(argument: str, value: SupportsIndex) -> None:
    try:
        count = -1 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        count = -1
    if not 1 <= count <= _MOST:
        raise ArgumentError(f"{argument} must be a whole number from 1 to {_MOST:,}, not {value!r}")


def _fill_new_network(
    variant: Variant,
    arrays: Mapping[str, Array],
    num_classes: int | None,
    in_channels: int,
    *,
    source: str,
    strict: bool,
) -> nn.Cell:
    from mindspore.nn.utils import no_init_parameters

    from hub.networks.checkpoint import fill_network
    from hub.networks.efficientnet import HEAD_BIAS, HEAD_WEIGHT, EfficientNet

    stored_classes = _stored_classes(arrays)
    num_classes = num_classes or stored_classes
    with no_init_parameters():
        network = EfficientNet(variant, num_classes, in_channels)
    fill_network(
        network,
        {**arrays, **_fitted_stem(arrays, in_channels)},
        source=source,
        strict=strict,
        fresh=() if num_classes == stored_classes else (HEAD_WEIGHT, HEAD_BIAS),
    )
    return network.set_train(False)


def _stored_classes(arrays: Mapping[str, Array]) -> int:
    from hub.networks.efficientnet import HEAD_BIAS

    bias = arrays.get(HEAD_BIAS)
    return _NUM_CLASSES if bias is None else bias.size


def _fitted_stem(arrays: Mapping[str, Array], in_channels: int) -> dict[str, Array]:
    """Make the first convolution's RGB filters fit other channels, as timm does."""
    from hub.networks.efficientnet import STEM_WEIGHT

    filters = arrays.get(STEM_WEIGHT)  # (stem_channels, 3, 3, 3)
    if in_channels == _RGB or filters is None or filters.shape[1:2] != (_RGB,):
        return {}
    if in_channels == 1:
        return {STEM_WEIGHT: filters.sum(axis=1, keepdims=True)}
    repeated = filters[:, [channel % _RGB for channel in range(in_channels)]]
    return {STEM_WEIGHT: repeated * (_RGB / in_channels)}
