"""Python, numpy and MindSpore: whether they fit together, and whether MindSpore really loads."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import signal
import subprocess
import sys

from hub.diagnosis.check import Check

_OLDEST_PYTHON = (3, 10)
_NEWEST_WITH_WHEELS = (3, 12)  # for which there is MindSpore
_OLDEST_MINDSPORE = (2, 10)
_INSTALL = (
    'pip install "mshub[mindspore]" (on Ascend, the wheel that https://www.mindspore.cn/install'
    " names), if networks are to be loaded; cards and downloads work without"
)
# The child finds what this process finds, wherever it was started.
_IMPORT = "import sys; sys.path[:] = sys.argv[1:]; import mindspore; print(mindspore.__version__)"


def check_python(version: tuple[int, int, int] = sys.version_info[:3]) -> list[Check]:
    """Look whether this Python is one that mshub runs on.

    Args:
        version: The three numbers of its version.
    """
    found = ".".join(map(str, version)) + f" ({sys.executable})"
    if version < _OLDEST_PYTHON:
        return [Check("Python", "failed", found, "use Python 3.10 or newer")]
    if version[:2] > _NEWEST_WITH_WHEELS:
        found = f"{found}, for which there is no MindSpore"
        advice = "use Python 3.10 to 3.12 if networks are to be loaded; the rest works"
        return [Check("Python", "warning", found, advice)]
    return [Check("Python", "ok", found)]


def check_numpy() -> list[Check]:
    """Look whether MindSpore is installed beside a numpy that it works with."""
    try:
        version = importlib.metadata.version("numpy")
    except importlib.metadata.PackageNotFoundError:
        return [Check("numpy", "ok", "not installed; only networks need it, and bring it along")]
    if version.startswith("1."):
        return [Check("numpy", "ok", version)]
    if not _has_mindspore():
        return [Check("numpy", "ok", f"{version}; MindSpore, once installed, needs numpy<2")]
    found = f"{version}, with which MindSpore 2.10 breaks at the first product"
    return [Check("numpy", "failed", found, 'pip install "numpy<2"')]


def check_mindspore(limit: float = 60) -> list[Check]:
    """Import MindSpore in a process of its own, which may crash or hang.

    Args:
        limit: Seconds after which it counts as hanging.
    """
    if not _has_mindspore():
        return [Check("MindSpore", "warning", "not installed", _INSTALL)]
    advice = (
        "run `python -c 'import mindspore'` to see all of it; a fresh environment with"
        ' pip install "mshub[mindspore]" often helps'
    )
    command = [sys.executable, "-c", _IMPORT, *sys.path]
    try:
        done = subprocess.run(  # noqa: S603, our own interpreter
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        found = f"installed, but its import does not end within {limit:g} s"
        return [Check("MindSpore", "failed", found, advice)]
    version = _last_line(done.stdout)
    if done.returncode != 0:
        found = f"installed, but cannot be imported: {_tell_end(done.returncode, done.stderr)}"
        return [Check("MindSpore", "failed", found, advice)]
    if _read_version(version) < _OLDEST_MINDSPORE:
        advice = 'pip install "mindspore>=2.10,<3"'
        found = f"{version}, which is older than mshub was tried with"
        return [Check("MindSpore", "warning", found, advice)]
    return [Check("MindSpore", "ok", f"{version}, can be imported")]


def _has_mindspore() -> bool:
    return importlib.util.find_spec("mindspore") is not None


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _tell_end(code: int, errors: str) -> str:
    last = _last_line(errors) or "without a word"
    if code >= 0:
        return last
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"ended by {name}; last: {last}"


def _read_version(text: str) -> tuple[int, ...]:
    """Read the first two numbers of a version such as 2.10.0rc1; none makes it very old."""
    numbers = [part for part in text.split(".")[:2] if part.isdecimal()]
    return tuple(map(int, numbers))
