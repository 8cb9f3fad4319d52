"""What mshub runs on: the settings with their origin, and the versions of the packages."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass

from hub import __version__, settings
from hub.errors import ArgumentError

_PACKAGES = ("mindspore", "numpy", "requests", "PyYAML", "python-frontmatter", "jsonschema")


@dataclass(frozen=True, slots=True)
class SettingValue:
    """A setting as it stands now: its variable, value, origin and meaning."""

    variable: str
    value: str
    origin: str
    meaning: str


def describe_settings() -> list[SettingValue]:
    """List all settings, in the order of the table in :mod:`hub.settings`.

    A variable that holds something that cannot work says so in place of its value.
    """
    show: dict[settings.Setting, Callable[[], str]] = {
        settings.CACHE: lambda: str(settings.cache_folder()),
        settings.REGISTRY: lambda: " ".join(settings.registries()),
        settings.MIRRORS: lambda: " ".join(map(str, settings.mirrors())) or "none",
        settings.OFFLINE: lambda: "1" if settings.offline() else "0",
    }
    return [
        SettingValue(
            variable=setting.variable,
            value=_show(show[setting]),
            origin="environment" if os.environ.get(setting.variable) else "default",
            meaning=setting.meaning,
        )
        for setting in settings.TABLE
    ]


def _show(read: Callable[[], str]) -> str:
    try:
        return read()
    except ArgumentError as error:
        return f"cannot work: {error}"


def describe_versions() -> dict[str, str | None]:
    """List the versions of mshub, Python and the packages; None for one that is not installed."""
    versions = {name.lower(): _find_version(name) for name in _PACKAGES}
    return {
        "mshub": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        **versions,
    }


def _find_version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
