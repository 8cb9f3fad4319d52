'''What a rule is, and how one is declared.

A rule is a function that looks at a card and yields what it finds::

    @rule("MC304", "unpadded-date")
    def find_unpadded_date(card: Subject) -> Drafts:
        """Month and day have two digits.

        One paragraph for ``hub rule MC304``: why it matters, and what to do.
        """
        ...
        yield card.flag("update-time", "2025-3-10 lacks zeros", safe_fix(...))

The name of the function begins with ``find_`` and says what it finds. The rule is found by being
there: no list of rules wants to be kept.
'''

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from hub.findings import Edit, Fix, Severity

Scope = Literal["file", "comment", "card", "registry", "online"]


class Place(Protocol):
    """Anything that knows where it stands in the card's text."""

    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def end(self) -> int: ...  # noqa: D102


class Draft(NamedTuple):
    """A finding as its rule sees it; the runner adds what it knows of the rule and the file."""

    start: int
    end: int
    key: str
    message: str
    fix: Fix | None


Drafts = Iterator[Draft]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the catalogue.

    Attributes:
        code: Its stable code, such as ``MC304``; the first digit is the family.
        name: Its name, such as ``unpadded-date``.
        severity: ``error``, ``warning`` or ``note``.
        default: Whether it runs unless something else is selected. Notes do not.
        scope: ``card`` for what one card shows, ``registry`` for what takes several cards,
            ``online`` for what takes the network.
        summary: What it asks for, in one sentence.
        explanation: Why, and what to do, in one paragraph.
        check: The function that finds the places.
    """

    code: str
    name: str
    severity: Severity
    default: bool
    scope: Scope
    summary: str
    explanation: str
    check: Callable[..., Iterable[Any]]


def rule(
    code: str,
    name: str,
    severity: Severity = "warning",
    *,
    scope: Scope = "card",
    default: bool = True,
) -> Callable[[Callable[..., Iterable[Any]]], Rule]:
    """Declare a rule; its docstring is its summary and its explanation.

    Args:
        code: A code that no other rule has or ever had.
        name: What it finds, in kebab-case.
        severity: ``error`` for what breaks a user's program, ``warning`` for what misleads,
            ``note`` for taste; notes run only if they are selected.
        scope: What the rule looks at.
        default: Whether it runs unless something else is selected; notes never do.
    """

    def declare(check: Callable[..., Iterable[Any]]) -> Rule:
        summary, _, explanation = inspect.cleandoc(check.__doc__ or "").partition("\n\n")
        return Rule(
            code=code,
            name=name,
            severity=severity,
            default=default and severity != "note",
            scope=scope,
            summary=" ".join(summary.split()),
            explanation=" ".join(explanation.split()),
            check=check,
        )

    return declare


def safe_fix(message: str, *edits: Edit) -> Fix:
    """A fix that leaves the card's record as it is."""
    return Fix(message, edits, safe=True)


def unsafe_fix(message: str, *edits: Edit) -> Fix:
    """A fix that changes a fact, or may be wrong."""
    return Fix(message, edits, safe=False)


def replace_text(place: Place, text: str) -> Edit:
    """The edit that puts a text in a place."""
    return Edit(place.start, place.end, text)
