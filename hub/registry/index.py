"""The file ``index.json``, which says what a folder of cards holds to those who cannot walk it.

::

    {"schema_version": 1,
     "cards": [{"path": "MindSpore/2.5/efficientnet_b0_imagenet2012.md",
                "model_name": "efficientnet_b0",
                "version": "2.5",
                "train_dataset": "ImageNet2012",
                "sha256": "<64 hexadecimal digits of the card's bytes>"}]}

It holds what an id is matched by, so that only the one card that is meant has to be fetched.
It is read with distrust; what else it holds is passed over.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hub.errors import RegistryError
from hub.registry.layouts import FileEntry, Place, find_value, read_place, scan_folder
from hub.terminal import neutralise_line
from hub.versions import Version

FILE_NAME = "index.json"
LARGEST_INDEX = 16 << 20  # bytes; 3,000 cards take 0.7 MB
_SCHEMA_VERSION = 1
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST_SHOWN = 60  # characters of a value in an error


@dataclass(frozen=True, slots=True)
class IndexedCard:
    """A line of the index.

    Attributes:
        path: The card's path below the registry, with ``/`` between folders.
        place: What the path tells.
        model_name: The card's ``model-name``, or None.
        version: The version that the folder or else the card states, or None.
        train_dataset: The card's ``train-dataset``, or None.
        sha256: The digest of the card's bytes, 64 hexadecimal digits.
    """

    path: str
    place: Place
    model_name: str | None
    version: str | None
    train_dataset: str | None
    sha256: str


def parse_index(content: bytes, url: str) -> list[IndexedCard]:
    """Read an index.

    Args:
        content: The bytes of the file.
        url: Where they came from.

    Raises:
        RegistryError: It is damaged, or written for a newer mshub.

    Example:
        >>> parse_index(b'{"schema_version": 1, "cards": []}', "https://example.org/index.json")
        []
    """
    try:
        index = json.loads(content)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise _refuse(url, f"it is not JSON: {reason}") from error
    version = index.get("schema_version") if isinstance(index, dict) else None
    if type(version) is not int or version < 1:
        raise _refuse(url, "it states no schema_version")
    if version > _SCHEMA_VERSION:
        raise RegistryError(
            f"{url} has schema_version {version}, which a newer mshub writes; this one reads"
            f" {_SCHEMA_VERSION}: update mshub",
            location=url,
        )
    cards = index.get("cards")
    if not isinstance(cards, list):
        raise _refuse(url, "its 'cards' are not a list")
    found: dict[str, IndexedCard] = {}
    for number, card in enumerate(cards):
        try:
            read = _read_line(card)
        except ValueError as error:
            raise _refuse(url, f"cards[{number}]: {error}") from error
        if read.path in found:
            raise _refuse(url, f"cards[{number}]: {read.path} is listed twice")
        found[read.path] = read
    return list(found.values())


def index_folder(root: Path) -> list[IndexedCard]:
    """List what the index of a folder says, by path.

    Args:
        root: A folder that is a registry.

    Raises:
        RegistryError: The folder or a card cannot be read, a card is larger than any may be, or
            there is none.

    Example:
        >>> from hub.resources import cards_folder
        >>> [card.path for card in index_folder(cards_folder())]
        ['MindSpore/efficientnet_b0.md', 'MindSpore/efficientnet_b1.md']
    """
    cards = [_index_card(entry, root) for entry in scan_folder(root)]
    if not cards:
        raise RegistryError(
            f"there is no card in {root}; a registry holds cards as owner/name.md",
            location=str(root),
        )
    return sorted(cards, key=lambda card: card.path)


def format_index(cards: Iterable[IndexedCard]) -> bytes:
    r"""Write ``index.json``: the same bytes for the same cards.

    Raises:
        RegistryError: It is larger than what is read.

    Example:
        >>> format_index([])
        b'{\n "schema_version": 1,\n "cards": []\n}\n'
    """
    lines = [
        {
            "path": card.path,
            "model_name": card.model_name,
            "version": card.version,
            "train_dataset": card.train_dataset,
            "sha256": card.sha256,
        }
        for card in cards
    ]
    index = {"schema_version": _SCHEMA_VERSION, "cards": lines}
    content = json.dumps(index, ensure_ascii=False, indent=1).encode() + b"\n"
    if len(content) > LARGEST_INDEX:
        raise RegistryError(
            f"the index of these {len(lines):,} cards is larger than {LARGEST_INDEX:,} bytes, the"
            " most that is read; make several registries of them"
        )
    return content


def _index_card(entry: FileEntry, root: Path) -> IndexedCard:
    content = _read_bytes(entry.path)
    version = entry.version or _as_version(find_value(content, "mindspore-version"))
    return IndexedCard(
        path=entry.path.relative_to(root).as_posix(),
        place=Place(entry.owner, entry.name, entry.version, entry.backend),
        model_name=find_value(content, "model-name"),
        version=str(version) if version else None,
        train_dataset=find_value(content, "train-dataset"),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _read_bytes(path: Path) -> bytes:
    from hub.cards.document import LARGEST_CARD

    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_CARD + 1)
    except OSError as error:
        raise RegistryError(
            f"{path} cannot be read: {error.strerror or error}; mend it or move it away",
            location=str(path),
        ) from error
    if len(content) > LARGEST_CARD:
        raise RegistryError(
            f"{path} is larger than {LARGEST_CARD:,} bytes, the most a card may have",
            location=str(path),
        )
    return content


def _as_version(text: str | None) -> Version | None:
    try:
        return Version.parse(text or "")
    except ValueError:
        return None


def _read_line(card: object) -> IndexedCard:
    if not isinstance(card, dict):
        raise ValueError("this is no JSON object")  # noqa: TRY004, parse_index explains it
    path, sha256, version = card.get("path"), card.get("sha256"), _read_text(card, "version")
    place = read_place(path) if isinstance(path, str) else None
    if not isinstance(path, str) or place is None:
        raise ValueError(f"{_show(path)} is no path of a card such as owner/name.md")
    if not (isinstance(sha256, str) and _SHA256.fullmatch(sha256)):
        raise ValueError(f"the sha256 {_show(sha256)} is not 64 small hexadecimal digits")
    if version is not None:
        Version.parse(version)
    return IndexedCard(
        path=path,
        place=place,
        model_name=_read_text(card, "model_name"),
        version=version,
        train_dataset=_read_text(card, "train_dataset"),
        sha256=sha256,
    )


def _read_text(card: dict[str, object], key: str) -> str | None:
    text = card.get(key)
    if text is not None and not isinstance(text, str):
        raise ValueError(f"the {key} {_show(text)} is no text")
    return text


def _show(value: object) -> str:
    shown = neutralise_line(repr(value))
    return f"{shown[:_LONGEST_SHOWN]}…" if len(shown) > _LONGEST_SHOWN else shown


def _refuse(url: str, reason: str) -> RegistryError:
    return RegistryError(
        f"{url} is damaged: {reason}; `hub index FOLDER` writes it anew", location=url
    )
