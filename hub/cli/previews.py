"""What ``hub fetch --dry-run`` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hub.assets.store import refuse_login
from hub.cli.outcomes import Voice, describe_failure, end_batch
from hub.cli.render import echo_json, echo_table, echo_text, format_size, to_json
from hub.errors import DownloadError, HubError, OfflineError
from hub.plurals import count
from hub.settings import offline

if TYPE_CHECKING:
    from hub.assets.batch import Job, Outcome
    from hub.assets.cache.cache import Cache
    from hub.assets.lockfile import LockFile
    from hub.assets.preview import Preview


def show_previews(
    requests: Sequence[Job | Outcome],
    cache: Cache,
    lock: LockFile | None,
    targets: dict[str, Path],
    *,
    locked: bool,
    as_json: bool,
    shown: Voice,
) -> None:
    """Print what fetching would do; what is known to fail has failed."""
    from hub.assets.batch import Job, Outcome, refuse_unlocked
    from hub.assets.preview import Previewer

    if locked:
        refuse_unlocked([request for request in requests if isinstance(request, Job)], lock)
    previewer = Previewer(cache, lock)
    previews: list[Preview] = []
    by_link: dict[str, Preview] = {}
    outcomes: list[Outcome] = []
    for request in requests:
        if isinstance(request, Outcome):
            outcomes.append(request)
            continue
        error: HubError | None = None
        try:
            link = request.asset.link
            preview = by_link[link] = previewer.look(request, targets.get(link))
            previews.append(preview)
            error = _find_error(request, preview)
        except HubError as failure:
            error = failure
        outcomes.append(Outcome(request.model_id, request.asset, error=error))
    total = _add_up(list(by_link.values()))
    if as_json:
        failures = [describe_failure(outcome) for outcome in outcomes if outcome.error]
        files = [_summarise(preview, delivered=bool(targets)) for preview in previews]
        one = {"file": files[0]} if len(files) == len(outcomes) == 1 else {}
        echo_json({"dry_run": True, **one, "files": files, "failures": failures, "total": total})
    elif previews:
        header = ("ID", "SIZE", "CACHED", "DIGEST", "HOST", "SOURCE", "TARGET")
        echo_table([header, *(_describe(preview) for preview in previews)])
        echo_text(_sum_up(total))
    if shown.events:
        for outcome in outcomes:
            if outcome.error:
                shown.events.finish(outcome)
    end_batch(outcomes, shown)


def _find_error(job: Job, preview: Preview) -> HubError | None:
    """Return what is known to go wrong with a file, if anything."""
    try:
        refuse_login(job.asset.link)
    except DownloadError as error:
        return error
    if preview.cached or preview.source:
        return None
    kind = OfflineError if offline() else DownloadError
    return kind(f"nobody would serve {preview.link}: {preview.problem}", url=preview.link)


def _add_up(files: Sequence[Preview]) -> dict[str, int]:
    """Return how much there is; what nobody would serve is not there to be downloaded."""
    served = [preview for preview in files if preview.cached or preview.source]
    known = [preview for preview in served if preview.size is not None]
    return {
        "files": len(files),
        "size": sum(preview.size or 0 for preview in known),
        "to_download": sum(preview.size or 0 for preview in known if not preview.cached),
        "unknown": len(served) - len(known),
        "unavailable": len(files) - len(served),
    }


def _sum_up(total: Mapping[str, int]) -> str:
    size, missing = format_size(total["size"]), format_size(total["to_download"])
    parts = [f"{count(total['files'], 'file')}, {size}"]
    if total["unavailable"] < total["files"]:
        parts.append(f"{missing} to download")
    if total["unknown"]:
        parts.append(f"{total['unknown']} of unknown size")
    if total["unavailable"]:
        parts.append(f"{total['unavailable']} cannot be had")
    return "; ".join(parts)


def _summarise(preview: Preview, *, delivered: bool) -> dict[str, object]:
    """Return a preview for JSON, under the names that what is fetched has."""
    values = to_json(preview)
    target = values.pop("target")
    values = {"id": values.pop("model_id"), "file": values.pop("name"), **values}
    return {**values, "output" if delivered else "path": target}


def _describe(preview: Preview) -> tuple[str, ...]:
    source = preview.source or ("the cache" if preview.cached else f"none: {preview.problem}")
    return (
        preview.model_id,
        "unknown" if preview.size is None else format_size(preview.size),
        "yes" if preview.cached else "no",
        preview.strength,
        preview.host,
        source,
        str(preview.target),
    )
