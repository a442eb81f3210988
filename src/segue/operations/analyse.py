"""Study a table of descriptors, a folder of audio or the library: one page, and tables beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.atlas.study import (
    Portrait,
    Study,
    TrialFigure,
    portrait_of,
    study_as_json,
    study_page,
    study_table,
    study_tables,
    table_as_csv,
)
from segue.audio import read_recording
from segue.errors import AudioError, NothingFound, UsageError
from segue.evaluation.bootstrap import interval, mean_of
from segue.evaluation.class_metrics import class_counts, kappas
from segue.features.table import chosen_columns
from segue.files import check_folder, whole_file, write_whole
from segue.operations.descriptor_tables import Described, describe_source
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from typing import Any

    from segue.settings import DataFolder

_SAMPLE_RATE = 22050
_MOST_SHOWN = 16


@dataclass(frozen=True, slots=True)
class StudyRequest:
    """What is to be studied.

    Attributes
    ----------
    source
        A table, a folder with one or with audio, or ``library``.
    target
        What the classes are; None: the table's own, or genre.
    columns, families
        Only these attributes, by name, pattern or family; all where both are empty.
    encoder
        Whose descriptors, of audio and of the library.
    tracks_shown
        Audio files, or names of tracks, that are drawn; empty: the track nearest to each class's median.
    seed
        Of folds and of everything drawn.
    workers
        Processes that hear; None: one a core.
    """

    source: str
    target: str | None = None
    columns: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    encoder: str | None = None
    tracks_shown: tuple[str, ...] = ()
    seed: int = 0
    workers: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Analysed:
    """What was found and written.

    Attributes
    ----------
    study
        The findings.
    trials
        What dropping attributes costs.
    files
        What was written, the page first.
    facts
        The findings as in ``study.json``.
    notes
        What was left out, counted.
    n_problems
        Files that could not be heard.
    """

    study: Study
    trials: tuple[TrialFigure, ...]
    files: tuple[Path, ...]
    facts: dict[str, Any]
    notes: tuple[str, ...]
    n_problems: int


def analyse(
    request: StudyRequest, output: Path, *, data: DataFolder, progress: Progress | None = None
) -> Analysed:
    """Study, and write ``index.html``, ``study.json`` and tables into a folder.

    Parameters
    ----------
    request
        What is to be studied.
    output
        The folder; made if missing. Files of an earlier study in it are replaced.
    data
        The library.
    progress
        Is told how far it is.

    Raises
    ------
    UsageError
        If a table cannot be read, a name is wrong, or there is too little to study.
    NothingFound
        If there is nothing there, or a track that is to be shown is not.
    SegueError
        If the folder cannot be written.
    """
    progress = progress or Silent()
    check_folder(output)
    if (output / "index.html").exists() and not (output / "study.json").exists():
        raise UsageError(
            f"{output} holds another index.html, which a study would replace: give another folder"
        )
    described = describe_source(
        request.source,
        data=data,
        target=request.target,
        encoder=request.encoder,
        workers=request.workers,
        progress=progress,
    )
    shown = _asked_for(described, request.tracks_shown)
    table = chosen_columns(described.table, columns=request.columns, families=request.families)
    study = study_table(table, seed=request.seed, progress=progress)
    trials = _judged(study)
    portraits, silent = _portraits(shown or _typical(described, study), progress)
    facts = study_as_json(study, trials)
    facts["notes"] += silent
    files = _write(output, study, study_page(study, trials, portraits), facts, described.heard)
    return Analysed(study, trials, files, facts, (*study.notes, *silent), len(described.problems))


def _judged(study: Study) -> tuple[TrialFigure, ...]:
    """Accuracy of each choice of attributes, with intervals over what was kept in one fold."""
    cost = study.cost
    if cost is None:
        return ()
    right = [(trial.predicted == cost.truth).astype(np.float64) for trial in cost.trials]
    figures = []
    for trial, hits in zip(cost.trials, right, strict=True):
        low, high = interval(cost.groups, mean_of(hits), seed=study.seed)
        gain = hits - right[0]
        gain_low, gain_high = interval(cost.groups, mean_of(gain), seed=study.seed)
        counts = class_counts(cost.truth, trial.predicted, len(study.names))
        figures.append(
            TrialFigure(
                name=trial.name,
                n_columns=trial.n_columns,
                accuracy=float(hits.mean()),
                low=low,
                high=high,
                kappa=float(kappas(counts)[0]),
                gain=float(gain.mean()),
                gain_low=gain_low,
                gain_high=gain_high,
            )
        )
    return tuple(figures)


def _asked_for(described: Described, names: Sequence[str]) -> list[tuple[str, str, Path]]:
    """Name, class and file of the tracks that are to be drawn."""
    table = described.table
    row_of = {name: row for row, name in enumerate(table.tracks)}
    shown = []
    for name in names:
        row = row_of.get(name)
        place = described.place(row) if row is not None else Path(name)
        if place is None or not place.is_file():
            raise NothingFound(
                f"{name} cannot be shown: there is no such audio file, and no track of that name with one"
            )
        label = table.classes[row] if row is not None and table.classes else ""
        shown.append((name, label, place))
    return shown


def _typical(described: Described, study: Study) -> list[tuple[str, str, Path]]:
    """The same of the tracks nearest to the medians of the largest classes."""
    row_of = {name: row for row, name in enumerate(described.table.tracks)}
    largest = np.sort(np.argsort([-count for count in study.counts], kind="stable")[:_MOST_SHOWN])
    shown = []
    for at in largest.tolist() if study.names else [0]:
        name = study.table.tracks[study.typical[at]]
        place = described.place(row_of[name])
        if place is not None:
            shown.append((name, study.names[at] if study.names else "", place))
    return shown


def _portraits(
    shown: Sequence[tuple[str, str, Path]], progress: Progress
) -> tuple[list[Portrait], list[str]]:
    """Pictures of tracks, and notes on those that cannot be heard."""
    portraits, notes = [], []
    progress.start("Drawing", len(shown))
    for name, label, place in shown:
        try:
            windows = read_recording(place, sample_rates=[_SAMPLE_RATE]).windows[_SAMPLE_RATE]
        except AudioError as error:
            notes.append(f"{name} cannot be shown: {error.detail}")
        else:
            portraits.append(portrait_of(name, label, windows[len(windows) // 2], _SAMPLE_RATE))
        progress.advance()
    progress.finish()
    return portraits, notes


def _write(
    output: Path, study: Study, page: str, facts: dict[str, Any], with_descriptors: bool
) -> tuple[Path, ...]:
    texts = {
        "index.html": page,
        "study.json": json.dumps(facts, ensure_ascii=False, indent=1) + "\n",
        **study_tables(study),
    }
    for name, text in texts.items():
        write_whole(output / name, text)
    files = [output / name for name in texts]
    if with_descriptors:
        files.append(output / "descriptors.csv")
        with whole_file(files[-1]) as out:
            for line in table_as_csv(study):
                out.write(line.encode("utf-8", "backslashreplace"))
    return tuple(files)
