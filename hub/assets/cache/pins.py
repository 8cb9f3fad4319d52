"""What a prefix meant when it was first seen, and holding what comes later to it.

A pin is made once and never written over, so of two processes that see two files under one prefix at
once, one is told so.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from hub.assets.cache.folder import SharedFolder
from hub.assets.cache.layers import Layers
from hub.assets.cache.wording import describe_mismatch, describe_other_pin
from hub.digests import Digest


def check_content(
    layers: Layers, path: Path, sha256: str, digest: Digest | None, *, url: str
) -> None:
    """Make sure that content is what the digest, or the pin of a prefix, says.

    Args:
        layers: The cache folders whose pins count.
        path: Where the content is.
        sha256: Its whole digest.
        digest: The digest in the card.
        url: Where the content came from, for messages.

    Raises:
        IntegrityError: It is not.
        CacheError: The own pin is damaged.
        OSError: The own folder cannot be read.
    """
    if digest is None:
        return
    if not digest.matches(sha256):
        raise describe_mismatch(url, digest, sha256, _measure(path))
    pinned = None if digest.complete else layers.read_pin(digest)
    if pinned and pinned[0] != sha256:
        size = _measure(path)
        raise describe_other_pin(url, digest, sha256, size, pinned=pinned[0], pin=pinned[1])


def pin_content(
    folder: SharedFolder,
    layers: Layers,
    path: Path,
    sha256: str,
    digest: Digest | None,
    *,
    url: str,
) -> None:
    """Note what a prefix means, unless that is known, and check content as :func:`check_content`.

    Args:
        folder: The cache folder where the pin is noted.
        layers: The cache folders whose pins count.
        path: Where the content is.
        sha256: Its whole digest.
        digest: The digest in the card.
        url: Where the content came from, for messages.

    Raises:
        IntegrityError: The content is not what the digest or the pin says; a pin that another
            process made meanwhile counts.
        CacheError: The own pin is damaged, or the folder cannot be written.
        OSError: The own folder cannot be read.
    """
    check_content(layers, path, sha256, digest, url=url)
    if digest and not digest.complete and layers.own.read_pin(digest) is None:
        content = json.dumps({"sha256": sha256}, indent=1).encode()
        folder.write_new(folder.layout.pin(digest), content)
        check_content(layers, path, sha256, digest, url=url)


def _measure(path: Path) -> int | None:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return None
