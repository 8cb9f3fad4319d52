"""The findings in numbers: by rule, and in one line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from hub.findings import Finding
from hub.lint.formats.phrases import count_severities, has_safe_fix
from hub.plurals import count


def render_statistics(findings: Sequence[Finding]) -> str:
    r"""Count the findings of each rule, as ``ruff check --statistics`` does.

    ``[*]`` marks a rule all of whose findings have a safe fix, ``[-]`` one of which some have.

    Args:
        findings: What was found.

    Returns:
        One line a rule, the most frequent first; ``""`` without findings.

    Example:
        >>> found = Finding(source="card.md", line=9, column=14, end_line=9, end_column=23,
        ...     code="MC304", name="unpadded-date", severity="warning", key="update-time",
        ...     message="2025-3-10 lacks a zero")
        >>> render_statistics([found, found])
        '2\tMC304\t[ ] unpadded-date\n'
    """
    by_rule = defaultdict(list)
    for finding in findings:
        by_rule[finding.code, finding.name].append(finding)
    rules = sorted(by_rule.items(), key=lambda item: (-len(item[1]), item[0]))
    digits = max((len(str(len(found))) for _, found in rules), default=0)
    width = max((len(code) for code, _ in by_rule), default=0)
    return "".join(
        f"{len(found):>{digits}}\t{code:<{width}}\t{_mark_fixable(found)} {name}\n"
        for (code, name), found in rules
    )


def _mark_fixable(findings: Sequence[Finding]) -> str:
    fixable = [has_safe_fix(finding) for finding in findings]
    if all(fixable):
        return "[*]"
    return "[-]" if any(fixable) else "[ ]"


def render_summary(findings: Sequence[Finding], checked_count: int) -> str:
    """Say in one line how a check ended.

    Args:
        findings: What was found.
        checked_count: How many cards were checked.

    Returns:
        The line, without its end.

    Example:
        >>> found = Finding(source="card.md", line=9, column=14, end_line=9, end_column=23,
        ...     code="MC304", name="unpadded-date", severity="warning", key="update-time",
        ...     message="2025-3-10 lacks a zero")
        >>> render_summary([found], 1), render_summary([], 12)
        ('Found 1 warning.', 'Checked 12 cards, found nothing.')
    """
    if not findings:
        return f"Checked {count(checked_count, 'card')}, found nothing."
    fixable = sum(map(has_safe_fix, findings))
    hint = f" ({fixable} fixable with --fix)" if fixable else ""
    return f"Found {count_severities(finding.severity for finding in findings)}{hint}."
