"""One thing that was looked at, what came of it, and how several are looked at side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from hub.errors import HubError
from hub.redaction import mask_text

Status = Literal["ok", "warning", "failed"]
Look = Callable[[], "list[Check]"]


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a check, in words for people.

    Attributes:
        name: What was looked at.
        status: ``"failed"`` if something will not work, ``"warning"`` if something may surprise.
        found: What was found.
        advice: What to do next; empty if all is well.

    Example:
        >>> Check("free space", "ok", "55 GB").advice
        ''
    """

    name: str
    status: Status
    found: str
    advice: str = ""


def run_check(name: str, look: Look) -> list[Check]:
    """Run a check, and make even its own failure a result; no URL in it shows a login.

    Args:
        name: What it looks at, for the case that it fails.
        look: The check.

    Returns:
        What it found.

    Example:
        >>> run_check("answer", lambda: [Check("answer", "ok", str(1 // 0))])[0].found
        'this could not be looked at (ZeroDivisionError: integer division or modulo by zero)'
    """
    try:
        results = look()
    except HubError as error:
        results = [Check(name, "failed", str(error), "mend what the message names")]
    except Exception as error:  # noqa: BLE001, whatever is broken is what a doctor has to tell
        found = f"this could not be looked at ({type(error).__name__}: {error})"
        results = [Check(name, "failed", found, "report this line as a bug of mshub")]
    return [Check(r.name, r.status, mask_text(r.found), mask_text(r.advice)) for r in results]


def run_checks(looks: Sequence[tuple[str, Look]], limit: float) -> list[Check]:
    """Run checks side by side; one that hangs is left behind, and that is its result.

    Args:
        looks: Each check, with the name of what it looks at, which no other has.
        limit: Seconds after which none is waited for any more.

    Returns:
        The results, in the order of the checks.

    Example:
        >>> run_checks([("one", lambda: [Check("one", "ok", "there")])], limit=5)
        [Check(name='one', status='ok', found='there', advice='')]
    """
    results: dict[str, list[Check]] = {}

    def run(name: str, look: Look) -> None:
        results[name] = run_check(name, look)

    threads = [threading.Thread(target=run, args=look, daemon=True) for look in looks]
    for thread in threads:
        thread.start()
    end = time.monotonic() + limit
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return [
        check
        for name, _ in looks
        for check in (results[name] if name in results else [_report_hanging(name, limit)])
    ]


def _report_hanging(name: str, limit: float) -> Check:
    advice = "see whether a network drive or a host hangs"
    return Check(name, "failed", f"this could not be looked at within {limit:g} s", advice)
