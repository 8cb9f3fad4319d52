"""Where everything in a cache folder lies, and which version of that plan a folder follows.

::

    CACHEDIR.TAG                    tells backup programs to pass the folder over
    layout                          the version of this plan; a folder without it follows version 1
    blobs/ab/<sha256>/<file name>   read-only files; the folder's name is the content's digest
    links/<key>.json                which blob a link with its digest leads to, and its stamp;
                                    the time stamp of the record itself is that of its last use;
                                    the link of an export begins with "export:" and the digest of
                                    the weights that it was made from
    pins/<prefix>.json              the whole digest that a prefix meant when it was first seen
    cards/<key>.md                  the last text of each card or index that was read from a URL
    answers/<key>.json              what servers said of links when ``hub validate --online`` asked
    partial/<key>.<mark>.*          what is arriving, or was when it broke off, and small files
                                    on their way to their names
    quarantine/<key>.*              files that were not what their digest says, the last per link
    locks/<key>.lock, .json         so that two processes do not fetch one file twice, and who it is

There are no symbolic links, and nothing but the number of downloads depends on the locks.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hub.digests import Digest

VERSION = 1
EXPORT = "export:"  # how the links of exports begin, which no server has


def make_key(link: str, digest: Digest | None = None) -> str:
    """Return the name under which all that belongs to a link with its digest is kept.

    Example:
        >>> make_key("https://example.org/a.ckpt")[:8]
        'f74ab68b'
    """
    text = f"{link}\n{digest or ''}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of a cache folder; none of them is looked at.

    Attributes:
        root: The cache folder.
    """

    root: Path

    @property
    def version(self) -> Path:
        """The file that states the version of the layout."""
        return self.root / "layout"

    @property
    def tag(self) -> Path:
        """The file by which backup programs know a cache."""
        return self.root / "CACHEDIR.TAG"

    @property
    def blobs(self) -> Path:
        """The folder of all verified files."""
        return self.root / "blobs"

    @property
    def links(self) -> Path:
        """The folder of all records."""
        return self.root / "links"

    @property
    def pins(self) -> Path:
        """The folder of all pinned prefixes."""
        return self.root / "pins"

    @property
    def partials(self) -> Path:
        """The folder of all that is arriving."""
        return self.root / "partial"

    @property
    def quarantine(self) -> Path:
        """The folder of files that were not what they should be."""
        return self.root / "quarantine"

    @property
    def locks(self) -> Path:
        """The folder of all locks."""
        return self.root / "locks"

    @property
    def answers(self) -> Path:
        """The folder of what servers said of links."""
        return self.root / "answers"

    @property
    def cards(self) -> Path:
        """The folder of cards that were read from URLs."""
        return self.root / "cards"

    def blob(self, sha256: str, filename: str) -> Path:
        """Return the path of a verified file."""
        return self.root.joinpath("blobs", sha256[:2], sha256, filename)

    def link(self, key: str) -> Path:
        """Return the path of the record of a link."""
        return self.root.joinpath("links", f"{key}.json")

    def pin(self, digest: Digest) -> Path:
        """Return the path of the pin of a prefix."""
        return self.pins / f"{digest.hex}.json"

    def card(self, url: str) -> Path:
        """Return the path of the kept text of a card or an index."""
        return self.cards / f"{make_key(url)}.md"

    def answer(self, url: str) -> Path:
        """Return the path of the kept answer of a server."""
        return self.answers / f"{make_key(url)}.json"


class LaidOut(Protocol):
    """What has a layout: a :class:`hub.assets.cache.cache.Cache`."""

    @property
    def layout(self) -> Layout:
        """Where everything lies."""
