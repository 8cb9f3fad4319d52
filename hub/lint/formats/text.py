"""Findings for people: with the lines of the card, or in one line each.

The layout follows ruff's ``full`` and ``concise`` formats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from hub.findings import Finding, Severity
from hub.lint.formats.excerpt import draw_excerpt
from hub.lint.formats.phrases import has_safe_fix, phrase
from hub.lint.formats.run import Run
from hub.lint.paths import slash
from hub.terminal import neutralise_line

_BOLD, _BLUE, _CYAN, _RESET = "1", "1;34", "36", "\x1b[0m"
_COLORS: Mapping[Severity, str] = MappingProxyType(
    {"error": "1;31", "warning": "1;33", "note": "1;36"}
)


def render_full(findings: Sequence[Finding], run: Run) -> str:
    r"""Write each finding with the line of the card, carets under the place, and the fix.

    Args:
        findings: What was found.
        run: Reads the lines, and says whether colours are wanted.

    Returns:
        The blocks with a blank line between them; ``""`` without findings.

    Example:
        >>> found = Finding(source="card.md", line=9, column=14, end_line=9, end_column=23,
        ...     code="MC304", name="unpadded-date", severity="warning", key="update-time",
        ...     message="2025-3-10 lacks a zero")
        >>> run = Run(checked=("card.md",), rules={}, version="1.0",
        ...     read_line=lambda source, line: "update-time: 2025-3-10")
        >>> print(render_full([found], run), end="")
        warning MC304 update-time: 2025-3-10 lacks a zero
         --> card.md:9:14
          |
        9 | update-time: 2025-3-10
          |              ^^^^^^^^^
    """
    return "\n".join(_draw_block(finding, run) for finding in findings)


def render_concise(findings: Sequence[Finding], run: Run) -> str:
    r"""Write each finding in one line, as compilers do.

    Args:
        findings: What was found.
        run: Says whether colours are wanted.

    Returns:
        The lines; ``""`` without findings.

    Example:
        >>> found = Finding(source="card.md", line=9, column=14, end_line=9, end_column=23,
        ...     code="MC304", name="unpadded-date", severity="warning", key="",
        ...     message="over\ntwo lines")
        >>> run = Run(checked=("card.md",), rules={}, read_line=lambda source, line: None,
        ...     version="1.0")
        >>> print(render_concise([found], run), end="")
        card.md:9:14: warning MC304 over\ntwo lines
    """
    return "".join(write_line(finding, color=run.color) + "\n" for finding in findings)


def write_line(finding: Finding, *, color: bool = False) -> str:
    """Write a finding in one line, safe for a terminal.

    Args:
        finding: The finding.
        color: Whether to colour it.

    Returns:
        ``path:line:column: error MC304 [*] key: message``, without the line's end.
    """
    place = _paint(neutralise_line(slash(finding.source)), _BOLD, color=color)
    head = _write_head(finding, color=color)
    return f"{place}:{finding.line}:{finding.column}: {head}"


def _draw_block(finding: Finding, run: Run) -> str:
    lines = [_write_head(finding, color=run.color), *_draw_source(finding, run)]
    if finding.fix:
        unsafe = "" if finding.fix.safe else " (unsafe)"
        label = _paint("help", _BOLD, color=run.color)
        lines.append(f"{label}: {neutralise_line(finding.fix.message)}{unsafe}")
    return "".join(f"{line}\n" for line in lines)


def _write_head(finding: Finding, *, color: bool) -> str:
    label = f"{finding.severity} {neutralise_line(finding.code)}"
    words = [_paint(label, _COLORS[finding.severity], color=color)]
    if has_safe_fix(finding):
        words.append(f"[{_paint('*', _CYAN, color=color)}]")
    return " ".join([*words, neutralise_line(phrase(finding))])


def _draw_source(finding: Finding, run: Run) -> list[str]:
    number = str(finding.line)
    blank = " " * len(number)
    path = neutralise_line(slash(finding.source))
    arrow = _paint(f"{blank}-->", _BLUE, color=run.color)
    place = f"{arrow} {path}:{finding.line}:{finding.column}"
    line = run.read_line(finding.source, finding.line)
    if line is None:
        return [place]
    end_column = finding.end_column if finding.end_line == finding.line else None
    text, carets = draw_excerpt(line, finding.column, end_column)
    bar = _paint(f"{blank} |", _BLUE, color=run.color)
    numbered = _paint(f"{number} |", _BLUE, color=run.color)
    pointed = f"{bar} {_paint_carets(carets, finding.severity, color=run.color)}"
    return [place, bar, f"{numbered} {text}".rstrip(), pointed]


def _paint_carets(carets: str, severity: Severity, *, color: bool) -> str:
    marks = carets.lstrip()
    indent = carets.removesuffix(marks)
    return indent + _paint(marks, _COLORS[severity], color=color)


def _paint(text: str, style: str, *, color: bool) -> str:
    return f"\x1b[{style}m{text}{_RESET}" if color else text
