"""The commands that say what mshub runs on, and whether it works."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from hub.cli.render import echo_json, echo_rows, echo_table, echo_text
from hub.plurals import count
from hub.terminal import neutralise_line

if TYPE_CHECKING:
    from hub.diagnosis.check import Check

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


@click.command()
@_json
def env(as_json: bool) -> None:
    """Show the settings, where each comes from, and the versions of what mshub runs on.

    Tokens and logins are not shown.

    \b
    Examples:
      hub env
      hub env --json
    """
    from hub.environment import describe_settings, describe_variables, describe_versions

    settings, variables = describe_settings(), describe_variables()
    versions = describe_versions()
    if as_json:
        echo_json({"settings": settings, "variables": variables, "versions": versions})
        return
    echo_table([(s.variable, s.value, f"({s.origin})", s.meaning) for s in (*settings, *variables)])
    click.echo()
    echo_rows((name, version or "not installed") for name, version in versions.items())


@click.command()
@click.option("--offline", is_flag=True, help="Ask no host, as MSHUB_OFFLINE=1 does.")
@_json
def doctor(offline: bool, as_json: bool) -> None:
    """Look whether all that mshub needs works here, and say what to do where it doesn't.

    Python, MindSpore, settings, registries, cache folder, disk, file locks, certificates, proxy
    and hosts. Nothing is changed. The exit code is 1 if something failed; warnings are fine.

    \b
    Examples:
      hub doctor
      hub doctor --offline
      hub doctor --json
    """
    from hub.diagnosis.doctor import examine

    checks = examine(online=not offline)
    failed = sum(check.status == "failed" for check in checks)
    if as_json:
        echo_json({"checks": checks, "ok": not failed})
    else:
        _echo_checks(checks)
    sys.exit(1 if failed else 0)


def _echo_checks(checks: list[Check]) -> None:
    width = max(len(check.name) for check in checks)
    for check in checks:
        echo_text(neutralise_line(f"{check.status:<7}  {check.name:<{width}}  {check.found}"))
        if check.advice:
            echo_text(neutralise_line(f"{'':<7}  {'':<{width}}  next: {check.advice}"))
    counts = [sum(check.status == status for check in checks) for status in ("failed", "warning")]
    echo_text(f"\n{count(len(checks), 'check')}, {counts[0]} failed, {counts[1]} with a warning")
