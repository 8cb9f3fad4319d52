"""A cell that onnxruntime runs: on a CPU several times as fast as MindSpore's own operators."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mindspore
import numpy
from mindspore import Tensor, nn

from hub.assets.cache.cache import Cache
from hub.errors import ArgumentError, CacheError, LoadError
from hub.networks.engines.agreement import Shape
from hub.networks.engines.export_cache import ExportCache
from hub.networks.engines.onnx_export import FIXED, FREE_BATCH, FREE_SIZES, export_onnx
from hub.networks.engines.onnx_session import OnnxSession, require_onnx

_MOST = 8  # exports that one network keeps open at once, for images of different shapes
_INFERENCE_ONLY = (
    "a network that onnxruntime runs is for inference only; to train, load it with"
    " hub.load(id), without engine="
)

Exporter = Callable[[Shape], Path | bytes]  # a shape to an export that takes images of it


def open_onnx_network(
    build: Callable[[], nn.Cell],
    *,
    key: str,
    cache: Cache,
    input_shape: Shape,
    name: str = "network",
) -> nn.Cell:
    """Return a cell that computes what a network computes, but by onnxruntime on the CPU.

    The network is exported with MindSpore's own exporter, once for all later calls and processes:
    the export is kept in the cache. It takes any number of images of any size, as far as the
    network goes along with that, and otherwise is made anew for each shape that comes.

    Args:
        build: Makes the network; called only if there is something to export.
        key: What the network is: the whole digest of its weights, a slash, its architecture and its
            options. Equal keys mean equal outputs.
        cache: Where the exports are kept.
        input_shape: The shape ``(N, C, H, W)`` of the images to export it for.
        name: What it is called in messages and file names.

    Returns:
        A cell that maps float32 images ``(N, C, H, W)``, a tensor or an array, to a tensor. It has
        no parameters, and refuses to be trained.

    Raises:
        LoadError: MindSpore cannot export the network, or the export puts out something else.
        ArgumentError: The network is too large for ONNX, or no folder can have this name.
        CacheError: The cache folder cannot be read.
        MissingDependencyError: onnx or onnxruntime is not installed.
        HubError: What ``build`` raises.

    Example:
        >>> import tempfile
        >>> from hub.networks.builders import build_network
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     network = open_onnx_network(
        ...         lambda: build_network("efficientnet_lite0"),
        ...         key="example",
        ...         cache=Cache(folder),
        ...         input_shape=(1, 3, 64, 64),
        ...         name="efficientnet_lite0",
        ...     )
        >>> network
        OnnxNetwork(efficientnet_lite0, run by onnxruntime, images (batch, 3, height, width))
        >>> network(numpy.zeros((2, 3, 32, 48), numpy.float32)).shape
        (2, 1000)
    """
    require_onnx()
    exports = ExportCache(cache, key, name)
    network = OnnxNetwork(name, lambda shape: _provide(exports, build, shape))
    network.prepare(input_shape)
    return network


def _provide(exports: ExportCache, build: Callable[[], nn.Cell], shape: Shape) -> Path | bytes:
    """Return the export for a shape from the cache, or make it."""
    if found := exports.find(shape):
        return found
    with exports.lock(shape):
        if found := exports.recover(shape):
            return found
        log = logging.getLogger(__name__)
        log.info("exporting %s for onnxruntime, once for images of %s", exports.name, shape)
        content = export_onnx(build(), shape, (FREE_SIZES, FREE_BATCH, FIXED))
        return exports.keep(shape, content) or content


class OnnxNetwork(nn.Cell):  # type: ignore[misc]
    """An exported network, run by onnxruntime; see :func:`open_onnx_network`.

    It can be part of other cells in PyNative mode, and be called in either mode. Copies and pickles
    hold the exports that are open, and need neither the cache nor the network.

    Args:
        name: What it is called in messages.
        exporter: Finds or makes the export for a shape.

    Inputs:
        x: float32 ``(N, C, H, W)``, a tensor or an array.

    Outputs:
        float32 tensor, what the network puts out.
    """

    def __init__(self, name: str, exporter: Exporter) -> None:
        super().__init__(auto_prefix=False)
        super().set_train(False)
        self._label = name
        self._exporter = exporter
        self._opened: OrderedDict[Shape, tuple[OnnxSession, Path | bytes]] = OrderedDict()
        self._latest: OnnxSession | None = None
        self._guard = threading.Lock()

    def prepare(self, shape: Shape) -> OnnxSession:
        """Open the export for images of a shape, and make it if there is none.

        Args:
            shape: ``(N, C, H, W)``.

        Raises:
            LoadError: The network cannot be exported for this shape.
            CacheError: The cache folder cannot be read.
        """
        with self._guard:
            known = next((key for key, (s, _) in self._opened.items() if s.accepts(shape)), None)
            if known is None:
                self._check_shape(shape)
                model = self._exporter(shape)
                self._opened[shape] = OnnxSession(model), model
            self._opened.move_to_end(known or shape)
            if len(self._opened) > _MOST:
                self._opened.popitem(last=False)
            self._latest, _ = self._opened[known or shape]
            return self._latest

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Run it, in graph mode as well, since there is nothing for MindSpore to compile."""
        if mindspore.get_context("mode") == mindspore.GRAPH_MODE:
            return self.construct(*inputs, **options)
        return super().__call__(*inputs, **options)

    def construct(self, x: Any) -> Any:
        """Send the images ``x`` through the network."""
        if self.training:
            raise ArgumentError(f"{_INFERENCE_ONLY}; else call set_train(False) on it")
        images = x.asnumpy() if isinstance(x, Tensor) else x
        if not isinstance(images, numpy.ndarray) or images.dtype != numpy.float32:
            raise _explain_input(x)
        session = self._latest
        if session is None or not session.accepts(images.shape):
            session = self.prepare(images.shape)
        return Tensor.from_numpy(session.run(numpy.ascontiguousarray(images)))

    def bprop(self, *_: Any) -> Any:
        """Refuse to pass a gradient on, which MindSpore would take for zero."""
        raise ArgumentError(f"{_INFERENCE_ONLY}; no gradient goes through this one")

    def set_train(self, mode: bool = True) -> nn.Cell:  # noqa: FBT002
        """Refuse to be trained; evaluation mode is what it is in anyway."""
        if mode:
            raise ArgumentError(_INFERENCE_ONLY)
        return super().set_train(mode=False)

    def extend_repr(self) -> str:
        """Say what it is, who runs it, and what it takes."""
        taken = ", ".join(map(str, self._latest.dimensions)) if self._latest else "any"
        return f"{self._label}, run by onnxruntime, images ({taken})"

    def __copy__(self) -> OnnxNetwork:
        return self.__deepcopy__({})

    def __deepcopy__(self, _: object) -> OnnxNetwork:
        copy = OnnxNetwork(self._label, self._exporter)
        with self._guard:
            copy._opened.update(self._opened)  # sessions keep nothing of what they ran
            copy._latest = self._latest
        return copy

    def __reduce__(self) -> tuple[Any, ...]:
        with self._guard:
            models = [(shape, _read_model(model)) for shape, (_, model) in self._opened.items()]
        return _restore, (self._label, models)

    def _check_shape(self, shape: Shape) -> None:
        if len(shape) != 4 or min(shape) < 1:
            raise ArgumentError(
                f"{self._label} takes images of shape (N, C, H, W), each at least 1, not {shape}"
            )
        channels = {session.dimensions[1] for session, _ in self._opened.values()}
        if channels and shape[1] not in channels:
            raise ArgumentError(
                f"{self._label} takes images with {channels.pop()} channels, as (N, C, H, W),"
                f" not {shape}"
            )


def _restore(name: str, models: list[tuple[Shape, bytes]]) -> OnnxNetwork:
    """Make a network from what a pickle holds."""
    require_onnx()
    network = OnnxNetwork(name, _ExportsOf(name, dict(models)))
    for shape, _ in models:
        network.prepare(shape)
    return network


@dataclass(frozen=True, slots=True)
class _ExportsOf:
    """The exports that a pickle holds: there is nothing to make others from."""

    name: str
    models: dict[Shape, bytes]

    def __call__(self, shape: Shape) -> bytes:
        if shape not in self.models:
            raise LoadError(
                f"this copy of {self.name} came out of a pickle and takes images of shapes"
                f" {', '.join(map(str, self.models))} only, not {shape}; for others, load the"
                " model again"
            )
        return self.models[shape]


def _read_model(model: Path | bytes) -> bytes:
    if isinstance(model, bytes):
        return model
    try:
        return model.read_bytes()
    except OSError as error:
        raise CacheError(
            f"{model}, the export that is to be pickled, cannot be read any more:"
            f" {error.strerror or error}; load the model again",
            path=str(model),
        ) from error


def _explain_input(x: Any) -> ArgumentError:
    kind = getattr(x, "dtype", None)
    found = f"{type(x).__name__}{f' of {kind}' if kind is not None else ''}"
    return ArgumentError(
        f"the images must be a float32 tensor or array of shape (N, C, H, W), not {found}; write"
        " for example x.astype(mindspore.float32)"
    )
