"""Pauses: how often a source is asked again, and after how long."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable

from hub.assets.patience import Patience
from hub.assets.progress import Progress
from hub.assets.transfer.faults import PassingFault
from hub.errors import DownloadError

_log = logging.getLogger(__name__)

_GETTING_ON = 1 << 20  # bytes of progress after which failures are counted anew
_STEP = 0.25  # seconds between two looks whether the caller still wants the file


class Tries:
    """Counts the failures of one source, and waits between them.

    Args:
        patience: How often and how long.
        progress: Is told what is waited for.
        sleep: Waits for some seconds.
    """

    def __init__(
        self,
        patience: Patience,
        progress: Progress,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._patience = patience
        self._progress = progress
        self._sleep = sleep
        self._failures = 0
        self._kept = 0

    def wait(self, fault: PassingFault, kept: int) -> None:
        """Pause before the next try.

        Args:
            fault: What went wrong.
            kept: The bytes from which the next try goes on.

        Raises:
            DownloadError: There is no next try.
        """
        if kept >= self._kept + _GETTING_ON:
            self._failures, self._kept = 0, kept
        self._failures += 1
        if fault.pause is not None and fault.pause > self._patience.longest_pause:
            raise _give_up(fault, self._patience.longest_pause) from None
        if self._failures >= self._patience.attempts:
            raise fault.error from None
        pause = fault.pause if fault.pause is not None else self._choose_pause()
        reason = str(fault.error).partition(";")[0]  # without the advice
        words = f"{reason}; asking again in {pause:.1f} s"
        _log.info("%s", words)
        self._progress.note(words)
        self._rest(pause)

    def _choose_pause(self) -> float:
        pause = self._patience.backoff * 2.0 ** (self._failures - 1)
        jitter = random.uniform(0.5, 1.5)  # noqa: S311, many clients shall not come back at once
        return min(pause * jitter, self._patience.longest_pause)

    def _rest(self, pause: float) -> None:
        while pause > 0:
            self._progress.advance(0)  # whoever watches may end it here by an exception
            self._sleep(min(pause, _STEP))
            pause -= _STEP


def _give_up(fault: PassingFault, longest: float) -> DownloadError:
    error = fault.error
    return DownloadError(
        f"{error} (it asks to wait for {fault.pause:,.0f} s; mshub waits for {longest:,.0f} s at"
        " most)",
        url=error.url,
        status=error.status,
    )
