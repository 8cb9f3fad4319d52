"""From a checkpoint's arrays to a network's parameters: all of them, or none and an error.

MindSpore's own ``load_param_into_net`` returns what it could not place and leaves those
parameters as they were, random. Here that is an error, and the network is untouched.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any

import mindspore
from mindspore import nn

from hub.errors import WeightsError
from hub.networks.files.weights_file import Array, read_weights
from hub.networks.variants import VARIANTS

_SHOWN = 8  # differences of a kind that a message spells out; the error's attributes have all


class _InitialValues:
    """Whether parameters get their initial values, as a class attribute with an answer per thread.

    It stands in the place of MindSpore's own attribute while a thread needs it, and answers what
    was there to all others.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._thread = threading.local()
        self._users = 0
        self._before: object = True

    def __get__(self, instance: object, owner: type) -> object:
        wanted: bool | None = getattr(self._thread, "wanted", None)
        return self._before if wanted is None else wanted

    @contextmanager
    def answer(self, *, wanted: bool) -> Iterator[None]:
        """Give this thread an answer for a while."""
        self._enter()
        before = getattr(self._thread, "wanted", None)
        self._thread.wanted = wanted
        try:
            yield
        finally:
            self._thread.wanted = before
            self._leave()

    def _enter(self) -> None:
        with self._guard:
            if not self._users:
                self._before = getattr(mindspore.Parameter, "init_param", True)
                mindspore.Parameter.init_param = self
            self._users += 1

    def _leave(self) -> None:
        with self._guard:
            self._users -= 1
            if not self._users and vars(mindspore.Parameter).get("init_param") is self:
                mindspore.Parameter.init_param = self._before


_INITIAL_VALUES = _InitialValues()


@contextmanager
def without_values() -> Iterator[None]:
    """Let the parameters of cells that are built inside wait for their values.

    MindSpore asks ``Parameter.init_param`` whether it shall compute them, and its own way to say
    no, ``mindspore.nn.utils.no_init_parameters``, says it for the whole process: a network that
    another thread builds meanwhile would stay empty. Here each thread has its own answer.

    Example:
        >>> with without_values():
        ...     network = nn.Dense(3, 2)
        >>> network.weight.has_init
        True
        >>> nn.Dense(3, 2).weight.has_init
        False
    """
    with _INITIAL_VALUES.answer(wanted=False):
        yield


@contextmanager
def with_values() -> Iterator[None]:
    """Undo :func:`without_values` for a while, for cells that calculate with their values.

    Example:
        >>> with without_values(), with_values():
        ...     nn.Dense(3, 2).weight.has_init
        False
    """
    with _INITIAL_VALUES.answer(wanted=True):
        yield


def read_checkpoint(path: str | PathLike[str]) -> dict[str, Any]:
    """Read a checkpoint as parameters, for a network that mshub does not build.

    Args:
        path: The ``.ckpt`` or ``.safetensors`` file, which may be changed or deleted afterwards.

    Returns:
        Each name and its :class:`mindspore.Parameter`, in the file's order. What was saved as a
        text is a text.

    Raises:
        CheckpointError: The file cannot be read, or is not a whole, plain checkpoint.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "dense.ckpt")
        ...     mindspore.save_checkpoint(nn.Dense(3, 2), str(path))
        ...     parameters = read_checkpoint(path)
        >>> parameters["weight"].shape
        (2, 3)
    """
    return {
        name: str(array) if array.dtype.kind == "U" else mindspore.Parameter(_tensor(array), name)
        for name, array in read_weights(path).arrays.items()
    }


def load_checkpoint_into(
    network: nn.Cell, path: str | PathLike[str], *, strict: bool = True
) -> None:
    """Fill a network with a checkpoint's values, or leave it as it is and raise.

    Args:
        network: The network; its parameters' names are the checkpoint's.
        path: The ``.ckpt`` or ``.safetensors`` file, which may be changed or deleted afterwards.
        strict: Whether a parameter that only the network or only the checkpoint has is an error.
            If not, it is logged as a warning, and the network keeps what it had.

    Raises:
        CheckpointError: The file cannot be read, or is not a whole, plain checkpoint.
        WeightsError: The parameters are not the network's. Another shape or type always is an
            error, whatever ``strict`` says.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "dense.ckpt")
        ...     mindspore.save_checkpoint(nn.Dense(3, 2), str(path))
        ...     load_checkpoint_into(nn.Dense(3, 2), path)
        ...     load_checkpoint_into(nn.Dense(3, 2, has_bias=False), path)
        Traceback (most recent call last):
        ...
        hub.errors.WeightsError: ...dense.ckpt does not fit the network (Dense):
          1 unexpected: bias
        Pass strict=False to leave out what is missing or unexpected.
    """
    fill_network(network, read_weights(path).arrays, source=fspath(path), strict=strict)


def fill_network(
    network: nn.Cell,
    arrays: Mapping[str, Array],
    *,
    source: str,
    strict: bool = True,
    fresh: Collection[str] = (),
) -> None:
    """Copy arrays into a network's parameters, or leave it as it is and raise.

    Args:
        network: The network, whose parameters may still be without values (built under
            :func:`without_values`): those that no array fills are initialised.
        arrays: Names and values.
        source: Where the arrays come from, for messages.
        strict: Whether a name that only one side has is an error, or a logged warning.
        fresh: Names of parameters that no array is to fill.

    Raises:
        WeightsError: Names, shapes or types differ.
    """
    parameters = network.parameters_dict()
    wanted = {name: value for name, value in parameters.items() if name not in fresh}
    given = {name: array for name, array in arrays.items() if name not in fresh}
    differences = _compare(wanted, given)
    if differences.mismatched or (strict and differences):
        raise _weights_error(network, source, differences, given)
    if differences:
        logging.getLogger(__name__).warning("%s", _describe(network, source, differences))
    tensors = {name: _tensor(given[name]) for name in wanted if name in given}
    for name, parameter in parameters.items():
        if name in tensors:
            parameter.set_data(tensors[name])
            parameter.init_mode = None  # else pickle would store the initialiser, not the values
        else:
            parameter.init_data()


@dataclass(frozen=True, slots=True)
class _Differences:
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    mismatched: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected or self.mismatched)


def _compare(wanted: Mapping[str, Any], given: Mapping[str, Array]) -> _Differences:
    both = [(name, wanted[name], given[name]) for name in wanted if name in given]
    return _Differences(
        missing=tuple(name for name in wanted if name not in given),
        unexpected=tuple(name for name in given if name not in wanted),
        mismatched=tuple(
            f"{name} (the network has {_kind(parameter)}, the checkpoint {_kind(array)})"
            for name, parameter, array in both
            if _kind(parameter) != _kind(array)
        ),
    )


def _kind(values: Any) -> str:
    """Write type and shape as ``float32 (64, 32)``, the same for parameters and for arrays."""
    return f"{values.dtype} {tuple(values.shape)}".lower()


def _weights_error(
    network: nn.Cell, source: str, differences: _Differences, given: Mapping[str, Array]
) -> WeightsError:
    looks_like = _recognise(given)
    advice = "" if not looks_like else f"\nThe checkpoint looks like one of {looks_like}."
    if not differences.mismatched:
        advice += "\nPass strict=False to leave out what is missing or unexpected."
    return WeightsError(
        _describe(network, source, differences) + advice,
        missing=differences.missing,
        unexpected=differences.unexpected,
        mismatched=differences.mismatched,
    )


def _describe(network: nn.Cell, source: str, differences: _Differences) -> str:
    lines = [f"{source} does not fit the network ({type(network).__name__}):"]
    for kind in ("missing", "unexpected", "mismatched"):
        names = getattr(differences, kind)
        if names:
            more = f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            lines.append(f"  {len(names)} {kind}: {', '.join(names[:_SHOWN])}{more}")
    return "\n".join(lines)


def _recognise(arrays: Mapping[str, Array]) -> str | None:
    """Name the variant that has as many trainable values, if the arrays are an EfficientNet's."""
    stem, head = arrays.get("features.0.weight"), arrays.get("mlp_head.bias")
    if stem is None or head is None or stem.ndim != 4:
        return None
    statistics = (".moving_mean", ".moving_variance")
    trained = sum(array.size for name, array in arrays.items() if not name.endswith(statistics))
    counts = {
        variant.count_parameters(num_classes=head.size, in_channels=stem.shape[1]): variant.name
        for variant in VARIANTS.values()
    }
    return counts.get(trained)


def _tensor(array: Array) -> mindspore.Tensor:
    """Copy the array once, to aligned memory that only the tensor uses."""
    return mindspore.Tensor.from_numpy(array.copy())
