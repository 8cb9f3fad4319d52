"""Whatever a server answers: the right file, or an error that helps; and the next fetch is well."""

import email.utils
import re
import time

import pytest

from hub.assets.cache.cache import Cache
from hub.errors import AssetError, DownloadError, IntegrityError, NoAnswerError, UnsafeFileError
from tests.faults.conftest import (
    check_blobs,
    check_file,
    choose_patience,
    fetch,
    list_litter,
    make_asset,
)
from tests.faults.fault_server import (
    Bytes,
    Content,
    Cut,
    Delay,
    Drip,
    Etag,
    Excess,
    Fault,
    FaultServer,
    Gzip,
    Misplace,
    Misstate,
    Multipart,
    NoRanges,
    Rate,
    Redirect,
    Refuse,
    Swap,
    Unannounced,
)

CONTENT = Content(400_000)
OTHER = Content(400_000, seed=1)
SHORTER = Content(399_000, seed=1)
PATH = "/models/lite0.ckpt"
ONCE = Cut(150_000, times=1)  # breaks off, so that the rest is asked for
SOON = email.utils.formatdate(time.time() + 1, usegmt=True)
NEXT_STEP = (
    r"again|run the (same )?command|MSHUB_MIRRORS|check the network|ask the publisher"
    r"|tell the publisher|may be out of date|is the file public|wants a login|public URL"
)

RIGHT = {
    "nothing": (),
    "a delay": (Delay(0.05),),
    "a limited rate": (Rate(4_000_000),),
    "no length, chunks": (Unannounced(),),
    "no length, closed": (Unannounced("close"),),
    "no tag": (Etag(None),),
    "no ranges": (NoRanges(),),
    "broken off once": (ONCE,),
    "broken off before the first byte": (Cut(0, times=1),),
    "broken off before the last byte": (Cut(CONTENT.size - 1, times=1),),
    "reset once": (Cut(150_000, "reset", times=1),),
    "reset before the first byte": (Cut(0, "reset", times=1),),
    "silent once": (Cut(150_000, "stall", times=1),),
    "silent at once": (Cut(0, "stall", times=1),),
    "dripping once": (Drip(150_000, times=1),),
    "broken off in chunks": (Unannounced(), ONCE),
    "closed early without a length": (Unannounced("close", times=1), ONCE),
    "too short a length, once": (Misstate(-1000, times=1),),
    "too great a length, once": (Misstate(1000, times=1),),
    "too many bytes, once": (Excess(1000, times=1),),
    "a part with too great a length": (ONCE, Misstate(1000, skip=1, times=1)),
    "a part with too short a length": (ONCE, Misstate(-1000, skip=1, times=1)),
    "parts that break off, too": (Cut(150_000, times=2),),
    "broken off, no tag": (ONCE, Etag(None)),
    "broken off, a weak tag": (ONCE, Etag('W/"1"')),
    "broken off, a broken tag": (ONCE, Etag("1")),
    "broken off, no ranges": (ONCE, NoRanges()),
    "broken off, ranges no more": (ONCE, NoRanges(skip=1)),
    "broken off, the part is 416": (ONCE, Refuse(416, only_ranges=True)),
    "broken off, the part is 500": (ONCE, Refuse(500, skip=1, times=1)),
    "the part is multipart": (ONCE, Multipart()),
    "the part begins elsewhere and says so": (ONCE, Misplace(shift=-500, times=2)),
    "the part says nothing of its place": (ONCE, Misplace(header="", times=2)),
    "the part is of a file of another size": (
        ONCE,
        Misplace(header="bytes {start}-{last}/999999", times=2),
    ),
    "the part has a garbled place": (ONCE, Misplace(header="bytes x-y/z", times=2)),
    "the part lies about its place": (
        ONCE,
        Misplace(shift=-500, header="bytes {start}-{last}/{size}", times=2),
    ),
    "the file changed meanwhile": (ONCE, Swap(OTHER, times=1)),
    "the file changed meanwhile, under one tag": (
        ONCE,
        Swap(OTHER, etag=CONTENT.etag, times=1),
    ),
    "the part is of another file under one tag": (
        ONCE,
        Swap(SHORTER, etag=CONTENT.etag, skip=1, times=1),
    ),
    "a wrong file once": (Swap(OTHER, times=1),),
    "busy once": (Refuse(503, times=1),),
    "busy for no time": (Refuse(503, "0", times=1),),
    "busy for nobody knows how long": (Refuse(503, "soon", times=1),),
    "busy since a date": (Refuse(429, "Wed, 21 Oct 2015 07:28:00 GMT", times=1),),
    "one error of the server": (Refuse(500, times=1),),
    "a gateway that waits no longer": (Refuse(504, times=2),),
}


@pytest.mark.parametrize("faults", RIGHT.values(), ids=RIGHT.keys())
def test_the_right_file_comes_in_spite_of(
    fault_server: FaultServer, cache: Cache, faults: tuple[Fault, ...]
) -> None:
    asset = make_asset(fault_server.serve(PATH, CONTENT, *faults), CONTENT)
    file = fetch(asset, cache, patience=choose_patience(faults))
    check_file(file.path, CONTENT)
    assert (file.sha256, file.size) == (CONTENT.sha256, CONTENT.size)
    check_blobs(cache.folder)
    assert list_litter(cache.folder, quarantined=1) == []


WRONG: dict[str, tuple[tuple[Fault, ...], type[AssetError], str]] = {
    "it breaks off each time": ((Cut(1000),), DownloadError, "again"),
    "it is reset each time": ((Cut(1000, "reset"),), DownloadError, "again|network"),
    "it never sends a byte": ((Cut(0, "stall"),), DownloadError, "again|MSHUB_MIRRORS"),
    "it goes silent": ((Cut(1000, "stall"),), DownloadError, "again|MSHUB_MIRRORS"),
    "it drips": ((Drip(),), DownloadError, "again|MSHUB_MIRRORS"),
    "it announces too little": ((Misstate(-1000),), IntegrityError, "again|publisher"),
    "it sends too much": ((Excess(1000), NoRanges()), IntegrityError, "again|publisher"),
    "it sends a part that is too long": ((ONCE, Excess(1000, skip=1)), DownloadError, "more than"),
    "it sends a part of a file": ((Swap(Content(1000)),), IntegrityError, "publisher"),
    "it sends nothing": ((Swap(Bytes(b"")),), IntegrityError, "publisher"),
    "it sends another file": ((Swap(OTHER),), IntegrityError, "publisher"),
    "it sends a web page": (
        (Swap(Bytes(b"<!DOCTYPE html><p>log in first")),),
        UnsafeFileError,
        "a web page",
    ),
    "it sends an archive": ((Swap(Bytes(b"PK\3\4" + bytes(999))),), UnsafeFileError, "archive"),
    "it compresses": ((Gzip(),), DownloadError, "encoded body"),
    "it is gone": ((Refuse(404),), DownloadError, "404 Not Found.*out of date"),
    "it is forbidden": ((Refuse(403),), DownloadError, "403 Forbidden.*public"),
    "it wants a login": ((Refuse(401),), DownloadError, "401 Unauthorized.*login"),
    "it fails": ((Refuse(500),), DownloadError, "500 Internal Server Error"),
    "it is busy": ((Refuse(503),), DownloadError, "503 Service Unavailable"),
    "it is busy for an hour": ((Refuse(503, "3600"),), DownloadError, "503"),
    "it is busy till next year": (
        (Refuse(429, email.utils.formatdate(time.time() + 3e7, usegmt=True)),),
        DownloadError,
        "429",
    ),
    "it answers with a part, unasked": ((Refuse(206),), DownloadError, "206"),
    "it has nothing to say": ((Refuse(204),), DownloadError, "204"),
    "it leads in a circle": ((Redirect(PATH),), DownloadError, "redirects"),
    "it leads to a file": ((Redirect("file:///etc/passwd"),), DownloadError, "refused"),
    "it leads to plain http": (
        (Redirect("http://example.invalid/x"),),
        DownloadError,
        "only https is safe",
    ),
    "it leads to a login": (
        (Redirect("https://ada:secret@example.invalid/x"),),
        DownloadError,
        "login",
    ),
}


@pytest.mark.parametrize(("faults", "error", "advice"), WRONG.values(), ids=WRONG.keys())
def test_an_error_says_what_to_do_next_and_a_later_fetch_succeeds_if(
    fault_server: FaultServer,
    cache: Cache,
    faults: tuple[Fault, ...],
    error: type[AssetError],
    advice: str,
) -> None:
    asset = make_asset(fault_server.serve(PATH, CONTENT, *faults), CONTENT)
    start = time.monotonic()
    with pytest.raises(error, match=f"(?s){advice}") as caught:
        fetch(asset, cache, patience=choose_patience(faults))
    assert time.monotonic() - start < 20
    message = str(caught.value)
    assert "secret" not in message
    assert re.search(NEXT_STEP, message), f"what is to be done? {message}"
    assert fault_server.origin in message or isinstance(faults[0], Redirect)
    wrong = isinstance(caught.value, IntegrityError)
    assert list_litter(cache.folder, resumable=True, quarantined=int(wrong)) == []
    assert not list(cache.folder.glob("blobs/*/*/*"))
    assert list(cache.files()) == []
    fault_server.mend(PATH)
    check_file(fetch(asset, cache).path, CONTENT)
    assert list_litter(cache.folder, quarantined=1) == []


def test_a_server_that_is_not_there_is_said_to_be(cache: Cache) -> None:
    server = FaultServer()
    asset = make_asset(server.serve(PATH, CONTENT), CONTENT)
    server.stop()
    with pytest.raises(NoAnswerError, match=r"no answer from .*check the network"):
        fetch(asset, cache)
    assert list_litter(cache.folder) == []


def test_a_wrong_file_is_described_asked_for_once_more_and_kept_for_a_look(
    fault_server: FaultServer, cache: Cache
) -> None:
    asset = make_asset(fault_server.serve(PATH, OTHER), CONTENT)
    with pytest.raises(IntegrityError, match="is not the file that the card means") as caught:
        fetch(asset, cache)
    error = caught.value
    assert (error.expected, error.actual, error.size) == (CONTENT.sha256, OTHER.sha256, OTHER.size)
    assert error.strength == "full"
    assert error.url == asset.link
    for part in (CONTENT.sha256, OTHER.sha256, asset.link, f"{OTHER.size:,}"):
        assert part in str(error)
    assert error.kept.startswith(str(cache.folder / "quarantine"))
    first, second = fault_server.requests(PATH)
    assert "cache-control" not in first.headers
    assert (second.headers["cache-control"], second.range) == ("no-cache", None)


def test_only_one_wrong_file_is_kept_however_often_it_comes(
    fault_server: FaultServer, cache: Cache
) -> None:
    asset = make_asset(fault_server.serve(PATH, OTHER), CONTENT)
    for _ in range(3):
        with pytest.raises(IntegrityError):
            fetch(asset, cache)
    kept = [path for path in (cache.folder / "quarantine").iterdir() if path.suffix != ".json"]
    assert [path.stat().st_size for path in kept] == [OTHER.size]


def test_a_chain_of_redirects_over_two_origins_is_followed(
    fault_server: FaultServer, second_server: FaultServer, cache: Cache
) -> None:
    url = fault_server.origin + PATH
    for hop, server in enumerate([second_server, fault_server, second_server, fault_server]):
        path = f"/hop{hop}"
        if hop == 0:
            url = server.serve(path, CONTENT)
        else:
            url = server.serve(path, CONTENT, Redirect(url))
    file = fetch(make_asset(url, CONTENT), cache)
    check_file(file.path, CONTENT)
    assert file.link == url


def test_a_redirect_is_followed_again_for_the_rest(
    fault_server: FaultServer, second_server: FaultServer, cache: Cache
) -> None:
    target = second_server.serve("/bucket/1", CONTENT, ONCE)
    asset = make_asset(fault_server.serve(PATH, CONTENT, Redirect(target)), CONTENT)
    check_file(fetch(asset, cache).path, CONTENT)
    assert len(fault_server.requests(PATH)) == 2
    assert second_server.sent() == CONTENT.size


def test_https_does_not_go_on_as_http(
    secure_server: FaultServer, fault_server: FaultServer, cache: Cache
) -> None:
    target = fault_server.serve("/plain", CONTENT)
    asset = make_asset(secure_server.serve(PATH, CONTENT, Redirect(target)), CONTENT)
    with pytest.raises(DownloadError, match=r"only https is safe"):
        fetch(asset, cache)
    assert fault_server.requests() == []


def test_a_drop_over_tls_is_resumed(secure_server: FaultServer, cache: Cache) -> None:
    asset = make_asset(secure_server.serve(PATH, CONTENT, ONCE), CONTENT)
    check_file(fetch(asset, cache).path, CONTENT)
    assert secure_server.sent() == CONTENT.size


def test_a_pause_that_the_server_asks_for_is_made(fault_server: FaultServer, cache: Cache) -> None:
    asset = make_asset(
        fault_server.serve(PATH, CONTENT, Delay(0), Refuse(503, "1", times=1)), CONTENT
    )
    from hub.assets.patience import Patience
    from hub.assets.store import fetch_asset

    start = time.monotonic()
    fetch_asset(asset, cache, patience=Patience(backoff=0.01, longest_pause=3))
    assert time.monotonic() - start > 0.9


def test_a_server_that_wants_an_hour_is_not_waited_for(
    fault_server: FaultServer, cache: Cache
) -> None:
    asset = make_asset(fault_server.serve(PATH, CONTENT, Refuse(503, "3600")), CONTENT)
    with pytest.raises(DownloadError, match="503") as caught:
        fetch(asset, cache)
    assert caught.value.status == 503
    assert len(fault_server.requests(PATH)) == 1
