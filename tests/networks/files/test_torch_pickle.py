"""Pickles are followed, never run: what the machine builds, what it refuses, and its limits."""

from __future__ import annotations

import argparse
import io
import pickle
import struct
import tracemalloc
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.networks.files.torch_pickle import (
    OPERATIONS_LIMIT,
    Pickled,
    Storage,
    Tensor,
    read_pickle,
)
from hub.networks.files.weights import MalformedError

ELEMENT_TYPES = frozenset({"FloatStorage", "LongStorage"})
REBUILD = b"ctorch._utils\n_rebuild_tensor_v2\n"
STORAGE = (
    b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06"
)


def read(program: bytes) -> Pickled:
    return read_pickle(io.BytesIO(program), ELEMENT_TYPES)


def tensor(
    storage: bytes, shape: bytes = b"K\x02K\x03\x86", stride: bytes = b"K\x03K\x01\x86"
) -> bytes:
    return b"\x80\x02" + REBUILD + b"(" + storage + b"K\x00" + shape + stride + b"\x89}tR."


class Run:
    """Pickles as a call of ``function(*arguments)``."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.call


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_plain_values_are_what_pickle_itself_makes_of_them(protocol: int) -> None:
    shared = ["twice", 2.5]
    values = {
        "a": (),
        "b": (1, -70_000, 2**70),
        "c": [True, None],
        7: shared,
        "d": [shared, shared],
    }
    assert read(pickle.dumps(values, protocol)).value == values


def test_what_was_shared_in_the_pickle_is_shared_in_the_value() -> None:
    shared: list[object] = []
    value = read(pickle.dumps((shared, shared), 2)).value
    assert isinstance(value, tuple)
    assert value[0] is value[1]


def test_text_that_python_2_saved_as_bytes_is_text() -> None:
    assert read(b"\x80\x02}U\x04_bn0T\x01\x00\x00\x00xs.").value == {"_bn0": "x"}


def test_a_tensor_is_written_down_with_its_storage() -> None:
    pickled = read(tensor(STORAGE + b"tQ"))
    storage = Storage("0", "FloatStorage", 6)
    assert pickled.value == Tensor(storage, 0, (2, 3), (3, 1))
    assert pickled.storages == {"0": storage}


def test_a_parameter_is_its_tensor() -> None:
    inner = tensor(STORAGE + b"tQ")[2:-1]
    program = b"\x80\x02ctorch._utils\n_rebuild_parameter\n(" + inner + b"\x88}tR."
    assert isinstance(read(program).value, Tensor)


def test_a_size_is_a_tuple() -> None:
    assert read(b"\x80\x02ctorch\nSize\nK\x02K\x03\x86\x85R.").value == (2, 3)


def test_attributes_of_a_dictionary_are_dropped() -> None:
    program = b"\x80\x02ccollections\nOrderedDict\n)R}X\x09\x00\x00\x00_metadata}sb."
    value = read(program).value
    assert value == {}
    assert not hasattr(value, "_metadata")


def test_the_options_of_a_training_script_are_dropped() -> None:
    saved = {"args": argparse.Namespace(lr=0.1, data=None), "epoch": 3}
    assert read(pickle.dumps(saved, 2)).value == {"args": {}, "epoch": 3}


def test_the_stream_is_left_behind_the_last_operation() -> None:
    stream = io.BytesIO(b"\x80\x02K\x01.\x80\x02K\x02.rest")
    assert [read_pickle(stream, ELEMENT_TYPES).value for _ in range(2)] == [1, 2]
    assert stream.read() == b"rest"


def test_the_filters_of_warnings_which_all_threads_share_are_left_alone() -> None:
    class Stream(io.BytesIO):
        def readline(self, *size: int) -> bytes:
            during.append(list(warnings.filters))
            return super().readline(*size)

    during: list[object] = []
    before = list(warnings.filters)
    assert read_pickle(Stream(b"\x80\x02ctorch\nSize\n)\x85R."), ELEMENT_TYPES).value == ()
    assert during == [before, before]


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_command_in_a_pickle_is_named_and_not_run(tmp_path: Path, protocol: int) -> None:
    marker = tmp_path / "ran"
    program = pickle.dumps(Run(Path.touch, marker), protocol)
    pickle.loads(program)  # the trap works
    assert marker.exists()
    marker.unlink()
    with pytest.raises(MalformedError, match=r"refused to run [\w.]+\.(getattr|Path)"):
        read(program)
    assert not marker.exists()


@pytest.mark.parametrize(
    ("program", "name"),
    [
        (b"cposix\nsystem\nX\x02\x00\x00\x00id\x85R.", r"posix\.system"),
        (b"cbuiltins\neval\nX\x01\x00\x00\x001\x85R.", r"builtins\.eval"),
        (b"c__builtin__\nexec\nX\x01\x00\x00\x001\x85R.", r"__builtin__\.exec"),
        (b"cbuiltins\ngetattr\ncos\nsystem\n\x86R.", r"builtins\.getattr"),
        (b"csubprocess\nPopen\n]X\x02\x00\x00\x00ida\x85R.", r"subprocess\.Popen"),
        (b"ctorch\nload\nX\x01\x00\x00\x00x\x85R.", r"torch\.load"),
        (b"ctorch.storage\n_load_from_bytes\nC\x01x\x85R.", r"torch\.storage\._load_from_bytes"),
        (b"ctorch\nFloatStorage.__init__.__globals__\n.", r"torch\.FloatStorage\.__init__"),
        (b"ccollections\nOrderedDict.fromkeys\n.", r"collections\.OrderedDict\.fromkeys"),
        (b"ccollections\nCounter\n)R.", r"collections\.Counter"),
        (b"cbuiltins\nFloatStorage\n.", r"builtins\.FloatStorage"),
        (b"ctorch\nQInt8Storage\n.", r"torch\.QInt8Storage"),
        (b"\x8c\x05posix\x8c\x06system\x93.", r"posix\.system"),
        (b"\x8c\x05posix\x94\x8c\x06system\x94h\x00h\x01\x93.", r"posix\.system"),
        (b"cposix\n\x1b[2Jsystem\n.", r"posix\.\\x1b\[2Jsystem"),
    ],
)
def test_a_name_that_no_tensor_needs_is_refused(program: bytes, name: str) -> None:
    with pytest.raises(MalformedError, match=f"refused to run {name}.*: a weights file needs only"):
        read(b"\x80\x04" + program)


@pytest.mark.parametrize(
    ("program", "operation"),
    [
        (b"(X\x02\x00\x00\x00idiposix\nsystem\n.", "INST posix system"),
        (b"(ccollections\nOrderedDict\no.", "OBJ"),
        (b"ccollections\nOrderedDict\n)\x81.", "NEWOBJ"),
        (b"cargparse\nNamespace\nK\x01\x85\x81.", "NEWOBJ"),
        (b"ccollections\nOrderedDict\n)}\x92.", "NEWOBJ_EX"),
        (b"\x82\x01.", "EXT1 1"),
        (b"P0\n.", "PERSID 0"),
        (b"K\x012.", "DUP"),
        (b"\x97.", "NEXT_BUFFER"),
    ],
)
def test_an_operation_that_no_tensor_needs_is_refused(program: bytes, operation: str) -> None:
    with pytest.raises(
        MalformedError, match=f"refused the pickle operation {operation}: a weights"
    ):
        read(b"\x80\x04" + program)


@pytest.mark.parametrize(
    "program",
    [
        REBUILD + b"}X\x08\x00\x00\x00__code__K\x01sb.",
        REBUILD + b"N}X\x0c\x00\x00\x00__defaults__K\x01s\x86b.",
        b"ccollections\nOrderedDict\n}X\x0c\x00\x00\x00__reversed__K\x01sb.",
        b"]}X\x01\x00\x00\x00aK\x01sb.",
    ],
)
def test_nothing_but_a_dictionary_may_be_given_attributes(program: bytes) -> None:
    with pytest.raises(MalformedError, match="refused to set an object's attributes"):
        read(b"\x80\x02" + program)


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (b"", "damaged or cut off"),
        (b"\x80\x02}", "damaged or cut off"),
        (b"\x80\x02\xff.", "damaged or cut off"),
        (b"\x80\x02X\x05\x00\x00\x00ab.", "damaged or cut off"),
        (b"\x80\x02X\x01\x00\x00\x00\xff.", "damaged or cut off"),
        (b"\x80\x02c\\collections\nOrderedDict\n.", "damaged or cut off"),
        (b"\x80\x02S'\\x1'\n.", "damaged or cut off"),
        (b"\x80\x02.", "takes more values than it made"),
        (b"\x80\x02K\x01\x86.", "takes more values than it made"),
        (b"\x80\x02t.", "a mark is missing"),
        (b"\x80\x02h\x07.", "nothing was kept in slot 7"),
        (b"\x80\x02K\x01K\x02a.", "appends to what is no list"),
        (b"\x80\x02]K\x01K\x02s.", "sets items of what is no dictionary"),
        (b"\x80\x02}(K\x01u.", "sets items of what is no dictionary"),
        (b"\x80\x02})K\x01s.", "a key is not a whole number"),
        (b"\x80\x02}]K\x01s.", "a key is not a whole number"),
        (b"\x80\x04K\x01K\x02\x93.", "fetches something without a name"),
        (b"\x80\x02K\x01)R.", "makes an object of wrong parts"),
        (b"\x80\x02ccollections\nOrderedDict\n]\x85R.", "makes an object of wrong parts"),
        (b"\x80\x02ctorch\nFloatStorage\n)R.", "makes an object of wrong parts"),
        (tensor(b"K\x01"), "makes an object of wrong parts"),
        (tensor(STORAGE + b"tQ", shape=b"K\x02"), "has no shape"),
        (tensor(STORAGE + b"tQ", shape=b"K\x06\x85"), "1 dimensions and 2 strides"),
        (tensor(STORAGE + b"tQ", *[b"(" + 33 * b"K\x01" + b"t"] * 2), "33 dimensions"),
        (tensor(STORAGE + b"tQ", shape=b"J\xff\xff\xff\xffK\x01\x86"), "not a whole number"),
        (tensor(STORAGE + b"tQ", stride=b"\x88K\x01\x86"), "not a whole number"),
        (tensor(STORAGE + b"K\x00tQ"), "a storage in a way that we don't know"),
        (tensor(STORAGE[:-2] + b"NtQ"), "not a whole number"),
        (b"\x80\x02" + STORAGE + b"tQ" + STORAGE[:-2] + b"K\x07tQ.", "storage 0 in two ways"),
    ],
)
def test_a_program_that_makes_no_sense_is_refused(program: bytes, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        read(program)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_backslash_in_a_name_is_refused_even_where_nobody_is_warned_of_it() -> None:
    with pytest.raises(MalformedError, match=r"refused to run \\\\collections\.OrderedDict"):
        read(b"\x80\x02c\\collections\nOrderedDict\n.")


BOMBS = {
    "a text of 2**62 bytes": b"\x80\x04\x8d" + struct.pack("<Q", 2**62) + b".",
    "bytes of 2**62 bytes": b"\x80\x04\x8e" + struct.pack("<Q", 2**62) + b".",
    "a frame of 2**62 bytes": b"\x80\x04\x95" + struct.pack("<Q", 2**62),
    "a storage of 2**64 numbers": b"\x80\x02" + STORAGE[:-2] + b"\x8a\x09" + 8 * b"\0" + b"\1tQ.",
    "a tuple 20,000 deep as a key": b"\x80\x02})" + 20_000 * b"\x85" + b"K\x01s.",
    "a list 20,000 deep, then nonsense": b"\x80\x02" + 20_000 * b"]" + 19_999 * b"a" + b"\xff",
}


@pytest.mark.parametrize("program", BOMBS.values(), ids=BOMBS)
def test_a_small_pickle_cannot_make_much_work(program: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(MalformedError):
        read(program)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 20_000_000


def test_a_memo_slot_of_any_number_takes_no_room() -> None:
    program = b"\x80\x02K\x01r\xff\xff\xff\x7fj\xff\xff\xff\x7f\x86."  # slot 2**31 - 1
    tracemalloc.start()
    assert read(program).value == (1, 1)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 1_000_000


def test_a_pickle_of_too_many_operations_is_refused() -> None:
    with pytest.raises(MalformedError, match="over 500,000 operations"):
        read(b"\x80\x02" + OPERATIONS_LIMIT * b"N" + b".")


PIECES = [
    *(bytes([code]) for code in b"()]}N\x88\x89abesutQR.\x85\x86\x87\x93\x94\x81"),
    *(b"K\x00", b"K\x02", b"J\xff\xff\xff\xff", b"q\x00", b"h\x00", b"r\x01\x00\x00\x00"),
    *(b"X\x01\x00\x00\x00a", b"X\x07\x00\x00\x00storage", STORAGE, REBUILD, STORAGE + b"tQ"),
    *(
        b"ccollections\nOrderedDict\n",
        b"ctorch\nSize\n",
        b"ctorch\nFloatStorage\n",
        b"cos\nsystem\n",
    ),
]


@settings(deadline=None, max_examples=500, database=None)
@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_any_row_of_operations_is_followed_or_refused(pieces: list[bytes]) -> None:
    try:
        value = read(b"\x80\x02" + b"".join(pieces) + b".").value
    except MalformedError:
        return
    known = (dict, list, tuple, str, int, bool, Tensor, Storage, type(None))
    assert isinstance(value, known) or type(value).__name__ == "_Global"
