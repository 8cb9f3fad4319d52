"""Which rules run: codes, beginnings of codes, and names, as users select and ignore them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches

from hub.errors import ArgumentError
from hub.lint.rule import Rule


def select_rules(
    rules: Mapping[str, Rule],
    select: Collection[str] | None = None,
    extend_select: Collection[str] = (),
    ignore: Collection[str] = (),
) -> frozenset[str]:
    """Return the codes of the rules that run.

    Where a rule is both selected and ignored, the longer selector wins: ``MC304`` over ``MC3``;
    of two that are equally long, the one that ignores.

    Args:
        rules: The catalogue.
        select: Selectors instead of the default rules; None takes those.
        extend_select: Selectors on top.
        ignore: Selectors of what does not run.

    Raises:
        ArgumentError: A selector means no rule.

    Example:
        >>> from hub.lint.catalogue import catalogue
        >>> sorted(select_rules(catalogue(), ["unpadded-date", "MC408"], ignore=["MC4"]))
        ['MC304', 'MC408']
    """
    wanted = _read_selectors(rules, [*(select or ()), *extend_select])
    unwanted = _read_selectors(rules, ignore)
    return frozenset(
        code
        for code, rule in rules.items()
        if _weigh(code, wanted, default=int(select is None and rule.default))
        > _weigh(code, unwanted)
    )


def find_rule(rules: Mapping[str, Rule], name: str) -> Rule:
    """Return a rule by its code or its name.

    Raises:
        ArgumentError: There is none.

    Example:
        >>> from hub.lint.catalogue import catalogue
        >>> find_rule(catalogue(), "mc304").name
        'unpadded-date'
    """
    for rule in rules.values():
        if name.upper() == rule.code or name.lower() == rule.name:
            return rule
    raise _refuse(rules, name)


def _weigh(code: str, selectors: Iterable[str], default: int = 0) -> int:
    """Return the length of the longest selector that means a rule, or the default."""
    return max((len(prefix) for prefix in selectors if code.startswith(prefix)), default=default)


def _read_selectors(rules: Mapping[str, Rule], selectors: Iterable[str]) -> frozenset[str]:
    names = {rule.name: code for code, rule in rules.items()}
    found = set()
    for selector in selectors:
        prefix = names.get(selector.lower(), selector.upper())
        prefix = "MC" if prefix == "ALL" else prefix
        if len(prefix) < 2 or not any(code.startswith(prefix) for code in rules):
            raise _refuse(rules, selector)
        found.add(prefix)
    return frozenset(found)


def _refuse(rules: Mapping[str, Rule], selector: str) -> ArgumentError:
    known = [*rules, *(rule.name for rule in rules.values())]
    near = [*get_close_matches(selector, known, 1), *get_close_matches(selector.upper(), known, 1)]
    hint = f"did you mean {near[0]}?" if near else "`hub rule` lists them"
    return ArgumentError(f"there is no rule {selector!r}; {hint}")
