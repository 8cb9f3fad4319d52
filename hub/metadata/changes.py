"""One difference between two cards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that two cards state differently.

    Attributes:
        key: The path of the key, such as ``license``, ``evaluation.top1acc`` or ``asset[0]``;
            ``title`` and ``body`` for what stands outside of the header.
        old: What the old card states, as JSON can hold it; None if it states nothing.
        new: What the new card states; None if it states nothing.
        kind: ``added``, ``removed`` or ``changed``.
        note: The change in words.

    Example:
        >>> print(Change("license", "MIT", "Apache-2.0", "changed", "MIT → Apache-2.0"))
        ~ license: MIT → Apache-2.0
    """

    key: str
    old: object
    new: object
    kind: Kind
    note: str

    def __str__(self) -> str:
        mark = {"added": "+", "removed": "-", "changed": "~"}[self.kind]
        return f"{mark} {self.key}: {self.note}"


def describe(key: str, old: object, new: object, more: str = "") -> Change:
    """Put a change of one value in words.

    Args:
        key: The path of the key.
        old: What the old card states; None if nothing.
        new: What the new card states; None if nothing.
        more: What else a reader wants to know, such as ``the same licence``.

    Example:
        >>> print(describe("fine-tunable", None, True), describe("license", "MIT", "X", "sic"))
        + fine-tunable: True ~ license: 'MIT' → 'X' (sic)
    """
    if old is None:
        return Change(key, old, new, "added", repr(new))
    if new is None:
        return Change(key, old, new, "removed", repr(old))
    note = f"{old!r} → {new!r}"
    return Change(key, old, new, "changed", f"{note} ({more})" if more else note)
