"""Search: the models whose cards say certain words, the best ones first.

A card in a folder is known by its header. Thousands of them are read for one answer, so most are
put aside by one look for the words among the letters of the header; fields are told apart, and
records built, only where that look has found them all. Of a card behind an index, what the index
says counts (id, model name, data set), so that a search fetches none but the cards that it returns.
The text below the header is no part of it: there, cards speak of other models as well.
"""

from __future__ import annotations

import logging
import os
import re
import string
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from hub.errors import ArgumentError, CardError, OfflineError, RegistryError
from hub.registry.entry import Entry
from hub.registry.layouts import FileEntry

if TYPE_CHECKING:
    from hub.cards.record import Card
    from hub.registry.registry import Registry

_log = logging.getLogger(__name__)

_KEYS = {  # what a query calls a field: its key in the header
    "model": "model-name",
    "backbone": "backbone-name",
    "type": "module-type",
    "dataset": "train-dataset",
    "summary": "summary",
}
FIELDS = ("owner", "name", *_KEYS)
_NAMES = ("id", "name", "model")
_RANKED = ("id", "name", *_KEYS)  # owners are in the ids
_FIELD_OF = {key.encode(): field for field, key in _KEYS.items()}
_FAR = {"backbone": 3, "type": 4, "dataset": 5, "owner": 6, "id": 6, "summary": 7}
_NOWHERE = 99  # a rank; 0 is the whole name, 1 its beginning, 2 a part of it

_USUAL_HEADER = 4096  # bytes
_LARGEST_HEADER = 1 << 17
_FENCE = b"\n---"
_LINES = re.compile(  # a key's value, with the lines that continue it
    rf"\n({'|'.join(_KEYS.values())}):([^\n]*(?:\n[ \t]+[^\n]*)*)".encode()
)
_NOT_LETTERS = re.compile(r"(?:[^\w\n]|_)+")
_LOWER = bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode())
_ASCII_NOT_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())


def search_cards(registry: Registry, query: str, *, limit: int | None = None) -> list[Card]:
    """Find the models whose cards say all words of a query.

    Args:
        registry: Where to look.
        query: Words, or parts of words, separated by blanks; see :func:`find_entries`.
        limit: The most cards that are returned; None takes them all.

    Returns:
        The cards, the best first. One that is broken is passed over, with a warning in the log.

    Raises:
        ArgumentError: The query has no word, or names a field that there is not; the limit is no
            positive integer.
        HubError: A registry cannot be read or reached.

    Example:
        >>> from hub.registry.registry import Registry
        >>> [str(card.id) for card in search_cards(Registry("shipped"), "efficientnet b1")]
        ['MindSpore/efficientnet_b1@2.5']
    """
    if limit is not None and (type(limit) is not int or limit < 1):
        raise ArgumentError(f"limit must be a positive integer or None, not {limit!r}")
    return list(read_cards(find_entries(registry, query)[:limit]))


def find_entries(registry: Registry, query: str) -> list[Entry]:
    """Find the models that a query means; a folder's headers are read, but no record is built.

    A word is found in a model's owner and name, and in its card's model name, backbone, module
    type, data set and, from the beginning of a word on, in its summary; ``field:word`` looks into
    one of :data:`FIELDS` alone. Case, accents and separators make no difference: ``ResNet-50`` is
    ``resnet50``. If nothing is found because no card says some word, the nearest one is taken
    instead, with a warning in the log.

    Args:
        registry: Where to look. Of each model, the card that its id means is looked at: the
            newest version, in the first registry that has it.
        query: Words, or parts of words, separated by blanks.

    Returns:
        The entries: first those that are called as the whole query, then those whose names begin
        with its words, or hold them, or whose cards say them elsewhere; short names first.

    Raises:
        ArgumentError: The query has no word, or names a field that there is not.
        HubError: A registry cannot be read or reached.

    Example:
        >>> from hub.registry.registry import Registry
        >>> [entry.name for entry in find_entries(Registry("shipped"), "dataset:imagenet b")]
        ['efficientnet_b0', 'efficientnet_b1']
    """
    words = _read_query(query)
    leaves = [_read_leaf(entry) for entry in _list_newest(registry)]
    found = _match(leaves, words)
    if not found and (likely := _mend(words, leaves)) != words:
        found = _match(leaves, likely)
        _log.warning("no card says %r; searched for %r", query, " ".join(map(str, likely)))
    return found


def read_cards(entries: Iterable[Entry]) -> Iterator[Card]:
    """Read the cards of entries; a broken one is passed over, with a warning in the log.

    Raises:
        DownloadError: A server cannot be reached.
        CacheError: ``MSHUB_OFFLINE`` is set, and the cache cannot be read.
    """
    for entry in entries:
        try:
            yield entry.read_card()
        except (CardError, RegistryError, OfflineError) as error:
            _log.warning("%s is passed over: %s", entry.exact_id(), error)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a query, folded; ``field`` is empty where any will do."""

    text: str
    field: str = ""

    def __str__(self) -> str:
        return f"{self.field}:{self.text}" if self.field else self.text


class _Leaf(NamedTuple):
    """A model, and the header of its card, or the lines of it that an index holds."""

    entry: Entry
    header: bytes

    def may_say(self, words: Iterable[bytes]) -> bool:
        """Tell at little cost that a card lacks one of the words; else it takes a closer look."""
        text = f"{self.entry.owner}{self.entry.name}".encode() + self.header
        if not text.isascii():
            return True
        letters = text.translate(_LOWER, _ASCII_NOT_LETTERS)
        return all(word in letters for word in words)

    def read_fields(self) -> _Fields:
        """Tell the fields apart."""
        owner, name = self.entry.owner, self.entry.name
        fields = {"id": f"{owner} {name}", "owner": owner, "name": name, **dict.fromkeys(_KEYS, "")}
        for key, value in _LINES.findall(self.header):
            text = value.decode("utf-8", "replace").partition(" #")[0]
            fields[_FIELD_OF[key]] = " ".join(text.split())
        folded = _fold("\n".join(fields.values())).split("\n")
        return _Fields(dict(zip(fields, folded, strict=True)))


class _Fields(NamedTuple):
    """What each field says, folded."""

    texts: dict[str, str]

    def rank(self, word: _Word) -> int:
        """Tell how far from the model's name a word stands."""
        fields = [word.field] if word.field else _RANKED
        return min(self._rank_in(field, word) for field in fields)

    def is_called(self, name: str) -> bool:
        """Tell whether this is the name of the model, without blanks."""
        return any(_squeeze(self.texts[field]) == name for field in _NAMES)

    def _rank_in(self, field: str, word: _Word) -> int:
        text = self.texts[field]
        if field == "summary":
            return _FAR[field] if f" {word.text}" in f" {text}" else _NOWHERE
        wanted = _squeeze(word.text)
        place = _squeeze(text).find(wanted)
        if place < 0:
            return _NOWHERE
        if field in _NAMES and len(_squeeze(text)) == len(wanted):
            return 0
        return _FAR.get(field) or min(place + 1, 2)


def _read_query(query: str) -> list[_Word]:
    if not isinstance(query, str):
        raise ArgumentError(f"query must be a text such as 'efficientnet imagenet', not {query!r}")
    words = []
    for part in query.split():
        field, colon, text = part.rpartition(":")
        if colon and field not in FIELDS:
            raise ArgumentError(
                f"{part!r}: there is no field {field!r} to search in; there are {', '.join(FIELDS)}"
            )
        if folded := _fold(text).strip():
            words.append(_Word(folded, field))
    if not words:
        raise ArgumentError(f"there is no word in the query {query!r}; `hub list` names all models")
    return words


def _list_newest(registry: Registry) -> Iterator[Entry]:
    """List of each model the newest entry, in the first registry that has it."""
    known: set[tuple[str, str, str]] = set()
    for root in registry.roots:
        models: dict[tuple[str, str, str], list[Entry]] = {}
        for entry in root.list_entries():
            key = (entry.owner.casefold(), entry.backend or "", entry.name.casefold())
            models.setdefault(key, []).append(entry)
        for key, entries in models.items():
            if key not in known:
                yield max(entries, key=_version) if len(entries) > 1 else entries[0]
        known.update(models)


def _version(entry: Entry) -> tuple[int, ...]:
    return entry.stated_version() or ()


def _read_leaf(entry: Entry) -> _Leaf:
    if isinstance(entry, FileEntry):
        return _Leaf(entry, _read_header(entry.location))
    stated = {key: entry.read_value(key) or "" for key in ("model-name", "train-dataset")}
    lines = (f"\n{key}: {' '.join(text.split())}" for key, text in stated.items())
    return _Leaf(entry, "".join(lines).encode("utf-8", "replace"))


def _read_header(path: str) -> bytes:
    """Return what stands between the fences of a card; nothing if there are none."""
    try:
        file = os.open(path, os.O_RDONLY)  # half the time of a file object, thousands of times
        try:
            content = b"\n" + os.read(file, _USUAL_HEADER).removeprefix(BOM_UTF8)
            if not (header := _cut_header(content)):
                header = _cut_header(content + os.read(file, _LARGEST_HEADER))
        finally:
            os.close(file)
    except OSError:
        return b""
    return header


def _cut_header(content: bytes) -> bytes:
    start = _find_fence(content, 0)
    end = _find_fence(content, start + len(_FENCE)) if start >= 0 else -1
    return content[start + len(_FENCE) : end] if end >= 0 else b""


def _find_fence(content: bytes, start: int) -> int:
    """Find the end of line before the next ``---`` that has its line to itself; -1 if none has."""
    place = content.find(_FENCE, start)
    while place >= 0:
        after = place + len(_FENCE)
        end = content.find(b"\n", after)
        if not content[after : end if end >= 0 else None].strip(b" \t\r"):
            break
        place = content.find(_FENCE, after)
    return place


def _match(leaves: Iterable[_Leaf], words: list[_Word]) -> list[Entry]:
    """Return the entries of the leaves that say all words, the best first."""
    looked_for = [_squeeze(word.text).encode() for word in words]
    whole = "".join(_squeeze(word.text) for word in words if not word.field)
    ranked = []
    for leaf in leaves:
        if not leaf.may_say(looked_for):
            continue
        fields = leaf.read_fields()
        ranks = [fields.rank(word) for word in words]
        if _NOWHERE not in ranks:
            name = fields.texts["name"]
            order = (not fields.is_called(whole), sum(ranks), len(name), name, leaf.entry.location)
            ranked.append((order, leaf.entry))
    return [entry for _, entry in sorted(ranked, key=itemgetter(0))]


def _mend(words: list[_Word], leaves: Iterable[_Leaf]) -> list[_Word]:
    """Replace each word that no card says by the nearest one that names or data sets hold."""
    from difflib import get_close_matches

    cards = [leaf.read_fields() for leaf in leaves]
    known = {
        part
        for card in cards
        for text in (card.texts["name"], card.texts["model"], card.texts["dataset"])
        for part in (*text.split(), _squeeze(text))
    }
    mended = []
    for word in words:
        unsaid = all(card.rank(word) == _NOWHERE for card in cards)
        near = get_close_matches(_squeeze(word.text), known, n=1, cutoff=0.8) if unsaid else []
        mended.append(replace(word, text=near[0]) if near else word)
    return mended


def _squeeze(text: str) -> str:
    return text.replace(" ", "")


def _fold(text: str) -> str:
    """Write letters small and without accents, and blanks for what is no letter or digit."""
    if not text.isascii():
        parts = unicodedata.normalize("NFKD", text)
        text = "".join(char for char in parts if not unicodedata.combining(char))
    return _NOT_LETTERS.sub(" ", text.casefold())
