"""What the cache says when a file is not what it should be: all facts, and the next step."""

from __future__ import annotations

from pathlib import Path

from hub.digests import Digest
from hub.errors import IntegrityError
from hub.redaction import redact_url


def describe_mismatch(url: str, digest: Digest, sha256: str, size: int | None) -> IntegrityError:
    """Return the error for content that has another digest than the card states.

    Args:
        url: Where the content came from.
        digest: What the card states.
        sha256: What the content has.
        size: The content's size in bytes, if it is known.
    """
    return IntegrityError(
        f"{redact_url(url)} is not the file that the card means: expected SHA-256 {digest}"
        f" ({digest.strength}), actual {sha256}{_describe_size(size)}. Fetch it again; if it stays"
        " so, compare with the publisher's own page, and tell the publisher of the card",
        url=redact_url(url),
        expected=digest.hex,
        actual=sha256,
        strength=digest.strength,
        size=size,
    )


def describe_other_pin(
    url: str, digest: Digest, sha256: str, size: int | None, *, pinned: str, pin: Path
) -> IntegrityError:
    """Return the error for another file than the one that was first seen under a prefix.

    Args:
        url: Where the content came from.
        digest: The prefix that the card states.
        sha256: What the content has.
        size: The content's size in bytes, if it is known.
        pinned: The digest that was first seen.
        pin: Where that is noted.
    """
    return IntegrityError(
        f"{redact_url(url)} begins with the digits that the card gives ({digest},"
        f" {digest.strength}), but it is another file than the one first seen under them: expected"
        f" SHA-256 {pinned}, actual {sha256}{_describe_size(size)}. If the publisher confirms the"
        f" change, forget the old file with `hub cache rm --pins {pinned[:12]}` or delete {pin}; or"
        " state the whole digest in the card",
        url=redact_url(url),
        expected=pinned,
        actual=sha256,
        strength=digest.strength,
        size=size,
    )


def _describe_size(size: int | None) -> str:
    return "" if size is None else f", {size:,} bytes"
