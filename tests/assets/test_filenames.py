"""Names from outside never become paths."""

import ntpath
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.assets.filenames import safe_filename

HOSTILE = [
    "", ".", "..", "...", "/", "\\", "../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd",
    "C:\\windows\\system32", "C:evil", "\\\\server\\share\\x", "//server/share", "nul", "NUL.ckpt",
    "com1", "LPT9.txt", "aux.", "a\0b", "a\nb", "\x1b[31m", ".hidden", "name.", "name ", " name",
    "a:b", "a|b", "a*b?", "~", "~root", "-rf", "\u202egpj.exe", "\ufb01le", "x" * 5000, "." * 300,
    "%2e%2e%2f", "con.tar.gz", "weights.ckpt:stream", "-", "_",
]  # fmt: skip


def assert_safe(name: str) -> None:
    assert name
    assert len(name) <= 129
    assert PurePosixPath(name).parts == (name,)
    assert PureWindowsPath(name).parts == (name,)
    assert not name.startswith((".", " ", "-"))
    assert not name.endswith((".", " "))
    assert name.isascii()
    assert name.isprintable()
    assert not getattr(ntpath, "isreserved", PureWindowsPath.is_reserved)(PureWindowsPath(name))


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_hostile_name_becomes_a_plain_one(name: str) -> None:
    assert_safe(safe_filename(name))


@given(st.text(max_size=200))
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_any_name_becomes_a_plain_one_and_a_plain_one_stays(name: str) -> None:
    plain = safe_filename(name)
    assert_safe(plain)
    assert safe_filename(plain) == plain


@pytest.mark.parametrize("name", ["efficientnet_b0-f8d7aa2a-910v2.ckpt", "predrnn++.ckpt", "a.ms"])
def test_an_honest_name_stays_as_it_is(name: str) -> None:
    assert safe_filename(name) == name


def test_a_name_without_anything_usable_becomes_the_fallback() -> None:
    assert safe_filename("..", fallback="asset.ckpt") == "asset.ckpt"


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_hostile_fallback_becomes_plain_too(name: str) -> None:
    assert_safe(safe_filename("", fallback=f"asset.{name}"))
    assert_safe(safe_filename("..", fallback=name))
