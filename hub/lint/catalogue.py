"""All rules, by code.

=========  ====================================  =======================
codes      about                                 file
=========  ====================================  =======================
MC0xx      the linter's own comments             ``suppression.py``
MC100      files                                 ``rules/files.py``
MC1xx      bytes, fences, lines                  ``rules/text.py``
MC2xx      keys                                  ``rules/keys.py``
MC3xx      values of fields                      ``rules/values.py``,
                                                  ``rules/words.py``
MC4xx      assets and their digests              ``rules/assets.py``
MC5xx      metrics                               ``rules/metrics.py``
MC6xx      the body                              ``rules/body.py``
MC7xx      identity: header, path, file, body    ``rules/identity.py``
MC8xx      several cards of a registry           ``rules/registry.py``
MC9xx      the network (``--online``)            ``rules/online.py``
=========  ====================================  =======================
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from hub.lint.rule import Rule

FAMILIES = (
    "hub.lint.suppression",
    "hub.lint.rules.files",
    "hub.lint.rules.text",
    "hub.lint.rules.keys",
    "hub.lint.rules.values",
    "hub.lint.rules.words",
    "hub.lint.rules.assets",
    "hub.lint.rules.metrics",
    "hub.lint.rules.body",
    "hub.lint.rules.identity",
    "hub.lint.rules.registry",
    "hub.lint.rules.online",
)


@cache
def catalogue() -> Mapping[str, Rule]:
    """Return all rules by code, in the order of their codes.

    Example:
        >>> catalogue()["MC304"].name
        'unpadded-date'
    """
    found = [
        value
        for family in FAMILIES
        for value in vars(import_module(family)).values()
        if isinstance(value, Rule)
    ]
    return MappingProxyType({rule.code: rule for rule in sorted(found, key=lambda r: r.code)})
