"""The public names: complete, documented, and what the type checkers see."""

import ast
import inspect
from pathlib import Path

import pytest

import hub
from hub import errors


def test_every_public_name_can_be_imported() -> None:
    for name in hub.__all__:
        assert getattr(hub, name) is not None


def test_dir_shows_the_public_names_and_nothing_else() -> None:
    assert dir(hub) == sorted(hub.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'hub' has no attribute 'nothing'"):
        hub.nothing  # noqa: B018


def test_type_checkers_see_the_names_that_python_sees() -> None:
    tree = ast.parse(Path(hub.__file__).read_text(encoding="utf-8"))
    checked = next(node for node in tree.body if isinstance(node, ast.If))
    homes = {
        alias.asname: node.module
        for node in checked.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert homes == hub._HOMES


def test_every_error_class_is_public() -> None:
    classes = {name for name, value in vars(errors).items() if inspect.isclass(value)}
    assert {c for c in classes if issubclass(getattr(errors, c), Exception)} <= set(hub.__all__)


@pytest.mark.parametrize("name", [name for name in hub.__all__ if name != "__version__"])
def test_every_public_name_has_a_docstring(name: str) -> None:
    assert len(inspect.getdoc(getattr(hub, name)) or "") > 30


@pytest.mark.parametrize(
    "function", ["card", "fetch", "list_models", "load", "load_weights", "validate"]
)
def test_every_function_states_its_arguments_and_its_errors(function: str) -> None:
    doc = inspect.getdoc(getattr(hub, function)) or ""
    arguments = inspect.signature(getattr(hub, function)).parameters
    assert "Returns:" in doc or "Return" in doc
    assert "Raises:" in doc
    for argument in arguments:
        assert f"{argument}:" in doc
