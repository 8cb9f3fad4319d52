"""All checks together, whatever is broken."""

from pathlib import Path

import pytest

from hub.diagnosis.doctor import examine

BROKEN = {
    "MSHUB_CACHE": "/dev/null/cache",
    "MSHUB_SHARED_CACHE": "/dev/null:/none",
    "MSHUB_REGISTRY": "https://[half /none ftp://a.org https://ada:secret@a.org",
    "MSHUB_MIRRORS": "https://ada:secret@a.org",
    "MSHUB_OFFLINE": "perhaps",
    "MSHUB_TOKEN": "hush hush",
    "MSHUB_CASH": "secret",
    "HTTPS_PROXY": "http://ada:secret@:port",
    "REQUESTS_CA_BUNDLE": "/dev/null",
}


@pytest.fixture(autouse=True)
def quick_mindspore(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a package that is imported in no time before MindSpore, which takes seconds."""
    package = tmp_path / "packages" / "mindspore"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("__version__ = '2.10.0'\n")
    monkeypatch.syspath_prepend(str(package.parent))


def test_where_all_is_well_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    checks = examine(online=False)
    assert [check for check in checks if check.status == "failed"] == []
    subjects = ["Python", "numpy", "MindSpore", "MSHUB_CACHE", "registry shipped", "hub.lock"]
    subjects += ["cache folder", "file locks", "certificates", "proxy", "hosts"]
    names = [check.name for check in checks]
    assert [name for name in names if name in subjects] == subjects


def test_where_all_is_broken_each_thing_is_told_and_no_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hub.lock").write_text("{")
    for name, value in BROKEN.items():
        monkeypatch.setenv(name, value)
    checks = examine()
    failed = [check.name for check in checks if check.status == "failed"]
    assert failed == [
        "MSHUB_MIRRORS",
        "MSHUB_OFFLINE",
        "MSHUB_TOKEN",
        "registry https://[half",
        "registry /none",
        "registry ftp://a.org",
        "registry https://***@a.org",
        "hub.lock",
        "cache folder",
        "shared cache /dev/null",
        "certificates",
        "proxy",
    ]
    warned = [check.name for check in checks if check.status == "warning"]
    assert {"MSHUB_CASH", "shared cache /none"} <= set(warned)
    words = repr(checks)
    assert "secret" not in words
    assert "hush" not in words
    assert "report this line" not in words


def test_each_check_that_is_not_ok_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in BROKEN.items():
        monkeypatch.setenv(name, value)
    for check in examine():
        assert bool(check.advice) == (check.status != "ok"), check
        assert "\n" not in check.found + check.advice
