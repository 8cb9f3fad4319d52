"""Several assets at once, over a real loopback server."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from hub.assets.batch import Job, Outcome, Watcher, fetch_jobs, refuse_unlocked
from hub.assets.cache.cache import Cache
from hub.assets.lockfile import LockedAsset, LockFile
from hub.assets.patience import Patience
from hub.assets.progress import Progress
from hub.cards.asset import Asset
from hub.digests import Digest
from hub.errors import ArgumentError, DownloadError, IntegrityError
from tests.conftest import AssetServer, answer, answer_status, digest_of

QUICK = Patience(connect=2, silence=2, attempts=1, backoff=0.01)
ServeJob = Callable[..., Job]


@pytest.fixture
def cache(cache_folder: Path) -> Cache:
    return Cache(cache_folder)


@pytest.fixture
def serve_job(server: AssetServer) -> ServeJob:
    def serve(name: str, content: bytes, digest: str | None = "") -> Job:
        link = server.serve(f"/{name}.ckpt", content)
        stated = digest_of(content)[:8] if digest == "" else digest
        return Job(f"ada/{name}@2.5", Asset("ckpt", link, Digest.parse(stated) if stated else None))

    return serve


def paths_asked(server: AssetServer) -> list[str]:
    return [path for path, _ in server.requests]


def test_outcomes_stand_in_the_order_of_the_jobs(serve_job: ServeJob, cache: Cache) -> None:
    jobs = [serve_job(name, name.encode() * 1000) for name in "abcdefg"]
    outcomes = fetch_jobs(jobs, cache, threads=3)
    assert [outcome.model_id for outcome in outcomes] == [job.model_id for job in jobs]
    contents = [outcome.file.path.read_bytes() for outcome in outcomes if outcome.file]
    assert contents == [name.encode() * 1000 for name in "abcdefg"]


def test_no_jobs_give_no_outcomes(cache: Cache) -> None:
    assert fetch_jobs([], cache) == []


def test_a_failure_does_not_stop_the_others(
    serve_job: ServeJob, cache: Cache, server: AssetServer
) -> None:
    jobs = [serve_job(name, name.encode()) for name in "abcd"]
    server.behave("/b.ckpt", answer_status(404))
    server.serve("/c.ckpt", b"wrong")
    outcomes = fetch_jobs(jobs, cache, threads=2, patience=QUICK)
    kinds = [type(outcome.error) for outcome in outcomes]
    assert kinds == [type(None), DownloadError, IntegrityError, type(None)]
    assert [bool(outcome.file) for outcome in outcomes] == [True, False, False, True]
    assert "answered 404 Not Found" in str(outcomes[1].error)


def test_as_many_files_arrive_at_once_as_there_are_threads(
    serve_job: ServeJob, cache: Cache, server: AssetServer
) -> None:
    meeting = threading.Barrier(3)

    def meet(content: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
        def behave(handler: BaseHTTPRequestHandler) -> None:
            meeting.wait(10)  # nobody goes on before all three are here
            answer(content)(handler)

        return behave

    jobs = [serve_job(name, name.encode()) for name in "abc"]
    for name in "abc":
        server.behave(f"/{name}.ckpt", meet(name.encode()))
    assert all(outcome.file for outcome in fetch_jobs(jobs, cache, threads=3, patience=QUICK))


def test_no_more_files_arrive_at_once_than_there_are_threads(
    serve_job: ServeJob, cache: Cache, server: AssetServer
) -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def count(content: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
        def behave(handler: BaseHTTPRequestHandler) -> None:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            time.sleep(0.05)
            with lock:
                now[0] -= 1
            answer(content)(handler)

        return behave

    jobs = [serve_job(name, name.encode()) for name in "abcdef"]
    for name in "abcdef":
        server.behave(f"/{name}.ckpt", count(name.encode()))
    assert all(outcome.file for outcome in fetch_jobs(jobs, cache, threads=2))
    assert most == [2]


def test_the_same_asset_is_fetched_once(
    serve_job: ServeJob, cache: Cache, server: AssetServer
) -> None:
    job = serve_job("a", b"a" * 1000)
    twin = Job("ada/twin@2.3", job.asset)
    outcomes = fetch_jobs([job, twin, job], cache)
    assert [outcome.model_id for outcome in outcomes] == [job.model_id, twin.model_id, job.model_id]
    assert len({outcome.file.path for outcome in outcomes if outcome.file}) == 1
    assert paths_asked(server) == ["/a.ckpt"]


def test_one_link_under_digests_of_several_lengths_is_fetched_once(
    serve_job: ServeJob, cache: Cache, server: AssetServer
) -> None:
    whole = digest_of(b"a" * 1000)
    jobs = [serve_job("a", b"a" * 1000, digest) for digest in (whole[:8], whole, whole[:9])]
    outcomes = fetch_jobs(jobs, cache)
    assert [o.file.digest for o in outcomes if o.file] == [whole[:8], whole, whole[:9]]
    assert paths_asked(server) == ["/a.ckpt"]
    assert cache.pins() == {whole[:8]: whole, whole[:9]: whole}


def test_one_link_under_contradictory_digests_fails_for_the_wrong_one_alone(
    serve_job: ServeJob, cache: Cache
) -> None:
    jobs = [serve_job("a", b"a", "00000000"), serve_job("a", b"a")]
    wrong, right = fetch_jobs(jobs, cache, patience=QUICK)
    assert isinstance(wrong.error, IntegrityError)
    assert right.file


def test_a_twin_without_a_digest_is_still_refused(serve_job: ServeJob, cache: Cache) -> None:
    jobs = [serve_job("a", b"a"), serve_job("a", b"a", None)]
    stated, silent = fetch_jobs(jobs, cache)
    assert stated.file
    assert "the card gives no asset-sha256" in str(silent.error)
    assert all(outcome.file for outcome in fetch_jobs(jobs, cache, allow_unverified=True))


class Notebook(Watcher):
    def __init__(self) -> None:
        self.slots: set[int] = set()
        self.ends: list[Outcome] = []
        self.closed = 0

    def follow(self, job: Job, slot: int) -> Progress:
        self.slots.add(slot)
        return Progress()

    def finish(self, outcome: Outcome) -> None:
        self.ends.append(outcome)

    def close(self) -> None:
        self.closed += 1


def test_a_watcher_learns_of_every_end(serve_job: ServeJob, cache: Cache) -> None:
    jobs = [serve_job(name, name.encode()) for name in "abc"]
    notebook = Notebook()
    outcomes = fetch_jobs([*jobs, jobs[0]], cache, threads=2, watcher=notebook)
    assert sorted(notebook.ends, key=str) == sorted(outcomes, key=str)
    assert notebook.slots <= {0, 1}
    assert notebook.closed == 1


class Impatient(Watcher):
    """Interrupts the main thread's waiting, as Ctrl-C does, when the first bytes are here."""

    def __init__(self) -> None:
        self.told_later = 0

    def follow(self, job: Job, slot: int) -> Progress:
        outer = self

        class Interrupting(Progress):
            def advance(self, size: int) -> None:
                outer.told_later += 1
                raise KeyboardInterrupt

        return Interrupting()


def test_an_interrupted_batch_stops_all_and_keeps_what_came(
    serve_job: ServeJob, cache: Cache, server: AssetServer
) -> None:
    released = threading.Event()

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(8 << 20))
        handler.send_header("ETag", '"1"')
        handler.end_headers()
        for _ in range(8):
            handler.wfile.write(bytes(1 << 20))
            released.wait(0.05)

    jobs = [serve_job(name, bytes(8 << 20)) for name in "abc"]
    for name in "abc":
        server.behave(f"/{name}.ckpt", trickle)
    with pytest.raises(KeyboardInterrupt):
        fetch_jobs(jobs, cache, threads=2, watcher=Impatient())
    released.set()
    assert list(cache.files()) == []
    assert "/c.ckpt" not in paths_asked(server)
    for name in "abc":
        server.serve(f"/{name}.ckpt", bytes(8 << 20))
    assert all(outcome.file for outcome in fetch_jobs(jobs, cache))


class Broken(Watcher):
    def follow(self, job: Job, slot: int) -> Progress:
        raise RuntimeError("a bug")


def test_a_bug_is_raised_and_not_counted_as_a_failed_download(
    serve_job: ServeJob, cache: Cache
) -> None:
    with pytest.raises(RuntimeError, match="a bug"):
        fetch_jobs([serve_job("a", b"a")], cache, watcher=Broken())


def lock_of(*jobs: Job, content: bytes = b"a") -> LockFile:
    sha256 = digest_of(content)
    listed = (LockedAsset(j.model_id, "ckpt", j.asset.link, "", sha256, len(content)) for j in jobs)
    return LockFile(Path("/project/hub.lock"), tuple(listed))


def test_a_lock_makes_twins_one_file(
    serve_job: ServeJob, cache: Cache, server: AssetServer
) -> None:
    jobs = [serve_job("a", b"a", digest) for digest in (None, digest_of(b"a")[:8])]
    outcomes = fetch_jobs(jobs, cache, lock=lock_of(jobs[0]), locked=True)
    assert [outcome.file.digest for outcome in outcomes if outcome.file] == 2 * [digest_of(b"a")]
    assert paths_asked(server) == ["/a.ckpt"]


def test_what_is_not_locked_is_refused_before_anything_is_fetched(serve_job: ServeJob) -> None:
    jobs = [serve_job(name, b"a") for name in "abc"]
    refuse_unlocked(jobs, lock_of(*jobs))
    with pytest.raises(IntegrityError) as caught:
        refuse_unlocked(jobs, lock_of(jobs[0]))
    assert str(caught.value) == (
        "/project/hub.lock does not list b.ckpt of ada/b@2.5, c.ckpt of ada/c@2.5, and only what is"
        " locked may be used, so nothing is fetched; add it with `hub lock ada/b@2.5 ada/c@2.5`"
    )
    with pytest.raises(IntegrityError, match=r"there is no hub\.lock that lists a\.ckpt of ada/a"):
        refuse_unlocked(jobs, None)


def test_a_twin_under_a_shorter_digest_is_copied_once_and_hashed_no_more_afterwards(
    serve_job: ServeJob, cache: Cache
) -> None:
    whole = digest_of(b"a" * 1000)
    jobs = [serve_job("a", b"a" * 1000, digest) for digest in (whole, whole[:8], None)]
    for _ in range(2):  # the copies replace the blob, which is hashed again once
        fetch_jobs(jobs, cache, allow_unverified=True)
    before = [(file.fetched_at, file.path.stat().st_ino) for file in cache.files()]
    records = {p: p.read_bytes() for p in cache.layout.root.rglob("*.json")}
    outcomes = fetch_jobs(jobs, cache, allow_unverified=True)
    assert [outcome.cached for outcome in outcomes] == 3 * [True]
    assert [(file.fetched_at, file.path.stat().st_ino) for file in cache.files()] == before
    assert {p: p.read_bytes() for p in cache.layout.root.rglob("*.json")} == records


def test_an_outcome_says_whether_the_file_was_cached_and_how_much_came(
    serve_job: ServeJob, cache: Cache
) -> None:
    jobs = [serve_job("a", b"a" * 1000), serve_job("b", b"b" * 2000)]
    fetch_jobs(jobs[:1], cache)
    outcomes = fetch_jobs([*jobs, jobs[1]], cache)
    told = [(outcome.cached, outcome.received) for outcome in outcomes]
    assert told == [(True, 0), (False, 2000), (False, 0)]  # the bytes came once
    (lost,) = fetch_jobs([serve_job("c", b"c" * 3000, 64 * "0")], cache, patience=QUICK)
    assert (lost.cached, lost.received) == (False, 6000)  # the wrong file came twice


@pytest.mark.parametrize("wrong", [0, -1, True, 1.5, "4", None])
def test_threads_must_be_a_number_from_1(cache: Cache, wrong: object) -> None:
    with pytest.raises(ArgumentError) as caught:
        fetch_jobs([], cache, threads=wrong)
    assert str(caught.value) == f"jobs must be a number of files from 1, not {wrong!r}"


def test_a_refusal_names_cards_as_they_were_named_and_shows_no_secret(serve_job: ServeJob) -> None:
    asset = Asset("ckpt", "https://me:word@a.org/x.ckpt?key=secret", None)
    jobs = [Job("ada/x@2.5", asset, "cards/my card.md"), serve_job("b", b"b")]
    with pytest.raises(IntegrityError) as caught:
        refuse_unlocked(jobs, None)
    assert str(caught.value).endswith("; add it with `hub lock 'cards/my card.md' ada/b@2.5`")
    assert caught.value.url == "https://a.org/x.ckpt"
