"""What a change of a card looks like as a patch."""

from __future__ import annotations

import os
import re
from difflib import unified_diff
from itertools import islice

from hub.cards.document import Document
from hub.lint.paths import find_relative

_ODD = re.compile(r"[\x00-\x1f\x7f\"\\\ud800-\udfff]")
_PLAIN_BYTES = frozenset(range(32, 127)) - {ord('"'), ord("\\")}


def write_diff(before: Document, after: Document) -> str:
    r"""Write a change as a unified diff, for ``git apply``, ``patch -p0`` and ``patch -p1``.

    Args:
        before: The card as it was; the diff has its name.
        after: The card as it is to be.

    Returns:
        The diff; ``""`` where nothing changes.

    Example:
        >>> print(write_diff(Document("a\nb\n", "a.md"), Document("a\nc\n", "a.md")), end="")
        --- ./a.md
        +++ ./a.md
        @@ -1,2 +1,2 @@
         a
        -b
        +c
    """
    if before.text == after.text:
        return ""
    lines = unified_diff(_split(before.text), _split(after.text))
    name = _name_file(before.source)
    head = (f"--- {name}\n", f"+++ {name}\n")
    changed = (
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in islice(lines, 2, None)
    )
    return "".join((*head, *changed))


def _split(text: str) -> list[str]:
    r"""Cut a text behind its line feeds, and there alone: ``\r`` and the like end no line."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop().removesuffix("\n")
    return [*lines, last] if last else lines


def _name_file(source: str) -> str:
    """Write a path as the heads of diffs have it; ``./`` is what ``git apply`` strips."""
    relative = find_relative(source)
    path = f"./{relative}" if relative else source
    if not _ODD.search(path):
        return f"{path}\t" if " " in path else path  # the tab says where a name with blanks ends
    quoted = (chr(b) if b in _PLAIN_BYTES else f"\\{b:03o}" for b in os.fsencode(path))
    return '"' + "".join(quoted) + '"'
