"""One thing that is wrong with a card, with the place where it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong with a card.

    Attributes:
        source: The card's path or URL.
        line: The line in that file, from 1.
        column: The column in that line, from 1.
        key: The path of the key, such as ``asset[0].asset-sha256``; empty for the whole card.
        message: What is wrong and what is wanted, in a card author's words.

    Example:
        >>> print(Problem("card.md", 9, 16, "model-version", "'x' is not a version such as 2.5"))
        card.md:9:16: model-version: 'x' is not a version such as 2.5
    """

    source: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}:{self.column}"
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"
