"""What is wrong with a card, where, and how it can be mended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)  # the gravest first


class Edit(NamedTuple):
    """Put ``text`` in the place of the characters from ``start`` up to ``end`` of a card."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """How a finding can be mended.

    Attributes:
        message: What the fix does, such as ``write 2025-03-10``.
        edits: The changes, as character offsets into the card's text; they don't overlap.
        safe: Whether the card's record stays as it is; a fix that changes a fact is not safe.
    """

    message: str
    edits: tuple[Edit, ...]
    safe: bool

    @property
    def applicability(self) -> Literal["safe", "unsafe"]:
        """``safe`` or ``unsafe``, as reports write it."""
        return "safe" if self.safe else "unsafe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong with a card.

    Attributes:
        source: The card's path or URL, as it was given.
        line: The line in that file, from 1.
        column: The column in that line, in characters from 1.
        end_line: The line on which the place ends.
        end_column: The column behind its last character.
        code: The rule's stable code, such as ``MC304``.
        name: The rule's name, such as ``unpadded-date``.
        severity: ``error``, ``warning`` or ``note``.
        key: The path of the key, such as ``asset[0].asset-sha256``; empty for another place.
        message: What is wrong and what is wanted, in a card author's words.
        fix: How it can be mended, or None.

    Example:
        >>> print(Finding(source="card.md", line=9, column=14, end_line=9, end_column=23,
        ...     code="MC304", name="unpadded-date", severity="warning", key="update-time",
        ...     message="2025-3-10 lacks a zero"))
        card.md:9:14: MC304 update-time: 2025-3-10 lacks a zero
    """

    source: str
    line: int
    column: int
    end_line: int
    end_column: int
    code: str
    name: str
    severity: Severity
    key: str
    message: str
    fix: Fix | None = None

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """What findings are sorted by: file, place, code."""
        return self.source, self.line, self.column, self.code, self.message

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}:{self.column}: {self.code}"
        return f"{place} {self.key}: {self.message}" if self.key else f"{place} {self.message}"
