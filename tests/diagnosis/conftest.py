"""What the tests of the diagnosis share: somebody without rights, closed ports, other Pythons."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import hub

PROJECT = Path(hub.__file__).parents[1]
_NOBODY = 65534

Rows = list[tuple[str, str, str, str]]
Look = Callable[..., Rows]


@pytest.fixture
def foreign_folder() -> Iterator[Path]:
    """A folder that this process may look into and not write, even if root runs the tests."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    as_root = os.geteuid() == 0
    if as_root:
        os.seteuid(_NOBODY)
    yield folder
    if as_root:
        os.seteuid(0)
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture
def closed_port() -> int:
    """A port of this machine behind which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture
def look_elsewhere() -> Look:
    """Run a check in a Python that has no packages but those in the folders that are given."""

    def look(call: str, *folders: Path, **environment: str) -> Rows:
        code = (
            "import json, os, sys\n"
            "sys.path[:0] = sys.argv[1:]\n"
            "from pathlib import Path\n"
            "from hub.diagnosis import packages, storage\n"
            f"rows = [(c.name, c.status, c.found, c.advice) for c in {call}]\n"
            "print(json.dumps(rows))"
        )
        command = [sys.executable, "-S", "-c", code, *map(str, folders), str(PROJECT)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, **environment}
        )
        assert (done.stderr, done.returncode) == ("", 0)
        return [tuple(row) for row in json.loads(done.stdout)]

    return look
