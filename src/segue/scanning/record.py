"""What came of a file goes into the catalogue, each in a commit of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from segue.catalogue import Catalogue, FileStat, record_analysis, record_problem, track
from segue.progress import Progress
from segue.scanning.analyse import from_message
from segue.scanning.jobs import Done, Errand, Failed, Outcome
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
    track_id = record_analysis(cat, analysis)
    if analysis.vectors:
        tally.analysed += 1
    elif outcome.job.errand is Errand.INCOMPLETE:
        tally.unchanged += 1  # another file of the track was faster
    elif outcome.job.errand is Errand.CHANGED:
        tally.updated += 1
    elif _is_elsewhere(track(cat, track_id).paths, path):
        tally.copies += 1
    else:
        tally.moved += 1


def _is_elsewhere(places: Sequence[Path], path: Path) -> bool:
    return any(other != path and os.path.lexists(other) for other in places)


def _record_failed(cat: Catalogue, outcome: Failed, tally: Tally, progress: Progress) -> None:
    job, path = outcome.job, Path(outcome.job.path)
    try:
        path.stat()
    except FileNotFoundError:
        return  # deleted since the walk; the next one will not meet it
    except OSError:
        recordable = False  # its disk went away: that says nothing of the file
    else:
        # A track that can be answered with is not given up because one more encoder fails on it.
        recordable = job.errand is not Errand.INCOMPLETE
    if recordable:
        record_problem(cat, FileStat(path, job.size, job.mtime_ns), outcome.reason, outcome.detail)
    tally.problem(path, outcome.reason, outcome.detail)
    progress.problem(path, outcome.reason, outcome.detail)
