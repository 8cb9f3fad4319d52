"""What the tests share: a clean environment, a real HTTP server, cards to write."""

from __future__ import annotations

import contextlib
import os
import ssl
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import pytest

from hub.assets.patience import Patience

QUICK = Patience(connect=5, silence=5, window=5, attempts=2, backoff=0.01, longest_pause=1)

NO_SKIPS = os.environ.get("MSHUB_NO_SKIPS") == "1"  # CI: what cannot be proved has failed

Behaviour = Callable[[BaseHTTPRequestHandler], None]
Report = TypeVar("Report", pytest.CollectReport, pytest.TestReport)

CARD = """\
# {name}

---

model-name: {name}

backbone-name: efficientnet

module-type: cv

fine-tunable: True

model-version: {version}

train-dataset: ImageNet2012

evaluation: top1acc76.88 | top5acc93.28

author: MindSpore team

update-time: 2025-3-10

repo-link: <https://github.com/mindspore-lab/mindcv/tree/v0.4.0/configs/efficientnet>

user-id: MindSpore

used-for: inference

mindspore-version: {version}

asset:

- file-format: ckpt
  asset-link: <{link}>
  asset-sha256: {digest}

license: Apache2.0

summary: {name} is used for cv

---

# Body

Text.
"""

# A card with which nothing is wrong.
GOOD_CARD = f"""\
# lite0

---
model-name: lite0
backbone-name: efficientnet
module-type: cv
fine-tunable: True
model-version: 2.5
train-dataset: ImageNet2012
evaluation: top1acc76.88 | top5acc93.28
author: Ada
update-time: 2025-03-10
repo-link: <https://github.com/ada/lite0/tree/v1.0/configs>
user-id: Ada
used-for: inference
mindspore-version: 2.5
asset:
- file-format: ckpt
  asset-link: <https://example.org/lite0.ckpt>
  asset-sha256: {"ab" * 32}
license: Apache-2.0
summary: Sorts photographs into a thousand classes.
---

## Introduction

Sorts photographs.
"""


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return fail_for_a_missing_package((yield))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return fail_for_a_missing_package((yield))


def fail_for_a_missing_package(report: Report) -> Report:
    """Where nothing may be skipped, make a skip by ``pytest.importorskip`` a failure."""
    if NO_SKIPS and report.skipped and "could not import" in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"MSHUB_NO_SKIPS is set, and this was skipped: {report.longrepr}"
    return report


def import_reference(name: str) -> Any:
    """Import a package that ours is compared with, or skip the test.

    torchvision's wheel lacks the operators that one of its modules registers shapes for, and timm
    imports torchvision: that module is left out.
    """
    left_out = "torchvision._meta_registrations"
    sys.modules.setdefault(left_out, ModuleType(left_out))
    return pytest.importorskip(name)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the user's settings or cache, or a proxy."""
    for name in list(os.environ):
        if name.startswith("MSHUB_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MSHUB_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def cache_folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def write_card(tmp_path: Path) -> Callable[..., Path]:
    """Write a valid card; ``replace`` maps parts of its text to others."""

    def write(
        path: str = "cards/MindSpore/efficientnet_b0.md",
        *,
        name: str = "efficientnet_b0",
        version: str = "2.5",
        link: str = "https://example.org/weights.ckpt",
        digest: str = "0123456789abcdef",
        replace: dict[str, str] | None = None,
    ) -> Path:
        text = CARD.format(name=name, version=version, link=link, digest=digest)
        for old, new in (replace or {}).items():
            assert old in text
            text = text.replace(old, new)
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write


class AssetServer:
    """A real HTTP server on the loopback interface, whose answers a test can spoil."""

    def __init__(self) -> None:
        self.behaviours: dict[str, Behaviour] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append((self.path, dict(self.headers)))
                with contextlib.suppress(ConnectionError):
                    outer.behaviours.get(self.path, answer_status(404))(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def wrap(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.handle_error = lambda *_: None  # a client that refuses is what is tested
        self.origin = self.origin.replace("http:", "https:")

    def serve(self, path: str, content: bytes) -> str:
        """Serve content under a path, and return its URL."""
        self.behaviours[path] = answer(content)
        return self.origin + path

    def behave(self, path: str, behaviour: Behaviour) -> str:
        self.behaviours[path] = behaviour
        return self.origin + path

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def answer(
    content: bytes, *, status: int = 200, announced: int | None = None, **headers: str
) -> Behaviour:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(announced or len(content)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return behave


def answer_status(status: int) -> Behaviour:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return behave


def redirect(location: str) -> Behaviour:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", location)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return behave


@pytest.fixture
def server() -> Iterator[AssetServer]:
    server = AssetServer()
    yield server
    with contextlib.suppress(Exception):
        server.stop()


def digest_of(content: bytes) -> str:
    return sha256(content).hexdigest()


def all_files(folder: Path) -> list[str]:
    """List what is in a cache folder, but for its marks and its locks."""
    if not folder.exists():
        return []
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(
        f for f in files if f not in {"CACHEDIR.TAG", "layout"} and not f.startswith("locks/")
    )
