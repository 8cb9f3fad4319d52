"""Which of a registry's entries an id means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from hub.errors import AmbiguousModelError, ModelNotFoundError
from hub.ids import ModelId
from hub.registry.layouts import Entry

_MOST_SHOWN = 20  # candidates in one message


def match_entries(entries: Iterable[Entry], model_id: ModelId) -> list[Entry]:
    """List the entries that answer to an id's owner, backend and name, in all versions.

    The name is a card's file stem; only if no stem matches, the ``model-name`` in the cards.
    """
    owner, name = model_id.owner.casefold(), model_id.name.casefold()
    owned = [
        entry
        for entry in entries
        if entry.owner.casefold() == owner and model_id.backend in (None, entry.backend)
    ]
    by_stem = [entry for entry in owned if entry.name.casefold() == name]
    return by_stem or [
        entry for entry in owned if (entry.read_value("model-name") or "").casefold() == name
    ]


def choose_entry(matches: Sequence[Entry], model_id: ModelId) -> Entry:
    """Choose among entries that answer to an id: the version asked for, else the newest.

    Args:
        matches: What :func:`match_entries` found; at least one.
        model_id: The id.

    Raises:
        ModelNotFoundError: There is no such version; the message lists those that there are.
        AmbiguousModelError: Several cards of that version match; the message lists their ids.
    """
    versions = {entry: entry.stated_version() or () for entry in matches}
    wanted = model_id.version or max(versions.values())
    chosen = [entry for entry, version in versions.items() if version == wanted]
    if not chosen:
        known = sorted({entry.exact_id() for entry in matches}, key=lambda i: i.version or ())
        raise ModelNotFoundError(
            f"{model_id}: there is no such version; there is {_join(map(str, known))}",
            model_id=str(model_id),
            suggestions=[str(i) for i in known],
        )
    if len(chosen) > 1:
        candidates = sorted(str(entry.exact_id()) for entry in chosen)
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


def _join(ids: Iterable[str]) -> str:
    listed = list(ids)
    more = f" and {len(listed) - _MOST_SHOWN} more" if len(listed) > _MOST_SHOWN else ""
    return ", ".join(listed[:_MOST_SHOWN]) + more
