"""The JSON Schema of model cards: for editors and other programs, and for values that come in.

A card's own text is judged by the rules of :mod:`hub.lint`: a schema sees values only, after a YAML
reader has guessed their types, and knows neither lines nor calendars nor spellings.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple

from hub.resources import schema_file


class Violation(NamedTuple):
    """A value that the schema refuses.

    Attributes:
        path: The keys and the places in lists (from 0) that lead to it.
        message: Why it is refused, in a card author's words.

    Example:
        >>> print(Violation(("asset", 0, "asset-link"), "is missing"))
        asset[0].asset-link is missing
    """

    path: tuple[str | int, ...]
    message: str

    def __str__(self) -> str:
        return f"{self.key} {self.message}" if self.path else self.message

    @property
    def key(self) -> str:
        """The path as findings write it, such as ``asset[0].asset-link``."""
        steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path]
        return "".join(steps).removeprefix(".")


def load_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a card's values, a new one each time.

    It describes what :func:`hub.metadata.notations.to_values` gives, and also the header as an editor
    sees it that reads it as YAML. Beside the standard's keywords, each key has an ``x-order``,
    its usual place in a card, and some have an ``errorMessage``, the words of
    :func:`find_violations`; other programs pass over both.

    Raises:
        OSError: The installation is broken: the file is not there.

    Example:
        >>> load_schema()["properties"]["mindspore-version"]["title"]
        'MindSpore version'
    """
    schema: dict[str, Any] = json.loads(schema_file().read_text(encoding="utf-8"))
    return schema


def find_violations(values: Mapping[str, object]) -> list[Violation]:
    """Check the values of a card against the schema.

    Args:
        values: What :func:`hub.metadata.notations.to_values` gives, or what a YAML reader makes of a
            card's header; days may be ``datetime.date`` and numbers ``Decimal``.

    Returns:
        Everything that is wrong, all at once; an empty list if nothing is.

    Raises:
        OSError: The installation is broken: the schema's file is not there.

    Example:
        >>> for violation in find_violations({"model-version": "banana"})[:2]:
        ...     print(violation)
        model-name is missing
        backbone-name is missing
    """
    errors = _validator().iter_errors(_make_plain(values))
    return list(dict.fromkeys(map(_explain, errors)))


def _make_plain(value: Any) -> Any:
    """Turn what YAML readers make of a header into what JSON has words for."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _make_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_make_plain(item) for item in value]
    return value


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(load_schema())


def _explain(error: Any) -> Violation:
    path: tuple[str | int, ...] = tuple(error.absolute_path)
    if error.validator == "required":
        key = next(key for key in error.validator_value if error.message.startswith(repr(key)))
        return Violation((*path, key), f"is missing{_guess_key(key, error.instance)}")
    if error.instance in ("", None):
        return Violation(path, "is empty")
    shown = json.dumps(error.instance, ensure_ascii=False, default=str)
    shown = shown if len(shown) <= 60 else f"{shown[:60]}…"
    return Violation(path, f"{shown} {error.schema.get('errorMessage', error.message)}")


def _guess_key(key: str, values: Mapping[str, object]) -> str:
    """Say which unknown key may be a misspelling of a missing one."""
    schema = _validator().schema
    known = {*schema["properties"], *schema["$defs"]["asset"]["properties"]}
    near = get_close_matches(key, [name for name in values if name not in known], n=1, cutoff=0.7)
    return f"; is {near[0]!r} meant to be it?" if near else ""
