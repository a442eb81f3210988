"""The scan that runs beside the server: in a process of its own, so that answers do not wait for it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import cast

from segue.catalogue import open_catalogue, roots
from segue.errors import NothingFound, SegueError
from segue.operations.scan import watch_library
from segue.settings import DataFolder

_END_S = 10.0
_MOST_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class ScanState:
    """How far the scan is.

    Attributes
    ----------
    running
        Whether files are being looked at or heard now; a watch that waits for changes is not running.
    watching
        Whether changes are followed.
    phase
        What is being done, in words.
    done, total
        Steps of the phase; `total` is None while it is not known.
    problems
        Files left out since the start.
    message
        The last line for a person: a note, or the error that ended the scan.
    started_at, ended_at
        UTC epoch seconds of the last phase's beginning and end, None before.
    """

    running: bool = False
    watching: bool = False
    phase: str = ""
    done: int = 0
    total: int | None = None
    problems: int = 0
    message: str = ""
    started_at: float | None = None
    ended_at: float | None = None


class ScanRunner:
    """Starts, stops and follows the scan of one library.

    Parameters
    ----------
    data
        The library.
    folders
        Music to scan; empty for what the library knows.
    """

    def __init__(self, data: DataFolder, folders: tuple[Path, ...] = ()) -> None:
        self._data = data
        self._folders = folders
        self._state = ScanState()
        self._changed = threading.Condition()
        self._process: SpawnProcess | None = None
        self._work = threading.Lock()
        self.problems: deque[tuple[str, str, str]] = deque(maxlen=_MOST_PROBLEMS)

    @property
    def state(self) -> ScanState:
        """How far it is."""
        return self._state

    def start_if_any(self) -> None:
        """Scan, if there is any folder to scan: nobody asked yet for the music of the whole machine."""
        known: Sequence[Path] = self._folders
        if not known:
            with suppress(NothingFound), open_catalogue(self._data) as catalogue:
                known = roots(catalogue)
        if known:
            self.start()

    def start(self, *, retry: bool = False, folders: tuple[Path, ...] | None = None) -> None:
        """Scan from the beginning, and watch afterwards; a scan at work is stopped first."""
        with self._work:
            self._stop()
            if folders is not None:
                self._folders = folders
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(
                target=_run, args=(self._data, self._folders, retry, theirs), name="segue scan"
            )
            process.start()
            theirs.close()
            self._process = process
            self._set(ScanState(running=True, watching=True, phase="starting", started_at=time.time()))
            threading.Thread(target=self._follow, args=(process, ours), daemon=True).start()

    def stop(self) -> None:
        """End the scan; what was heard is stored."""
        with self._work:
            self._stop()

    def follow(self, wait_s: float) -> Iterator[ScanState]:
        """The present state, then each new one; the same again when nothing happened for `wait_s`."""
        while True:
            state = self._state
            yield state
            with self._changed:
                self._changed.wait_for(lambda before=state: self._state is not before, wait_s)  # type: ignore[misc]

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None or not process.is_alive():
            return
        with suppress(ProcessLookupError):
            os.kill(process.pid or 0, signal.SIGINT)
        process.join(_END_S)
        if process.is_alive():
            process.kill()
            process.join()

    def _follow(self, process: SpawnProcess, messages: Connection) -> None:
        """Take what the scan's process tells until it ends."""
        with suppress(EOFError, OSError):
            while True:
                what, values = messages.recv()
                if self._process is process:
                    self._take(what, values)
        process.join()
        if self._process is process or self._process is None:
            ended = (
                ""
                if process.exitcode in (0, None) or self._process is None
                else "the scan ended unexpectedly"
            )
            self._set(
                replace(
                    self._state,
                    running=False,
                    watching=False,
                    message=self._state.message if not ended or self._state.message else ended,
                    ended_at=time.time(),
                )
            )

    def _take(self, what: str, values: tuple[object, ...]) -> None:
        state = self._state
        if what == "start":
            label, total = cast("tuple[str, int | None]", values)
            begun = state.started_at if state.running else time.time()
            state = replace(
                state,
                running=True,
                phase=str(label),
                done=0,
                total=total,
                started_at=begun,
                ended_at=None,
            )
        elif what == "grow":
            state = replace(state, total=cast(int, values[0]))
        elif what == "advance":
            state = replace(state, done=state.done + cast(int, values[0]))
        elif what == "problem":
            self.problems.append(cast("tuple[str, str, str]", values))
            state = replace(state, problems=state.problems + 1)
        elif what == "note":
            state = replace(state, message=str(values[0]))
        elif what == "finish":
            state = replace(state, running=False, ended_at=time.time())
        self._set(state)

    def _set(self, state: ScanState) -> None:
        with self._changed:
            self._state = state
            self._changed.notify_all()


class _Telling:
    """A `segue.progress.Progress` that sends everything to another process; steps are gathered."""

    _EVERY_S = 0.2

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._steps = 0
        self._last = 0.0

    def start(self, label: str, total: int | None) -> None:
        self._send("start", label, total)

    def grow(self, total: int) -> None:
        self._send("grow", total)

    def advance(self, steps: int = 1) -> None:
        self._steps += steps
        if time.monotonic() - self._last >= self._EVERY_S:
            self._flush()

    def problem(self, path: Path, reason: str, detail: str) -> None:
        self._send("problem", str(path), reason, detail)

    def note(self, message: str) -> None:
        self._send("note", message)

    def finish(self) -> None:
        self._send("finish")

    def _send(self, what: str, *values: object) -> None:
        self._flush()
        self._pipe.send((what, values))

    def _flush(self) -> None:
        if self._steps:
            self._pipe.send(("advance", (self._steps,)))
            self._steps = 0
        self._last = time.monotonic()


def _run(data: DataFolder, folders: tuple[Path, ...], retry: bool, pipe: Connection) -> None:
    """The scan's process."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    telling = _Telling(pipe)
    with suppress(KeyboardInterrupt, BrokenPipeError):
        try:
            watch_library(data, folders, retry=retry, progress=telling)
        except SegueError as error:
            telling.note(str(error))


def _end_with(parent: int) -> None:
    """End when the server was killed: nobody else would."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(_END_S)
    os._exit(1)
