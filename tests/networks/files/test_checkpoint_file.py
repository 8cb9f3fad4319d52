"""The file format: what MindSpore writes is read, whatever else there is is refused in words."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy")

from hub.errors import CheckpointError  # noqa: E402
from hub.networks.files.weights_file import read_weights  # noqa: E402

FLOAT_1 = struct.pack("<f", 1.0)


def varint(number: int) -> bytes:
    encoded = b""
    while number >= 0x80:
        encoded += bytes([number & 0x7F | 0x80])
        number >>= 7
    return encoded + bytes([number])


def sized(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def integer(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


def tensor(kind: str, shape: tuple[int, ...], content: bytes) -> bytes:
    dimensions = b"".join(integer(1, size) for size in shape)
    return dimensions + sized(2, kind.encode()) + sized(3, content)


def value(name: str, kind: str, shape: tuple[int, ...], content: bytes) -> bytes:
    return sized(1, sized(1, name.encode()) + sized(2, tensor(kind, shape, content)))


def two_parameters() -> bytes:
    weight = np.arange(6, dtype="<f4").tobytes()
    return value("weight", "Float32", (2, 3), weight) + value("bias", "Float32", (1,), FLOAT_1)


def read(tmp_path: Path, content: bytes) -> dict[str, Any]:
    path = tmp_path / "some.ckpt"
    path.write_bytes(content)
    return dict(read_weights(path).arrays)


def fault_of(tmp_path: Path, content: bytes) -> str:
    with pytest.raises(CheckpointError) as caught:
        read(tmp_path, content)
    assert caught.value.path == str(tmp_path / "some.ckpt")
    assert str(caught.value).startswith(str(tmp_path / "some.ckpt"))
    return str(caught.value)


def test_names_come_in_the_order_of_the_file_with_shape_type_and_values(tmp_path: Path) -> None:
    arrays = read(tmp_path, two_parameters())
    assert list(arrays) == ["weight", "bias"]
    assert arrays["weight"].dtype == np.float32
    np.testing.assert_array_equal(arrays["weight"], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(arrays["bias"], [1])


def test_the_path_may_be_a_text(tmp_path: Path) -> None:
    (tmp_path / "a.ckpt").write_bytes(two_parameters())
    assert list(read_weights(str(tmp_path / "a.ckpt")).arrays) == ["weight", "bias"]


def test_the_arrays_are_views_that_cannot_write_to_the_file(tmp_path: Path) -> None:
    bias = read(tmp_path, two_parameters())["bias"]
    assert not bias.flags.writeable
    assert not bias.flags.owndata


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        ("Bool", "bool"),
        ("Int8", "int8"),
        ("Int16", "int16"),
        ("Int32", "int32"),
        ("Int64", "int64"),
        ("UInt8", "uint8"),
        ("UInt16", "uint16"),
        ("UInt32", "uint32"),
        ("UInt64", "uint64"),
        ("Float16", "float16"),
        ("Float32", "float32"),
        ("Float64", "float64"),
    ],
)
def test_each_type_of_numbers_is_read(tmp_path: Path, kind: str, dtype: str) -> None:
    numbers = np.array([0, 1, 1], dtype)
    array = read(tmp_path, value("x", kind, (3,), numbers.tobytes()))["x"]
    assert array.dtype == numbers.dtype
    np.testing.assert_array_equal(array, numbers)


@pytest.mark.parametrize("shape", [(), (0,)], ids=["no dimensions", "the old way, one of size 0"])
def test_a_single_number_has_no_dimensions(tmp_path: Path, shape: tuple[int, ...]) -> None:
    assert read(tmp_path, value("x", "Float32", shape, FLOAT_1))["x"].shape == ()


def test_packed_dimensions_are_read_like_repeated_ones(tmp_path: Path) -> None:
    packed = sized(1, varint(2) + varint(300)) + sized(2, b"UInt8") + sized(3, bytes(600))
    content = sized(1, sized(1, b"x") + sized(2, packed))
    assert read(tmp_path, content)["x"].shape == (2, 300)


def test_the_slices_of_a_large_parameter_are_joined(tmp_path: Path) -> None:
    numbers = np.arange(10, dtype="<f4")
    pieces = [numbers[:4], numbers[4:8], numbers[8:]]
    content = b"".join(value("x", "Float32", (5, 2), piece.tobytes()) for piece in pieces)
    array = read(tmp_path, value("a", "Float32", (), FLOAT_1) + content)["x"]
    np.testing.assert_array_equal(array, numbers.reshape(5, 2))


def test_a_text_is_read_as_a_text(tmp_path: Path) -> None:
    content = value("note", "str", (), "naïve".encode("utf-32-le"))
    assert str(read(tmp_path, content)["note"]) == "naïve"


def test_fields_that_we_do_not_know_are_skipped(tmp_path: Path) -> None:
    unknown = integer(9, 5) + sized(10, b"new") + varint(11 << 3 | 1) + bytes(8)
    unknown += varint(12 << 3 | 5) + bytes(4)
    inside = unknown + tensor("Float32", (1,), FLOAT_1) + unknown
    content = unknown + sized(1, unknown + sized(1, b"x") + sized(2, inside)) + unknown
    np.testing.assert_array_equal(read(tmp_path, content)["x"], [1])


def test_a_right_check_sum_is_accepted_and_a_wrong_one_refused(tmp_path: Path) -> None:
    content = two_parameters()
    end = b"crc_num" + zlib.crc32(content).to_bytes(10, "big")
    assert list(read(tmp_path, content + end)) == ["weight", "bias"]
    damaged = content.replace(FLOAT_1, struct.pack("<f", 2.0))
    assert damaged != content
    assert "its check sum is wrong" in fault_of(tmp_path, damaged + end)


@pytest.mark.mindspore
def test_what_mindspore_saves_is_read_as_mindspore_reads_it(save: Any) -> None:
    mindspore = pytest.importorskip("mindspore")
    random = np.random.default_rng(0)
    saved = {
        "float": random.normal(size=(2, 3, 4)).astype("float32"),
        "half": random.normal(size=3).astype("float16"),
        "double": random.normal(size=(1, 1)),
        "whole": np.arange(4),
        "flags": np.array([True, False]),
        "scalar": np.float32(2.5),
    }
    path = save(saved, append_dict={"epoch": 3, "note": "good"}, crc_check=True)
    arrays = dict(read_weights(path).arrays)
    reference = mindspore.load_checkpoint(str(path))
    assert list(arrays) == list(reference) == [*saved, "epoch", "note"]
    assert str(arrays.pop("note")) == "good"
    for name, array in arrays.items():
        assert array.shape == reference[name].shape, name
        assert array.dtype == reference[name].asnumpy().dtype, name
        np.testing.assert_array_equal(array, reference[name].asnumpy())


@pytest.mark.mindspore
def test_an_encrypted_checkpoint_is_told_apart(save: Any) -> None:
    for mode in ("AES-GCM", "AES-CBC"):
        path = save({"x": np.ones(3)}, f"{mode}.ckpt", enc_key=b"0" * 16, enc_mode=mode)
        with pytest.raises(CheckpointError, match=r"it is encrypted; mindspore\.load_checkpoint"):
            read_weights(path)


@pytest.mark.mindspore
def test_bfloat16_is_widened_to_float32(save: Any) -> None:
    mindspore = pytest.importorskip("mindspore")
    numbers = np.array([[1.5, -2, 3e38]], np.float32)
    path = save({"x": mindspore.Tensor(numbers, mindspore.bfloat16)})
    array = read_weights(path).arrays["x"]
    assert array.dtype == np.float32
    np.testing.assert_allclose(array, numbers, rtol=2**-8)
    np.testing.assert_array_equal(array[0, :2], numbers[0, :2])


def zip_archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("archive/data.pkl"), b"")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty; fetch it again"),
        (b"<!DOCTYPE html><html>", "it is a web page.*check the link"),
        (b"\n  <HTML><head>", "it is a web page"),
        (zip_archive(), "it is a zip archive, as PyTorch saves; run 'hub convert'"),
        (pickle.dumps({}, protocol=2), "it is a pickle.*never opened; run 'hub convert'"),
        (pickle.dumps({}, protocol=4), "it is a pickle"),
        (gzip.compress(b"x", mtime=0), "it is compressed"),
        (b"\x89HDF\r\n\x1a\n", "it is an HDF5 file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "it is a Git LFS pointer"),
        (257 * b"\0" + b"ustar", "it is a tar archive; unpack it"),
        (b"Not found\n", "it is text, not weights"),
    ],
    ids=lambda case: case[:12] if isinstance(case, bytes) else None,
)
def test_another_kind_of_file_is_told_by_name(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "some.ckpt"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=message):
        read_weights(path)


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "sprung",))

    fault_of(tmp_path, pickle.dumps(Trap()))
    assert not (tmp_path / "sprung").exists()


def test_a_missing_file_and_a_folder_are_errors_that_name_them(tmp_path: Path) -> None:
    for path in (tmp_path / "none.ckpt", tmp_path):
        with pytest.raises(CheckpointError, match="cannot be read") as caught:
            read_weights(path)
        assert caught.value.path == str(path)


def test_a_file_that_stops_early_is_an_error_that_says_where(tmp_path: Path) -> None:
    content = two_parameters()
    first = len(value("weight", "Float32", (2, 3), bytes(24)))
    for end in range(1, len(content)):
        if end != first:  # a file may well have one parameter
            assert f"it is cut off at byte {end}" in fault_of(tmp_path, content[:end])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (integer(7, 1), "there are no parameters in it"),
        (value("x", "Float32", (2,), FLOAT_1), r"'x' has 4 bytes, not the 8 of Float32 \(2,\)"),
        (value("x", "Float32", (1,), FLOAT_1 * 2), r"'x' has 8 bytes, not the 4"),
        (value("x", "Float32", (0, 3), b""), "'x' has 0 bytes"),
        (value("x", "Float32", (0,), b""), "'x' has 0 bytes"),
        (value("x", "Float32", (2**40, 2**40), FLOAT_1), "'x' has 4 bytes, not the"),
        (value("x", "Float32", (2**64 - 1,), FLOAT_1), "'x' has 4 bytes, not the"),
        (value("x", "Float32", (1,) * 33, FLOAT_1), "'x' has more than 32 dimensions"),
        (value("x", "Complex", (1,), FLOAT_1), "'x' is of type Complex, which numpy lacks"),
        (value("x", "str", (), b"abc"), "'x' is not a text"),
        (value("x", "str", (), b"\xff" * 4), "'x' is not a text"),
        (two_parameters() * 2, "two of its parameters are called 'weight'"),
        (value("x", "Float32", (), FLOAT_1) * 2, "two of its parameters are called 'x'"),
        (
            value("x", "Float32", (1,), FLOAT_1) + value("x", "Float32", (), FLOAT_1),
            "two of its parameters are called 'x'",
        ),
        (value("", "Float32", (), FLOAT_1), "lacks a name or a tensor"),
        (sized(1, sized(1, b"x")), "lacks a name or a tensor"),
        (sized(1, sized(1, b"x") + sized(3, b"")), "'x' is a MapParameter"),
        (
            sized(1, sized(1, b"x") + sized(2, sized(2, b"Float32"))),
            "'x' lacks a type or a content",
        ),
        (sized(1, sized(1, b"\xff") + sized(2, b"")), "is not UTF-8"),
        (value("a\x1b[2J", "Float32", (), FLOAT_1), "has control characters"),
        (value("x" * 5000, "Float32", (), FLOAT_1), "is 5000 bytes long"),
        (two_parameters() + sized(50_505, b"b0\x1b[2J"), "has control characters"),
        (two_parameters() + sized(50_505, b"\xff"), "is not UTF-8"),
        (b"\n\x03\n\x7fx", "does not fit before byte|is cut off"),
        (varint(1 << 3 | 3), "no field can start before byte 1"),
        (b"\x08" + b"\xff" * 10, "has no end"),
    ],
)
def test_what_is_wrong_inside_is_said(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "some.ckpt"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=message):
        read_weights(path)


def check_that_it_reads_or_refuses(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "some.ckpt")
        path.write_bytes(content)
        try:
            arrays = dict(read_weights(path).arrays)
        except CheckpointError:
            return
        assert sum(array.nbytes for array in arrays.values()) <= len(content)


@settings(deadline=None, max_examples=400)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    check_that_it_reads_or_refuses(content)


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_any_change_of_a_checkpoint_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(two_parameters() + value("note", "str", (), "ok".encode("utf-32-le")))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 8))
        content[at : at + length] = data.draw(st.binary(max_size=12))
    check_that_it_reads_or_refuses(bytes(content))


def test_a_flood_of_fields_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flood.ckpt"
    path.write_bytes(two_parameters() + integer(9, 1) * 200_000)
    with pytest.raises(CheckpointError, match="there are over 200,000 fields"):
        read_weights(path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX resource limits")
def test_many_tiny_fields_do_not_keep_the_processor_busy(tmp_path: Path) -> None:
    path = tmp_path / "many.ckpt"
    path.write_bytes(two_parameters() + integer(9, 1) * 150_000)
    code = f"""
import resource
from hub.networks.files.weights_file import read_weights
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))  # a quadratic reader would need hours
print(len(read_weights({str(path)!r}).arrays))
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("2\n", 0), done.stderr
