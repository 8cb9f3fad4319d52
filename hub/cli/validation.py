"""The commands of the linter: ``hub validate`` and ``hub rule``."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

import hub
from hub import settings
from hub.cards.document import LARGEST_CARD, Document
from hub.cli.card_files import read_stdin
from hub.cli.render import echo_bytes, echo_json, echo_patch, echo_table, echo_text
from hub.errors import ArgumentError, RegistryError
from hub.findings import SEVERITIES, Severity
from hub.lint.configuration import Configuration
from hub.lint.formats import FORMATS, render_statistics, render_summary
from hub.plurals import count

if TYPE_CHECKING:
    from hub.lint.report import Report
    from hub.lint.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    """The options of ``hub validate``, as they stand on the command line."""

    select: tuple[str, ...]
    extend_select: tuple[str, ...]
    ignore: tuple[str, ...]
    fix: bool
    unsafe_fixes: bool
    diff: bool
    output_format: str | None
    as_json: bool
    fail_level: Severity | None
    exit_zero: bool
    statistics: bool
    baseline: Path | None
    write_baseline: Path | None
    config: Path | None
    isolated: bool
    online: bool
    jobs: int
    no_cache: bool
    force_exclude: bool
    stdin_filename: str
    quiet: bool


@click.command()
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option(
    "--select",
    metavar="CODES",
    multiple=True,
    help="Run these rules, no others: codes (MC304), beginnings of codes (MC3), names"
    " (unpadded-date) or ALL, separated by commas.",
)
@click.option("--extend-select", metavar="CODES", multiple=True, help="Run these rules as well.")
@click.option("--ignore", metavar="CODES", multiple=True, help="Do not run these rules.")
@click.option("--fix", is_flag=True, help="Mend what can be mended without changing a fact.")
@click.option("--unsafe-fixes", is_flag=True, help="Apply, or count, fixes that change facts too.")
@click.option(
    "--diff",
    is_flag=True,
    help="Show what --fix would change, and change nothing. The lines are the cards' own: in the log"
    " of a GitHub job they can hold commands, which --output-format github escapes.",
)
@click.option(
    "--output-format", "-o", type=click.Choice(FORMATS), default=None, help="[default: full]"
)
@click.option("--json", "as_json", is_flag=True, help="Short for --output-format json.")
@click.option(
    "--fail-level",
    type=click.Choice(SEVERITIES),
    default=None,
    help="The mildest severity that fails.  [default: warning]",
)
@click.option("--exit-zero", is_flag=True, help="End with 0 even if there are findings.")
@click.option("--statistics", is_flag=True, help="Count findings by rule instead of listing them.")
@click.option("--baseline", type=click.Path(path_type=Path), help="Fail on new findings only.")
@click.option(
    "--write-baseline", type=click.Path(path_type=Path), help="Take all findings as known."
)
@click.option("--config", type=click.Path(path_type=Path), help="This file, and no other.")
@click.option("--isolated", is_flag=True, help="Read no configuration file.")
@click.option("--online", is_flag=True, help="Ask the network too: links, sizes, digests.")
@click.option("--jobs", "-j", type=click.IntRange(min=0), default=0, help="Processes; 0 chooses.")
@click.option("--no-cache", is_flag=True, help="Remember no results from run to run.")
@click.option(
    "--force-exclude",
    is_flag=True,
    help="Leave out excluded files, README.md and the like, even if they are named.",
)
@click.option("--stdin-filename", default="<stdin>", help="What '-' is called.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but findings.")
def validate(paths: tuple[str, ...], **options: object) -> None:
    """Check model cards: files, all cards below folders, or '-' for standard input.

    Without a PATH, the working folder is checked. Needs no network and no MindSpore. The settings
    in [tool.mshub] of pyproject.toml, or in mshub.toml, are found from the paths upwards.

    \b
    Exit codes: 0 nothing wrong or all of it mended, 1 findings, 2 wrong use: an option, setting
    or path that cannot work, a folder without a card; 6 a file that cannot be written.

    \b
    Examples:
      hub validate cards/
      hub validate card.md --fix --diff
      hub validate assets/ --select MC4,MC7 --output-format github
      hub validate assets/ --write-baseline mshub-baseline.json
      cat card.md | hub validate - --output-format json
    """
    sys.exit(_validate(paths, _Options(**options)))  # type: ignore[arg-type]


@click.command()
@click.argument("name", metavar="[RULE]", default="")
@click.option("--all", "show_all", is_flag=True, help="Explain all rules.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def rule(name: str, show_all: bool, as_json: bool) -> None:
    """Explain a rule by its code or its name; without one, list them all.

    \b
    Examples:
      hub rule
      hub rule MC408
      hub rule unpadded-date --json
    """
    from hub.lint.catalogue import catalogue
    from hub.lint.selection import find_rule

    rules = [find_rule(catalogue(), name)] if name else list(catalogue().values())
    if as_json:
        echo_json({"rules": [_describe_rule(rule) for rule in rules]})
    elif name or show_all:
        echo_text("\n\n".join(map(_explain, rules)))
    else:
        echo_table([(rule.code, rule.severity, _mark(rule), rule.name) for rule in rules])


def _validate(paths: Sequence[str], options: _Options) -> int:
    """Check cards, print what was asked for, and return the exit code."""
    _refuse_contradictions(paths, options)
    stdin = _read_stdin(options) if "-" in paths else None
    report = _check([stdin] if stdin else paths or ["."], options)
    if options.write_baseline:
        _write_baseline(report, options.write_baseline)
        return 0
    if options.diff:
        echo_patch("".join(change.diff() for change in report.changes))
    elif stdin and options.fix and len(content := report.documents[0].to_bytes()) <= LARGEST_CARD:
        echo_bytes(content)  # what is too large was not read to its end
    _show_findings(report, options, err=options.diff or (stdin is not None and options.fix))
    if not options.quiet:
        echo_text(_summarise(report, options), err=True)
    wrong = not report.ok or (options.diff and report.changes)
    return 1 if wrong and not options.exit_zero else 0


def _refuse_contradictions(paths: Sequence[str], options: _Options) -> None:
    for wrong, message in (
        ("-" in paths and len(paths) > 1, "'-' is standard input; name it alone."),
        (
            options.as_json and options.output_format not in {None, "json"},
            f"--json and --output-format {options.output_format} exclude each other.",
        ),
        (options.isolated and options.config, "--isolated and --config exclude each other."),
        (
            options.diff and options.write_baseline,
            "--diff writes nothing; leave --write-baseline out.",
        ),
        (
            options.online and settings.offline(),
            "--online asks the network, and MSHUB_OFFLINE is set; leave one of them out.",
        ),
    ):
        if wrong:
            raise click.UsageError(message)


def _read_stdin(options: _Options) -> Document:
    """Read the card of standard input; one that is too large is a finding, as a file would be."""
    return Document(read_stdin().decode("utf-8", "surrogateescape"), options.stdin_filename)


def _check(cards: Sequence[str | Document], options: _Options) -> Report:
    try:
        return _validate_cards(cards, options)
    except RegistryError as error:  # no registry failed: the command line names what is not there
        raise ArgumentError(str(error)) from error


def _validate_cards(cards: Sequence[str | Document], options: _Options) -> Report:
    return hub.validate(
        *cards,
        select=_split(options.select, "--select") if options.select else None,
        extend_select=_split(options.extend_select, "--extend-select"),
        ignore=_split(options.ignore, "--ignore"),
        fix=options.fix or options.diff,
        unsafe_fixes=options.unsafe_fixes and (options.fix or options.diff),
        write=not options.diff,
        online=options.online,
        config=Configuration() if options.isolated else options.config,
        fail_level=options.fail_level,
        baseline=False if options.write_baseline else options.baseline,
        jobs=options.jobs or os.cpu_count() or 1,
        remember=not options.no_cache,
        force_exclude=options.force_exclude,
    )


def _split(texts: Sequence[str], option: str) -> list[str]:
    """Take selectors apart; an empty text is a mistake, such as a variable that is not set."""
    selectors = [[code.strip() for code in text.split(",") if code.strip()] for text in texts]
    if not all(selectors):
        raise click.UsageError(f"{option} names no rule; `hub rule` lists them.")
    return [code for codes in selectors for code in codes]


def _write_baseline(report: Report, file: Path) -> None:
    from hub.lint.baseline import write_baseline

    known = write_baseline(file, report.findings)
    echo_text(f"{file}: {count(known, 'finding')} known from now on", err=True)


def _show_findings(report: Report, options: _Options, *, err: bool) -> None:
    if options.statistics:
        click.echo(render_statistics(report.findings), nl=False, err=err)
    elif not options.diff:
        stream = sys.stderr if err else sys.stdout
        text = report.render(
            "json" if options.as_json else options.output_format or "full",
            color=stream.isatty() and not os.environ.get("NO_COLOR"),
        )
        click.echo(text, nl=False, err=err)


def _summarise(report: Report, options: _Options) -> str:
    parts = [render_summary(report.findings, len(report.checked))]
    if report.fixed:
        done = "Would mend" if options.diff else "Mended"
        place = count(len(report.changes), "card")
        parts.insert(0, f"{done} {count(report.fixed, 'finding')} in {place}.")
    if report.known:
        parts.append(f"The baseline holds back {count(report.known, 'finding')}.")
    return " ".join(parts)


def _describe_rule(rule: Rule) -> dict[str, object]:
    facts = dataclasses.asdict(rule)
    del facts["check"]
    return facts


def _explain(rule: Rule) -> str:
    state = {"on": "on by default", "off": "off by default"}.get(_mark(rule), "on with --online")
    import textwrap

    body = "\n".join(textwrap.wrap(rule.explanation, 90))
    return f"{rule.code} {rule.name} ({rule.severity}, {state})\n\n{rule.summary}\n\n{body}"


def _mark(rule: Rule) -> str:
    if not rule.default:
        return "off"
    return "--online" if rule.scope == "online" else "on"
