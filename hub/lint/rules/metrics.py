"""MC5xx: the metrics of the ``evaluation`` line."""

from __future__ import annotations

import re
from functools import lru_cache

from hub.cards.evaluation import Metric
from hub.cards.nodes import ScalarNode, Span
from hub.lint.rule import Drafts, replace_text, rule, unsafe_fix
from hub.lint.subject import Subject
from hub.lint.wording import shorten
from hub.terms.metrics import canonical_metric, preferred_spelling, suggest_metric

_LEGACY = (("accuracy", "acc"), ("mAP", "mAP"))
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_canonical = lru_cache(maxsize=1024)(canonical_metric)
_preferred = lru_cache(maxsize=1024)(preferred_spelling)
_suggest = lru_cache(maxsize=1024)(suggest_metric)


@rule("MC501", "no-evaluation")
def find_no_evaluation(card: Subject) -> Drafts:
    """A card states how good the model is.

    Whoever chooses between two models compares their metrics, and without any the card is passed
    over. State them as ``evaluation: top1acc76.88 | top5acc93.28``; if there are none, say so with
    ``evaluation: none``.
    """
    values = card.header.values
    node = values.get("evaluation")
    missing = node is None or (isinstance(node, ScalarNode) and not node.text.strip())
    if missing and values and not any(key in values for key, _ in _LEGACY):
        place = card.header.keys.get("evaluation", card.top)
        yield card.flag("evaluation", "is missing; state the metrics, or write none", at=place)


@rule("MC502", "explicit-no-evaluation", "note")
def find_explicit_no_evaluation(card: Subject) -> Drafts:
    """There are metrics in the evaluation.

    ``none``, ``-``, ``no`` and ``N/A`` say honestly that nothing was measured. This note lists the
    cards for which a measurement is still to be made.
    """
    if card.evaluation.state == "none":
        yield card.flag("evaluation", f"{card.evaluation.text} says that nothing was measured")


@rule("MC503", "unparsed-metric")
def find_unparsed_metrics(card: Subject) -> Drafts:
    """Every metric is a name with a number behind it, and ``|`` stands between two.

    A part of the line that is anything else, such as a number with a unit and no name, is left out
    wherever cards are searched, sorted or compared by their metrics. Write name and number, such
    as ``top1acc76.88`` or ``MOS 3.2``.
    """
    evaluation = card.evaluation
    if evaluation.unparsed and not any(fault.key == "evaluation" for fault in card.document.faults):
        for segment in evaluation.unparsed:
            message = f"{shorten(segment.text)} is no name with a number, such as top1acc76.88"
            yield card.flag("evaluation", message, at=card.place_metric(segment))


@rule("MC504", "duplicate-metric", "error")
def find_duplicate_metrics(card: Subject) -> Drafts:
    """A metric is stated once.

    Of two numbers for the same metric programs take one, and nobody knows whether it is the right
    one. In the official cards it is mostly a ``top5acc`` that is written ``top1acc``. Correct the
    name of one, or remove it.
    """
    metrics = card.evaluation.metrics
    names = [_canonical(metric.name) for metric in metrics]
    stated = frozenset(names)
    if len(metrics) == len(stated):
        return
    seen: dict[str, Metric] = {}
    for canonical, metric in zip(names, metrics, strict=True):
        first = seen.setdefault(canonical, metric)
        if first is metric:
            continue
        name, other = metric.name.strip(), first.name.strip()
        message = f"{name} is stated twice, {first.value} and {metric.value}; "
        if other != name:
            message = f"{name} is {other} in other words, and that is stated already; "
        top5, fix = name.replace("top1", "top5"), None
        if metric.value > first.value and _canonical(top5) not in stated:
            place = card.place_metric(metric, len(name))
            fix = unsafe_fix(f"write {top5}", replace_text(place, top5)) if place else None
            message += f"is the second {top5}?"
        else:
            message += "keep one"
        yield card.flag("evaluation", message, fix, at=card.place_metric(metric))


@rule("MC505", "metric-typo")
def find_metric_typos(card: Subject) -> Drafts:
    """The name of a metric is spelt right.

    A misspelt metric is one of its own to programs: the card is missing from every comparison. If
    the name is right, list it under ``[tool.mshub.vocabularies]`` as one of ``metrics``.
    """
    for metric in card.evaluation.metrics:
        name = metric.name.strip()
        right = _suggest(name, card.vocabulary.metrics)
        if right:
            place = card.place_metric(metric, len(name))
            fix = unsafe_fix(f"write {right}", replace_text(place, right)) if place else None
            message = f"{name} looks like a misspelt {right}"
            yield card.flag("evaluation", message, fix, at=place)


@rule("MC506", "metric-case", "note")
def find_metric_case(card: Subject) -> Drafts:
    """The name of a metric is spelt as most cards spell it.

    mshub knows that mAP, MAP and map are one metric; programs that compare letters do not. Take
    the spelling of the other cards.
    """
    for metric in card.evaluation.metrics:
        name = metric.name.strip()
        usual = _preferred(name)
        if usual and name not in card.vocabulary.metrics:
            place = card.place_metric(metric, len(name))
            fix = unsafe_fix(f"write {usual}", replace_text(place, usual)) if place else None
            message = f"{name} is written {usual} in most cards"
            yield card.flag("evaluation", message, fix, at=place)


@rule("MC507", "legacy-metric")
def find_legacy_metrics(card: Subject) -> Drafts:
    """Metrics stand in ``evaluation``.

    ``accuracy`` and ``mAP`` are keys of the oldest cards, some in percent and some as a fraction.
    Search and comparison look at ``evaluation`` alone. Move the number there, with its name.
    """
    values, keys = card.header.values, card.header.keys
    found = [(key, name) for key, name in _LEGACY if key in values]
    for key, name in found:
        node, fix = card.scalar(key), None
        message = f"is a key of old cards; write evaluation: {name}…"
        if node and _NUMBER.fullmatch(node.text) and len(found) == 1 and "evaluation" not in values:
            line = f"evaluation: {name}{node.text}"
            message = f"is a key of old cards; write {line}"
            fix = unsafe_fix(f"write {line}", replace_text(Span(keys[key].start, node.end), line))
        yield card.flag(key, message, fix, at=keys[key])
