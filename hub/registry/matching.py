"""Which of a registry's entries an id means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches

from hub.errors import AmbiguousModelError, ModelNotFoundError
from hub.ids import ModelId
from hub.registry.entry import Entry

_MOST_SHOWN = 20  # candidates in one message

_FindName = Callable[[Entry], str]


class Listing:
    """The entries of one registry, to look up any number of ids in.

    Args:
        entries: What the registry lists.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._owned: dict[str, list[Entry]] = {}
        self._named: dict[tuple[str, _FindName], dict[str, list[Entry]]] = {}
        for entry in self.entries:
            self._owned.setdefault(entry.owner.casefold(), []).append(entry)

    def match(self, model_id: ModelId) -> list[Entry]:
        """List the entries that answer to an id's owner, backend and name, in all versions.

        The name is a card's file stem; only if no stem matches, the ``model-name`` in the cards;
        and only if none of these does, model name and data set together, as official file stems
        have it (``efficientnet_b0_imagenet2012``).
        """
        owner, name = model_id.owner.casefold(), model_id.name.casefold()
        for find_name in (_stem, _model_name, _official_stem):
            named = self._name_entries(owner, find_name).get(name, [])
            if matches := [e for e in named if model_id.backend in (None, e.backend)]:
                return matches
        return []

    def _name_entries(self, owner: str, find_name: _FindName) -> dict[str, list[Entry]]:
        """Group an owner's entries by one kind of name, once; only file stems cost no reading."""
        key = owner, find_name
        if key not in self._named:
            named = self._named[key] = {}
            for entry in self._owned.get(owner, ()):
                named.setdefault(find_name(entry).casefold(), []).append(entry)
        return self._named[key]


def has_version(matches: Sequence[Entry], model_id: ModelId) -> bool:
    """Tell whether the version asked for is among the matches; any will do if none was."""
    return bool(matches) and (
        model_id.version is None
        or any(entry.stated_version() == model_id.version for entry in matches)
    )


def choose_entry(matches: Sequence[Entry], model_id: ModelId) -> Entry:
    """Choose among entries that answer to an id: the version asked for, else the newest.

    Args:
        matches: What :meth:`Listing.match` found; at least one.
        model_id: The id.

    Raises:
        ModelNotFoundError: There is no such version; the message lists those that there are.
        AmbiguousModelError: Several cards of that version match; the message lists their ids.
    """
    ids = {entry: entry.exact_id() for entry in matches}
    wanted = model_id.version or max((i.version for i in ids.values() if i.version), default=None)
    chosen = [entry for entry, exact in ids.items() if exact.version == wanted]
    if not chosen:
        known = sorted(set(ids.values()), key=lambda exact: exact.version or ())
        raise ModelNotFoundError(
            f"{model_id}: there is no such version; there is {_join(map(str, known))}",
            model_id=str(model_id),
            suggestions=[str(exact) for exact in known],
        )
    asked = replace(model_id, version=wanted)
    for normalise in (str, str.casefold):  # to the letter, or else but for the case
        same = [entry for entry in chosen if normalise(str(ids[entry])) == normalise(str(asked))]
        if len(same) == 1:
            return same[0]
    if len(chosen) > 1:
        candidates = _name_apart(chosen)
        raise AmbiguousModelError(
            f"{model_id} means {len(chosen)} cards; choose one: {_join(candidates)}",
            model_id=str(model_id),
            candidates=candidates,
        )
    return chosen[0]


def suggest_ids(entries: Iterable[Entry], model_id: ModelId) -> list[str]:
    """List the ids in a registry that look most like one that is not there."""
    known = {f"{entry.owner}/{entry.name}".casefold(): entry for entry in entries}
    wanted = f"{model_id.owner}/{model_id.name}".casefold()
    near = get_close_matches(wanted, known, n=3, cutoff=0.6)
    same_name = [key for key in known if key.endswith(f"/{model_id.name.casefold()}")]
    found = dict.fromkeys([*same_name[:3], *near])
    return [f"{known[key].owner}/{known[key].name}" for key in found]


def _stem(entry: Entry) -> str:
    return entry.name


def _model_name(entry: Entry) -> str:
    return entry.read_value("model-name") or ""


def _official_stem(entry: Entry) -> str:
    name, data_set = _model_name(entry), entry.read_value("train-dataset")
    return f"{name}_{data_set}" if name and data_set else ""


def _name_apart(entries: Sequence[Entry]) -> list[str]:
    """Name each entry by its exact id, or by its path where two cards share one."""
    uses = Counter(str(entry.exact_id()) for entry in entries)
    return sorted(
        exact if uses[exact] == 1 else entry.location
        for entry in entries
        for exact in (str(entry.exact_id()),)
    )


def _join(ids: Iterable[str]) -> str:
    listed = list(ids)
    more = f" and {len(listed) - _MOST_SHOWN} more" if len(listed) > _MOST_SHOWN else ""
    return ", ".join(listed[:_MOST_SHOWN]) + more
