"""Experiments: list the recipes, run one, compare several, write what came out beside what was published."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from segue.errors import NothingFound, UsageError
from segue.experiments.overrides import changed_recipe, known_changes
from segue.experiments.recipe import Recipe, load_recipe, recipe_names
from segue.experiments.runs import find_run, stored_runs
from segue.experiments.task import Data, Task, open_task
from segue.files import check_folder, write_whole
from segue.progress import Progress, Silent
from segue.settings import DataFolder
from segue.training.torch_here import require_torch

if TYPE_CHECKING:
    from segue.experiments.running import Where
    from segue.experiments.runs import Run


@dataclass(frozen=True, slots=True)
class Changes:
    """What a person changes of recipes.

    Attributes
    ----------
    assignments
        Each ``part.name=value``.
    epochs
        At most so many; None: as the recipe says.
    short
        The recipe's shortened form, a run of minutes.
    """

    assignments: tuple[str, ...] = ()
    epochs: int | None = None
    short: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """How runs are made.

    Attributes
    ----------
    seed
        Of everything drawn.
    resume
        Go on with a run that was stopped.
    start
        A run whose network is gone on from: its folder, or the name of that among the runs.
    runs
        Folder of runs; the data folder's if None.
    workers
        Processes that hear; one a core if None.
    """

    seed: int = 0
    resume: bool = False
    start: str = ""
    runs: Path | None = None
    workers: int | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """Runs of one task.

    Attributes
    ----------
    runs
        In the order in which they were asked for.
    page
        The HTML page with all of them.
    """

    runs: tuple[Run, ...]
    page: Path


def list_experiments() -> tuple[Recipe, ...]:
    """All recipes, in the order of their names."""
    return tuple(load_recipe(name) for name in recipe_names())


def run_experiment(
    folder: DataFolder,
    name: str,
    data: Data,
    *,
    changes: Changes | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Run:
    """Run one recipe on a data set.

    Parameters
    ----------
    folder
        Keeps runs, and spectra in its cache.
    name
        Of the recipe.
    data
        The data set.
    changes, options
        Of the recipe, and how it is run.
    progress
        Told of the work.

    Raises
    ------
    UsageError
        If there is no such recipe or setting, or the data do not fit it.
    SegueError
        If torch is not installed and a network is trained, or the training fails.
    """
    from segue.experiments.running import run_recipe

    changes, options, progress = changes or Changes(), options or Options(), progress or Silent()
    recipe, data = _changed(name, changes), _shortened((name,), data, changes)
    _require_torch_for([recipe])
    where = _where(folder, options)
    task = open_task(recipe, data, seed=options.seed, progress=progress)
    return run_recipe(recipe, task, where, resume=options.resume, progress=progress)


def compare_experiments(
    folder: DataFolder,
    names: Sequence[str],
    data: Data,
    *,
    changes: Changes | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Compared:
    """Run several recipes on the same tracks with the same split; what was run before is not run again.

    The target, how it is made, and the split are those of the first recipe. Where classes are learned from
    audio, two classic classifiers on the 518 descriptors stand beside them.

    Parameters
    ----------
    folder, data, changes, options, progress
        As for `run_experiment`; runs that were stopped are gone on with. A setting that only some of the
        networks, objectives or second stages have is changed there; one that none has is refused.
    names
        Of recipes; one stands beside the controls alone.

    Raises
    ------
    UsageError
        As for `run_experiment`, or if a recipe learns something else than the first.
    """
    from segue.experiments.running import check_recipe, run_recipe
    from segue.experiments.standing_beside import classic_controls, write_comparison

    changes, options, progress = changes or Changes(), options or Options(), progress or Silent()
    recipes = _changed_alike(tuple(dict.fromkeys(names)), changes, progress)
    _require_torch_for(recipes)
    where = _where(folder, options)
    first = recipes[0]
    recipes = [replace(recipe, split=first.split, target=first.target) for recipe in recipes]
    task = open_task(first, _shortened(names, data, changes), seed=options.seed, progress=progress)
    for recipe in recipes:
        _check_wants(recipe, task, data)
        check_recipe(recipe, task)
    finished = [run_recipe(recipe, task, where, resume=True, progress=progress) for recipe in recipes]
    controls = classic_controls(task, where.inputs, progress)
    runs = tuple(replace(run, controls={**run.controls, **controls}) for run in finished)
    return Compared(runs, write_comparison(where.runs, task, runs))


def report_experiments(folder: DataFolder, output: Path, *, runs: Path | None = None) -> int:
    """Write the page of all stored runs; how many there are.

    Raises
    ------
    NothingFound
        If nothing was run.
    SegueError
        If a run is damaged, or the page cannot be written.
    """
    from segue.experiments.report import report_as_markdown

    stored = stored_runs(runs or folder.runs)
    if not stored:
        raise NothingFound(f"{runs or folder.runs} holds no finished run: segue experiment run makes one")
    write_whole(output, report_as_markdown(stored))
    return len(stored)


def _where(folder: DataFolder, options: Options) -> Where:
    from segue.experiments.inputs import Place
    from segue.experiments.running import Where

    runs = options.runs or folder.runs
    check_folder(runs)
    start = find_run(options.start, runs) if options.start else None
    return Where(runs, Place(folder.cache, options.workers or os.cpu_count() or 1), start)


def _require_torch_for(recipes: Sequence[Recipe]) -> None:
    if any(recipe.network.name for recipe in recipes):
        require_torch()


def _changed(name: str, changes: Changes) -> Recipe:
    epochs = changes.epochs
    if epochs is None and changes.short:
        epochs = load_recipe(name).shortened.epochs
    return changed_recipe(name, changes.assignments, epochs=epochs)


def _changed_alike(names: Sequence[str], changes: Changes, progress: Progress) -> list[Recipe]:
    """Recipes with the changes that each has a place for; every change must have one somewhere."""
    known = {name: known_changes(name, changes.assignments) for name in names}
    for assignment in changes.assignments:
        having = [name for name in names if assignment in known[name]]
        if not having:
            known[names[0]] = changes.assignments  # says what is wrong with it
        elif len(having) < len(names):
            progress.note(f"--set {assignment} is for {', '.join(having)} alone")
    return [_changed(name, replace(changes, assignments=known[name])) for name in names]


def _shortened(names: Sequence[str], data: Data, changes: Changes) -> Data:
    """With as many tracks as the largest of the shortened recipes takes."""
    if not changes.short or data.tracks:
        return data
    return replace(data, tracks=max(load_recipe(name).shortened.tracks for name in names))


def _check_wants(recipe: Recipe, task: Task, data: Data) -> None:
    if recipe.model == "kmeans":
        raise UsageError(f"{recipe.name} holds no tracks out: it cannot be compared, run it by itself")
    if not data.target and task.target not in recipe.wants:
        raise UsageError(
            f"{recipe.name} learns {' or '.join(recipe.wants)}, and the first recipe {task.target}: "
            "compare recipes of one task, or say what all shall learn with --target"
        )


def recipe_as_json(recipe: Recipe) -> Mapping[str, object]:
    """A recipe in the list, for programs."""
    return {
        "name": recipe.name,
        "title": recipe.title,
        "system": recipe.system,
        "source": recipe.source,
        "wants": list(recipe.wants),
        "hears": recipe.hears,
        "network": recipe.network.name or None,
        "objective": recipe.objective.name or None,
        "classifier": recipe.classifier.name if recipe.classifier else None,
        "parameters": recipe.published.parameters or None,
        "reported": [
            {"figures": dict(one.figures), "words": one.words, "setting": one.setting}
            for one in recipe.reported
        ],
    }
