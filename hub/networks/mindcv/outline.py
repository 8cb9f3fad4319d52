"""Building one of MindCV's networks, and finding out what its parameters are for.

MindCV states for each network which layer is the first convolution and which the classifier, but
for a third of them that is missing, wrong, or one layer of several. So they are looked for: a
network for 11 channels and 1009 classes has numbers in its shapes that nothing else has. Without
values in its parameters, nearly all of them take no memory and a fraction of a second.
"""

from __future__ import annotations

import functools
import inspect
import threading
from dataclasses import dataclass
from typing import Any

from mindcv.models.registry import model_entrypoint
from mindspore import nn

from hub.errors import ArchitectureError, ArgumentError
from hub.networks.checkpoint import with_values, without_values
from hub.networks.interpreter_exit import keep_interpreter_exit_quiet
from hub.networks.mindcv.repairs import repair_network, repaired_classes

_CLASSES, _CHANNELS = 1009, 11
_TAKEN_BY_ALL = {"num_classes", "in_channels"}
_ONE_AT_A_TIME = threading.Lock()  # what is changed for a while is changed for all threads


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known of a network before it is built as somebody wants it.

    Attributes:
        classifier: The parameters whose first dimension is the number of classes.
        stem: The weights ``(N, in_channels, k, k)`` of the convolutions that see the image.
        names: All parameters.
        arguments: What the constructor of its class takes.
    """

    classifier: tuple[str, ...]
    stem: tuple[str, ...]
    names: frozenset[str]
    arguments: frozenset[str]


def create_network(name: str, **arguments: Any) -> nn.Cell:
    """Build one of MindCV's networks; its parameters have values, unless ``without_values``.

    Some constructors calculate with the values that their layers drew: those networks have values
    in any case.

    Args:
        name: The name in MindCV's registry.
        arguments: What MindCV's function of that name takes.

    Returns:
        The network.

    Raises:
        ArgumentError: The network does not take one of the arguments.
        ArchitectureError: MindCV fails to build it.
    """
    keep_interpreter_exit_quiet()
    build = functools.partial(model_entrypoint(name), pretrained=False, **arguments)
    try:
        with _ONE_AT_A_TIME, repaired_classes():
            try:
                network = build()
            except RuntimeError:  # of MindSpore: there are no values to calculate with
                with with_values():
                    network = build()
    except Exception as cause:
        if isinstance(cause, TypeError) and arguments.keys() - _TAKEN_BY_ALL:
            raise ArgumentError(f"MindCV's {name} cannot be built like that: {cause}") from cause
        raise ArchitectureError(
            f"MindCV fails to build its {name}: {cause!r}. hub.fetch(...) still returns the file "
            "and hub.load_weights(...) the parameters.",
            name=name,
        ) from cause
    repair_network(network)
    return network


@functools.cache
def outline_network(name: str) -> Outline:
    """Find out which parameters are whose.

    Args:
        name: The name in MindCV's registry.

    Returns:
        The outline.

    Raises:
        ArchitectureError: MindCV fails to build it.

    Example:
        >>> outline_network("crossvit_9").stem
        ('patch_embed.0.proj.weight', 'patch_embed.1.proj.weight')
    """
    with without_values():
        network = create_network(name, num_classes=_CLASSES, in_channels=_CHANNELS)
    shapes = {key: tuple(value.shape) for key, value in network.parameters_dict().items()}
    return Outline(
        classifier=tuple(key for key, shape in shapes.items() if shape[:1] == (_CLASSES,)),
        stem=tuple(k for k, shape in shapes.items() if len(shape) == 4 and shape[1] == _CHANNELS),
        names=frozenset(shapes),
        arguments=frozenset(inspect.signature(type(network).__init__).parameters),
    )
