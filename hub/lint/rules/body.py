"""MC6xx: the body, as Markdown. What a body has nothing of is not parsed for it."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from hub.cards.nodes import Span
from hub.findings import Edit
from hub.lint.rule import Drafts, replace_text, rule, unsafe_fix
from hub.lint.subject import Subject
from hub.lint.wording import fold, shorten
from hub.markdown.body import Body, Link
from hub.terms.repository import Repository, read_repository

_Item = TypeVar("_Item")

# An inline link whose target is not a plain https address.
_ODD_TARGET = re.compile(r"\]\((?!https?://[^\s()<>]+\))")
_END_OF_LINK = re.compile(
    r""">?[ \t]*(?:\n[ \t]*)?(?:\)|(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\))[ \t]*\))"""
)
_MISSPELT_SCHEME = re.compile(r"(?!https?://(?!https?:)[^/:\s])h*t+ps?(?::|//)", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_LONGEST = 60  # characters of a link or a comment that a message shows
_MOST = 5_000  # links, headings, comments or rows of a card that a rule looks at
_TEMPLATE = re.compile(r"\W*(?:guidelines?|todo|fixme|template|placeholder)\b", re.IGNORECASE)
_ON_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "::1"})  # noqa: S104, no bind
_DISCLAIMER = re.compile(r"\n##? (?:Disclaimer|免责声明)\s*\n")
_MOVING_REF = re.compile(r"/(?:tree|blob|raw)/(main|master|develop|dev)(?=[/?#]|$)")


def _read_body(card: Subject) -> Body:
    """The body; an empty one if the header's end is missing, since all would be body then."""
    return card.body if len(card.document.fences) > 1 else Body("")


def _take(items: Sequence[_Item]) -> Sequence[_Item]:
    """Take as many as a rule looks at; no official card has over 151."""
    return items[:_MOST]


def _read_odd_links(card: Subject) -> Iterator[Link]:
    """The links, unless all of them are plain https addresses, which need no second look."""
    if len(card.document.fences) > 1 and _has_odd_links(card.text, card.document.fences[1].end):
        for link in _take(card.body.links):
            if link.kind in {"inline", "html"}:
                yield link


@lru_cache(maxsize=1)  # several rules ask of one card after another
def _has_odd_links(text: str, start: int) -> bool:
    return text.find("<", start) >= 0 or _ODD_TARGET.search(text, start) is not None


@rule("MC601", "no-disclaimer", "note")
def find_no_disclaimer(card: Subject) -> Drafts:
    """The body has a Disclaimer section.

    The official cards tell in it on what terms data sets and weights are offered, and whom the
    owner of a data set can ask. Copy the section from another card of the registry.
    """
    if _DISCLAIMER.search(card.text):
        return
    titles = (section.title.casefold() for section in _read_body(card).sections)
    if not any("disclaimer" in title or "免责声明" in title for title in titles):
        yield card.flag("", "no section 'Disclaimer'; the official cards have one", at=card.top)


@rule("MC602", "second-h1", "note")
def find_second_h1(card: Subject) -> Drafts:
    """Only the card's title is a heading of the first level.

    The line above the header is the title of the page already. A second one makes two documents
    of one for outlines, search engines and screen readers. Begin the body's headings with '##'.
    """
    if not card.document.title or "\n# " not in card.text:
        return
    for section in _take(_read_body(card).sections):
        if section.level == 1:
            message = f"'# {section.title}' is a second title; headings of the body begin with '##'"
            yield card.flag("", message, at=_first_line(card, section.start))


@rule("MC603", "duplicate-heading", "note")
def find_duplicate_heading(card: Subject) -> Drafts:
    """Headings below one heading have different names.

    Readers cannot tell such sections apart in an outline, and a link to the name leads to the
    first of them. Name each by what it is about.
    """
    headings = [piece.partition("\n")[0].strip("# \t\r") for piece in card.text.split("\n#")]
    if len({heading.casefold() for heading in headings}) == len(headings):
        return
    path: list[tuple[int, str]] = []
    seen: dict[tuple[tuple[int, str], ...], int] = {}
    for section in _take(_read_body(card).sections):
        while path and path[-1][0] >= section.level:
            path.pop()
        path.append((section.level, section.title.casefold()))
        first = seen.setdefault(tuple(path), section.start)
        if section.title and first != section.start:
            line, _ = card.document.place(first)
            message = f"'{section.title}' is also the heading of line {line}; rename one"
            yield card.flag("", message, at=_first_line(card, section.start))


@rule("MC605", "unclosed-code")
def find_unclosed_code(card: Subject) -> Drafts:
    """A block of code ends with the fence that it began with.

    Without the closing fence all the rest of the card is shown as code: its headings, tables and
    links are lost. Write the same fence on a line of its own behind the last line of code.
    """
    if "```" in card.text or "~~~" in card.text:
        for block in _read_body(card).code_blocks:
            if not block.closed:
                message = (
                    "this block of code is never closed; the rest of the card is taken as code"
                )
                yield card.flag("", message, at=_first_line(card, block.start))


@rule("MC606", "ragged-table")
def find_ragged_table(card: Subject) -> Drafts:
    r"""Each row of a table has as many cells as its header.

    Readers drop what stands beyond the header's last column and leave empty what is missing, so
    numbers end up under the wrong name or vanish. Add the missing cell, or write '\|' for a bar
    that belongs to a cell's text.
    """
    for table in _take(_read_body(card).tables) if "|" in card.text else ():
        wanted = len(table.header)
        for row in _take(table.rows):
            if row and len(row) != wanted:
                message = f"cells in this row: {len(row)}, in the table's header: {wanted}"
                yield card.flag("", message, at=Span(row[0].start, row[-1].end))


@rule("MC608", "http-link", "note")
def find_http_link(card: Subject) -> Drafts:
    """Links of the body are encrypted.

    What comes over http can be read and changed on the way. Most servers answer under https too:
    try the link, then write it so.
    """
    for link in _take(_read_body(card).links) if "http://" in card.text else ():
        host = _read_host(link.target)
        if link.target.startswith("http://") and host not in _ON_THIS_MACHINE:
            target = f"https{link.target[4:]}"
            fix = unsafe_fix(f"write {target}", replace_text(link, target))
            yield card.flag(
                "", f"{shorten(link.target, _LONGEST)} is not encrypted; https is", fix, at=link
            )


@rule("MC609", "malformed-link")
def find_malformed_link(card: Subject) -> Drafts:
    """A link has a target, and brackets that belong together.

    A reader who follows an empty link stays where they are; one with a bracket too many is shown
    as text, or leads to an address that does not exist. Write [words](https://…), or the words
    alone.
    """
    for link in _read_odd_links(card):
        if problem := _find_link_problem(card, link):
            place = link if link.target else Span(link.start - 1, link.end + 1)
            yield card.flag("", problem, at=place)


def _find_link_problem(card: Subject, link: Link) -> str:
    target = link.target
    words = f"the link '{shorten(link.text, _LONGEST)}'" if link.text else "a link"
    if not target.strip():
        return f"{words} leads nowhere; give it a target, or leave the words alone"
    if target.startswith("("):
        return f"{words} opens two brackets before {shorten(target.strip('()'), _LONGEST)}; one is enough"
    if link.kind == "inline" and not _END_OF_LINK.match(card.text, link.end):
        return f"{words} to {shorten(target, _LONGEST)} lacks its closing bracket"
    if _MISSPELT_SCHEME.match(target):
        return (
            f"{words} to {shorten(target, _LONGEST)} is misspelt; an address begins with https://"
        )
    return ""


@rule("MC610", "relative-link")
def find_relative_link(card: Subject) -> Drafts:
    """A link says the whole address, unless the file lies beside the card.

    A card is read on the hub's pages and in copies of the registry, where the files of the
    repository that it came from are missing. Write the address that the file has on the web.
    """
    folder = os.path.dirname(card.document.source)  # noqa: PTH120, a Path costs more
    for link in _read_odd_links(card):
        target = link.target.strip()
        whole = _SCHEME.match(target) or _MISSPELT_SCHEME.match(target)
        if target and target[0] not in "#(<" and not whole and not _is_beside(folder, target):
            message = f"{shorten(target, _LONGEST)} leads to no file beside the card; write the whole address"
            yield card.flag("", message, at=link)


def _is_beside(folder: str, target: str) -> bool:
    path = unquote(target.partition("#")[0].partition("?")[0])
    try:
        return not path.startswith("/") and os.path.exists(os.path.join(folder, path))  # noqa: PTH110, PTH118, a Path costs more
    except ValueError:  # a NUL is in it
        return False


@rule("MC611", "body-moving-ref", "note")
def find_body_moving_ref(card: Subject) -> Drafts:
    """Links into the card's repository name the release that the header names.

    What stands on a branch such as 'main' changes and moves, so the recipe that a reader finds
    there is not the one that gave these weights. Name the header's release in the body too.
    """
    if not any(branch in card.text for branch in ("/main", "/master", "/dev")):
        return
    repository = card.record.repository if card.record else None
    if repository is None or not repository.pinned or not repository.ref:
        return
    for link in _take(_read_body(card).links):
        moving = _MOVING_REF.search(link.target)
        if moving and _is_same(repository, read_repository(link.target)):
            place = Span(link.start + moving.start(1), link.start + moving.end(1))
            fix = unsafe_fix(f"write {repository.ref}", replace_text(place, repository.ref))
            message = f"'{moving[1]}' moves on; the header's repo-link names {repository.ref}"
            yield card.flag("", message, fix, at=place)


def _is_same(one: Repository, other: Repository | None) -> bool:
    return other is not None and all(
        str(getattr(one, part)).lower() == str(getattr(other, part)).lower()
        for part in ("host", "owner", "name")
    )


@rule("MC612", "dead-anchor")
def find_dead_anchor(card: Subject) -> Drafts:
    """A link to '#name' has a heading of that name to lead to.

    Otherwise a click does nothing. A heading's name is its words in small letters, with '-' for
    blanks and without punctuation; a heading that was renamed takes its links along.
    """
    links = [link for link in _read_odd_links(card) if link.target[1:] and link.target[0] == "#"]
    if not links:
        return
    anchors = card.body.anchors() | {"top"}
    alike: dict[str, list[str]] = defaultdict(list)
    for anchor in anchors:
        alike[fold(anchor)].append(anchor)
    for link in links:
        name = unquote(link.target[1:])
        if name in anchors:
            continue
        meant = alike.get(fold(name), [])
        fix = None
        if len(meant) == 1:
            fix = unsafe_fix(f"write #{meant[0]}", replace_text(link, f"#{meant[0]}"))
        yield card.flag(
            "", f"no heading of this card has the name #{shorten(name, _LONGEST)}", fix, at=link
        )


@rule("MC613", "template-comment", "note")
def find_template_comment(card: Subject) -> Drafts:
    """The template's advice to the author is gone.

    Comments such as 'Guideline: …' are for the one who writes the card; whoever reads its source
    later must tell them from notes that matter. Delete what has been followed.
    """
    for comment in _take(_read_body(card).comments) if "<!--" in card.text else ():
        if _TEMPLATE.match(comment.text):
            fix = None
            if comment.closed:
                fix = unsafe_fix(
                    "delete the comment", _delete(card.text, comment.start, comment.end)
                )
            message = f"'{shorten(comment.text, _LONGEST)}' is the template's advice; delete it"
            yield card.flag("", message, fix, at=comment)


@rule("MC614", "unclosed-comment")
def find_unclosed_comment(card: Subject) -> Drafts:
    """A comment ends with '-->'.

    Without its end all the rest of the card is taken as comment, and nobody sees it. Close the
    comment behind its last word.
    """
    for comment in _take(_read_body(card).comments) if "<!--" in card.text else ():
        if not comment.closed:
            message = "this comment is never closed; the rest of the card is hidden in it"
            yield card.flag("", message, at=Span(comment.start, comment.start + 4))


def _first_line(card: Subject, start: int) -> Span:
    end = card.text.find("\n", start)
    return Span(start, start + len(card.text[start : end if end >= 0 else None].rstrip()))


def _delete(text: str, start: int, end: int) -> Edit:
    """Take out a place, with its line if nothing else stands on it."""
    line = text.rfind("\n", 0, start) + 1
    behind = text.find("\n", end)
    behind = len(text) if behind < 0 else behind + 1
    if text[line:start].strip() or text[end:behind].strip():
        return Edit(start, end, "")
    return Edit(line, behind, "")


def _read_host(target: str) -> str:
    try:
        return urlsplit(target).hostname or ""
    except ValueError:
        return ""
