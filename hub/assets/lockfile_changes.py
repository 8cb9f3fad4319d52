"""How a ``hub.lock`` changes when assets are added to it, or fetched anew."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from hub.assets.batch import Job
from hub.assets.lockfile import LockedAsset, LockFile
from hub.digests import Digest
from hub.errors import IntegrityError
from hub.redaction import redact_url


@dataclass(frozen=True, slots=True)
class LockChange:
    """One entry that comes, changes or goes.

    Attributes:
        action: ``added``, ``changed`` or ``removed``.
        model_id: The exact id of its model.
        file_format: What kind of file, such as ``ckpt``.
        link: The link in the card.
        digest: The digest in the card; empty if it states none.
        sha256: The whole digest; empty as long as the file was not fetched.
        before: The entry's whole digest before, if there was one.
        size: The size in bytes; None as long as the file was not fetched.
        size_before: The entry's size before, if there was one.
    """

    action: Literal["added", "changed", "removed"]
    model_id: str
    file_format: str
    link: str
    digest: str
    sha256: str
    before: str = ""
    size: int | None = None
    size_before: int | None = None

    @property
    def strengthened(self) -> bool:
        """Whether a digest that the card states in part, or not at all, is now whole."""
        return self.sha256 not in {"", self.before} and len(self.digest) < 64


def state_digest(job: Job) -> str:
    """Return the digest that a card states, as a lock notes it."""
    return str(job.asset.digest or "")


def find_stale(lock: LockFile, jobs: Iterable[Job], links: Collection[str]) -> list[LockedAsset]:
    """Return the entries of a model in whose place a job comes.

    Args:
        lock: The lock.
        jobs: What is locked now.
        links: All links that the models' cards have; an entry with another link is out of date, and
            so is one whose card has another id now.
    """
    slots, ids = set(), {}
    for job in jobs:
        slots.add(_job_slot(job))
        if job.card:
            ids[lock.relate_card(job.card), job.asset.file_format] = job.model_id.casefold()

    def is_stale(entry: LockedAsset) -> bool:
        model_id = entry.model_id.casefold()
        renamed = ids.get((entry.card, entry.file_format), model_id) != model_id
        return renamed or (_slot(entry) in slots and entry.link not in links)

    return [entry for entry in lock.assets if is_stale(entry)]


def plan_changes(
    lock: LockFile,
    jobs: Iterable[Job],
    stale: Iterable[LockedAsset],
    sizes: Mapping[str, int],
) -> list[LockChange]:
    """Say what locking would change, without fetching anything.

    An entry that agrees with its card stays: what comes under its digest can only be the same.

    Args:
        lock: The lock as it is.
        jobs: What would be locked.
        stale: The entries that would go.
        sizes: The sizes in bytes that are known, by SHA-256.
    """
    changes = [_remove(entry) for entry in stale]
    entries = {(*_slot(entry), entry.link): entry for entry in lock.assets}
    for job in dict.fromkeys(jobs):
        entry, digest = entries.get((*_job_slot(job), job.asset.link)), state_digest(job)
        size = sizes.get(entry.sha256, entry.size) if entry else None
        card = lock.relate_card(job.card)
        if entry and (entry.digest, entry.card, entry.size) == (digest, card, size):
            continue
        same = entry is not None and entry.sha256.startswith(digest)
        changes.append(
            LockChange(
                "changed" if entry else "added",
                job.model_id,
                job.asset.file_format,
                job.asset.link,
                digest,
                entry.sha256 if entry and same else "",
                entry.sha256 if entry else "",
                size if same else None,
                entry.size if entry else None,
            )
        )
    return changes


def merge_assets(
    lock: LockFile, fetched: Iterable[LockedAsset], stale: Iterable[LockedAsset]
) -> tuple[tuple[LockedAsset, ...], list[LockChange]]:
    """Put what was fetched into a lock; entries of other models stay.

    Args:
        lock: The lock as it is.
        fetched: The new entries.
        stale: The entries that go.

    Returns:
        What the lock shall list, and what changes.

    Raises:
        IntegrityError: Another model's entry has the same link, and says that another file is there.
    """
    gone, changes = set(stale), []
    new = {(*_slot(entry), entry.link): entry for entry in fetched}
    old = {(*_slot(entry), entry.link): entry for entry in lock.assets if entry not in gone}
    changes += [_remove(entry) for entry in lock.assets if entry in gone]
    by_link = {entry.link: entry for entry in new.values()}
    for key, entry in old.items():
        arrived = by_link.get(entry.link)
        if key not in new and arrived and arrived.sha256 != entry.sha256:
            new[key] = _take_over(lock, entry, arrived)
    for key, entry in new.items():
        before = old.get(key)
        if entry != before:
            changes.append(
                LockChange(
                    "changed" if before else "added",
                    entry.model_id,
                    entry.file_format,
                    entry.link,
                    entry.digest,
                    entry.sha256,
                    before.sha256 if before else "",
                    entry.size,
                    before.size if before else None,
                )
            )
    return tuple({**old, **new}.values()), changes


def _take_over(lock: LockFile, entry: LockedAsset, arrived: LockedAsset) -> LockedAsset:
    if not arrived.sha256.startswith(entry.digest):
        link = redact_url(entry.link)
        both = " ".join(shlex.quote(lock.name_card(one)) for one in (arrived, entry))
        raise IntegrityError(
            f"{lock.path} lists {link} for {entry.model_id} as well, whose card says"
            f" {entry.digest}, and the file of {arrived.model_id} is {arrived.sha256}; lock both at"
            f" once with `hub lock {both}`",
            url=link,
            expected=entry.digest,
            actual=arrived.sha256,
            strength=Digest(entry.digest).strength,
        )
    return replace(entry, sha256=arrived.sha256, size=arrived.size)


def _remove(entry: LockedAsset) -> LockChange:
    return LockChange(
        "removed",
        entry.model_id,
        entry.file_format,
        entry.link,
        entry.digest,
        "",
        entry.sha256,
        size_before=entry.size,
    )


def _slot(entry: LockedAsset) -> tuple[str, str]:
    return entry.model_id.casefold(), entry.file_format


def _job_slot(job: Job) -> tuple[str, str]:
    return job.model_id.casefold(), job.asset.file_format
