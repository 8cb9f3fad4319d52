"""MC4xx: the assets: their formats, links and digests."""

from __future__ import annotations

import re
from difflib import get_close_matches

from hub.cards.fields import read_digest, read_link
from hub.cards.keys import ASSET_KEYS
from hub.cards.nodes import ListNode, MapNode, ScalarNode, Span
from hub.cards.scalars import quote, write_scalar
from hub.findings import Edit, Fix
from hub.lint.rule import Drafts, replace_text, rule, safe_fix, unsafe_fix
from hub.lint.rules.keys import guess_keys
from hub.lint.rules.values import is_insecure, is_url
from hub.lint.subject import Subject
from hub.lint.wording import shorten
from hub.terms.formats import FILE_FORMATS

_FILE_URL = re.compile(r"https?://[^\s/<>?#]+/[^\s<>]+", re.IGNORECASE)
_DIGEST = re.compile(r"[0-9a-f]{8,64}")
_NUMBER = re.compile(r"\d+(?:[eE]\d+)?", re.ASCII)


@rule("MC401", "no-asset")
def find_no_asset(card: Subject) -> Drafts:
    """A card offers at least one file.

    Without an asset there is nothing to download: the card describes a model that nobody gets
    from it. List the file with its format, its link and its SHA-256.
    """
    if not card.header.values:
        return
    node = card.header.values.get("asset")
    empty = isinstance(node, ListNode) and not node.items
    if node is None or empty or (isinstance(node, ScalarNode) and not node.text.strip()):
        place = card.header.keys.get("asset", card.top)
        yield card.flag("asset", "lists no file, so there is nothing to download", at=place)


@rule("MC402", "duplicate-asset-key", "error")
def find_duplicate_asset_key(card: Subject) -> Drafts:
    """A key stands once in an asset.

    Of two links in one asset the official reader takes the last, mshub the first, and the other
    file can be had by nobody. A second file is a second asset, with a ``-`` of its own; a
    repeated line goes.
    """
    for path, item in card.assets:
        if item.repeated:
            key, _ = item.repeated[0]
            first, _ = card.document.place(item.keys[key.text].start)
            message = f"stands in line {first} already; a second file is an asset of its own"
            fix = _split_item(card, item, key)
            yield card.flag(f"{path}.{key.text}", message, fix, at=key)


@rule("MC403", "asset-missing-key", "error")
def find_missing_asset_keys(card: Subject) -> Drafts:
    """An asset has ``file-format``, ``asset-link`` and ``asset-sha256``.

    Without a format no program knows how to load the file, without a link none finds it, and
    without its SHA-256 none can tell the file from a broken or a forged one. Add the line.
    """
    for path, item in card.assets:
        if item.values.keys() >= _REQUIRED and all(map(_has_text, item.values.values())):
            continue
        guesses = guess_keys(item, ASSET_KEYS, card.vocabulary.keys)
        meant = {right: wrong for wrong, right in guesses.items() if right}
        for key in ASSET_KEYS:
            place = f"{path}.{key.name}"
            if key.name in meant:
                written = item.keys[meant[key.name]]
                fix = unsafe_fix(
                    f"rename {written.text} to {key.name}", replace_text(written, key.name)
                )
                message = f"is missing; {shorten(written.text)} looks like it"
                yield card.flag(place, message, fix, at=written)
            elif key.name not in item.values:
                first = next(iter(item.keys.values()), item)
                yield card.flag(place, "is missing", at=first)
            elif not _has_text(item.values[key.name]):
                yield card.flag(place, "has no line of text; state it", at=item.keys[key.name])


@rule("MC405", "bad-format", "error")
def find_bad_format(card: Subject) -> Drafts:
    """``file-format`` is one of those that the format knows.

    They are ckpt, safetensors, mindir, mslite, air and onnx; programs ask for an asset by them, and
    a file in any other is found by none. Write one of them, or list yours under
    ``[tool.mshub.vocabularies]`` as one of ``file-formats``.
    """
    for path, node in card.asset_texts.get("file-format", ()):
        written = node.text.strip()
        if written.lower() not in FILE_FORMATS and written not in card.vocabulary.file_formats:
            near = get_close_matches(written.lower(), FILE_FORMATS, n=1, cutoff=0.75)
            fix = unsafe_fix(f"write {near[0]}", card.rewrite(node, near[0])) if near else None
            message = (
                f"{shorten(written)} is no known format; write one of {', '.join(FILE_FORMATS)}"
            )
            yield card.flag(path, message, fix, at=node)


@rule("MC406", "insecure-link", "error")
def find_insecure_link(card: Subject) -> Drafts:
    """A file is downloaded through https.

    What comes through http can be read and replaced by every machine on the way, and weights are
    code to some loaders. mshub downloads none through http, except from the machine that it runs
    on. Write https, if the host has it.
    """
    for path, node in card.asset_texts.get("asset-link", ()):
        if "http:" in node.text[:6].lower() and is_insecure(link := read_link(node.text.strip())):
            place = card.find_part(node, link[:5])
            fix = unsafe_fix("write https", replace_text(place, "https:")) if place else None
            yield card.flag(path, "leads through http; write https", fix, at=node)


@rule("MC407", "bad-digest", "error")
def find_bad_digest(card: Subject) -> Drafts:
    """``asset-sha256`` is a SHA-256: 64 hexadecimal digits in small letters.

    What is no digest is equal to that of no file, so every download fails; the official loader
    compares letter by letter and takes capital letters for a mismatch. Copy the output of
    ``sha256sum``.
    """
    for path, node in card.asset_texts.get("asset-sha256", ()):
        if _DIGEST.fullmatch(node.text):
            continue
        written = node.text.strip()
        digest = read_digest(written)
        if digest is None:
            message = f"{shorten(written)} is no SHA-256; write its 64 hexadecimal digits"
            yield card.flag(path, message, at=node)
        elif digest.hex != written:
            fix = safe_fix("write small letters", card.rewrite(node, write_scalar(digest.hex)))
            message = f"{shorten(written)} has capital letters; write {shorten(digest.hex)}"
            yield card.flag(path, message, fix, at=node)


@rule("MC408", "short-digest")
def find_short_digest(card: Subject) -> Drafts:
    """``asset-sha256`` has all 64 digits.

    The first 8 digits find out a broken download, but a file with the same 8 is made in under a
    minute, so they keep out no forged one. mshub checks the digits that there are; the official
    loader compares with the whole digest and refuses every file. State all 64 digits, as
    ``sha256sum`` prints them.
    """
    for path, node in card.asset_texts.get("asset-sha256", ()):
        if len(node.text) < 64 and (digest := read_digest(node.text.strip())):
            message = (
                f"{digest} is a prefix of {4 * len(digest.hex)} bits: it finds a broken file, not "
                "a forged one, and the official loader refuses it; state all 64 digits"
            )
            yield card.flag(path, message, at=node)


@rule("MC409", "numeric-digest", "error")
def find_numeric_digest(card: Subject) -> Drafts:
    """A digest that looks like a number stands in quotes.

    YAML readers take 0e737186 for zero and 01234567 for 342391, and no file has that digest. Some
    do and some do not, so the card works for its author and fails for others. Put it in quotes.
    """
    for path, node in card.asset_texts.get("asset-sha256", ()):
        if _NUMBER.fullmatch(node.text) and len(node.text) >= 8 and not card.is_quoted(node):
            message = f"YAML readers take {shorten(node.text)} for a number; put it in quotes"
            fix = safe_fix("put it in quotes", card.rewrite(node, quote(node.text)))
            yield card.flag(path, message, fix, at=node)


@rule("MC410", "unwrapped-url")
def find_unwrapped_url(card: Subject) -> Drafts:
    """A link of the header stands in ``<…>``.

    All but a few official links do, and tools that show the header as Markdown make a link of
    nothing else. It also keeps a ``#`` or a ``:`` at its end from meaning something to YAML. Put
    the link between ``<`` and ``>``.
    """
    repositories = [(key, node) for key, node, _ in card.repo_links]
    for path, node in (*card.asset_texts.get("asset-link", ()), *repositories):
        if node.text[0] != "<" and is_url(node.text):
            fix = safe_fix("put it in <…>", card.rewrite(node, f"<{node.text}>"))
            yield card.flag(path, "is a bare link; put it in <…>", fix, at=node)


@rule("MC411", "bad-asset-link", "error")
def find_bad_asset_link(card: Subject) -> Drafts:
    """``asset-link`` is the address of a file.

    Programs download what it names, by https. A path, a page without a file or a link with a blank
    inside names nothing that they can fetch. Copy the address that a browser downloads the file
    from.
    """
    for path, node in card.asset_texts.get("asset-link", ()):
        link = read_link(node.text.strip())
        if not _FILE_URL.fullmatch(link):
            message = f"{shorten(link)} is no address of a file; write <https://host/file>"
            yield card.flag(path, message, at=node)


@rule("MC413", "asset-not-a-list", "error")
def find_asset_that_is_no_list(card: Subject) -> Drafts:
    """``asset`` is a list, and each item has ``key: value`` lines.

    A card may offer several files, so that even a single one is an item: a ``-``, and behind or
    below it file-format, asset-link and asset-sha256. In any other shape no reader finds the file.
    """
    node = card.header.values.get("asset")
    if any(fault.key == "asset" for fault in card.document.faults):
        return
    if isinstance(node, MapNode) or (isinstance(node, ScalarNode) and node.text.strip()):
        yield card.flag("asset", "is no list; begin each file with '- '", at=node)
    for index, item in enumerate(node.items if isinstance(node, ListNode) else ()):
        if not isinstance(item, MapNode):
            message = "is no file; write file-format, asset-link and asset-sha256 below the '-'"
            yield card.flag(f"asset[{index}]", message, at=item)


@rule("MC414", "asset-heading", "error")
def find_asset_heading(card: Subject) -> Drafts:
    """The files stand below ``asset:``, not below a heading.

    An old example card has ``## assets`` there. To YAML that is a comment, and the list below it
    makes readers give up on the whole card; mshub alone reads it. Write ``asset:``.
    """
    key = card.header.keys.get("asset")
    if key and card.text[key.start] == "#":
        written = card.text[key.start : key.end].rstrip()
        place = Span(key.start, key.start + len(written))
        fix = safe_fix("write asset:", replace_text(place, "asset:"))
        yield card.flag("asset", f"{written} is a comment to YAML; write asset:", fix, at=place)


_REQUIRED = frozenset(key.name for key in ASSET_KEYS)


def _has_text(node: object) -> bool:
    return isinstance(node, ScalarNode) and bool(node.text.strip())


def _split_item(card: Subject, item: MapNode, key: ScalarNode) -> Fix | None:
    """Begin another item at a repeated key, with the same format if it has none of its own."""
    line = card.text.rfind("\n", 0, key.start) + 1
    dash = card.text.rfind("-", 0, item.start)
    indent, column = dash - card.text.rfind("\n", 0, dash) - 1, key.start - line
    if key.text not in _REQUIRED - {"asset-sha256"} or card.text[line : key.start].strip():
        return None
    kind = item.values.get("file-format")
    begins = f"{' ' * indent}-".ljust(column)
    stated = any(other.text == "file-format" for other, _ in item.repeated)
    if not stated and isinstance(kind, ScalarNode) and kind.start < key.start:
        begins += f"file-format: {kind.text}\n{' ' * column}"
    return unsafe_fix("make it an asset of its own", Edit(line, key.start, begins))
