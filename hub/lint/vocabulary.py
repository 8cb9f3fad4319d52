"""The words that a project adds to those that the linter knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words beyond the built-in ones, from ``[tool.mshub.vocabularies]``.

    Attributes:
        keys: Keys of the header that are no mistake.
        datasets: Names of data sets.
        metrics: Names of metrics.
        licenses: Names of licences.
        module_types: Fields, or ``field-task``.
        file_formats: Formats of assets.
    """

    keys: frozenset[str] = frozenset()
    datasets: frozenset[str] = frozenset()
    metrics: frozenset[str] = frozenset()
    licenses: frozenset[str] = frozenset()
    module_types: frozenset[str] = frozenset()
    file_formats: frozenset[str] = frozenset()
