"""Read a folder of model cards as their authors' tools would: round trip, record, rules, fixes.

Usage: ``python benchmarks/corpus.py FOLDER``
"""

from __future__ import annotations

import gc
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from hub.cards.document import Document
from hub.cards.record import build_card
from hub.errors import CardError
from hub.findings import SEVERITIES, Finding
from hub.lint.check import Linter
from hub.lint.configuration import Configuration
from hub.lint.project import validate_cards
from hub.metadata.editing import set_value
from hub.metadata.formatting import format_card


def main(folder: Path) -> int:
    """Print what comes back, what is found and how fast; 0 if nothing was lost."""
    paths = sorted(path for path in folder.rglob("*.md"))
    if not paths:
        print(f"{folder} holds no card")
        return 1
    linter = Linter()
    documents = [Document.read(path) for path in paths]
    lost = [path for path, doc in zip(paths, documents, strict=True) if not is_lossless(path, doc)]
    refused = [document.source for document in documents if not is_record(document)]
    checks = {
        "come back byte for byte": len(paths) - len(lost),
        "are records": len(paths) - len(refused),
        "change one line when update-time is set": count(documents, changes_one_line),
        "keep their record under `hub card fmt`": count(documents, keeps_record_when_formatted),
        "keep their record under --fix, and twice is once": count(
            documents, lambda document: is_mended_once(document, linter)
        ),
    }
    print(f"{len(paths):6} cards")
    for what, number in checks.items():
        print(f"{number:6} {what}")
    print_findings(measure(paths))
    return 1 if lost or refused else 0


def is_lossless(path: Path, document: Document) -> bool:
    """Tell whether a card that was read gives back its file's bytes."""
    return document.to_bytes() == path.read_bytes()


def is_record(document: Document) -> bool:
    """Tell whether a card gives a record."""
    try:
        build_card(document)
    except CardError:
        return False
    return True


def changes_one_line(document: Document) -> bool:
    """Tell whether setting a value changes one line and no other."""
    changed = set_value(document, "update-time", "2031-12-30")
    before, after = document.text.split("\n"), changed.text.split("\n")
    return (
        len(before) == len(after) and sum(a != b for a, b in zip(before, after, strict=True)) == 1
    )


def keeps_record_when_formatted(document: Document) -> bool:
    """Tell whether formatting leaves the record as it is, and has nothing to add to itself."""
    formatted = format_card(document)
    return is_same_record(document, formatted) and format_card(formatted) == formatted


def is_mended_once(document: Document, linter: Linter) -> bool:
    """Tell whether safe fixes leave the record as it is, and leave nothing to mend."""
    mended, _ = linter.fix(document)
    return is_same_record(document, mended) and linter.fix(mended) == (mended, 0)


def is_same_record(one: Document, other: Document) -> bool:
    """Tell whether two cards say the same."""
    return build_card(one) == build_card(other)


def count(documents: Sequence[Document], holds: Callable[[Document], bool]) -> int:
    """Count the cards that something holds for."""
    return sum(is_record(document) and holds(document) for document in documents)


def measure(paths: Sequence[Path]) -> list[Finding]:
    """Check all cards with all offline rules on one thread, and print how fast that was."""
    names = [str(path) for path in paths]
    gc.collect()
    start = time.process_time()
    report = validate_cards(names, Configuration(select=("ALL",)))
    seconds = time.process_time() - start
    print(
        f"{len(paths) / seconds:6.0f} cards/s, all offline rules, one thread, files read from disk"
    )
    return list(report.findings)


def print_findings(findings: Sequence[Finding]) -> None:
    """Print how many cards each rule flags."""
    rules = {finding.code: finding for finding in findings}
    flagged = Counter(code for code, _ in {(f.code, f.source) for f in findings})
    for severity in SEVERITIES:
        print(f"\n{severity}s, cards by rule")
        for code, number in sorted(flagged.items()):
            if rules[code].severity == severity:
                print(f"{number:6} {code} {rules[code].name}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
