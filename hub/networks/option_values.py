"""What may be asked of any network: the types and the ranges of its options."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any

from hub.errors import ArgumentError
from hub.networks.options import NetworkOptions
from hub.networks.rates import check_rate

_MOST = 1_000_000  # classes or channels; more is a slip, and would exhaust the memory


def settle_options(options: NetworkOptions) -> NetworkOptions:
    """Check the options that a caller gave, and make plain numbers of them.

    Args:
        options: What is wanted of a network.

    Returns:
        The same, with Python's own integers, floats and tuples.

    Raises:
        ArgumentError: A value has a wrong type, is out of its range, or contradicts another.

    Example:
        >>> settle_options(NetworkOptions(features_only=True, out_indices=[1, 3])).out_indices
        (1, 3)
    """
    if not isinstance(options.features_only, bool):
        raise ArgumentError(f"features_only must be True or False, not {options.features_only!r}")
    _refuse_contradictions(options)
    classes, indices = options.num_classes, options.out_indices
    return replace(
        options,
        num_classes=None if classes is None else _count("num_classes", classes),
        in_channels=_count("in_channels", options.in_channels),
        out_indices=None if indices is None else _indices(indices),
        drop_rate=_rate("drop_rate", options.drop_rate),
        drop_path_rate=_rate("drop_path_rate", options.drop_path_rate),
    )


def _refuse_contradictions(options: NetworkOptions) -> None:
    if not options.features_only and options.out_indices is not None:
        raise ArgumentError("out_indices chooses among features: pass features_only=True as well")
    if options.features_only and options.num_classes is not None:
        raise ArgumentError("a network for features_only has no classes: leave out num_classes")
    if options.features_only and options.drop_rate is not None:
        raise ArgumentError("a network for features_only has no classifier: leave out drop_rate")


def _whole(value: Any) -> int | None:
    try:
        return None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return None


def _count(argument: str, value: Any) -> int:
    count = _whole(value)
    if count is None or not 1 <= count <= _MOST:
        raise ArgumentError(f"{argument} must be a whole number from 1 to {_MOST:,}, not {value!r}")
    return count


def _indices(values: Any) -> tuple[int, ...]:
    indices = [_whole(value) for value in values] if isinstance(values, (tuple, list)) else []
    whole = tuple(index for index in indices if index is not None)
    if not whole or len(whole) < len(indices):
        raise ArgumentError(f"out_indices must be a tuple of whole numbers, not {values!r}")
    return whole


def _rate(argument: str, value: Any) -> float | None:
    return None if value is None else check_rate(argument, value)
