"""MC0xx: comments that silence rules, and those that silence nothing.

In the header, ``# mc: ignore[MC304]`` speaks for its own line, or for the key below if it has a
line of its own; without codes it silences all rules but those of this module. In the body,
``<!-- mc: ignore[MC722] -->`` speaks for the whole card, since what the body contradicts stands in
the header. Both take several codes, separated by commas.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hub.cards.nodes import ListNode, MapNode, Node, ScalarNode
from hub.findings import Edit, Finding, Fix
from hub.lint.rule import Draft, Drafts, Rule, rule, safe_fix, unsafe_fix
from hub.lint.subject import Subject

MARK = "mc: ignore"
_OWN_FAMILY = "MC0"  # a comment that need not exist must not hide that
_IN_HEADER = re.compile(
    r"(?:^[ \t]*|[ \t]+)#[ \t]*mc: ignore(?:\[(?P<codes>[^\]\n]*)\])?[ \t]*(?=\r?$)", re.MULTILINE
)
_LEADING_LINES = re.compile(r"(?:[ \t\r]*(?:#[^\n]*)?\n)*")  # blank ones and comments
_IN_BODY = re.compile(r"<!--+[ \t]*mc: ignore(?:\[(?P<codes>[^\]\n]*)\])?[ \t]*--+>[ \t]*\r?\n?")


@dataclass(slots=True)
class Suppression:
    """A comment that silences rules.

    Attributes:
        start: Where the comment begins in the card.
        end: Where it ends.
        line: The line that it speaks for; None for the whole card.
        codes: The codes that it names; empty for all.
        used: The codes that it has silenced.
    """

    start: int
    end: int
    line: int | None
    codes: frozenset[str]
    used: set[str] = field(default_factory=set)

    def covers(self, finding: Finding) -> bool:
        """Tell whether the comment speaks for a finding."""
        if self.codes or self.line is None:
            return self.line in {None, finding.line} and finding.code in self.codes
        return self.line == finding.line and not finding.code.startswith(_OWN_FAMILY)


def find_suppressions(card: Subject) -> list[Suppression]:
    """List the comments of a card that silence rules."""
    if MARK not in card.text:
        return []
    return [*_search_header(card), *_search_body(card)]


def silence(findings: Iterable[Finding], suppressions: Collection[Suppression]) -> list[Finding]:
    """Leave out the findings that a comment speaks for, and note which comments were of use."""
    remaining = []
    for finding in findings:
        covering = [comment for comment in suppressions if comment.covers(finding)]
        for comment in covering:
            comment.used.add(finding.code)
        if not covering:
            remaining.append(finding)
    return remaining


@rule("MC001", "unused-suppression", scope="comment")
def find_unused(
    card: Subject, comments: Collection[Suppression], judged: Collection[str], *, all_ran: bool
) -> Drafts:
    """A comment that silences a rule has something to silence.

    A comment that is no longer needed hides the next mistake in its place. Only codes of rules
    that ran are judged, and none of rules about several cards, which find other things when other
    cards are checked. Remove the comment, or the code from it.
    """
    for comment in comments:
        idle = sorted(code for code in comment.codes if code in judged and code not in comment.used)
        if idle or (not comment.codes and not comment.used and all_ran and comment.line):
            named = ", ".join(idle) or "anything"
            kept = ", ".join(sorted(comment.codes - set(idle)))
            yield Draft(
                *_trim(card, comment),
                "",
                f"this comment no longer silences {named}",
                _rewrite(card, comment, kept),
            )


@rule("MC002", "unknown-suppression", scope="comment")
def find_unknown(
    card: Subject, comments: Collection[Suppression], known: Mapping[str, Rule]
) -> Drafts:
    """A comment that silences a rule names a rule that exists.

    A misspelt code silences nothing, and the author believes it does. Write codes such as MC304;
    in the body, naming a code is required, since the comment speaks for the whole card.
    """
    by_name = {rule.name.upper(): code for code, rule in known.items()}
    for comment in comments:
        strangers = sorted(code for code in comment.codes if code not in known)
        if strangers:
            meant = [by_name[name] for name in strangers if name in by_name]
            hint = f"write {', '.join(meant)}" if meant else "`hub rule` lists them"
            message = f"there is no code {', '.join(strangers)}; {hint}"
            yield Draft(*_trim(card, comment), "", message, None)
        elif not comment.codes and comment.line is None:
            message = "in the body, a comment must name the rules that it silences: ignore[MC722]"
            yield Draft(*_trim(card, comment), "", message, None)


def _search_header(card: Subject) -> Iterator[Suppression]:
    text, values = card.text, list(_list_marked_values(card))
    for match in _IN_HEADER.finditer(text, card.header.start, card.header.end):
        start, place = match.span()
        if any(value.start <= start < value.end for value in values):
            continue
        end = place
        if text[start - 1] == "\n":  # it has its own line, and speaks for the entry below
            end = text.find("\n", place) + 1 or len(text)
            lines = _LEADING_LINES.match(text, end)
            place = lines.end() if lines else end
        yield Suppression(start, end, card.document.place(place)[0], _codes(match))


def _list_marked_values(card: Subject) -> Iterator[ScalarNode]:
    """List the values that are in quotes or a block of text: what looks like a comment is text."""
    nodes: list[Node] = [card.header]
    while nodes:
        node = nodes.pop()
        if isinstance(node, MapNode):
            nodes += [*node.values.values(), *(value for _, value in node.repeated)]
        elif isinstance(node, ListNode):
            nodes += node.items
        elif card.text[node.start : node.start + 1] in {"'", '"', "|", ">"}:
            yield node


def _search_body(card: Subject) -> Iterator[Suppression]:
    for comment in card.body.comments:
        if match := _IN_BODY.match(card.text, comment.start):
            yield Suppression(match.start(), match.end(), None, _codes(match))


def _codes(match: re.Match[str]) -> frozenset[str]:
    return frozenset(
        code.strip().upper() for code in (match["codes"] or "").split(",") if code.strip()
    )


def _trim(card: Subject, comment: Suppression) -> tuple[int, int]:
    text = card.text[comment.start : comment.end]
    start = comment.start + len(text) - len(text.lstrip())
    return start, start + len(text.strip())


def _rewrite(card: Subject, comment: Suppression, codes: str) -> Fix:
    make = safe_fix if comment.codes and comment.line else unsafe_fix
    if not codes:
        return make("remove the comment", Edit(comment.start, comment.end, ""))
    start = card.text.index("[", comment.start) + 1
    return make(f"keep {codes}", Edit(start, card.text.index("]", start), codes))
