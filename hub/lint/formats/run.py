"""What a report tells besides the findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from hub.findings import Severity


class RuleText(Protocol):
    """What a report tells about a rule."""

    @property
    def code(self) -> str:
        """The stable code, such as ``MC304``."""

    @property
    def name(self) -> str:
        """The readable name, such as ``unpadded-date``."""

    @property
    def severity(self) -> Severity:
        """How grave its findings are, unless the user says otherwise."""

    @property
    def summary(self) -> str:
        """What the rule checks, in one sentence."""

    @property
    def explanation(self) -> str:
        """Why it does so and what to do, in a paragraph or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the linter, as a report sees it.

    Attributes:
        checked: All files that were checked, in order.
        rules: The rules by their code.
        read_line: Gives a line of a source, by its number from 1 and without its end; None if
            it can't be had. Only the ``full`` format asks.
        version: The version of mshub.
        color: Whether ``full`` and ``concise`` may use colours.
    """

    checked: tuple[str, ...]
    rules: Mapping[str, RuleText]
    read_line: Callable[[str, int], str | None]
    version: str
    color: bool = False
