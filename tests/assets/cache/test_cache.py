"""Finding, recovering and publishing verified files."""

import json
import logging
import os
import re
import shutil
import stat
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.assets.cache.cache import Cache, CachedFile
from hub.assets.cache.layout import make_key
from hub.assets.partials import Source
from hub.digests import Digest
from hub.errors import ArgumentError, CacheError, IntegrityError
from tests.assets.cache.conftest import (
    CONTENT,
    LINK,
    NAME,
    PREFIX,
    SHA256,
    WHOLE,
    arrive,
    list_names,
    publish,
    run_python,
)
from tests.conftest import digest_of

Keep = Callable[..., CachedFile]
KEY = make_key(LINK, WHOLE)


def find(cache: Cache, digest: Digest | None = WHOLE) -> CachedFile | None:
    return cache.find(LINK, digest, NAME)


def recover(cache: Cache, digest: Digest | None = WHOLE) -> CachedFile | None:
    return cache.recover(LINK, digest, NAME)


def spoil(path: Path, content: bytes = b"x" * len(CONTENT)) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def test_what_was_kept_is_found_with_its_facts(cache: Cache, keep: Keep) -> None:
    kept = keep(cache)
    found = find(Cache(cache.folder))
    assert found == kept
    assert found.path == cache.layout.blob(SHA256, NAME)
    assert (found.size, found.link, found.digest) == (len(CONTENT), LINK, SHA256)


@pytest.mark.parametrize(
    ("link", "digest", "name"),
    [
        (LINK + "x", WHOLE, NAME),
        (LINK, PREFIX, NAME),
        (LINK, None, NAME),
        (LINK, WHOLE, "other.ckpt"),
    ],
)
def test_another_question_finds_nothing(
    cache: Cache, keep: Keep, link: str, digest: Digest | None, name: str
) -> None:
    keep(cache)
    assert cache.find(link, digest, name) is None


def test_a_record_under_the_key_of_another_link_is_not_believed(cache: Cache, keep: Keep) -> None:
    keep(cache, None)
    other = "https://example.org/other.ckpt"
    record = cache.layout.link(make_key(LINK, None))
    shutil.copy(record, cache.layout.link(make_key(other, None)))
    assert cache.find(other, None, NAME) is None
    assert find(cache, None)


def test_a_use_is_noted_in_the_time_of_the_record(cache: Cache, keep: Keep) -> None:
    keep(cache)
    record = cache.layout.link(KEY)
    os.utime(record, (1, 1))
    (before,) = cache.files()
    assert before.last_used == "1970-01-01T00:00:01+00:00"
    found = find(cache)
    assert abs(record.stat().st_mtime - time.time()) < 60
    assert found
    assert found.last_used > "2020"


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace counts the system calls")
def test_a_hit_opens_one_record_and_looks_at_one_blob(
    cache: Cache, keep: Keep, tmp_path: Path
) -> None:
    keep(cache)
    trace = tmp_path / "trace"
    code = f"""
import os
from hub.assets.cache.cache import Cache
from hub.digests import Digest
question = {LINK!r}, Digest({SHA256!r}), {NAME!r}
cache = Cache({str(cache.folder)!r})
cache.find(*question)
os.path.exists("/begin")
assert cache.find(*question)
os.path.exists("/end")
"""
    command = ["strace", "-e", "trace=%file", "-o", trace, sys.executable, "-c", code]
    run_python(f"import subprocess; subprocess.run({[str(part) for part in command]}, check=True)")
    calls = trace.read_text().split('"/begin"')[1].split('"/end"')[0].splitlines()[1:-1]
    calls = [call for call in calls if ', "",' not in call]  # a question to an open file
    record, blob, use = calls
    assert record.startswith("openat(")
    assert use.startswith("utimensat(")
    assert f"/{KEY}.json" in record
    assert f"/{KEY}.json" in use
    assert "stat" in blob.partition("(")[0]
    assert f"/{SHA256}/{NAME}" in blob


def test_a_hit_loads_no_third_party_module(cache: Cache, keep: Keep) -> None:
    keep(cache)
    code = f"""
import sys
from hub.assets.cache.cache import Cache
from hub.digests import Digest
assert Cache({str(cache.folder)!r}).find({LINK!r}, Digest({SHA256!r}), {NAME!r})
print(*{{name.partition(".")[0] for name in sys.modules}})
"""
    before = set(run_python("import sys; print(*sys.modules)").split())
    added = set(run_python(code).split()) - before - {"hub"}
    assert {name for name in added if name not in sys.stdlib_module_names} == set()


def test_a_touched_file_is_hashed_again_and_keeps_its_story(cache: Cache, keep: Keep) -> None:
    kept = keep(cache)
    os.utime(kept.path, (1, 1))
    assert find(cache) is None
    assert recover(cache) == kept
    assert find(cache) == kept


def test_a_changed_file_goes_to_quarantine_with_a_warning(
    cache: Cache, keep: Keep, caplog: pytest.LogCaptureFixture
) -> None:
    path = keep(cache).path
    spoil(path)
    assert recover(cache) is None
    assert f"{path} changed on disk; it goes to quarantine and is fetched again" in caplog.text
    assert not path.exists()
    assert (cache.layout.quarantine / f"{KEY}.bad").read_bytes() == b"x" * len(CONTENT)
    note = json.loads((cache.layout.quarantine / f"{KEY}.json").read_text())
    assert (note["sha256"], note["link"]) == (digest_of(b"x" * len(CONTENT)), LINK)


def test_content_with_another_name_is_copied_not_fetched(cache: Cache, keep: Keep) -> None:
    keep(cache, name="other.ckpt")
    found = recover(cache)
    assert found
    assert found.path.name == NAME
    assert found.path.read_bytes() == CONTENT
    assert list_names(found.path.parent) == [NAME, "other.ckpt"]
    assert list_names(cache.layout.partials) == []


def test_content_with_another_name_that_changed_is_not_copied(cache: Cache, keep: Keep) -> None:
    spoil(keep(cache, name="other.ckpt").path)
    assert recover(cache) is None
    assert list_names(cache.layout.blob(SHA256, NAME).parent) == []


@pytest.mark.parametrize("kind", ["fifo", "symlink", "dangling symlink", "symlink to the content"])
def test_what_is_no_file_is_removed_and_never_followed(
    cache: Cache, keep: Keep, weights: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    path = keep(cache).path
    path.unlink()
    if kind == "fifo":
        os.mkfifo(path)  # reading it would wait for ever
    elif kind == "symlink":
        path.symlink_to("/dev/zero")
    else:
        path.symlink_to(weights if "content" in kind else "nowhere")
    assert find(cache) is None
    assert recover(cache) is None
    assert f"{path} is no regular file; it is removed" in caplog.text
    assert not os.path.lexists(path)
    assert weights.read_bytes() == CONTENT


def test_a_symlink_to_the_very_blob_is_no_hit(cache: Cache, keep: Keep, tmp_path: Path) -> None:
    path = keep(cache).path
    path.rename(tmp_path / "moved")  # the same inode, size and time
    path.symlink_to(tmp_path / "moved")
    assert find(cache) is None


def test_a_folder_in_the_place_of_a_file_is_an_error_that_names_it(
    cache: Cache, keep: Keep
) -> None:
    path = keep(cache).path
    path.unlink()
    path.mkdir()
    with pytest.raises(CacheError, match="is a folder, where a verified file should be") as caught:
        recover(cache)
    assert caught.value.path == str(path)
    with pytest.raises(CacheError, match=re.escape(str(path))):
        publish(cache, arrive(cache))


def test_a_strange_folder_beside_a_file_does_not_matter(cache: Cache, keep: Keep) -> None:
    kept = keep(cache)
    (kept.path.parent / "@eaDir").mkdir()
    os.utime(kept.path, (1, 1))
    assert recover(cache) == kept


def test_a_record_that_is_a_pipe_does_not_block(cache: Cache, keep: Keep) -> None:
    kept = keep(cache)
    record = cache.layout.link(KEY)
    record.unlink()
    os.mkfifo(record)
    assert find(cache) is None
    found = recover(cache)
    assert found
    assert found.path == kept.path
    assert find(cache) == found


@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077, 0o002])
def test_files_and_folders_follow_the_umask(cache: Cache, keep: Keep, umask: int) -> None:
    before = os.umask(umask)
    try:
        with cache.lock(LINK, PREFIX):
            path = keep(cache, PREFIX).path
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o444 & ~umask
    for each in cache.folder.rglob("*"):
        if each != path:
            full = 0o777 if each.is_dir() else 0o666
            assert stat.S_IMODE(each.stat().st_mode) == full & ~umask, each


def test_another_content_is_refused_with_all_facts(cache: Cache) -> None:
    partial = arrive(cache, b"other")
    url = "https://ada:secret@example.org/models/lite0.ckpt?signature=secret"
    with pytest.raises(IntegrityError) as caught:
        cache.publish(
            partial, digest_of(b"other"), link=LINK, digest=PREFIX, filename=NAME, served_by=url
        )
    error = caught.value
    assert str(error) == (
        f"{LINK} is not the file that the card means: expected SHA-256 {PREFIX} (weak: a prefix of"
        f" 32 bits), actual {digest_of(b'other')}, 5 bytes. Fetch it again; if it stays so, compare"
        " with the publisher's own page, and tell the publisher of the card"
    )
    assert (error.url, error.expected, error.actual) == (LINK, PREFIX.hex, digest_of(b"other"))
    assert (error.strength, error.size) == ("weak: a prefix of 32 bits", 5)
    assert partial.exists()
    assert find(cache) is None


def twin_of(content: bytes, digits: int) -> bytes:
    """Another content whose digest begins with the same few digits."""
    prefix = digest_of(content)[:digits]
    twins = (b"twin %d" % number for number in range(10**7))
    return next(twin for twin in twins if digest_of(twin).startswith(prefix))


def test_another_file_under_a_pinned_prefix_is_refused_until_the_pin_is_gone(
    cache: Cache, keep: Keep
) -> None:
    short = Digest(SHA256[:3])  # shorter than cards may have, so that a twin is found at once
    keep(cache, short)
    twin = twin_of(CONTENT, 3)
    pin = cache.layout.pin(short)
    with pytest.raises(IntegrityError, match="another file than the one first seen") as caught:
        publish(cache, arrive(cache, twin), short)
    assert f"`hub cache rm --pins {SHA256[:12]}` or delete {pin};" in str(caught.value)
    assert (caught.value.expected, caught.value.actual) == (SHA256, digest_of(twin))
    assert (caught.value.size, caught.value.strength) == (len(twin), "weak: a prefix of 12 bits")
    pin.unlink()
    assert publish(cache, arrive(cache, twin), short).sha256 == digest_of(twin)
    assert cache.pins() == {short.hex: digest_of(twin)}


def test_of_two_files_that_come_at_once_under_one_prefix_one_is_refused(
    cache: Cache, tmp_path: Path
) -> None:
    short = Digest(SHA256[:3])
    twin = twin_of(CONTENT, 3)
    (tmp_path / "twin").write_bytes(twin)
    code = f"""
import sys
from pathlib import Path
from hub.assets.cache.cache import Cache
from hub.digests import Digest
from hub.errors import IntegrityError
folder, twin, weights = sys.argv[1:]
cache, short = Cache(folder), Digest({short.hex!r})
others = []

def publish_meanwhile(event, arguments):
    # Another process is faster, at the moment when this one notes what the prefix means.
    if event == "open" and str(arguments[0]).startswith(f"{{folder}}/partial/{short.hex}."):
        if not others:
            others.append(True)
            Cache(folder).add(Path(twin), link="other", digest=short, filename="other.ckpt")

sys.addaudithook(publish_meanwhile)
try:
    cache.add(Path(weights), link={LINK!r}, digest=short, filename={NAME!r})
except IntegrityError as error:
    print(error)
print(cache.pins()[short.hex], *[file.link for file in cache.files()])
"""
    (tmp_path / "mine").write_bytes(CONTENT)
    said, left = run_python(code, cache.folder, tmp_path / "twin", tmp_path / "mine").splitlines()
    assert "another file than the one first seen under them" in said
    assert f"expected SHA-256 {digest_of(twin)}, actual {SHA256}, {len(CONTENT):,} bytes" in said
    assert left == f"{digest_of(twin)} other"
    assert not cache.layout.blob(SHA256, NAME).exists()
    assert list_names(cache.layout.partials) == []


def test_the_pin_weighs_more_than_an_old_record(cache: Cache, keep: Keep) -> None:
    short = Digest(SHA256[:3])
    keep(cache, short)
    twin = twin_of(CONTENT, 3)
    cache.layout.pin(short).write_text(json.dumps({"sha256": digest_of(twin)}))
    os.utime(cache.layout.blob(SHA256, NAME), (1, 1))
    assert recover(cache, short) is None


@pytest.mark.parametrize("pin", ["", "{}", '{"sha256": "../x"}', json.dumps({"sha256": 64 * "0"})])
def test_a_damaged_pin_is_an_error_not_a_new_beginning(cache: Cache, keep: Keep, pin: str) -> None:
    keep(cache, PREFIX).path.unlink()
    cache.layout.pin(PREFIX).write_text(pin)
    for ask in (lambda: recover(cache, PREFIX), lambda: publish(cache, arrive(cache), PREFIX)):
        with pytest.raises(CacheError, match=r"the pin .* is damaged, .*; delete the pin"):
            ask()
    assert cache.pins() == {}


def test_what_arrives_through_a_partial_file_is_kept(cache: Cache) -> None:
    with cache.lock(LINK, WHOLE), cache.receive(LINK, WHOLE) as partial:
        assert partial.path.parent == cache.layout.partials
        assert partial.path.name.startswith(f"{KEY}.")
        partial.begin(Source(LINK, '"tag"', len(CONTENT)))
        partial.append(CONTENT)
        partial.close()
        file = cache.publish(
            partial.path,
            partial.hexdigest(),
            link=LINK,
            digest=WHOLE,
            filename=NAME,
            served_by="https://mirror.example.org/x",
        )
    assert find(cache) == file
    assert file.served_by == "https://mirror.example.org/x"
    assert list_names(cache.layout.partials) == list_names(cache.layout.locks / "x") == []


def test_a_fresh_beginning_leaves_what_is_there(cache: Cache) -> None:
    for resume, size in ((True, 0), (True, 4), (False, 0), (True, 4)):
        with cache.receive(LINK, WHOLE, resume=resume) as partial:
            assert partial.size == size
            if resume and not size:
                partial.begin(Source(LINK, '"tag"', len(CONTENT)))
                partial.append(CONTENT[:4])


@pytest.mark.parametrize(("minutes", "left"), [(10, []), (1, ["strange"])])
def test_publishing_sweeps_what_nobody_writes_to_any_more(
    cache: Cache, minutes: int, left: list[str]
) -> None:
    partial = arrive(cache)
    other = cache.layout.partials / f"{KEY}.0-1-{32 * 'a'}.part"  # of another machine
    other.write_bytes(b"half")
    then = time.time() - 60 * minutes
    os.utime(other, (then, then))
    publish(cache, partial)
    assert list_names(cache.layout.partials) == [other.name for _ in left]


def test_a_partial_that_was_swept_is_an_error_that_says_so(cache: Cache) -> None:
    partial = arrive(cache)
    partial.unlink()
    with pytest.raises(CacheError, match=r"was removed by another process .*; fetch it again"):
        publish(cache, partial)


def test_a_partial_that_was_swept_does_not_matter_if_the_same_content_is_there(
    cache: Cache, keep: Keep
) -> None:
    kept = keep(cache)
    partial = arrive(cache)
    partial.unlink()
    assert publish(cache, partial).path == kept.path
    spoil(kept.path)
    with pytest.raises(CacheError, match="was removed by another process"):
        publish(cache, partial)


def test_publishing_over_what_is_no_file_replaces_it(cache: Cache, weights: Path) -> None:
    place = cache.layout.blob(SHA256, NAME)
    place.parent.mkdir(parents=True)
    place.symlink_to(weights)
    assert publish(cache, arrive(cache)).path == place
    assert not place.is_symlink()
    assert weights.stat().st_mode & 0o200


def test_many_threads_publish_and_find_the_same_content(cache: Cache, weights: Path) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        own = Cache(cache.folder)
        try:
            for _ in range(10):
                own.add(weights, link=LINK, digest=PREFIX, filename=NAME)
                found = find(own, PREFIX) or recover(own, PREFIX)
                assert found
                assert found.path.read_bytes() == CONTENT
        except BaseException as error:  # noqa: BLE001, it is looked at below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert list_names(cache.layout.partials) == []
    assert len(list(cache.files())) == 1


def test_quarantine_keeps_the_last_file_of_a_link_and_says_why(cache: Cache) -> None:
    secret = LINK + "?token=secret"
    for content in (b"first", b"second"):
        bad = cache.quarantine(
            arrive(cache, content),
            link=secret,
            digest=WHOLE,
            sha256=digest_of(content),
            reason="it is wrong",
        )
    key = make_key(secret, WHOLE)
    assert bad == cache.layout.quarantine / f"{key}.bad"
    assert bad.read_bytes() == b"second"
    note = json.loads(bad.with_suffix(".json").read_text())
    assert note.pop("time").endswith("+00:00")
    assert note == {
        "link": LINK,
        "digest": SHA256,
        "sha256": digest_of(b"second"),
        "reason": "it is wrong",
    }
    assert list_names(cache.layout.quarantine) == [f"{key}.bad", f"{key}.json"]


def test_where_there_can_be_no_quarantine_the_file_is_removed(
    cache: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    partial = arrive(cache)
    cache.layout.quarantine.write_text("not a folder")
    bad = cache.quarantine(partial, link=LINK, digest=WHOLE, sha256=SHA256, reason="")
    assert not partial.exists()
    assert not bad.exists()
    assert f"{partial} cannot be put into quarantine, so it is removed" in caplog.text


def test_quarantine_never_fails(cache: Cache, tmp_path: Path) -> None:
    bad = cache.quarantine(tmp_path / "nothing", link=LINK, digest=None, sha256="", reason="")
    assert not bad.exists()


def test_a_local_file_is_copied_in_verified(cache: Cache, weights: Path) -> None:
    file = cache.add(weights, link=LINK, digest=WHOLE, filename=NAME)
    assert file.path.read_bytes() == weights.read_bytes() == CONTENT
    assert file.served_by == ""
    assert find(cache) == file


def test_a_local_file_with_other_content_is_refused(cache: Cache, weights: Path) -> None:
    weights.write_bytes(b"other")
    with pytest.raises(IntegrityError, match=f"{weights} is not the file that the card means"):
        cache.add(weights, link=LINK, digest=WHOLE, filename=NAME)
    assert list_names(cache.layout.partials) == []
    assert list(cache.files()) == []


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "it is not there"),
        (lambda path: path.mkdir(), "it is no regular file"),
        (os.mkfifo, "it is no regular file"),
    ],
)
def test_what_is_no_file_cannot_be_added(
    cache: Cache, tmp_path: Path, make: Callable[[Path], object], reason: str
) -> None:
    make(tmp_path / "x")
    with pytest.raises(ArgumentError, match=f"cannot be added to the cache: {reason}; name a file"):
        cache.add(tmp_path / "x", link=LINK, digest=WHOLE, filename=NAME)


def test_files_are_listed_by_link_and_only_if_they_are_there(
    cache: Cache, keep: Keep, weights: Path
) -> None:
    kept = keep(cache)
    first = cache.add(weights, link="https://a.example.org/", digest=None, filename="a.ckpt")
    (cache.layout.links / "strange").write_text("?")
    assert list(cache.files()) == [first, kept]
    first.path.unlink()
    os.mkfifo(first.path)
    assert list(cache.files()) == [kept]


def test_cards_are_kept_and_read(cache: Cache) -> None:
    assert cache.read_card("https://example.org/card.md") is None
    cache.write_card("https://example.org/card.md", b"# card")
    kept = cache.read_card("https://example.org/card.md")
    assert kept
    assert kept.content == b"# card"
    assert 0 <= kept.age < 60


def test_a_card_knows_its_age_unless_the_clocks_do_not_agree(cache: Cache) -> None:
    cache.write_card(LINK, b"# card")
    for age, known in ((100, 100), (-100, float("inf"))):
        then = time.time() - age
        os.utime(cache.layout.card(LINK), (then, then))
        kept = cache.read_card(LINK)
        assert kept
        assert kept.age == pytest.approx(known, abs=60)


def test_answers_are_kept_and_read_and_damaged_ones_count_as_none(cache: Cache) -> None:
    assert cache.read_answer(LINK) == {}
    cache.write_answer(LINK, {"status": 200})
    assert cache.read_answer(LINK) == {"status": 200}
    cache.layout.answer(LINK).write_bytes(b"[1]")
    assert cache.read_answer(LINK) == {}


@pytest.mark.parametrize("folder", ["a\0b", "\ud800", 5])
def test_a_folder_that_nobody_can_have_is_refused(folder: str) -> None:
    with pytest.raises(ArgumentError, match="cannot be a cache folder"):
        Cache(folder)
    with pytest.raises(ArgumentError, match="cannot be a cache folder"):
        Cache("x", shared=[folder])


def test_nothing_is_logged_where_all_is_well(
    cache: Cache, keep: Keep, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "hub")
    with cache.lock(LINK, PREFIX):
        keep(cache, PREFIX)
        find(cache, PREFIX)
        recover(cache, PREFIX)
    assert caplog.text == ""
