"""Findings as a SARIF 2.1.0 log, which code scanning services and editors read.

Specification: Static Analysis Results Interchange Format (SARIF) Version 2.1.0, OASIS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from hub.findings import Edit, Finding, Fix
from hub.lint.fingerprints import fingerprint_all
from hub.lint.formats.phrases import phrase
from hub.lint.formats.run import RuleText, Run
from hub.lint.paths import encode, find_relative, to_uri

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ROOT = "%SRCROOT%"


def render_sarif(findings: Sequence[Finding], run: Run) -> str:
    """Write the findings as the results of one run of the tool mshub.

    Args:
        findings: What was found.
        run: Tells the rules and the version.

    Returns:
        The log, on one line. Its ``rules`` are those with results, in the order of their codes.

    Example:
        >>> run = Run(checked=(), rules={}, read_line=lambda source, line: None, version="1.0")
        >>> log = json.loads(render_sarif([], run))
        >>> log["version"], log["runs"][0]["results"]
        ('2.1.0', [])
    """
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_describe_run(findings, run)]}
    return json.dumps(log) + "\n"


def _describe_run(findings: Sequence[Finding], run: Run) -> dict[str, object]:
    used = {finding.code: finding for finding in findings}
    codes = sorted(used)
    indexes = {code: index for index, code in enumerate(codes)}
    rules = [_describe_rule(run.rules.get(code), used[code]) for code in codes]
    named = zip(findings, fingerprint_all(findings), strict=True)
    return {
        "tool": {"driver": {"name": "mshub", "version": run.version, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            _ROOT: {"description": {"text": "The folder in which mshub was run."}}
        },
        "results": [_describe_result(found, name, indexes) for found, name in named],
    }


def _describe_rule(rule: RuleText | None, finding: Finding) -> dict[str, object]:
    if rule is None:  # a finding of no rule, such as a file that can't be read
        level = {"level": finding.severity}
        return {"id": finding.code, "name": finding.name, "defaultConfiguration": level}
    explanation = {"text": rule.explanation or rule.summary}
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": explanation,
        "help": explanation,
        "defaultConfiguration": {"level": rule.severity},
    }


def _describe_result(
    finding: Finding, fingerprint: str, rule_indexes: Mapping[str, int]
) -> dict[str, object]:
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
    }
    artifact = _locate_artifact(finding.source)
    result: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": rule_indexes[finding.code],
        "level": finding.severity,
        "message": {"text": phrase(finding)},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
        "partialFingerprints": {"mshub/v1": fingerprint},
    }
    if finding.fix and finding.fix.edits:
        result["fixes"] = [_describe_fix(finding.fix, artifact)]
    return result


def _locate_artifact(source: str) -> dict[str, str]:
    relative = find_relative(source)
    if relative is None:
        return {"uri": to_uri(source)}
    return {"uri": encode(relative), "uriBaseId": _ROOT}


def _describe_fix(fix: Fix, artifact: Mapping[str, str]) -> dict[str, object]:
    note = "" if fix.safe else " (unsafe)"
    replacements = [_describe_edit(edit) for edit in fix.edits]
    return {
        "description": {"text": f"{fix.message}{note}"},
        "artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}],
        "properties": {"applicability": fix.applicability},
    }


def _describe_edit(edit: Edit) -> dict[str, object]:
    region = {"charOffset": edit.start, "charLength": edit.end - edit.start}
    return {"deletedRegion": region, "insertedContent": {"text": edit.text}}
