"""What the commands of the cache show: files, verdicts on them, and what was removed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hub.cli.render import echo_json, echo_table, echo_text, format_size, to_json
from hub.errors import CacheError
from hub.plurals import count

if TYPE_CHECKING:
    from hub.assets.cache.inventory import PartialFile, QuarantinedFile
    from hub.assets.cache.records import CachedFile
    from hub.assets.cache.removal import Kind, Removal
    from hub.assets.cache.verification import Verdict

NAMED = frozenset({"file", "pin", "partial", "quarantined"})  # removed things named one by one
_NAMES: dict[Kind, str] = {
    "file": "verified files",
    "record": "records",
    "pin": "pins of prefix digests",
    "partial": "partial downloads",
    "note": "notes beside them",
    "temporary": "temporary files",
    "quarantined": "quarantined files",
    "stray": "files without a record",
    "lock": "locks that nobody holds",
    "answer": "remembered answers of servers",
    "card": "remembered cards",
}


def describe_strength(file: CachedFile) -> str:
    """Say how far the digest of a file's card can be trusted."""
    from hub.digests import Digest

    return Digest(file.digest).strength if file.digest else "none stated"


def show_files(files: Sequence[CachedFile], size: int) -> None:
    """Print a table of files and their total size in bytes."""
    if not files:
        echo_text("no files")
        return
    rows = [
        (
            format_size(file.size),
            file.sha256[:12],
            describe_strength(file).partition(":")[0],
            file.last_used,
            file.fetched_at,
            str(file.path),
        )
        for file in files
    ]
    echo_table([("SIZE", "SHA256", "DIGEST", "LAST USED", "FETCHED", "PATH"), *rows])
    echo_text(f"{count(len({file.path for file in files}), 'file')}, {format_size(size)}")


def show_partials(partials: Sequence[PartialFile]) -> None:
    """Print a table of what is arriving, or was when it broke off; nothing if there is none."""
    if partials:
        rows = [
            (
                format_size(partial.size),
                format_size(partial.total) if partial.total is not None else "unknown",
                partial.written_at,
                partial.link or str(partial.path),
            )
            for partial in partials
        ]
        echo_text("\nPartial downloads, which go on where they broke off:")
        echo_table([("HERE", "OF", "LAST WRITTEN", "LINK"), *rows])


def show_quarantined(files: Sequence[QuarantinedFile]) -> None:
    """Print a table of the files that were wrong; nothing if there are none."""
    if files:
        rows = [
            (format_size(file.size), file.quarantined_at, file.link, str(file.path))
            for file in files
        ]
        echo_text("\nIn quarantine, since they were not what their digest says:")
        echo_table([("SIZE", "SINCE", "LINK", "PATH"), *rows])


def describe_verdict(verdict: Verdict) -> dict[str, object]:
    """Put a verdict into what JSON can hold."""
    facts: dict[str, object] = {**to_json(verdict), "good": verdict.good}
    del facts["stamp"]
    return facts


def show_verdict(verdict: Verdict) -> None:
    """Print what is to be said of one file."""
    size, digits = format_size(verdict.size), verdict.sha256[:12]
    echo_text(f"{verdict.state:<10}  {size:>8}  {digits:<12}  {verdict.path}")
    for line in filter(None, (verdict.detail, verdict.remedy)):
        echo_text(f"{'':<10}  {line}")


def summarise_verdicts(verdicts: Sequence[Verdict], *, repaired: bool) -> str:
    """Say in one line how many files are in which state."""
    counts: dict[str, int] = {}
    for verdict in verdicts:
        counts[verdict.state] = counts.get(verdict.state, 0) + 1
    text = ", ".join(f"{number} {state}" for state, number in counts.items()) or "no files"
    mended = sum(verdict.mended for verdict in verdicts)
    if repaired:
        return f"{text}; {mended} put right"
    worse = any(not verdict.good or verdict.state == "touched" for verdict in verdicts)
    return f"{text}; `hub cache verify --repair` puts right what it can" if worse else text


def show_removal(removal: Removal, as_json: bool, *, summed: bool = False) -> None:
    """Print what went and what stayed; end with the code of a disk that refuses, if it does."""
    if as_json:
        echo_json({**to_json(removal), "freed": removal.freed})
    else:
        counts = removal.count()
        rows = [
            (_NAMES[kind], f"{number:,}", format_size(size))
            for kind, (number, size) in counts.items()
        ]
        for removed in removal.removed:
            if removed.kind in NAMED and not summed:
                echo_text(f"{format_size(removed.size):>8}  {removed.path}")
        if summed and rows:
            echo_table(rows)
        for skipped in removal.skipped:
            echo_text(f"skipped {skipped.path}: {skipped.reason}", err=True)
        verb = "would be freed" if removal.dry_run else "freed"
        echo_text(f"{format_size(removal.freed)} {verb}")
    if any(skipped.refused for skipped in removal.skipped):
        sys.exit(CacheError.exit_code)
