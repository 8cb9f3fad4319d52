"""The wording that several formats share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from hub.findings import SEVERITIES, Finding, Severity
from hub.plurals import count


def phrase(finding: Finding) -> str:
    """Say what is wrong, and with which key.

    Args:
        finding: The finding.

    Returns:
        ``key: message``, or the message alone. It may hold text of the card.

    Example:
        >>> found = Finding(source="card.md", line=9, column=14, end_line=9, end_column=23,
        ...     code="MC304", name="unpadded-date", severity="warning", key="update-time",
        ...     message="2025-3-10 lacks a zero")
        >>> phrase(found)
        'update-time: 2025-3-10 lacks a zero'
    """
    return f"{finding.key}: {finding.message}" if finding.key else finding.message


def has_safe_fix(finding: Finding) -> bool:
    """Tell whether ``--fix`` mends a finding.

    Args:
        finding: The finding.

    Returns:
        Whether there is a fix and it is safe.
    """
    return finding.fix is not None and finding.fix.safe


def count_severities(severities: Iterable[Severity]) -> str:
    """Write how many findings there are of each severity, the gravest first.

    Args:
        severities: The severity of each finding.

    Returns:
        The words; ``""`` where there is none.

    Example:
        >>> count_severities(["note", "error", "note"])
        '1 error, 2 notes'
    """
    counted = Counter(severities)
    return ", ".join(count(counted[each], each) for each in SEVERITIES if counted[each])
