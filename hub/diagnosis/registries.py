"""The registries: whether each can be read, and how many cards it has."""

from __future__ import annotations

from functools import partial

from hub import settings
from hub.diagnosis.check import Check, run_checks
from hub.diagnosis.network import PATIENCE, tell_why_offline
from hub.errors import ArgumentError, DownloadError, RegistryError
from hub.plurals import count
from hub.redaction import mask_text
from hub.registry.addresses import check_address
from hub.registry.advice import fit_advice

_LIMIT = 10  # seconds for all registries together
_WANTS_LOGIN = frozenset({401, 403})
_GONE = frozenset({404, 410})
_ADVICE = "correct MSHUB_REGISTRY, or mend what the message names"


def check_registries(*, online: bool = True) -> list[Check]:
    """List the cards of each registry; none is opened, and nothing is kept.

    Args:
        online: Whether those at URLs may be asked; ``MSHUB_OFFLINE`` has the same effect.
    """
    offline = tell_why_offline(online=online)
    looks = [
        (f"registry {mask_text(name)}", partial(_check_registry, name, offline))
        for name in dict.fromkeys(settings.registries())
    ]
    return run_checks(looks, _LIMIT)


def _check_registry(name: str, offline: str) -> list[Check]:
    shown = f"registry {mask_text(name)}"
    try:
        address = check_address(name) if "://" in name else ""
        if address and offline:
            return [Check(shown, "ok", f"not asked: {offline}")]
        cards = _count_remote(address) if address else _count_cards(name)
    except DownloadError as error:
        found, _, advice = str(error).partition("; ")
        if error.status in _WANTS_LOGIN:
            advice = "set MSHUB_TOKEN, or correct it"
        elif error.status in _GONE:
            advice = "correct MSHUB_REGISTRY; `hub index FOLDER` writes the index of its cards"
        return [Check(shown, "failed", found, advice or _ADVICE)]
    except (ArgumentError, RegistryError) as error:
        found, _, advice = str(error).partition("; ")
        return [Check(shown, "failed", found, advice or _ADVICE)]
    if not cards:
        advice = "name the folder that holds the owners' folders: owner/name.md"
        return [Check(shown, "warning", "holds no card", advice)]
    return [Check(shown, "ok", count(cards, "card"))]


def _count_cards(name: str) -> int:
    from hub.registry.roots import open_root

    return len(open_root(name).list_entries())


def _count_remote(address: str) -> int:
    """Ask for the index as it is now, more impatiently than a registry does."""
    from hub.assets.transfer.download import read_small
    from hub.registry.index import FILE_NAME, LARGEST_INDEX, parse_index

    url = f"{address}/{FILE_NAME}"
    with fit_advice():
        content = read_small(url, largest=LARGEST_INDEX, patience=PATIENCE)
    return len(parse_index(content, url))
