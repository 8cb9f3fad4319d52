"""A registry at a URL: any static web folder that holds cards and their ``index.json``.

The index is asked for once a minute at most. A card is fetched when it is meant, compared with the
index's digest, and kept; as long as the digest stays, it is not asked for again.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from hub import settings
from hub.errors import DownloadError, OfflineError, RegistryError
from hub.registry.entry import Entry, Root
from hub.registry.index import FILE_NAME, LARGEST_INDEX, IndexedCard, parse_index
from hub.registry.pages import Pages

if TYPE_CHECKING:
    from hub.cards.record import Card

FRESH = 60  # seconds for which an index that was read is not asked for again
_GONE = frozenset({404, 410})
_FORBIDDEN = frozenset({401, 403})
_UPDATING = (
    "the registry is being updated: try again in a minute, or tell its owner to run `hub index`"
)


class RemoteRegistry(Root):
    """Cards at a URL, known by an index.

    Args:
        url: The URL of the folder, as ``check_address`` returns it.
        pages: Reads what is there.
    """

    def __init__(self, url: str, pages: Pages) -> None:
        self._url = url
        self._index = f"{url}/{FILE_NAME}"
        self._pages = pages

    def __str__(self) -> str:
        return self._url

    def list_entries(self) -> list[RemoteEntry]:
        """List the cards in the index, which is at most a minute old if there is a network.

        Raises:
            RegistryError: There is no index, it is damaged, or a newer mshub wrote it.
            DownloadError: It cannot be had, and was never read.
            OfflineError: It was never read, and ``MSHUB_OFFLINE`` is set.
            CacheError: ``MSHUB_OFFLINE`` is set, and the cache cannot be read.
        """
        return self._read_index(FRESH)

    def read_content(self, entry: RemoteEntry) -> bytes:
        """Return a card that is what the index says: the kept one, or else the server's.

        Raises:
            RegistryError: The server has another card than the index says, or none.
            DownloadError: It cannot be had.
            OfflineError: It was never read, and ``MSHUB_OFFLINE`` is set.
            CacheError: ``MSHUB_OFFLINE`` is set, and the cache cannot be read.
        """
        from hub.cards.document import LARGEST_CARD

        url = entry.location
        kept = self._pages.find(url)
        if kept is not None and _hash(kept) == entry.sha256:
            return kept
        if settings.offline():
            raise OfflineError(
                f"{url} was never read as the index has it, and MSHUB_OFFLINE is set", url=url
            )
        with self._explain(f"{url} is in the index of the registry, but not there; {_UPDATING}"):
            content = self._pages.fetch(url, LARGEST_CARD)
        if _hash(content) != entry.sha256 and _hash(content) != self._ask_again(entry):
            raise self._refuse(f"{url} is not the card that the index lists; {_UPDATING}")
        self._pages.keep(url, content)
        return content

    def _ask_again(self, entry: RemoteEntry) -> str | None:
        """Return the digest in the index as it is now, which may be newer than the entry."""
        digests = {now.location: now.sha256 for now in self._read_index(fresh=0)}
        return digests.get(entry.location)

    def _read_index(self, fresh: float) -> list[RemoteEntry]:
        with self._explain(
            f"there is no registry at {self._url}, for {self._index} is not there; `hub index"
            " FOLDER` writes the index of a folder of cards"
        ):
            cards = self._pages.read(
                self._index,
                partial(parse_index, url=self._index),
                name="the index",
                largest=LARGEST_INDEX,
                fresh=fresh,
            )
        return [
            RemoteEntry(f"{self._url}/{quote(card.path)}", *card.place, card, self)
            for card in cards
        ]

    @contextlib.contextmanager
    def _explain(self, gone: str) -> Iterator[None]:
        """Say of an answer what it means for a registry; ``gone`` is what a missing file means."""
        try:
            yield
        except DownloadError as error:
            if error.status in _GONE:
                raise self._refuse(gone) from error
            if error.status in _FORBIDDEN:
                message = (
                    f"{self._url} answered {error.status}: it wants a token, or another one; set"
                    " MSHUB_TOKEN, which is sent only to the URLs in MSHUB_REGISTRY"
                )
                raise DownloadError(message, url=self._url, status=error.status) from error
            raise

    def _refuse(self, message: str) -> RegistryError:
        return RegistryError(message, location=self._url)


@dataclass(frozen=True, slots=True)
class RemoteEntry(Entry):
    """A card behind an index, and what the index says of it."""

    card: IndexedCard = field(compare=False)
    registry: RemoteRegistry = field(compare=False, repr=False)

    @property
    def sha256(self) -> str:
        """The digest of the card's bytes."""
        return self.card.sha256

    def read_value(self, key: str) -> str | None:
        """Return what the index says of a key."""
        values = {
            "model-name": self.card.model_name,
            "train-dataset": self.card.train_dataset,
            "mindspore-version": self.card.version,
        }
        return values[key]

    def read_card(self) -> Card:
        """Read the card, from the server if need be.

        Raises:
            CardError: It is no valid record.
            RegistryError: The server has another card than the index says, or none.
            DownloadError: It cannot be had.
            OfflineError: It was never read, and ``MSHUB_OFFLINE`` is set.
            CacheError: ``MSHUB_OFFLINE`` is set, and the cache cannot be read.
        """
        from hub.cards.document import Document
        from hub.cards.record import build_card

        content = self.registry.read_content(self)
        return build_card(Document.parse(content, self.location), self.path_id())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
