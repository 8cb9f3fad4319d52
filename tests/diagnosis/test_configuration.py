"""Settings and the lock file, read as mshub reads them."""

from pathlib import Path

import pytest

from hub import settings
from hub.diagnosis.check import Check
from hub.diagnosis.configuration import check_lock_file, check_settings


def look() -> dict[str, Check]:
    return {check.name: check for check in check_settings()}


def test_every_setting_is_told_with_its_origin(cache_folder: Path) -> None:
    checks = look()
    assert list(checks) == [setting.variable for setting in settings.TABLE]
    assert {check.status for check in checks.values()} == {"ok"}
    assert checks["MSHUB_CACHE"].found == f"{cache_folder} (environment)"
    assert checks["MSHUB_OFFLINE"].found == "0 (default)"


def test_a_setting_that_cannot_work_fails_and_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSHUB_OFFLINE", "perhaps")
    check = look()["MSHUB_OFFLINE"]
    assert check.status == "failed"
    assert check.found == "MSHUB_OFFLINE='perhaps': write 1 (no network) or 0"
    assert check.advice == "correct or unset it; it means: 1: no network at all"


def test_a_malformed_mirror_fails_without_its_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSHUB_MIRRORS", "https://ada:secret@example.org/")
    check = look()["MSHUB_MIRRORS"]
    assert check.status == "failed"
    assert check.found == "MSHUB_MIRRORS: a login in a URL is refused"


def test_half_an_address_in_a_mirror_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSHUB_MIRRORS", "https://a.org/=http://[::1/")
    check = look()["MSHUB_MIRRORS"]
    assert check.status == "failed"
    assert check.found.startswith("MSHUB_MIRRORS")


def test_a_token_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSHUB_TOKEN", "hush-hush")
    monkeypatch.setenv("MSHUB_REGISTRY", "https://example.org/cards")
    assert look()["MSHUB_TOKEN"] == Check("MSHUB_TOKEN", "ok", "set (environment)")
    monkeypatch.setenv("MSHUB_TOKEN", "hush hush")
    check = look()["MSHUB_TOKEN"]
    assert check.status == "failed"
    assert "hush" not in repr(check)


def test_a_token_for_nobody_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSHUB_TOKEN", "hush-hush")
    check = look()["MSHUB_TOKEN"]
    assert (check.status, check.found) == (
        "warning",
        "set, but sent to nobody: no URL is in MSHUB_REGISTRY",
    )


def test_a_misspelt_setting_is_a_warning_with_the_right_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MSHUB_MIRROR", "https://a.org/=http://127.0.0.1:9/")
    monkeypatch.setenv("MSHUB_XYZZY_PLUGH", "1")
    checks = look()
    assert checks["MSHUB_MIRROR"] == Check(
        "MSHUB_MIRROR",
        "warning",
        "no setting of mshub, so it has no effect",
        "did you mean MSHUB_MIRRORS?",
    )
    assert checks["MSHUB_XYZZY_PLUGH"].advice.startswith("unset it; the settings: MSHUB_CACHE, ")


def test_no_lock_file_is_fine(tmp_path: Path) -> None:
    assert not [path for path in tmp_path.parents if (path / "hub.lock").exists()]
    (check,) = check_lock_file(tmp_path)
    assert (check.status, check.found) == (
        "ok",
        f"none in {tmp_path} or above; digests are those of the cards",
    )


def test_a_lock_file_above_is_found_and_counted(tmp_path: Path) -> None:
    from hub.assets.lockfile import LockedAsset, write_lock_file

    link, sha256 = "https://example.org/a.ckpt", "ab" * 32
    locked = LockedAsset("Ada/lite0", "ckpt", link, "abababab", sha256, 5)
    write_lock_file(tmp_path / "hub.lock", [locked])
    (tmp_path / "below").mkdir()
    (check,) = check_lock_file(tmp_path / "below")
    assert (check.status, check.found) == ("ok", f"{tmp_path / 'hub.lock'}: 1 locked")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"<<<<<<< HEAD\n"])
def test_a_damaged_lock_file_fails(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "hub.lock").write_bytes(content)
    (check,) = check_lock_file(tmp_path)
    assert check.status == "failed"
    assert str(tmp_path / "hub.lock") in check.found
    assert check.advice.startswith("restore it from version control")


def test_a_lock_file_in_the_current_folder_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("hub.lock").write_text("{")
    assert check_lock_file()[0].status == "failed"


def test_a_current_folder_that_is_gone_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    (check,) = check_lock_file()
    assert (check.status, check.advice) == ("warning", "go to another folder")
    assert check.found == "none, since the current folder is gone"
