"""Worker processes under supervision: a file that hangs, crashes or eats memory costs that file only."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Any, Self

from segue.errors import SegueError, own_words
from segue.scanning.jobs import Done, Failed, Job, Limits, Outcome
from segue.scanning.wire import Message, Unpacker, pack

_TICK_S = 0.25
_LONGEST_GAP_S = 2.0
_THREADS = ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "NUMEXPR", "BLIS")
_KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(256 << 20)}
_FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM)


@dataclass(slots=True, eq=False)
class _Worker:
    """One process and what it is busy with."""

    process: subprocess.Popen[bytes]
    complaints: IO[bytes]
    unpacker: Unpacker = field(default_factory=Unpacker)
    ready: bool = False
    job: Job | None = None
    kills: int = 0
    crashes: int = 0
    elapsed_s: float = 0.0
    served: int = 0

    def send(self, message: Message) -> None:
        """Write a message; of a process that has died the pool hears by the end of its output."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(pack(message))
            self.process.stdin.flush()

    def give(self, job: Job) -> None:
        self.job, self.elapsed_s = job, 0.0
        self.send(Message({"path": job.path}))


class Pool:
    """Runs `target` on one file at a time in each of some processes.

    Parameters
    ----------
    target
        ``module:function``, a `segue.scanning.jobs.Factory`, loaded once in each process.
    options
        What the factory is given; whatever JSON can say.
    workers
        The most processes; one is started only when there is work for it.
    nice
        How much they give way to other programs (0 to 19).
    answer
        Called when a worker asks about a payload digest.
    limits
        What a file may cost.

    Raises
    ------
    SegueError
        From `poll`, when workers cannot start at all.
    """

    def __init__(
        self,
        target: str,
        options: Mapping[str, Any],
        *,
        workers: int,
        nice: int,
        answer: Callable[[str], Sequence[str]],
        limits: Limits,
    ) -> None:
        self._target = target
        self._options = dict(options)
        self._most = workers
        self._nice = nice
        self._answer = answer
        self._limits = limits
        self._workers: list[_Worker] = []
        self._leaving: list[subprocess.Popen[bytes]] = []
        self._selector = selectors.DefaultSelector()
        self._last_tick = time.monotonic()
        self._failed_starts = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def busy(self) -> int:
        """How many files are being heard."""
        return sum(worker.job is not None for worker in self._workers)

    @property
    def free(self) -> int:
        """How many more files can be taken now."""
        return self._most - self.busy

    def submit(self, job: Job) -> None:
        """Give a file to an idle worker, or to a new one; only while `free` is above zero."""
        for worker in self._workers:
            if worker.job is None:
                worker.give(job)
                return
        self._start().give(job)

    def poll(self, timeout_s: float) -> list[Outcome]:
        """What has come of files since the last call; waits `timeout_s` for the first of it."""
        outcomes: list[Outcome] = []
        for key, _ in self._selector.select(min(timeout_s, _TICK_S) if self._workers else 0):
            outcomes += self._hear(key.data)
        if time.monotonic() - self._last_tick >= _TICK_S:
            outcomes += self._tick()
        return outcomes

    def close(self) -> None:
        """End every process; what they were hearing is lost, and nothing else."""
        for worker in list(self._workers):
            self._drop(worker, kill=True)
        patience = time.monotonic() + 2
        for process in self._leaving:
            # A process stuck in the kernel (a dead network file system) is left to the system.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.kill()
                process.wait(max(0.0, patience - time.monotonic()))
        self._selector.close()

    def _start(self) -> _Worker:
        complaints = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the worker
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "segue.scanning.worker", self._target, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=_environment(),
        )
        worker = _Worker(process, complaints)
        self._workers.append(worker)
        self._selector.register(process.stdout, selectors.EVENT_READ, worker)  # type: ignore[arg-type]
        limit = self._limits.memory_bytes
        worker.send(
            Message({"options": self._options, "nice": self._nice, "memory_bytes": limit + limit // 2})
        )
        return worker

    def _hear(self, worker: _Worker) -> list[Outcome]:
        """Read what a worker has written; the end of its output is its death."""
        assert worker.process.stdout is not None
        piece = os.read(worker.process.stdout.fileno(), 1 << 16)
        if not piece:
            return self._bury(worker)
        outcomes: list[Outcome] = []
        try:
            for message in worker.unpacker.feed(piece):
                outcomes += self._understand(worker, message)
        except ValueError:
            worker.process.kill()
            return outcomes + self._bury(worker)
        return outcomes

    def _understand(self, worker: _Worker, message: Message) -> list[Outcome]:
        header, job = message.header, worker.job
        if header["kind"] == "ready":
            worker.ready, worker.elapsed_s, self._failed_starts = True, 0.0, 0
            return []
        if header["kind"] == "ask":
            worker.send(Message({"answer": list(self._answer(header["digest"]))}))
            return []
        assert job is not None
        worker.job, worker.served = None, worker.served + 1
        worker.crashes = worker.kills = 0
        out_of_memory = header.get("reason") == "out-of-memory"
        if worker.served >= self._limits.files_a_worker or out_of_memory:
            self._drop(worker, kill=False)
        if header["kind"] == "failed":
            return [Failed(job, header["reason"], header["detail"])]
        return [Done(job, Message(header["result"], message.arrays))]

    def _bury(self, worker: _Worker) -> list[Outcome]:
        """After a death: try the file again in a fresh process, or give it up."""
        self._drop(worker, kill=False)
        try:
            status = worker.process.wait(5)
        except subprocess.TimeoutExpired:
            worker.process.kill()
            status = -signal.SIGKILL
        if not worker.ready:
            self._count_failed_start(worker, status)
        job = worker.job
        if job is None:
            return []
        if worker.ready:
            worker.kills += 1
            worker.crashes += status not in _FROM_OUTSIDE
            if worker.crashes >= self._limits.crashes or worker.kills >= self._limits.kills:
                return [Failed(job, "crashed", f"the decoder crashed on it ({_death(status)})")]
        fresh = self._start()
        fresh.kills, fresh.crashes = worker.kills, worker.crashes
        fresh.give(job)
        return []

    def _count_failed_start(self, worker: _Worker, status: int) -> None:
        self._failed_starts += 1
        if status in _FROM_OUTSIDE and self._failed_starts < self._limits.failed_starts:
            worker.complaints.close()
            return
        worker.complaints.seek(0)
        complaints = worker.complaints.read().decode("utf-8", "replace").strip()
        worker.complaints.close()
        if own := own_words(complaints):
            raise SegueError(own)
        reason = complaints.splitlines()[-1] if complaints else _death(status)
        raise SegueError(
            f"the process that hears music cannot start: {reason}. `segue doctor` checks the parts"
        )

    def _tick(self) -> list[Outcome]:
        """Look after time and memory of every busy worker."""
        now = time.monotonic()
        # After a stop (Ctrl-Z, a machine that slept) the gap was nobody's working time.
        passed, self._last_tick = min(now - self._last_tick, _LONGEST_GAP_S), now
        self._leaving = [process for process in self._leaving if process.poll() is None]
        outcomes: list[Outcome] = []
        for worker in [worker for worker in self._workers if worker.job is not None]:
            worker.elapsed_s += passed
            failure = self._excess(worker)
            if failure is not None:
                self._drop(worker, kill=True)
                outcomes.append(failure)
        return outcomes

    def _excess(self, worker: _Worker) -> Failed | None:
        job, limits = worker.job, self._limits
        assert job is not None
        allowed_s = limits.timeout_s + job.size / limits.slowest_bytes_s
        if worker.elapsed_s > allowed_s and not worker.ready:
            raise SegueError(f"the process that hears music was not ready after {allowed_s:.0f} s")
        if worker.elapsed_s > allowed_s:
            return Failed(job, "timed-out", f"took longer than {allowed_s:.0f} s")
        if _private_bytes(worker.process.pid) > limits.memory_bytes:
            return Failed(job, "out-of-memory", f"needs more than {limits.memory_bytes >> 20} MB of memory")
        return None

    def _drop(self, worker: _Worker, *, kill: bool) -> None:
        """Have done with a worker; without `kill` it ends by the end of its input."""
        self._workers.remove(worker)
        assert worker.process.stdin is not None and worker.process.stdout is not None
        self._selector.unregister(worker.process.stdout)
        if kill:
            worker.process.kill()
        if kill or worker.ready:
            worker.complaints.close()
        with contextlib.suppress(BrokenPipeError):
            worker.process.stdin.close()
        worker.process.stdout.close()
        self._leaving.append(worker.process)


def _environment() -> dict[str, str]:
    """One thread a process, as there is a process for each core already; and freed memory is kept for reuse.

    The second saves about 8 % of a worker's time with glibc: windows and spectra are of one size, file after
    file, and would be handed back to the system and cleared by it each time.
    """
    threads = {f"{name}_NUM_THREADS": "1" for name in _THREADS}
    return {**os.environ, **threads, **_KEEP_MEMORY}


def _death(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"


def _private_bytes(pid: int) -> int:
    """Resident memory of a process that it shares with nobody; 0 where the system does not tell."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:  # noqa: PTH123
            fields = file.read().split()
    except OSError:
        return 0
    return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")
