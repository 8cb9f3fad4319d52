"""What ``hub lock`` says of a lock's changes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hub.plurals import count

if TYPE_CHECKING:
    from hub.assets.lockfile_changes import LockChange
    from hub.lockfile_update import LockReport


def describe_change(change: LockChange, *, would: str) -> str:
    """Return a line about one entry; ``would`` comes before it, if nothing is done yet."""
    text = f"{would}{change.action}: {change.model_id}"
    text += f" {change.file_format}" if change.file_format else ""
    if change.action == "removed":
        return f"{text}: its card does not list it any more"
    if change.strengthened:
        stated = (
            f"{change.digest} ({4 * len(change.digest)} bits)" if change.digest else "no digest"
        )
        return f"{text}: {stated} became strong: {change.sha256}"
    if change.sha256 == change.before and change.size != change.size_before:
        return f"{text}: its size is {change.size:,} bytes, not {change.size_before:,}"
    if not change.sha256:
        return f"{text}: the card states {change.digest or 'no digest'}"
    return f"{text}: {change.sha256}"


def sum_up(report: LockReport, *, check: bool) -> str:
    """Return a line about the whole lock: it is up to date only if all of it could be checked."""
    changes, failed = report.changes, len(report.failures)
    if not changes and not failed:
        return f"{report.path} is up to date"
    done = "checked" if check else "locked"
    left = f"{count(failed, 'model')} could not be {done}" if failed else ""
    if not changes:
        return f"{report.path} is as it was, and {left}"
    counted = Counter(change.action for change in changes)
    parts = [f"{number} {action}" for action, number in counted.items()]
    if strong := sum(change.strengthened for change in changes):
        parts.append(f"{count(strong, 'weak digest')} became strong")
    text = f"{report.path} {'would change' if check else 'changed'}: {', '.join(parts)}"
    return f"{text}; {left}" if left else text
