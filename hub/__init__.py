"""mshub: from a published model card to a ready MindSpore network in one line.

    >>> import hub
    >>> hub.card("MindSpore/efficientnet_b0").model_name
    'efficientnet_b0'

Importing this module loads nothing else: each name below is imported when it is first used.
"""

from importlib import import_module

TYPE_CHECKING = False  # what type checkers take for true; importing typing would double the time
if TYPE_CHECKING:
    from hub.api import card as card
    from hub.api import fetch as fetch
    from hub.api import list_models as list_models
    from hub.api import load as load
    from hub.api import load_weights as load_weights
    from hub.api import validate as validate
    from hub.assets.cache import Cache as Cache
    from hub.cards.record import Asset as Asset
    from hub.cards.record import Card as Card
    from hub.errors import AmbiguousModelError as AmbiguousModelError
    from hub.errors import ArchitectureError as ArchitectureError
    from hub.errors import ArgumentError as ArgumentError
    from hub.errors import AssetError as AssetError
    from hub.errors import AssetNotFoundError as AssetNotFoundError
    from hub.errors import CacheError as CacheError
    from hub.errors import CardError as CardError
    from hub.errors import CheckpointError as CheckpointError
    from hub.errors import DownloadError as DownloadError
    from hub.errors import HubError as HubError
    from hub.errors import IntegrityError as IntegrityError
    from hub.errors import LoadError as LoadError
    from hub.errors import MissingDependencyError as MissingDependencyError
    from hub.errors import ModelIdError as ModelIdError
    from hub.errors import ModelNotFoundError as ModelNotFoundError
    from hub.errors import NoAnswerError as NoAnswerError
    from hub.errors import OfflineError as OfflineError
    from hub.errors import RegistryError as RegistryError
    from hub.errors import WeightsError as WeightsError
    from hub.ids import ModelId as ModelId
    from hub.problems import Problem as Problem
    from hub.registry.registry import Registry as Registry
    from hub.validation import Report as Report

__version__ = "0.1.0"

_HOMES = {
    "AmbiguousModelError": "hub.errors",
    "ArchitectureError": "hub.errors",
    "ArgumentError": "hub.errors",
    "Asset": "hub.cards.record",
    "AssetError": "hub.errors",
    "AssetNotFoundError": "hub.errors",
    "Cache": "hub.assets.cache",
    "CacheError": "hub.errors",
    "Card": "hub.cards.record",
    "CardError": "hub.errors",
    "CheckpointError": "hub.errors",
    "DownloadError": "hub.errors",
    "HubError": "hub.errors",
    "IntegrityError": "hub.errors",
    "LoadError": "hub.errors",
    "MissingDependencyError": "hub.errors",
    "ModelId": "hub.ids",
    "ModelIdError": "hub.errors",
    "ModelNotFoundError": "hub.errors",
    "OfflineError": "hub.errors",
    "NoAnswerError": "hub.errors",
    "Problem": "hub.problems",
    "Registry": "hub.registry.registry",
    "RegistryError": "hub.errors",
    "Report": "hub.validation",
    "WeightsError": "hub.errors",
    "card": "hub.api",
    "fetch": "hub.api",
    "list_models": "hub.api",
    "load": "hub.api",
    "load_weights": "hub.api",
    "validate": "hub.api",
}

__all__ = [*_HOMES, "__version__"]  # noqa: PLE0604


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'hub' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
