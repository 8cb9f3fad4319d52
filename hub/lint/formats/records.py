"""Findings for programs: one JSON object, or one JSON line a finding."""

from __future__ import annotations

import json
from collections.abc import Sequence

from hub.findings import Finding, Fix
from hub.lint.formats.run import Run
from hub.lint.paths import slash

_SCHEMA_VERSION = 1


def render_json(findings: Sequence[Finding], run: Run) -> str:
    """Write all findings as one JSON object.

    Args:
        findings: What was found.
        run: Says how many files were checked.

    Returns:
        ``schema_version``, ``checked`` and ``findings``; see ``to_record`` for a finding.
    """
    document = {
        "schema_version": _SCHEMA_VERSION,
        "checked": len(run.checked),
        "findings": [to_record(finding) for finding in findings],
    }
    return json.dumps(document, indent=2) + "\n"


def render_json_lines(findings: Sequence[Finding], run: Run) -> str:  # noqa: ARG001
    """Write each finding as one line of JSON.

    Args:
        findings: What was found.
        run: Not needed here.

    Returns:
        The lines; ``""`` without findings.

    Source: jsonlines.org
    """
    return "".join(json.dumps(to_record(finding)) + "\n" for finding in findings)


def to_record(finding: Finding) -> dict[str, object]:
    """Turn a finding into what JSON can hold.

    Args:
        finding: The finding.

    Returns:
        Its fields; places are lines and columns from 1, a fix's edits are character offsets.

    Example:
        >>> found = Finding(source="card.md", line=9, column=14, end_line=9, end_column=23,
        ...     code="MC304", name="unpadded-date", severity="warning", key="update-time",
        ...     message="2025-3-10 lacks a zero")
        >>> record = to_record(found)
        >>> record["location"], record["fix"]
        ({'line': 9, 'column': 14}, None)
    """
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "source": slash(finding.source),
        "location": {"line": finding.line, "column": finding.column},
        "end_location": {"line": finding.end_line, "column": finding.end_column},
        "key": finding.key,
        "message": finding.message,
        "fix": _to_fix_record(finding.fix) if finding.fix else None,
    }


def _to_fix_record(fix: Fix) -> dict[str, object]:
    return {
        "message": fix.message,
        "applicability": fix.applicability,
        "edits": [edit._asdict() for edit in fix.edits],
    }
