"""What is said where onnx or onnxruntime is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mindspore")
pytestmark = pytest.mark.mindspore

_CODE = """
import sys
from pathlib import Path
sys.modules[sys.argv[1]] = None
import hub
from hub.networks.engines.onnx_network import open_onnx_network
from hub.networks.engines.export_file import export_network
calls = (
    lambda: open_onnx_network(print, key="k", folder=Path("c"), input_shape=(1, 3, 8, 8)),
    lambda: export_network(None, "a.onnx", to="onnx", input_shape=(1, 3, 8, 8)),
)
for call in calls:
    try:
        call()
    except hub.MissingDependencyError as error:
        print(error.package, error)
"""


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_the_extra_to_install_is_named(package: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _CODE, package]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert line.startswith(f"{package} ")
        assert line.endswith('pip install "mshub[onnx]"')
