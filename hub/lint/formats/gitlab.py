"""Findings as a GitLab code quality report: a subset of the Code Climate format.

Specification: "Code quality report format" in GitLab's documentation of Code Quality.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from hub.findings import Finding, Severity
from hub.lint.fingerprints import fingerprint_all
from hub.lint.formats.phrases import phrase
from hub.lint.formats.run import Run
from hub.lint.paths import locate

_SEVERITIES: Mapping[Severity, str] = MappingProxyType(
    {"error": "major", "warning": "minor", "note": "info"}
)


def render_gitlab(findings: Sequence[Finding], run: Run) -> str:  # noqa: ARG001
    r"""Write the findings as the JSON array that GitLab shows beside a merge request.

    Args:
        findings: What was found.
        run: Not needed here.

    Returns:
        The array, ``[]`` without findings: GitLab takes a missing report for a failed job.

    Example:
        >>> run = Run(checked=(), rules={}, read_line=lambda source, line: None, version="1.0")
        >>> render_gitlab([], run)
        '[]\n'
    """
    named = zip(findings, fingerprint_all(findings), strict=True)
    return json.dumps([_to_issue(finding, name) for finding, name in named]) + "\n"


def _to_issue(finding: Finding, fingerprint: str) -> dict[str, object]:
    return {
        "description": f"{finding.code} {phrase(finding)}",
        "check_name": finding.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": locate(finding.source),
            "positions": {
                "begin": {"line": finding.line, "column": finding.column},
                "end": {"line": finding.end_line, "column": finding.end_column},
            },
        },
    }
