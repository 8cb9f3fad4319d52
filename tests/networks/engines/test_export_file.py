"""Files for other programs: they compute the same, appear whole, and nothing else changes."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

mindspore = pytest.importorskip("mindspore")
np = pytest.importorskip("numpy")
onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
pytestmark = pytest.mark.mindspore

from hub.errors import ArgumentError, CacheError, LoadError  # noqa: E402
from hub.networks.checkpoint import without_values  # noqa: E402
from hub.networks.engines.export_file import export_network  # noqa: E402
from hub.networks.engines.surroundings import explain_failures  # noqa: E402
from tests.networks.engines.networks import Exotic, Flattening  # noqa: E402

Build = Callable[[], Any]


def images(*shape: int) -> Any:
    return np.random.default_rng(1).standard_normal(shape, np.float32)


def run_onnx(path: Path, x: Any) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 2  # onnxruntime warns of shapes that are not as declared
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"images": x})[0]


def run_mindir(path: Path, x: Any) -> Any:
    graph = mindspore.nn.GraphCell(mindspore.load(str(path)))
    return graph(mindspore.Tensor(x)).asnumpy()


@pytest.mark.parametrize(("to", "run"), [("onnx", run_onnx), ("mindir", run_mindir)])
class TestBoth:
    def test_the_file_computes_what_the_network_does_and_nothing_else_appears(
        self,
        tmp_path: Path,
        build: Build,
        to: str,
        run: Any,
        capfd: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        tmp_path.chmod(0o755)
        path = tmp_path / f"small.{to}"
        network = build()
        before = os.umask(0o027)
        try:
            file = export_network(network, path, to=to, input_shape=(None, 3, 32, 32), name="small")
        finally:
            os.umask(before)
        assert list(tmp_path.iterdir()) == [path]
        assert path.stat().st_mode & 0o777 == 0o640
        assert tmp_path.stat().st_mode & 0o777 == 0o755
        for number in (1, 3):
            x = images(number, 3, 32, 32)
            wanted = network(mindspore.Tensor(x)).asnumpy()
            atol = 1e-4 * abs(wanted).max()
            np.testing.assert_allclose(run(path, x), wanted, rtol=0, atol=atol)
        content = path.read_bytes()
        assert (file.path, file.size, file.sha256) == (
            path,
            len(content),
            sha256(content).hexdigest(),
        )
        assert (file.file_format, file.architecture) == (to, "small")
        assert file.input_shape == ("batch", 3, 32, 32)
        assert capfd.readouterr() == ("", "")

    def test_a_number_of_images_can_be_fixed(self, tmp_path: Path, to: str, run: Any) -> None:
        path = tmp_path / f"flat.{to}"
        file = export_network(Flattening(), path, to=to, input_shape=(2, 3, 8, 8))
        assert file.input_shape == (2, 3, 8, 8)
        assert run(path, images(2, 3, 8, 8)).shape == (2, 5)
        if to == "onnx":
            with pytest.raises(Exception, match=r"Got: 1 Expected: 2"):
                run(path, images(1, 3, 8, 8))

    def test_the_network_and_mindspores_settings_stay_as_they_were(
        self, tmp_path: Path, to: str, run: Any
    ) -> None:
        network = Flattening().set_train()
        network.conv.set_train(False)
        names = [(name, parameter.name) for name, parameter in network.parameters_and_names()]
        x = mindspore.Tensor(images(2, 3, 8, 8))
        wanted = network(x).asnumpy()
        mindspore.set_context(mode=mindspore.GRAPH_MODE)
        try:
            for _ in range(2):  # MindSpore alone fails at the second export of a network
                export_network(network, tmp_path / f"a.{to}", to=to, input_shape=(None, 3, 8, 8))
            assert mindspore.get_context("mode") == mindspore.GRAPH_MODE
        finally:
            mindspore.set_context(mode=mindspore.PYNATIVE_MODE)
        assert (network.training, network.conv.training, network.head.training) == (
            True,
            False,
            True,
        )
        assert mindspore.get_context("jit_syntax_level") == mindspore.LAX
        assert [(n, p.name) for n, p in network.parameters_and_names()] == names
        np.testing.assert_array_equal(network(x).asnumpy(), wanted)


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "none" / "flat.onnx"
    with pytest.raises(CacheError, match=r"cannot be written: No such file or directory"):
        export_network(Flattening(), path, to="onnx", input_shape=(None, 3, 8, 8))


def test_a_failure_leaves_nothing_behind_and_an_older_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("exotic.onnx").write_text("older")
    with pytest.raises(LoadError, match=r"cannot export this network \(Exotic\) to ONNX"):
        export_network(Exotic(), "exotic.onnx", to="onnx", input_shape=(None, 3, 8, 8))
    with pytest.raises(LoadError, match=r"cannot export this network \(Flattening\) to ONNX"):
        export_network(Flattening(), "exotic.onnx", to="onnx", input_shape=(None, 3, 9, 9))
    assert [path.name for path in tmp_path.iterdir()] == ["exotic.onnx"]
    assert Path("exotic.onnx").read_text() == "older"
    assert "MS_OM_PATH" not in os.environ


def test_an_onnx_file_passes_the_checker_and_is_the_same_each_time(tmp_path: Path) -> None:
    network = Flattening()
    for name in ("a.onnx", "b.onnx"):
        export_network(network, tmp_path / name, to="onnx", input_shape=(None, 3, 8, 8))
    onnx.checker.check_model(onnx.load(tmp_path / "a.onnx"), full_check=True)
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


def test_there_are_two_formats_for_networks(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="exported to onnx or mindir, not to 'ckpt'"):
        export_network(None, tmp_path / "a", to="ckpt", input_shape=(1, 3, 8, 8))


def test_a_network_over_a_gigabyte_is_no_single_mindir_file(tmp_path: Path) -> None:
    with without_values():
        huge = mindspore.nn.Dense(30_000, 10_000)
    with pytest.raises(ArgumentError, match=r"1,200,040,000 bytes.*export to safetensors or ckpt"):
        export_network(huge, tmp_path / "a.mindir", to="mindir", input_shape=(1, 3, 8, 8))


def test_an_error_of_ours_is_not_blamed_on_mindspore() -> None:
    with pytest.raises(ArgumentError, match=r"^mine$"), explain_failures(Exotic(), "ONNX"):
        raise ArgumentError("mine")
