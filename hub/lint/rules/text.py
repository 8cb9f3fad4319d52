"""MC1xx: bytes, fences and lines: what stands between a file and its facts."""

from __future__ import annotations

import re
from itertools import islice

from hub.cards.nodes import Fault, Span
from hub.cards.scalars import quote
from hub.findings import Edit, Fix
from hub.lint.rule import Drafts, replace_text, rule, safe_fix, unsafe_fix
from hub.lint.subject import Subject, make_cover

_CRLF = re.compile(r"(?<!\r)\r\n")
_BLOCK_TEXT = re.compile(r"[:-][ \t]+[|>][-+0-9]*[ \t]*\r?$", re.MULTILINE)
_NO_UTF8 = re.compile("[\ud800-\udfff]")
_RULE = re.compile(r"^---[^\r\n]*", re.MULTILINE)
_MOST_RULES = 5_000  # lines of a body that are reported
_WIDE_COLON = re.compile(
    r"^[ ]*(?:-[ ]+)?[^\W\d][\w .+/-]*(?P<colon>\N{FULLWIDTH COLON})(?P<blank>[ \t]?)", re.MULTILINE
)


@rule("MC101", "not-utf8", "error")
def find_bytes(card: Subject) -> Drafts:
    """A card is a text in UTF-8.

    Other encodings make readers fail, or turn letters into different ones without a word. Save the
    file as UTF-8; if it is no text at all, it is no card.
    """
    return card.flag_faults("not-utf8")


@rule("MC102", "crlf")
def find_crlf(card: Subject) -> Drafts:
    """Lines end with LF.

    Programs that split a card at its line feeds keep the carriage return as part of every value:
    a version or a digest with it equals no other. Diffs show each line as changed. Save the file
    with Unix line ends, and let Git keep them so (``*.md text eol=lf`` in ``.gitattributes``).
    """
    if "\r" in card.text and (places := [match.start() for match in _CRLF.finditer(card.text)]):
        lines = "a line ends" if len(places) == 1 else f"{len(places)} lines end"
        kept = any("\r" in card.text[fault.start : fault.end] for fault in card.document.faults)
        make_fix = unsafe_fix if kept else safe_fix  # what cannot be read is kept with its CR
        fix = make_fix("write LF", *(Edit(place, place + 1, "") for place in places))
        first = Span(places[0], places[0] + 1)
        yield card.flag("", f"{lines} with CR LF, as on Windows; LF alone is wanted", fix, at=first)


@rule("MC103", "no-final-newline")
def find_no_final_newline(card: Subject) -> Drafts:
    """The last line ends like all others.

    Without its line end, text that is appended later joins the last line, and every diff of the
    end of the file shows one line too many. Add the line end.
    """
    end = len(card.text)
    if end and card.text[-1] != "\n":
        fix = safe_fix("add it", Edit(end, end, "\r\n" if "\r\n" in card.text else "\n"))
        yield card.flag("", "the last line has no line end", fix, at=Span(end, end))


@rule("MC104", "missing-fence", "error")
def find_missing_fence(card: Subject) -> Drafts:
    """The header stands between two lines ``---``.

    Without both of them no reader finds the header, and the card has no facts at all. The lines
    are exactly three hyphens: the first below the title, the second above the body.
    """
    return card.flag_faults("missing-fence")


@rule("MC105", "rule-in-body")
def find_rule_in_body(card: Subject) -> Drafts:
    """No line of the body begins with ``---``.

    The official reader takes every such line for a fence, also in code, reads what follows as
    more header, and refuses the card. Draw a rule with ``***``; underline no heading with hyphens;
    begin the lines of a table with ``|``; leave the line out of code, or put it behind a comment.
    """
    start = card.document.fences[1].end if len(card.document.fences) > 1 else len(card.text)
    if card.text.find("\n---", max(start - 1, 0)) < 0:
        return
    message = "a line of the body begins with '---', which the official reader takes for a fence"
    is_hidden = make_cover((*card.body.code_blocks, *card.body.comments))
    for match in islice(_RULE.finditer(card.text, start), _MOST_RULES):
        above = card.text[card.text.rfind("\n", 0, max(match.start() - 1, 0)) + 1 : match.start()]
        draws = not match[0].strip("- \t") and not above.strip() and not is_hidden(match.start())
        fix = unsafe_fix("write ***", Edit(*match.span(), "***")) if draws else None
        advice = "; write '***'" if draws else ""
        yield card.flag("", message + advice, fix, at=Span(*match.span()))


@rule("MC106", "text-before-header")
def find_text_before_header(card: Subject) -> Drafts:
    """Above the header stands the title and nothing else.

    The first line is ``# name``; whatever else stands above the first ``---`` is shown by no
    site and belongs to neither header nor body. Move it below the second ``---``.
    """
    return card.flag_faults("text-before-header")


@rule("MC107", "trailing-blanks")
def find_trailing_blanks(card: Subject) -> Drafts:
    """No line of the header ends with blanks.

    Nobody sees them, and programs that read line by line take them for a part of the value. In
    the body two blanks break a line, so there they may stay. Remove them from the header.
    """
    fences = card.document.fences
    if len(fences) < 2:
        return
    header = card.text[fences[0].start : fences[1].end]
    if " \n" not in header and "\t" not in header and "\r" not in header:
        return
    kept = _BLOCK_TEXT.search(header) is not None  # the blanks may be part of a text
    is_in_fault = make_cover(card.document.faults)
    end = fences[0].start
    for whole_line in header.split("\n"):
        start, end = end, end + len(whole_line) + 1
        line = whole_line.removesuffix("\r")
        text = line.rstrip(" \t")
        start += len(text) + text.endswith("\\")  # YAML keeps a blank behind a backslash
        place = Span(start, end - 1 - len(whole_line) + len(line))
        if place.start < place.end:
            make_fix = unsafe_fix if kept or is_in_fault(start) else safe_fix
            fix = make_fix("remove them", replace_text(place, ""))
            yield card.flag("", "blanks at the end of the line", fix, at=place)


@rule("MC108", "large-header", "error")
def find_large_header(card: Subject) -> Drafts:
    """The header holds facts, not the text of the card.

    A header of this size is none: mostly the second ``---`` is missing, and the whole body is
    taken for a header. It is not read. Put the ``---`` where the body begins.
    """
    return card.flag_faults("large-header")


@rule("MC109", "bad-header-line", "error")
def find_bad_header_line(card: Subject) -> Drafts:
    """Every line of the header is ``key: value``, or part of an asset.

    YAML readers, the official one among them, give up on the whole card because of one such line.
    Write it as ``key: value``, make it a comment with ``# `` or remove it; put a value that begins
    with a special character (``@``, ``%``, a backtick) in quotes.
    """
    for fault in card.faults("bad-header-line"):
        if _NO_UTF8.search(card.text, fault.start, fault.end):  # MC101 says so
            continue
        fix = _quote_value(card, fault) if fault.key else None
        unsafe = unsafe_fix(fix.message, *fix.edits) if fix else None
        yield card.flag(fault.key, fault.message, unsafe, at=fault)


@rule("MC110", "unquoted-colon", "error")
def find_unquoted_colon(card: Subject) -> Drafts:
    """A value with ``: `` in it stands in quotes.

    To YAML ``: `` ends a key, and a line with two of them is an error: YAML readers, the official
    one among them, then give up on the whole card. Put the value in single quotes.
    """
    for fault in card.faults("unquoted-colon"):
        yield card.flag(fault.key, fault.message, _quote_value(card, fault), at=fault)


@rule("MC111", "bare-dash-value", "error")
def find_bare_dash(card: Subject) -> Drafts:
    """A value that is a single ``-`` stands in quotes.

    To YAML a lone ``-`` begins a list, which may not stand there: YAML readers give up on the whole
    card, and the official one only reads it because it rewrites such lines, together with
    those that begin with a negative number. Write ``none``, or put the value in quotes.
    """
    for fault in card.faults("bare-dash-value"):
        yield card.flag(fault.key, fault.message, _quote_value(card, fault), at=fault)


@rule("MC112", "no-metadata", "error")
def find_no_metadata(card: Subject) -> Drafts:
    """The header has ``key: value`` lines.

    Between the two ``---`` lines nothing is a key with a value, so the card has no facts: nothing
    can be searched, listed or downloaded. Write the header as ``hub rule MC201`` lists it.
    """
    return card.flag_faults("no-metadata")


@rule("MC113", "full-width-colon", "error")
def find_wide_colons(card: Subject) -> Drafts:
    """A key is followed by ``: ``, not by a full-width colon.

    Chinese input methods write a full-width colon, which is a letter like any other to YAML. Whole
    headers become one long text in which no reader, the official one included, finds a key.
    mshub reads them. Write the colon of ASCII and a blank.
    """
    for fault in card.faults("full-width-colon"):
        start, end = card.document.fences[0].end, card.document.fences[1].start
        matches = _WIDE_COLON.finditer(card.text, start, end)
        edits = (Edit(*match.span("colon"), ":" if match["blank"] else ": ") for match in matches)
        yield card.flag("", fault.message, unsafe_fix("write ': '", *edits), at=fault)


@rule("MC114", "refused-yaml", "error")
def find_refused_yaml(card: Subject) -> Drafts:
    """The header uses no anchors, aliases and tags of YAML, and no deep nesting.

    With them a few lines can make a program build objects that it should not, or fill its memory.
    Cards come from strangers, so mshub reads none of it, and no card needs it. Write the value out;
    if it is a text that only happens to begin with ``&``, ``*`` or ``!``, put it in quotes.
    """
    return card.flag_faults("refused-yaml")


def _quote_value(card: Subject, fault: Fault) -> Fix | None:
    value = card.text[fault.start : fault.end]
    if not value or not value.isprintable():
        return None
    return safe_fix("put it in quotes", replace_text(fault, quote(value)))
