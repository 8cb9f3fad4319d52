"""What a file is by its first bytes."""

import gzip
import io
import os
import pickle
import tarfile
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.assets.magic import name_kind, sniff_file


def make_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("weights/data.pkl"), b"x")
    return file.getvalue()


def make_tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("weights"))
    return file.getvalue()


class Malicious:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("id",)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "value", [{}, {"a": 1}, [], (1, 2), OrderedDict(a=1), print, Malicious(), {"k" * 2000: [1]}]
)
def test_a_pickle_is_known(protocol: int, value: object) -> None:
    assert name_kind(pickle.dumps(value, protocol)) == "a pickle, which is a program"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (make_zip(), "a zip archive, as PyTorch saves weights too"),
        (make_tar(), "a tar archive"),
        (gzip.compress(b"x", mtime=0), "a gzip archive"),
        (b"\x7fELF\x02\x01\x01", "a program"),
        (b"#!/bin/sh\n", "a program"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"\n <HTML>", "a web page"),
        (b'<?xml version="1.0"?><Error>', "a web page"),
    ],
)
def test_archives_programs_and_pages_are_known(content: bytes, kind: str, tmp_path: Path) -> None:
    (tmp_path / "lite0.ckpt").write_bytes(content)
    assert sniff_file(tmp_path / "lite0.ckpt") == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\x1a\n\x05mlp_head",
        b"weights " * 1000,
        b"\x18\0\0\0\0\0\0\0{}",
        b"\x80\x02",
        b"other (c) content",
    ],
)
def test_a_checkpoint_is_none_of_them(content: bytes) -> None:
    assert name_kind(content) is None


@given(st.binary(max_size=2048))
def test_any_bytes_can_be_asked_about(content: bytes) -> None:
    assert name_kind(content) is None or isinstance(name_kind(content), str)


@pytest.mark.parametrize("length", [10280, 18984, 19240, 21800, 22568, 23848, 32040, 75816])
def test_a_safetensors_file_is_no_pickle_whatever_its_headers_length_looks_like(
    length: int,
) -> None:
    head = length.to_bytes(8, "little") + b'{"__metadata__":{"format":"ms"}'
    assert name_kind(head) is None
