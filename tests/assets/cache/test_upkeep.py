"""Upkeep of the cache: verifying, repairing, removing, pruning and collecting garbage."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import hub
from hub.assets.cache.cache import Cache, CachedFile
from hub.assets.cache.garbage import collect_garbage
from hub.assets.cache.inventory import list_partials, list_quarantined
from hub.assets.cache.layout import make_key
from hub.assets.cache.removal import Removal
from hub.assets.cache.repair import repair_file
from hub.assets.cache.upkeep import prune_files, remove_files
from hub.assets.cache.verification import Verdict, verify_files
from hub.assets.marks import mark_name
from hub.assets.progress import Progress
from hub.digests import Digest
from tests.conftest import all_files, digest_of

Put = Callable[..., CachedFile]

HOUR, DAY = 3600, 24 * 3600
A, B = b"a" * 1000, b"b" * 2000


@pytest.fixture
def cache(cache_folder: Path) -> Cache:
    return Cache(cache_folder, shared=[])


@pytest.fixture
def put(cache: Cache, tmp_path: Path) -> Put:
    """Add a file, as if it had been downloaded; ``digits`` of its digest are in the card."""

    def put(
        name: str,
        content: bytes,
        *,
        link: str | None = None,
        digits: int = 64,
        used: float = 0,
        into: Cache = cache,
    ) -> CachedFile:
        source = tmp_path / "source"
        source.write_bytes(content)
        link = link or f"https://example.org/{name}"
        digest = Digest(digest_of(content)[:digits])
        file = into.add(source, link=link, digest=digest, filename=name)
        if used:
            then = time.time() - used
            os.utime(place_of(into, file), (then, then))
        return file

    return put


def digest_in(file: CachedFile) -> Digest:
    return Digest(file.digest)


def place_of(cache: Cache, file: CachedFile) -> Path:
    return cache.layout.link(make_key(file.link, digest_in(file)))


def overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then), follow_symlinks=False)


def states(verdicts: list[Verdict] | Iterator[Verdict]) -> dict[str, str]:
    return {verdict.path.name: verdict.state for verdict in verdicts}


def repair(cache: Cache) -> dict[str, Verdict]:
    return {v.path.name: repair_file(cache, v) for v in list(verify_files(cache))}


def gone(removal: Removal, *kinds: str) -> list[str]:
    return [r.path.name for r in removal.removed if r.kind in (kinds or {"file"})]


@contextmanager
def held_elsewhere(cache: Cache, file: CachedFile) -> Iterator[None]:
    """Have another process hold the lock of a file."""
    code = (
        "import sys; from hub.assets.cache.cache import Cache; from hub.digests import Digest\n"
        "with Cache(sys.argv[1]).lock(sys.argv[2], Digest(sys.argv[3])):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(cache.folder), file.link, file.digest]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield
        process.communicate("")


class TestVerification:
    def test_right_files_are_ok_and_are_hashed_once_for_all_their_links(
        self, cache: Cache, put: Put
    ) -> None:
        class Meter(Progress):
            total, seen, ended = 0, 0, False

            def begin(self, total: int | None, received: int) -> None:
                self.total = total or 0

            def advance(self, size: int) -> None:
                self.seen += size

            def end(self) -> None:
                self.ended = True

        put("a.ckpt", A)
        put("b.ckpt", B)
        meter = Meter()
        verdicts = list(verify_files(cache, progress=meter))
        assert states(verdicts) == {"a.ckpt": "ok", "b.ckpt": "ok"}
        assert all(verdict.good for verdict in verdicts)
        assert (meter.total, meter.seen, meter.ended) == (3000, 3000, True)

    def test_a_missing_cache_has_nothing_wrong_with_it_and_is_not_made(self, cache: Cache) -> None:
        assert list(verify_files(cache)) == []
        assert collect_garbage(cache).removed == ()
        assert prune_files(cache, max_size=0).removed == ()
        assert not cache.folder.exists()

    def test_each_state_is_told_apart(self, cache: Cache, put: Put) -> None:
        put("ok.ckpt", A)
        touched, changed = put("touched.ckpt", B), put("changed.ckpt", b"c" * 300)
        missing, stray = put("missing.ckpt", b"m"), put("stray.ckpt", b"s")
        os.utime(touched.path, (1, 1))
        overwrite(changed.path, b"wrong")
        missing.path.unlink()
        place_of(cache, stray).unlink()
        broken = put("broken.ckpt", b"b")
        place_of(cache, broken).write_bytes(b"{")
        put("pinned.ckpt", b"p", digits=8)
        pin = cache.layout.pin(Digest(digest_of(b"p")[:8]))
        pin.write_bytes(b"{}")
        verdicts = list(verify_files(cache))
        assert states(verdicts) == {
            "ok.ckpt": "ok",
            "touched.ckpt": "touched",
            "changed.ckpt": "changed",
            "missing.ckpt": "missing",
            "stray.ckpt": "stray",
            "broken.ckpt": "stray",
            "pinned.ckpt": "ok",
            place_of(cache, broken).name: "damaged",
            pin.name: "damaged",
        }
        found = {verdict.path.name: verdict for verdict in verdicts}
        assert found["changed.ckpt"].actual == digest_of(b"wrong")
        assert found["changed.ckpt"].detail == (
            f"its SHA-256 is {digest_of(b'wrong')}, and should be {changed.sha256}"
        )
        assert [name for name, verdict in found.items() if not verdict.good] == [
            "changed.ckpt",
            "missing.ckpt",
            place_of(cache, broken).name,
            pin.name,
        ]

    @pytest.mark.skipif(os.name == "nt", reason="needs named pipes")
    def test_what_is_no_file_is_neither_opened_nor_waited_for(self, cache: Cache, put: Put) -> None:
        link, pipe, folder = put("link.ckpt", A), put("pipe.ckpt", B), put("folder.ckpt", b"f")
        for file in (link, pipe, folder):
            file.path.unlink()
        secret = cache.folder.parent / "secret"
        secret.write_bytes(A)
        link.path.symlink_to(secret)
        os.mkfifo(pipe.path)
        folder.path.mkdir()
        (folder.path / "mine").write_text("keep me")
        details = {verdict.path.name: verdict.detail for verdict in verify_files(cache)}
        assert details == {
            "link.ckpt": "it is a symbolic link where a file should be",
            "pipe.ckpt": "it is a pipe where a file should be",
            "folder.ckpt": "it is a folder where a file should be",
        }
        repaired = repair(cache)
        assert repaired["link.ckpt"].remedy == (
            "a symbolic link was removed; it will be fetched again when it is next needed"
        )
        assert not os.path.lexists(link.path)
        assert not os.path.lexists(pipe.path)
        assert secret.read_bytes() == A
        assert repaired["folder.ckpt"].remedy == (
            "it was left alone: mshub did not make it; remove it"
        )
        assert (folder.path / "mine").read_text() == "keep me"

    @pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs permissions that bind")
    def test_a_file_without_permissions_is_unreadable(self, cache: Cache, put: Put) -> None:
        file = put("a.ckpt", A)
        file.path.chmod(0)
        (verdict,) = verify_files(cache)
        assert (verdict.state, verdict.good) == ("unreadable", False)
        assert verdict.detail == "it cannot be read: Permission denied"

    def test_selectors_choose_what_is_hashed(self, cache: Cache, put: Put) -> None:
        put("a.ckpt", A)
        b = put("b.ckpt", B)
        assert states(verify_files(cache, ["a*"])) == {"a.ckpt": "ok"}
        assert states(verify_files(cache, [b.sha256[:6].upper()])) == {"b.ckpt": "ok"}
        assert states(verify_files(cache, [b.link])) == {"b.ckpt": "ok"}
        with pytest.raises(hub.HubError, match=r"nothing in the cache matches 'c\.ckpt'; the near"):
            list(verify_files(cache, ["c.ckpt"]))


class TestRepair:
    def test_a_touched_file_gets_its_stamp_and_keeps_its_last_use(
        self, cache: Cache, put: Put
    ) -> None:
        file = put("a.ckpt", A, used=5 * DAY)
        used = place_of(cache, file).stat().st_mtime_ns
        os.utime(file.path, (1, 1))
        assert cache.find(file.link, digest_in(file), "a.ckpt") is None
        assert repair(cache)["a.ckpt"].remedy == "its stamp was noted anew"
        assert place_of(cache, file).stat().st_mtime_ns == used
        assert cache.find(file.link, digest_in(file), "a.ckpt")

    def test_changed_content_goes_to_quarantine_and_its_record_goes(
        self, cache: Cache, put: Put
    ) -> None:
        file = put("a.ckpt", A)
        overwrite(file.path, b"wrong")
        verdict = repair(cache)["a.ckpt"]
        (bad,) = list_quarantined(cache)
        assert (bad.path.read_bytes(), bad.link) == (b"wrong", file.link)
        assert bad.sha256 == digest_of(b"wrong")
        assert verdict.remedy == (
            f"it was moved to {bad.path}; it will be fetched again when it is next needed"
        )
        assert not verdict.good
        assert list(cache.files()) == []
        assert list(verify_files(cache)) == []

    def test_another_name_of_the_same_content_restores_it(self, cache: Cache, put: Put) -> None:
        file, copy = put("a.ckpt", A), put("copy.ckpt", A)
        overwrite(file.path, b"wrong")
        verdict = repair(cache)["a.ckpt"]
        assert verdict.mended
        assert verdict.remedy.endswith("; it was restored from another copy of the same content")
        assert (file.path.read_bytes(), copy.path.read_bytes()) == (A, A)
        assert states(verify_files(cache)) == {"a.ckpt": "ok", "copy.ckpt": "ok"}

    def test_a_shared_cache_restores_what_is_missing(
        self, cache: Cache, put: Put, tmp_path: Path
    ) -> None:
        shared = Cache(tmp_path / "shared", shared=[])
        there = put("a.ckpt", A, into=shared)
        here = put("a.ckpt", A)
        here.path.unlink()
        both = Cache(cache.folder, shared=[shared.folder])
        verdict = repair(both)["a.ckpt"]
        assert verdict.mended
        assert verdict.remedy == f"{there.path} takes its place"
        found = both.find(here.link, digest_in(here), "a.ckpt")
        assert found
        assert found.path.read_bytes() == A

    def test_a_changed_file_in_a_shared_cache_is_not_used_and_not_touched(
        self, cache: Cache, put: Put, tmp_path: Path
    ) -> None:
        shared = Cache(tmp_path / "shared", shared=[])
        there = put("a.ckpt", A, into=shared)
        both = Cache(cache.folder, shared=[shared.folder])
        here = put("a.ckpt", A)
        here.path.unlink()
        repair(both)
        overwrite(there.path, b"wrong")
        verdict = repair(both)["a.ckpt"]
        assert (verdict.state, verdict.mended) == ("changed", False)
        assert verdict.remedy == "it will be fetched again when it is next needed"
        assert there.path.read_bytes() == b"wrong"
        assert both.find(here.link, digest_in(here), "a.ckpt") is None

    def test_a_damaged_record_goes_and_a_damaged_pin_stays(self, cache: Cache, put: Put) -> None:
        file = put("a.ckpt", A, digits=8)
        record, pin = place_of(cache, file), cache.layout.pin(digest_in(file))
        record.write_bytes(b"\xff")
        pin.write_bytes(b"[]")
        repaired = repair(cache)
        assert (repaired[record.name].remedy, record.exists()) == ("the record was removed", False)
        assert pin.exists()
        assert repaired[pin.name].remedy == (
            f"delete it to trust the next file that begins with {file.digest}"
        )
        assert not repaired[pin.name].good

    def test_a_record_of_a_newer_version_is_left_alone(self, cache: Cache, put: Put) -> None:
        record = place_of(cache, put("a.ckpt", A))
        record.write_text(json.dumps({"schema_version": 2}))
        verdict = repair(cache)[record.name]
        assert (verdict.remedy, record.exists()) == (
            "it was left alone: a newer mshub wrote it",
            True,
        )

    def test_a_file_in_use_is_left_to_who_uses_it(self, cache: Cache, put: Put) -> None:
        file = put("a.ckpt", A)
        overwrite(file.path, b"wrong")
        with held_elsewhere(cache, file):
            verdict = repair(cache)["a.ckpt"]
        assert verdict.remedy == "skipped: another process holds its lock"
        assert file.path.read_bytes() == b"wrong"


class TestRemoval:
    @pytest.mark.parametrize("selector", ["a.ckpt", "a*", "link", "sha256", "sha256[:6]"])
    def test_a_file_is_named_by_name_pattern_link_or_digits(
        self, cache: Cache, put: Put, selector: str
    ) -> None:
        a, b = put("a.ckpt", A), put("b.ckpt", B)
        named = {"link": a.link, "sha256": a.sha256, "sha256[:6]": a.sha256[:6]}
        removal = remove_files(cache, [named.get(selector, selector)])
        assert gone(removal) == ["a.ckpt"]
        assert removal.freed >= len(A)
        assert [file.path for file in cache.files()] == [b.path]
        assert not a.path.exists()

    def test_a_dry_run_says_the_same_and_touches_nothing(self, cache: Cache, put: Put) -> None:
        put("a.ckpt", A)
        before = all_files(cache.folder)
        planned = remove_files(cache, ["*"], dry_run=True)
        assert (planned.dry_run, all_files(cache.folder)) == (True, before)
        assert remove_files(cache, ["*"]).removed == planned.removed

    def test_a_file_stays_for_the_other_links_that_lead_to_it(self, cache: Cache, put: Put) -> None:
        put("a.ckpt", A)
        other = put("a.ckpt", A, link="https://mirror.example.org/a.ckpt?key=secret")
        removal = remove_files(cache, ["https://example.org/a.ckpt"])
        assert gone(removal) == []
        (skipped,) = removal.skipped
        assert skipped.reason == (
            "it stays, since it is also the file of https://mirror.example.org/a.ckpt"
        )
        assert [file.link for file in cache.files()] == [other.link]
        assert other.path.read_bytes() == A
        assert gone(remove_files(cache, ["a.ckpt"])) == ["a.ckpt"]

    def test_pins_stay_unless_they_are_to_go(self, cache: Cache, put: Put) -> None:
        file = put("a.ckpt", A, digits=8)
        remove_files(cache, ["a.ckpt"])
        assert cache.pins() == {file.digest: file.sha256}
        put("a.ckpt", A, digits=8)
        put("a.ckpt", A, digits=8, link="https://other.example.org/a.ckpt")
        remove_files(cache, [file.link], pins=True)
        assert cache.pins() == {file.digest: file.sha256}, "the other link needs it"
        assert gone(remove_files(cache, ["*"], pins=True), "pin") == [f"{file.digest}.json"]
        assert cache.pins() == {}

    def test_a_file_in_use_is_skipped_at_once(self, cache: Cache, put: Put) -> None:
        a, b = put("a.ckpt", A), put("b.ckpt", B)
        with held_elsewhere(cache, a):
            start = time.monotonic()
            removal = remove_files(cache, ["*"])
            assert time.monotonic() - start < 5
        assert gone(removal) == ["b.ckpt"]
        (skipped,) = removal.skipped
        assert (skipped.path, skipped.reason) == (a.path, "in use: another process holds its lock")
        assert [file.path for file in cache.files()] == [a.path]
        assert not b.path.exists()

    def test_a_planted_link_among_the_folders_leads_nowhere(
        self, cache: Cache, put: Put, tmp_path: Path
    ) -> None:
        file = put("a.ckpt", A)
        outside = tmp_path / "outside"
        shelf = file.path.parent.parent
        shelf.rename(outside)
        shelf.symlink_to(outside)
        removal = remove_files(cache, ["*"])
        (skipped,) = removal.skipped
        assert skipped.reason == "a symbolic link on the way leads out of the cache folder"
        assert (outside / file.sha256 / "a.ckpt").read_bytes() == A

    def test_a_planted_link_in_the_place_of_a_file_goes_and_its_target_stays(
        self, cache: Cache, put: Put, tmp_path: Path
    ) -> None:
        file = put("a.ckpt", A)
        secret = tmp_path / "secret"
        secret.write_bytes(B)
        file.path.unlink()
        file.path.symlink_to(secret)
        removal = remove_files(cache, ["*"])
        assert gone(removal) == ["a.ckpt"]
        assert removal.freed < len(B), "nothing of the target was freed"
        assert (secret.read_bytes(), os.path.lexists(file.path)) == (B, False)

    def test_a_folder_in_the_place_of_a_file_stays(self, cache: Cache, put: Put) -> None:
        file = put("a.ckpt", A)
        file.path.unlink()
        file.path.mkdir()
        (skipped,) = remove_files(cache, ["*"]).skipped
        assert skipped.reason == "it is a folder, which mshub did not make"
        assert file.path.is_dir()

    def test_a_file_in_a_shared_cache_stays_and_only_the_record_here_goes(
        self, cache: Cache, put: Put, tmp_path: Path
    ) -> None:
        shared = Cache(tmp_path / "shared", shared=[])
        there = put("a.ckpt", A, into=shared)
        both = Cache(cache.folder, shared=[shared.folder])
        here = put("a.ckpt", A)
        here.path.unlink()
        repair(both)  # so that the record here leads there
        removal = remove_files(both, ["a.ckpt"])
        assert gone(removal, "record")
        assert gone(removal) == []
        assert removal.skipped[0].reason == (
            "it lies in a shared cache, which is only read; its record here goes"
        )
        assert there.path.read_bytes() == A

    def test_a_cache_of_a_newer_layout_is_refused_untouched(self, cache: Cache, put: Put) -> None:
        put("a.ckpt", A)
        cache.layout.version.write_text("2\n")
        before = all_files(cache.folder)
        newer = Cache(cache.folder, shared=[])
        for action in (
            lambda: list(verify_files(newer)),
            lambda: remove_files(newer, ["*"]),
            lambda: prune_files(newer, max_size=0),
            lambda: collect_garbage(newer),
        ):
            with pytest.raises(hub.CacheError, match="was written by a newer mshub"):
                action()
        assert all_files(cache.folder) == before

    def test_nothing_named_is_an_error_not_everything(self, cache: Cache) -> None:
        with pytest.raises(hub.ArgumentError, match="name what is to be removed"):
            remove_files(cache, [])


class TestPruning:
    def test_the_files_unused_for_longest_go_until_the_rest_fits(
        self, cache: Cache, put: Put
    ) -> None:
        for number in range(5):
            put(f"{number}.ckpt", bytes([number]) * 1000, used=(number + 1) * DAY)
        assert gone(prune_files(cache, max_size=2500)) == ["4.ckpt", "3.ckpt", "2.ckpt"]
        assert gone(prune_files(cache, max_size=2500)) == []
        assert [file.path.name for file in cache.files()] == ["0.ckpt", "1.ckpt"]

    def test_files_older_than_an_age_go(self, cache: Cache, put: Put) -> None:
        put("old.ckpt", A, used=31 * DAY)
        put("new.ckpt", B, used=29 * DAY)
        assert gone(prune_files(cache, older_than=30 * DAY, dry_run=True)) == ["old.ckpt"]
        assert gone(prune_files(cache, older_than=30 * DAY)) == ["old.ckpt"]
        assert [file.path.name for file in cache.files()] == ["new.ckpt"]

    def test_both_limits_hold(self, cache: Cache, put: Put) -> None:
        put("old.ckpt", A, used=9 * DAY)
        put("mid.ckpt", B, used=2 * DAY)
        put("new.ckpt", b"n" * 3000, used=1 * DAY)
        removal = prune_files(cache, max_size=3000, older_than=5 * DAY, dry_run=True)
        assert gone(removal) == ["old.ckpt", "mid.ckpt"]
        assert gone(prune_files(cache, max_size=3000, older_than=5 * DAY)) == gone(removal)

    def test_a_file_with_several_links_counts_once_and_as_its_last_use(
        self, cache: Cache, put: Put
    ) -> None:
        put("a.ckpt", A, used=9 * DAY)
        put("a.ckpt", A, link="https://mirror.example.org/a.ckpt", used=1 * DAY)
        put("b.ckpt", B, used=5 * DAY)
        assert gone(prune_files(cache, max_size=3000)) == [], "3,000 bytes, not 4,000"
        assert gone(prune_files(cache, max_size=2000)) == ["b.ckpt"]
        removal = prune_files(cache, max_size=0)
        assert (gone(removal), len(gone(removal, "record"))) == (["a.ckpt"], 2)

    def test_finding_a_file_is_a_use_and_reading_it_is_none(self, cache: Cache, put: Put) -> None:
        a, b = put("a.ckpt", A, used=9 * DAY), put("b.ckpt", B, used=5 * DAY)
        assert cache.find(a.link, digest_in(a), "a.ckpt")
        b.path.read_bytes()
        os.utime(b.path, (time.time(), b.path.stat().st_mtime))  # the access time
        assert gone(prune_files(cache, max_size=1000)) == ["b.ckpt"]

    def test_a_file_in_use_is_passed_over_for_the_next(self, cache: Cache, put: Put) -> None:
        old = put("old.ckpt", A, used=9 * DAY)
        put("mid.ckpt", b"m" * 1000, used=5 * DAY)
        put("new.ckpt", b"n" * 1000, used=1 * DAY)
        with held_elsewhere(cache, old):
            removal = prune_files(cache, max_size=2000)
        assert gone(removal) == ["mid.ckpt"]
        assert [skipped.path for skipped in removal.skipped] == [old.path]

    def test_a_limit_is_needed_and_is_not_negative(self, cache: Cache) -> None:
        with pytest.raises(hub.ArgumentError, match="prune needs a limit"):
            prune_files(cache)
        with pytest.raises(hub.ArgumentError, match="cannot be negative"):
            prune_files(cache, max_size=-1)


class TestGarbage:
    def make_partial(self, cache: Cache, link: str) -> Path:
        """Leave a partial download behind, as a killed process does."""
        digest = Digest("ab" * 32)
        code = (
            "import os, sys; from hub.assets.cache.cache import Cache\n"
            "from hub.assets.partials import Source; from hub.digests import Digest\n"
            "with Cache(sys.argv[1]).receive(sys.argv[2], Digest(sys.argv[3])) as partial:\n"
            "    partial.begin(Source('https://example.org/big.ckpt', '\"e\"', 5000))\n"
            "    partial.append(b'x' * 1234); os._exit(9)"
        )
        command = [sys.executable, "-c", code, str(cache.folder), link, digest.hex]
        assert subprocess.run(command, check=False).returncode == 9
        key = make_key(link, digest)
        (path,) = cache.layout.partials.glob(f"{key}.*.part")
        return path

    def test_partial_downloads_are_listed_with_what_is_here_of_how_much(self, cache: Cache) -> None:
        path = self.make_partial(cache, "https://example.org/big.ckpt")
        (partial,) = list_partials(cache)
        assert (partial.path, partial.size, partial.total) == (path, 1234, 5000)
        assert partial.link == "https://example.org/big.ckpt"
        assert partial.digest == "ab" * 32

    def test_partial_downloads_go_after_a_day(self, cache: Cache) -> None:
        old = self.make_partial(cache, "https://example.org/old.ckpt")
        new = self.make_partial(cache, "https://example.org/new.ckpt")
        for path in (old, old.with_suffix(".json"), new.with_suffix(".json")):
            age(path, 25 * HOUR)
        age(new, 23 * HOUR)
        removal = collect_garbage(cache, dry_run=True)
        assert gone(removal, "partial", "note") == [old.name, old.with_suffix(".json").name]
        assert collect_garbage(cache).freed == removal.freed > 1234
        assert (old.exists(), new.exists()) == (False, True)

    def test_what_nobody_can_go_on_with_is_no_partial_download(self, cache: Cache) -> None:
        path = self.make_partial(cache, "https://example.org/big.ckpt")
        weak = path.with_suffix(".json").read_text().replace('"\\"e\\""', '"W/\\"e\\""')
        path.with_suffix(".json").write_text(weak)
        assert list_partials(cache) == []

    def test_what_a_dead_process_left_goes_at_once_and_what_a_living_one_writes_stays(
        self, cache: Cache
    ) -> None:
        useful = self.make_partial(cache, "https://example.org/useful.ckpt")
        useless = self.make_partial(cache, "https://example.org/useless.ckpt")
        useless.with_suffix(".json").unlink()
        orphan = self.make_partial(cache, "https://example.org/orphan.ckpt").with_suffix(".json")
        orphan.with_suffix(".part").unlink()
        temporary = useless.with_suffix(".tmp")
        temporary.write_bytes(b"half")
        mine = cache.layout.partials / mark_name("ab" * 32, "tmp")
        mine.write_bytes(b"half")
        age(mine, HOUR / 2)
        stopped = cache.layout.partials / mark_name("cd" * 32, "tmp")
        stopped.write_bytes(b"half")
        age(stopped, HOUR * 2)
        collect_garbage(cache)
        left = {path.name for path in cache.layout.partials.iterdir()}
        assert left == {useful.name, useful.with_suffix(".json").name, mine.name}

    def test_a_record_that_is_written_anew_at_this_moment_stays(
        self, cache: Cache, put: Put
    ) -> None:
        first, second = put("a.ckpt", A), put("b.ckpt", B)
        place = place_of(cache, second)
        old = place.read_bytes()
        newer = put("c.ckpt", B, link=second.link)  # the same key, but another file name
        new = place.read_bytes()
        place.write_bytes(old)
        first.path.unlink()
        second.path.unlink()
        code = """
import sys
from pathlib import Path
from hub.assets.cache.cache import Cache
from hub.assets.cache.garbage import collect_garbage
folder, first, place, new = sys.argv[1:]

def fetch_meanwhile(event, arguments):
    # Another process fetches the second file, when all records were read and the first one goes.
    if event == "os.remove" and str(arguments[0]) == first:
        Path(place).write_text(new)

sys.addaudithook(fetch_meanwhile)
print(*[r.path for r in collect_garbage(Cache(folder)).removed if r.kind == "record"])
"""
        command = [sys.executable, "-c", code, str(cache.folder)]
        command += [str(place_of(cache, first)), str(place), new.decode()]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.split() == [str(place_of(cache, first))]
        assert cache.find(newer.link, digest_in(newer), "c.ckpt")

    def test_a_file_in_the_place_of_the_cache_folder_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("mine")
        cache = Cache(tmp_path / "file", shared=[])
        for action in (lambda: list(cache.files()), lambda: collect_garbage(cache)):
            with pytest.raises(hub.CacheError, match="Not a directory"):
                action()

    def test_what_is_left_behind_goes_and_what_is_not_ours_stays(
        self, cache: Cache, put: Put
    ) -> None:
        good = put("good.ckpt", A)
        wrong = put("wrong.ckpt", b"w")
        overwrite(wrong.path, b"wrong")
        repair(cache)
        put("dangling.ckpt", b"d").path.unlink()
        stray = put("stray.ckpt", B)
        place_of(cache, stray).unlink()
        temporary = cache.layout.partials / f"layout.{'0' * 32}.tmp"
        cache.write_card("https://example.org/old.md", b"old")
        cache.write_card("https://example.org/new.md", b"new")
        temporary.write_bytes(b"half")
        age(temporary, 2 * DAY)
        old_card = cache.layout.card("https://example.org/old.md")
        age(old_card, 31 * DAY)
        answer = cache.layout.answer("https://example.org/a.ckpt")
        answer.parent.mkdir()
        answer.write_text("{}")
        age(answer, 31 * DAY)
        ours = ["blobs/notes.txt", "links/notes.json", "partial/notes", "locks/notes.lock"]
        theirs = [*ours, "quarantine/notes.txt", "cards/notes.md", "answers/notes.json", "mine"]
        for name in theirs:
            (cache.folder / name).write_text("mine")
            age(cache.folder / name, 99 * DAY)
        removal = collect_garbage(cache)
        assert {kind: number for kind, (number, _) in removal.count().items()} == {
            "temporary": 1,
            "quarantined": 1,
            "note": 1,
            "record": 1,
            "lock": 2,
            "card": 1,
            "answer": 1,
        }
        assert [skipped.path for skipped in removal.skipped] == [stray.path]
        assert "came within the last hour" in removal.skipped[0].reason
        assert all((cache.folder / name).read_text() == "mine" for name in theirs)
        assert cache.read_card("https://example.org/new.md")
        assert cache.find(good.link, digest_in(good), "good.ckpt")

    def test_a_partial_download_goes_when_it_is_named(self, cache: Cache) -> None:
        path = self.make_partial(cache, "https://example.org/big.ckpt")
        removal = remove_files(cache, ["big.ckpt"])
        assert gone(removal, "partial", "note") == [path.name, path.with_suffix(".json").name]
        assert list_partials(cache) == []

    def test_a_stray_goes_when_it_surely_waits_for_no_record(self, cache: Cache, put: Put) -> None:
        stray = put("stray.ckpt", B)
        place_of(cache, stray).unlink()
        code = (
            "import sys, time; from hub.assets.cache.cache import Cache\n"
            "from hub.assets.cache.garbage import collect_garbage\n"
            "real = time.time; time.time = lambda: real() + 3700\n"
            "print(*[r.kind for r in collect_garbage(Cache(sys.argv[1])).removed])"
        )
        command = [sys.executable, "-c", code, str(cache.folder)]
        other = put("other.ckpt", A)
        with held_elsewhere(cache, other):
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            assert "stray" not in done.stdout, "it may be what the other process publishes"
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["stray", "lock"]
        assert not stray.path.exists()
        assert not stray.path.parent.exists()

    def test_locks_go_unless_somebody_holds_them(self, cache: Cache, put: Put) -> None:
        a, b = put("a.ckpt", A), put("b.ckpt", B)
        for file in (a, b):
            with cache.lock(file.link, digest_in(file)):
                pass
        with held_elsewhere(cache, a):
            collect_garbage(cache)
            key = make_key(a.link, digest_in(a))
            assert {path.stem for path in cache.layout.locks.iterdir()} == {key}
        collect_garbage(cache)
        assert list(cache.layout.locks.iterdir()) == []

    def test_linked_folders_are_passed_over(self, cache: Cache, put: Put, tmp_path: Path) -> None:
        put("a.ckpt", A)
        outside = tmp_path / "outside"
        outside.mkdir()
        name = f"{'ab' * 32}.{'0' * 32}"
        for suffix in (".bad", ".part", ".lock"):
            (outside / f"{name}{suffix}").write_text("mine")
            age(outside / f"{name}{suffix}", 99 * DAY)
        cache.layout.quarantine.symlink_to(outside)
        for folder in (cache.layout.partials, cache.layout.locks):
            if folder.exists():
                for path in folder.iterdir():
                    path.unlink()
                folder.rmdir()
            folder.symlink_to(outside)
        collect_garbage(cache)
        assert len(list(outside.iterdir())) == 3


def test_upkeep_in_several_processes_and_fetches_at_once_end_in_right_files(
    cache: Cache, put: Put, tmp_path: Path
) -> None:
    names = [f"{number}.ckpt" for number in range(4)]
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(bytes([number]) * 50_000)
        put(name, bytes([number]) * 50_000)
    writer = """
import sys, time, hashlib
from pathlib import Path
from hub.assets.cache.cache import Cache
from hub.digests import Digest
folder, *sources = sys.argv[1:]
end = time.monotonic() + 2.5
while time.monotonic() < end:
    for source in map(Path, sources):
        content = source.read_bytes()
        digest, cache = Digest(hashlib.sha256(content).hexdigest()), Cache(folder)
        link = f"https://example.org/{source.name}"
        if not cache.find(link, digest, source.name):
            with cache.lock(link, digest):
                if not cache.recover(link, digest, source.name):
                    cache.add(source, link=link, digest=digest, filename=source.name)
        if found := cache.find(link, digest, source.name):
            try:
                assert found.path.read_bytes() == content, "a wrong file"
            except FileNotFoundError:
                pass
"""
    keeper = """
import sys, time
from hub.assets.cache.cache import Cache
from hub.assets.cache.garbage import collect_garbage
from hub.assets.cache.repair import repair_file
from hub.assets.cache.upkeep import prune_files, remove_files
from hub.assets.cache.verification import verify_files
from hub.errors import AssetNotFoundError
end = time.monotonic() + 2.5
while time.monotonic() < end:
    cache = Cache(sys.argv[1])
    try:
        remove_files(cache, ["[02].ckpt"])
    except AssetNotFoundError:
        pass
    prune_files(cache, max_size=100_000)
    for verdict in verify_files(cache):
        assert verdict.state in {"ok", "touched", "stray", "missing"}, verdict
        repair_file(cache, verdict)
    collect_garbage(cache)
"""
    sources = [str(tmp_path / name) for name in names]
    commands = [[writer, str(cache.folder), *sources]] * 2 + [[keeper, str(cache.folder)]] * 2
    processes = [
        subprocess.Popen([sys.executable, "-c", *command], stderr=subprocess.PIPE, text=True)
        for command in commands
    ]
    errors = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0, 0], "\n".join(errors)
    assert {v.state for v in verify_files(cache)} <= {"ok", "touched", "stray", "missing"}
