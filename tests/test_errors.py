"""The tree of errors."""

import builtins
import inspect
import pickle
import re

import pytest

from hub import errors
from hub.errors import HubError, WeightsError

CLASSES = [
    value
    for value in vars(errors).values()
    if inspect.isclass(value) and issubclass(value, HubError)
]


@pytest.mark.parametrize("cls", CLASSES)
def test_an_error_survives_pickling_with_its_facts(cls: type[HubError]) -> None:
    error = cls("what, where, what next")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (cls, "what, where, what next", vars(error))


def test_an_error_carries_its_facts() -> None:
    error = WeightsError("no fit", missing=["a"], unexpected=["b"])
    assert (error.missing, error.unexpected, error.mismatched) == (("a",), ("b",), ())


def test_the_drawing_of_the_tree_is_true() -> None:
    drawn = re.findall(r"(\w+Error) (?:\((\w+)\))?.*?(\d)$", errors.__doc__ or "", re.MULTILINE)
    assert len(drawn) >= 15
    for name, builtin, code in drawn:
        cls = getattr(errors, name)
        assert cls.exit_code == int(code), name
        if builtin:
            assert issubclass(cls, getattr(builtins, builtin)), name
