"""How texts of a card are compared, and how they are quoted in a message."""

from __future__ import annotations


def fold(text: str) -> str:
    """Leave letters and digits alone, without regard to case.

    Example:
        >>> fold("CIFAR-10") == fold("cifar10")
        True
    """
    return "".join(filter(str.isalnum, text.casefold()))


def shorten(text: str, length: int = 40) -> str:
    r"""Make a text of a card fit into a message of one line.

    Example:
        >>> shorten("a model that\nsorts photographs", 15)
        'a model that s…'
    """
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
