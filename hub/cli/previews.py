"""What ``hub fetch --dry-run`` prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hub.cli.outcomes import Voice, describe_failure, end_batch
from hub.cli.render import echo_json, echo_table, echo_text, format_size
from hub.errors import HubError
from hub.plurals import count

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
    """Print what fetching would do."""
    from hub.assets.batch import Job, Outcome, refuse_unlocked
    from hub.assets.preview import Previewer

    if locked:
        refuse_unlocked([request for request in requests if isinstance(request, Job)], lock)
    previewer = Previewer(cache, lock)
    previews: list[Preview] = []
    by_link: dict[str, Preview] = {}
    outcomes: list[Outcome] = []
    for request in requests:
        try:
            if isinstance(request, Outcome):
                outcomes.append(request)
            else:
                link = request.asset.link
                previews.append(previewer.look(request, targets.get(link)))
                by_link[link] = previews[-1]
                outcomes.append(Outcome(request.model_id, request.asset))
        except HubError as error:
            outcomes.append(Outcome(request.model_id, request.asset, error=error))
    files = by_link.values()
    known = [preview for preview in files if preview.size is not None]
    total = {
        "files": len(files),
        "size": sum(preview.size or 0 for preview in known),
        "to_download": sum(preview.size or 0 for preview in known if not preview.cached),
        "unknown": len(files) - len(known),
    }
    if as_json:
        failures = [describe_failure(outcome) for outcome in outcomes if outcome.error]
        echo_json({"dry_run": True, "files": previews, "failures": failures, "total": total})
    elif previews:
        header = ("ID", "SIZE", "CACHED", "DIGEST", "HOST", "SOURCE", "TARGET")
        echo_table([header, *(_describeshow_previews(preview) for preview in previews)])
        unknown = f"; {total['unknown']} of unknown size" if total["unknown"] else ""
        size, missing = format_size(total["size"]), format_size(total["to_download"])
        echo_text(f"{count(len(files), 'file')}, {size}; {missing} to download{unknown}")
    if shown.events:
        for outcome in outcomes:
            if outcome.error:
                shown.events.finish(outcome)
    end_batch(outcomes, shown)


def _describeshow_previews(preview: Preview) -> tuple[str, ...]:
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
