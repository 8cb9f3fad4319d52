"""Going on with a file that broke off: only with the very same file, and never asked twice."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from hub.assets.partials import open_partial
from hub.assets.transfer import download as downloading
from hub.assets.transfer.download import Transfer, download
from hub.errors import CacheError, DownloadError
from tests.assets.transfer.fetching import ONCE, QUICK, Notes, fetch
from tests.assets.transfer.file_server import STRONG, FileServer, Plan
from tests.conftest import digest_of


def break_off_at(server: FileServer, folder: Path, size: int, **plan) -> None:
    """Leave the first bytes of the file behind, as an earlier call would."""
    server.plans.append(Plan(cut=size, **plan))
    with pytest.raises(DownloadError, match="broke off"):
        fetch(folder, server.url, ONCE)
    server.requests.clear()
    server.sent.clear()


def test_the_next_call_asks_only_for_what_is_missing(file_server: FileServer, folder: Path) -> None:
    break_off_at(file_server, folder, 2_000_000)
    transfer = fetch(folder, file_server.url)
    assert file_server.ranges == ["bytes=2000000-"]
    assert file_server.requests[0]["If-Range"] == STRONG
    assert file_server.sent == [1_000_000]
    assert transfer.resumed == 2_000_000
    assert (folder / "published").read_bytes() == file_server.content


def test_a_transfer_that_breaks_off_goes_on_within_the_same_call(
    file_server: FileServer, folder: Path
) -> None:
    file_server.plans.extend([Plan(cut=500_000), Plan(cut=600_000, reset=True)])
    notes = Notes()
    transfer = fetch(folder, file_server.url, progress=notes)
    assert file_server.ranges[:2] == [None, "bytes=500000-"]
    assert len(file_server.ranges) == 3
    assert (folder / "published").read_bytes() == file_server.content
    assert transfer.resumed == 0
    assert notes.received == len(file_server.content)
    assert notes.begun == [(len(file_server.content), 0)]
    assert re.search(r"broke off before the whole file had come .*asking again in", notes.notes[0])


def test_the_error_says_how_much_is_kept(file_server: FileServer, folder: Path) -> None:
    file_server.plans.append(Plan(cut=1_000_000))
    with pytest.raises(DownloadError, match=r"broke off .*; try again") as caught:
        fetch(folder, file_server.url, ONCE)
    assert caught.value.received == 1_000_000
    (part,) = folder.glob("*.part")
    assert part.read_bytes() == file_server.content[:1_000_000]


def test_a_complete_file_is_not_asked_for_at_all(file_server: FileServer, folder: Path) -> None:
    with open_partial(folder, "key") as partial:
        download(file_server.url, partial)
    file_server.requests.clear()
    notes = Notes()
    transfer = fetch(folder, file_server.url, progress=notes)
    assert file_server.requests == []
    assert transfer == Transfer(
        digest_of(file_server.content),
        len(file_server.content),
        file_server.url,
        len(file_server.content),
    )
    assert notes.begun == [(len(file_server.content), len(file_server.content))]


def test_a_file_that_changed_meanwhile_is_taken_from_the_very_answer_that_tells_so(
    file_server: FileServer, folder: Path
) -> None:
    break_off_at(file_server, folder, 2_000_000)
    file_server.content, file_server.etag = b"another file" * 1000, '"v2"'
    notes = Notes()
    transfer = fetch(folder, file_server.url, progress=notes)
    assert len(file_server.requests) == 1
    assert (folder / "published").read_bytes() == file_server.content
    assert (transfer.resumed, notes.begun) == (0, [(12_000, 0)])


@pytest.mark.parametrize("etag", ["", 'W/"v1"', "v1", '"v"1"'])
def test_without_a_strong_validator_nothing_is_kept(
    file_server: FileServer, folder: Path, etag: str
) -> None:
    file_server.etag = etag
    break_off_at(file_server, folder, 2_000_000, headers={"Last-Modified": "Mon, 05 Oct 2015"})
    assert list(folder.iterdir()) == []
    assert fetch(folder, file_server.url).resumed == 0
    assert file_server.ranges == [None]


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(Plan(status=416), id="416"),
        pytest.param(Plan(status=400), id="400"),
        pytest.param(Plan(status=206), id="a 206 without a range"),
        pytest.param(Plan(shift=1), id="a part that begins later"),
        pytest.param(Plan(shift=-1), id="a part that begins earlier"),
        pytest.param(Plan(headers={"ETag": ""}), id="no validator"),
        pytest.param(Plan(headers={"ETag": '"v2"'}), id="another validator"),
        pytest.param(Plan(headers={"ETag": 'W/"v1"'}), id="a weak validator"),
        pytest.param(
            Plan(headers={"Content-Range": "bytes 2000000-2999999/3000001"}), id="another total"
        ),
        pytest.param(
            Plan(headers={"Content-Range": "bytes 2000000-2999999/*"}), id="an unknown total"
        ),
        pytest.param(
            Plan(headers={"Content-Range": "bytes 2000000-2999998/3000000"}), id="a wrong length"
        ),
        pytest.param(
            Plan(headers={"Content-Type": "multipart/byteranges; boundary=x", "Content-Range": ""}),
            id="several parts",
        ),
    ],
)
def test_an_answer_that_does_not_go_on_with_the_file_is_not_used(
    file_server: FileServer, folder: Path, plan: Plan
) -> None:
    break_off_at(file_server, folder, 2_000_000)
    file_server.plans.append(plan)
    transfer = fetch(folder, file_server.url)
    assert (folder / "published").read_bytes() == file_server.content
    assert transfer.resumed == 0
    assert file_server.ranges == ["bytes=2000000-", None]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_what_is_here_survives_a_refusal(
    file_server: FileServer, folder: Path, status: int
) -> None:
    break_off_at(file_server, folder, 2_000_000)
    file_server.plans.extend([Plan(status=status)] * 2)  # also without asking for a part
    with pytest.raises(DownloadError, match=f"answered {status}") as caught:
        fetch(folder, file_server.url)
    assert caught.value.received == 2_000_000
    assert fetch(folder, file_server.url).resumed == 2_000_000


@pytest.mark.parametrize("status", [400, 401, 403, 404, 416])
def test_a_server_that_refuses_parts_alone_is_asked_for_the_whole_file(
    file_server: FileServer, folder: Path, status: int
) -> None:
    break_off_at(file_server, folder, 2_000_000)
    file_server.plans.append(Plan(status=status))
    assert fetch(folder, file_server.url).resumed == 0
    assert file_server.ranges == ["bytes=2000000-", None]


def test_a_part_that_is_shorter_than_asked_for_is_gone_on_with(
    file_server: FileServer, folder: Path
) -> None:
    break_off_at(file_server, folder, 1_000_000)
    headers = {"Content-Range": "bytes 1000000-1999999/3000000", "Content-Length": "1000000"}
    file_server.plans.append(Plan(headers=headers, cut=1_000_000))
    assert fetch(folder, file_server.url).resumed == 1_000_000
    assert file_server.ranges == ["bytes=1000000-", "bytes=2000000-"]


def test_a_part_without_being_asked_is_an_error(file_server: FileServer, folder: Path) -> None:
    file_server.plans.append(Plan(status=206, headers={"Content-Range": "bytes 0-2999999/3000000"}))
    with pytest.raises(DownloadError, match="answered 206 Partial Content"):
        fetch(folder, file_server.url)


def test_a_fresh_download_uses_nothing_that_is_here_nor_any_cache(
    file_server: FileServer, folder: Path
) -> None:
    break_off_at(file_server, folder, 2_000_000)
    assert fetch(folder, file_server.url, fresh=True).resumed == 0
    (headers,) = file_server.requests
    assert "Range" not in headers
    assert headers["Cache-Control"] == "no-cache"


def test_a_fresh_download_that_breaks_off_still_goes_on(
    file_server: FileServer, folder: Path
) -> None:
    file_server.plans.append(Plan(cut=2_000_000))
    fetch(folder, file_server.url, fresh=True)
    assert file_server.ranges == [None, "bytes=2000000-"]


def test_another_source_of_the_very_same_file_goes_on_with_it(
    file_server: FileServer, folder: Path
) -> None:
    break_off_at(file_server, folder, 2_000_000)
    transfer = fetch(folder, file_server.origin + "/mirror/weights.ckpt")
    assert file_server.ranges == ["bytes=2000000-"]
    assert file_server.requests[0]["If-Range"] == STRONG
    assert (transfer.resumed, transfer.url) == (
        2_000_000,
        file_server.origin + "/mirror/weights.ckpt",
    )
    assert (folder / "published").read_bytes() == file_server.content


def test_another_source_with_another_validator_starts_over(
    file_server: FileServer, folder: Path
) -> None:
    break_off_at(file_server, folder, 2_000_000)
    file_server.etag = '"of the mirror"'
    assert fetch(folder, file_server.origin + "/mirror/weights.ckpt").resumed == 0
    assert file_server.ranges == ["bytes=2000000-"]
    assert (folder / "published").read_bytes() == file_server.content


def test_a_complete_file_came_from_where_it_was_asked_for(
    file_server: FileServer, folder: Path
) -> None:
    with open_partial(folder, "key") as partial:
        download(file_server.url, partial)
    file_server.requests.clear()
    assert fetch(folder, file_server.origin + "/mirror/weights.ckpt").url == file_server.url
    assert file_server.requests == []


def test_without_a_digest_another_source_is_not_gone_on_with(
    file_server: FileServer, folder: Path
) -> None:
    break_off_at(file_server, folder, 2_000_000)
    file_server.content = bytes(len(file_server.content))  # another file under the same validator
    transfer = fetch(folder, file_server.origin + "/mirror/weights.ckpt", judged=False)
    assert transfer.resumed == 0
    assert file_server.ranges == [None]
    assert (folder / "published").read_bytes() == file_server.content


def test_a_part_that_is_encoded_leads_to_the_whole_file(
    file_server: FileServer, folder: Path
) -> None:
    break_off_at(file_server, folder, 2_000_000)
    file_server.plans.append(Plan(headers={"Content-Encoding": "gzip"}))
    assert fetch(folder, file_server.url).resumed == 0
    assert file_server.ranges == ["bytes=2000000-", None]


def test_a_mirror_that_has_nothing_costs_nothing_of_what_is_here(
    file_server: FileServer, folder: Path
) -> None:
    break_off_at(file_server, folder, 2_000_000)
    file_server.plans.extend([Plan(status=404)] * 2)
    with open_partial(folder, "key") as partial:
        with pytest.raises(DownloadError, match="404"):
            download(file_server.origin + "/mirror/weights.ckpt", partial, patience=QUICK)
        assert download(file_server.url, partial, patience=QUICK).resumed == 2_000_000


def test_a_signature_in_the_query_may_change(file_server: FileServer, folder: Path) -> None:
    file_server.plans.append(Plan(cut=2_000_000))
    with pytest.raises(DownloadError) as caught:
        fetch(folder, file_server.url + "?signature=secret1", ONCE)
    (sidecar,) = folder.glob("*.json")
    assert "secret" not in sidecar.read_text() + str(caught.value) + caught.value.url
    transfer = fetch(folder, file_server.url + "?signature=secret2")
    assert (transfer.resumed, transfer.url) == (2_000_000, file_server.url)


def test_a_file_of_unknown_length_learns_it_when_it_is_gone_on_with(
    file_server: FileServer, folder: Path
) -> None:
    break_off_at(file_server, folder, 2_000_000, chunked=True)
    (sidecar,) = folder.glob("*.json")
    assert json.loads(sidecar.read_text())["length"] is None
    assert fetch(folder, file_server.url).resumed == 2_000_000
    assert (folder / "published").read_bytes() == file_server.content


@pytest.mark.parametrize("surplus", [1, 10_000_000])
def test_more_than_the_announced_part_is_refused_and_nothing_is_kept(
    file_server: FileServer, folder: Path, surplus: int
) -> None:
    break_off_at(file_server, folder, 2_000_000)
    file_server.plans.append(Plan(chunked=True, surplus=surplus))
    message = f"{file_server.url} sends more than the 3,000,000 bytes that it announced"
    with pytest.raises(DownloadError, match=message):
        fetch(folder, file_server.url)
    assert list(folder.iterdir()) == []
    assert file_server.sent[0] < 11_000_000


def test_a_file_of_unknown_length_has_an_end(
    file_server: FileServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloading, "_LARGEST_UNKNOWN", 2_000_000)
    file_server.plan = Plan(chunked=True)
    message = "sends more than the 2,000,000 bytes that mshub accepts of a file of unknown length"
    with pytest.raises(DownloadError, match=message):
        fetch(folder, file_server.url)
    assert list(folder.iterdir()) == []


def test_a_disk_without_room_for_the_announced_length_is_noticed_before_the_first_byte(
    file_server: FileServer, folder: Path
) -> None:
    length = shutil.disk_usage(folder.parent).free + (1 << 30)
    if length > 1 << 40:
        pytest.skip("this disk has room for whatever mshub accepts")
    file_server.plan = Plan(headers={"Content-Length": str(length)})
    with pytest.raises(CacheError, match=rf"\({length:,} to come"):
        fetch(folder, file_server.url)
    assert list(folder.iterdir()) == []


def test_a_length_that_no_model_has_is_a_wrong_answer_and_no_full_disk(
    file_server: FileServer, folder: Path
) -> None:
    message = "announces 1,099,511,627,777 bytes, more than mshub accepts"
    file_server.plan = Plan(headers={"Content-Length": str((1 << 40) + 1)})
    with pytest.raises(DownloadError, match=message):
        fetch(folder, file_server.url)
    assert len(file_server.requests) == 1
    file_server.plan = Plan()
    break_off_at(file_server, folder, 2_000_000, chunked=True)
    headers = {"Content-Range": f"bytes 2000000-2999999/{(1 << 40) + 1}"}
    file_server.plan = Plan(headers=headers)
    with pytest.raises(DownloadError, match=message) as caught:
        fetch(folder, file_server.url)
    assert caught.value.received == 2_000_000
