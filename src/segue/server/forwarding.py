"""Tells ListenBrainz in the background what listeners played."""

from __future__ import annotations

import logging
import threading

from segue.errors import NothingFound, SegueError
from segue.operations.forwarding import forward
from segue.services.listenbrainz_client import ROOT
from segue.settings import DataFolder

_LOG = logging.getLogger("segue.server")
_EVERY_S = 30.0
_BETWEEN_S = 1.0  # batches, while there are more
_LONGEST_S = 3_600.0


class Forwarder:
    """A thread that looks from time to time whether plays wait to be passed on.

    Parameters
    ----------
    data
        The library.
    root
        Where ListenBrainz is.
    """

    def __init__(self, data: DataFolder, root: str = ROOT) -> None:
        self._data = data
        self._root = root
        self._end = threading.Event()

    def start(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._look, name="segue forwarding", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._end.set()

    def _look(self) -> None:
        pause_s = _EVERY_S
        while not self._end.wait(pause_s):
            pause_s = self._send()

    def _send(self) -> float:
        """Send what waits now; after how many seconds to look again."""
        try:
            done = forward(self._data, root=self._root)
        except NothingFound:  # there is no library yet
            return _EVERY_S
        except SegueError as error:
            _LOG.info("listens wait to be passed on: %s", error)
            return _EVERY_S
        except Exception:
            _LOG.exception("passing on listens failed")
            return _LONGEST_S
        if done.more:
            return _BETWEEN_S
        return min(max(_EVERY_S, done.wait_s), _LONGEST_S)
