"""From an id to a ready network, step by step, with a note of where the time went."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.assets.cache.cache import Cache, CachedFile
from hub.assets.progress import make_progress
from hub.assets.store import fetch_asset, name_file
from hub.cards.record import Card
from hub.ids import ModelId
from hub.networks.builders import (
    build_network,
    check_request,
    load_network,
    require_mindspore,
)
from hub.registry.registry import Registry

if TYPE_CHECKING:
    from mindspore import nn

    from hub.assets.lockfile import LockFile


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A ready network, and how it came about.

    Attributes:
        network: The network, in evaluation mode.
        card: The card it was built from.
        file: The verified checkpoint; None for a network without pretrained weights.
        seconds: How long each step took, in order.
    """

    network: nn.Cell
    card: Card
    file: CachedFile | None
    seconds: dict[str, float]


def load_model(
    model_id: str | os.PathLike[str] | ModelId,
    registry: Registry,
    cache: Cache,
    *,
    pretrained: bool = True,
    num_classes: int | None = None,
    in_channels: int = 3,
    strict: bool = True,
    allow_unverified: bool = False,
    progress: bool = True,
    lock: LockFile | None = None,
    locked: bool = False,
) -> LoadedModel:
    """Resolve an id, fetch and verify its checkpoint, build the network and fill it.

    The arguments and errors are those of :func:`hub.load`. What can be refused before the
    download is refused before it.
    """
    clock = _Stopwatch()
    with clock.step("resolve the card"):
        card = registry.resolve(model_id)
        architecture = check_request(
            card.model_name, num_classes=num_classes, in_channels=in_channels
        ).name
    with clock.step("import MindSpore"):
        require_mindspore()
    if not pretrained:
        with clock.step("build and initialise"):
            network = build_network(architecture, num_classes=num_classes, in_channels=in_channels)
        return LoadedModel(network, card, None, clock.seconds)
    with clock.step("fetch and verify"):
        asset = card.asset("ckpt")
        file = fetch_asset(
            asset,
            cache,
            progress=make_progress(name_file(asset), wanted=progress),
            allow_unverified=allow_unverified,
            lock=lock,
            locked=locked,
        )
    with clock.step("build and fill"):
        network = load_network(
            architecture, file.path, num_classes=num_classes, in_channels=in_channels, strict=strict
        )
    return LoadedModel(network, card, file, clock.seconds)


@dataclass(frozen=True, slots=True)
class _Stopwatch:
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start
