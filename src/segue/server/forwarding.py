"""Tells ListenBrainz in the background what listeners played."""

from __future__ import annotations

import logging
import threading

from segue.errors import SegueError
from segue.operations.forwarding import forward
from segue.settings import DataFolder

_LOG = logging.getLogger("segue.server")
_EVERY_S = 30.0


class Forwarder:
    """A thread that looks from time to time whether plays wait to be passed on."""

    def __init__(self, data: DataFolder) -> None:
        self._data = data
        self._end = threading.Event()

    def start(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._look, name="segue forwarding", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._end.set()

    def _look(self) -> None:
        while not self._end.wait(_EVERY_S):
            try:
                forward(self._data)
            except SegueError as error:
                _LOG.info("listens wait to be passed on: %s", error)
