"""What a finding is known by from one run to the next, wherever its card's lines move."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from hub.findings import Finding
from hub.lint.paths import locate

# A fault in one more line, or another one, is the same fault.
_FORMS = (
    (re.compile(r"\b(line|column) \d+\b"), r"a \1"),
    (re.compile(r"\b\d+ (lines|cards)\b"), r"some \1"),
    (re.compile(r"^a line ends\b"), "some lines end"),
    (re.compile(r"^this line has a full-width colon\b"), "some lines have full-width colons"),
)


def generalise(message: str) -> str:
    """Leave out of a message where lines stand and how many of them there are.

    Args:
        message: What a rule says.

    Returns:
        The same words for the same fault in other lines, or in more of them.

    Example:
        >>> generalise("stands in line 12 already"), generalise("37 lines end with CR LF")
        ('stands in a line already', 'some lines end with CR LF')
    """
    for pattern, form in _FORMS:
        message = pattern.sub(form, message)
    return message


def fingerprint_all(findings: Sequence[Finding]) -> list[str]:
    """Give each finding a name that stays when the lines of its card move.

    It depends on the file, the rule, the key and the generalised message.
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
    return locate(finding.source), finding.code, finding.key, generalise(finding.message)


def _digest(traits: tuple[str, ...]) -> str:
    framed = "".join(f"{len(trait)}:{trait}" for trait in traits)
    return sha256(framed.encode("utf-8", "surrogatepass")).hexdigest()
