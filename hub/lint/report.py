"""What a validation found, and what it mended."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import unified_diff
from functools import lru_cache
from itertools import islice
from pathlib import Path

from hub import __version__
from hub.cards.document import Document
from hub.errors import ArgumentError, CardError
from hub.findings import SEVERITIES, Finding, Severity
from hub.lint.catalogue import catalogue
from hub.lint.formats import FORMATS, Run, render
from hub.lint.formats.paths import find_relative

_ODD = re.compile(r"[\x00-\x1f\x7f\"\\\ud800-\udfff]")
_PLAIN_BYTES = frozenset(range(32, 127)) - {ord('"'), ord("\\")}


@dataclass(frozen=True, slots=True)
class Change:
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
        lines = unified_diff(_split(self.before.text), _split(self.after.text))
        name = _name_file(self.source)
        head = (f"--- {name}\n", f"+++ {name}\n")
        changed = (
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in islice(lines, 2, None)
        )
        return "".join((*head, *changed)) if self.before.text != self.after.text else ""


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
    changes: tuple[Change, ...] = ()
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
        if output_format not in FORMATS:
            formats = ", ".join(FORMATS)
            raise ArgumentError(f"there is no format {output_format!r}; there are {formats}")
        run = Run(
            checked=self.checked,
            rules=catalogue(),
            read_line=_make_line_reader(self.documents),
            version=__version__,
            color=color,
        )
        return render(output_format, self.findings, run)


def _split(text: str) -> list[str]:
    r"""Cut a text behind its line feeds, and there alone: ``\r`` and the like end no line."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop().removesuffix("\n")
    return [*lines, last] if last else lines


def _name_file(source: str) -> str:
    """Write a path as the heads of diffs have it; ``./`` is what ``git apply`` strips."""
    relative = find_relative(source)
    path = f"./{relative}" if relative else source
    if not _ODD.search(path):
        return f"{path}\t" if " " in path else path  # the tab says where a name with blanks ends
    quoted = (chr(b) if b in _PLAIN_BYTES else f"\\{b:03o}" for b in os.fsencode(path))
    return '"' + "".join(quoted) + '"'


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
