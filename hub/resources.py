"""Where the files that ship with the package are: the cards and the schema."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def cards_folder() -> Path:
    """Return the folder of the cards shipped with mshub, a registry like any other.

    Example:
        >>> (cards_folder() / "MindSpore" / "efficientnet_b0.md").is_file()
        True
    """
    return _shipped("cards")


def schema_file() -> Path:
    """Return the JSON Schema of model cards.

    Example:
        >>> schema_file().name
        'model-card.schema.json'
    """
    return _shipped("schemas") / "model-card.schema.json"


def _shipped(name: str) -> Path:
    """A wheel carries the folder inside the package; a checkout has it beside the package."""
    inside = _PACKAGE / "_data" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
