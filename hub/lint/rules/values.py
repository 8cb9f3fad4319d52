"""MC3xx: the values of fields, each for itself."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from difflib import get_close_matches

from hub.cards.fields import read_boolean, read_date, read_version
from hub.cards.nodes import ScalarNode
from hub.cards.scalars import is_number_in_disguise, quote
from hub.lint.rule import Drafts, replace_text, rule, safe_fix, unsafe_fix
from hub.lint.subject import Subject
from hub.lint.wording import shorten
from hub.terms.repository import read_repository

_VERSIONS = ("model-version", "mindspore-version")
_BOOLEANS = ("fine-tunable", "allow-cache-ckpt")
_ONE_DAY = datetime.timedelta(days=1)
_URL = re.compile(r"https?://[^\s/<>?#]+[^\s<>]*", re.IGNORECASE)
_LOOPBACK = re.compile(
    r"http://(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?:[:/]|$)", re.ASCII | re.IGNORECASE
)


def is_insecure(link: str) -> bool:
    """Tell whether a link leads through the network without TLS."""
    return link[:5].lower() == "http:" and not _LOOPBACK.match(link)


def is_url(link: str) -> bool:
    """Tell whether a text is an http or https link, without blanks and ``<…>``."""
    return _URL.fullmatch(link) is not None


@rule("MC301", "bad-version", "error")
def find_bad_version(card: Subject) -> Drafts:
    """A version is one to four numbers with dots between them.

    Versions are compared number by number, so that 1.10 is newer than 1.9; ``v2.5``, ``2.x`` or a
    word cannot be compared with anything, and the card is in no list of a version's models. Write
    digits and dots only.
    """
    if card.record and card.record.model_version and card.record.mindspore_version:
        return
    for key in _VERSIONS:
        node = card.scalar(key)
        if node and node.text.strip() and read_version(node.text.strip()) is None:
            message = f"{shorten(node.text)} is no version; write numbers and dots, such as 2.5"
            yield card.flag(key, message, at=node)


@rule("MC302", "float-version")
def find_float_version(card: Subject) -> Drafts:
    """A version that ends in 0 stands in quotes.

    YAML readers take 1.10 for the number 1.1, which is another version: a card of MindSpore 1.10
    then counts as one of 1.1. The official cards have lost 448 versions in this way. Put the
    version in quotes.
    """
    for key in _VERSIONS:
        node = card.scalar(key)
        if node is None or node.text[-1:] != "0" or card.is_quoted(node):
            continue
        if is_number_in_disguise(node.text):
            number = f"{Decimal(node.text).normalize():f}"
            message = f"YAML readers take {node.text} for {number}; put it in quotes"
            fix = safe_fix("put it in quotes", card.rewrite(node, quote(node.text)))
            yield card.flag(key, message, fix, at=node)


@rule("MC303", "bad-date", "error")
def find_bad_date(card: Subject) -> Drafts:
    """``update-time`` is a day of the calendar, as year-month-day.

    A month 13, a 30th of February or a date in another order cannot be sorted, so nobody can tell
    which of two cards is newer. Write four digits, two and two, such as 2025-03-10.
    """
    node = card.scalar("update-time")
    if node and node.text.strip() and _date(card, node) is None:
        message = f"{shorten(node.text)} is no day of the calendar; write it as 2025-03-10"
        yield card.flag("update-time", message, at=node)


@rule("MC304", "unpadded-date")
def find_unpadded_date(card: Subject) -> Drafts:
    """Month and day have two digits.

    YAML readers take 2025-03-10 for a date and 2025-3-10 for a text, so a program that reads cards
    gets now the one, now the other, and texts do not sort as dates. Write the zeros.
    """
    node = card.scalar("update-time")
    date = _date(card, node) if node else None
    if node and date and node.text.strip() != (written := date.isoformat()):
        fix = safe_fix(f"write {written}", card.rewrite(node, written))
        yield card.flag(
            "update-time", f"{shorten(node.text)} lacks a zero; write {written}", fix, at=node
        )


@rule("MC305", "future-date", "error")
def find_future_date(card: Subject) -> Drafts:
    """``update-time`` is not in the future.

    A card with a date to come counts as the newest for as long as that day is not over, and hides
    the ones that are. One day is allowed for, as it is tomorrow already in other time zones. Write
    the day of the last change.
    """
    node = card.scalar("update-time")
    date = _date(card, node) if node else None
    if date and date > card.today and date - card.today > _ONE_DAY:
        yield card.flag("update-time", f"{date} is still to come; write the day of the last change")


@rule("MC306", "bad-bool", "error")
def find_bad_boolean(card: Subject) -> Drafts:
    """``fine-tunable`` and ``allow-cache-ckpt`` are True or False.

    Many readers take any other text for true, so that ``maybe`` and a misspelt ``Flase`` say yes;
    the official validator refuses the card. Write True or False.
    """
    if (
        card.record
        and card.record.fine_tunable is not None
        and _BOOLEANS[1] not in card.header.values
    ):
        return
    for key in _BOOLEANS:
        node = card.scalar(key)
        if node and node.text.strip() and read_boolean(node.text.strip()) is None:
            near = get_close_matches(node.text.strip().capitalize(), ("True", "False"), n=1)
            fix = unsafe_fix(f"write {near[0]}", card.rewrite(node, near[0])) if near else None
            message = f"{shorten(node.text)} is neither True nor False"
            yield card.flag(key, message, fix, at=node)


@rule("MC318", "moving-ref")
def find_moving_ref(card: Subject) -> Drafts:
    """``repo-link`` names a release or a commit.

    A branch such as master moves on: next year its code no longer loads these weights, and nobody
    can tell which did. Link a tag (``/tree/v0.4.0/``), a branch of a release (``/tree/r1.10/``) or
    a commit.
    """
    for key, node, link in card.repo_links:
        repository = read_repository(link)
        if repository and not repository.pinned:
            ref = repository.ref
            message = "names no release; link a tag or a commit"
            if ref:
                message = f"{shorten(ref)} moves on; link a tag or a commit"
            yield card.flag(key, message, at=card.find_part(node, ref) if ref else None)


@rule("MC319", "bad-link", "error")
def find_bad_link(card: Subject) -> Drafts:
    """``repo-link`` is an http or https address.

    Whoever wants to train the model, or to see how it was trained, follows it. A path, a name or a
    link with a blank inside leads nowhere. Copy the address from the browser.
    """
    for key, node, link in card.repo_links:
        if not is_url(link):
            message = f"{shorten(link)} is no web address; write <https://…>"
            yield card.flag(key, message, at=node)


@rule("MC320", "insecure-repo-link")
def find_insecure_repo_link(card: Subject) -> Drafts:
    """``repo-link`` leads through https.

    What comes through http can be replaced by every machine on the way, and this is code that
    people run. Write https, if the host has it.
    """
    for key, node, link in card.repo_links:
        if is_insecure(link):
            place = card.find_part(node, link[:5])
            fix = unsafe_fix("write https", replace_text(place, "https:")) if place else None
            yield card.flag(key, "leads through http; write https", fix, at=node)


def _date(card: Subject, node: ScalarNode) -> datetime.date | None:
    return card.record.update_time if card.record else read_date(node.text.strip())
