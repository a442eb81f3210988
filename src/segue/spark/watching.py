"""How far a job is, told by the parts that its tasks have written."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from segue.progress import Progress
from segue.spark.parts import PROBLEMS, parts_in, read_problems
from segue.spark.places import Place

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_LOOK_S = 1.0
_COST = 20.0  # a look that takes long (a store, many parts) is taken so much more seldom
_LONELY_S = 30.0
_T = TypeVar("_T")


def shown(name: str) -> Path | str:
    """A name as `Progress.problem` takes it: a path, or an address."""
    return name if "://" in name else Path(name)


class Watch:
    """Looks for the parts of a job while it runs, and tells of their files and problems.

    Parameters
    ----------
    folder
        Where they will be.
    parts
        Their names, each with the number of its files.
    session
        That runs the job.
    progress
        Is told, from the thread that calls.
    """

    def __init__(
        self, folder: Place, parts: Mapping[str, int], session: SparkSession, progress: Progress
    ) -> None:
        self._folder, self._progress = folder, progress
        self._waiting = dict(parts)
        self._tracker = session.sparkContext.statusTracker()
        self._began = time.monotonic()
        self._lonely = True

    def until_done(self, action: Callable[[], _T]) -> _T:
        """Run `action` beside this, and look until it is done; what it returns, or raises."""
        answers: list[_T] = []
        errors: list[BaseException] = []

        def run() -> None:
            try:
                answers.append(action())
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        pause_s = _LOOK_S
        while thread.is_alive():
            thread.join(pause_s)
            before = time.monotonic()
            self._look()
            pause_s = max(_LOOK_S, _COST * (time.monotonic() - before))
        if errors:
            raise errors[0]
        return answers[0]

    def _look(self) -> None:
        finished = [name for name in parts_in(self._folder) if name in self._waiting]
        with_problems = {*parts_in(self._folder, PROBLEMS)} if finished else set()
        for name in finished:
            for row in read_problems(self._folder, name) if name in with_problems else ():
                self._progress.problem(shown(row["name"]), row["reason"], row["detail"])
            self._progress.advance(self._waiting.pop(name))
        if self._lonely and not finished:
            self._say_when_nobody_works()
        self._lonely = self._lonely and not finished

    def _say_when_nobody_works(self) -> None:
        if time.monotonic() - self._began < _LONELY_S:
            return
        self._lonely = False
        stages = [self._tracker.getStageInfo(stage) for stage in self._tracker.getActiveStageIds()]
        if not any(stage.numActiveTasks for stage in stages if stage is not None):
            self._progress.note(
                "No worker of the cluster has taken a task yet: others may hold its cores, or a worker has "
                "less memory than spark.executor.memory asks for. Waiting; Ctrl-C ends it."
            )
