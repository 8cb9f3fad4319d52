"""MC2xx: the keys of the header: which are there, which are not, and in what order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from hub.cards.keys import ASSET_KEYS, CARD_KEYS, IMAGE_KEYS, Key, english_key
from hub.cards.nodes import ListNode, MapNode, ScalarNode
from hub.lint.rule import Draft, Drafts, replace_text, rule, unsafe_fix
from hub.lint.subject import Subject

_KNOWN = frozenset(key.name for key in CARD_KEYS)
_KNOWN_IN_ASSETS = frozenset(key.name for key in ASSET_KEYS)
_REQUIRED = frozenset(key.name for key in CARD_KEYS if key.required)
_MAY_BE_EMPTY = frozenset({"asset", "evaluation", "train-dataset"})  # other rules look at them
_MAY_BE_LISTS = frozenset({"asset", "input-shape"})
_REPORTED_ELSEWHERE = frozenset({"mAP"})  # by MC507, which knows what to do with it
_READ_BY_US = frozenset(IMAGE_KEYS)
_MOST_GUESSES = 20  # of one map; to find one takes a while
_ORDER = {key.name: place for place, key in enumerate(CARD_KEYS)}


def guess_keys(
    node: MapNode, known: tuple[Key, ...], extra: Collection[str] = ()
) -> Mapping[str, str | None]:
    """Give every unknown key of a map, each with the absent key that it may be meant for."""
    names = {key.name for key in known}
    absent = [key.name for key in known if key.name not in node.values]
    guesses: dict[str, str | None] = {}
    for name in node.values:
        if name in names or name in extra or name.endswith("-repo-link"):
            continue
        likely = name.lower().replace("_", "-").replace(" ", "-")
        few = len(guesses) < _MOST_GUESSES
        near = get_close_matches(likely, absent, n=1, cutoff=0.75) if few else []
        guesses[name] = near[0] if near else None
        absent = [other for other in absent if other not in near]
    return guesses


@rule("MC201", "missing-key", "error")
def find_missing_keys(card: Subject) -> Drafts:
    """A card has the required keys of the format.

    They are model-name, backbone-name, module-type, fine-tunable, model-version, author,
    update-time, repo-link, user-id, used-for, mindspore-version, license and summary. A card
    without one of them cannot be found, compared or loaded by it, and the official validator
    refuses it. Add the key; if it is there under another spelling, correct that.
    """
    values = card.header.values
    if not values or values.keys() >= _REQUIRED:
        return
    guesses = guess_keys(card.header, CARD_KEYS, card.vocabulary.keys)
    meant = {right: wrong for wrong, right in guesses.items() if right}
    for key in CARD_KEYS:
        if not key.required or key.name in values:
            continue
        if key.name in meant:
            written = card.header.keys[meant[key.name]]
            fix = unsafe_fix(
                f"rename {written.text} to {key.name}", replace_text(written, key.name)
            )
            message = f"is missing; {written.text} looks like it"
            yield card.flag(key.name, message, fix, at=written)
        else:
            yield card.flag(key.name, "is missing", at=card.top)


@rule("MC202", "empty-key", "error")
def find_empty_keys(card: Subject) -> Drafts:
    """A key has a value.

    A key without a value says nothing, and readers make different things of it: an empty text, a
    null, the word None. State the value. Keys that are not required may be left out altogether.
    """
    for name, node in card.header.values.items():
        if (
            isinstance(node, ScalarNode)
            and not node.text.strip()
            and name in _KNOWN - _MAY_BE_EMPTY
        ):
            advice = "state it" if name in _REQUIRED else "state it, or leave the key out"
            yield card.flag(name, f"has no value; {advice}", at=card.header.keys[name])


@rule("MC203", "duplicate-key", "error")
def find_duplicate_keys(card: Subject) -> Drafts:
    """A key stands once in the header.

    Of two lines with the same key the official reader takes the last, mshub the first, and other
    YAML readers refuse the card. Remove the line that is wrong.
    """
    for key, _ in card.header.repeated:
        name = english_key(key.text)
        first, _ = card.document.place(card.header.keys[name].start)
        yield card.flag(name, f"stands in line {first} already; remove one of the two", at=key)


@rule("MC204", "key-order", "note")
def find_key_order(card: Subject) -> Drafts:
    """The keys stand in the usual order.

    Nearly all official cards have their keys in one order, which makes two cards easy to compare
    side by side. No program depends on it. ``hub rule MC201`` lists the required keys in that
    order.
    """
    last = ""
    for name in card.header.values:
        if name not in _ORDER:
            continue
        if last and _ORDER[name] < _ORDER[last]:
            message = f"stands below {last}, and above it in other cards"
            yield card.flag(name, message, at=card.header.keys[name])
            return
        last = name


@rule("MC205", "unknown-key")
def find_unknown_keys(card: Subject) -> Drafts:
    """The format knows the key.

    A key that is spelt differently from the format's own is read by no program: its value is there
    for people only. Correct the spelling. If it is a key of your own, list it under
    ``[tool.mshub.vocabularies]`` as one of ``keys``. Known are keys such as ``vit-repo-link``, for
    further repositories, and those that ``hub.transform`` reads: ``input-size``, ``crop-pct``,
    ``interpolation``, ``mean``, ``std`` and ``labels``.
    """
    if not card.header.values.keys() <= _KNOWN:
        known_here = card.vocabulary.keys | _READ_BY_US | _REPORTED_ELSEWHERE
        for name, meant in guess_keys(card.header, CARD_KEYS, known_here).items():
            if meant not in _REQUIRED:  # those are reported as missing
                yield _flag_unknown(card, name, card.header.keys[name], meant)
    assets = card.header.values.get("asset")
    for index, item in enumerate(assets.items if isinstance(assets, ListNode) else ()):
        if isinstance(item, MapNode) and not item.values.keys() <= _KNOWN_IN_ASSETS:
            for name, meant in guess_keys(item, ASSET_KEYS, card.vocabulary.keys).items():
                if meant is None:
                    yield _flag_unknown(card, f"asset[{index}].{name}", item.keys[name], meant)


@rule("MC206", "not-a-line", "error")
def find_lists_in_place_of_text(card: Subject) -> Drafts:
    """A key has one line of text.

    Apart from ``asset`` and ``input-shape`` the format has no lists and no nested keys; a reader
    that expects text takes the key for missing, or fails. Write one line; several words of
    ``used-for`` are separated by ``/``, several data sets by ``|``.
    """
    for name, node in card.header.values.items():
        if not isinstance(node, ScalarNode) and name in _KNOWN - _MAY_BE_LISTS:
            kind = "a list" if isinstance(node, ListNode) else "nested keys"
            yield card.flag(name, f"has {kind}; write one line of text", at=node)


def _flag_unknown(card: Subject, key: str, written: ScalarNode, meant: str | None) -> Draft:
    if meant is None:
        return card.flag(key, "is no key of the format", at=written)
    fix = unsafe_fix(f"rename it to {meant}", replace_text(written, meant))
    return card.flag(key, f"is no key of the format; {meant} is one", fix, at=written)
