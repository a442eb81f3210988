"""The scan that runs beside the server: in a process of its own, so that answers do not wait for it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import cast

from segue.catalogue import open_catalogue, roots
from segue.errors import NothingFound, SegueError
from segue.operations.scan import watch_library
from segue.server.chores import wait_for_orphanhood
from segue.settings import DataFolder

_END_S = 10.0


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
        self._process: SpawnProcess | None = None
        self._follower: threading.Thread | None = None
        self._work = threading.Lock()

    @property
    def state(self) -> ScanState:
        """How far it is; another object after every change."""
        return self._state

    def start_if_any(self, *, retry: bool = False, folders: tuple[Path, ...] | None = None) -> bool:
        """As `start`, if there is any folder to scan: nobody asked for the music of the whole machine."""
        known: Sequence[Path] = self._folders if folders is None else folders
        if not known:
            with suppress(NothingFound), open_catalogue(self._data) as catalogue:
                known = roots(catalogue)
        if known:
            self.start(retry=retry, folders=folders)
        return bool(known)

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
            with theirs:
                _start_deaf(process)
            self._state = ScanState(running=True, watching=True, phase="starting", started_at=time.time())
            self._process = process
            self._follower = threading.Thread(target=self._follow, args=(process, ours), daemon=True)
            self._follower.start()

    def stop(self) -> None:
        """End the scan; what was heard is stored."""
        with self._work:
            self._stop()

    def _stop(self) -> None:
        process, follower = self._process, self._follower
        self._process = self._follower = None
        if process is None or follower is None:
            return
        # Only the thread that follows waits for the process: its number stays its own until then.
        for number in (signal.SIGINT, signal.SIGKILL):
            if follower.is_alive() and process.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, number)
                follower.join(_END_S)

    def _follow(self, process: SpawnProcess, messages: Connection) -> None:
        """Take what the scan's process tells until it ends."""
        with messages, suppress(EOFError, OSError):
            while True:
                self._take(*messages.recv())
        process.join()
        message = self._state.message
        if process.exitcode and self._process is process:
            message = message or "the scan ended unexpectedly"
        self._state = replace(
            self._state, running=False, watching=False, message=message, ended_at=time.time()
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
            state = replace(state, problems=state.problems + 1)
        elif what == "note":
            state = replace(state, message=str(values[0]))
        elif what == "finish":
            state = replace(state, running=False, ended_at=time.time())
        self._state = state


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

    def problem(self, path: Path | str, reason: str, detail: str) -> None:
        self._send("problem")  # which one stands in the catalogue

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


def _start_deaf(process: SpawnProcess) -> None:
    """Start a process that hears SIGINT only when it is ready to: earlier it would die with a traceback."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run(data: DataFolder, folders: tuple[Path, ...], retry: bool, pipe: Connection) -> None:
    """The scan's process."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    telling = _Telling(pipe)
    with suppress(KeyboardInterrupt, BrokenPipeError):
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT,))
            watch_library(data, folders, retry=retry, progress=telling)
        except SegueError as error:
            telling.note(str(error))
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough


def _end_with_parent() -> None:
    """Nobody else would end it when the server was killed."""
    wait_for_orphanhood()
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(_END_S)
    os._exit(1)
