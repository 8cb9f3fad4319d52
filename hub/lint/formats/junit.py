"""Findings as a JUnit report: each checked file is a test case.

Specification: JUnit has none; this keeps to what Jenkins' schema ``junit-10.xsd`` allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from hub.findings import Finding
from hub.lint.formats.phrases import count_severities
from hub.lint.formats.run import Run
from hub.lint.formats.text import write_line
from hub.lint.paths import slash
from hub.terminal import neutralise_line


def render_junit(findings: Sequence[Finding], run: Run) -> str:
    """Write a test case for each checked file; errors and warnings make it fail.

    A case has one failure that lists them all, because readers show but the first. Notes
    stand in its output.

    Args:
        findings: What was found.
        run: Tells which files were checked.

    Returns:
        The document, in ASCII.

    Example:
        >>> run = Run(checked=("b0.md",), rules={}, read_line=lambda source, line: None,
        ...     version="1.0")
        >>> print(render_junit([], run), end="")
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="mshub" tests="1" failures="0" errors="0" time="0">
          <testsuite name="mshub" tests="1" failures="0" errors="0" skipped="0" time="0">
            <testcase name="b0.md" classname="mshub" time="0" />
          </testsuite>
        </testsuites>
    """
    cases = [_describe_case(path, of) for path, of in _group(findings, run.checked).items()]
    failures = sum(case.find("failure") is not None for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "0"}
    suites = ET.Element("testsuites", {"name": "mshub", **counts, "time": "0"})
    attributes = {"name": "mshub", **counts, "skipped": "0", "time": "0"}
    ET.SubElement(suites, "testsuite", attributes).extend(cases)
    ET.indent(suites)
    text = ET.tostring(suites, encoding="us-ascii").decode("ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _group(findings: Sequence[Finding], checked: Sequence[str]) -> Mapping[str, list[Finding]]:
    """Group findings by file: the checked files in their order, then any other."""
    grouped: dict[str, list[Finding]] = {path: [] for path in checked}
    for finding in findings:
        grouped.setdefault(finding.source, []).append(finding)
    return grouped


def _describe_case(path: str, findings: Sequence[Finding]) -> ET.Element:
    name = neutralise_line(slash(path))
    case = ET.Element("testcase", {"name": name, "classname": "mshub", "time": "0"})
    failing = [finding for finding in findings if finding.severity != "note"]
    notes = [finding for finding in findings if finding.severity == "note"]
    if failing:
        message = count_severities(finding.severity for finding in failing)
        kind = "error" if any(each.severity == "error" for each in failing) else "warning"
        failure = ET.SubElement(case, "failure", {"message": message, "type": kind})
        failure.text = _list(failing)
    if notes:
        ET.SubElement(case, "system-out").text = _list(notes)
    return case


def _list(findings: Sequence[Finding]) -> str:
    return "\n".join(write_line(finding) for finding in findings)
