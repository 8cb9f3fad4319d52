"""What ``torch.save`` pickled, followed step by step instead of unpickled.

A pickle is a program: ``GLOBAL`` fetches any function that Python can import, ``REDUCE`` calls it.
So nothing here uses :mod:`pickle`. The standard library's disassembler names the operations one by
one, and a small stack machine carries out those that a dictionary of tensors is made of. It knows
six things by name, and calls none of them: it writes down what they would have built. Whatever
else a pickle asks for is refused by name.

Every operation takes constant time, or as long as others took to put on the stack what it takes
off: the work is bounded by the number of operations, and that by a limit.

The format: https://github.com/python/cpython/blob/main/Lib/pickletools.py.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import IO, Any

from hub.networks.files.weights import MalformedError

#: EfficientNet-B7 and its optimizer take about 130,000; as many as this take some two seconds.
OPERATIONS_LIMIT = 500_000

_RANK_LIMIT = 32  # numpy 1 cannot hold a tensor of more dimensions
_LENGTH_LIMIT = 2**62  # of anything counted in elements: numpy counts in 64 bits


@dataclass(frozen=True, slots=True)
class Storage:
    """A flat run of numbers that lies outside the pickle, and that tensors are cut from.

    Args:
        key: The name under which the file keeps the numbers.
        element_type: PyTorch's name for their type, for example ``"FloatStorage"``.
        size: How many numbers there are.
    """

    key: str
    element_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor as a way to walk through a storage, counted in elements."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pickled:
    """What one pickle describes, and every storage it refers to, by key."""

    value: object
    storages: Mapping[str, Storage]


@dataclass(frozen=True, slots=True)
class _Global:
    """A name that a pickle fetches from a module: only ever compared, never imported."""

    module: str
    name: str


_ORDERED_DICT = _Global("collections", "OrderedDict")
_REBUILD_TENSOR = _Global("torch._utils", "_rebuild_tensor_v2")
_REBUILD_PARAMETER = _Global("torch._utils", "_rebuild_parameter")
_SIZE = _Global("torch", "Size")
_NAMESPACE = _Global("argparse", "Namespace")  # a training script's options, beside the weights
_CALLABLE = (_ORDERED_DICT, _REBUILD_TENSOR, _REBUILD_PARAMETER, _SIZE, _NAMESPACE)


def read_pickle(stream: IO[bytes], element_types: frozenset[str]) -> Pickled:
    r"""Follow one pickle to its end, without importing or calling what it names.

    Args:
        stream: The bytes in memory; left behind the pickle's last operation.
        element_types: The storage types that the caller can decode.

    Returns:
        The value, made of ``dict``, ``list``, ``tuple``, ``str``, ``int``, ``float``, ``bool``,
        ``None``, :class:`Tensor` and :class:`Storage`; and the storages.

    Raises:
        MalformedError: The pickle is damaged or cut off, asks for anything but tensors, or is
            longer than :data:`OPERATIONS_LIMIT`.

    Example:
        >>> import io
        >>> harmless = io.BytesIO(b"\x80\x02}X\x05\x00\x00\x00epochK\x03s.")
        >>> read_pickle(harmless, frozenset()).value
        {'epoch': 3}
        >>> harmful = io.BytesIO(b"\x80\x02cposix\nsystem\nX\x02\x00\x00\x00ls\x85R.")
        >>> read_pickle(harmful, frozenset())  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        hub.networks.files.weights.MalformedError: refused to run posix.system: a weights file ...
    """
    machine = _Machine(element_types)
    try:
        for count, (operation, argument, _) in enumerate(pickletools.genops(stream)):
            if count == OPERATIONS_LIMIT:
                raise MalformedError(f"its pickle has over {OPERATIONS_LIMIT:,} operations")
            machine.follow(operation.name, argument)
    except (ValueError, DeprecationWarning) as error:  # no operation; a backslash, under -W error
        raise MalformedError(f"its pickle is damaged or cut off ({shown(error)})") from error
    return Pickled(machine.pop(), MappingProxyType(machine.storages))


class _Machine:
    """The stack, the marks on it, and the memo: all the state that a pickle has."""

    def __init__(self, element_types: frozenset[str]) -> None:
        self.storages: dict[str, Storage] = {}
        self._element_types = element_types
        self._stack: list[object] = []
        self._marks: list[int] = []
        self._memo: dict[int, object] = {}

    def follow(self, operation: str, argument: Any) -> None:
        if operation in _LITERALS:
            self.push(argument)
        elif operation in _CONSTANTS:
            self.push(_CONSTANTS[operation])
        elif operation in _ACTIONS:
            _ACTIONS[operation](self, argument)
        elif operation not in _IGNORED:
            what = operation if argument is None else f"{operation} {shown(argument)}"
            raise MalformedError(f"refused the pickle operation {what}: {_ONLY_TENSORS}")

    def push(self, value: object) -> None:
        self._stack.append(value)

    def pop(self) -> object:
        if not self._stack:
            raise MalformedError("its pickle is damaged: it takes more values than it made")
        return self._stack.pop()

    def mark(self) -> None:
        self._marks.append(len(self._stack))

    def pop_to_mark(self) -> list[object]:
        if not self._marks:
            raise MalformedError("its pickle is damaged: a mark is missing")
        start = self._marks.pop()
        values = self._stack[start:]
        del self._stack[start:]
        return values

    def pop_many(self, count: int) -> tuple[object, ...]:
        return tuple(reversed([self.pop() for _ in range(count)]))

    def remember(self, slot: int | None) -> None:
        self._memo[len(self._memo) if slot is None else slot] = self._top()

    def recall(self, slot: int) -> None:
        if slot not in self._memo:
            raise MalformedError(f"its pickle is damaged: nothing was kept in slot {slot}")
        self.push(self._memo[slot])

    def append(self, values: list[object]) -> None:
        target = self._top()
        if not isinstance(target, list):
            raise MalformedError("its pickle is damaged: it appends to what is no list")
        target.extend(values)

    def set_items(self, values: list[object]) -> None:
        target = self._top()
        if not isinstance(target, dict) or len(values) % 2:
            raise MalformedError("its pickle is damaged: it sets items of what is no dictionary")
        for key, value in zip(values[::2], values[1::2], strict=True):
            # Hashing a deeply nested tuple would exhaust the stack, and huge integers can be made
            # to collide: text and small integers are what state dictionaries are keyed by.
            target[key if isinstance(key, str) else _count(key)] = value

    def fetch(self, module: object, name: object) -> None:
        if not (isinstance(module, str) and isinstance(name, str)):
            raise MalformedError("its pickle is damaged: it fetches something without a name")
        found = _Global(module, name)
        if found not in _CALLABLE and not self._is_element_type(found):
            raise MalformedError(f"refused to run {shown(module)}.{shown(name)}: {_ONLY_TENSORS}")
        self.push(found)

    def refer(self) -> None:
        storage = self._storage(self.pop())
        known = self.storages.setdefault(storage.key, storage)
        if known != storage:
            raise MalformedError(f"it describes storage {shown(storage.key)} in two ways")
        self.push(known)

    def reduce(self) -> None:
        function, arguments = self.pop_many(2)
        match function, arguments:
            case _Global(), () if function == _ORDERED_DICT:
                self.push({})
            case _Global(), (tuple() as size,) if function == _SIZE:
                self.push(size)
            case _Global(), (Tensor() as tensor, bool(), _) if function == _REBUILD_PARAMETER:
                self.push(tensor)
            case _Global(), (Storage() as storage, offset, shape, stride, bool(), *rest) if (
                function == _REBUILD_TENSOR and len(rest) in (1, 2)
            ):
                self.push(_tensor(storage, offset, shape, stride))
            case _:
                raise MalformedError("its pickle is damaged: it makes an object of wrong parts")

    def make(self) -> None:
        if self.pop_many(2) != (_NAMESPACE, ()):
            raise MalformedError(f"refused the pickle operation NEWOBJ: {_ONLY_TENSORS}")
        self.push({})

    def build(self) -> None:
        """Drop attributes: those that PyTorch hangs on a state dictionary, and all options."""
        self.pop()
        if not isinstance(self._top(), dict):
            raise MalformedError(f"refused to set an object's attributes: {_ONLY_TENSORS}")

    def _top(self) -> object:
        self.push(value := self.pop())
        return value

    def _is_element_type(self, found: _Global) -> bool:
        return found.module == "torch" and found.name in self._element_types

    def _storage(self, reference: object) -> Storage:
        match reference:
            case ("storage", _Global() as kind, str() as key, str(), size, *view) if (
                self._is_element_type(kind) and view in ([], [None])
            ):
                return Storage(key, kind.name, _count(size))
        raise MalformedError("its pickle refers to a storage in a way that we don't know")


def _tensor(storage: Storage, offset: object, shape: object, stride: object) -> Tensor:
    if not (isinstance(shape, tuple) and isinstance(stride, tuple)):
        raise MalformedError("its pickle is damaged: a tensor has no shape")
    if len(shape) > _RANK_LIMIT or len(shape) != len(stride):
        raise MalformedError(f"a tensor has {len(shape)} dimensions and {len(stride)} strides")
    return Tensor(storage, _count(offset), tuple(map(_count, shape)), tuple(map(_count, stride)))


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < _LENGTH_LIMIT:  # a bool is no count
        raise MalformedError("an offset, a length or a key is not a whole number that fits")
    return value


def shown(value: object) -> str:
    """Text from the file, fit for one line of a terminal."""
    return str(value)[:80].encode("unicode_escape").decode("ascii")


_ONLY_TENSORS = (
    "a weights file needs only tensors. If you trust its maker, open it with PyTorch and save "
    "model.state_dict() alone"
)

#: Operations that put their own argument on the stack.
_NUMBERS = ("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT")
_TEXTS = ("BINSTRING", "SHORT_BINSTRING", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8")
_LITERALS = frozenset((*_NUMBERS, *_TEXTS))

_CONSTANTS = MappingProxyType({"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()})

#: Operations that change nothing: the disassembler itself ends behind STOP.
_IGNORED = frozenset(("PROTO", "FRAME", "STOP"))

_ACTIONS: Mapping[str, Callable[[_Machine, Any], None]] = MappingProxyType(
    {
        "MARK": lambda machine, _: machine.mark(),
        "EMPTY_DICT": lambda machine, _: machine.push({}),
        "EMPTY_LIST": lambda machine, _: machine.push([]),
        "TUPLE": lambda machine, _: machine.push(tuple(machine.pop_to_mark())),
        "TUPLE1": lambda machine, _: machine.push(machine.pop_many(1)),
        "TUPLE2": lambda machine, _: machine.push(machine.pop_many(2)),
        "TUPLE3": lambda machine, _: machine.push(machine.pop_many(3)),
        "APPEND": lambda machine, _: machine.append([machine.pop()]),
        "APPENDS": lambda machine, _: machine.append(machine.pop_to_mark()),
        "SETITEM": lambda machine, _: machine.set_items(list(machine.pop_many(2))),
        "SETITEMS": lambda machine, _: machine.set_items(machine.pop_to_mark()),
        "BINPUT": lambda machine, slot: machine.remember(slot),
        "LONG_BINPUT": lambda machine, slot: machine.remember(slot),
        "MEMOIZE": lambda machine, none: machine.remember(none),
        "BINGET": lambda machine, slot: machine.recall(slot),
        "LONG_BINGET": lambda machine, slot: machine.recall(slot),
        "GLOBAL": lambda machine, names: machine.fetch(*names.split(" ", 1)),
        "STACK_GLOBAL": lambda machine, _: machine.fetch(*machine.pop_many(2)),
        "BINPERSID": lambda machine, _: machine.refer(),
        "REDUCE": lambda machine, _: machine.reduce(),
        "NEWOBJ": lambda machine, _: machine.make(),
        "BUILD": lambda machine, _: machine.build(),
    }
)
