"""Texts that are kept by the URL they were read from, and how old they are."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class KeptText:
    """A text as it was when it was last read.

    Attributes:
        content: Its bytes.
        age: The seconds since it was read; endless if the clocks do not agree.
    """

    content: bytes
    age: float


def read_text(path: Path) -> KeptText | None:
    """Read a text that may have been kept; None if it was not.

    Raises:
        OSError: It is there but cannot be read.
    """
    try:
        with path.open("rb") as file:
            age = time.time() - os.fstat(file.fileno()).st_mtime
            return KeptText(file.read(), age if age >= 0 else float("inf"))
    except FileNotFoundError:
        return None
