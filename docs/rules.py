"""Write docs/rules.md from the catalogue: ``make rules``."""

from __future__ import annotations

from pathlib import Path

from hub.lint.catalogue import catalogue
from hub.lint.rule import Rule

PAGE = Path(__file__).with_name("rules.md")
FAMILIES = {
    "MC0": ("The linter's own comments", "hub/lint/suppression.py"),
    "MC1": ("Bytes, fences and lines", "hub/lint/rules/text.py"),
    "MC2": ("Keys", "hub/lint/rules/keys.py"),
    "MC3": ("Values", "hub/lint/rules/values.py", "hub/lint/rules/words.py"),
    "MC4": ("Assets and digests", "hub/lint/rules/assets.py"),
    "MC5": ("Metrics", "hub/lint/rules/metrics.py"),
    "MC6": ("The body", "hub/lint/rules/body.py"),
    "MC7": ("Identity: header, path, file and body", "hub/lint/rules/identity.py"),
    "MC8": ("Several cards of a registry", "hub/lint/rules/registry.py"),
    "MC9": ("The network", "hub/lint/rules/online.py"),
}


def render_page() -> str:
    """Return the page: a section for each family, a paragraph for each rule."""
    lines = [
        "# Rules",
        "",
        "Made by `make rules` from the rules themselves; `hub rule CODE` prints the same in a terminal.",
        "Errors and warnings run unless a selection says otherwise. Notes are matters of taste, or flag",
        "what most published cards do: they run if they are selected. Online rules run with `--online`.",
    ]
    rules = catalogue().values()
    for family, (title, *files) in FAMILIES.items():
        links = " and ".join(f"[`{file}`](../{file})" for file in files)
        lines += ["", f"## {title}", "", f"In {links}."]
        for rule in rules:
            if rule.code.startswith(family):
                lines += ["", *describe(rule)]
    return "\n".join(lines) + "\n"


def describe(rule: Rule) -> list[str]:
    """Return the lines about a rule."""
    state = rule.severity if rule.scope != "online" else f"{rule.severity}, online"
    return [f"### {rule.code} {rule.name} ({state})", "", rule.summary, "", rule.explanation]


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
