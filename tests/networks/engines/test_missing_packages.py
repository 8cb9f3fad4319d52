"""What is said where onnx or onnxruntime is not installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("mindspore")
pytestmark = pytest.mark.mindspore

from hub.assets.cache.cache import Cache  # noqa: E402
from hub.errors import MissingDependencyError  # noqa: E402
from hub.networks.engines.export_file import export_network  # noqa: E402
from hub.networks.engines.onnx_network import open_onnx_network  # noqa: E402


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_the_extra_to_install_is_named(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path / "cache")
    monkeypatch.setitem(sys.modules, package, None)  # an import of it fails from now on
    for call in (
        lambda: open_onnx_network(print, key="k", cache=cache, input_shape=(1, 3, 8, 8)),
        lambda: export_network(None, tmp_path / "a.onnx", to="onnx", input_shape=(1, 3, 8, 8)),
    ):
        with pytest.raises(MissingDependencyError, match=r'pip install "mshub\[onnx\]"$') as caught:
            call()
        assert caught.value.package == package
    assert not list(tmp_path.iterdir())
