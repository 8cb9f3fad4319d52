"""Python, numpy and MindSpore; those that are broken stand in folders of their own."""

import sys
from pathlib import Path

import pytest

from hub.diagnosis.packages import check_mindspore, check_numpy, check_python
from tests.diagnosis.conftest import Look


@pytest.fixture
def write_mindspore(tmp_path: Path) -> object:
    def write(code: str = "", version: str = "2.10.0") -> Path:
        package = tmp_path / "packages" / "mindspore"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(f"{code}\n__version__ = {version!r}\n")
        return package.parent

    return write


@pytest.fixture
def numpy_2(tmp_path: Path) -> Path:
    folder = tmp_path / "numpy2"
    (folder / "numpy-2.1.3.dist-info").mkdir(parents=True)
    metadata = "Metadata-Version: 2.1\nName: numpy\nVersion: 2.1.3\n"
    (folder / "numpy-2.1.3.dist-info" / "METADATA").write_text(metadata)
    return folder


def test_a_python_that_fits_is_named_with_its_place() -> None:
    (check,) = check_python((3, 11, 7))
    assert (check.status, check.found) == ("ok", f"3.11.7 ({sys.executable})")


def test_a_python_too_old_fails() -> None:
    (check,) = check_python((3, 9, 1))
    assert (check.status, check.advice) == ("failed", "use Python 3.10 or newer")


def test_a_python_without_mindspore_wheels_is_a_warning() -> None:
    (check,) = check_python((3, 13, 0))
    assert check.status == "warning"
    assert "for which there is no MindSpore" in check.found
    assert "use Python 3.10 to 3.12 if networks are to be loaded" in check.advice


@pytest.mark.mindspore
def test_a_mindspore_that_works_is_imported_by_another_process() -> None:
    pytest.importorskip("mindspore")
    (check,) = check_mindspore()
    assert check.status == "ok"
    assert check.found.endswith(", can be imported")
    assert check_numpy()[0].status == "ok"


def test_a_missing_mindspore_is_a_warning_that_says_what_to_install(look_elsewhere: Look) -> None:
    ((name, status, found, advice),) = look_elsewhere("packages.check_mindspore()")
    assert (name, status, found) == ("MindSpore", "warning", "not installed")
    assert 'pip install "mshub[mindspore]"' in advice
    assert "cards and downloads work without" in advice


def test_what_mindspore_prints_beside_its_version_does_not_matter(
    look_elsewhere: Look, write_mindspore
) -> None:
    folder = write_mindspore("print('[WARNING] the device is tired')")
    ((_, status, found, _),) = look_elsewhere("packages.check_mindspore()", folder)
    assert (status, found) == ("ok", "2.10.0, can be imported")


def test_a_mindspore_that_cannot_be_imported_fails_with_its_last_line(
    look_elsewhere: Look, write_mindspore
) -> None:
    folder = write_mindspore("raise ImportError('libascend.so: cannot open shared object')")
    ((_, status, found, advice),) = look_elsewhere("packages.check_mindspore()", folder)
    assert status == "failed"
    assert found == (
        "installed, but cannot be imported: ImportError: libascend.so: cannot open shared object"
    )
    assert "python -c 'import mindspore'" in advice


def test_a_mindspore_that_crashes_its_process_fails_with_the_signal(
    look_elsewhere: Look, write_mindspore
) -> None:
    code = (
        "import os, sys\nprint('no driver', file=sys.stderr, flush=True)\nos.kill(os.getpid(), 9)"
    )
    ((_, status, found, _),) = look_elsewhere("packages.check_mindspore()", write_mindspore(code))
    assert (status, found) == (
        "failed",
        "installed, but cannot be imported: ended by SIGKILL; last: no driver",
    )


def test_a_mindspore_whose_import_hangs_is_ended(look_elsewhere: Look, write_mindspore) -> None:
    folder = write_mindspore("import time\ntime.sleep(60)")
    ((_, status, found, _),) = look_elsewhere("packages.check_mindspore(limit=0.5)", folder)
    assert (status, found) == ("failed", "installed, but its import does not end within 0.5 s")


@pytest.mark.parametrize("version", ["2.5.0", "1.10", "unknown"])
def test_an_older_mindspore_is_a_warning(look_elsewhere: Look, write_mindspore, version) -> None:
    folder = write_mindspore(version=version)
    ((_, status, found, advice),) = look_elsewhere("packages.check_mindspore()", folder)
    assert (status, found) == ("warning", f"{version}, which is older than mshub was tried with")
    assert advice == 'pip install "mindspore>=2.10,<3"'


def test_numpy_2_beside_mindspore_fails(look_elsewhere: Look, write_mindspore, numpy_2) -> None:
    ((_, status, found, advice),) = look_elsewhere(
        "packages.check_numpy()", write_mindspore(), numpy_2
    )
    assert (status, advice) == ("failed", 'pip install "numpy<2"')
    assert found == "2.1.3, with which MindSpore 2.10 breaks at the first product"


def test_numpy_2_alone_and_no_numpy_are_fine(look_elsewhere: Look, numpy_2: Path) -> None:
    ((_, status, found, _),) = look_elsewhere("packages.check_numpy()", numpy_2)
    assert (status, found) == ("ok", "2.1.3; MindSpore, once installed, needs numpy<2")
    ((_, status, found, _),) = look_elsewhere("packages.check_numpy()")
    assert (status, found) == ("ok", "not installed; only networks need it, and bring it along")
