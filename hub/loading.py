"""From an id to a ready network, step by step, with a note of where the time went."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.assets.cache.cache import Cache, CachedFile
from hub.assets.progress import make_progress
from hub.assets.store import fetch_asset, name_file
from hub.cards.asset import Asset
from hub.cards.record import Card
from hub.errors import ArgumentError
from hub.networks.architecture import Architecture
from hub.networks.builders import (
    build_network,
    check_request,
    find_recorded,
    load_network,
    require_mindspore,
)
from hub.networks.options import NetworkOptions

if TYPE_CHECKING:
    from mindspore import nn

    from hub.assets.lockfile import LockFile

ENGINES = ("mindspore", "onnxruntime")
WEIGHTS_FORMATS = ("ckpt", "safetensors")  # what networks are filled from
_AS_PUBLISHED = NetworkOptions()


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A ready network, and how it came about.

    Attributes:
        network: The network, in evaluation mode.
        card: The card it was built from.
        architecture: The network that was built: the card's, in the variant that the weights are
            for, as ``"efficientnet_b0.torchvision"``.
        file: The verified weights; None for a network without pretrained weights.
        seconds: How long each step took, in order.
    """

    network: nn.Cell
    card: Card
    architecture: str
    file: CachedFile | None
    seconds: dict[str, float]


def load_model(
    card: Card,
    cache: Cache,
    options: NetworkOptions = _AS_PUBLISHED,
    *,
    pretrained: bool = True,
    engine: str = "mindspore",
    strict: bool = True,
    allow_unverified: bool = False,
    progress: bool = True,
    lock: LockFile | None = None,
    locked: bool = False,
    clock: Stopwatch | None = None,
) -> LoadedModel:
    """Fetch and verify a card's weights, build the network and fill it.

    The other arguments and the errors are those of :func:`hub.load`. What can be refused before the
    download is refused before it. A ``clock`` notes the steps after those that it has noted before.
    """
    clock = clock or Stopwatch()
    _check_engine(engine, options, plain=pretrained and strict)
    with clock.step("find the architecture"):
        architecture = check_request(card.model_name, options)
    with clock.step("import MindSpore"):
        require_mindspore()
    if not pretrained:
        with clock.step("build and initialise"):
            network = build_network(architecture.name, options)
        return LoadedModel(network, card, architecture.name, None, clock.seconds)
    with clock.step("fetch and verify"):
        asset = find_weights(card)
        file = fetch_asset(
            asset,
            cache,
            progress=make_progress(name_file(asset), wanted=progress),
            allow_unverified=allow_unverified,
            lock=lock,
            locked=locked,
        )
    architecture = find_recorded(architecture, file.path)

    def build() -> nn.Cell:
        return load_network(architecture.name, file.path, options, strict=strict)

    if engine == "mindspore":
        with clock.step("build and fill"):
            network = build()
    else:
        with clock.step("open the export, made at the first time"):
            network = _open_export(architecture, options, build, file, cache)
    return LoadedModel(network, card, architecture.name, file, clock.seconds)


def find_weights(card: Card) -> Asset:
    """Return the first asset of a card that a network can be filled from.

    Raises:
        AssetNotFoundError: The card has neither a ckpt nor a safetensors asset.
        CardError: The asset has no link, or a digest that cannot be read.
    """
    formats = [asset.file_format for asset in card.assets if asset.file_format in WEIGHTS_FORMATS]
    return card.asset(formats[0] if formats else WEIGHTS_FORMATS[0])


def _check_engine(engine: str, options: NetworkOptions, *, plain: bool) -> None:
    """Refuse an engine that is not there, or that cannot do what else is asked for."""
    if engine not in ENGINES:
        raise ArgumentError(f"engine must be one of {', '.join(ENGINES)}, not {engine!r}")
    if engine == "mindspore":
        return
    if not plain or options != NetworkOptions(in_channels=options.in_channels):
        raise ArgumentError(
            f"engine={engine!r} runs a card's own weights, for inference: of the options that "
            "change the network, it goes with in_channels alone"
        )
    require_mindspore()
    from hub.networks.engines.onnx_session import require_onnx

    require_onnx()


def _open_export(
    architecture: Architecture,
    options: NetworkOptions,
    build: Callable[[], nn.Cell],
    file: CachedFile,
    cache: Cache,
) -> nn.Cell:
    from hub.networks.engines.onnx_network import open_onnx_network

    side, channels = architecture.input_size, int(options.in_channels)
    return open_onnx_network(
        build,
        key=f"{file.sha256}/{architecture.name}/in_channels={channels}",
        cache=cache,
        input_shape=(1, channels, side, side),
        name=architecture.name,
    )


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """What notes how long each step takes.

    Attributes:
        seconds: Each step that ended, in order.

    Example:
        >>> clock = Stopwatch()
        >>> with clock.step("wait"):
        ...     time.sleep(0.01)
        >>> clock.seconds["wait"] > 0.005
        True
    """

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Note how long a block takes; one that fails is not noted."""
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start
