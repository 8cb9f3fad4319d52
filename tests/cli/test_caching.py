"""``hub cache``: what it prints for people and for programs, and its exit codes."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from hub.assets.cache.cache import Cache, CachedFile
from hub.assets.cache.layout import make_key
from hub.cli import main
from hub.cli.quantities import parse_age, parse_size
from hub.digests import Digest
from tests.conftest import all_files, digest_of

Put = Callable[..., CachedFile]
Run = Callable[..., Result]
WriteCard = Callable[..., Path]

A, B = b"a" * 1000, b"b" * 2000
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")


@pytest.fixture
def cache(cache_folder: Path) -> Cache:
    return Cache(cache_folder, shared=[])


@pytest.fixture
def put(cache: Cache, tmp_path: Path) -> Put:
    def put(
        name: str, content: bytes, *, link: str | None = None, digits: int = 64, used: float = 0
    ) -> CachedFile:
        source = tmp_path / "source"
        source.write_bytes(content)
        link, digest = link or f"https://example.org/{name}", Digest(digest_of(content)[:digits])
        file = cache.add(source, link=link, digest=digest, filename=name)
        then = time.time() - used
        os.utime(cache.layout.link(make_key(link, digest)), (then, then))
        return file

    return put


@pytest.fixture
def run() -> Run:
    """Run ``hub cache`` where nobody can be asked."""

    def run(*arguments: object) -> Result:
        result = CliRunner().invoke(main, ["cache", *map(str, arguments)])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return run


def overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def run_on_terminal(*arguments: str, typed: str) -> tuple[str, int]:
    """Run ``hub cache`` on a pseudo-terminal; return what it shows, and its exit code."""
    pty = pytest.importorskip("pty", reason="needs pseudo-terminals")
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "hub", "cache", *arguments]
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        os.write(master, typed.encode())
        shown = b""
        try:
            while piece := os.read(master, 1000):
                shown += piece
        except OSError:  # Linux says so when the last writer is gone
            pass
    os.close(master)
    return shown.decode().replace("\r\n", "\n"), process.returncode


class TestListing:
    def test_dir_prints_the_folder_whether_it_is_there_or_not(self, run: Run, cache: Cache) -> None:
        assert run("dir").output == f"{cache.folder}\n"
        assert json.loads(run("dir", "--json").output)["folder"] == str(cache.folder)
        assert not cache.folder.exists()

    def test_an_empty_cache_has_no_files(self, run: Run) -> None:
        assert (run("ls").output, run("ls").exit_code) == ("no files\n", 0)
        document = json.loads(run("ls", "--json").output)
        assert (document["files"], document["size"]) == ([], 0)
        assert (document["partials"], document["quarantined"]) == ([], [])

    def test_files_are_shown_with_size_digest_strength_times_and_a_total(
        self, run: Run, put: Put
    ) -> None:
        put("a.ckpt", A)
        b = put("b.ckpt", B, digits=8)
        header, first, second, total = run("ls").output.splitlines()
        assert header.split("  ")[0] == "SIZE"
        assert first.split()[:3] == ["1.0", "kB", digest_of(A)[:12]]
        assert " full " in first
        assert " weak " in second
        assert second.endswith(f"  {b.path}")
        assert len(ISO.findall(second)) == 2
        assert total == "2 files, 3.0 kB"

    def test_json_has_sizes_as_numbers_and_times_as_iso_in_utc(self, run: Run, put: Put) -> None:
        file = put("a.ckpt", A, digits=8, used=3600)
        document = json.loads(run("ls", "--json").output)
        (entry,) = document["files"]
        assert (document["schema_version"], document["size"], entry["size"]) == (1, 1000, 1000)
        assert (entry["path"], entry["sha256"]) == (str(file.path), digest_of(A))
        assert entry["strength"] == "weak: a prefix of 32 bits"
        assert all(ISO.fullmatch(entry[name]) for name in ("last_used", "fetched_at"))
        assert entry["last_used"] < entry["fetched_at"]

    def test_a_file_with_two_links_is_listed_twice_and_counted_once(
        self, run: Run, put: Put
    ) -> None:
        put("a.ckpt", A)
        put("a.ckpt", A, link="https://mirror.example.org/a.ckpt")
        *_, total = run("ls").output.splitlines()
        assert total == "1 file, 1.0 kB"
        document = json.loads(run("ls", "--json").output)
        assert (len(document["files"]), document["size"]) == (2, 1000)

    @pytest.mark.parametrize(
        ("order", "names"),
        [("name", "abc"), ("size", "cba"), ("used", "bca"), ("fetched", "cab")],
    )
    def test_files_are_sorted_as_asked(
        self, run: Run, put: Put, cache: Cache, order: str, names: str
    ) -> None:
        for name, size, used, year in (("a", 1, 9000, 2022), ("b", 2, 0, 2021), ("c", 3, 4000, 0)):
            file = put(name, name.encode() * size)
            record = cache.layout.link(make_key(file.link, Digest(file.sha256)))
            if year:
                record.write_text(record.read_text().replace(file.fetched_at, f"{year}-01-01"))
            os.utime(record, (then := time.time() - used, then))
        files = json.loads(run("ls", "--sort", order, "--json").output)["files"]
        assert "".join(file["path"][-1] for file in files) == names

    def test_a_pattern_chooses(self, run: Run, put: Put) -> None:
        put("a.ckpt", A)
        put("b.ckpt", B)
        for pattern in ("b*", "b.ckpt", digest_of(B)[:6], "https://example.org/b.ckpt"):
            files = json.loads(run("ls", pattern, "--json").output)["files"]
            assert [Path(file["path"]).name for file in files] == ["b.ckpt"], pattern
        assert run("ls", "nothing").output == "no files\n"

    def test_partials_and_quarantined_files_are_listed_apart(
        self, run: Run, put: Put, cache: Cache
    ) -> None:
        bad = put("bad.ckpt", A)
        overwrite(bad.path, b"wrong")
        run("verify", "--repair")
        key = make_key("https://example.org/big.ckpt", Digest("ab" * 32))
        partial = cache.layout.partials / f"{key}.{'0' * 32}.part"
        partial.write_bytes(b"x" * 1234)
        note = {"link": "https://example.org/big.ckpt", "digest": "ab" * 32, "length": 5000}
        note |= {"url": "https://example.org/big.ckpt", "etag": '"e"'}
        partial.with_suffix(".json").write_text(json.dumps(note))
        shown = run("ls").output
        assert "Partial downloads, which go on where they broke off:\n" in shown
        assert re.search(r"1\.2 kB +5\.0 kB +.* +https://example\.org/big\.ckpt\n", shown)
        assert "In quarantine, since they were not what their digest says:\n" in shown
        document = json.loads(run("ls", "--json").output)
        assert (document["files"], document["size"]) == ([], 0)
        (arriving,), (quarantined,) = document["partials"], document["quarantined"]
        assert (arriving["size"], arriving["total"]) == (1234, 5000)
        assert (quarantined["size"], quarantined["link"]) == (5, bad.link)
        assert ISO.fullmatch(quarantined["quarantined_at"])


class TestVerifying:
    def test_all_right_is_exit_code_0(self, run: Run, put: Put) -> None:
        file = put("a.ckpt", A)
        done = run("verify")
        assert (done.exit_code, done.stderr) == (0, "1 ok\n")
        assert done.stdout.split() == ["ok", "1.0", "kB", digest_of(A)[:12], str(file.path)]

    def test_an_empty_cache_is_all_right(self, run: Run, cache: Cache) -> None:
        done = run("verify")
        assert (done.exit_code, done.stdout, done.stderr) == (0, "", "no files\n")
        assert not cache.folder.exists()

    def test_wrong_content_is_exit_code_5_and_repair_says_what_follows(
        self, run: Run, put: Put
    ) -> None:
        overwrite(put("a.ckpt", A).path, b"wrong")
        put("b.ckpt", B).path.unlink()
        done = run("verify")
        assert done.exit_code == 5
        assert f"its SHA-256 is {digest_of(b'wrong')}, and should be {digest_of(A)}" in done.stdout
        assert "the file of this record is not there" in done.stdout
        assert done.stderr == (
            "1 changed, 1 missing; `hub cache verify --repair` puts right what it can\n"
        )
        done = run("verify", "--repair")
        assert done.exit_code == 5, "two files are not here any more"
        assert done.stdout.count("it will be fetched again when it is next needed") == 2
        assert (run("verify").exit_code, run("verify").stderr) == (0, "no files\n")

    def test_repair_of_all_is_exit_code_0(self, run: Run, put: Put) -> None:
        overwrite(put("a.ckpt", A).path, b"wrong")
        put("copy.ckpt", A)
        os.utime(put("c.ckpt", b"c").path, (1, 1))
        done = run("verify", "--repair")
        assert (done.exit_code, done.stderr) == (0, "1 changed, 1 touched, 1 ok; 2 put right\n")

    def test_json_has_a_verdict_on_each_file(self, run: Run, put: Put) -> None:
        put("a.ckpt", A)
        b = put("b.ckpt", B)
        overwrite(b.path, b"wrong")
        done = run("verify", "--json")
        document = json.loads(done.stdout)
        good, bad = document["files"]
        assert (done.exit_code, document["ok"]) == (5, False)
        assert (good["state"], good["good"], good["size"]) == ("ok", True, 1000)
        assert (bad["state"], bad["good"], bad["links"]) == ("changed", False, [b.link])
        assert bad["actual"] == digest_of(b"wrong")

    def test_no_network_is_needed(
        self, run: Run, put: Put, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MSHUB_OFFLINE", "1")
        overwrite(put("a.ckpt", A).path, b"wrong")
        put("copy.ckpt", A)
        assert run("verify", "--repair").exit_code == 0

    def test_what_is_not_there_is_not_found(self, run: Run, put: Put) -> None:
        put("a.ckpt", A)
        done = run("verify", "b.ckpt")
        assert done.exit_code == 3
        assert "nothing in the cache matches 'b.ckpt'; the nearest: a.ckpt." in done.stderr


class TestRemoving:
    def test_where_nobody_can_be_asked_yes_is_needed(self, run: Run, put: Put) -> None:
        file = put("a.ckpt", A)
        done = run("rm", "a.ckpt")
        assert done.exit_code == 2
        assert "nobody can be asked here; say --yes, or --dry-run to look first" in done.stderr
        assert file.path.exists()
        done = run("rm", "a.ckpt", "-y")
        assert done.exit_code == 0
        assert re.fullmatch(
            rf"  1\.0 kB  {re.escape(str(file.path))}\n1\.\d kB freed\n", done.stdout
        )
        assert not file.path.exists()

    def test_a_dry_run_needs_no_yes_and_keeps_all(self, run: Run, put: Put, cache: Cache) -> None:
        put("a.ckpt", A)
        before = all_files(cache.folder)
        done = run("rm", "*", "--dry-run")
        assert (done.exit_code, all_files(cache.folder)) == (0, before)
        assert done.stdout.endswith(" kB would be freed\n")

    def test_on_a_terminal_people_are_asked(self, put: Put) -> None:
        file = put("a.ckpt", A)
        shown, code = run_on_terminal("rm", "a.ckpt", typed="n\n")
        assert "Remove 1 file, 1.4 kB? [y/N]" in shown
        assert str(file.path) in shown
        assert (code, file.path.exists()) == (1, True)
        shown, code = run_on_terminal("rm", "a.ckpt", typed="y\n")
        assert shown.endswith(" kB freed\n")
        assert (code, file.path.exists()) == (0, False)

    def test_a_card_stands_for_its_files(self, run: Run, put: Put, write_card: WriteCard) -> None:
        file = put("weights.ckpt", A, digits=8)
        put("other.ckpt", B)
        card = write_card(link=file.link, digest=digest_of(A)[:8])
        assert run("rm", str(card), "-y").exit_code == 0
        assert not file.path.exists()
        done = run("rm", str(card), "-y")
        assert done.exit_code == 3
        assert f"no file of {card} is in the cache" in done.stderr

    def test_pins_stay_and_that_is_said(self, run: Run, put: Put, cache: Cache) -> None:
        file = put("a.ckpt", A, digits=8)
        done = run("rm", "a.ckpt", "-y")
        assert f"note: the pins of {file.digest} stay" in done.stderr
        assert cache.pins() == {file.digest: file.sha256}
        put("a.ckpt", A, digits=8)
        done = run("rm", "a.ckpt", "-y", "--pins")
        assert (done.stderr, cache.pins()) == ("", {})

    def test_json_lists_what_went_and_what_stayed(self, run: Run, put: Put) -> None:
        put("a.ckpt", A)
        put("a.ckpt", A, link="https://mirror.example.org/a.ckpt")
        document = json.loads(run("rm", "https://example.org/*", "-y", "--json").stdout)
        (record,), (skipped,) = document["removed"], document["skipped"]
        assert (record["kind"], document["freed"]) == ("record", record["size"])
        assert "it is also the file of https://mirror.example.org/a.ckpt" in skipped["reason"]
        assert document["dry_run"] is False

    def test_a_misspelt_name_is_not_found_and_the_nearest_is_named(
        self, run: Run, put: Put
    ) -> None:
        put("efficientnet_b0.ckpt", A)
        done = run("rm", "eficientnet_b0.ckpt", "-y")
        assert done.exit_code == 3
        assert "; the nearest: efficientnet_b0.ckpt. Write a file name, a pattern" in done.stderr

    def test_a_newer_cache_is_refused(self, run: Run, put: Put, cache: Cache) -> None:
        file = put("a.ckpt", A)
        cache.layout.version.write_text("2\n")
        for command in (
            ["ls"],
            ["verify", "--repair"],
            ["rm", "*", "-y"],
            ["prune", "--max-size", "0"],
            ["gc"],
        ):
            done = run(*command)
            assert done.exit_code == 6, command
            assert "was written by a newer mshub" in done.stderr
        assert file.path.read_bytes() == A


class TestPruning:
    def test_a_limit_is_needed(self, run: Run) -> None:
        done = run("prune")
        assert done.exit_code == 2
        assert "name a limit: --max-size 5GB, --older-than 30d, or both" in done.stderr

    def test_the_least_recently_used_go(self, run: Run, put: Put) -> None:
        old, new = put("old.ckpt", A, used=40 * 24 * 3600), put("new.ckpt", B)
        dry = run("prune", "--older-than", "30d", "--dry-run")
        assert str(old.path) in dry.stdout
        assert old.path.exists()
        assert run("prune", "--max-size", "2 kB").exit_code == 0
        assert (old.path.exists(), new.path.exists()) == (False, True)
        document = json.loads(run("prune", "--max-size", "0", "--json").stdout)
        assert [r["path"] for r in document["removed"] if r["kind"] == "file"] == [str(new.path)]

    @pytest.mark.parametrize(
        ("option", "text", "message"),
        [
            ("--max-size", "many", "'many' is not a size; write for example 5GB, 500 MB, 1.5GiB"),
            ("--max-size", "-1", "'-1' is not a size"),
            ("--max-size", "5 GBB", "'5 GBB' is not a size"),
            ("--older-than", "30", "'30' is not an age; write for example 30d, 2w, 12h or 90m"),
            ("--older-than", "1 month", "'1 month' is not an age"),
        ],
    )
    def test_a_wrong_limit_is_a_wrong_use_with_examples(
        self, run: Run, option: str, text: str, message: str
    ) -> None:
        done = run("prune", f"{option}={text}")
        assert done.exit_code == 2
        assert message in done.stderr


def test_gc_says_how_much_of_what_was_freed(run: Run, put: Put, cache: Cache) -> None:
    overwrite(put("a.ckpt", A).path, b"wrong")
    run("verify", "--repair")
    kept = put("b.ckpt", B)
    dry = run("gc", "--dry-run").stdout
    assert "quarantined files" in dry
    assert dry.endswith(" B would be freed\n")
    done = run("gc")
    assert done.exit_code == 0
    assert re.search(r"^quarantined files +1  5 B$", done.stdout, re.MULTILINE)
    assert done.stdout.endswith(" B freed\n")
    assert kept.path.exists()
    document = json.loads(run("gc", "--json").stdout)
    assert (document["removed"], document["freed"]) == ([], 0)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("123", 123),
        ("0", 0),
        ("5GB", 5 * 10**9),
        ("500 MB", 500 * 10**6),
        ("1.5GiB", 3 * 2**29),
        ("2k", 2000),
        ("2kib", 2048),
        (" 7 B ", 7),
        ("1tb", 10**12),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "GB", "1e9", "0x10", "1,5GB", "٣GB", "-1", "1" * 16, "1 i"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a size"):
        parse_size(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30d", 2_592_000), ("12h", 43_200), ("2w", 1_209_600), ("90m", 5400), ("1.5 h", 5400)],
)
def test_ages_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_age(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1y", "3M", "1e3d"])
def test_what_is_no_age_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not an age"):
        parse_age(text)
