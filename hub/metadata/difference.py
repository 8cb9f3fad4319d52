"""What changed between two cards, fact by fact.

What both cards say counts, not how it is written: quotes, blanks, line ends, the zeros of a day
and ``<…>`` around a link make no difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise

from hub.cards import fields
from hub.cards.document import Document
from hub.cards.keys import CARD_KEYS
from hub.cards.record import Card, require_record
from hub.metadata.asset_changes import compare_assets
from hub.metadata.changes import Change, describe
from hub.metadata.metric_changes import compare_metrics
from hub.metadata.notations import to_values

__all__ = ["Change", "diff_cards"]

_PREAMBLE = "the text before the first heading"


def diff_cards(old: Card | Document, new: Card | Document) -> tuple[Change, ...]:
    """Compare two cards.

    Args:
        old: The card as it was.
        new: The card as it is.

    Returns:
        The changes, in the usual order of keys: the title, the header, then the body section by
        section. None if both say the same, however it is written. Ids are not compared.

    Raises:
        CardError: A card is not UTF-8 text, its header has a key ``title`` or ``body``, or it is
            no model card.

    Example:
        >>> import hub
        >>> b0, b1 = map(hub.card, ("MindSpore/efficientnet_b0", "MindSpore/efficientnet_b1"))
        >>> for change in diff_cards(b0, b1)[:3]:
        ...     print(change)
        ~ title: 'efficientnet_b0' → 'efficientnet_b1'
        ~ model-name: 'efficientnet_b0' → 'efficientnet_b1'
        ~ evaluation.top1acc: top1acc 76.88 → 78.95 (+2.07)
        >>> diff_cards(b0, b0)
        ()
    """
    old, new = require_record(old), require_record(new)
    before, after = (_read_values(card) for card in (old, new))
    changes: list[Change] = []
    for key in _order_keys(before, after):
        if key == "evaluation":
            changes += compare_metrics(old.evaluation, new.evaluation)
        elif key == "asset":
            changes += compare_assets(old, new, before.get(key), after.get(key))
        elif before.get(key) != after.get(key):
            note = _name_sameness(key, old, new)
            changes.append(describe(key, before.get(key), after.get(key), note))
    return (*changes, *_compare_bodies(old.document, new.document))


def _read_values(card: Card) -> dict[str, object]:
    """Return what the card states, without the body; an empty value states nothing."""
    values = {key: _unwrap(value) for key, value in to_values(card).items() if key != "body"}
    return {key: value for key, value in values.items() if value not in ("", [], {})}


def _unwrap(value: object) -> object:
    if isinstance(value, str):
        return fields.read_link(value)
    if isinstance(value, list):
        return [_unwrap(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _unwrap(item) for key, item in value.items()}
    return value


def _order_keys(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Put the keys of both cards in the usual order; keys of their own come last, as they stand."""
    usual = ["title", *(key.name for key in CARD_KEYS)]
    return list(dict.fromkeys((*usual, *before, *after)))


def _name_sameness(key: str, old: Card, new: Card) -> str:
    """Say what two spellings have in common, or which of two versions is newer."""
    if key == "license" and old.license_id and old.license_id == new.license_id:
        return f"the same licence, {new.license_id}"
    names = [[data.canonical for data in card.datasets] for card in (old, new)]
    if key == "train-dataset" and names[0] == names[1] and names[0] and None not in names[0]:
        return "the same data, spelt in another way"
    if key in {"model-version", "mindspore-version"}:
        field = key.replace("-", "_")
        before, after = getattr(old, field), getattr(new, field)
        if before and after:
            return "newer" if after > before else "older"
    if key == "update-time" and old.update_time and new.update_time:
        days = (new.update_time - old.update_time).days
        return (
            f"{abs(days):,} day{'' if abs(days) == 1 else 's'} {'later' if days > 0 else 'earlier'}"
        )
    return ""


def _compare_bodies(old: Document, new: Document) -> Iterator[Change]:
    if old.body == new.body:
        return
    before, after = _split_body(old), _split_body(new)
    for name, text in before.items():
        if name not in after:
            yield _describe_section(name, text, None)
    for name, text in after.items():
        if before.get(name) != text:
            yield _describe_section(name, before.get(name), text)
    common = [
        [name for name in names if name in before and name in after] for names in (before, after)
    ]
    if common[0] != common[1]:
        titles = [[title for title, _ in names] for names in common]
        yield Change("body", titles[0], titles[1], "changed", "the sections stand in another order")


def _split_body(document: Document) -> dict[tuple[str, int], str]:
    """Return what stands below each heading, by its title and how often that came before."""
    sections = document.body.sections
    start = document.fences[-1].end if len(document.fences) == 2 else 0
    bounds = [start, *(section.start for section in sections), len(document.text)]
    titles = [_PREAMBLE, *(f"section {section.title!r}" for section in sections)]
    parts: dict[tuple[str, int], str] = {}
    counts: Counter[str] = Counter()
    for title, (begin, end) in zip(titles, pairwise(bounds), strict=True):
        part = document.text[begin:end].replace("\r\n", "\n").replace("\r", "\n")
        text = "\n".join(line.rstrip() for line in part.split("\n")).strip()
        if text:
            parts[title, counts[title]] = text
            counts[title] += 1
    return parts


def _describe_section(name: tuple[str, int], old: str | None, new: str | None) -> Change:
    title = name[0] if name[1] == 0 else f"{name[0]} ({name[1] + 1})"
    if old is None:
        return Change("body", old, new, "added", f"{title}, {_count(new or '')}")
    if new is None:
        return Change("body", old, new, "removed", f"{title}, {_count(old)}")
    before, after = Counter(old.splitlines()), Counter(new.splitlines())
    come, gone = (after - before).total(), (before - after).total()
    note = f"+{come} -{gone} lines" if come or gone else "lines stand in another order"
    return Change("body", old, new, "changed", f"{title}, {note}")


def _count(text: str) -> str:
    count = len(text.splitlines())
    return f"{count} line{'' if count == 1 else 's'}"
