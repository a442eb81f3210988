"""Measures recommending on a person's own past when asked to, one at a time."""

from __future__ import annotations

import threading

from segue.errors import CatalogueBusy
from segue.operations.own_evaluation import read_own_evaluation, write_own_evaluation
from segue.server import models
from segue.server.chores import do_apart
from segue.settings import DataFolder


class Evaluations:
    """The evaluations of all listeners of a library."""

    def __init__(self, data: DataFolder) -> None:
        self._data = data
        self._lock = threading.Lock()
        self._running: str | None = None
        self._errors: dict[str, str] = {}

    def read(self, listener: str) -> models.Evaluation:
        """The last one, and whether a new one is being made."""
        found = read_own_evaluation(self._data, listener)
        report, made_at = (None, None) if found is None else found
        return models.Evaluation(
            running=self._running == listener,
            report=report,
            made_at=made_at,
            error=self._errors.get(listener, ""),
        )

    def begin(self, listener: str) -> None:
        """Measure anew.

        Raises
        ------
        CatalogueBusy
            If that of another listener is being made.
        """
        with self._lock:
            if self._running not in (None, listener):
                raise CatalogueBusy("another evaluation is at work: try again in a moment")
            if self._running is None:
                self._running = listener
                threading.Thread(target=self._measure, args=(listener,), daemon=True).start()

    def _measure(self, listener: str) -> None:
        try:
            self._errors[listener] = do_apart(write_own_evaluation, self._data, listener)
        finally:
            self._running = None
