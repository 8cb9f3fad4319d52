"""Bars on a real terminal, over a real loopback server."""

import contextlib
import os
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.assets.bars import make_watcher
from hub.assets.batch import UNWATCHED, Job, fetch_jobs
from hub.assets.cache.cache import Cache
from hub.cards.asset import Asset
from hub.digests import Digest
from hub.errors import NoAnswerError
from tests.conftest import QUICK, AssetServer, digest_of


@contextlib.contextmanager
def stderr_on_a_terminal() -> Iterator[Callable[[], str]]:
    """Let standard error be a terminal; what it got is read when all is done."""
    fcntl, pty, termios = map(pytest.importorskip, ("fcntl", "pty", "termios"))
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    stderr = os.fdopen(terminal, "w")

    def read() -> str:
        stderr.close()
        shown = b""
        with contextlib.suppress(OSError):  # Linux ends a terminal without writers with EIO
            while chunk := os.read(controller, 4096):
                shown += chunk
        return shown.decode()

    with stderr, contextlib.redirect_stderr(stderr):
        yield read
    os.close(controller)


@pytest.fixture
def refused() -> str:
    """The origin of a server that is down."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def make_job(link: str, content: bytes = b"a") -> Job:
    return Job(f"ada/{link[-6]}@2.5", Asset("ckpt", link, Digest(digest_of(content))))


def test_a_server_that_is_down_is_an_error_of_each_file_on_a_terminal_too(
    refused: str, cache_folder: Path
) -> None:
    jobs = [make_job(f"{refused}/{name}.ckpt") for name in "ab"]
    with stderr_on_a_terminal() as read:
        watcher = make_watcher(2, 4, wanted=True)
        outcomes = fetch_jobs(jobs, Cache(cache_folder), watcher=watcher, patience=QUICK)
        assert watcher is not UNWATCHED
        assert [type(outcome.error) for outcome in outcomes] == [NoAnswerError, NoAnswerError]
        assert read() == ""  # nothing began


def test_the_total_counts_the_files_that_arrive_beside_one_that_does_not(
    refused: str, server: AssetServer, cache_folder: Path
) -> None:
    content = bytes(3 << 20)
    job = make_job(server.serve("/b.ckpt", content), content)
    jobs = [make_job(f"{refused}/a.ckpt"), job]
    with stderr_on_a_terminal() as read:
        watcher = make_watcher(2, 1, wanted=True)
        outcomes = fetch_jobs(jobs, Cache(cache_folder), threads=1, watcher=watcher, patience=QUICK)
        shown = read()
    assert [type(outcome.error) for outcome in outcomes] == [NoAnswerError, type(None)]
    assert "a.ckpt" not in shown
    for part in ("b.ckpt: ", "total: ", "/3.15M", "2 of 2 files"):
        assert part in shown


def test_bars_are_drawn_if_they_are_wanted_and_on_terminals_alone() -> None:
    assert make_watcher(2, 4, wanted=True) is UNWATCHED
    with stderr_on_a_terminal():
        assert make_watcher(2, 4, wanted=False) is UNWATCHED
        assert make_watcher(2, 4, wanted=True) is not UNWATCHED
