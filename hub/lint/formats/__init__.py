"""The formats in which findings are reported: one table, one module for each family.

A format is a function from the findings and the run to the text of a report. Its module is
loaded when the format is asked for, so a check that prints plain text loads no XML or JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType

from hub.errors import ArgumentError
from hub.findings import Finding
from hub.lint.formats.counts import render_statistics, render_summary
from hub.lint.formats.run import RuleText, Run

__all__ = ["FORMATS", "RuleText", "Run", "render", "render_statistics", "render_summary"]

_HOMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "full": ("text", "render_full"),
        "concise": ("text", "render_concise"),
        "json": ("records", "render_json"),
        "jsonl": ("records", "render_json_lines"),
        "github": ("github", "render_github"),
        "gitlab": ("gitlab", "render_gitlab"),
        "sarif": ("sarif", "render_sarif"),
        "junit": ("junit", "render_junit"),
    }
)

FORMATS: tuple[str, ...] = tuple(_HOMES)


def render(output_format: str, findings: Sequence[Finding], run: Run) -> str:
    """Write a report.

    Args:
        output_format: One of ``FORMATS``.
        findings: What was found, in the order in which it is to be told.
        run: What the report tells besides.

    Returns:
        The report, ending with a newline; ``""`` where a format has nothing to say.

    Raises:
        ArgumentError: There is no such format.

    Example:
        >>> found = Finding(source="card.md", line=9, column=14, end_line=9, end_column=23,
        ...     code="MC304", name="unpadded-date", severity="warning", key="update-time",
        ...     message="2025-3-10 lacks a zero")
        >>> run = Run(checked=("card.md",), rules={}, read_line=lambda source, line: None,
        ...     version="1.0")
        >>> print(render("concise", [found], run), end="")
        card.md:9:14: warning MC304 update-time: 2025-3-10 lacks a zero
    """
    if output_format not in _HOMES:
        formats = ", ".join(FORMATS)
        raise ArgumentError(f"there is no format {output_format!r}; there are {formats}")
    module, function = _HOMES[output_format]
    renderer: Callable[[Sequence[Finding], Run], str] = getattr(
        import_module(f"hub.lint.formats.{module}"), function
    )
    return renderer(findings, run)
