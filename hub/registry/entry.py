"""What all kinds of registries have in common: they list entries, and an entry leads to a card."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.ids import ModelId
from hub.versions import Version

if TYPE_CHECKING:
    from hub.cards.record import Card


@dataclass(frozen=True, slots=True)
class Entry(ABC):
    """A card's place in a registry, known from its path alone; the card is not read.

    Attributes:
        location: The path or the URL of the card.
        owner: The folder of the publisher.
        name: The file's stem.
        version: The folder of the version, or None in our layout.
        backend: The folder of the device, or None.
    """

    location: str
    owner: str
    name: str
    version: Version | None
    backend: str | None

    @abstractmethod
    def read_value(self, key: str) -> str | None:
        """Return what the card states for ``model-name``, ``train-dataset``, ``mindspore-version``.

        None stands for nothing, also for a card that cannot be read.
        """

    @abstractmethod
    def read_card(self) -> Card:
        """Read the card.

        Raises:
            CardError: It is no valid record.
            HubError: It cannot be had, for reasons that depend on the kind of registry.
        """

    def stated_version(self) -> Version | None:
        """The version that the folder or else the card states; None if neither does."""
        if self.version is not None:
            return self.version
        try:
            return Version.parse(self.read_value("mindspore-version") or "")
        except ValueError:
            return None

    def exact_id(self) -> ModelId:
        """The id that means this card, as far as folders and header tell."""
        return ModelId(self.owner, self.name, self.stated_version(), self.backend)

    def path_id(self) -> ModelId:
        """The id as far as the folders tell."""
        return ModelId(self.owner, self.name, self.version, self.backend)


class Root(ABC):
    """One registry: a folder, or a URL. As a text it is what a user calls it."""

    @abstractmethod
    def list_entries(self) -> Sequence[Entry]:
        """List the cards; none of them is read.

        Raises:
            RegistryError: The registry cannot be read.
            HubError: It cannot be reached, for reasons that depend on its kind.
        """
