"""Where one source fails, the next one serves, under the same digest."""

import logging

import pytest

from hub.assets.cache.cache import Cache
from hub.errors import DownloadError, IntegrityError
from tests.faults.conftest import check_file, choose_patience, fetch, list_litter, make_asset
from tests.faults.fault_server import Content, Cut, Drip, Fault, FaultServer, Refuse, Swap

CONTENT = Content(2_000_000)
PATH = "/models/lite0.ckpt"
BAD: dict[str, tuple[Fault, ...]] = {
    "drips": (Drip(700_000, 50, times=1), Drip(0, 50, skip=1)),
    "drips at once": (Drip(0, 50),),
    "goes silent": (Cut(700_000, "stall", times=1), Cut(0, "stall", skip=1)),
    "breaks off": (Cut(1000),),
    "fails": (Refuse(500),),
    "is gone": (Refuse(404),),
    "is busy": (Refuse(503, "3600"),),
    "sends another file": (Swap(Content(2_000_000, seed=1)),),
    "sends another file under the same tag": (Swap(Content(2_000_000, seed=1), etag=CONTENT.etag),),
}


@pytest.mark.parametrize("faults", BAD.values(), ids=BAD.keys())
def test_the_link_serves_if_a_mirror(
    fault_server: FaultServer,
    second_server: FaultServer,
    cache: Cache,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    faults: tuple[Fault, ...],
) -> None:
    mirror = second_server.serve(PATH, CONTENT, *faults)
    asset = make_asset(fault_server.serve(PATH, CONTENT), CONTENT)
    monkeypatch.setenv("MSHUB_MIRRORS", f"{fault_server.origin}/={second_server.origin}/")
    with caplog.at_level(logging.INFO, logger="hub"):
        file = fetch(asset, cache, patience=choose_patience(faults))
    check_file(file.path, CONTENT)
    assert (file.served_by, file.link) == (asset.link, asset.link)
    assert [found.served_by for found in Cache(cache.folder).files()] == [asset.link]
    assert second_server.requests(PATH)
    warnings = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert any(mirror in text for text in warnings)
    assert any(f"came from {asset.link}" in record.getMessage() for record in caplog.records)
    assert list_litter(cache.folder, quarantined=1) == []


def test_what_a_mirror_sent_before_it_went_silent_is_not_sent_again(
    fault_server: FaultServer,
    second_server: FaultServer,
    cache: Cache,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both state one strong tag, so the digest may decide whether the halves fit."""
    second_server.serve(PATH, CONTENT, Cut(1_200_000, "stall", times=1), Refuse(500, skip=1))
    asset = make_asset(fault_server.serve(PATH, CONTENT), CONTENT)
    monkeypatch.setenv("MSHUB_MIRRORS", f"{fault_server.origin}/={second_server.origin}/")
    check_file(fetch(asset, cache).path, CONTENT)
    assert fault_server.sent() <= CONTENT.size


def test_the_mirror_that_serves_is_named(
    fault_server: FaultServer,
    second_server: FaultServer,
    cache: Cache,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second_server.serve("/first/lite0.ckpt", CONTENT, Refuse(500))
    good = second_server.serve("/second/lite0.ckpt", CONTENT)
    asset = make_asset(fault_server.serve(PATH, CONTENT), CONTENT)
    prefix = f"{fault_server.origin}/models/"
    mirrors = [f"{prefix}={second_server.origin}/{name}/" for name in ("first", "second")]
    monkeypatch.setenv("MSHUB_MIRRORS", " ".join(mirrors))
    assert fetch(asset, cache).served_by == good
    assert fault_server.requests() == []


def test_if_all_fail_each_reason_is_told_and_a_later_fetch_succeeds(
    fault_server: FaultServer,
    second_server: FaultServer,
    cache: Cache,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mirror = second_server.serve(PATH, CONTENT, Cut(700_000, times=1), Refuse(500, skip=1))
    asset = make_asset(fault_server.serve(PATH, CONTENT, Refuse(404)), CONTENT)
    monkeypatch.setenv("MSHUB_MIRRORS", f"{fault_server.origin}/={second_server.origin}/")
    with pytest.raises(DownloadError, match="none of the 2 sources") as caught:
        fetch(asset, cache)
    assert mirror in str(caught.value)
    assert "404" in str(caught.value)
    assert list_litter(cache.folder, resumable=True) == []
    fault_server.mend(PATH)
    second_server.mend(PATH)
    fault_server.forget()
    check_file(fetch(asset, cache).path, CONTENT)
    assert list_litter(cache.folder) == []


def test_a_wrong_file_outweighs_a_missing_one(
    fault_server: FaultServer,
    second_server: FaultServer,
    cache: Cache,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = Content(1000, seed=1)
    second_server.serve(PATH, other)
    asset = make_asset(fault_server.serve(PATH, CONTENT, Refuse(404)), CONTENT)
    monkeypatch.setenv("MSHUB_MIRRORS", f"{fault_server.origin}/={second_server.origin}/")
    with pytest.raises(IntegrityError) as caught:
        fetch(asset, cache)
    assert (caught.value.expected, caught.value.actual) == (CONTENT.sha256, other.sha256)
    assert caught.value.kept
