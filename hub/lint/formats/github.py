"""Findings as GitHub workflow commands, which show them beside the changes.

Specification: "Workflow commands for GitHub Actions" in GitHub's documentation. GitHub keeps
ten annotations of each level and step and drops the rest unseen, so from the eleventh on the
tenth says how many more there are, and the log lists them.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from hub.findings import SEVERITIES, Finding, Severity
from hub.lint.formats.phrases import phrase
from hub.lint.formats.run import Run
from hub.lint.formats.text import write_line
from hub.lint.paths import locate
from hub.plurals import count
from hub.terminal import neutralise

_SHOWN = 10  # annotations of one level that GitHub shows for one step
_COMMANDS: Mapping[Severity, str] = MappingProxyType(
    {"error": "error", "warning": "warning", "note": "notice"}
)


def render_github(findings: Sequence[Finding], run: Run) -> str:  # noqa: ARG001
    """Write annotations, errors first, and below them the findings they had no room for.

    Args:
        findings: What was found.
        run: Not needed here.

    Returns:
        The commands and lines; ``""`` without findings.

    Example:
        >>> found = Finding(source="card.md", line=9, column=14, end_line=9, end_column=23,
        ...     code="MC304", name="unpadded-date", severity="error", key="update-time",
        ...     message="2025-3-10 lacks a zero")
        >>> run = Run(checked=("card.md",), rules={}, read_line=lambda source, line: None,
        ...     version="1.0")
        >>> print(render_github([found], run).replace("title", chr(10) + "title"), end="")
        ::error file=card.md,line=9,col=14,endLine=9,endColumn=23,
        title=MC304 unpadded-date::update-time: 2025-3-10 lacks a zero
    """
    commands: list[str] = []
    rest: list[Finding] = []
    for severity in SEVERITIES:
        level = [finding for finding in findings if finding.severity == severity]
        shown = len(level) if len(level) <= _SHOWN else _SHOWN - 1
        commands.extend(_annotate(finding) for finding in level[:shown])
        if level[shown:]:
            commands.append(_announce(severity, level[shown:]))
            rest.extend(level[shown:])
    return "".join(f"{line}\n" for line in [*commands, *_list_in_log(rest)])


def _annotate(finding: Finding) -> str:
    properties = {"file": locate(finding.source), "line": finding.line}
    if finding.line == finding.end_line:
        properties |= {"col": finding.column}
    properties |= {"endLine": finding.end_line}
    if finding.line == finding.end_line:  # GitHub takes no columns for more than one line
        properties |= {"endColumn": finding.end_column}
    properties |= {"title": f"{finding.code} {finding.name}"}
    return _write_command(_COMMANDS[finding.severity], properties, phrase(finding))


def _announce(severity: Severity, findings: Sequence[Finding]) -> str:
    cards = count(len({finding.source for finding in findings}), "card")
    data = f"and {count(len(findings), f'more {severity}')} in {cards}; the log lists them"
    return _write_command(_COMMANDS[severity], {"title": "mshub"}, data)


def _list_in_log(findings: Sequence[Finding]) -> list[str]:
    """List findings so that no word of a card is taken for a command.

    A runner obeys ``::command::`` at the start of a line and ``##[command]`` anywhere in it,
    until it is told to stop, and again when it reads a word that no card can know.
    """
    if not findings:
        return []
    token = secrets.token_hex(16)
    listed = [write_line(finding) for finding in findings]
    title = _write_command("group", {}, f"{count(len(findings), 'more finding')}")
    return [title, f"::stop-commands::{token}", *listed, f"::{token}::", "::endgroup::"]


def _write_command(name: str, properties: Mapping[str, object], data: str) -> str:
    listed = ",".join(f"{key}={_escape_property(str(of))}" for key, of in properties.items())
    head = f"{name} {listed}" if listed else name
    return neutralise(f"::{head}::{_escape_data(data)}")


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")
