"""``hub.validate``: from paths and options to a report."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hub import settings
from hub.cards.document import Document
from hub.errors import ArgumentError
from hub.findings import SEVERITIES, Severity
from hub.lint.catalogue import catalogue
from hub.lint.configuration import Configuration, find_configuration, read_configuration
from hub.lint.project import Mode, validate_cards
from hub.lint.report import Report
from hub.lint.rule import Rule

if TYPE_CHECKING:
    from hub.lint.network import Network


def validate(
    *cards: str | os.PathLike[str] | Document,
    select: Sequence[str] | None = None,
    extend_select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    fix: bool = False,
    unsafe_fixes: bool = False,
    write: bool = True,
    online: bool = False,
    config: str | os.PathLike[str] | Configuration | None = None,
    fail_level: Severity | None = None,
    baseline: str | os.PathLike[str] | Literal[False] | None = None,
    jobs: int = 1,
    remember: bool = False,
    force_exclude: bool = False,
) -> Report:
    """Check model cards. Needs no MindSpore, and no network unless ``online`` is set.

    Args:
        *cards: Files; folders, whose cards are all checked, those below them too; documents.
        select: Rules to run instead of the usual ones: codes (``MC304``), beginnings of codes
            (``MC3``), names (``unpadded-date``) or ``ALL``.
        extend_select: Rules to run as well.
        ignore: Rules not to run.
        fix: Mend what can be mended without changing a fact.
        unsafe_fixes: Apply fixes that change facts, too.
        write: False leaves the files as they are; the report's ``changes`` say what fixes do.
        online: Ask the network whether links, sizes and digests are right.
        config: A configuration or its file; None takes the nearest ``mshub.toml``, or
            ``pyproject.toml`` with ``[tool.mshub]``, above the cards.
        fail_level: The mildest severity for which ``report.ok`` is false; None takes the
            configuration's, or else ``warning``.
        baseline: A file of known findings, which are held back; None takes the configuration's,
            False takes none.
        jobs: How many processes may share the work; more than one pays for many cards.
        remember: Keep the result in the cache folder, so that a run over unchanged cards only has
            to look at the files' stamps.
        force_exclude: Leave out what the configuration excludes, README.md and the like even if
            they are named.

    Returns:
        A report with every finding in every card; ``report.ok`` if nothing is wrong.

    Raises:
        RegistryError: A path does not exist, or a folder holds no card.
        ArgumentError: No card was named, a rule does not exist, or the configuration cannot work.
        CacheError: A mended card cannot be written.

    Example:
        >>> from hub.resources import cards_folder
        >>> report = validate(cards_folder(), select=["unpadded-date"], config=Configuration())
        >>> report.findings[0].message
        '2025-3-10 lacks a zero; write 2025-03-10'
    """
    strangers = [card for card in cards if not isinstance(card, str | os.PathLike | Document)]
    if not cards or strangers:
        given = f", not {type(strangers[0]).__name__}" if strangers else ""
        raise ArgumentError(
            "name at least one card file or folder, each as an argument of its own: a text, a path"
            f" or a Document{given}"
        )
    for name, codes in (("select", select), ("extend_select", extend_select), ("ignore", ignore)):
        if isinstance(codes, str):
            raise ArgumentError(f"{name} takes a list of codes: [{codes!r}]")
    if fail_level not in {None, *SEVERITIES}:
        levels = ", ".join(SEVERITIES)
        raise ArgumentError(f"fail_level must be one of {levels}, not {fail_level!r}")
    documents = [card for card in cards if isinstance(card, Document)]
    paths = [os.fspath(card) for card in cards if not isinstance(card, Document)]
    if not isinstance(config, Configuration):
        named = [*paths, *(document.source for document in documents)]
        config = find_configuration(named) if config is None else read_configuration(Path(config))
    configuration = config.override(
        select=select,
        extend_select=extend_select,
        ignore=ignore,
        fail_level=fail_level,
        baseline=False if baseline is False else Path(baseline) if baseline else None,
    )
    mode = Mode(
        fix=fix,
        unsafe_fixes=unsafe_fixes,
        write=write,
        jobs=jobs,
        cache=_find_cache() if remember else None,
        network=_open_network() if online else None,
        force_exclude=force_exclude,
    )
    return validate_cards(paths, configuration, mode, documents)


def _find_cache() -> Path | None:
    try:
        return settings.cache_folder() / "lint"
    except ArgumentError:  # a user without a home folder can do without results of the last run
        return None


def list_rules() -> tuple[Rule, ...]:
    """Return all rules of the linter, in the order of their codes.

    Example:
        >>> [rule.name for rule in list_rules() if rule.code == "MC304"]
        ['unpadded-date']
    """
    return tuple(catalogue().values())


def _open_network() -> Network:
    from hub.lint.network import Network

    return Network()
