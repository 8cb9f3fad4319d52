"""From paths to a report: the cards of a project, checked together.

Single cards are checked one by one, or by several processes where there are many; then the rules
about several cards look at the summaries; then comments silence, and the baseline holds back.
"""

from __future__ import annotations

import datetime
import signal
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hub.cards.document import Document
from hub.files import write_file
from hub.findings import Finding
from hub.lint.check import Linter, make_finding
from hub.lint.configuration import Configuration
from hub.lint.files import collect_files
from hub.lint.report import Mending, Report
from hub.lint.result_cache import ResultCache, leans_on_files
from hub.lint.rule import Draft, Rule
from hub.lint.summary import Summary, summarise
from hub.lint.suppression import MARK

if TYPE_CHECKING:
    from hub.lint.network import Network

_Card = str | Document  # a file, which is read when it is needed, or what is no file
_CHUNK = 250  # cards; below two chunks, a second process would cost more than it gives


class _Examined(NamedTuple):
    """What one card shows: findings, what others are compared with, whether it needs files."""

    findings: list[Finding]
    summary: Summary | None = None
    leans: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """How cards are checked, beside what the configuration says.

    Attributes:
        fix: Whether safe fixes are applied.
        unsafe_fixes: Whether unsafe fixes are applied as well.
        write: Whether mended cards are written, or only reported as changes.
        jobs: How many processes may work.
        cache: Where results are remembered; None remembers nothing.
        network: What online rules ask; None leaves them out.
        force_exclude: Whether files that are excluded are left out even if they are named.
    """

    fix: bool = False
    unsafe_fixes: bool = False
    write: bool = True
    jobs: int = 1
    cache: Path | None = None
    network: Network | None = None
    force_exclude: bool = False


def validate_cards(
    paths: Sequence[str],
    configuration: Configuration,
    mode: Mode | None = None,
    documents: Sequence[Document] = (),
) -> Report:
    """Check card files, all cards below folders, and cards that are no files.

    Args:
        paths: Files and folders.
        configuration: Which rules run where.
        mode: How they are checked.
        documents: Cards that are not read from a file, such as standard input; they are mended in
            the report's changes alone.

    Returns:
        All findings of all cards. A card that cannot be read at all is one finding.

    Raises:
        RegistryError: A path does not exist, or there is no card below a folder.
        ArgumentError: The configuration selects a rule that does not exist, or its baseline
            cannot be read.
        CacheError: A mended card cannot be written.
    """
    mode = mode or Mode()
    linter = Linter(configuration, network=mode.network)
    hold_back = _open_baseline(configuration)  # before anything is mended
    files = collect_files(paths, configuration, force_exclude=mode.force_exclude)
    cards: list[_Card] = [*files, *documents]
    changes = _mend(cards, linter, mode) if mode.fix or mode.unsafe_fixes else []
    findings = _find(cards, linter, mode)
    new = hold_back(findings) if hold_back else findings
    return Report(
        checked=tuple(card if isinstance(card, str) else card.source for card in cards),
        findings=tuple(new),
        known=len(findings) - len(new),
        changes=tuple(changes),
        documents=tuple(card for card in cards if isinstance(card, Document)),
        fail_level=configuration.fail_level,
    )


def _open_baseline(
    configuration: Configuration,
) -> Callable[[list[Finding]], list[Finding]] | None:
    """Return what leaves out the findings that are known; None if no baseline is wanted."""
    file = configuration.baseline
    if file is None:
        return None
    from hub.lint import baseline

    known = baseline.read_baseline(file)
    return lambda findings: baseline.hold_back(findings, known, file)


def _mend(cards: list[_Card], linter: Linter, mode: Mode) -> list[Mending]:
    """Apply fixes; what is not written to its file takes the file's place among the cards."""
    changes = []
    for index, card in enumerate(cards):
        document = linter.read(card)
        if isinstance(document, Finding):
            continue
        mended, count = linter.fix(document, unsafe=mode.unsafe_fixes)
        if mended == document:
            continue
        changes.append(Mending(document, mended, count))
        if mode.write and isinstance(card, str):
            write_file(card, mended.to_bytes())
        else:
            cards[index] = mended
    return changes


def _find(cards: Sequence[_Card], linter: Linter, mode: Mode) -> list[Finding]:
    files = [card for card in cards if isinstance(card, str)]
    cache = None
    if mode.cache and len(files) == len(cards) and not mode.network:
        cache = ResultCache(mode.cache, files, linter.configuration, linter.today)
    if cache and (known := cache.find()) is not None:
        return known
    examined = _examine_all(cards, linter, mode.jobs)
    more = _compare(examined, linter)
    findings = []
    for index, (found, *_) in enumerate(examined):
        findings += _add(found, more[index], cards[index], linter) if index in more else found
    if cache and not any(each.leans for each in examined):
        cache.keep(findings)
    return findings


def _examine_all(cards: Sequence[_Card], linter: Linter, jobs: int) -> list[_Examined]:
    if jobs <= 1 or linter.network or len(cards) < 2 * _CHUNK:
        return [_examine(card, linter) for card in cards]
    from concurrent.futures import ProcessPoolExecutor  # which takes longer than a card

    chunks = [cards[i : i + _CHUNK] for i in range(0, len(cards), _CHUNK)]
    with ProcessPoolExecutor(min(jobs, len(chunks)), initializer=_leave_interrupts) as pool:
        settings = [linter.configuration] * len(chunks), [linter.today] * len(chunks)
        results = pool.map(_examine_chunk, chunks, *settings)
        return [examined for result in results for examined in result]


def _leave_interrupts() -> None:
    """Leave Ctrl-C to the first process, which ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _examine_chunk(
    cards: Sequence[_Card], configuration: Configuration, today: datetime.date
) -> list[_Examined]:
    linter = Linter(configuration, today)
    return [_examine(card, linter) for card in cards]


def _examine(card: _Card, linter: Linter) -> _Examined:
    document = linter.read(card)
    if isinstance(document, Finding):
        return _Examined([document])
    subject = linter.examine(document)
    findings = linter.check_subject(subject)
    return _Examined(findings, summarise(subject), leans_on_files(document.text))


def _compare(
    examined: Sequence[_Examined], linter: Linter
) -> Mapping[int, list[tuple[Rule, Draft]]]:
    """Run the rules that take several cards; return what they find, by the card's position."""
    summaries = [each.summary for each in examined if each.summary]
    positions = {id(each.summary): index for index, each in enumerate(examined)}
    choices = {id(choice): choice for choice in (linter.rules_for(s.source) for s in summaries)}
    rules = {
        rule.code: rule
        for choice in choices.values()
        for rule in choice
        if rule.scope == "registry"
    }
    found: dict[int, list[tuple[Rule, Draft]]] = defaultdict(list)
    for rule in rules.values():
        for summary, draft in rule.check(summaries):
            if rule in linter.rules_for(summary.source):
                found[positions[id(summary)]].append((rule, draft))
    return found


def _add(
    found: Sequence[Finding], more: Sequence[tuple[Rule, Draft]], card: _Card, linter: Linter
) -> list[Finding]:
    """Add to a card's findings; one with comments is checked again, since they speak of these too."""
    document = linter.read(card)
    if isinstance(document, Finding):
        return [document]
    further = [make_finding(document, rule, draft) for rule, draft in more]
    if MARK in document.text.lower():
        return linter.check_subject(linter.examine(document), further)
    return sorted([*found, *further], key=lambda finding: finding.order)
