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


def read_selectors(rules: Mapping[str, Rule], selectors: Iterable[str]) -> dict[str, str]:
    """Return what selectors mean, each a code or the beginning of codes; some may mean no rule.

    Example:
        >>> from hub.lint.catalogue import catalogue
        >>> read_selectors(catalogue(), ["unpadded-date", "mc3", "all", "MC399"])
        {'unpadded-date': 'MC304', 'mc3': 'MC3', 'all': 'MC'}
    """
    names = {rule.name: code for code, rule in rules.items()}
    known = {code[:length] for code in rules for length in range(2, len(code) + 1)}
    prefixes = {one: names.get(one.lower(), one.upper()) for one in selectors}
    prefixes = {one: "MC" if prefix == "ALL" else prefix for one, prefix in prefixes.items()}
    return {one: prefix for one, prefix in prefixes.items() if prefix in known}


def _weigh(code: str, selectors: Iterable[str], default: int = 0) -> int:
    """Return the length of the longest selector that means a rule, or the default."""
    return max((len(prefix) for prefix in selectors if code.startswith(prefix)), default=default)


def _read_selectors(rules: Mapping[str, Rule], selectors: Iterable[str]) -> frozenset[str]:
    selectors = tuple(selectors)
    meant = read_selectors(rules, selectors)
    for selector in selectors:
        if selector not in meant:
            raise _refuse(rules, selector)
    return frozenset(meant.values())


def _refuse(rules: Mapping[str, Rule], selector: str) -> ArgumentError:
    known = [*rules, *(rule.name for rule in rules.values())]
    near = [*get_close_matches(selector, known, 1), *get_close_matches(selector.upper(), known, 1)]
    hint = f"did you mean {near[0]}?" if near else "`hub rule` lists them"
    return ArgumentError(f"there is no rule {selector!r}; {hint}")
