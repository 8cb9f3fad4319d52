"""Whether an export computes what its network computes: the same random images through both."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy
from mindspore import Tensor, nn

from hub.errors import LoadError

TOLERANCE = 1e-4  # of the largest output of a sample, by magnitude
_ROUNDING = 1e-30  # below it, float32 itself loses digits
_NUDGE = 2.0**-22  # of each pixel: two units in float32's last place
_RESPONSES = 30  # rounding happens in every layer, the nudge in the first one alone

Shape = tuple[int, ...]
Run = Callable[[Any], Any]  # a float32 array of images to an array of outputs


class DisagreementError(LoadError):
    """An export puts out something else than its network, or nothing at all."""


def require_agreement(network: nn.Cell, run: Run, shapes: Iterable[Shape], *, what: str) -> None:
    """Send random images through a network and through its export, and compare the outputs.

    Args:
        network: The network, in evaluation mode.
        run: Sends an array of images through the export.
        shapes: The shapes ``(N, C, H, W)`` to try.
        what: What the export is, for messages.

    Raises:
        DisagreementError: An output of a sample differs by more than ``TOLERANCE`` of that
            sample's largest, and by more than rounding explains in a network that multiplies the
            smallest change of an image; or the export fails.
        LoadError: The network's own outputs are not finite, so that nothing can be compared.
    """
    random = numpy.random.default_rng(0)
    for shape in shapes:
        images = random.standard_normal(shape, numpy.float32)
        wanted = _run_network(network, images)
        try:
            found = run(images)
        except LoadError as error:
            raise DisagreementError(f"{what} fails for images of shape {shape}: {error}") from error
        if wanted.shape != found.shape:
            raise DisagreementError(
                f"{what} puts out shape {found.shape} for images of shape {shape}; the network"
                f" puts out {wanted.shape}"
            )
        difference = measure_difference(wanted, found)
        if not difference <= TOLERANCE and not difference <= _allow(network, images, wanted):
            raise DisagreementError(
                f"{what} is not the network: for random images of shape {shape} the outputs"
                f" differ by {difference:.1e} of the largest, and {TOLERANCE:.0e} is allowed."
                " Nothing was kept. Use the network itself: hub.load(id, engine='mindspore')"
            )


def _allow(network: nn.Cell, images: Any, wanted: Any) -> float:
    """Give the difference that rounding alone makes in a network that is so sensitive to it."""
    response = _run_network(network, images * numpy.float32(1 + _NUDGE))
    return _RESPONSES * measure_difference(wanted, response)


def measure_difference(wanted: Any, found: Any) -> float:
    """Measure how far apart two arrays are, by samples.

    Args:
        wanted: Array ``(N, …)``.
        found: Array of the same shape.

    Returns:
        The largest difference in a sample, divided by the sample's largest wanted magnitude; the
        largest of all samples.

    Example:
        >>> measure_difference(numpy.array([[1.0, -2.0]]), numpy.array([[1.0, -1.0]]))
        0.5
    """
    samples = len(wanted)
    off = numpy.abs(found - wanted).reshape(samples, -1).max(axis=1)
    scale = numpy.abs(wanted).reshape(samples, -1).max(axis=1)
    return float((off / numpy.maximum(scale, _ROUNDING)).max())


def _run_network(network: nn.Cell, images: Any) -> Any:
    outputs = network(Tensor.from_numpy(images))
    if not isinstance(outputs, Tensor):
        raise LoadError(
            f"only a network with one output can be exported, and this {type(network).__name__}"
            f" puts out a {type(outputs).__name__}"
        )
    wanted = outputs.asnumpy()
    if not numpy.isfinite(wanted).all():
        raise LoadError(
            "the network puts out infinite values or none at all (nan) for random images, so"
            " that no export of it can be checked; its weights may be damaged"
        )
    return wanted
