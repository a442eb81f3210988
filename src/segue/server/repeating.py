"""A thread of the server that does a piece of work from time to time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

_LOG = logging.getLogger("segue.server")
_AFTER_A_DEFECT_S = 3_600.0


class Repeating:
    """Does something again and again until it is told to end; a defect costs an hour, not the thread.

    Parameters
    ----------
    name
        Of the thread.
    work
        Does it once, and says after how many seconds to do it again.
    first_s
        Seconds before the first time.
    """

    def __init__(self, name: str, work: Callable[[], float], first_s: float) -> None:
        self._name = name
        self._work = work
        self._first_s = first_s
        self._woken = threading.Event()
        self._ended = False

    def start(self) -> None:
        """Begin to wait for the first time."""
        threading.Thread(target=self._repeat, name=self._name, daemon=True).start()

    def stop(self) -> None:
        """Do it no more; what is being done is done."""
        self._ended = True
        self._woken.set()

    def hurry(self) -> None:
        """Do it now, whatever the work said."""
        self._woken.set()

    def _repeat(self) -> None:
        pause_s = self._first_s
        while True:
            self._woken.wait(pause_s)
            if self._ended:
                return
            self._woken.clear()
            try:
                pause_s = self._work()
            except Exception:
                _LOG.exception("%s failed", self._name)
                pause_s = _AFTER_A_DEFECT_S
