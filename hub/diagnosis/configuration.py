"""The settings and the lock file: whether each can be read."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from hub import settings
from hub.diagnosis.check import Check
from hub.environment import read_setting
from hub.errors import ArgumentError, HubError

_PREFIX = "MSHUB_"


def check_settings() -> list[Check]:
    """Read each setting, and look for variables that are nearly one."""
    known = [setting.variable for setting in settings.TABLE]
    strangers = (name for name in os.environ if name.startswith(_PREFIX) and name not in known)
    return [
        *(_check_setting(setting) for setting in settings.TABLE),
        *(_check_stranger(name, known) for name in sorted(strangers)),
    ]


def check_lock_file(folder: Path | None = None) -> list[Check]:
    """Read the ``hub.lock`` that is in force, if there is one.

    Args:
        folder: Where the search begins, upwards; None is the current folder.
    """
    from hub.assets.lockfile import find_lock_file, read_lock_file

    try:
        place = folder or Path.cwd()
    except OSError:
        found = "none, since the current folder is gone"
        return [Check("hub.lock", "warning", found, "go to another folder")]
    path = find_lock_file(place)
    if path is None:
        found = f"none in {place} or above; digests are those of the cards"
        return [Check("hub.lock", "ok", found)]
    try:
        count = len(read_lock_file(path).assets)
    except (HubError, OSError, ValueError) as error:
        advice = "restore it from version control, or write it again with `hub lock`"
        return [Check("hub.lock", "failed", str(error), advice)]
    return [Check("hub.lock", "ok", f"{path}: {count:,} locked")]


def _check_setting(setting: settings.Setting) -> Check:
    name = setting.variable
    try:
        value = read_setting(setting)
    except ArgumentError as error:
        return Check(
            name, "failed", str(error), f"correct or unset it; it means: {setting.meaning}"
        )
    if setting == settings.TOKEN and value == "set" and not _has_url_registry():
        found = "set, but sent to nobody: no URL is in MSHUB_REGISTRY"
        return Check(name, "warning", found, "add the registry's https URL to MSHUB_REGISTRY")
    origin = "environment" if os.environ.get(name) else "default"
    return Check(name, "ok", f"{value} ({origin})")


def _has_url_registry() -> bool:
    return any("://" in name for name in settings.registries())


def _check_stranger(name: str, known: list[str]) -> Check:
    near = difflib.get_close_matches(name, known, n=1)
    advice = f"did you mean {near[0]}?" if near else f"unset it; the settings: {', '.join(known)}"
    return Check(name, "warning", "no setting of mshub, so it has no effect", advice)
