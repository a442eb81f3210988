"""Tells ListenBrainz in the background what listeners played, play now, and like."""

from __future__ import annotations

import logging
import time

from segue.errors import NothingFound, SegueError
from segue.operations.forwarding import forward, forward_playing
from segue.operations.forwarding_opinions import forward_opinions
from segue.server.repeating import Repeating
from segue.services.listenbrainz_client import ROOT
from segue.settings import DataFolder
from segue.types import Listen

_LOG = logging.getLogger("segue.server")
_EVERY_S = 30.0
_BETWEEN_S = 1.0  # batches, while there are more
_LONGEST_S = 3_600.0
_STALE_S = 60.0
_TOLD_AGAIN_S = 60.0


class Forwarder:
    """Passes on what waits for ListenBrainz, from time to time, and at once what plays now.

    Plays and opinions wait in the catalogue. What plays now waits here, one track a listener, for a minute
    at most: it is worth nothing later.

    Parameters
    ----------
    data
        The library.
    root
        Where ListenBrainz is.

    Attributes
    ----------
    thread
        Does it.
    """

    def __init__(self, data: DataFolder, root: str = ROOT) -> None:
        self._data = data
        self._root = root
        self._playing: dict[str, tuple[float, Listen]] = {}
        self._said: dict[str, tuple[float, Listen]] = {}
        self._quiet_until = 0.0
        self.thread = Repeating("segue forwarding", self.send, _EVERY_S)

    def plays_now(self, listener: str, listen: Listen) -> None:
        """Pass on what a listener who wants that plays now; it may be said again and again."""
        now, listen = time.monotonic(), listen._replace(time_s=None)
        said_at, said = self._said.get(listener, (0.0, None))
        if said == listen and now - said_at < max(listen.duration_s or 0.0, _TOLD_AGAIN_S):
            return
        self._said[listener] = self._playing[listener] = now, listen
        self.thread.hurry()

    def send(self) -> float:
        """Send what waits now; after how many seconds to look again."""
        try:
            self._send_playing()
            done = [forward(self._data, root=self._root)]
            if not done[0].wait_s:
                done.append(forward_opinions(self._data, root=self._root))
        except NothingFound:  # there is no library yet
            return _EVERY_S
        except SegueError as error:
            _LOG.info("listens wait to be passed on: %s", error)
            return _EVERY_S
        if any(one.more for one in done):
            return _BETWEEN_S
        return min(max(_EVERY_S, *(one.wait_s for one in done)), _LONGEST_S)

    def _send_playing(self) -> None:
        """Say what plays now; what cannot be said is dropped."""
        for listener in list(self._playing):
            at, listen = self._playing.pop(listener)
            now = time.monotonic()
            if self._quiet_until <= now <= at + _STALE_S:
                wait_s = forward_playing(self._data, listener, listen, root=self._root)
                self._quiet_until = now + wait_s
