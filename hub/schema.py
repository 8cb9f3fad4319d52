"""The judge of a card's values: JSON Schema, with its verdicts in a card author's words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

from hub.cards.evaluation import Evaluation
from hub.cards.fields import KeyPath
from hub.resources import schema_file


@dataclass(frozen=True, slots=True)
class Violation:
    """A value that the schema refuses: the path of its key, and why in words."""

    path: KeyPath
    message: str


def find_violations(values: Mapping[str, object]) -> list[Violation]:
    """Check a converted header against ``schemas/model-card.schema.json``.

    The words of a verdict stand in the schema itself, beside the rule, as ``errorMessage``.

    Args:
        values: The header as :func:`hub.cards.fields.convert_header` returns it.

    Returns:
        Everything that is wrong, all at once; an empty list if nothing is.

    Example:
        >>> for violation in find_violations({"model-version": "banana"})[:2]:
        ...     print(violation.path, violation.message)
        ('model-name',) is missing
        ('backbone-name',) is missing
    """
    return [_explain(error) for error in _validator().iter_errors(values)]


def guess_key(key: str, values: Mapping[str, object]) -> str:
    """Say which unknown key may be a misspelling of a missing one; empty if none looks like it.

    Example:
        >>> guess_key("license", {"licence": "Apache2.0"})
        "; is 'licence' meant to be it?"
    """
    strangers = [name for name in values if name not in _known_keys()]
    near = get_close_matches(key, strangers, n=1, cutoff=0.7)
    return f"; is {near[0]!r} meant to be it?" if near else ""


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator, validators

    checker = Draft202012Validator.TYPE_CHECKER.redefine(
        "object", lambda _, value: isinstance(value, dict | Evaluation)
    )
    schema = json.loads(schema_file().read_text(encoding="utf-8"))
    extended: Any = validators.extend
    return extended(Draft202012Validator, type_checker=checker)(
        schema, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def _explain(error: Any) -> Violation:
    path: KeyPath = tuple(error.absolute_path)
    if error.validator == "required":
        key = next(key for key in error.validator_value if error.message.startswith(repr(key)))
        return Violation((*path, key), f"is missing{guess_key(key, error.instance)}")
    if error.instance == "":
        return Violation(path, "is empty")
    shown = json.dumps(error.instance, ensure_ascii=False, default=str)
    return Violation(path, f"{shown[:60]} {error.schema.get('errorMessage', error.message)}")


@cache
def _known_keys() -> frozenset[str]:
    schema = _validator().schema
    return frozenset(schema["properties"]) | frozenset(schema["$defs"]["asset"]["properties"])
