"""The linter of model cards: rules, what selects them, what mends, what reports.

``rules/`` holds one family of rules a file, by the first digit of their codes: ``MC304`` is in
``rules/values.py``. The catalogue at the top of :mod:`hub.lint.catalogue` names the families.
"""
