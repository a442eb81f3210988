"""Hear files without a catalogue: the workers of a scan, and nothing kept."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from segue.catalogue import Analysis
from segue.errors import AudioError
from segue.scanning.analyse import from_message, work_options
from segue.scanning.jobs import Done, Job, Outcome
from segue.scanning.pool import Pool
from segue.scanning.report import ProblemSeen, ScanSettings
from segue.scanning.scan import LIMITS, TARGET
from segue.scanning.walk import SeenFolder, is_music_name, walk


def hear(paths: Sequence[Path], settings: ScanSettings) -> Iterator[int | Analysis | ProblemSeen]:
    """Hear files, and those in folders, in worker processes.

    Parameters
    ----------
    paths
        Files, whatever they are called, or folders, in which the same is left out as in a scan.
    settings
        How to hear; `retry` has no meaning here.

    Yields
    ------
    First how many files there are; then, in the order in which they are done, what was heard, or why not.
    """
    jobs = [_job(path) for path in paths if path.is_file() and not is_music_name(path.name)]
    refused: list[ProblemSeen] = []
    for folder in walk(paths):
        _sort(folder, jobs, refused)
    yield len(jobs) + len(refused)
    yield from refused
    yield from _heard(jobs, settings)


def hear_file(path: Path, settings: ScanSettings) -> Analysis:
    """Hear one file in a worker process, whatever it is called.

    Raises
    ------
    AudioError
        If it cannot be heard, also when a decoder hangs or crashes on it.
    """
    (heard,) = _heard([_job(path)], settings)
    if isinstance(heard, ProblemSeen):
        raise AudioError(path, heard.reason, heard.detail)
    return heard


def as_given(files: Sequence[str], paths: Sequence[Path]) -> tuple[str, ...]:
    """Absolute paths as a person would write them, who gave `paths`."""
    given = {str(path.absolute()): str(path) for path in paths}
    folders = sorted((path for path in paths if path.is_dir()), key=lambda path: -len(path.absolute().parts))

    def name(file: str) -> str:
        if file in given:
            return given[file]
        for folder in folders:
            absolute = str(folder.absolute())
            if file.startswith(absolute.rstrip(os.sep) + os.sep):
                return str(folder / Path(file).relative_to(absolute))
        return file

    return tuple(map(name, files))


def _job(path: Path) -> Job:
    try:
        size = path.stat().st_size
    except OSError:
        size = 0  # the worker says what is the matter
    return Job(str(path.absolute()), size, 0)


def _heard(jobs: Sequence[Job], settings: ScanSettings) -> Iterator[Analysis | ProblemSeen]:
    waiting = iter(jobs)
    with Pool(
        TARGET,
        work_options(settings.encoders, settings.plan),
        workers=min(settings.workers, max(len(jobs), 1)),
        nice=settings.nice,
        answer=lambda digest: (),
        limits=LIMITS,
    ) as pool:
        left = len(jobs)
        while left:
            while pool.free and (job := next(waiting, None)) is not None:
                pool.submit(job)
            for outcome in pool.poll(1):
                left -= 1
                yield _result(outcome)


def _sort(folder: SeenFolder, jobs: list[Job], refused: list[ProblemSeen]) -> None:
    if folder.blocked is not None:
        refused.append(ProblemSeen(Path(folder.path), folder.blocked.reason, folder.blocked.detail))
    for name, (size, mtime_ns) in folder.files.items():
        jobs.append(Job(str(Path(folder.path, name)), size, mtime_ns))
    for name, why in folder.refused.items():
        refused.append(ProblemSeen(Path(folder.path, name), why.reason, why.detail))


def _result(outcome: Outcome) -> Analysis | ProblemSeen:
    path = Path(outcome.job.path)
    if isinstance(outcome, Done):
        return from_message(path, outcome.message)
    return ProblemSeen(path, outcome.reason, outcome.detail)
