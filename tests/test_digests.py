"""Whole digests and prefixes."""

import hashlib
from pathlib import Path

import pytest

from hub.digests import Digest, hash_file

WHOLE = hashlib.sha256(b"weights").hexdigest()


def test_a_whole_digest_matches_itself_alone() -> None:
    digest = Digest.parse(WHOLE.upper())
    assert digest.complete
    assert digest.strength == "full"
    assert digest.matches(WHOLE)
    assert not digest.matches(WHOLE[:-1] + ("0" if WHOLE[-1] != "0" else "1"))


@pytest.mark.parametrize("length", [8, 9, 63])
def test_a_prefix_matches_as_a_prefix_and_says_that_it_is_weak(length: int) -> None:
    digest = Digest.parse(WHOLE[:length])
    assert digest.matches(WHOLE)
    assert not digest.matches("f" * 64)
    assert not digest.complete
    assert digest.strength == f"weak: a prefix of {4 * length} bits"


@pytest.mark.parametrize(
    "text", ["", "zzz", "1234567", "g" * 64, "a" * 65, " 12345678", "0x123456"]
)
def test_what_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not 8 to 64 hexadecimal digits"):
        Digest.parse(text)


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1])
def test_a_file_is_hashed_whole(tmp_path: Path, size: int) -> None:
    content = b"x" * size
    path = tmp_path / "file"
    path.write_bytes(content)
    assert hash_file(path) == hashlib.sha256(content).hexdigest()
