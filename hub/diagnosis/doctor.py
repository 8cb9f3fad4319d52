"""Runs all checks, side by side, and puts their results in order."""

from __future__ import annotations

from functools import partial

from hub.diagnosis.certificates import check_certificates
from hub.diagnosis.check import Check, Look, run_checks
from hub.diagnosis.configuration import check_lock_file, check_settings
from hub.diagnosis.network import check_connections
from hub.diagnosis.packages import check_mindspore, check_numpy, check_python
from hub.diagnosis.registries import check_registries
from hub.diagnosis.storage import check_cache, check_shared_caches

_LIMIT = 75  # seconds; more than any check allows itself


def examine(*, online: bool = True) -> list[Check]:
    """Look at all that mshub needs, and change nothing.

    It takes as long as MindSpore's import or the slowest host, which are waited for together.

    Args:
        online: Whether hosts may be asked; ``MSHUB_OFFLINE`` has the same effect.

    Returns:
        The results, always in the same order. It never raises: what is broken is a result.
    """
    looks: list[tuple[str, Look]] = [
        ("Python", check_python),
        ("numpy", check_numpy),
        ("MindSpore", check_mindspore),
        ("settings", check_settings),
        ("registries", partial(check_registries, online=online)),
        ("hub.lock", check_lock_file),
        ("cache folder", check_cache),
        ("shared caches", check_shared_caches),
        ("certificates", check_certificates),
        ("hosts", partial(check_connections, online=online)),
    ]
    return run_checks(looks, _LIMIT)
