"""Numbers with their nouns."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """Write a number with its noun, whose plural takes an s.

    Example:
        >>> count(1, "error"), count(2, "error")
        ('1 error', '2 errors')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
