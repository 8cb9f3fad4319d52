"""However large the file, memory stays flat."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.faults.conftest import ACTORS, QUICK
from tests.faults.fault_server import Content, Cut, Delay, Fault, FaultServer, NoRanges

HUGE = Content(300_000_000)
MOST = 60_000_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "faults",
    [(), (NoRanges(),), (Cut(100_000_000, times=1), Delay(0.01))],
    ids=["ranges", "no ranges", "broken off"],
)
def test_a_file_of_300_megabytes_takes_less_than_60_of_memory(
    fault_server: FaultServer, tmp_path: Path, faults: tuple[Fault, ...]
) -> None:
    url = fault_server.serve("/models/huge.ckpt", HUGE, *faults)
    order = {"link": url, "digest": HUGE.sha256, "folder": str(tmp_path), "patience": asdict(QUICK)}
    done = subprocess.run(
        [sys.executable, str(ACTORS), "once", json.dumps(order)],
        capture_output=True,
        text=True,
        check=True,
    )
    outcome = json.loads(done.stdout)
    assert outcome.get("sha256") == HUGE.sha256, outcome
    assert Path(outcome["path"]).stat().st_size == HUGE.size
    assert outcome["grown"] < MOST
