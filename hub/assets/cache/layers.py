"""Cache folders as places to read from: one's own, and the shared ones below it.

Nothing here writes. What a folder says is believed no further than it can be checked.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from hub.assets.cache.folder import check_layout, read_small
from hub.assets.cache.layout import Layout, make_key
from hub.assets.cache.records import (
    Record,
    is_sha256,
    parse_json,
    read_json,
    read_record,
)
from hub.digests import Digest
from hub.errors import CacheError

_log = logging.getLogger(__name__)


class Hit(NamedTuple):
    """A file that is found at the cost of one ``lstat``."""

    record: Record
    path: Path
    place: Path  # of the record


@dataclass(frozen=True, slots=True)
class Layer:
    """One cache folder.

    Attributes:
        layout: Where everything in it lies.
    """

    layout: Layout

    def __str__(self) -> str:
        return str(self.layout.root)

    def read_record(self, link: str, digest: Digest | None) -> Record | None:
        """Return what this folder knows of a link; None if that is nothing, or something else.

        Raises:
            OSError: The record cannot be read.
        """
        return self._read_record(self.layout.link(make_key(link, digest)), link, digest)

    def _read_record(self, place: Path, link: str, digest: Digest | None) -> Record | None:
        try:
            record = read_record(place)
        except NotADirectoryError:
            return None
        if record is None or (record.link, record.digest) != (link, str(digest or "")):
            return None
        return record if digest is None or digest.matches(record.sha256) else None

    def find(
        self, link: str, digest: Digest | None, filename: str, shared: Collection[Path]
    ) -> Hit | None:
        """Return a file whose stamp is the one that it had when it was hashed, by one ``lstat``.

        Args:
            link: The link in the card.
            digest: The digest in the card.
            filename: The name that the file must have.
            shared: The folders that records may lead to besides this one.

        Raises:
            OSError: The folder cannot be read.
        """
        place = self.layout.link(make_key(link, digest))
        record = self._read_record(place, link, digest)
        if record is None or record.filename != filename:
            return None
        home = self.layout
        if record.layer:
            home = Layout(Path(record.layer))
            if home.root not in shared:
                return None
        path = home.blob(record.sha256, filename)
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            if record.describes(path.lstat()):
                return Hit(record, path, place)
        return None

    def read_pin(self, digest: Digest) -> str | None:
        """Return the whole digest that a prefix meant when it was first seen, if that is known.

        Raises:
            CacheError: The pin is damaged.
            OSError: The pin cannot be read.
        """
        path = self.layout.pin(digest)
        try:
            pin = parse_json(read_small(path)).get("sha256")
        except (FileNotFoundError, NotADirectoryError):
            return None
        if isinstance(pin, str) and is_sha256(pin) and digest.matches(pin):
            return pin
        raise CacheError(
            f"the pin {path} is damaged, so nothing tells which file {digest} meant when it was"
            " first seen; delete the pin to trust the next file with these digits",
            path=str(path),
        )

    def list_copies(self, sha256: str, filename: str) -> list[tuple[Path, os.stat_result]]:
        """List all that lies where content with a digest belongs, whatever it is.

        Args:
            sha256: The whole digest.
            filename: The name that is wanted; what has it comes first.

        Returns:
            Paths with their ``lstat``.

        Raises:
            OSError: The folder cannot be read.
        """
        found = []
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for path in self.layout.blob(sha256, filename).parent.iterdir():
                with contextlib.suppress(FileNotFoundError):
                    found.append((path, path.lstat()))
        return sorted(found, key=lambda entry: (entry[0].name != filename, entry[0].name))

    def list_pins(self) -> dict[str, str]:
        """Return the whole digest of each prefix that was seen here, but for damaged pins.

        Raises:
            OSError: The folder cannot be read.
        """
        pins = {}
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for path in sorted(self.layout.pins.iterdir()):
                whole = read_json(path).get("sha256")
                if isinstance(whole, str) and is_sha256(whole) and whole.startswith(path.stem):
                    pins[path.stem] = whole
        return pins


@contextlib.contextmanager
def pass_over(layer: Layer) -> Iterator[None]:
    """Go on without a shared cache, or a part of it, that is missing or fails; say so."""
    try:
        yield
    except FileNotFoundError as error:
        _log.info("%s is not there; the shared cache %s is passed over", error.filename, layer)
    except OSError as error:
        _log.warning("the shared cache %s is passed over: %s", layer, error)


class Layers:
    """One's own cache folder and the shared ones below it, asked in this order.

    The shared ones are looked at when they are needed for the first time.

    Args:
        own: The own cache folder.
        shared: The shared ones, in the order in which they are asked.
    """

    def __init__(self, own: Layout, shared: Sequence[Path]) -> None:
        self.own = Layer(own)
        self._roots = tuple(shared)

    @cached_property
    def shared(self) -> tuple[Layer, ...]:
        """Those of the shared caches that are there and can be understood."""
        layers = []
        for root in self._roots:
            layer = Layer(Layout(root))
            with pass_over(layer):
                if stat.S_ISDIR(root.stat().st_mode):
                    check_layout(layer.layout)
                    layers.append(layer)
                else:
                    _log.warning("the shared cache %s is no folder; it is passed over", root)
        return tuple(layers)

    def find_own(self, link: str, digest: Digest | None, filename: str) -> Hit | None:
        """Return what the own folder's record leads to, if the stamp is right.

        Raises:
            OSError: The own folder cannot be read.
        """
        return self.own.find(link, digest, filename, self._roots)

    def find_shared(self, link: str, digest: Digest | None, filename: str) -> Hit | None:
        """Return what a shared record leads to, if the stamp is right."""
        for layer in self.shared:
            with pass_over(layer):
                hit = layer.find(link, digest, filename, self._roots)
                if hit and self.expect(digest, hit.record) == hit.record.sha256:
                    return hit
        return None

    def locate(self, record: Record) -> Path:
        """Return the path of the file that a record leads to."""
        home = Layout(Path(record.layer)) if record.layer else self.own.layout
        return home.blob(record.sha256, record.filename)

    def read_record(self, link: str, digest: Digest | None) -> Record | None:
        """Return the first record of a link, without asking whether its file is there.

        Raises:
            OSError: The own folder cannot be read.
        """
        if record := self.own.read_record(link, digest):
            return record
        for layer in self.shared:
            with pass_over(layer):
                if record := layer.read_record(link, digest):
                    return record
        return None

    def read_pin(self, digest: Digest) -> tuple[str, Path] | None:
        """Return what a prefix meant when it was first seen, and where that is noted.

        Raises:
            CacheError: The own pin is damaged.
            OSError: The own folder cannot be read.
        """
        own = self.own.read_pin(digest)
        found = (own, self.own.layout.pin(digest)) if own else None
        for layer in self.shared:
            with pass_over(layer):
                pinned = layer.read_pin(digest)
                if pinned and found and pinned != found[0]:
                    _log.warning(
                        "%s means %s by the pin %s, but %s in the shared cache %s; the first counts",
                        digest,
                        *found,
                        pinned,
                        layer,
                    )
                elif pinned and not found:
                    found = pinned, layer.layout.pin(digest)
        return found

    def expect(self, digest: Digest | None, known: Record | None) -> str | None:
        """Return the whole digest of what is looked for, as far as anything here tells it.

        Args:
            digest: The digest in the card.
            known: A record of the link.

        Raises:
            CacheError: The own pin is damaged.
            OSError: The own folder cannot be read.
        """
        if digest and digest.complete:
            return digest.hex
        if digest and (pinned := self.read_pin(digest)):
            return pinned[0]
        return known.sha256 if known else None
