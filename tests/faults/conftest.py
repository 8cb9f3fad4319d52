"""What the fault suite shares: the server, real fetching processes, and an eye for litter."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from hub.assets.cache.cache import Cache, CachedFile
from hub.assets.patience import Patience
from hub.assets.progress import SILENT, Progress
from hub.assets.store import fetch_asset
from hub.cards.asset import Asset
from hub.digests import Digest
from tests.faults.fault_server import AnyContent, Drip, Fault, FaultServer

ACTORS = Path(__file__).with_name("actors.py")
QUICK = Patience(
    connect=5, silence=1, window=1, floor=1024, attempts=3, backoff=0.02, longest_pause=0.3
)
IMPATIENT = replace(QUICK, silence=0.4, window=0.4, attempts=2)  # where silence is what is tested
_PARTIAL = re.compile(r"partial/[0-9a-f]{64}\.[^./]+\.part")
_HOME = re.compile(
    r"CACHEDIR\.TAG|layout|locks/[0-9a-f]{64}\.(lock|json)|links/[0-9a-f]{64}\.json"
    r"|pins/[0-9a-f]+\.json|blobs/[0-9a-f]{2}/[0-9a-f]{64}/[\w.-]+"
)


@pytest.fixture
def fault_server() -> Iterator[FaultServer]:
    server = FaultServer()
    yield server
    server.stop()


@pytest.fixture
def second_server() -> Iterator[FaultServer]:
    """Another origin."""
    server = FaultServer()
    yield server
    server.stop()


@pytest.fixture
def secure_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    """A server that speaks TLS, with a certificate that is trusted here."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    server = FaultServer(context)
    yield server
    server.stop()


@pytest.fixture
def cache(cache_folder: Path) -> Cache:
    return Cache(cache_folder)


def make_asset(link: str, content: AnyContent, digits: int = 64) -> Asset:
    """An asset whose card states so many digits of the content's digest."""
    return Asset("ckpt", link, Digest(content.sha256[:digits]) if digits else None)


def fetch(
    asset: Asset, cache: Cache, progress: Progress = SILENT, patience: Patience = QUICK
) -> CachedFile:
    return fetch_asset(asset, cache, patience=patience, progress=progress)


def choose_patience(faults: Sequence[Fault]) -> Patience:
    """Less patience for servers that go silent, so that the tests are quick."""
    silent = any(
        isinstance(fault, Drip) or getattr(fault, "end", "") == "stall" for fault in faults
    )
    return IMPATIENT if silent else QUICK


def check_file(path: Path, content: AnyContent) -> None:
    """Byte for byte."""
    assert path.stat().st_size == content.size
    with path.open("rb") as file:
        for start in range(0, content.size, 1 << 20):
            stop = min(start + (1 << 20), content.size)
            assert file.read(1 << 20) == content.read(start, stop), f"differs after byte {start:,}"


def check_blobs(folder: Path) -> None:
    """Whatever carries a final name is what its name says, and cannot be written to."""
    for path in (folder / "blobs").glob("*/*/*"):
        assert Digest(path.parent.name).matches(_hash(path)), f"{path} is a wrong file"
        assert not path.stat().st_mode & 0o222, f"{path} can be written"


def _hash(path: Path) -> str:
    from hub.digests import hash_file

    return hash_file(path)


def list_litter(folder: Path, *, resumable: bool = False, quarantined: int = 0) -> list[str]:
    """List what has no business in a cache folder.

    Args:
        folder: The cache folder.
        resumable: Whether one partial file with bytes in it, and its note, may wait for the next call.
        quarantined: How many wrong files may lie in quarantine.
    """
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir())
    litter = [name for name in names if not _HOME.fullmatch(name)]
    if resumable:
        partials = [name for name in litter if _PARTIAL.fullmatch(name)]
        if len(partials) == 1 and (folder / partials[0]).stat().st_size:
            note = f"{partials[0].removesuffix('.part')}.json"
            litter = [name for name in litter if name not in {partials[0], note}]
    if quarantined:
        kept = [name for name in litter if name.startswith("quarantine/")]
        if len([name for name in kept if not name.endswith(".json")]) <= quarantined:
            litter = [name for name in litter if name not in kept]
    empty = [p for p in (folder / "blobs").glob("*/*") if p.is_dir() and not any(p.iterdir())]
    return litter + [path.relative_to(folder).as_posix() for path in empty]


def list_partials(folder: Path) -> list[Path]:
    return sorted((folder / "partial").glob("*.part"))


def wait_until(condition: Callable[[], object], what: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain until {what}"
        time.sleep(0.005)


@dataclass
class Actors:
    """Real processes that fetch; see actors.py."""

    process: subprocess.Popen[str]

    def start(
        self, asset: Asset, folder: Path, *, patience: Patience = QUICK, **more: object
    ) -> int:
        digest = asset.digest.hex if asset.digest else ""
        order = {"do": "start", "link": asset.link, "digest": digest, "folder": str(folder)}
        return int(self._order({**order, "patience": asdict(patience), **more})["pid"])

    def wait(self, pid: int) -> dict[str, Any]:
        return self._order({"do": "wait", "pid": pid})

    def kill(self, pid: int) -> dict[str, Any]:
        """Kill one at once; it remains until it is waited for, so its id is still its own."""
        os.kill(pid, signal.SIGKILL)
        return self.wait(pid)

    def _order(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return dict(json.loads(self.process.stdout.readline()))


@pytest.fixture
def actors() -> Iterator[Actors]:
    process = subprocess.Popen(
        [sys.executable, str(ACTORS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        yield Actors(process)
        assert process.stdin
        process.stdin.close()


@pytest.fixture
def tmpfs(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount a small file system; it is gone afterwards, whatever happens."""
    mounted: list[Path] = []

    def mount(size: str) -> Path:
        folder = tmp_path / f"tmpfs{len(mounted)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            pytest.skip(f"no file system can be mounted here: {error}")
        if done.returncode:
            pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        with contextlib.suppress(OSError):
            subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def remount(folder: Path, options: str) -> None:
    """Change how a file system is mounted, such as ``ro`` or ``rw``."""
    command = ["mount", "-o", f"remount,{options}", str(folder)]
    subprocess.run(command, capture_output=True, check=True)


@dataclass(frozen=True)
class Hub:
    """The command, in a process of its own, with the environment of the test."""

    environ: dict[str, str]

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "hub", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.environ},
        )

    def run(self, *arguments: object, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        with self.start(*arguments) as process:
            try:
                output, errors = process.communicate(timeout=seconds)
            except BaseException:
                process.kill()
                raise
        assert "Traceback" not in errors, errors
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@pytest.fixture
def hub_command() -> Hub:
    return Hub({})
