"""The commands of the cache: what is in it, whether it is right, and what may go."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

import hub
from hub.cli.cache_report import (
    NAMED,
    describe_strength,
    describe_verdict,
    show_files,
    show_partials,
    show_quarantined,
    show_removal,
    show_verdict,
    summarise_verdicts,
)
from hub.cli.quantities import parse_age, parse_size
from hub.cli.render import echo_json, echo_text, format_size, to_json
from hub.errors import AssetNotFoundError, HubError, IntegrityError
from hub.plurals import count

if TYPE_CHECKING:
    from hub.assets.cache.records import CachedFile
    from hub.assets.cache.removal import Removal

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
_dry_run = click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing.")


@click.group()
def cache() -> None:
    """Look at the cache folder, check it and clear it."""


@cache.command("dir")
@_json
def cache_dir(as_json: bool) -> None:
    """Print the cache folder.

    \b
    Examples:
      hub cache dir
    """
    folder = hub.Cache().folder
    if as_json:
        echo_json({"folder": folder})
    else:
        click.echo(str(folder))


@cache.command("ls")
@click.argument("pattern", default="*")
@click.option(
    "--sort",
    type=click.Choice(["name", "size", "used", "fetched"]),
    default="name",
    show_default=True,
    help="By name, or the largest, the last used or the last fetched first.",
)
@_json
def cache_ls(pattern: str, sort: str, as_json: bool) -> None:
    """List the files in the cache, and what is there of others.

    PATTERN is a file name or a pattern of names, a link, or 6 or more digits of a SHA-256.

    \b
    Examples:
      hub cache ls
      hub cache ls '*_b0*' --sort used
      hub cache ls --json
    """
    from hub.assets.cache.entries import matches, select
    from hub.assets.cache.inventory import list_partials, list_quarantined

    here = hub.Cache()
    files = [
        file
        for file in here.files()
        if matches(pattern, link=file.link, sha256=file.sha256, filename=file.path.name)
    ]
    partials = select([pattern], list_partials(here))
    quarantined = select([pattern], list_quarantined(here))
    files = _sort(files, sort)
    size = sum({file.path: file.size for file in files}.values())
    if as_json:
        described = [{**to_json(file), "strength": describe_strength(file)} for file in files]
        echo_json(
            {
                "folder": here.folder,
                "files": described,
                "size": size,
                "partials": partials,
                "quarantined": quarantined,
            }
        )
        return
    show_files(files, size)
    show_partials(partials)
    show_quarantined(quarantined)


@cache.command("verify")
@click.argument("selectors", metavar="[PATTERN|SHA256]...", nargs=-1)
@click.option("--repair", is_flag=True, help="Put right what can be, without a network.")
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@_json
def cache_verify(
    selectors: tuple[str, ...], repair: bool, no_progress: bool, as_json: bool
) -> None:
    """Hash the files in the cache and compare them with their digests; needs no network.

    Each file is ok; touched (right, but its stamp is new); changed; missing; unreadable; or stray
    (right, but without a record). Damaged records and pins are listed, too.

    With --repair, changed files go to quarantine, and come back from a good copy under another
    name or in a shared cache. What has no good copy is fetched again when it is next needed.

    \b
    Exit codes: 0 all is right, or is again; 5 something is not.

    \b
    Examples:
      hub cache verify
      hub cache verify '*.ckpt' --json
      hub cache verify --repair
    """
    from hub.assets.cache.repair import repair_file
    from hub.assets.cache.verification import verify_files
    from hub.assets.progress import make_progress

    here = hub.Cache()
    progress = make_progress("verify", wanted=not no_progress)
    verdicts = list(verify_files(here, selectors, progress=progress))
    if repair:
        verdicts = [repair_file(here, verdict) for verdict in verdicts]
    bad = [verdict for verdict in verdicts if not verdict.good]
    if as_json:
        echo_json({"files": [describe_verdict(v) for v in verdicts], "ok": not bad})
    else:
        for verdict in verdicts:
            show_verdict(verdict)
        echo_text(summarise_verdicts(verdicts, repaired=repair), err=True)
    sys.exit(IntegrityError.exit_code if bad else 0)


@cache.command("rm")
@click.argument("selectors", metavar="PATTERN|LINK|SHA256|ID...", nargs=-1, required=True)
@click.option("--pins", is_flag=True, help="Also forget which files their prefix digests meant.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@_dry_run
@_json
def cache_rm(
    selectors: tuple[str, ...], pins: bool, yes: bool, dry_run: bool, as_json: bool
) -> None:
    """Remove files by name, pattern of names, link, digits of their SHA-256 (6 or more), or card.

    A file that another link leads to as well stays for that one. Pins stay: a prefix of a digest
    goes on meaning the file that it meant when it was first seen; --pins forgets that.

    \b
    Examples:
      hub cache rm 'efficientnet_b0*' --dry-run
      hub cache rm f8d7aa2a -y
      hub cache rm MindSpore/efficientnet_b0 --pins -y
    """
    from hub.assets.cache.upkeep import remove_files

    here = hub.Cache()
    named = _resolve_ids(here, selectors)
    planned = remove_files(here, named, pins=pins, dry_run=True)
    if not dry_run and not yes:
        _ask(planned)
    removal = planned if dry_run else remove_files(here, named, pins=pins)
    show_removal(removal, as_json)
    kept = [] if pins else _find_pinned(here, planned)
    if kept and not as_json:
        echo_text(
            f"note: the pins of {', '.join(kept)} stay, so these prefixes go on meaning the same"
            " files; --pins forgets them",
            err=True,
        )


@cache.command("prune")
@click.option("--max-size", metavar="SIZE", type=parse_size, help="Keep this much, such as 5GB.")
@click.option("--older-than", metavar="AGE", type=parse_age, help="Not used for, such as 30d.")
@_dry_run
@_json
def cache_prune(
    max_size: int | None, older_than: float | None, dry_run: bool, as_json: bool
) -> None:
    """Remove the files that were not used for longest.

    Uses are recorded by mshub; a backup or a search through the folder is none. A file with
    several links counts once, and as used when the last of them was.

    \b
    Examples:
      hub cache prune --max-size 5GB
      hub cache prune --older-than 30d --dry-run
    """
    from hub.assets.cache.upkeep import prune_files

    if max_size is None and older_than is None:
        raise click.UsageError("name a limit: --max-size 5GB, --older-than 30d, or both")
    here = hub.Cache()
    removal = prune_files(here, max_size=max_size, older_than=older_than, dry_run=dry_run)
    show_removal(removal, as_json)


@cache.command("gc")
@_dry_run
@_json
def cache_gc(dry_run: bool, as_json: bool) -> None:
    """Remove what is left behind and nobody needs; verified files stay.

    That is: partial downloads that nobody wrote to for a day, quarantined files, records without a
    file, files without a record, temporary files, locks that nobody holds, and answers of servers
    and cards that are older than 30 days.

    \b
    Examples:
      hub cache gc --dry-run
      hub cache gc --json
    """
    from hub.assets.cache.garbage import collect_garbage

    show_removal(collect_garbage(hub.Cache(), dry_run=dry_run), as_json, summed=True)


def _sort(files: Iterable[CachedFile], order: str) -> list[CachedFile]:
    named = sorted(files, key=lambda file: (file.path.name, file.link))
    if order == "size":
        return sorted(named, key=lambda file: -file.size)
    if order == "used":
        return sorted(named, key=lambda file: file.last_used, reverse=True)
    if order == "fetched":
        return sorted(named, key=lambda file: file.fetched_at, reverse=True)
    return named


def _resolve_ids(here: hub.Cache, selectors: Sequence[str]) -> list[str]:
    """Put the links of a card's files and their exports in the place of its id.

    A file that answers to the id comes first.
    """
    from hub.assets.cache.entries import list_entries, select
    from hub.assets.cache.inventory import list_arrivals
    from hub.assets.cache.layout import EXPORT

    entries = list_entries(here)
    things = [*entries, *list_arrivals(here)]
    named: list[str] = []
    for selector in selectors:
        links = [] if select([selector], things) else _list_links(selector)
        found = [link for link in links if select([link], things)]
        if links and not found:
            raise AssetNotFoundError(
                f"no file of {selector} is in the cache; `hub cache ls` lists what is there",
                model_id=selector,
            )
        exports = tuple(f"{EXPORT}{file.sha256}/" for file in select(found, entries))
        found += [entry.link for entry in entries if exports and entry.link.startswith(exports)]
        named += found or [selector]
    return named


def _list_links(model_id: str) -> list[str]:
    """Return the links of a card's files; none if this is no id of a card that is here."""
    if "://" in model_id:
        return []
    try:
        return [asset.link for asset in hub.card(model_id).assets]
    except HubError:
        return []


def _ask(planned: Removal) -> None:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError("nobody can be asked here; say --yes, or --dry-run to look first")
    named = [removed for removed in planned.removed if removed.kind in NAMED]
    for removed in named:
        echo_text(f"{format_size(removed.size):>8}  {removed.path}", err=True)
    question = f"Remove {count(len(named), 'file')}, {format_size(planned.freed)}?"
    click.confirm(question, abort=True, err=True)


def _find_pinned(here: hub.Cache, removal: Removal) -> list[str]:
    """Return the prefixes whose pins lead to a file that was removed."""
    gone = {removed.path.parent.name for removed in removal.removed if removed.kind == "file"}
    return [prefix for prefix, sha256 in here.pins().items() if sha256 in gone]
