"""What came of a file goes into the catalogue, each in a commit of its own."""

from __future__ import annotations

import os
from pathlib import Path

from segue.catalogue import Catalogue, FileStat, paths_of_digest, record_analysis, record_problem
from segue.progress import Progress
from segue.scanning.analyse import from_message
from segue.scanning.pool import Done, Failed, Outcome
from segue.scanning.report import Tally


def record(cat: Catalogue, outcome: Outcome, tally: Tally, progress: Progress) -> None:
    """Store one outcome and count it.

    Raises
    ------
    CatalogueError
        If it cannot be stored; what was stored before stays.
    """
    if isinstance(outcome, Done):
        _record_done(cat, outcome, tally)
    else:
        _record_failed(cat, outcome, tally, progress)


def _record_done(cat: Catalogue, outcome: Done, tally: Tally) -> None:
    path = Path(outcome.job.path)
    analysis = from_message(path, outcome.message)
    others = [other for other in paths_of_digest(cat, analysis.digest) if other != path]
    record_analysis(cat, analysis)
    if analysis.vectors:
        tally.analysed += 1
    elif outcome.job.known:
        tally.updated += 1
    elif others and all(os.path.lexists(other) for other in others):
        tally.copies += 1
    else:
        tally.moved += 1


def _record_failed(cat: Catalogue, outcome: Failed, tally: Tally, progress: Progress) -> None:
    job, path = outcome.job, Path(outcome.job.path)
    if outcome.reason == "missing" and not os.path.lexists(path):
        return  # deleted since the walk; the next one will not meet it
    record_problem(cat, FileStat(path, job.size, job.mtime_ns), outcome.reason, outcome.detail)
    tally.problem(path, outcome.reason, outcome.detail)
    progress.problem(path, outcome.reason, outcome.detail)
