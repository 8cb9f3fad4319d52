"""Downloading as the store does it, with little patience, and noting what is told."""

from __future__ import annotations

from pathlib import Path

from hub.assets.partials import open_partial
from hub.assets.patience import Patience
from hub.assets.progress import Progress
from hub.assets.transfer.download import Transfer, download
from tests.conftest import digest_of

QUICK = Patience(silence=2, window=1, floor=1000, attempts=3, backoff=0.01, longest_pause=1)
ONCE = Patience(silence=2, window=1, floor=1000, attempts=1, backoff=0.01, longest_pause=1)


class Notes(Progress):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.begun: list[tuple[int | None, int]] = []
        self.received = 0
        self.notes: list[str] = []

    def begin(self, total: int | None, received: int) -> None:
        self.begun.append((total, received))
        self.received = received

    def advance(self, size: int) -> None:
        self.received += size

    def note(self, text: str) -> None:
        self.notes.append(text)


def fetch(folder: Path, url: str, patience: Patience = QUICK, **options) -> Transfer:
    """Download, and check that the file is what the transfer says that it is."""
    with open_partial(folder, "key") as partial:
        transfer = download(url, partial, patience=patience, **options)
        content = partial.path.read_bytes()
        assert (transfer.sha256, transfer.size) == (digest_of(content), len(content))
        partial.path.rename(folder / "published")
    return transfer
