"""A project's hub.lock: written the same way each time, and read with distrust."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.assets.lockfile import (
    LockedAsset,
    LockFile,
    find_lock_file,
    format_lock_file,
    read_lock_file,
    write_lock_file,
)
from hub.cards.asset import Asset
from hub.digests import Digest
from hub.errors import ArgumentError, CacheError, IntegrityError

SHA256 = "f8d7aa2a" + 56 * "0"
B0 = LockedAsset(
    "MindSpore/efficientnet_b0@2.5", "ckpt", "https://a.org/b0.ckpt", "f8d7aa2a", SHA256, 21_339_458
)
B1 = replace(B0, model_id="MindSpore/efficientnet_b1@2.5", link="https://a.org/b1.ckpt", size=1)
TEXT = """\
{
 "schema_version": 1,
 "assets": [
  {
   "id": "MindSpore/efficientnet_b0@2.5",
   "file_format": "ckpt",
   "link": "https://a.org/b0.ckpt",
   "digest": "f8d7aa2a",
   "sha256": "f8d7aa2a00000000000000000000000000000000000000000000000000000000",
   "size": 21339458
  }
 ]
}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hub.lock"


def test_a_lock_has_a_value_a_line_and_ends_with_a_newline(path: Path) -> None:
    write_lock_file(path, [B0])
    assert path.read_text() == TEXT
    assert read_lock_file(path) == LockFile(path, (B0,))


def test_the_same_assets_in_any_order_give_the_same_bytes() -> None:
    others = [replace(B0, model_id="ada/lite0@2.5"), replace(B0, file_format="mslite"), B1, B0]
    assert format_lock_file(others) == format_lock_file(reversed(others))
    listed = json.loads(format_lock_file([*others, B0]))["assets"]
    assert [(item["id"], item["file_format"]) for item in listed] == [
        ("ada/lite0@2.5", "ckpt"),
        ("MindSpore/efficientnet_b0@2.5", "ckpt"),
        ("MindSpore/efficientnet_b0@2.5", "mslite"),
        ("MindSpore/efficientnet_b1@2.5", "ckpt"),
    ]


def test_a_new_entry_changes_no_line_of_the_others() -> None:
    before = format_lock_file([B0]).decode().splitlines()
    after = format_lock_file([B0, B1]).decode().splitlines()
    assert after[:10] == before[:10]
    assert len(after) == len(before) + 8


def test_a_lock_that_cannot_be_written_is_a_cache_error(path: Path) -> None:
    with pytest.raises(CacheError, match=r"hub\.lock cannot be written: No such file"):
        write_lock_file(path.parent / "none" / "hub.lock", [B1])


def test_writing_leaves_nothing_but_the_lock(path: Path) -> None:
    path.write_text("old")
    write_lock_file(path, [B0])
    assert list(path.parent.iterdir()) == [path]


def test_the_nearest_lock_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "project/src/deep"
    deep.mkdir(parents=True)
    (tmp_path / "project/src/hub.lock").mkdir()  # a folder of that name is none
    (tmp_path / "project/hub.lock").write_text(TEXT)
    (tmp_path / "hub.lock").write_text(TEXT)
    assert find_lock_file(deep) == tmp_path / "project/hub.lock"
    assert find_lock_file(tmp_path) == tmp_path / "hub.lock"
    monkeypatch.chdir(deep)
    assert find_lock_file() == tmp_path / "project/hub.lock"


def test_there_may_be_no_lock(tmp_path: Path) -> None:
    above = [folder / "hub.lock" for folder in (tmp_path, *tmp_path.parents)]
    assert not any(path.exists() for path in above)
    assert find_lock_file(tmp_path) is None


@pytest.mark.parametrize("digest", [None, "f8d7aa2a", "f8d7aa2a0", SHA256])
def test_a_weak_digest_or_none_becomes_the_whole_one(digest: str | None) -> None:
    asset = Asset("ckpt", B0.link, Digest.parse(digest) if digest else None, digest or "", 3)
    strong = LockFile(Path("hub.lock"), (B0,)).strengthen(asset)
    assert strong == Asset("ckpt", B0.link, Digest(SHA256), SHA256, 3)


def test_an_asset_that_is_not_listed_stays_as_it_is() -> None:
    asset = Asset("ckpt", "https://a.org/other.ckpt", Digest.parse("12345678"))
    lock = LockFile(Path("hub.lock"), (B0,))
    assert lock.strengthen(asset) is asset
    assert lock.find(asset) is None


def test_a_card_that_contradicts_the_lock_is_refused_with_both_digests() -> None:
    link = f"{B0.link}?signature=secret"
    lock = LockFile(Path("/project/hub.lock"), (replace(B0, link=link),))
    with pytest.raises(IntegrityError) as caught:
        lock.strengthen(Asset("ckpt", link, Digest.parse("12345678")))
    assert str(caught.value) == (
        "the card and the lock contradict each other about https://a.org/b0.ckpt: the card states"
        f" the digest 12345678 (weak: a prefix of 32 bits), /project/hub.lock lists {SHA256}. If"
        " the card's change is right, `hub lock MindSpore/efficientnet_b0@2.5` accepts it"
    )
    assert (caught.value.expected, caught.value.actual) == (SHA256, "12345678")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (TEXT, "", "line 1, column 1: Expecting value"),
        ('"size": 21339458', '"size": ', "line 11, column 3: Expecting value"),
        (' "assets"', "<<<<<<< HEAD\n", "line 3 is left over from a merge conflict"),
        (TEXT, "[]", "it has no schema_version that is a number"),
        ('"schema_version": 1', '"schema_version": true', "it has no schema_version"),
        ('"schema_version": 1', '"schema_version": 0', "it has no schema_version"),
        ('"assets"', '"asset"', "assets is no list"),
        (TEXT, '{"schema_version": 1, "assets": [7]}', "assets[0] is no object"),
        ('"size": 21339458', '"size": "21339458"', "assets[0].size is no number of bytes"),
        ('"size": 21339458', '"size": 21339458.0', "assets[0].size is no number of bytes"),
        ('"size": 21339458', '"size": -1', "assets[0].size is no number of bytes"),
        ('"size": 21339458', f'"size": {"9" * 5000}', "cannot be used: "),
        ('"ckpt"', "7", "assets[0].file_format is no text"),
        ("https://a.org/b0.ckpt", "", "assets[0].link is empty"),
        ("MindSpore/", "https://evil.org/", "assets[0].id: 'https://evil.org/efficientnet"),
        ("MindSpore/", "/etc/", "is no owner/name@version"),
        ("MindSpore/", "Mind Spore/", "is no owner/name@version"),
        ('"digest": "f8', '"digest": "a8', "assets[0].digest: 'a8d7aa2a' is no beginning of"),
        ('"digest": "f8d7aa2a"', '"digest": "f8"', "assets[0].digest: 'f8' is no beginning of"),
        ("0000000000", "", "assets[0].sha256: 'f8d7aa2a000000' is no SHA-256 in 64"),
        ('"f8d7aa2a00', '"F8D7AA2A00', "is no SHA-256 in 64 hexadecimal digits"),
        ('"size"', '"sha256": "", "size"', "the key 'sha256' stands twice in one place"),
        ('"size"', '"card": 7, "size"', "assets[0].card is no text"),
        (TEXT, "[" * 100_000, "it is no JSON that mshub reads"),
    ],
)
def test_a_damaged_lock_is_refused_with_the_place_and_a_way_out(
    path: Path, old: str, new: str, message: str
) -> None:
    assert old in TEXT
    path.write_text(TEXT.replace(old, new))
    with pytest.raises(ArgumentError) as caught:
        read_lock_file(path)
    assert str(caught.value).startswith(f"the lock file {path} cannot be used: ")
    assert message in str(caught.value)
    assert str(caught.value).endswith(
        "; restore it from version control, or delete it and write it anew with `hub lock ID…`"
    )
    assert caught.value.exit_code == 2


def test_two_digests_for_one_link_are_refused(path: Path) -> None:
    other = replace(B1, link=B0.link, sha256=f"f8d7aa2a{56 * '1'}")
    path.write_bytes(format_lock_file([B0, other]))
    with pytest.raises(ArgumentError, match=r"assets\[1\]\.sha256 is not what it lists before"):
        read_lock_file(path)


def test_bytes_that_are_no_text_are_refused(path: Path) -> None:
    path.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(ArgumentError, match="byte 7 is no UTF-8"):
        read_lock_file(path)


def test_a_newer_lock_asks_for_a_newer_mshub(path: Path) -> None:
    path.write_text(TEXT.replace(": 1,", ": 2,", 1).replace("size", "length"))
    with pytest.raises(ArgumentError) as caught:
        read_lock_file(path)
    assert str(caught.value) == (
        f"the lock file {path} has schema_version 2, and this mshub reads up to 1; update mshub"
    )


def test_a_lock_that_is_not_there_names_the_command_that_writes_it(path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"there is no lock file .*`hub lock ID` writes one"):
        read_lock_file(path)
    assert read_lock_file(path, needed=False) == LockFile(path)


@pytest.mark.parametrize("needed", [True, False])
def test_what_is_no_regular_file_is_named_and_never_waited_for(path: Path, needed: bool) -> None:
    path.mkdir()
    with pytest.raises(ArgumentError) as caught:
        read_lock_file(path, needed=needed)
    assert str(caught.value) == (
        f"the lock file {path} cannot be read: it is a folder; remove it, or name another file"
    )
    if hasattr(os, "mkfifo"):
        pipe = path / "hub.lock"
        os.mkfifo(pipe)
        assert find_lock_file(path) is None
        with pytest.raises(ArgumentError, match="cannot be read: it is a named pipe; remove it"):
            read_lock_file(pipe, needed=needed)


@pytest.mark.parametrize("name", [300 * "a", "a\0b"])
def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArgumentError, match="cannot be read: "):
        read_lock_file(tmp_path / name, needed=False)


def test_an_entry_notes_its_card_s_place_only_if_it_has_one(path: Path) -> None:
    placed = replace(B1, card="cards/b1.md")
    write_lock_file(path, [B0, placed])
    first, second = json.loads(path.read_text())["assets"]
    assert "card" not in first
    assert list(second)[:2] == ["id", "card"]
    assert read_lock_file(path).assets == (B0, placed)


@pytest.mark.parametrize("where", ["cards/b0.md", "../b0.md", "hub/b0.md"])
def test_a_card_s_path_is_noted_from_the_lock_s_folder_on(
    tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    (project / "cards").mkdir(parents=True)
    (tmp_path / "link").symlink_to(project / "cards", target_is_directory=True)
    monkeypatch.chdir(project)
    for lock in (LockFile(Path("hub.lock")), LockFile(tmp_path / "link/../hub.lock")):
        assert lock.relate_card(where) == lock.relate_card(str(project / where)) == where
        name = lock.name_card(replace(B0, card=where))
        assert name == os.path.realpath(project / where)
    for url in ("https://a.org/b0.md", ""):
        assert LockFile(Path("hub.lock")).relate_card(url) == url
        assert LockFile(Path("hub.lock")).name_card(replace(B0, card=url)) == url or B0.model_id


def test_windows_line_ends_and_unknown_keys_do_no_harm(path: Path) -> None:
    text = TEXT.replace('"size"', '"note": [1], "size"').replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_lock_file(path).assets == (B0,)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
VALID = {
    "id": B0.model_id,
    "file_format": "ckpt",
    "link": B0.link,
    "digest": "f8d7aa2a",
    "sha256": SHA256,
    "size": 1,
}
ENTRY = st.fixed_dictionaries({key: st.just(value) | JSON for key, value in VALID.items()})


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "hub.lock"


def read_or_refuse(path: Path, content: bytes) -> LockFile | None:
    path.write_bytes(content)
    try:
        return read_lock_file(path)
    except ArgumentError as error:
        assert str(path) in str(error)
        return None


@settings(deadline=None)
@given(content=st.binary())
def test_any_bytes_are_read_or_refused(fuzzed: Path, content: bytes) -> None:
    assert read_or_refuse(fuzzed, content) is None


@settings(deadline=None)
@given(place=st.integers(0, len(TEXT) - 1), piece=st.binary(max_size=3))
def test_a_lock_with_some_bytes_replaced_is_read_or_refused(
    fuzzed: Path, place: int, piece: bytes
) -> None:
    content = TEXT.encode()
    read_or_refuse(fuzzed, content[:place] + piece + content[place + 1 :])


@settings(deadline=None)
@given(version=st.just(1) | JSON, assets=st.lists(ENTRY | JSON, max_size=3) | JSON)
def test_what_is_read_is_sound_and_survives_writing(
    fuzzed: Path, version: object, assets: object
) -> None:
    lock = read_or_refuse(
        fuzzed, json.dumps({"schema_version": version, "assets": assets}).encode()
    )
    if lock is None:
        return
    for asset in lock.assets:
        assert len(asset.sha256) == 64
        assert asset.sha256.startswith(asset.digest)
        assert asset.size >= 0
        assert LockFile(fuzzed, (asset,)).find(Asset("", asset.link, None)) == asset
    write_lock_file(fuzzed, lock.assets)
    assert set(read_lock_file(fuzzed).assets) == set(lock.assets)
