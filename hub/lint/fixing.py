"""Mending cards: the fixes of findings, applied until there is nothing left to apply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from hub.cards.document import LARGEST_CARD, Document
from hub.findings import Finding, Fix

_MOST_ROUNDS = 50  # a fix may uncover another; rules that undo each other must not go on for ever

_Place = tuple[str, str, int, int]


def fix_document(
    document: Document,
    check: Callable[[Document], Iterable[Finding]],
    *,
    unsafe: bool = False,
) -> tuple[Document, int]:
    """Apply the fixes of a card's findings.

    A fix after which its rule finds the same again is left out. To mend a mended card changes
    nothing.

    Args:
        document: The card.
        check: What finds its findings.
        unsafe: Whether fixes that change facts are applied as well.

    Returns:
        The mended card, and how many fixes were applied.
    """

    def find(card: Document) -> list[Finding]:
        return [
            finding
            for finding in check(card)
            if finding.fix and finding.fix.edits and (finding.fix.safe or unsafe)
        ]

    first, applied, seen = document, 0, [document]
    findings = find(document)
    for _ in range(_MOST_ROUNDS):
        document, findings, count = _mend_once(document, findings, find)
        if not count:
            return document, applied
        if document in seen:  # rules undo each other: whichever card is mended, one comes out
            circle = seen[seen.index(document) :]
            return min(circle, key=lambda card: card.text), applied
        if len(document.text) > LARGEST_CARD:
            break
        seen.append(document)
        applied += count
    return first, 0  # fixes that never come to an end mend nothing


def _mend_once(
    document: Document,
    findings: Sequence[Finding],
    find: Callable[[Document], list[Finding]],
) -> tuple[Document, list[Finding], int]:
    """Apply the fixes that are of use; return the card, what is left, and how many they were."""
    useless: set[_Place] = set()
    while chosen := _choose(finding for finding in findings if _locate(finding) not in useless):
        mended = document.edit(edit for _, fix in chosen for edit in fix.edits)
        if mended == document:
            break
        left = find(mended)
        again = _list_useless([finding for finding, _ in chosen], findings, left)
        if not again:
            return mended, left, len(chosen)
        useless |= again
    return document, [], 0


def _list_useless(
    mended: Iterable[Finding], before: Iterable[Finding], after: Collection[Finding]
) -> set[_Place]:
    """List the places where a rule finds after its fix what it found before."""
    still = {_locate(finding) for finding in after}
    counts = Counter((finding.code, finding.key) for finding in before)
    counts.subtract((finding.code, finding.key) for finding in after)
    return {
        _locate(finding)
        for finding in mended
        if _locate(finding) in still and counts[finding.code, finding.key] <= 0
    }


def _locate(finding: Finding) -> _Place:
    return finding.code, finding.key, finding.line, finding.column


def _choose(findings: Iterable[Finding]) -> list[tuple[Finding, Fix]]:
    """Take fixes in the order of the text, but none that reaches into the one before it."""
    fixes = [(finding, finding.fix) for finding in findings if finding.fix]
    chosen: list[tuple[Finding, Fix]] = []
    last = -1
    for finding, fix in sorted(fixes, key=lambda pair: min(pair[1].edits)):
        if min(fix.edits).start > last:
            chosen.append((finding, fix))
            last = max(edit.end for edit in fix.edits)
    return chosen
