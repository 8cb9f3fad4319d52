"""The public functions: each wires the floors below it in a few lines."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hub.errors import ArgumentError
from hub.registry.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path

    from mindspore import Parameter, nn

    from hub.assets.cache.cache import Cache
    from hub.assets.lockfile import LockFile
    from hub.cards.record import Card
    from hub.ids import ModelId

    AnyModelId = str | os.PathLike[str] | ModelId
    AnyRegistry = Registry | str | os.PathLike[str]
    AnyCache = Cache | str | os.PathLike[str]
    AnyLock = LockFile | str | os.PathLike[str]


def load(
    model_id: AnyModelId,
    *,
    pretrained: bool = True,
    num_classes: int | None = None,
    in_channels: int = 3,
    features_only: bool = False,
    out_indices: Sequence[int] | None = None,
    drop_rate: float | None = None,
    drop_path_rate: float | None = None,
    engine: str = "mindspore",
    strict: bool = True,
    allow_unverified: bool = False,
    registry: AnyRegistry | None = None,
    cache: AnyCache | None = None,
    progress: bool = True,
    lock: AnyLock | None = None,
    locked: bool = False,
) -> nn.Cell:
    """Return the network that a model card describes, ready for inference.

    The card is resolved and validated, its checkpoint is downloaded, verified and cached (a second
    call needs no network), the matching network is built, and every parameter is filled.

    Args:
        model_id: ``owner/name[@version]``, an official uid, a card's path or its https URL.
        pretrained: False builds the network with fresh parameters, ready to be trained.
        num_classes: Outputs of the classifier. None takes the checkpoint's; another number gives
            the classifier fresh parameters.
        in_channels: Channels of the images. Other than 3 adapts the first convolution.
        features_only: Return the backbone: a tuple of feature maps, from fine to coarse, whose
            sizes the network's ``channels`` and ``strides`` tell.
        out_indices: Which of those feature maps, from 0, or from -1 backwards; None takes all.
        drop_rate: Probability that training zeroes an input of the classifier; None takes the
            architecture's own.
        drop_path_rate: Probability that training skips the last block, the others less, the
            earlier they are; None takes the architecture's own.
        engine: What computes: ``"mindspore"``, or ``"onnxruntime"`` for inference on a CPU, which is
            many times faster there; the export is made once and cached (``mshub[onnx]``). Making
            it changes MindSpore's settings for a while, which all threads share: let no other
            thread run networks meanwhile.
        strict: Raise if a parameter is only in the network or only in the checkpoint; False logs
            a warning instead. A wrong shape or type is always an error.
        allow_unverified: Accept a checkpoint whose card states no digest at all.
        registry: Where the card is looked up; None takes ``MSHUB_REGISTRY`` or the shipped cards.
        cache: Where the checkpoint is kept; None takes ``MSHUB_CACHE`` or the user's cache folder.
        progress: Whether a terminal shows a progress bar while the checkpoint arrives.
        lock: A ``hub.lock`` file, whose digests count instead of the card's; None takes the nearest
            one from the current folder upwards, if there is one.
        locked: Refuse a file that the lock does not list.

    Returns:
        A ``mindspore.nn.Cell`` in evaluation mode that maps float32 images (N, in_channels, H, W)
        to float32 logits (N, num_classes).

    Raises:
        ModelIdError: ``model_id`` has none of the accepted forms.
        ModelNotFoundError: No registry knows it.
        AmbiguousModelError: It means several cards.
        CardError: The card is not valid.
        RegistryError: A registry cannot be read.
        ArchitectureError: mshub builds no such network.
        AssetNotFoundError: The card lists neither a ckpt nor a safetensors asset.
        DownloadError: No source delivered the weights.
        OfflineError: It is not cached, and ``MSHUB_OFFLINE`` is set.
        IntegrityError: What came is not the file that the card means.
        CacheError: The cache folder cannot be used.
        CheckpointError: The file is not a readable checkpoint.
        WeightsError: Its parameters are not the network's, or it records that they are another
            one's.
        ArgumentError: An argument or a setting cannot work.
        LoadError: An export for another engine fails, or computes something else.
        MissingDependencyError: MindSpore, numpy or the engine is not installed.

    Example:
        >>> import hub
        >>> network = hub.load("MindSpore/efficientnet_b0", pretrained=False, num_classes=10)
        >>> network.mlp_head.weight.shape
        (10, 1280)
    """
    from hub.loading import load_model
    from hub.networks.options import NetworkOptions

    return load_model(
        open_registry(registry, cache).resolve(model_id),
        open_cache(cache),
        NetworkOptions(
            num_classes=num_classes,
            in_channels=in_channels,
            features_only=features_only,
            out_indices=out_indices,
            drop_rate=drop_rate,
            drop_path_rate=drop_path_rate,
        ),
        pretrained=pretrained,
        engine=engine,
        strict=strict,
        allow_unverified=allow_unverified,
        progress=progress,
        lock=open_lock(lock),
        locked=locked,
    ).network


def load_weights(
    model_id: AnyModelId,
    *,
    allow_unverified: bool = False,
    registry: AnyRegistry | None = None,
    cache: AnyCache | None = None,
    progress: bool = True,
    lock: AnyLock | None = None,
    locked: bool = False,
) -> dict[str, Parameter]:
    """Return the verified parameters of a card's checkpoint, for a network that is not ours.

    Args:
        model_id: ``owner/name[@version]``, an official uid, a card's path or its https URL.
        allow_unverified: Accept a checkpoint whose card states no digest at all.
        registry: Where the card is looked up; None takes ``MSHUB_REGISTRY`` or the shipped cards.
        cache: Where the checkpoint is kept; None takes ``MSHUB_CACHE`` or the user's cache folder.
        progress: Whether a terminal shows a progress bar while the checkpoint arrives.
        lock: A ``hub.lock`` file, whose digests count instead of the card's; None takes the nearest
            one from the current folder upwards, if there is one.
        locked: Refuse a file that the lock does not list.

    Returns:
        The parameters by name, as ``mindspore.load_checkpoint`` returns them.

    Raises:
        HubError: As :func:`load`, but for the errors about architectures and weights.

    Example:
        >>> import hub
        >>> hub.load_weights("MindSpore/efficientnet_b9")
        Traceback (most recent call last):
        ...
        hub.errors.ModelNotFoundError: MindSpore/efficientnet_b9 is in no registry ...
    """
    from hub.assets.progress import make_progress
    from hub.assets.store import fetch_asset, name_file
    from hub.loading import find_weights
    from hub.networks.builders import load_parameters, require_mindspore

    require_mindspore()
    asset = find_weights(open_registry(registry, cache).resolve(model_id))
    file = fetch_asset(
        asset,
        open_cache(cache),
        progress=make_progress(name_file(asset), wanted=progress),
        allow_unverified=allow_unverified,
        lock=open_lock(lock),
        locked=locked,
    )
    return load_parameters(file.path)


def card(
    model_id: AnyModelId,
    *,
    registry: AnyRegistry | None = None,
) -> Card:
    """Return the validated record of a model card.

    Args:
        model_id: ``owner/name[@version]``, an official uid, a card's path or its https URL.
        registry: Where it is looked up; None takes ``MSHUB_REGISTRY`` or the shipped cards.

    Raises:
        ModelIdError: ``model_id`` has none of the accepted forms.
        ModelNotFoundError: No registry knows it.
        AmbiguousModelError: It means several cards.
        CardError: The card is not valid; ``problems`` lists every reason.
        RegistryError: A registry cannot be read.
        DownloadError: The card at a URL cannot be fetched.
        OfflineError: The card at a URL was never fetched, and ``MSHUB_OFFLINE`` is set.
        CacheError: The cache folder cannot be used, for a card at a URL.
        ArgumentError: A setting cannot work.

    Example:
        >>> import hub
        >>> hub.card("mindspore/2.5/efficientnet_b0").evaluation["top5acc"]
        Decimal('93.28')
    """
    return open_registry(registry, None).resolve(model_id)


def fetch(
    model_id: AnyModelId,
    *,
    file_format: str | None = None,
    registry: AnyRegistry | None = None,
    cache: AnyCache | None = None,
    allow_unverified: bool = False,
    progress: bool = True,
    lock: AnyLock | None = None,
    locked: bool = False,
) -> Path:
    """Return the path of a model's asset, downloaded if need be, and verified.

    Args:
        model_id: ``owner/name[@version]``, an official uid, a card's path or its https URL.
        file_format: Which asset, such as ``ckpt``; None takes the card's first.
        registry: Where the card is looked up; None takes ``MSHUB_REGISTRY`` or the shipped cards.
        cache: Where the file is kept; None takes ``MSHUB_CACHE`` or the user's cache folder.
        allow_unverified: Accept an asset whose card states no digest at all.
        progress: Whether a terminal shows a progress bar.
        lock: A ``hub.lock`` file, whose digests count instead of the card's; None takes the nearest
            one from the current folder upwards, if there is one.
        locked: Refuse a file that the lock does not list.

    Returns:
        A read-only file in the cache that ends in the asset's own file name.

    Raises:
        HubError: As :func:`load`, but for the errors about architectures and weights.

    Example:
        >>> import hub
        >>> hub.fetch("MindSpore/efficientnet_b0", file_format="onnx")
        Traceback (most recent call last):
        ...
        hub.errors.AssetNotFoundError: MindSpore/efficientnet_b0@2.5 has no onnx asset; ...
    """
    from hub.assets.progress import make_progress
    from hub.assets.store import fetch_asset, name_file

    asset = open_registry(registry, cache).resolve(model_id).asset(file_format)
    return fetch_asset(
        asset,
        open_cache(cache),
        progress=make_progress(name_file(asset), wanted=progress),
        allow_unverified=allow_unverified,
        lock=open_lock(lock),
        locked=locked,
    ).path


def list_models(pattern: str = "*", *, registry: AnyRegistry | None = None) -> list[str]:
    """List the models of the registries, as ``owner/name``.

    Args:
        pattern: A shell pattern for the whole id or for the name alone, in any case.
        registry: What is listed; None takes ``MSHUB_REGISTRY`` or the shipped cards.

    Returns:
        Each model once, in alphabetical order.

    Raises:
        ArgumentError: An argument has the wrong type.
        RegistryError: A registry cannot be read.

    Example:
        >>> import hub
        >>> hub.list_models("efficientnet_*", registry="shipped")
        ['MindSpore/efficientnet_b0', 'MindSpore/efficientnet_b1']
    """
    if not isinstance(pattern, str):
        raise ArgumentError(f"pattern must be a text such as 'efficientnet_*', not {pattern!r}")
    return open_registry(registry, None).list_models(pattern)


def open_registry(registry: AnyRegistry | None, cache: AnyCache | None) -> Registry:
    """Return the registry that an argument means.

    Raises:
        ArgumentError: It has another type than documented.
    """
    if isinstance(registry, Registry):
        return registry
    _check_path("registry", registry)
    roots = () if registry is None else (registry,)
    return Registry(*roots, cache=None if cache is None else open_cache(cache))


def open_cache(cache: AnyCache | None) -> Cache:
    """Return the cache that an argument means.

    Raises:
        ArgumentError: It has another type than documented, or no folder can have this name.
    """
    from hub.assets.cache.cache import Cache

    if isinstance(cache, Cache):
        return cache
    _check_path("cache", cache)
    return Cache(cache)


def open_lock(lock: AnyLock | None) -> LockFile | None:
    """Return the lock that an argument means; without one, the nearest ``hub.lock``, if any.

    Raises:
        ArgumentError: It has another type than documented, or the file cannot be read.
    """
    from hub.assets.lockfile import LockFile, find_lock_file, read_lock_file

    if isinstance(lock, LockFile):
        return lock
    _check_path("lock", lock)
    path = lock or find_lock_file()
    return None if path is None else read_lock_file(path)


def _check_path(argument: str, value: object) -> None:
    if value == "" or not isinstance(value, str | os.PathLike | None):
        kind = {"lock": "LockFile"}.get(argument, argument.title())
        raise ArgumentError(f"{argument} must be a path or a {kind}, not {value!r}")
