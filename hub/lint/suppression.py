"""MC0xx: comments that silence rules, and those that silence nothing.

In the header, ``# mc: ignore[MC304]`` speaks for its own line, or for the key below if it has a
line of its own; without codes it silences all rules but those of this module. In the body,
``<!-- mc: ignore[MC722] -->`` speaks for the whole card, since what the body contradicts stands in
the header. Both take several codes, separated by commas, also beginnings of codes (``MC3``) and
names of rules; behind the bracket there may be a reason.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice

from hub.cards.nodes import ListNode, MapNode, Node, ScalarNode
from hub.findings import Edit, Finding, Fix
from hub.lint.catalogue import catalogue
from hub.lint.rule import Draft, Drafts, Rule, rule, safe_fix, unsafe_fix
from hub.lint.selection import read_selectors
from hub.lint.subject import Subject, make_cover

MARK = "ignore"  # a card without this word has no such comment
_MOST = 5_000  # comments of a card that are judged
_OWN_FAMILY = "MC0"  # a comment that need not exist must not hide that
_IGNORE = r"mc(?P<colon>[ \t]*:)?[ \t]*ignore(?P<list>[ \t]*\[(?P<codes>[^\]\n]*)\])?"
_IN_HEADER = re.compile(rf"(?<!\S)#+[ \t]*{_IGNORE}(?P<more>[^\n]*)", re.IGNORECASE)
_IN_BODY = re.compile(rf"<!--+[ \t]*{_IGNORE}(?P<more>.*?)--+>", re.IGNORECASE | re.DOTALL)
_LEADING_LINES = re.compile(r"(?:[ \t\r]*(?:#[^\n]*)?\n)*")  # blank ones and comments
_LINE_END = re.compile(r"[ \t]*\r?\n?")


@dataclass(slots=True)
class Suppression:
    """A comment that silences rules.

    Attributes:
        start: Where the comment begins in the card.
        end: Where it ends.
        line: The line that it speaks for; None for the whole card.
        codes: What it names: codes, beginnings of codes, and names of rules.
        well_formed: Whether it can be understood; it silences nothing otherwise.
        meant: The code, or beginning of codes, that each of these stands for, if there is one.
        used: Those of them that have silenced something; an empty text for a comment without.
    """

    start: int
    end: int
    line: int | None
    codes: frozenset[str]
    well_formed: bool = True
    meant: Mapping[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    @property
    def prefixes(self) -> Collection[str]:
        """The beginnings of the codes that it silences; an empty one for all of a line."""
        if not self.well_formed or (not self.codes and self.line is None):
            return ()
        return (
            [self.meant[code] for code in self.codes if code in self.meant] if self.codes else [""]
        )


def find_suppressions(card: Subject) -> list[Suppression]:
    """List the comments of a card that silence rules."""
    if not any(word in card.text for word in (MARK, MARK.upper(), MARK.title())):
        return []
    comments = [*_search_header(card), *_search_body(card)]
    named = {code for comment in comments for code in comment.codes}
    meant = read_selectors(catalogue(), named)
    for comment in comments:
        comment.meant = {code: meant[code] for code in comment.codes if code in meant}
    return comments


def silence(findings: Iterable[Finding], suppressions: Collection[Suppression]) -> list[Finding]:
    """Leave out the findings that a comment speaks for, and note which comments were of use."""
    spoken_for = {(comment.line, one) for comment in suppressions for one in comment.prefixes}
    remaining, used = [], set()
    for finding in findings:
        covering = spoken_for.intersection(
            (line, prefix) for line in (None, finding.line) for prefix in _list_prefixes(finding)
        )
        used |= covering
        if not covering:
            remaining.append(finding)
    for comment in suppressions:
        comment.used |= {one for one in comment.prefixes if (comment.line, one) in used}
    return remaining


def _list_prefixes(finding: Finding) -> list[str]:
    """List by what a comment may name a finding's rule."""
    code = finding.code
    shortest = len(_OWN_FAMILY) if code.startswith(_OWN_FAMILY) else 2
    prefixes = [code[:length] for length in range(shortest, len(code) + 1)]
    return prefixes if code.startswith(_OWN_FAMILY) else ["", *prefixes]


@rule("MC001", "unused-suppression", scope="comment")
def find_unused(
    card: Subject, comments: Collection[Suppression], judged: Collection[str], *, all_ran: bool
) -> Drafts:
    """A comment that silences a rule has something to silence.

    A comment that is no longer needed hides the next mistake in its place. Only codes of rules
    that ran are judged, and none of rules about several cards, which find other things when other
    cards are checked. Remove the comment, or the code from it.
    """
    ran = {prefix: _have_all_run(prefix, judged) for c in comments for prefix in c.prefixes}
    for comment in islice(comments, _MOST):
        idle = [
            code
            for code, prefix in sorted(comment.meant.items())
            if comment.well_formed and prefix not in comment.used and ran.get(prefix)
        ]
        is_idle = comment.well_formed and not comment.codes and not comment.used and all_ran
        if idle or (is_idle and comment.line):
            named = ", ".join(idle) or "anything"
            kept = ", ".join(sorted(comment.codes.difference(idle)))
            yield Draft(
                *_trim(card, comment),
                "",
                f"this comment no longer silences {named}",
                _rewrite(card, comment, kept),
            )


def _have_all_run(prefix: str, judged: Collection[str]) -> bool:
    """Tell whether all rules have run whose codes begin in some way."""
    return all(code in judged for code in catalogue() if code.startswith(prefix))


@rule("MC002", "unknown-suppression", scope="comment")
def find_unknown(
    card: Subject, comments: Collection[Suppression], known: Mapping[str, Rule]
) -> Drafts:
    """A comment that silences a rule can be understood, and names a rule that exists.

    A misspelt code silences nothing, and the author believes it does. Write ``mc: ignore`` and, in
    brackets, codes such as MC304, beginnings of codes or names of rules; a reason may follow the
    brackets. In the body, naming a rule is required, since the comment speaks for the whole card.
    """
    for comment in islice(comments, _MOST):
        message = ""
        if not comment.well_formed:
            message = "this comment silences nothing; write mc: ignore[MC304], then the reason"
        elif strangers := sorted(comment.codes - comment.meant.keys()):
            names = {rule.name: code for code, rule in known.items()}
            near = get_close_matches(strangers[0], names, 1)
            hint = f"did you mean {near[0]}?" if near else "`hub rule` lists them"
            message = f"there is no rule {', '.join(strangers)}; {hint}"
        elif not comment.codes and comment.line is None:
            message = "in the body, a comment must name the rules that it silences: ignore[MC722]"
        if message:
            yield Draft(*_trim(card, comment), "", message, None)


def _search_header(card: Subject) -> Iterator[Suppression]:
    text = card.text
    is_value = make_cover(_list_marked_values(card))
    below = 0  # where the entry begins that stands below the last comment
    for match in _IN_HEADER.finditer(text, card.header.start, card.header.end):
        line_start = text.rfind("\n", 0, match.start()) + 1
        start = line_start + len(text[line_start : match.start()].rstrip(" \t"))
        end = place = match.start() + len(match[0].rstrip(" \t\r"))
        if is_value(start):
            continue
        if start == line_start:  # it has its own line, and speaks for the entry below
            end = text.find("\n", match.end()) + 1 or len(text)
            if below <= end and (lines := _LEADING_LINES.match(text, end)):
                below = lines.end()
            place = below
        yield _read_comment(match, start, end, card.document.place(place)[0])


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
        if match := _IN_BODY.fullmatch(card.text, comment.start, comment.end):
            end = _LINE_END.match(card.text, comment.end)
            yield _read_comment(match, comment.start, end.end() if end else comment.end, None)


def _read_comment(match: re.Match[str], start: int, end: int, line: int | None) -> Suppression:
    listed = [code.strip() for code in (match["codes"] or "").split(",") if code.strip()]
    codes = frozenset(code.upper() if code[:2].upper() == "MC" else code.lower() for code in listed)
    complete = bool(codes) if match["list"] else not match["more"].strip()
    return Suppression(start, end, line, codes, bool(match["colon"]) and complete)


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
