"""Check one card with the rules that are on for it."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from hub.cards.document import LARGEST_CARD, Document
from hub.errors import CardError
from hub.findings import Finding
from hub.lint.catalogue import catalogue
from hub.lint.configuration import Configuration
from hub.lint.fixing import fix_document
from hub.lint.rule import Draft, Rule
from hub.lint.rules.files import find_unreadable
from hub.lint.selection import select_rules
from hub.lint.subject import Subject
from hub.lint.suppression import (
    Suppression,
    find_suppressions,
    find_unknown,
    find_unused,
    silence,
)

if TYPE_CHECKING:
    from hub.lint.network import Network


class Linter:
    r"""Checks cards under one configuration.

    Args:
        configuration: Which rules run where, and the project's own words.
        today: The day that dates are compared with; None takes the day it is, in UTC.
        network: What online rules ask; None leaves them out.

    Raises:
        ArgumentError: The configuration selects or ignores a rule that does not exist.

    Example:
        >>> linter = Linter()
        >>> card = Document("---\nmodel-name: lite0\nupdate-time: 2025-3-10\n---\n")
        >>> [finding.name for finding in linter.check(card) if finding.code == "MC304"]
        ['unpadded-date']
    """

    def __init__(
        self,
        configuration: Configuration | None = None,
        today: datetime.date | None = None,
        network: Network | None = None,
    ) -> None:
        self.configuration = configuration or Configuration()
        self.today = today or datetime.datetime.now(tz=datetime.timezone.utc).date()
        self.network = network
        self._rules_for = lru_cache(maxsize=64)(self._select)
        exceptions = self.configuration.per_file_ignores
        self._select(tuple(code for _, codes in exceptions for code in codes))  # or raises

    def rules_for(self, source: str) -> tuple[Rule, ...]:
        """Return the rules that run for a file, those of its path's exceptions left out."""
        return self._rules_for(self.configuration.ignores(source))

    def examine(self, document: Document) -> Subject:
        """Make a card ready for the rules."""
        return Subject(document, self.configuration.vocabulary, self.today)

    def check(self, document: Document) -> list[Finding]:
        """List what the rules about single cards find, in the order of the text."""
        return self.check_subject(self.examine(document))

    def check_subject(self, card: Subject, more: Iterable[Finding] = ()) -> list[Finding]:
        """List what the rules about single cards find, in the order of the text.

        Args:
            card: The card.
            more: What other rules have found in it, for its comments to speak of.
        """
        rules = self.rules_for(card.document.source)
        findings = [
            make_finding(card.document, rule, draft)
            for rule in rules
            if rule.scope == "card"
            for draft in rule.check(card)
        ]
        findings += more
        if len(card.document.fences) < 2:  # this may be anything but a card: hands off
            findings = [replace(finding, fix=None) for finding in findings]
        if self.network:
            findings += self._ask(self.network, card, rules)
        if comments := find_suppressions(card):
            findings = silence(findings, comments)
            findings += silence(self._judge_comments(card, comments, rules), comments)
        findings.sort(key=lambda finding: finding.order)
        return findings

    def fix(self, document: Document, *, unsafe: bool = False) -> tuple[Document, int]:
        """Mend what can be mended.

        Args:
            document: The card.
            unsafe: Whether fixes that change facts are applied as well.

        Returns:
            The card with all fixes applied, and how many there were.
        """
        return fix_document(document, self.check, unsafe=unsafe)

    def read(self, card: str | Document) -> Document | Finding:
        """Read a card's file; a finding if that cannot be done, or the card is too large for one.

        Args:
            card: The file, or a card that is there already, such as standard input.
        """
        try:
            if isinstance(card, str):
                return Document.read(Path(card))
            too_large = 4 * len(card.text) > LARGEST_CARD and len(card.to_bytes()) > LARGEST_CARD
            return Document.parse(card.to_bytes(), card.source) if too_large else card
        except CardError as error:
            (draft,) = find_unreadable.check(error)
            source = card if isinstance(card, str) else card.source
            return make_finding(Document("", source), find_unreadable, draft)

    def _select(self, exceptions: tuple[str, ...]) -> tuple[Rule, ...]:
        configuration = self.configuration
        codes = select_rules(
            catalogue(),
            configuration.select,
            configuration.extend_select,
            configuration.ignore,
        )
        codes -= select_rules(catalogue(), exceptions)  # a file's exceptions are not outweighed
        return tuple(rule for code, rule in catalogue().items() if code in codes)

    def _ask(self, network: Network, card: Subject, rules: Iterable[Rule]) -> Iterable[Finding]:
        for rule in rules:
            if rule.scope == "online":
                for draft in rule.check(card, network):
                    yield make_finding(card.document, rule, draft)

    def _judge_comments(
        self, card: Subject, comments: Collection[Suppression], rules: Collection[Rule]
    ) -> list[Finding]:
        drafts: list[tuple[Rule, Draft]] = []
        scopes = {"card", "online"} if self.network else {"card"}
        ran = {rule.code for rule in rules if rule.scope in scopes}
        if find_unused in rules:
            usual = {rule.code for rule in catalogue().values() if rule.default}
            all_ran = usual <= {rule.code for rule in rules}
            unused = find_unused.check(card, comments, ran, all_ran=all_ran)
            drafts += [(find_unused, draft) for draft in unused]
        if find_unknown in rules:
            unknown = find_unknown.check(card, comments, catalogue())
            drafts += [(find_unknown, draft) for draft in unknown]
        return [make_finding(card.document, rule, draft) for rule, draft in drafts]


def make_finding(document: Document, rule: Rule, draft: Draft) -> Finding:
    """Say where in its file a rule's draft stands."""
    line, column = document.place(draft.start)
    end_line, end_column = document.place(draft.end)
    return Finding(
        source=document.source,
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        code=rule.code,
        name=rule.name,
        severity=rule.severity,
        key=draft.key,
        message=draft.message,
        fix=draft.fix,
    )
