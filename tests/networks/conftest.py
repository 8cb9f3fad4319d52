"""What the tests of networks share: checkpoints, made by MindSpore itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Write a cell, or names and arrays, as MindSpore does; return the file's path."""
    mindspore = pytest.importorskip("mindspore")

    def save(what: Any, name: str = "saved.ckpt", **options: Any) -> Path:
        if isinstance(what, dict):
            what = [{"name": key, "data": mindspore.Tensor(what[key])} for key in what]
        path = tmp_path / name
        mindspore.save_checkpoint(what, str(path), **options)
        return path

    return save


@pytest.fixture(scope="session")
def lite0_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of ``efficientnet_lite0`` with values that no initialiser would choose."""
    mindspore = pytest.importorskip("mindspore")
    numpy = pytest.importorskip("numpy")
    from hub.networks.builders import build_network

    network = build_network("efficientnet_lite0")
    random = numpy.random.default_rng(0)
    for parameter in network.get_parameters():
        values = random.uniform(0.5, 1.5, parameter.shape).astype("float32")
        parameter.set_data(mindspore.Tensor(values))
    path = tmp_path_factory.mktemp("checkpoints") / "lite0.ckpt"
    mindspore.save_checkpoint(network, str(path))
    return path
