"""Hashing beside the download: the right digest or none, and no waiting for one nobody wants."""

from __future__ import annotations

import os
import time
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from hub.assets.hashing import Hashing
from tests.conftest import digest_of


@pytest.fixture
def huge(tmp_path: Path) -> Path:
    """Eight gibibytes of nothing, which take seconds to hash and no room."""
    path = tmp_path / "huge"
    path.touch()
    os.truncate(path, 8 << 30)
    return path


def test_what_is_given_and_what_is_read_back_are_hashed_in_order(tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    (tmp_path / "a").write_bytes(content)
    hashing = Hashing()
    hashing.update(b"before")
    with (tmp_path / "a").open("rb", buffering=0) as file:
        hashing.read_back(file, 10, len(content))
        for _ in range(20):
            hashing.update(b"after")
        assert hashing.hexdigest() == digest_of(b"before" + content[10:] + b"after" * 20)
    hashing.close()


def test_a_digest_that_was_asked_for_is_there_after_closing() -> None:
    hashing = Hashing()
    hashing.update(b"some")
    assert hashing.hexdigest() == digest_of(b"some")
    hashing.close()
    hashing.close()
    assert hashing.hexdigest() == digest_of(b"some")


def test_closing_does_not_wait_for_what_is_not_hashed_and_there_is_no_digest(huge: Path) -> None:
    hashing = Hashing()
    with huge.open("rb", buffering=0) as file:
        hashing.read_back(file, 0, 8 << 30)
        hashing.update(b"more")
        started = time.monotonic()
        hashing.close()
        assert time.monotonic() - started < 1
    for _ in range(2):
        with pytest.raises(CancelledError):
            hashing.hexdigest()


def test_bytes_that_are_missing_are_an_error_as_often_as_the_digest_is_asked_for(
    tmp_path: Path,
) -> None:
    (tmp_path / "short").write_bytes(b"short")
    hashing = Hashing()
    with (tmp_path / "short").open("rb", buffering=0) as file:
        hashing.read_back(file, 0, 100)
        hashing.update(b"more")
        for _ in range(2):
            with pytest.raises(OSError, match="the file lost bytes"):
                hashing.hexdigest()
        hashing.close()
