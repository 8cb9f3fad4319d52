"""What the tests of the cache share: files to keep, and child processes that keep them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.assets.cache.cache import Cache
from hub.assets.cache.records import CachedFile
from hub.digests import Digest
from tests.conftest import digest_of

LINK = "https://example.org/models/lite0.ckpt"
NAME = "lite0.ckpt"
CONTENT = b"weights " * 1000
SHA256 = digest_of(CONTENT)
WHOLE = Digest(SHA256)
PREFIX = Digest(SHA256[:8])


@pytest.fixture
def cache(cache_folder: Path) -> Cache:
    return Cache(cache_folder)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A local file with the content."""
    path = tmp_path / "weights"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def keep(weights: Path) -> Callable[..., CachedFile]:
    """Put the content into a cache, as if it had been downloaded."""

    def keep(cache: Cache, digest: Digest | None = WHOLE, name: str = NAME) -> CachedFile:
        return cache.add(weights, link=LINK, digest=digest, filename=name)

    return keep


def arrive(cache: Cache, content: bytes = CONTENT) -> Path:
    """A file that has arrived and still has no final name."""
    cache.layout.partials.mkdir(parents=True, exist_ok=True)
    path = cache.layout.partials / "arrived.part"
    path.write_bytes(content)
    return path


def publish(
    cache: Cache,
    partial: Path,
    digest: Digest | None = WHOLE,
    *,
    link: str = LINK,
    name: str = NAME,
) -> CachedFile:
    return cache.publish(
        partial,
        digest_of(partial.read_bytes()) if partial.exists() else SHA256,
        link=link,
        digest=digest,
        filename=name,
        served_by=link,
    )


def list_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def start_python(code: str, *args: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )


def run_python(code: str, *args: object) -> str:
    with start_python(code, *args) as child:
        out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    return out
