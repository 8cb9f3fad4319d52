"""Photographs that scikit-image's wheel brings along."""

from pathlib import Path

import pytest

NAMES = ("coffee.png", "chelsea.png", "rocket.jpg")


@pytest.fixture(scope="session")
def photos() -> dict[str, Path]:
    skimage = pytest.importorskip("skimage")
    return {name: Path(skimage.__file__).parent / "data" / name for name in NAMES}
