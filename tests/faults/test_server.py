"""The server that the other tests rely on: good without faults, and bad as told."""

import contextlib
import http.client
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.faults.fault_server import (
    Content,
    Cut,
    Delay,
    Drip,
    FaultServer,
    Misplace,
    Misstate,
    Rate,
    Swap,
    parse_seconds,
    parse_size,
)

CONTENT = Content(300_000)
TAG = CONTENT.etag


def ask(
    server: FaultServer, connection: http.client.HTTPConnection | None = None, **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    used = connection or http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        used.request("GET", "/a", headers=named)
        response = used.getresponse()
        with contextlib.closing(response) if connection is None else contextlib.nullcontext():
            try:
                return response, response.read()
            except http.client.IncompleteRead as error:
                return response, error.partial
    finally:
        if connection is None:
            used.close()


@pytest.mark.parametrize(
    ("headers", "status", "start", "stop"),
    [
        ({}, 200, 0, 300_000),
        ({"Range": "bytes=10-"}, 206, 10, 300_000),
        ({"Range": "bytes=10-19"}, 206, 10, 20),
        ({"Range": "bytes=10-999999999"}, 206, 10, 300_000),
        ({"Range": "bytes=10-", "If_Range": TAG}, 206, 10, 300_000),
        ({"Range": "bytes=10-", "If_Range": '"other"'}, 200, 0, 300_000),
        ({"Range": "bytes=10-", "If_Range": f"W/{TAG}"}, 200, 0, 300_000),
    ],
)
def test_ranges_and_conditions_are_honoured(
    fault_server: FaultServer, headers: dict[str, str], status: int, start: int, stop: int
) -> None:
    fault_server.serve("/a", CONTENT)
    response, body = ask(fault_server, **headers)
    assert (response.status, response.headers["ETag"]) == (status, TAG)
    assert body == CONTENT.read(start, stop)
    span = f"bytes {start}-{stop - 1}/300000" if status == 206 else None
    assert response.headers["Content-Range"] == span


def test_a_range_behind_the_end_is_416(fault_server: FaultServer) -> None:
    fault_server.serve("/a", CONTENT)
    response, _ = ask(fault_server, Range="bytes=300000-")
    assert (response.status, response.headers["Content-Range"]) == (416, "bytes */300000")


def test_connections_are_kept_and_all_is_counted(fault_server: FaultServer) -> None:
    fault_server.serve("/a", CONTENT)
    connection = http.client.HTTPConnection("127.0.0.1", fault_server.port, timeout=5)
    for _ in range(3):
        ask(fault_server, connection, Range="bytes=0-9")
    assert connection.sock is not None
    connection.close()
    assert [request.range for request in fault_server.requests("/a")] == ["bytes=0-9"] * 3
    assert (fault_server.sent("/a"), fault_server.peak) == (30, 1)


def test_faults_strike_the_requests_that_they_are_told_to(fault_server: FaultServer) -> None:
    other = Content(300_000, seed=1)
    fault_server.serve("/a", CONTENT, Cut(1000, skip=1, times=1), Swap(other, skip=2))
    bodies = [ask(fault_server)[1] for _ in range(3)]
    assert bodies == [CONTENT.read(0, 300_000), CONTENT.read(0, 1000), other.read(0, 300_000)]


def test_a_cut_connection_is_closed_or_reset(fault_server: FaultServer) -> None:
    fault_server.serve("/a", CONTENT, Cut(1000))
    response, body = ask(fault_server)
    assert (response.headers["Content-Length"], len(body)) == ("300000", 1000)
    fault_server.serve("/a", CONTENT, Cut(1000, "reset"))
    with pytest.raises(ConnectionResetError):
        ask(fault_server)


def test_a_silent_or_dripping_server_is_one(fault_server: FaultServer) -> None:
    for fault in (Cut(1000, "stall"), Drip(1000, 5)):
        fault_server.serve("/a", CONTENT, fault)
        connection = http.client.HTTPConnection("127.0.0.1", fault_server.port, timeout=0.3)
        connection.request("GET", "/a")
        response = connection.getresponse()
        assert len(response.read(1000)) == 1000
        if isinstance(fault, Cut):
            with pytest.raises(TimeoutError):
                response.read(1)
        else:
            assert response.read(1) == CONTENT.read(1000, 1001)
        response.close()
        connection.close()


def test_rate_and_delay_take_their_time(fault_server: FaultServer) -> None:
    fault_server.serve("/a", CONTENT, Rate(1_000_000), Delay(0.1))
    start = time.monotonic()
    assert ask(fault_server)[1] == CONTENT.read(0, 300_000)
    assert time.monotonic() - start > 0.35


def test_lengths_and_places_can_be_lies(fault_server: FaultServer) -> None:
    fault_server.serve("/a", CONTENT, Misstate(-1000))
    assert ask(fault_server)[1] == CONTENT.read(0, 299_000)
    fault_server.serve("/a", CONTENT, Misplace(shift=-5))
    response, body = ask(fault_server, Range="bytes=10-19")
    assert response.headers["Content-Range"] == "bytes 5-19/300000"
    assert body == CONTENT.read(5, 20)
    fault_server.serve("/a", CONTENT, Misplace(shift=-5, header="bytes {start}-{last}/{size}"))
    response, body = ask(fault_server, Range="bytes=10-19")
    assert response.headers["Content-Range"] == "bytes 10-19/300000"
    assert body == CONTENT.read(5, 20)[: len(body)]


def test_contents_are_the_same_however_they_are_cut_up() -> None:
    content = Content(3_000_000, seed=7)
    whole = content.read(0, content.size)
    assert b"".join(content.pieces(0, content.size, 12_345)) == whole
    assert content.read(1_048_570, 1_048_580) == whole[1_048_570:1_048_580]
    assert content.read(0, 100) != content.read(1 << 20, (1 << 20) + 100)


def test_it_runs_as_a_program_until_its_input_ends() -> None:
    command = [sys.executable, str(Path(__file__).with_name("fault_server.py")), "--size", "1MB"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        port, sha256 = process.stdout.readline().strip(), process.stdout.readline().strip()
        assert sha256 == Content(1_000_000).sha256
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/any/name.ckpt") as response:
            assert response.read() == Content(1_000_000).read(0, 1_000_000)
        process.stdin.close()
        assert process.wait(10) == 0


def test_sizes_and_times_are_read_with_their_units() -> None:
    assert [parse_size(text) for text in ("5", "50MB", "1.5KiB")] == [5, 50_000_000, 1536]
    assert [parse_seconds(text) for text in ("50ms", "2s", "0.5")] == [0.05, 2, 0.5]
