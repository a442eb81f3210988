"""What a scan is asked for, and what it says of itself."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from segue.audio import DEFAULT_PLAN, WindowPlan
from segue.types import EncoderId


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSettings:
    """How to hear.

    Attributes
    ----------
    encoders
        Whose vectors every track shall have.
    plan
        How much of a track is heard.
    workers
        Processes that hear at once.
    nice
        How much they give way to other programs (0 to 19).
    retry
        Whether files that failed before are tried again although they have not changed.
    """

    encoders: tuple[EncoderId, ...]
    plan: WindowPlan = DEFAULT_PLAN
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    nice: int = 10
    retry: bool = False


@dataclass(frozen=True, slots=True)
class ProblemSeen:
    """One file that was left out in this scan, the short word for why, and what was seen."""

    path: Path
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """What a scan met and did, in files unless it says otherwise.

    Attributes
    ----------
    found
        Named like music, in the folders that could be read.
    unchanged
        Known as they are: they cost a look.
    analysed
        Heard: decoded, and their vectors stored.
    moved
        New places of tracks that were elsewhere before; they cost no hearing.
    copies
        New places of tracks that are still elsewhere too.
    updated
        Known places whose tags or times changed while the sound stayed.
    removed
        Forgotten, because they are gone or a rule leaves them out.
    problems
        Left out in this scan; the first thousand of `problem_count`.
    problem_count
        How many were left out in this scan.
    known_problems
        Left out in an earlier scan, unchanged, and not tried again.
    offline_roots
        Roots that are not there now; what is known of them was left as it is.
    duration_s
        How long it took, in seconds.
    stopped
        Whether Ctrl-C ended it.
    """

    found: int
    unchanged: int
    analysed: int
    moved: int
    copies: int
    updated: int
    removed: int
    problems: tuple[ProblemSeen, ...]
    problem_count: int
    known_problems: int
    offline_roots: tuple[Path, ...]
    duration_s: float
    stopped: bool


@dataclass(slots=True)
class Tally:
    """The counts of a report while they grow."""

    found: int = 0
    unchanged: int = 0
    analysed: int = 0
    moved: int = 0
    copies: int = 0
    updated: int = 0
    removed: int = 0
    problems: list[ProblemSeen] = field(default_factory=list)
    problem_count: int = 0
    known_problems: int = 0

    def problem(self, path: Path, reason: str, detail: str) -> None:
        """Count a file that was left out; so many are kept that a list can be read."""
        self.problem_count += 1
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(ProblemSeen(path, reason, detail))

    def report(self, *, offline_roots: tuple[Path, ...], duration_s: float, stopped: bool) -> ScanReport:
        """The finished report."""
        return ScanReport(
            found=self.found,
            unchanged=self.unchanged,
            analysed=self.analysed,
            moved=self.moved,
            copies=self.copies,
            updated=self.updated,
            removed=self.removed,
            problems=tuple(self.problems),
            problem_count=self.problem_count,
            known_problems=self.known_problems,
            offline_roots=offline_roots,
            duration_s=duration_s,
            stopped=stopped,
        )


_MOST_PROBLEMS = 1000
