"""Records are read with distrust, and those of older versions are read as they are."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.assets.cache.cache import Cache
from hub.assets.cache.layout import make_key
from hub.assets.cache.records import Record, format_time, read_record
from hub.assets.filenames import safe_filename
from hub.digests import Digest
from tests.assets.cache.conftest import CONTENT, LINK, NAME, PREFIX, SHA256, WHOLE

KEY = make_key(LINK, WHOLE)
GOOD = {
    "link": LINK,
    "digest": SHA256,
    "sha256": SHA256,
    "filename": NAME,
    "size": 1,
    "mtime_ns": 2,
    "inode": 3,
    "served_by": LINK,
    "fetched_at": "2026-01-01T00:00:00+00:00",
    "schema_version": 1,
}


def read(tmp_path: Path, values: object) -> Record | None:
    path = tmp_path / "record.json"
    path.write_text(values if isinstance(values, str) else json.dumps(values))
    return read_record(path)


def test_a_record_reads_as_it_was_written(tmp_path: Path) -> None:
    record = Record(**{**GOOD, "layer": "/shared"})  # type: ignore[arg-type]
    path = tmp_path / "record.json"
    path.write_bytes(record.format())
    assert read_record(path) == record


def test_a_record_without_a_layer_is_written_as_older_versions_know_it() -> None:
    record = Record(**GOOD)  # type: ignore[arg-type]
    assert set(json.loads(record.format())) == set(GOOD)


def test_a_field_that_a_newer_version_added_does_no_harm(tmp_path: Path) -> None:
    assert read(tmp_path, {**GOOD, "colour": [1]}) == Record(**GOOD)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sha256", "../../../etc/passwd"),
        ("sha256", SHA256.upper()),
        ("sha256", SHA256[:63]),
        ("sha256", SHA256 + "\n"),
        ("filename", "../evil"),
        ("filename", "/etc/passwd"),
        ("filename", ".."),
        ("filename", ""),
        ("filename", "a\\b"),
        ("filename", "NUL.ckpt"),
        ("size", "1"),
        ("size", 1.0),
        ("size", True),
        ("mtime_ns", None),
        ("link", 5),
        ("layer", 5),
        ("layer", None),
        ("schema_version", 2),
        ("schema_version", True),
    ],
)
def test_a_record_with_a_wrong_value_counts_as_none(
    tmp_path: Path, field: str, value: object
) -> None:
    assert read(tmp_path, GOOD)
    assert read(tmp_path, {**GOOD, field: value}) is None


@pytest.mark.parametrize("field", sorted(set(GOOD) - {"schema_version"}))
def test_a_record_that_lacks_a_value_counts_as_none(tmp_path: Path, field: str) -> None:
    assert read(tmp_path, {name: value for name, value in GOOD.items() if name != field}) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "[" * 100_000, "9" * 5000, " " * (2 << 20)]
)
def test_what_is_no_record_counts_as_none(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) is None


def test_a_folder_or_a_pipe_in_the_place_of_a_record_counts_as_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_record(tmp_path / "pipe") is None
    assert read_record(tmp_path / "nothing") is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1e12, "9999-12-31T23:59:59+00:00"),
        (253402300800, "9999-12-31T23:59:59+00:00"),
        (float("inf"), "9999-12-31T23:59:59+00:00"),
        (-1e15, "1970-01-01T00:00:00+00:00"),
        (1e9, "2001-09-09T01:46:40+00:00"),
    ],
)
def test_a_time_that_no_calendar_has_is_shown_as_the_nearest(seconds: float, text: str) -> None:
    assert format_time(seconds) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(sorted({*GOOD, "layer"}))
UNHURRIED = settings(  # a machine that is busy draws slowly, which says nothing about the records
    max_examples=75,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@UNHURRIED
@given(changes=st.dictionaries(NAMES, JSON, max_size=4), cut=st.integers(0, 2000))
def test_no_record_raises_or_leads_out_of_the_cache(
    cache: Cache, changes: dict[str, object], cut: int
) -> None:
    place = cache.layout.link(KEY)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(json.dumps({**GOOD, **changes}).encode()[:cut])
    record = read_record(place)
    if record:
        assert record.filename == safe_filename(record.filename)
        path = cache.layout.blob(record.sha256, record.filename)
        assert path.resolve().is_relative_to(cache.layout.blobs.resolve())
    assert cache.find(LINK, WHOLE, NAME) is None  # there is no blob
    assert cache.recover(LINK, WHOLE, NAME) is None
    assert list(cache.files()) == []


@UNHURRIED
@given(content=st.binary(max_size=300))
def test_no_bytes_raise(cache: Cache, content: bytes) -> None:
    for place in (cache.layout.link(KEY), cache.layout.pins / "12345678.json"):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    assert cache.find(LINK, WHOLE, NAME) is None
    assert cache.pins() == {}


@pytest.mark.parametrize("digest", [WHOLE, PREFIX])
def test_a_cache_of_the_first_version_is_read_as_it_is(cache_folder: Path, digest: Digest) -> None:
    """The folder as mshub wrote it before there were layers and a layout file."""
    blob = cache_folder / "blobs" / SHA256[:2] / SHA256 / NAME
    blob.parent.mkdir(parents=True)
    blob.write_bytes(CONTENT)
    blob.chmod(0o444)
    status = blob.stat()
    key = make_key(LINK, digest)
    record = {
        "link": LINK,
        "digest": str(digest),
        "sha256": SHA256,
        "filename": NAME,
        "size": status.st_size,
        "mtime_ns": status.st_mtime_ns,
        "inode": status.st_ino,
        "served_by": "https://mirror.example.org/lite0.ckpt",
        "fetched_at": "2026-01-01T00:00:00+00:00",
        "schema_version": 1,
    }
    for name, content in {
        f"links/{key}.json": json.dumps(record, indent=1),
        f"pins/{PREFIX}.json": json.dumps({"sha256": SHA256}, indent=1),
        "partial/0123456789abcdef0123456789abcdef": "half",
        f"locks/{key}.lock": "",
        "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n",
    }.items():
        (cache_folder / name).parent.mkdir(exist_ok=True)
        (cache_folder / name).write_text(content)
    cache = Cache(cache_folder)
    found = cache.find(LINK, digest, NAME)
    assert found
    assert (found.path, found.sha256, found.served_by, found.fetched_at) == (
        blob,
        SHA256,
        "https://mirror.example.org/lite0.ckpt",
        "2026-01-01T00:00:00+00:00",
    )
    assert not cache.layout.version.exists()  # nothing was written
    assert list(cache.files()) == [found]
    assert cache.pins() == {PREFIX.hex: SHA256}
    os.utime(blob, (1, 1))
    assert cache.recover(LINK, digest, NAME) == found
    assert cache.layout.version.read_text() == "1\n"
