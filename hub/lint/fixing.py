"""Mending cards: the fixes of findings, applied until there is nothing left to apply."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hub.cards.document import Document
from hub.findings import Finding, Fix

_MOST_ROUNDS = 10  # a fix may uncover another; rules that undo each other must not go on for ever


def fix_document(
    document: Document,
    check: Callable[[Document], Iterable[Finding]],
    *,
    unsafe: bool = False,
) -> tuple[Document, int]:
    """Apply the fixes of a card's findings.

    Args:
        document: The card.
        check: What finds its findings.
        unsafe: Whether fixes that change facts are applied as well.

    Returns:
        The mended card, and how many fixes were applied.
    """
    applied = 0
    for _ in range(_MOST_ROUNDS):
        fixes = _choose(
            finding.fix
            for finding in check(document)
            if finding.fix and finding.fix.edits and (finding.fix.safe or unsafe)
        )
        mended = document.edit(edit for fix in fixes for edit in fix.edits)
        if mended == document:
            break
        document = mended
        applied += len(fixes)
    return document, applied


def _choose(fixes: Iterable[Fix]) -> list[Fix]:
    """Take fixes in the order of the text, but none that reaches into the one before it."""
    chosen: list[Fix] = []
    last = -1
    for fix in sorted(fixes, key=lambda fix: min(fix.edits)):
        if min(fix.edits).start > last:
            chosen.append(fix)
            last = max(edit.end for edit in fix.edits)
    return chosen
