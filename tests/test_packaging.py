"""The wheel carries what the package needs."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(folder)]
    subprocess.run([*command, str(PROJECT)], capture_output=True, check=True)
    (path,) = folder.glob("mshub-*.whl")
    return path


def test_the_wheel_has_the_cards_the_schema_and_the_type_marker(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "hub/_data/cards/MindSpore/efficientnet_b0.md" in names
    assert "hub/_data/schemas/model-card.schema.json" in names
    assert "hub/py.typed" in names
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "examples"))]


def test_the_package_works_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = "import hub; print(hub.__file__, hub.card('MindSpore/efficientnet_b1').source)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    for path in done.stdout.split():
        assert Path(path).is_relative_to(tmp_path / "site")
