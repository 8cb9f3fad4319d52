"""Exports are kept where verified files are: under their digest, with a record that leads there.

So ``hub cache`` lists, prunes, verifies and removes them like all others; one ``stat`` tells that
one is still what was written; and one that is damaged goes to quarantine and is made again.
"""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass
from pathlib import Path

import mindspore

from hub.assets.cache.cache import Cache
from hub.assets.cache.layout import EXPORT
from hub.assets.filenames import safe_filename
from hub.errors import CacheError
from hub.networks.engines.agreement import Shape

_REVISION = 1  # goes up when our way to export changes, so that older exports are not found


@dataclass(frozen=True, slots=True)
class ExportCache:
    """The exports of one network.

    Attributes:
        cache: The cache.
        key: What the network is: the whole digest of its weights, a slash, its architecture and
            options.
        name: What its files are to be called.
    """

    cache: Cache
    key: str
    name: str

    def find(self, shape: Shape) -> Path | None:
        """Return the export that was made for images of a shape, at the cost of one ``stat``.

        Raises:
            CacheError: The cache folder cannot be read, or has a layout that we do not know.
        """
        found = self.cache.find(self._link(shape), None, self._filename(shape))
        return found.path if found else None

    def recover(self, shape: Shape) -> Path | None:
        """Return the export if it is whole, whatever its ``stat`` says; call it under the lock.

        Raises:
            CacheError: The cache folder cannot be read, or a folder is in the way.
        """
        link, filename = self._link(shape), self._filename(shape)
        found = self.cache.find(link, None, filename) or self.cache.recover(link, None, filename)
        return found.path if found else None

    def lock(self, shape: Shape) -> contextlib.AbstractContextManager[None]:
        """Keep other processes from making the same export meanwhile."""
        return self.cache.lock(self._link(shape), None)

    def keep(self, shape: Shape, content: bytes) -> Path | None:
        """Keep an export; None, and a warning in the log, if the cache folder cannot be written."""
        link, filename = self._link(shape), self._filename(shape)
        try:
            with self.cache.receive(link, None, resume=False) as partial:
                partial.append(content)
                sha256 = partial.hexdigest()
                partial.close()
                return self.cache.publish(
                    partial.path, sha256, link=link, digest=None, filename=filename, served_by=""
                ).path
        except CacheError as error:
            log = logging.getLogger(__name__)
            log.warning("the export will be made again next time, since %s", error)
            return None

    def _link(self, shape: Shape) -> str:
        size = "x".join(map(str, shape))
        made_by = f"mindspore-{mindspore.__version__}/revision-{_REVISION}"
        return f"{EXPORT}{self.key}/{size}/{made_by}"

    def _filename(self, shape: Shape) -> str:
        return safe_filename(f"{self.name}-{'x'.join(map(str, shape))}.onnx")
