"""Run a recipe on a task: every fold, figures over all of them, pictures and a page in the run's folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import NothingFound, UsageError
from segue.evaluation.overlap import overlap_by_cosine
from segue.experiments.alone import alone_in
from segue.experiments.classifying import check_classifier, settings_note
from segue.experiments.clustering import check_clusters, clustered_run
from segue.experiments.folds import Fold, run_fold
from segue.experiments.inputs import Place, check_input
from segue.experiments.judging import control_predictions, judge_predictions
from segue.experiments.runs import Asked, Run, StoredFigure, keep_question, keep_run, load_run, named_figures
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.experiments.recipe import Recipe
    from segue.experiments.task import Task

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

_DIRECTIONS = ("cosine", "mcos")
"""Objectives that leave the length of what is predicted open."""
_OF_SCALE = ("test loss", "R2")


@dataclass(frozen=True, slots=True)
class Where:
    """Folders and processes of a run.

    Attributes
    ----------
    runs
        Folder of all runs.
    inputs
        For what models hear.
    start
        Folder of a run whose network is gone on from.
    """

    runs: Path
    inputs: Place
    start: Path | None = None


def run_recipe(
    recipe: Recipe, task: Task, where: Where, *, resume: bool = False, progress: Progress | None = None
) -> Run:
    """Train, predict, judge, draw.

    A run that was finished with the same settings on the same data is read, not done again.

    Parameters
    ----------
    recipe
        What to do.
    task
        On what.
    where
        Folders.
    resume
        Go on where a run that was stopped had come to.
    progress
        Told of the work.

    Returns
    -------
    Run

    Raises
    ------
    UsageError
        If the recipe cannot hear the data, or an unfinished run is there and `resume` was not asked for.
    SegueError
        If the training fails, or another process is at the same run.
    """
    progress = progress or Silent()
    check_recipe(recipe, task, where.start)
    asked = question(recipe, task, where)
    folder = where.runs / asked.folder_name
    try:
        run = load_run(folder)
        progress.note(f"{folder} was finished before: delete it to run again")
        return run
    except NothingFound:
        pass
    with alone_in(folder):
        if not resume and (folder / "asked.json").exists():
            raise UsageError(f"{folder} was begun and not finished: go on with --resume, or delete it")
        keep_question(folder, asked)
        folds = (
            []
            if recipe.model == "kmeans"
            else [
                run_fold(
                    recipe,
                    task,
                    number,
                    folder=folder / f"fold-{number + 1}",
                    place=where.inputs,
                    start=where.start,
                    resume=resume,
                    progress=progress,
                )
                for number in range(len(task.splits))
            ]
        )
        if folds:
            run = judged_run(folder, asked, task, folds)
        else:
            run = clustered_run(folder, asked, recipe, task, where.inputs, progress)
        from segue.experiments.illustrating import illustrate

        illustrate(run, task, folds, progress=progress)
        keep_run(run)
    return run


def check_recipe(recipe: Recipe, task: Task, start: Path | None = None) -> None:
    """Refuse what cannot be run, before anything is heard or trained.

    Raises
    ------
    UsageError
        If the recipe cannot hear the data, or its networks, objectives or classifiers cannot be made.
    """
    check_input(recipe, task)
    if recipe.classifier is not None:
        check_classifier(recipe.classifier, task, start)
        return
    if recipe.model == "kmeans":
        check_clusters(task, start)
        return
    from segue.experiments.learning import check_settings

    check_settings(recipe, task, start)


def question(recipe: Recipe, task: Task, where: Where) -> Asked:
    """What a run is of."""
    return Asked(
        recipe=recipe,
        dataset=task.dataset.name,
        fingerprint=task.fingerprint,
        target=task.target,
        seed=task.seed,
        tracks=task.tracks,
        start=where.start.name if where.start else "",
    )


def judged_run(folder: Path, asked: Asked, task: Task, folds: Sequence[Fold]) -> Run:
    """Figures over the test tracks of all folds."""
    rows, outputs = pooled(folds)
    figures: tuple[StoredFigure, ...]
    controls: dict[str, tuple[StoredFigure, ...]] = {}
    confusion: tuple[tuple[int, ...], ...] = ()
    if outputs.shape[1]:
        found = judge_predictions(
            task.known, outputs, rows, task.dataset, seed=task.seed, listeners=task.listeners
        )
        figures, confusion = named_figures(found.figures), found.confusion
        controls = _controls(task, folds)
        if last_objective(asked.recipe) in _DIRECTIONS:
            figures = tuple(figure for figure in figures if figure.name not in _OF_SCALE)
    else:
        figures = _of_embeddings(task, folds)
    unscaled = last_objective(asked.recipe) in _DIRECTIONS and task.known.kind == "values"
    facts = [fold.facts for fold in folds]
    return Run(
        folder=folder,
        asked=asked,
        apart=task.splits[0].apart,
        size=task.size,
        figures=(*figures, *_of_training(folds)),
        controls=controls,
        confusion=confusion,
        names=task.known.names if task.known.kind != "values" else (),
        parameters=facts[0].parameters,
        epochs=float(np.mean([fact.epochs for fact in facts])),
        seconds=sum(fact.seconds for fact in facts),
        device=facts[0].device,
        notes=(
            *task.notes,
            *filter(None, dict.fromkeys(fact.note for fact in facts)),
            *filter(None, [settings_note([fact.settings for fact in facts])]),
            *((f"{asked.recipe.name} learns directions alone: it has no loss or R2",) if unscaled else ()),
        ),
    )


def last_objective(recipe: Recipe) -> str:
    """What the predictions were learned by."""
    return (recipe.stage2.objective if recipe.stage2 else recipe.objective).name


def pooled(folds: Sequence[Fold]) -> tuple[Rows, Floats]:
    """Test tracks of all folds, ascending, and what was said of each."""
    rows = np.concatenate([fold.split.test for fold in folds])
    order = np.argsort(rows, kind="stable")
    return rows[order], np.concatenate([fold.outputs for fold in folds])[order]


def _controls(task: Task, folds: Sequence[Fold]) -> dict[str, tuple[StoredFigure, ...]]:
    """Models without ears, given the same folds."""
    said: dict[str, list[Fold]] = {}
    for number, fold in enumerate(folds):
        split = fold.split
        # Folds are alike in size and order: of one seed they would all draw the same.
        for name, outputs in control_predictions(
            task.known, fold.outputs, split.train, split.test, seed=task.seed + number
        ).items():
            said.setdefault(name, []).append(replace(fold, outputs=outputs))
    return {name: figures_of(task, *pooled(each)) for name, each in said.items()}


def figures_of(task: Task, rows: Rows, outputs: Floats) -> tuple[StoredFigure, ...]:
    """Figures of anything that was said of test tracks."""
    found = judge_predictions(
        task.known, outputs, rows, task.dataset, seed=task.seed, listeners=task.listeners
    )
    return named_figures(found.figures)


def _of_embeddings(task: Task, folds: Sequence[Fold]) -> tuple[StoredFigure, ...]:
    """Where only an embedding was learned: does it put the same tracks near each other as the true values?"""
    if task.known.kind != "values":
        return ()
    sums: dict[int, list[tuple[float, float]]] = {}
    for fold in folds:
        true = task.known.values[fold.split.test].astype(np.float32)
        for overlap in overlap_by_cosine(true, fold.embedding):
            sums.setdefault(overlap.k, []).append((overlap.value, overlap.chance))
    means = {k: np.mean(pairs, axis=0) for k, pairs in sums.items()}
    return tuple(
        StoredFigure(f"overlap@{k} cosine", float(value), chance=float(chance))
        for k, (value, chance) in means.items()
    )


def _of_training(folds: Sequence[Fold]) -> tuple[StoredFigure, ...]:
    """What training itself saw, mean over the folds: validation loss, and accuracies of classes."""
    facts = [fold.facts for fold in folds]
    losses = [fact.valid_loss for fact in facts if fact.valid_loss is not None]
    figures = [StoredFigure("validation loss", float(np.mean(losses)))] if losses else []
    for part in ("validation", "training"):
        values = [fact.accuracies[part] for fact in facts if part in fact.accuracies]
        if values:
            figures.append(StoredFigure(f"{part} accuracy", float(np.mean(values))))
    return tuple(figures)
