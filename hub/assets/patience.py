"""How long a server is waited for, and how often it is asked again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """The limits of one transfer; all of them together make sure that it ends.

    Attributes:
        connect: Seconds until a connection must stand.
        silence: Seconds that may pass between two bytes.
        window: Seconds over which the speed is watched.
        floor: Bytes a second below which, over a whole window, a transfer counts as stalled.
        attempts: How often one source is asked in a row without a mebibyte of progress.
        backoff: Seconds of the first pause; each further one is twice as long, give or take.
        longest_pause: Seconds that one pause may take. A server that asks for more
            (``Retry-After``) has failed, so that the next source gets its turn.

    Example:
        >>> Patience(attempts=1).silence
        30
    """

    connect: float = 10
    silence: float = 30
    window: float = 30
    floor: float = 1024
    attempts: int = 4
    backoff: float = 0.5
    longest_pause: float = 30


PATIENCE = Patience()
