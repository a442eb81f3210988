"""What a server that runs for months does once an hour: expired sessions and old pictures go."""

from __future__ import annotations

import logging
import threading
import time

from segue.catalogue import forget_expired, open_catalogue
from segue.errors import NothingFound, SegueError
from segue.operations.media import tidy_cache
from segue.settings import DataFolder

_LOG = logging.getLogger("segue.server")
_EVERY_S = 3_600.0
_MOST_BYTES = 2 * 2**30
"""Waveforms, spectrograms and covers that are kept: those of some tens of thousands of tracks."""


class Housekeeping:
    """A thread that tidies up from time to time."""

    def __init__(self, data: DataFolder) -> None:
        self._data = data
        self._end = threading.Event()

    def start(self) -> None:
        """Begin; the first time is in an hour."""
        threading.Thread(target=self._work, name="segue housekeeping", daemon=True).start()

    def stop(self) -> None:
        """Tidy no more."""
        self._end.set()

    def _work(self) -> None:
        while not self._end.wait(_EVERY_S):
            try:
                tidy(self._data)
            except (SegueError, OSError) as error:
                _LOG.warning("could not tidy up: %s", error)


def tidy(data: DataFolder) -> None:
    """Forget sessions and keys that have expired, and what nobody looked at for longest."""
    tidy_cache(data, _MOST_BYTES)
    try:
        with open_catalogue(data, write=True) as catalogue:
            forget_expired(catalogue, time.time())
    except NothingFound:
        pass
