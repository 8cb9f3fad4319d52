"""Files out of the cache, into a folder of the user's."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from hub.assets.cache.cache import Cache, CachedFile
from hub.assets.delivery import check_target, deliver_file, plan_targets, prepare_folder
from hub.cards.asset import Asset
from hub.digests import Digest
from hub.errors import ArgumentError, CacheError, IntegrityError
from tests.conftest import digest_of

CONTENT = b"weights " * 300_000  # more than one piece
SHA256 = digest_of(CONTENT)
LINK = "https://example.org/lite0.ckpt"

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


@pytest.fixture
def file(tmp_path: Path) -> CachedFile:
    local = tmp_path / "local"
    local.write_bytes(CONTENT)
    cache = Cache(tmp_path / "cache")
    return cache.add(local, link=LINK, digest=Digest.parse(SHA256), filename="lite0.ckpt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "made" / "on demand"
    prepare_folder(folder)
    return folder


def test_a_copy_has_the_content_and_is_the_users_own(file: CachedFile, folder: Path) -> None:
    delivered = deliver_file(file, folder / "lite0.ckpt")
    assert (delivered.path, delivered.state) == (folder / "lite0.ckpt", "copied")
    assert delivered.path.read_bytes() == CONTENT
    assert not delivered.path.is_symlink()
    assert (delivered.path.stat().st_nlink, file.path.stat().st_nlink) == (1, 1)
    delivered.path.write_bytes(b"mine now")
    assert file.path.read_bytes() == CONTENT


def test_nothing_but_the_copy_is_left_in_the_folder(file: CachedFile, folder: Path) -> None:
    deliver_file(file, folder / "lite0.ckpt")
    assert [path.name for path in folder.iterdir()] == ["lite0.ckpt"]


@posix
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_copy_is_writable_and_follows_the_umask(
    file: CachedFile, folder: Path, mask: int, mode: int
) -> None:
    before = os.umask(mask)
    try:
        delivered = deliver_file(file, folder / "lite0.ckpt")
    finally:
        os.umask(before)
    assert stat.S_IMODE(delivered.path.stat().st_mode) == mode


def test_the_same_content_is_left_alone(file: CachedFile, folder: Path) -> None:
    target = folder / "lite0.ckpt"
    target.write_bytes(CONTENT)
    before = target.stat()
    assert deliver_file(file, target).state == "unchanged"
    assert deliver_file(file, target, force=True).state == "unchanged"
    after = target.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_other_content_is_refused_and_force_replaces_it(file: CachedFile, folder: Path) -> None:
    target = folder / "lite0.ckpt"
    target.write_bytes(b"mine")
    with pytest.raises(CacheError) as caught:
        deliver_file(file, target)
    assert str(caught.value) == f"{target} is there with other content; --force replaces it"
    assert (target.read_bytes(), caught.value.exit_code) == (b"mine", 6)
    assert deliver_file(file, target, force=True).state == "replaced"
    assert target.read_bytes() == CONTENT


@posix
def test_a_symbolic_link_is_replaced_and_never_written_through(
    file: CachedFile, folder: Path, tmp_path: Path
) -> None:
    precious, target = tmp_path / "precious", folder / "lite0.ckpt"
    precious.write_bytes(b"precious")
    target.symlink_to(precious)
    with pytest.raises(CacheError, match="is a symbolic link; --force replaces it by the file"):
        deliver_file(file, target)
    assert deliver_file(file, target, force=True).state == "replaced"
    assert (precious.read_bytes(), target.is_symlink()) == (b"precious", False)


def test_a_folder_is_never_replaced(file: CachedFile, folder: Path) -> None:
    target = folder / "lite0.ckpt"
    target.mkdir()
    for force in (False, True):
        with pytest.raises(CacheError, match="is there and is no file; move it away"):
            deliver_file(file, target, force=force)
    assert target.is_dir()


def test_a_file_that_changed_in_the_cache_is_not_delivered(file: CachedFile, folder: Path) -> None:
    file.path.chmod(0o644)
    file.path.write_bytes(b"rotten")
    with pytest.raises(IntegrityError, match="mend the cache with `hub cache verify --repair`"):
        deliver_file(file, folder / "lite0.ckpt")
    assert list(folder.iterdir()) == []


def test_a_file_where_a_folder_is_wanted_is_a_cache_error_that_says_so(tmp_path: Path) -> None:
    there = tmp_path / "file"
    there.write_text("")
    for folder in (there, there / "folder" / "deep"):
        with pytest.raises(CacheError) as caught:
            prepare_folder(folder)
        assert str(caught.value) == (
            f"{there} is a file, and a folder is wanted there; name another folder, or move it away"
        )
        assert caught.value.path == str(there)


@posix
def test_a_link_to_nowhere_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "none")
    with pytest.raises(CacheError, match="link is something else, and a folder is wanted there"):
        prepare_folder(tmp_path / "link")
    assert not (tmp_path / "none").exists()


def test_an_error_shows_no_secret_of_the_link(file: CachedFile, folder: Path) -> None:
    file.path.chmod(0o644)
    file.path.write_bytes(b"rotten")
    signed = replace(file, link=f"{LINK}?signature=secret")
    with pytest.raises(IntegrityError) as caught:
        deliver_file(signed, folder / "lite0.ckpt")
    assert caught.value.url == LINK


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder nobody can write to")
def test_a_folder_that_cannot_be_written_is_a_cache_error() -> None:
    with pytest.raises(CacheError, match="/proc/self cannot be written: "):
        prepare_folder(Path("/proc/self"))


def test_what_is_known_to_be_other_content_is_refused_before_the_download(tmp_path: Path) -> None:
    target = tmp_path / "lite0.ckpt"
    check_target(target, Digest.parse(SHA256), force=False)
    target.write_bytes(CONTENT)
    check_target(target, Digest.parse(SHA256[:8]), force=False)
    target.write_bytes(b"mine")
    check_target(target, None, force=False)  # nobody knows yet
    check_target(target, Digest.parse(SHA256), force=True)
    with pytest.raises(CacheError, match="--force replaces it"):
        check_target(target, Digest.parse(SHA256[:8]), force=False)


def test_two_assets_with_one_name_are_refused_with_both_ids(tmp_path: Path) -> None:
    one = Asset("ckpt", "https://example.org/1/Model.ckpt", None)
    two = Asset("ckpt", "https://example.org/2/model.ckpt", None)
    with pytest.raises(ArgumentError) as caught:
        plan_targets([("ada/one@2.5", one), ("ada/two@2.5", two)], tmp_path)
    assert str(caught.value) == (
        f"ada/one@2.5 and ada/two@2.5 both have a file named model.ckpt, and {tmp_path} can hold"
        " one of them; fetch them into two folders"
    )


def test_one_link_under_contradictory_digests_is_two_assets(tmp_path: Path) -> None:
    digests = (SHA256[:8], SHA256, "00000000")
    one, two, other = (Asset("ckpt", LINK, Digest.parse(digest)) for digest in digests)
    plan_targets([("ada/one", one), ("ada/two", two)], tmp_path)
    with pytest.raises(ArgumentError, match="ada/one and ada/other both have a file named lite0"):
        plan_targets([("ada/one", one), ("ada/other", other)], tmp_path)


def test_one_asset_of_two_ids_has_one_place(tmp_path: Path) -> None:
    asset = Asset("ckpt", LINK, None)
    targets = plan_targets([("ada/one@2.3", asset), ("ada/one@2.5", asset)], tmp_path)
    assert targets == {LINK: tmp_path / "lite0.ckpt"}


@pytest.mark.parametrize("name", ["..%2F..%2Fetc%2Fpasswd", "C:%5Cevil.ckpt", "%2e%2e", "NUL"])
def test_a_hostile_name_stays_in_the_folder(tmp_path: Path, name: str) -> None:
    link = f"https://example.org/{name}"
    target = plan_targets([("ada/one", Asset("ckpt", link, None))], tmp_path)[link]
    assert target.resolve().parent == tmp_path.resolve()
    assert set(target.name.casefold()) <= set("abcdefghijklmnopqrstuvwxyz._")
