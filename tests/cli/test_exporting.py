"""``hub export``: what it prints for people and for programs, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.assets.cache.cache import Cache
from hub.cli import main
from hub.digests import Digest
from tests.conftest import AssetServer, digest_of

WriteCard = Callable[..., Path]
Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("MSHUB_REGISTRY", str(tmp_path / "cards"))

    def run(*arguments: object) -> Result:
        result = CliRunner().invoke(main, [*map(str, arguments)])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return run


@pytest.fixture
def card(server: AssetServer, write_card: WriteCard, tmp_path: Path) -> Path:
    """A card whose checkpoint has one parameter: enough where weights are only copied."""
    mindspore = pytest.importorskip("mindspore")
    path = tmp_path / "lite0.ckpt"
    parameter = {"name": "mlp_head.bias", "data": mindspore.Tensor([1.0, 2.0])}
    mindspore.save_checkpoint([parameter], str(path))
    link = server.serve("/lite0.ckpt", path.read_bytes())
    digest = digest_of(path.read_bytes())
    return write_card("cards/Demo/lite0.md", name="efficientnet_lite0", link=link, digest=digest)


@pytest.mark.mindspore
def test_it_says_what_it_wrote(run: Run, card: Path, tmp_path: Path) -> None:
    output = tmp_path / "lite0.safetensors"
    result = run("export", "Demo/lite0", "-o", output, "--no-progress")
    assert result.exit_code == 0, result.output
    assert [line.split()[0] for line in result.stdout.splitlines()] == [
        "output",
        "format",
        "architecture",
        "sha256",
    ]
    assert f"{output} ({output.stat().st_size} B)" in result.stdout
    assert digest_of(output.read_bytes()) in result.stdout


@pytest.mark.mindspore
def test_programs_get_json_and_an_old_file_goes_only_by_force(
    run: Run, card: Path, tmp_path: Path
) -> None:
    output = tmp_path / "lite0.ckpt"
    result = run("export", "Demo/lite0", "--to", "ckpt", "-o", output, "--json")
    assert result.exit_code == 2
    assert "exists; force=True (--force) replaces it" in result.stderr
    result = run("export", "Demo/lite0", "--to", "ckpt", "-o", output, "--json", "--force")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {
        "schema_version": 1,
        "file": {
            "path": str(output),
            "file_format": "ckpt",
            "architecture": "efficientnet_lite0",
            "size": output.stat().st_size,
            "sha256": digest_of(output.read_bytes()),
            "input_name": "",
            "input_shape": [],
        },
    }


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("export",), 2, "Missing"),
        (("export", "Demo/none", "-o", "a.onnx"), 3, "Demo/none is in no registry"),
        (("export", "Demo/none", "-o", "a.tflite"), 2, "ends in none of .onnx"),
        (("export", "Demo/none", "--to", "tflite", "-o", "a"), 2, "'tflite' is not one of"),
    ],
)
def test_exit_codes_are_those_of_the_errors(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    (tmp_path / "cards").mkdir()
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == code
    assert message in result.stderr


def test_help_loads_neither_mindspore_nor_numpy_nor_onnx() -> None:
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom hub.cli.exporting import export\n"
        "assert CliRunner().invoke(export, ['--help']).exit_code == 0\nprint(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"mindspore", "numpy", "onnx", "onnxruntime"} & set(loaded)


def test_removing_a_card_s_files_removes_the_exports_of_them(
    run: Run, write_card: WriteCard, cache_folder: Path, tmp_path: Path
) -> None:
    cache, link = Cache(cache_folder), "https://example.org/lite0.ckpt"
    digest = digest_of(b"weights")
    write_card("cards/Demo/lite0.md", link=link, digest=digest)
    file = tmp_path / "file"
    for content, address, stated, name in (
        (b"weights", link, Digest(digest), "lite0.ckpt"),
        (b"export", f"export:{digest}/lite0/1x3x224x224", None, "lite0.onnx"),
        (b"other", f"export:{'0' * 64}/b0/1x3x224x224", None, "b0.onnx"),
    ):
        file.write_bytes(content)
        cache.add(file, link=address, digest=stated, filename=name)
    assert run("cache", "rm", "Demo/lite0", "-y").exit_code == 0
    assert [kept.path.name for kept in cache.files()] == ["b0.onnx"]
