"""docs/rules.md says what the rules say."""

import importlib.util
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_rules_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("rules_page", DOCS / "rules.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert written == module.render_page(), "docs/rules.md is out of date: run `make rules`"
