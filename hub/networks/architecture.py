"""What mshub needs to know of a network, and who to ask for one by its name.

mshub builds the EfficientNet family itself. All other names are asked of builders: functions that
installed packages announce as entry points of the group ``mshub.builders``, as a package's
``pyproject.toml`` says it::

    [project.entry-points."mshub.builders"]
    my_package = "my_package.networks:find_architecture"

Nothing here needs MindSpore, so that a name can be refused before anything is downloaded for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Protocol

from hub.errors import ArchitectureError, HubError
from hub.networks.family import EfficientNetArchitecture
from hub.networks.options import NetworkOptions
from hub.networks.variants import find_variant

if TYPE_CHECKING:
    from mindspore import nn

BUILDERS_GROUP = "mshub.builders"


class Architecture(Protocol):
    """One network that a builder knows: what to check, what to fit, how to build."""

    @property
    def name(self) -> str:
        """The name as a card writes it, or the one that it stands for."""

    @property
    def classifier(self) -> tuple[str, ...]:
        """The parameters whose first dimension is the number of classes."""

    @property
    def stem(self) -> tuple[str, ...]:
        """The weights ``(N, in_channels, k, k)`` of the convolutions that see the image."""

    @property
    def input_size(self) -> int:
        """Side of the square images that the network was made for, in pixels."""

    def check(self, options: NetworkOptions) -> None:
        """Refuse what this network cannot be, as far as that is known without building it.

        Args:
            options: What is wanted; its values have the right types and ranges already.

        Raises:
            ArgumentError: The network does not have what is asked for.
        """

    def build(self, options: NetworkOptions) -> nn.Cell:
        """Build the network with initial parameters.

        With ``features_only`` the cell says by ``drops(name) -> bool`` which stored parameters
        it has no place for, since they come after the last feature map.

        Args:
            options: What is wanted; ``num_classes`` is a number, unless only features are.

        Raises:
            ArgumentError: The network does not have what is asked for.
        """


Builder = Callable[[str], "Architecture | None"]


def find_architecture(name: str) -> Architecture:
    """Look a network up by its name: among ours first, then by asking the installed builders.

    Other packages' builders are asked before the one for MindCV that mshub brings along. One that
    is broken does not stand in the way of the others: it is left out, with a warning in the log.

    Args:
        name: As a card's ``model-name`` has it, for example ``"efficientnet_b0"``.

    Returns:
        The architecture.

    Raises:
        ArchitectureError: Nobody knows the name; the message has what builders had to say.

    Example:
        >>> find_architecture("EfficientNet_B0").name
        'efficientnet_b0'
    """
    try:
        return EfficientNetArchitecture(find_variant(name))
    except ArchitectureError as unknown:
        failures: list[str] = []
        for entry in sorted(entry_points(group=BUILDERS_GROUP), key=_ours_last):
            try:
                found = _ask(entry, name)
            except Exception as failure:  # noqa: BLE001  it is another package's code
                failures.append(_explain(entry, failure))
                continue
            if found is not None:
                for failure_text in failures:
                    logging.getLogger(__name__).warning("%s", failure_text)
                return found
        message = "\n".join([str(unknown), *failures])
        raise ArchitectureError(message, name=unknown.name, known=unknown.known) from unknown


def _ask(entry: EntryPoint, name: str) -> Architecture | None:
    builder: Builder = entry.load()
    found = builder(name)
    methods = () if found is None else (found.check, found.build)
    if not all(map(callable, methods)):
        raise TypeError(f"{found!r} is no architecture")
    return found


def _ours_last(entry: EntryPoint) -> tuple[bool, str]:
    return entry.value.startswith("hub."), entry.name


def _explain(entry: EntryPoint, failure: Exception) -> str:
    if isinstance(failure, HubError):
        return str(failure)  # its own words: which package it lacks, for example
    return f"The builder {entry.name!r} ({entry.value}) failed: {failure!r}"
