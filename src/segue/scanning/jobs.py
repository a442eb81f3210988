"""What the scan gives to its workers, what comes of it, and what it may cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeAlias

from segue.scanning.wire import Message

Ask: TypeAlias = Callable[[str], Sequence[str]]
"""Tells a worker, for a payload digest, the encoders whose vectors are stored."""
Work: TypeAlias = Callable[[str, Ask], Message]
"""What a worker does with the path of a file."""
Factory: TypeAlias = Callable[[Mapping[str, Any]], Work]
"""Makes the work from the pool's options, once in a process."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file, and one process, may cost.

    Attributes
    ----------
    timeout_s
        Wall-clock time a file may take, in seconds, apart from reading it.
    slowest_bytes_s
        How slowly a file may be read: its size divided by this is added to the time.
    memory_bytes
        Private memory a worker may hold.
    files_a_worker
        After so many a worker is replaced, so that what libraries leak stays small.
    crashes
        How often a file may take its worker down before it is given up.
    kills
        The same, for deaths that come from outside (SIGKILL, SIGTERM).
    failed_starts
        How many workers in a row may be killed before they are ready.
    """

    timeout_s: float = 120.0
    slowest_bytes_s: float = 1e6
    memory_bytes: int = 2 << 30
    files_a_worker: int = 1000
    crashes: int = 2
    kills: int = 4
    failed_starts: int = 10


class Errand(IntEnum):
    """Why a file is to be heard."""

    NEW = 0
    CHANGED = 1
    INCOMPLETE = 2
    """Unchanged, but its track lacks the vector of a wanted encoder."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file to hear, as the walk saw it.

    Attributes
    ----------
    path
        Absolute; may hold surrogates.
    size
        In bytes.
    mtime_ns
        Modification time in ns.
    errand
        Why it is to be heard.
    """

    path: str
    size: int
    mtime_ns: int
    errand: Errand = Errand.NEW


@dataclass(frozen=True, slots=True)
class Done:
    """A file that was heard, and what the worker says of it."""

    job: Job
    message: Message


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that was not, with a short stable word and what was seen."""

    job: Job
    reason: str
    detail: str


Outcome: TypeAlias = Done | Failed
