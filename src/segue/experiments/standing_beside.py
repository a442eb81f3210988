"""What stands beside compared models: classic classifiers on the 518 descriptors, and one page for all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.experiments.classifying import ClassifierChoice, tell_classes
from segue.experiments.folds import read_fold
from segue.experiments.illustrating import lists_of
from segue.experiments.page import comparison_page
from segue.experiments.running import figures_of
from segue.experiments.runs import keep_run
from segue.files import write_whole
from segue.progress import Progress
from segue.training.splits import heard_split

if TYPE_CHECKING:
    from segue.experiments.inputs import Place
    from segue.experiments.runs import Run, StoredFigure
    from segue.experiments.task import Task

_DESCRIPTORS = "fma518"
_CLASSIC = {"logistic": "logistic", "svm": "rbf-svm"}
"""Which classifiers stand beside networks, by the name under which they do."""


def classic_controls(task: Task, place: Place, progress: Progress) -> dict[str, tuple[StoredFigure, ...]]:
    """Logistic regression and a support vector machine on the 518 descriptors, under the same folds.

    Parameters
    ----------
    task
        Without audio, or where no classes are learned, there is nothing to say.
    place
        Where vectors are kept.
    progress
        Told of the hearing.

    Returns
    -------
    dict
        Figures by the name of the control.
    """
    if task.known.kind != "class" or not task.dataset.audio:
        return {}
    from segue.training.content_vectors import content_vectors

    heard = content_vectors(
        task.dataset, _DESCRIPTORS, folder=place.cache / "vectors", workers=place.workers, progress=progress
    )
    found = {}
    for name, classifier in _CLASSIC.items():
        choice = ClassifierChoice(classifier)
        folds = [heard_split(split, heard.available) for split in task.splits]
        told = [tell_classes(choice, heard.matrix, task.known, fold, seed=task.seed) for fold in folds]
        rows, said = (
            np.concatenate([getattr(one, part) for one in told]) for part in ("rows", "probabilities")
        )
        found[f"518 descriptors, {name}"] = figures_of(task, rows, said)
    return found


def write_comparison(runs_folder: Path, task: Task, runs: Sequence[Run]) -> Path:
    """Keep the runs, as they now have all controls, and write the page of all.

    Parameters
    ----------
    runs_folder
        Of all runs.
    task
        That they share.
    runs
        Finished, with the controls that stand beside them.

    Returns
    -------
    Path
        Of the page.
    """
    for run in runs:
        keep_run(run)
    folds = {run.asked.recipe.name: [read_fold(run.folder / "fold-1", task.splits[0])] for run in runs}
    names = "\n".join(run.folder.name for run in runs)
    digest = hashlib.sha256(names.encode()).hexdigest()[:8]
    page = runs_folder / f"compare-{task.dataset.name}-{task.target}-{digest}" / "index.html"
    write_whole(page, comparison_page(runs, lists_of(task, folds)))
    return page
