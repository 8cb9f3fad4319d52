"""What changed in the metrics of a card, each compared with itself, whatever its spelling."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from decimal import Context, Decimal

from hub.cards.evaluation import Evaluation, Metric
from hub.metadata.changes import Change

_EXACT = Context(prec=300)  # digits; a metric has 40 and an exponent of two digits


def compare_metrics(old: Evaluation, new: Evaluation) -> Iterator[Change]:
    """Compare two lines of metrics.

    A metric is compared with the one of its name, or else with one of the same canonical name;
    of several, the first with the first.

    Args:
        old: The metrics as they were.
        new: The metrics as they are.

    Returns:
        The changes: those of the old metrics in their order, then what is new. Order alone, and
        zeros behind the last digit, are no change.

    Example:
        >>> before, after = Evaluation("top1acc76.88 | mAP37.3"), Evaluation("Top1-acc76.89")
        >>> for change in compare_metrics(before, after):
        ...     print(change)
        ~ evaluation.Top1-acc: top1acc 76.88 → 76.89 (+0.01), now called Top1-acc
        - evaluation.mAP: 37.3
    """
    left, right = list(old.metrics), list(new.metrics)
    pairs = _pair(left, right, lambda metric: metric.name)
    pairs += _pair(left, right, lambda metric: metric.canonical)
    for before, after in sorted(pairs, key=lambda pair: pair[0].start):
        if (before.name, before.value) != (after.name, after.value):
            yield _describe_pair(before, after)
    for metric in left:
        yield Change(_key(metric), str(metric.value), None, "removed", str(metric.value))
    for metric in right:
        yield Change(_key(metric), None, str(metric.value), "added", str(metric.value))
    yield from _compare_texts(old, new)


def _pair(
    left: list[Metric], right: list[Metric], name: Callable[[Metric], str]
) -> list[tuple[Metric, Metric]]:
    """Take the pairs that share a name out of both lists."""
    waiting: dict[str, deque[Metric]] = {}
    for metric in right:
        waiting.setdefault(name(metric), deque()).append(metric)
    found = [(metric, waiting[name(metric)]) for metric in left if name(metric) in waiting]
    pairs = [(metric, others.popleft()) for metric, others in found if others]
    left[:] = _leave_out(left, [before for before, _ in pairs])
    right[:] = _leave_out(right, [after for _, after in pairs])
    return pairs


def _leave_out(metrics: list[Metric], taken: list[Metric]) -> list[Metric]:
    starts = {metric.start for metric in taken}
    return [metric for metric in metrics if metric.start not in starts]


def _describe_pair(old: Metric, new: Metric) -> Change:
    renamed = f", now called {new.name}" if old.name != new.name else ""
    change = ""
    if old.value != new.value:
        change = f" → {new.value} ({_EXACT.subtract(new.value, old.value):+f})"
    note = f"{old.name} {old.value}{change}{renamed}"
    return Change(_key(new), _write(old, new), _write(new, old), "changed", note)


def _write(metric: Metric, other: Metric) -> str:
    """Write the value, and the name too where that has changed."""
    value: Decimal = metric.value
    return str(value) if metric.name == other.name else f"{metric.name} {value}"


def _key(metric: Metric) -> str:
    return f"evaluation.{metric.name}"


def _compare_texts(old: Evaluation, new: Evaluation) -> Iterator[Change]:
    """Compare what is no metric, and whether a card says that there is none."""
    before, after = (Counter(part.text for part in line.unparsed) for line in (old, new))
    for text in (before - after).elements():
        yield Change("evaluation", text, None, "removed", repr(text))
    for text in (after - before).elements():
        yield Change("evaluation", None, text, "added", repr(text))
    if (old.state, new.state) == ("absent", "none"):
        yield Change("evaluation", None, new.text, "added", "says that there is none")
    if (old.state, new.state) == ("none", "absent"):
        yield Change("evaluation", old.text, None, "removed", "no longer says that there is none")
