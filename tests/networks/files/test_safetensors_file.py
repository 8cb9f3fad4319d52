"""The safetensors format: what others write is read, what is no such file is refused in words."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy")

from hub.errors import CheckpointError  # noqa: E402
from hub.networks.files.weights_file import read_weights  # noqa: E402

TYPES = {
    "BOOL": "bool",
    "I8": "int8",
    "I16": "int16",
    "I32": "int32",
    "I64": "int64",
    "U8": "uint8",
    "U16": "uint16",
    "U32": "uint32",
    "U64": "uint64",
    "F16": "float16",
    "F32": "float32",
    "F64": "float64",
}


def entry(
    start: int, end: int, shape: list[Any] | None = None, kind: str = "F32"
) -> dict[str, Any]:
    shape = [(end - start) // 4] if shape is None else shape
    return {"dtype": kind, "shape": shape, "data_offsets": [start, end]}


def lay_out(header: object, content: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content


def floats(*values: float) -> bytes:
    return np.array(values, "<f4").tobytes()


TWO_TENSORS = lay_out(
    {"__metadata__": {"format": "pt"}, "bias": entry(24, 32), "weight": entry(0, 24, [2, 3])},
    floats(*range(8)),
)


def read(tmp_path: Path, content: bytes) -> dict[str, Any]:
    path = tmp_path / "some.safetensors"
    path.write_bytes(content)
    return dict(read_weights(path).arrays)


def test_tensors_come_in_the_order_in_which_they_lie_in_the_file(tmp_path: Path) -> None:
    arrays = read(tmp_path, TWO_TENSORS)
    assert list(arrays) == ["weight", "bias"]
    assert arrays["weight"].dtype == np.float32
    assert arrays["weight"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert arrays["bias"].tolist() == [6, 7]


def test_the_arrays_are_views_that_cannot_write_to_the_file(tmp_path: Path) -> None:
    for array in read(tmp_path, TWO_TENSORS).values():
        assert not array.flags.writeable
        assert not array.flags.owndata


@pytest.mark.parametrize(("kind", "dtype"), TYPES.items())
def test_each_type_of_numbers_is_read(tmp_path: Path, kind: str, dtype: str) -> None:
    numbers = np.array([0, 1, 1], dtype)
    array = read(tmp_path, lay_out({"x": entry(0, numbers.nbytes, [3], kind)}, numbers.tobytes()))
    assert array["x"].dtype == numbers.dtype
    assert array["x"].tolist() == numbers.tolist()


def test_bfloat16_is_widened_to_float32(tmp_path: Path) -> None:
    bits = np.array([0x3F80, 0xC120, 0x7F80], "<u2").tobytes()
    array = read(tmp_path, lay_out({"x": entry(0, 6, [1, 3], "BF16")}, bits))["x"]
    assert array.dtype == np.float32
    assert array.tolist() == [[1, -10, float("inf")]]


def test_a_tensor_may_have_no_dimensions_or_no_values(tmp_path: Path) -> None:
    header = {"e": entry(0, 0, [3, 0]), "s": entry(0, 4, []), "last": entry(4, 4, [0])}
    arrays = read(tmp_path, lay_out(header, floats(2.5)))
    assert {name: array.shape for name, array in arrays.items()} == {
        "e": (3, 0),
        "s": (),
        "last": (0,),
    }
    assert arrays["s"] == 2.5


def test_numbers_may_lie_at_any_byte(tmp_path: Path) -> None:
    header = {"flag": entry(0, 1, [1], "BOOL"), "x": entry(1, 9)}
    assert read(tmp_path, lay_out(header, b"\1" + floats(1, 2)))["x"].tolist() == [1, 2]


def test_a_header_may_end_in_spaces_and_have_any_length(tmp_path: Path) -> None:
    plain = json.dumps({"x": entry(0, 4)}).encode()
    for length in (640, 0x8B1F, 0x4B50):  # whose bytes open a pickle, a gzip file, a zip archive
        content = lay_out(plain.ljust(length), floats(1))
        assert read(tmp_path, content)["x"].tolist() == [1]


def test_a_type_that_numpy_lacks_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="'x' is of type 'F8_E4M3', which numpy lacks"):
        read(tmp_path, lay_out({"x": entry(0, 2, [2], "F8_E4M3")}, b"12"))


def test_what_the_reference_implementation_saves_is_read_as_it_reads_it(tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.numpy")
    random = np.random.default_rng(0)
    saved = {
        f"{kind}.{number}": np.asarray(random.uniform(0, 100, shape)).astype(dtype)
        for kind, dtype in TYPES.items()
        for number, shape in enumerate([(), (3,), (2, 3, 4)])
    }
    path = tmp_path / "reference.safetensors"
    safetensors.save_file(saved, path, metadata={"format": "np"})
    arrays = read_weights(path).arrays
    assert set(arrays) == set(saved)
    for name, array in arrays.items():
        assert array.dtype == saved[name].dtype, name
        assert array.shape == saved[name].shape, name
        np.testing.assert_array_equal(array, saved[name])


@pytest.mark.mindspore
def test_what_mindspore_saves_is_read(save: Any) -> None:
    saved = {"b.weight": np.arange(6, dtype="f4").reshape(2, 3), "a": np.float32(1)}
    arrays = read_weights(save(saved, "ms.safetensors", format="safetensors")).arrays
    assert set(arrays) == set(saved)
    for name, array in saved.items():
        np.testing.assert_array_equal(arrays[name], array)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ((10**9).to_bytes(8, "little") + b"{}", "its header would be 1,000,000,000 bytes long"),
        (TWO_TENSORS[:100], "it is cut off at byte 100, in its header; fetch it again"),
        (TWO_TENSORS[:-5], "it is cut off: 5 bytes are missing; fetch it again"),
        (TWO_TENSORS + b"\0", "1 bytes follow its last tensor"),
        (lay_out({}), "there are no tensors in it"),
        (lay_out({"__metadata__": {"a": "b"}}), "there are no tensors in it"),
        (lay_out(b"{]"), "its header is no JSON: Expecting"),
        (lay_out(b'{"\xff": 1}'), "its header is no JSON: 'utf-8'"),
        (lay_out(b'{"x": NaN}'), "its header is no JSON: NaN is no number"),
        (lay_out(b'{"x": ' + b"1" * 5000 + b"}"), "its header is no JSON: Exceeds"),
        (lay_out(b'{"x": ' + b"[" * 100_000 + b"}"), "its header is no JSON: maximum recursion"),
        (lay_out(b'{"x": 1, "x": 1}'), "its header has two entries called 'x'"),
        (lay_out(b'{"x": {"shape": [], "shape": []}}'), "two entries called 'shape'"),
        (lay_out({"__metadata__": [], "x": entry(0, 4)}, floats(1)), "its metadata are not texts"),
        (lay_out({"__metadata__": {"a": 1}, "x": entry(0, 4)}), "its metadata are not texts"),
        (lay_out({"__metadata__": {"mshub.architecture": "\x1b[2J"}}), "is no name"),
        (lay_out({"": entry(0, 4)}, floats(1)), "'' is not the name of a tensor"),
        (lay_out({"a\x1b[2J": entry(0, 4)}, floats(1)), r"'a\\x1b\[2J' is not the name"),
        (lay_out(b'{"\\ud800": 1}'), r"'\\ud800' is not the name of a tensor"),
        (lay_out({"x" * 5000: entry(0, 4)}, floats(1)), "is not the name of a tensor"),
        (lay_out({"x": 1}), "'x' lacks a type, a shape or two offsets"),
        (lay_out({"x": {"dtype": "F32", "shape": [1]}}), "'x' lacks a type"),
        (lay_out({"x": {**entry(0, 4), "data_offsets": [0]}}), "'x' lacks a type"),
        (lay_out({"x": {**entry(0, 4), "dtype": 7}}), "'x' lacks a type"),
        (lay_out({"x": entry(0, 4, [1.0])}, floats(1)), "is not made of whole numbers"),
        (lay_out({"x": entry(0, 4, [True])}, floats(1)), "is not made of whole numbers"),
        (lay_out({"x": entry(0, 4, [-1, -1])}, floats(1)), "is not made of whole numbers"),
        (lay_out({"x": entry(0, 2**63, [1])}, floats(1)), "is not made of whole numbers"),
        (lay_out({"x": entry(0, 4, [1] * 33)}, floats(1)), "more than 32 dimensions"),
        (lay_out({"x": entry(0, 0, [0, 2**61, 2**61])}), "'x' is too large"),
        (lay_out({"x": entry(0, 4, [2])}, floats(1)), r"'x' has 4 bytes, not those of F32 \[2\]"),
        (lay_out({"x": entry(4, 0, [1])}, floats(1)), "'x' has -4 bytes"),
        (lay_out({"x": entry(0, 2**61, [2**59])}, floats(1)), "it is cut off: 2,305,843,009,21"),
        (
            lay_out({"x": entry(0, 4), "y": entry(0, 4)}, floats(1)),
            "'y' overlaps the tensor before",
        ),
        (lay_out({"x": entry(0, 8), "y": entry(4, 12)}, floats(1, 2, 3)), "'y' overlaps"),
        (lay_out({"x": entry(4, 8)}, floats(1, 2)), "nothing describes the bytes before 'x'"),
        (lay_out({"x": entry(0, 4), "y": entry(8, 12)}, floats(1, 2, 3)), "bytes before 'y'"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_what_is_wrong_inside_is_said(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(CheckpointError, match=message) as caught:
        read(tmp_path, content)
    assert caught.value.path == str(tmp_path / "some.safetensors")
    assert str(caught.value).startswith(f"{caught.value.path} cannot be read as weights: ")


def read_or_refuse(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "some.safetensors")
        path.write_bytes(content)
        try:
            arrays = read_weights(path).arrays
        except CheckpointError:
            return
        assert sum(array.nbytes for array in arrays.values()) <= 2 * len(content)


@settings(deadline=None, max_examples=300, database=None)
@given(st.binary(max_size=100), st.binary(max_size=100))
def test_any_bytes_as_a_header_are_read_or_refused(header: bytes, content: bytes) -> None:
    read_or_refuse(lay_out(b"{" + header, content))


SIZES = st.one_of(st.integers(-1, 9), st.integers(), st.booleans(), st.floats(), st.none())
ENTRIES = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from([*TYPES, "BF16", "F8_E5M2", None]),
        "shape": st.lists(SIZES, max_size=3),
        "data_offsets": st.lists(SIZES, min_size=1, max_size=3),
    }
)


@settings(deadline=None, max_examples=400, database=None)
@given(st.dictionaries(st.text(max_size=3), ENTRIES, max_size=3), st.binary(max_size=24))
def test_any_entries_are_read_or_refused(header: dict[str, Any], content: bytes) -> None:
    read_or_refuse(lay_out(header, content))


@settings(deadline=None, max_examples=400, database=None)
@given(st.data())
def test_any_change_of_a_file_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(TWO_TENSORS)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 8))
        content[at : at + length] = data.draw(st.binary(max_size=12))
    read_or_refuse(bytes(content))


@settings(deadline=None, max_examples=100, database=None)
@given(st.data())
def test_the_reference_implementation_reads_what_is_read_here(data: st.DataObject) -> None:
    """Whatever passes here passes there, with the same values: this reader is not the laxer."""
    safetensors = pytest.importorskip("safetensors.numpy")
    header = json.loads(TWO_TENSORS[8 : 8 + int.from_bytes(TWO_TENSORS[:8], "little")])
    for name in ("weight", "bias"):
        start = data.draw(st.sampled_from([0, 4, 8, 24]))
        count = data.draw(st.integers(0, 8))
        header[name] = entry(start, start + 4 * count)
    content = lay_out(header, floats(*range(data.draw(st.integers(0, 9)))))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "some.safetensors")
        path.write_bytes(content)
        try:
            arrays = read_weights(path).arrays
        except CheckpointError:
            with pytest.raises(Exception, match="Error while deserializing"):
                safetensors.load(content)
        else:
            reference = safetensors.load(content)
            assert {k: v.tolist() for k, v in arrays.items()} == {
                k: v.tolist() for k, v in reference.items()
            }
