"""What a card's header says about images; it counts more than any default.

=================  =====================================================================
``input-size``     side of the square images in pixels, or a shape such as ``3, 224, 224``
``input-shape``    the same, under the name that MindSpore Hub has for it
``crop-pct``       share of the resized image's shorter side that is kept: ``0.875``
``interpolation``  ``nearest``, ``bilinear``, ``bicubic`` or ``lanczos``
``mean``, ``std``  one number, or one a channel, where white is 1
=================  =====================================================================

Names and meanings are timm's. Without ``crop-pct`` the default's share is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from hub.cards.record import Card
from hub.errors import ArgumentError, CardError
from hub.images.transforms import Transform

_SEPARATORS = re.compile(r"[\s,;()\[\]x\u00d7]+")  # also the multiplication sign
_RANGE = (0.1, 2.0)  # of crop-pct; above 1, a border of black is added
_CHANNELS = (1, 3)


def states_input_size(card: Card) -> bool:
    """Tell whether a card says itself how large its network's images are."""
    return any(card.extra.get(key) for key in ("input-size", "input-shape"))


def follow_card(card: Card, default: Transform) -> Transform:
    """Return a transform with the values that a card states, and a default's for the others.

    Args:
        card: The card.
        default: What counts where the card says nothing.

    Raises:
        CardError: The card states what cannot be; the message says where.

    Example:
        >>> import hub
        >>> silent = hub.card("MindSpore/efficientnet_b0")
        >>> follow_card(silent, Transform(resize=256, crop=224)).resize
        256
    """
    transform = default
    for key, follow in _READERS.items():
        stated = card.extra.get(key)
        if not stated:  # a key without a value says nothing
            continue
        try:
            transform = follow(transform, stated)
        except (ArgumentError, ValueError) as cause:
            raise refuse_value(card, key, str(cause)) from cause
    return transform


def refuse_value(card: Card, key: str, reason: str) -> CardError:
    """Return the error that says where a card's value stands, and why it cannot be followed."""
    place = card.place(key)
    where = ":".join(map(str, (card.source, *(place or ()))))
    return CardError(f"{where}: {key}: {reason}", source=card.source, reason=reason)


def _follow_size(transform: Transform, stated: object) -> Transform:
    parts = _list_texts(stated)
    numbers = [int(part) for part in parts if re.fullmatch("[0-9]{1,6}", part)]
    if len(numbers) != len(parts) or not 1 <= len(numbers) <= 3:
        raise ArgumentError(
            f"{_show(stated)} is neither a side in pixels nor a shape such as 3x224x224"
        )
    channels = len(transform.mean)
    if len(numbers) == 3:
        channels = numbers.pop(0 if numbers[0] in _CHANNELS else 2)
    if channels not in _CHANNELS:
        raise ArgumentError(f"images have 1 or 3 channels, not {channels}")
    if len(set(numbers)) > 1:
        raise ArgumentError(f"mshub prepares square images, and {_show(stated)} is none")
    side = numbers[0]
    sized = replace(transform, crop=side, resize=_scale(transform.resize, side, transform.crop))
    return sized.to_greyscale() if channels == 1 else sized


def _scale(resized: int | tuple[int, int], side: int, default_side: int) -> int | tuple[int, int]:
    """Keep the share that the default crops."""
    if isinstance(resized, tuple):
        height, width = resized
        return height * side // default_side, width * side // default_side
    return resized * side // default_side


def _follow_crop(transform: Transform, stated: object) -> Transform:
    (share,) = _list_numbers(stated, 1)
    low, high = _RANGE
    if not low <= share <= high:
        raise ArgumentError(f"{share:g} is no share from {low} to {high}")
    side = int(transform.crop / share)
    return replace(transform, resize=(side, side) if isinstance(transform.resize, tuple) else side)


def _follow_interpolation(transform: Transform, stated: object) -> Transform:
    name = stated.lower() if isinstance(stated, str) else stated
    return replace(transform, interpolation=name)  # type: ignore[arg-type]


def _follow_mean(transform: Transform, stated: object) -> Transform:
    return replace(transform, mean=_list_numbers(stated, len(transform.mean)))


def _follow_std(transform: Transform, stated: object) -> Transform:
    return replace(transform, std=_list_numbers(stated, len(transform.std)))


def _list_numbers(stated: object, count: int) -> tuple[float, ...]:
    """Read as many numbers as there are channels; one alone counts for all of them."""
    texts = _list_texts(stated)
    try:
        numbers = tuple(map(float, texts))
    except ValueError as cause:
        raise ArgumentError(f"{_show(stated)} is no number") from cause
    if len(numbers) not in {1, count}:
        wanted = "1 number" if count == 1 else f"1 or {count} numbers"
        raise ArgumentError(f"{_show(stated)} has {len(numbers)} numbers, not {wanted}")
    return numbers if len(numbers) == count else numbers * count


def _list_texts(stated: object) -> list[str]:
    """Take a text apart, or a list of texts."""
    if isinstance(stated, tuple):
        return [part for item in stated for part in _list_texts(item)]
    if not isinstance(stated, str):
        raise ArgumentError("it has keys of its own, and none are expected here")
    return [part for part in _SEPARATORS.split(stated.lower()) if part]


def _show(stated: object) -> str:
    text = stated if isinstance(stated, str) else ", ".join(_list_texts(stated))
    return repr(text if len(text) < 60 else text[:57] + "...")


_READERS: dict[str, Callable[[Transform, object], Transform]] = {
    "input-shape": _follow_size,
    "input-size": _follow_size,  # counts, if a card has both
    "crop-pct": _follow_crop,
    "interpolation": _follow_interpolation,
    "mean": _follow_mean,
    "std": _follow_std,
}
