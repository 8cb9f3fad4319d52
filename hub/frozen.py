"""A mapping that cannot be changed, but can be pickled and copied as a record's part must be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, TypeVar

Value = TypeVar("Value")


class FrozenMapping(Mapping[str, Value]):
    """What a dict is, for reading alone.

    Args:
        values: What the mapping holds; copied.

    Example:
        >>> frozen = FrozenMapping({"mAP": "37.3"})
        >>> frozen["mAP"], frozen == {"mAP": "37.3"}
        ('37.3', True)
    """

    __slots__ = ("_values",)
    _values: dict[str, Value]

    def __init__(self, values: Mapping[str, Value]) -> None:
        object.__setattr__(self, "_values", dict(values))

    def __getitem__(self, key: str) -> Value:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._values!r})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{name} cannot be set: this is part of a frozen record")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{name} cannot be deleted: this is part of a frozen record")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self._values,)


def freeze(value: Any) -> Any:
    """Turn dicts and lists, at any depth, into what cannot be changed.

    Example:
        >>> freeze({"shape": ["1", "3"]})
        FrozenMapping({'shape': ('1', '3')})
    """
    if isinstance(value, dict):
        return FrozenMapping({key: freeze(item) for key, item in value.items()})
    return tuple(map(freeze, value)) if isinstance(value, list) else value
