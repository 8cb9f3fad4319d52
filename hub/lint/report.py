"""What a validation found, and what it mended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hub import __version__
from hub.cards.document import Document
from hub.errors import CardError
from hub.findings import SEVERITIES, Finding, Severity
from hub.lint.catalogue import catalogue
from hub.lint.formats import Run, render


@dataclass(frozen=True, slots=True)
class Mending:
    """What fixes make of a card.

    Attributes:
        before: The card as it was.
        after: The card with the fixes.
        fixes: How many were applied.
    """

    before: Document
    after: Document
    fixes: int

    @property
    def source(self) -> str:
        """The card's file."""
        return self.before.source

    def diff(self) -> str:
        """The change as a unified diff, for ``git apply``, ``patch -p0`` and ``patch -p1``."""
        from hub.lint.patches import write_diff  # which takes longer to import than a card

        return write_diff(self.before, self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a validation found.

    Attributes:
        checked: The files that were checked, in order.
        findings: Everything that is wrong and was not mended, by file and place.
        known: How many findings the baseline holds back.
        changes: The files that fixes have changed, or would change.
        documents: The checked cards that are not in a file, or not in this form.
        fail_level: The mildest severity that makes the report fail.
    """

    checked: tuple[str, ...]
    findings: tuple[Finding, ...]
    known: int = 0
    changes: tuple[Mending, ...] = ()
    documents: tuple[Document, ...] = ()
    fail_level: Severity = "warning"

    @property
    def ok(self) -> bool:
        """Whether nothing of the fail level or graver is wrong."""
        grave = SEVERITIES[: SEVERITIES.index(self.fail_level) + 1]
        return not any(finding.severity in grave for finding in self.findings)

    @property
    def fixed(self) -> int:
        """How many fixes were applied, or would be."""
        return sum(change.fixes for change in self.changes)

    def render(
        self,
        output_format: str = "concise",
        *,
        color: bool = False,
    ) -> str:
        """Write the findings for people or programs.

        Args:
            output_format: ``full``, ``concise``, ``json``, ``jsonl``, ``github``, ``gitlab``,
                ``sarif`` or ``junit``.
            color: Whether ``full`` and ``concise`` may use colours.

        Raises:
            ArgumentError: There is no such format.
        """
        run = Run(
            checked=self.checked,
            rules=catalogue(),
            read_line=_make_line_reader(self.documents),
            version=__version__,
            color=color,
        )
        return render(output_format, self.findings, run)


def _make_line_reader(documents: Iterable[Document]) -> Callable[[str, int], str | None]:
    """Return what gives a line of a card; the card of the last line is remembered."""
    at_hand = {document.source: document for document in documents}

    @lru_cache(maxsize=1)
    def read_card(source: str) -> Document | None:
        if source in at_hand:
            return at_hand[source]
        try:  # a pipe would not end
            return Document.read(Path(source)) if Path(source).is_file() else None
        except (OSError, CardError):
            return None

    def read_line(source: str, number: int) -> str | None:
        card = read_card(source)
        return card.line(number) if card else None

    return read_line
