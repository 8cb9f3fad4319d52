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
    from hub.assets.cache.cache import Cache as Cache
    from hub.cards.asset import Asset as Asset
    from hub.cards.document import Document as Document
    from hub.cards.record import Card as Card
    from hub.cards.record import build_card as build_card
    from hub.classifying import Classifier as Classifier
    from hub.classifying import predict as predict
    from hub.classifying import transform as transform
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
    from hub.errors import ImageError as ImageError
    from hub.errors import IntegrityError as IntegrityError
    from hub.errors import LoadError as LoadError
    from hub.errors import MissingDependencyError as MissingDependencyError
    from hub.errors import ModelIdError as ModelIdError
    from hub.errors import ModelNotFoundError as ModelNotFoundError
    from hub.errors import NoAnswerError as NoAnswerError
    from hub.errors import OfflineError as OfflineError
    from hub.errors import RegistryError as RegistryError
    from hub.errors import UnsafeFileError as UnsafeFileError
    from hub.errors import WeightsError as WeightsError
    from hub.exporting import export as export
    from hub.fetching import fetch_async as fetch_async
    from hub.fetching import fetch_many as fetch_many
    from hub.findings import Edit as Edit
    from hub.findings import Finding as Finding
    from hub.findings import Fix as Fix
    from hub.ids import ModelId as ModelId
    from hub.images.predictions import Prediction as Prediction
    from hub.images.transforms import Transform as Transform
    from hub.lint.configuration import Configuration as Configuration
    from hub.lint.report import Report as Report
    from hub.lint.rule import Rule as Rule
    from hub.linting import list_rules as list_rules
    from hub.linting import validate as validate
    from hub.metadata.changes import Change as Change
    from hub.metadata.difference import diff_cards as diff_cards
    from hub.metadata.editing import add_asset as add_asset
    from hub.metadata.editing import get_value as get_value
    from hub.metadata.editing import remove_value as remove_value
    from hub.metadata.editing import set_value as set_value
    from hub.metadata.formatting import format_card as format_card
    from hub.metadata.huggingface import from_huggingface as from_huggingface
    from hub.metadata.huggingface import to_huggingface as to_huggingface
    from hub.metadata.notations import from_json as from_json
    from hub.metadata.notations import from_yaml as from_yaml
    from hub.metadata.notations import to_json as to_json
    from hub.metadata.notations import to_yaml as to_yaml
    from hub.metadata.template import NewAsset as NewAsset
    from hub.metadata.template import create_card as create_card
    from hub.networks.conversion.convert import ConversionReport as ConversionReport
    from hub.networks.conversion.convert import convert_weights as convert_weights
    from hub.networks.engines.export_file import ExportedFile as ExportedFile
    from hub.registry.registry import Registry as Registry
    from hub.schema import load_schema as load_schema
    from hub.searching import search as search
    from hub.tuning import freeze_backbone as freeze_backbone
    from hub.tuning import optimize as optimize

__version__ = "0.1.0"

_HOMES = {
    "AmbiguousModelError": "hub.errors",
    "ArchitectureError": "hub.errors",
    "ArgumentError": "hub.errors",
    "Asset": "hub.cards.asset",
    "AssetError": "hub.errors",
    "AssetNotFoundError": "hub.errors",
    "Cache": "hub.assets.cache.cache",
    "CacheError": "hub.errors",
    "Card": "hub.cards.record",
    "CardError": "hub.errors",
    "Change": "hub.metadata.changes",
    "CheckpointError": "hub.errors",
    "Classifier": "hub.classifying",
    "Configuration": "hub.lint.configuration",
    "ConversionReport": "hub.networks.conversion.convert",
    "Document": "hub.cards.document",
    "DownloadError": "hub.errors",
    "Edit": "hub.findings",
    "ExportedFile": "hub.networks.engines.export_file",
    "Finding": "hub.findings",
    "Fix": "hub.findings",
    "HubError": "hub.errors",
    "ImageError": "hub.errors",
    "IntegrityError": "hub.errors",
    "LoadError": "hub.errors",
    "MissingDependencyError": "hub.errors",
    "ModelId": "hub.ids",
    "ModelIdError": "hub.errors",
    "ModelNotFoundError": "hub.errors",
    "NewAsset": "hub.metadata.template",
    "NoAnswerError": "hub.errors",
    "OfflineError": "hub.errors",
    "Prediction": "hub.images.predictions",
    "Registry": "hub.registry.registry",
    "RegistryError": "hub.errors",
    "Report": "hub.lint.report",
    "Rule": "hub.lint.rule",
    "Transform": "hub.images.transforms",
    "UnsafeFileError": "hub.errors",
    "WeightsError": "hub.errors",
    "add_asset": "hub.metadata.editing",
    "build_card": "hub.cards.record",
    "card": "hub.api",
    "convert_weights": "hub.networks.conversion.convert",
    "create_card": "hub.metadata.template",
    "diff_cards": "hub.metadata.difference",
    "export": "hub.exporting",
    "fetch": "hub.api",
    "fetch_async": "hub.fetching",
    "fetch_many": "hub.fetching",
    "format_card": "hub.metadata.formatting",
    "freeze_backbone": "hub.tuning",
    "from_huggingface": "hub.metadata.huggingface",
    "from_json": "hub.metadata.notations",
    "from_yaml": "hub.metadata.notations",
    "get_value": "hub.metadata.editing",
    "list_models": "hub.api",
    "list_rules": "hub.linting",
    "load": "hub.api",
    "load_schema": "hub.schema",
    "load_weights": "hub.api",
    "optimize": "hub.tuning",
    "predict": "hub.classifying",
    "remove_value": "hub.metadata.editing",
    "search": "hub.searching",
    "set_value": "hub.metadata.editing",
    "to_huggingface": "hub.metadata.huggingface",
    "to_json": "hub.metadata.notations",
    "to_yaml": "hub.metadata.notations",
    "transform": "hub.classifying",
    "validate": "hub.linting",
}

__all__ = [*_HOMES, "__version__"]  # noqa: PLE0604


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'hub' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
