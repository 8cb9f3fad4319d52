"""Files that are not what they should be are put aside, for people to look at."""

from __future__ import annotations

import contextlib
import json
import logging
import time
from pathlib import Path

from hub.assets.cache.folder import SharedFolder, remove_file
from hub.assets.cache.layout import make_key
from hub.assets.cache.records import format_time
from hub.digests import Digest
from hub.redaction import redact_url

_log = logging.getLogger(__name__)


def quarantine_file(
    folder: SharedFolder, path: Path, *, link: str, digest: Digest | None, sha256: str, reason: str
) -> Path:
    """Put a file aside, in place of the last one of its link; where that fails, remove it.

    Args:
        folder: The cache folder.
        path: The file, in the same file system.
        link: The link in the card.
        digest: The digest in the card.
        sha256: The file's whole digest.
        reason: What is wrong with it, in words.

    Returns:
        Where the file lies, unless it had to be removed.
    """
    bad = folder.layout.quarantine / f"{make_key(link, digest)}.bad"
    note = bad.with_suffix(".json")
    facts = {
        "link": redact_url(link),
        "digest": str(digest or ""),
        "sha256": sha256,
        "reason": reason,
        "time": format_time(time.time()),
    }
    try:
        folder.make(bad.parent.name)
        path.replace(bad)
        folder.write(note, json.dumps(facts, indent=1).encode())
    except OSError as error:
        _log.warning("%s cannot be put into quarantine, so it is removed (%s)", path, error)
        for each in (path, bad, note):
            with contextlib.suppress(OSError):
                remove_file(each)
    return bad
