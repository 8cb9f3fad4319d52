"""The last result of a run, so that a run over unchanged cards costs a look at the files' stamps.

One entry is kept for each set of files, and only the newest entries are kept. One holds as long as
no file has come, gone or changed its size or time, under the same settings and the same code of
mshub, and on the same day (some rules look at the date). Cards that lean on files beside them are
not for the cache: those files come and go without a trace in the cards.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hub import __version__
from hub.errors import CacheError
from hub.files import write_file
from hub.findings import Edit, Finding, Fix
from hub.lint.configuration import Configuration

_RACE = 2.0  # seconds; a file this young may change again within one tick of its clock
_MOST_ENTRIES = 64
_PACKAGE = Path(__file__).parents[1]
_NO_FILE = r"[a-z][a-z0-9+.-]*:|[/#]"  # how a link begins that leads to no file beside the card
_LINK_TO_FILE = (
    rf"""\]\((?![\s<]*(?:{_NO_FILE}|\)))|<[a-z][^<>]*\s(?:href|src)\s*=(?!["'\s]*(?:{_NO_FILE}))"""
)


def leans_on_files(text: str) -> bool:
    """Tell whether a card may have links to files beside it, on which its findings depend.

    Example:
        >>> leans_on_files("[a](b.md)"), leans_on_files("[a](https://example.org) [b](#c)")
        (True, False)
    """
    return re.search(_LINK_TO_FILE, text, re.IGNORECASE) is not None


class ResultCache:
    """The findings of one set of files, as they were when the cache was opened.

    Args:
        folder: Where results are kept.
        files: What is checked.
        configuration: How it is checked.
        today: On which day.
    """

    def __init__(
        self,
        folder: Path,
        files: Sequence[str],
        configuration: Configuration,
        today: datetime.date,
    ) -> None:
        self._folder = folder
        self._place: Path | None = None  # None keeps nothing
        try:
            self._place = folder / f"{_digest([os.getcwd(), *files])}.json"  # noqa: PTH109
            stats = [os.stat(file) for file in files]  # noqa: PTH116, thousands of Paths cost more
            code = [str(time_ns) for time_ns in sorted(_list_times(_PACKAGE))]
        except OSError:
            stats, code, self._place = [], [], None
        stamps = (f"{stat.st_mtime_ns} {stat.st_size} {stat.st_ino}" for stat in stats)
        self._stamp = _digest([__version__, *code, str(today), _describe(configuration), *stamps])
        self._is_young = max((s.st_mtime for s in stats), default=0.0) > time.time() - _RACE

    def find(self) -> list[Finding] | None:
        """Return the findings of the last run over these files; None if anything has changed."""
        if self._place is None:
            return None
        import json

        try:
            entry = json.loads(self._place.read_bytes())
            if entry["stamp"] == self._stamp:
                return [_read_finding(item) for item in entry["findings"]]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return None

    def keep(self, findings: Iterable[Finding]) -> None:
        """Remember the findings of a run; failing to is no matter."""
        if self._place is None or self._is_young:
            return
        import json

        entry = {"stamp": self._stamp, "findings": [asdict(item) for item in findings]}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_file(str(self._place), json.dumps(entry, separators=(",", ":")).encode())
            entries = sorted(self._folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
            for old in entries[:-_MOST_ENTRIES]:
                old.unlink(missing_ok=True)
        except (OSError, CacheError):
            return


def _list_times(folder: Path | str) -> Iterator[int]:
    """Yield when each file of a package was changed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir() and entry.name != "__pycache__":
                yield from _list_times(entry.path)
            elif entry.is_file():
                yield entry.stat().st_mtime_ns


def _describe(configuration: Configuration) -> str:
    """Write all settings down, the same in every process: sets have no order of their own."""
    settings = asdict(configuration)
    words = {name: sorted(values) for name, values in settings.pop("vocabulary").items()}
    return repr((settings, words))


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogateescape")).hexdigest()


def _read_finding(values: Mapping[str, Any]) -> Finding:
    fix = values["fix"]
    if fix is not None:
        fix = Fix(fix["message"], tuple(Edit(*edit) for edit in fix["edits"]), fix["safe"])
    return Finding(**{**values, "fix": fix})
