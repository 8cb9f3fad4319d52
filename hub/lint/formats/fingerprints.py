"""What a finding is known by from one run to the next."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from hub.findings import Finding
from hub.lint.formats.paths import locate

_LINE_NUMBER = re.compile(r"\b(lines?|columns?) \d+")


def fingerprint_all(findings: Sequence[Finding]) -> list[str]:
    """Give each finding a name that stays when the lines of its card move.

    It depends on the file, the rule, the key and the message without the line numbers in it.
    Findings that have all this in common are numbered in their order.

    Args:
        findings: The findings of one run.

    Returns:
        A SHA-256 in hexadecimal digits for each, in the same order; no two are the same.

    Example:
        >>> found = Finding(source="card.md", line=9, column=14, end_line=9, end_column=23,
        ...     code="MC304", name="unpadded-date", severity="warning", key="update-time",
        ...     message="2025-3-10 lacks a zero")
        >>> first, second = fingerprint_all([found, found])
        >>> len(first), first == second
        (64, False)
    """
    seen: Counter[tuple[str, ...]] = Counter()
    names = []
    for finding in findings:
        traits = _list_traits(finding)
        names.append(_digest((*traits, str(seen[traits]))))
        seen[traits] += 1
    return names


def _list_traits(finding: Finding) -> tuple[str, ...]:
    message = _LINE_NUMBER.sub(r"\1", finding.message)
    return locate(finding.source), finding.code, finding.key, message


def _digest(traits: tuple[str, ...]) -> str:
    framed = "".join(f"{len(trait)}:{trait}" for trait in traits)
    return sha256(framed.encode("utf-8", "surrogatepass")).hexdigest()
