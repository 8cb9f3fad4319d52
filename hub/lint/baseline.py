"""Findings that are known and wait for better days: a run fails only on new ones.

A baseline is a JSON file that a project commits. It counts findings by file, rule, key and
message, the latter without numbers of lines, so that moving text about makes nothing new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from hub.errors import ArgumentError
from hub.files import write_file
from hub.findings import Finding
from hub.lint.fingerprints import generalise
from hub.lint.paths import make_relative

_SCHEMA_VERSION = 1


def read_baseline(file: Path) -> Counter[str]:
    """Read the findings that are known.

    Raises:
        ArgumentError: The file is missing or is no baseline.
    """
    import json

    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or error
        message = f"the baseline {file} cannot be read: {reason}; --write-baseline {file} makes it"
        raise ArgumentError(message) from error
    except (ValueError, RecursionError):
        content = None
    counts = content.get("findings") if isinstance(content, dict) else None
    if not isinstance(counts, dict) or not all(isinstance(n, int) for n in counts.values()):
        raise ArgumentError(f"{file} is no baseline; --write-baseline {file} makes one")
    if content.get("schema_version") != _SCHEMA_VERSION:
        message = f"{file} was written by another version of mshub"
        raise ArgumentError(f"{message}; --write-baseline {file} makes it anew")
    return Counter(counts)


def write_baseline(file: Path, findings: Iterable[Finding]) -> int:
    """Write down all findings as known, and return how many there are.

    Raises:
        CacheError: The file cannot be written.
    """
    import json

    counts = Counter(_name(finding, file) for finding in findings)
    content = {"schema_version": _SCHEMA_VERSION, "findings": dict(sorted(counts.items()))}
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    write_file(str(file), text.encode("utf-8", "backslashreplace"))
    return counts.total()


def hold_back(findings: Iterable[Finding], known: Counter[str], file: Path) -> list[Finding]:
    """Leave out the findings that are known, each as often as it is."""
    left = known.copy()
    new = []
    for finding in findings:
        name = _name(finding, file)
        if left[name] > 0:
            left[name] -= 1
        else:
            new.append(finding)
    return new


def _name(finding: Finding, file: Path) -> str:
    path = make_relative(finding.source, file.parent)
    return f"{path} {finding.code} {finding.key}: {generalise(finding.message)}"
