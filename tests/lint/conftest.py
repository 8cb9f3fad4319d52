"""A card with which nothing is wrong, ways to spoil it, and what the rules then find."""

import datetime
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import NamedTuple

import pytest

from hub.cards.document import Document
from hub.cards.record import Card
from hub.lint.rule import Draft, Rule
from hub.lint.subject import Subject
from hub.lint.vocabulary import Vocabulary
from tests.conftest import GOOD_CARD

FAMILIES = ("text", "keys", "values", "words", "assets", "metrics")
TODAY = datetime.date(2025, 6, 1)


class Found(NamedTuple):
    """A finding, and the card with its fix."""

    code: str
    place: str  # line:column-column, or line:column-line:column
    key: str
    message: str
    fix: str  # "safe: write 2025-03-10"; empty without one
    changed: tuple[str, ...] = ()  # the lines that the fix writes
    fixed: str = ""  # the card with its fix


@pytest.fixture
def card_with() -> Callable[..., str]:
    """Return the good card with some of its text replaced: ``card_with("cv", "cw")``."""

    def spoil(*changes: str) -> str:
        text = GOOD_CARD
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the card"
            text = text.replace(old, new)
        return text

    return spoil


@pytest.fixture
def check() -> Callable[..., list[Found]]:
    """Check a card with the rules whose codes begin with one of ``select``; prove every fix."""

    def run(
        text: str | bytes,
        path: str = "card.md",
        *,
        select: str | tuple[str, ...] = "MC",
        vocabulary: Vocabulary | None = None,
    ) -> list[Found]:
        content = text if isinstance(text, bytes) else text.encode()
        card = Subject(Document.parse(content, path), vocabulary, TODAY)
        rules = [rule for rule in _list_rules() if rule.code.startswith(select)]
        return [_show(card, rule, draft) for rule in rules for draft in rule.check(card)]

    return run


def _list_rules() -> list[Rule]:
    modules = [vars(import_module(f"hub.lint.rules.{family}")) for family in FAMILIES]
    rules = [rule for names in modules for rule in names.values() if isinstance(rule, Rule)]
    return sorted(rules, key=lambda rule: rule.code)


def _show(card: Subject, rule: Rule, draft: Draft) -> Found:
    line, column = card.document.place(draft.start)
    last, end = card.document.place(draft.end)
    place = f"{line}:{column}-{end}" if line == last else f"{line}:{column}-{last}:{end}"
    if draft.fix is None:
        return Found(rule.code, place, draft.key, draft.message, "")
    fixed = card.document.edit(draft.fix.edits)
    _prove(card, rule, draft, Subject(fixed, card.vocabulary, card.today))
    before = card.text.splitlines(keepends=True)
    changed = [line for line in fixed.text.splitlines(keepends=True) if line not in before]
    fix = f"{draft.fix.applicability}: {draft.fix.message}"
    return Found(rule.code, place, draft.key, draft.message, fix, tuple(changed), fixed.text)


def _prove(before: Subject, rule: Rule, draft: Draft, after: Subject) -> None:
    """Prove that a fix ends its finding, and that a safe one changes no fact."""
    old, new = list(rule.check(before)), list(rule.check(after))
    assert len(new) < len(old), f"{rule.code} is still found after its fix"
    assert draft.fix is not None
    if draft.fix.safe:
        assert _facts(after.record) == _facts(before.record)


def _facts(record: Card | None) -> Card | None:
    """A record without the spelling of its digests, which are equal in any case."""
    if record is None:
        return None
    assets = [replace(asset, digest_text=asset.digest_text.lower()) for asset in record.assets]
    return replace(record, assets=tuple(assets))
