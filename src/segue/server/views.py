"""Keeps the map and the kinds of music of a library up to date, in a process of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from segue.catalogue import n_tracks, revision
from segue.errors import CatalogueBusy, NothingFound, SegueError
from segue.operations.resident import Resident
from segue.operations.views import shown_revision, write_views
from segue.server.chores import do_apart
from segue.settings import DataFolder

# The views of a library that changes all the time are made anew after so long.
_PATIENCE_S = 300.0


class ViewKeeper:
    """Makes the views of a library when they are asked for and missing or old.

    Parameters
    ----------
    resident
        The library.
    """

    def __init__(self, resident: Resident) -> None:
        self._resident = resident
        self._lock = threading.Lock()
        self._busy = False
        self._made_at = float("-inf")
        self._error = ""

    def ready(self) -> bool:
        """Whether there are views to show; old ones are shown while new ones are made.

        Raises
        ------
        NothingFound
            If there can be none: nothing has been heard yet.
        SegueError
            If making them failed.
        """
        shown = shown_revision(self._resident.data)
        catalogue = self._resident.catalogue()
        if shown is None and not n_tracks(catalogue):
            raise NothingFound("this library has no music yet: scan a folder first")
        now = revision(catalogue)
        if shown == now:
            return True
        waited = time.monotonic() - self._made_at
        if shown is None or waited > _PATIENCE_S:
            if shown is None and self._error and waited < _PATIENCE_S:
                raise NothingFound(self._error)
            self._begin({})
        return shown is not None

    def name_kind(self, number: int, name: str) -> None:
        """Give a kind a name, and wait until it is written.

        Raises
        ------
        CatalogueBusy
            If they are being looked for just now.
        SegueError
            If that failed.
        """
        with self._lock:
            if self._busy:
                raise CatalogueBusy("the kinds are being looked for just now: try again in a moment")
            self._busy = True
        self._make({number: name})
        if self._error:
            raise SegueError(self._error)

    def _begin(self, names: Mapping[int, str]) -> None:
        with self._lock:
            if self._busy:
                return
            self._busy = True
        threading.Thread(target=self._make, args=(names,), daemon=True).start()

    def _make(self, names: Mapping[int, str]) -> None:
        try:
            self._error = do_apart(_write, self._resident.data, dict(names))
        finally:
            self._made_at = time.monotonic()
            self._busy = False


def _write(data: DataFolder, names: dict[int, str]) -> None:
    """What the other process does."""
    write_views(data, names=names)
