"""The commands ``hub fetch`` and ``hub lock``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli.options import json_option, no_progress_option, registry_option
from hub.cli.outcomes import (
    Deliveries,
    Voice,
    describe_failure,
    end_batch,
    keep_word,
    open_voice,
    summarise_outcomes,
)
from hub.cli.render import echo_bytes, echo_json, echo_text, to_json
from hub.errors import HubError

if TYPE_CHECKING:
    from hub.assets.batch import Job, Outcome
    from hub.assets.lockfile import LockFile


def _refuse_empty(
    context: click.Context,  # noqa: ARG001
    parameter: click.Parameter,  # noqa: ARG001
    value: str | None,
) -> str | None:
    if value == "":
        raise click.BadParameter("it is empty; write '.' for the current folder, or a name")
    return value


_model_ids = click.argument("model_ids", metavar="[ID]...", nargs=-1)
_all = click.option(
    "--all", "patterns", metavar="PATTERN", multiple=True, help="All models that match, as in list."
)
_file_format = click.option(
    "--file-format",
    "file_formats",
    metavar="FORMAT",
    multiple=True,
    help="Which asset, such as ckpt; 'all' takes all.  [default: each card's first]",
)
_allow_unverified = click.option(
    "--allow-unverified", is_flag=True, help="Accept cards that give no digest for the file."
)
_jobs = click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    help="How many files may arrive at once.",
)


@click.command()
@_model_ids
@_all
@_file_format
@click.option(
    "--output",
    metavar="DIR",
    callback=_refuse_empty,
    help="Copy the files into this folder.",
)
@click.option("--force", is_flag=True, help="Replace other files of their names in DIR.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and download nothing.")
@click.option("--lock", "lock_path", metavar="FILE", help="[default: the nearest hub.lock]")
@click.option("--locked", is_flag=True, help="Refuse what hub.lock does not list.")
@_allow_unverified
@_jobs
@click.option(
    "--progress",
    type=click.Choice(["bar", "json", "none"]),
    default="bar",
    show_default=True,
    help="How standard error tells of it: bars on a terminal, or one JSON object a line.",
)
@no_progress_option
@registry_option
@json_option
def fetch(
    model_ids: tuple[str, ...],
    patterns: tuple[str, ...],
    file_formats: tuple[str, ...],
    output: str | None,
    force: bool,
    dry_run: bool,
    lock_path: str | None,
    locked: bool,
    allow_unverified: bool,
    jobs: int,
    progress: str,
    no_progress: bool,
    registry: str | None,
    as_json: bool,
) -> None:
    """Download and verify models' files, unless the cache has them, and print their paths.

    Each file is a line on standard output, in the order of the IDs. One that fails does not stop
    the others; the exit code is that of the first that failed.

    \b
    Examples:
      hub fetch MindSpore/efficientnet_b0
      hub fetch MindSpore/efficientnet_b0 --file-format ckpt --json
      hub fetch --all 'MindSpore/efficientnet*' --dry-run
      hub fetch MindSpore/efficientnet_b0 MindSpore/efficientnet_b1 --output weights --locked
    """
    if not model_ids and not patterns:
        raise click.UsageError("Name an ID, or a pattern with --all.")
    if force and output is None:
        raise click.UsageError("--force is about the files in --output DIR.")
    from hub.api import open_cache, open_lock, open_registry
    from hub.fetching import fetch_requests, resolve_jobs

    folder = None if output is None else Path(output)
    with open_voice("none" if no_progress else progress) as shown:
        requests = resolve_jobs(
            model_ids, open_registry(registry, None), patterns=patterns, file_formats=file_formats
        )
        cache, lock = open_cache(None), open_lock(lock_path)
        targets = _plan(requests, folder)
        if dry_run:
            from hub.cli.previews import show_previews

            show_previews(
                requests, cache, lock, targets, locked=locked, as_json=as_json, shown=shown
            )
            return
        requests = _prepare(requests, folder, targets, lock, force=force)
        with keep_word(requests, cache, lock, shown):
            outcomes = fetch_requests(
                requests,
                cache,
                threads=jobs,
                watcher=shown.make_watcher(len(requests), jobs),
                allow_unverified=allow_unverified,
                lock=lock,
                locked=locked,
            )
        outcomes, delivered = _deliver(outcomes, targets, shown, force=force)
        if as_json:
            echo_json(summarise_outcomes(outcomes, delivered))
        else:
            for outcome in outcomes:
                if outcome.file:
                    place = delivered.get((outcome.file.link, outcome.file.sha256))
                    click.echo(str(place.path if place else outcome.file.path))
        end_batch(outcomes, shown)


@click.command()
@_model_ids
@_all
@_file_format
@click.option(
    "-o",
    "--output",
    "path",
    metavar="FILE",
    callback=_refuse_empty,
    help="The lock; '-' prints a new one.  [default: the nearest hub.lock, or else a new one here]",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if the file would change.")
@_allow_unverified
@_jobs
@no_progress_option
@registry_option
@json_option
def lock(
    model_ids: tuple[str, ...],
    patterns: tuple[str, ...],
    file_formats: tuple[str, ...],
    path: str | None,
    check: bool,
    allow_unverified: bool,
    jobs: int,
    no_progress: bool,
    registry: str | None,
    as_json: bool,
) -> None:
    """Write the whole digests of models' files into hub.lock, for a project to commit.

    What is not cached is fetched and verified; entries of other models stay. Without an ID, all
    that the file lists is gone through again. load and fetch take the nearest hub.lock from the
    current folder upwards.

    \b
    Examples:
      hub lock MindSpore/efficientnet_b0
      hub lock --all 'MindSpore/efficientnet*' --file-format ckpt
      hub lock --check
    """
    printed = path == "-"
    if printed and (check or as_json):
        raise click.UsageError(
            "-o - prints a new lock, so there is nothing to --check, and no --json."
        )
    from hub.cli.lock_report import describe_change, sum_up
    from hub.lockfile_update import lock_models

    try:
        report = lock_models(
            model_ids,
            patterns=patterns,
            file_formats=file_formats,
            path=path,
            check=check,
            jobs=jobs,
            registry=registry,
            allow_unverified=allow_unverified,
            progress=not no_progress,
        )
    except KeyboardInterrupt:
        echo_text("interrupted; the lock is as it was, and the same command goes on", err=True)
        raise
    if printed:
        from hub.assets.lockfile import format_lock_file

        echo_bytes(format_lock_file(report.assets))
    elif as_json:
        changes = [{**to_json(c), "strengthened": c.strengthened} for c in report.changes]
        echo_json(
            {
                "lock": report.path,
                "written": report.written,
                "changes": changes,
                "failures": [describe_failure(outcome) for outcome in report.failures],
            }
        )
    else:
        for change in report.changes:
            echo_text(describe_change(change, would="would be " if check else ""))
    if not printed:
        echo_text(sum_up(report, check=check), err=True)
    end_batch(report.failures, Voice("none"), report.asked)
    if check and report.changes:
        sys.exit(1)


def _plan(requests: Sequence[Job | Outcome], output: Path | None) -> dict[str, Path]:
    if output is None:
        return {}
    from hub.assets.batch import Job
    from hub.assets.delivery import plan_targets

    jobs = [request for request in requests if isinstance(request, Job)]
    return plan_targets(((job.model_id, job.asset) for job in jobs), output)


def _prepare(
    requests: list[Job | Outcome],
    output: Path | None,
    targets: dict[str, Path],
    lock: LockFile | None,
    *,
    force: bool,
) -> list[Job | Outcome]:
    """Find out before the download what could not be delivered after it."""
    if output is None:
        return requests
    from hub.assets.batch import Outcome
    from hub.assets.delivery import check_target, prepare_folder

    prepare_folder(output)
    prepared: list[Job | Outcome] = []
    for request in requests:
        if isinstance(request, Outcome):
            prepared.append(request)
            continue
        try:
            asset = lock.strengthen(request.asset) if lock else request.asset
            check_target(targets[asset.link], asset.digest, force=force)
        except HubError as error:
            prepared.append(Outcome(request.model_id, request.asset, error=error))
        else:
            prepared.append(request)
    return prepared


def _deliver(
    outcomes: Sequence[Outcome], targets: dict[str, Path], shown: Voice, *, force: bool
) -> tuple[list[Outcome], Deliveries]:
    """Copy what came to where it is wanted; what cannot be copied has failed."""
    if not targets:
        return list(outcomes), {}
    from hub.assets.delivery import deliver_file

    ends: list[Outcome] = []
    delivered: Deliveries = {}
    failed: dict[tuple[str, str], HubError] = {}
    for outcome in outcomes:
        if outcome.file is None:
            ends.append(outcome)
            continue
        file, key = outcome.file, (outcome.file.link, outcome.file.sha256)
        if key not in delivered and key not in failed:
            first = all(link != file.link for link, _ in delivered)  # force is not about our own
            try:
                delivered[key] = deliver_file(file, targets[file.link], force=force and first)
            except HubError as error:
                failed[key] = error
                if shown.events:
                    shown.events.emit_error(error, outcome.model_id, file.path.name)
        ends.append(replace(outcome, file=None, error=failed[key]) if key in failed else outcome)
    return ends, delivered
