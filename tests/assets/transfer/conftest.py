"""What the tests of transfers share: a file server, and a folder for partial files."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.assets.transfer.file_server import FileServer

CONTENT = random.Random(1).randbytes(3_000_000)  # no two pieces of it are alike


@pytest.fixture
def file_server() -> Iterator[FileServer]:
    server = FileServer(CONTENT)
    yield server
    server.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "partial"
