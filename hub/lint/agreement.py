"""Whether two numbers are two roundings of one measurement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

_NUMBER = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,20})?(?:e[+-]?\d{1,2})?(?![^-_])")


def agree(one: Decimal, other: Decimal) -> bool:
    """Tell whether two numbers are equal, as far as the one with fewer digits says.

    Example:
        >>> agree(Decimal("81.3"), Decimal("81.31")), agree(Decimal("76.88"), Decimal("76.89"))
        (True, False)
    """
    if one == other:
        return True
    place = max(_last_place(one), _last_place(other))
    return abs(one - other) <= Decimal(5).scaleb(place - 1)


def agree_in_percent(one: Decimal, other: Decimal) -> bool:
    """Tell the same of two numbers of which one may be a fraction and the other a percentage.

    Example:
        >>> agree_in_percent(Decimal("0.7689"), Decimal("76.89"))
        True
    """
    return agree(one, other) or agree(one.scaleb(2), other) or agree(one, other.scaleb(2))


def agree_with_name(value: Decimal, digits: str) -> bool:
    """Tell the same of a number in a file's name, which may lack its point: ``372`` is 37.2.

    Example:
        >>> agree_with_name(Decimal("37.2"), "372"), agree_with_name(Decimal("37.3"), "372")
        (True, False)
    """
    number = Decimal(digits)
    pointless = digits.isdecimal() and len(digits) > 2
    return agree(value, number) or (pointless and agree(value, number.scaleb(-1)))


def read_numbers(filename: str, metric: str) -> Iterator[str]:
    """Yield the numbers that stand behind a metric's name in a file's name, between - or _.

    Example:
        >>> list(read_numbers("ernie_official_nlp_F1score94.49.ckpt", "F1score"))
        ['94.49']
    """
    name = metric.lower()
    text = filename.lower()
    place = text.find(name)
    if place < 0:
        return
    stem, _, ending = text.rpartition(".")
    if ending[:1].isalpha():
        text = stem
    while place >= 0:
        end = place + len(name)
        number = _NUMBER.match(text, end)
        if number and (place == 0 or text[place - 1] in "-_"):
            yield number[0]
        place = text.find(name, end)


def _last_place(number: Decimal) -> int:
    """The power of ten of the last digit: -2 for 76.88."""
    return int(number.as_tuple().exponent)
