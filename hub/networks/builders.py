"""The ways to a network: with initial parameters, or filled from a file of weights.

This module is what the rest of mshub calls. It can be imported without MindSpore, and says what to
install when a function needs it.
"""

from __future__ import annotations

import importlib.util
from contextlib import suppress
from dataclasses import replace
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from hub.errors import (
    ArchitectureError,
    ArgumentError,
    MissingDependencyError,
    WeightsError,
)
from hub.networks.architecture import Architecture, find_architecture
from hub.networks.family import EfficientNetArchitecture
from hub.networks.option_values import settle_options
from hub.networks.options import NetworkOptions
from hub.networks.variants import find_variant

if TYPE_CHECKING:
    from mindspore import nn

_NUM_CLASSES = 1000  # ImageNet's, when nobody says otherwise
_AS_PUBLISHED = NetworkOptions()


def check_request(name: str, options: NetworkOptions = _AS_PUBLISHED) -> Architecture:
    """Refuse what cannot be built, before anything is downloaded for it.

    Args:
        name: The architecture's name, as ``"efficientnet_b0"``.
        options: What is wanted of the network.

    Returns:
        The architecture of this name.

    Raises:
        ArgumentError: An option has a wrong type or value, or the network does not have it.
        ArchitectureError: Nobody here builds a network of this name.
    """
    settled = settle_options(options)
    architecture = find_architecture(name)
    architecture.check(settled)
    return architecture


def build_network(name: str, options: NetworkOptions = _AS_PUBLISHED) -> nn.Cell:
    """Build a network with random initial parameters, to train it.

    Args:
        name: The architecture's name, as ``"efficientnet_b0"``.
        options: What is wanted of the network.

    Returns:
        The network, in evaluation mode: call ``set_train()`` before training.

    Raises:
        ArgumentError: An option has a wrong type or value, or the network does not have it.
        ArchitectureError: Nobody here builds a network of this name.
        MissingDependencyError: MindSpore is not installed, or does not work with this numpy.

    Example:
        >>> network = build_network("efficientnet_lite0", NetworkOptions(num_classes=10))
        >>> network.mlp_head.weight.shape
        (10, 1280)
    """
    architecture = check_request(name, options)
    require_mindspore()
    settled = settle_options(options)
    return architecture.build(_with_classes(settled, _NUM_CLASSES)).set_train(False)


def load_network(
    name: str,
    path: str | PathLike[str],
    options: NetworkOptions = _AS_PUBLISHED,
    *,
    strict: bool = True,
) -> nn.Cell:
    """Build a network and fill it with the parameters of a file.

    For fine-tuning, ask for other classes or channels than the file has. Other classes: the
    classifier gets initial parameters. Other channels than its three: the first convolution gets
    the three filters summed up (one channel), or repeated and scaled, so that its outputs keep
    their size.

    A file that was written by ``hub convert`` says which publisher's variant of the network its
    weights are for, in padding and normalisation. A plain name leaves that open, and the recorded
    variant is built; a name that says itself whose it is must agree: see :func:`find_recorded`.

    Args:
        name: The architecture's name, as ``"efficientnet_b0"``.
        path: The ``.ckpt`` or ``.safetensors`` file, which may be changed or deleted afterwards.
        options: What is wanted of the network; without ``num_classes``, as many as the file has.
        strict: Whether a parameter that only the network or only the file has is an error. If not,
            it is logged as a warning, and what is missing gets an initial value.

    Returns:
        The network, in evaluation mode.

    Raises:
        ArgumentError: An option has a wrong type or value, or the network does not have it.
        ArchitectureError: Nobody here builds a network of this name.
        CheckpointError: The file cannot be read, or is not a whole, plain file of weights.
        WeightsError: The parameters are not this network's; every difference is listed. Or the
            file says that they are another network's.
        MissingDependencyError: MindSpore is not installed, or does not work with this numpy.

    Example:
        >>> import pathlib, tempfile, mindspore
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "lite0.ckpt")
        ...     mindspore.save_checkpoint(build_network("efficientnet_lite0"), str(path))
        ...     network = load_network("efficientnet_lite0", path, NetworkOptions(num_classes=10))
        >>> network(mindspore.ops.ones((1, 3, 32, 32))).shape
        (1, 10)
    """
    architecture = check_request(name, options)
    require_mindspore()
    from hub.networks.checkpoint import fill_network, without_values
    from hub.networks.files.weights_file import read_weights
    from hub.networks.fitting import count_classes, fit_stem

    weights = read_weights(path)
    architecture = _follow_record(architecture, weights.architecture, source=fspath(path))
    stored_classes = count_classes(weights.arrays, architecture.classifier) or _NUM_CLASSES
    settled = _with_stored_classes(options, stored_classes, source=fspath(path))
    with without_values():
        network = architecture.build(settled)
    arrays = {**weights.arrays, **fit_stem(weights.arrays, architecture.stem, settled.in_channels)}
    if settled.features_only:
        arrays = {key: array for key, array in arrays.items() if not network.drops(key)}
    fill_network(
        network,
        arrays,
        source=fspath(path),
        strict=strict,
        fresh=() if settled.num_classes == stored_classes else architecture.classifier,
    )
    return network.set_train(False)


def find_recorded(architecture: Architecture, path: str | PathLike[str]) -> Architecture:
    """Return the network that a file's weights are for, as the file itself has it.

    Args:
        architecture: The network that is asked for.
        path: The ``.ckpt`` or ``.safetensors`` file.

    Returns:
        The variant that the file records, or ``architecture`` if it records none.

    Raises:
        CheckpointError: The file cannot be read, or is not a whole, plain file of weights.
        WeightsError: The file records another network, or another publisher's variant than the
            architecture's name says.

    Example:
        >>> import pathlib, tempfile, numpy
        >>> from hub.networks.files.weights_file import write_weights
        >>> plain = find_architecture("efficientnet_b0")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "b0.safetensors")
        ...     write_weights(path, {"w": numpy.ones(2)}, architecture="efficientnet_b0.timm")
        ...     recorded = find_recorded(plain, path)
        >>> recorded.name
        'efficientnet_b0.timm'
    """
    from hub.networks.files.weights_file import read_weights

    return _follow_record(architecture, read_weights(path).architecture, source=fspath(path))


def load_parameters(checkpoint_path: str | PathLike[str]) -> dict[str, Any]:
    """Read a checkpoint as parameters, for a network that mshub does not build.

    Args:
        checkpoint_path: The ``.ckpt`` or ``.safetensors`` file, which may be changed or deleted
            afterwards.

    Returns:
        Each name and its :class:`mindspore.Parameter`; what was saved as a text is a text.

    Raises:
        CheckpointError: The file cannot be read, or is not a whole, plain checkpoint.
        MissingDependencyError: MindSpore is not installed, or does not work with this numpy.
    """
    require_mindspore()
    from hub.networks.checkpoint import read_checkpoint

    return read_checkpoint(checkpoint_path)


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
    _check_numpy()
    try:
        import mindspore  # noqa: F401
    except ImportError as cause:
        raise MissingDependencyError(
            f"MindSpore is installed, but cannot be imported: {cause}", package="mindspore"
        ) from cause


def _check_numpy() -> None:
    """MindSpore 2.10 lets itself be installed beside numpy 2, and fails at the first product."""
    try:
        import numpy
    except ImportError as cause:
        raise MissingDependencyError(
            f'MindSpore needs numpy, which cannot be imported ({cause}): pip install "numpy<2"',
            package="numpy",
        ) from cause

    if not numpy.__version__.startswith("1."):
        raise MissingDependencyError(
            f"MindSpore 2.10 needs numpy<2 and fails with the numpy {numpy.__version__} that is "
            'installed: pip install "numpy<2"',
            package="mindspore",
        )


def _with_classes(options: NetworkOptions, count: int) -> NetworkOptions:
    if options.num_classes is not None or options.features_only:
        return options
    return replace(options, num_classes=count)


def _with_stored_classes(options: NetworkOptions, count: int, *, source: str) -> NetworkOptions:
    """Take a file's number of classes, if nobody asks for another and it can be one."""
    settled = settle_options(options)
    try:
        return settle_options(_with_classes(settled, count))
    except ArgumentError as cause:
        raise WeightsError(f"{source} has a classifier for {count:,} classes: {cause}") from cause


def _follow_record(architecture: Architecture, recorded: str, *, source: str) -> Architecture:
    """Take the publisher's variant that a file of weights is for, if that is left open."""
    if recorded in {"", architecture.name}:
        return architecture
    if isinstance(architecture, EfficientNetArchitecture):
        with suppress(ArchitectureError):  # a file may say anything
            said = find_variant(recorded)
            if said.base == architecture.name:
                return EfficientNetArchitecture(said)
    raise WeightsError(
        f"{source} says of itself that its weights are {recorded[:80]!r}, not those of "
        f"{architecture.name!r}. Only that network gives the right outputs with them."
    )
