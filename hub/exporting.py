"""From an id to a file for other programs: the network as a graph, or its weights alone."""

from __future__ import annotations

import importlib.util
import logging
import operator
import os
from pathlib import Path
from typing import TYPE_CHECKING

from hub.api import open_cache, open_lock, open_registry
from hub.assets.progress import make_progress
from hub.assets.store import fetch_asset, name_file
from hub.errors import ArgumentError, MissingDependencyError, WeightsError
from hub.loading import find_weights
from hub.networks.builders import (
    check_request,
    find_recorded,
    load_network,
    require_mindspore,
)
from hub.networks.engines.export_file import GRAPHS, ExportedFile, export_network
from hub.networks.options import NetworkOptions

if TYPE_CHECKING:
    from hub.api import AnyCache, AnyLock, AnyModelId, AnyRegistry
    from hub.assets.cache.records import CachedFile
    from hub.cards.record import Card

WEIGHTS = ("safetensors", "ckpt")
FORMATS = (*GRAPHS, *WEIGHTS)
_LONGEST_SIDE = 4096  # pixels; more is a slip, and would exhaust the memory
_LARGEST_BATCH = 4096


def export(
    model_id: AnyModelId,
    output: str | os.PathLike[str],
    *,
    to: str | None = None,
    image_size: int | None = None,
    batch: int | None = None,
    in_channels: int = 3,
    force: bool = False,
    allow_unverified: bool = False,
    registry: AnyRegistry | None = None,
    cache: AnyCache | None = None,
    progress: bool = True,
    lock: AnyLock | None = None,
    locked: bool = False,
) -> ExportedFile:
    """Write a model to a file that other programs read.

    ``onnx`` and ``mindir`` hold the network with its weights. Random images are sent through the
    network and through the file, and the file gets its name only if the outputs agree within 1e-4
    of the largest. ``safetensors`` and ``ckpt`` hold the weights alone, by MindSpore's names, of
    networks that nobody here builds as well; texts among them stay behind, with a warning in the
    log.

    To export a graph changes MindSpore's settings for a while, which all threads share: let no
    other thread run networks meanwhile.

    Args:
        model_id: ``owner/name[@version]``, an official uid, a card's path or its https URL.
        output: The new file; it ends in the format's name, as ``b0.onnx``.
        to: ``onnx``, ``mindir``, ``safetensors`` or ``ckpt``; None takes what ``output`` ends in.
        image_size: Side of the images in pixels; None takes the network's own.
        batch: How many images come at once; None leaves it open.
        in_channels: Channels of the images. Other than 3 adapts the first convolution.
        force: Replace a file that is there.
        allow_unverified: Accept a checkpoint whose card states no digest at all.
        registry: Where the card is looked up; None takes ``MSHUB_REGISTRY`` or the shipped cards.
        cache: Where the checkpoint is kept; None takes ``MSHUB_CACHE`` or the user's cache folder.
        progress: Whether a terminal shows a progress bar while the checkpoint arrives.
        lock: A ``hub.lock`` file, whose digests count instead of the card's; None takes the nearest
            one from the current folder upwards, if there is one.
        locked: Refuse a file that the lock does not list.

    Returns:
        What was written: path, format, size, SHA-256, and name and shape of the input. Its
        ``architecture`` is the variant that the card's weights are for, as far as they record one.

    Raises:
        ArgumentError: An argument cannot work, the file exists, or the network is too large for
            the format.
        LoadError: MindSpore cannot export the network, or the file puts out something else.
        WeightsError: The weights are not the network's, or one of them has no values.
        CacheError: The file cannot be written, or the cache folder cannot be used.
        MissingDependencyError: For graphs, MindSpore, onnx or onnxruntime is not installed; for
            weights, numpy.
        HubError: As :func:`hub.load`.

    Example:
        >>> import hub
        >>> from hub.exporting import export
        >>> export("MindSpore/efficientnet_b0", "b0.tflite")
        Traceback (most recent call last):
        ...
        hub.errors.ArgumentError: b0.tflite ends in none of .onnx, .mindir, .safetensors, .ckpt; ...
    """
    path = _check_output(output, force=force)
    file_format = _choose_format(path, to)
    shape_given = image_size is not None or batch is not None or in_channels != 3
    if file_format in WEIGHTS and shape_given:
        raise ArgumentError(
            f"{file_format} holds the weights as they were published, for images of any shape;"
            " image_size, batch and in_channels are for onnx and mindir"
        )
    _check_count("image_size", image_size, _LONGEST_SIDE)
    _check_count("batch", batch, _LARGEST_BATCH)
    card = open_registry(registry, cache).resolve(model_id)
    options = NetworkOptions(in_channels=in_channels)
    architecture = None if file_format in WEIGHTS else check_request(card.model_name, options)
    _require_packages(file_format)
    asset = find_weights(card)
    weights = fetch_asset(
        asset,
        open_cache(cache),
        progress=make_progress(name_file(asset), wanted=progress),
        allow_unverified=allow_unverified,
        lock=open_lock(lock),
        locked=locked,
    )
    if architecture is None:
        return _export_weights(card, weights, path, file_format)
    architecture = find_recorded(architecture, weights.path)
    side = architecture.input_size if image_size is None else int(image_size)
    return export_network(
        load_network(architecture.name, weights.path, options),
        path,
        to=file_format,
        input_shape=(None if batch is None else int(batch), int(in_channels), side, side),
        name=architecture.name,
    )


def _export_weights(card: Card, weights: CachedFile, path: Path, file_format: str) -> ExportedFile:
    """Write the arrays as they are, with the record of what they are for that the file has."""
    from hub.digests import hash_file
    from hub.networks.files.weights_file import read_weights, write_weights

    stored = read_weights(weights.path)
    texts = [name for name, array in stored.arrays.items() if array.dtype.kind == "U"]
    arrays = {name: array for name, array in stored.arrays.items() if name not in texts}
    empty = tuple(name for name, array in arrays.items() if not array.size)
    if empty or not arrays:
        raise WeightsError(
            f"{weights.path} has no values for {', '.join(empty) or 'any parameter'}: there is "
            f"nothing to write to {path}.",
            mismatched=empty,
        )
    if texts:
        logging.getLogger(__name__).warning(
            "%s holds texts, which stay behind: %s", weights.path, ", ".join(texts)
        )
    write_weights(path, arrays, architecture=stored.architecture)
    name = stored.architecture or card.model_name
    size = path.stat().st_size
    return ExportedFile(path, file_format, name, size=size, sha256=hash_file(path))


def _require_packages(file_format: str) -> None:
    """Say before the download what is not installed."""
    if file_format in WEIGHTS:
        _require_numpy()
        return
    require_mindspore()
    if file_format == "onnx":
        from hub.networks.engines.onnx_session import require_onnx

        require_onnx()


def _require_numpy() -> None:
    if importlib.util.find_spec("numpy") is None:
        raise MissingDependencyError(
            'To export weights needs numpy: pip install "mshub[mindspore]", or numpy alone.',
            package="numpy",
        )


def _check_output(output: str | os.PathLike[str], *, force: bool) -> Path:
    if not isinstance(output, str | os.PathLike) or not str(output):
        raise ArgumentError(f"output must be the new file's path, not {output!r}")
    try:
        path = Path(output)
        if "\0" in str(path):
            raise ArgumentError(f"{output!r} cannot be a file: it holds a NUL")
        if path.is_dir() or (path.exists() and not path.is_file()):
            raise ArgumentError(f"{path} is a folder or a device; name a file")
        if path.exists() and not force:
            raise ArgumentError(f"{path} exists; force=True (--force) replaces it")
        if not path.absolute().parent.is_dir():
            raise ArgumentError(
                f"there is no folder {path.parent} to put {path.name} into; make it"
            )
    except ArgumentError:
        raise
    except (OSError, TypeError, ValueError) as error:
        raise ArgumentError(f"{output!r} cannot be a file: {error}") from error
    return path


def _choose_format(path: Path, to: str | None) -> str:
    if to is not None and to not in FORMATS:
        raise ArgumentError(f"to must be {', '.join(FORMATS[:-1])} or {FORMATS[-1]}, not {to!r}")
    found = path.suffix.lower().removeprefix(".")
    if to is None and found not in FORMATS:
        endings = ", ".join(f".{name}" for name in FORMATS)
        raise ArgumentError(f"{path} ends in none of {endings}; the name says what to write")
    if to is not None and found != to:
        raise ArgumentError(f"{path} is to be a {to} file; name it {path.with_suffix(f'.{to}')}")
    return found


def _check_count(argument: str, value: object, most: int) -> None:
    if value is None:
        return
    try:
        count = -1 if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        count = -1
    if not 1 <= count <= most:
        raise ArgumentError(f"{argument} must be a whole number from 1 to {most:,}, not {value!r}")
