"""The pictures, lists and page of one run, from what its folds left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.experiments.page import run_page
from segue.experiments.pictures import (
    Picture,
    activations,
    confusion,
    curves,
    factor_map,
    filters,
    inertia,
    plane_of,
)
from segue.experiments.side_by_side import choose_queries, side_by_side
from segue.files import whole_file, write_whole
from segue.progress import Progress
from segue.training.history import read_epochs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.experiments.folds import Fold
    from segue.experiments.runs import Run
    from segue.experiments.side_by_side import QueryLists
    from segue.experiments.task import Task

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

_FEWEST_ON_MAP = 5
_STAGES = ("network", "transfer", "regression")


def illustrate(run: Run, task: Task, folds: Sequence[Fold], *, progress: Progress) -> None:
    """Draw the pictures of a run that was just judged, and write them and its page to its folder.

    Without matplotlib, which classifiers do not need, the page has no pictures.

    Parameters
    ----------
    run
        With its figures.
    task
        What it learned.
    folds
        All of its folds; none where nothing was held out.
    progress
        Told of what cannot be drawn.
    """
    pictures = []
    if find_spec("matplotlib") is None:
        progress.note("no pictures: matplotlib is not installed (pip install 'segue[train]')")
    else:
        pictures = _drawn(run, task, folds)
    for picture in pictures:
        for ending, png in (("", picture.light), ("-dark", picture.dark)):
            with whole_file(run.folder / "pictures" / f"{picture.name}{ending}.png") as out:
                out.write(png)
    lists = lists_of(task, {run.asked.recipe.name: folds}) if folds else ()
    write_whole(run.folder / "index.html", run_page(run, pictures, lists))


def _drawn(run: Run, task: Task, folds: Sequence[Fold]) -> list[Picture]:
    if not folds:
        shares = [figure.value for figure in run.figures if figure.name.startswith("inertia@")]
        return [inertia(shares, at=int(run.figures[0].value))]
    pictures = [*_of_training(run.folder), *_of_network(run.folder / "fold-1", task)]
    if run.confusion:
        pictures.append(confusion(np.array(run.confusion, dtype=np.int64), run.names))
    what = "scores" if run.asked.recipe.classifier else "embeddings"
    return pictures + _map(task, folds[0], what)


def lists_of(task: Task, folds: Mapping[str, Sequence[Fold]]) -> tuple[QueryLists, ...]:
    """Fixed queries among the test tracks of the first fold, with the lists of every model.

    Parameters
    ----------
    task
        That all models learned.
    folds
        Of each model, by its name.
    """
    first = next(iter(folds.values()))[0]
    heard = set.intersection(*({int(row) for row in each[0].split.test} for each in folds.values()))
    rows = first.split.test[[int(row) in heard for row in first.split.test]]
    if len(rows) < 2:
        return ()
    truth = task.known.values[rows].astype(np.float32) if task.known.kind == "values" else None
    models = {name: _compared_by(task, each[0], rows) for name, each in folds.items()}
    return side_by_side(task.dataset, rows, choose_queries(task.dataset, rows), models, truth=truth)


def _compared_by(task: Task, fold: Fold, rows: Rows) -> Floats:
    """Predicted values where values were learned, else the network's embedding, of some test tracks."""
    vectors = fold.outputs if task.known.kind == "values" and fold.outputs.shape[1] else fold.embedding
    place = {int(row): at for at, row in enumerate(fold.split.test)}
    return vectors[[place[int(row)] for row in rows]]


def _of_training(folder: Path) -> list[Picture]:
    """Curves of every stage, all folds in one picture."""
    pictures = []
    for stage in _STAGES:
        files = sorted(folder.glob(f"fold-*/{stage}/history.jsonl"))
        histories = [[asdict(epoch) for epoch in read_epochs(file)] for file in files]
        if histories:
            drawn = curves(histories)
            title = drawn.title if stage == "network" else f"{drawn.title}: {stage}"
            pictures.append(drawn._replace(name=f"curves-{stage}", title=title))
    return pictures


def _of_network(folder: Path, task: Task) -> list[Picture]:
    """First filters and activations, as the first fold kept them; a classifier has none."""
    if not (folder / "looks.npz").is_file():
        return []
    with np.load(folder / "looks.npz", allow_pickle=False) as file:
        looks = {name: file[name] for name in file.files}
    pictures = [filters(looks["filters"])] if "filters" in looks else []
    layers = {
        name.removeprefix("layer: "): maps for name, maps in looks.items() if name.startswith("layer: ")
    }
    if layers:
        row = int(looks["row"])
        title = task.dataset.titles[row] or task.dataset.tracks[row]
        pictures.append(activations(looks["window"], layers, title=title))
    return pictures


def _map(task: Task, fold: Fold, what: str) -> list[Picture]:
    """The test tracks of a fold on a plane, coloured by genre, or by the class that was learned."""
    dataset, target = task.dataset, task.known
    label = target if target.kind == "class" else dataset.targets.get("genre")
    values = target.kind == "values"
    vectors = fold.outputs if values and fold.outputs.shape[1] else fold.embedding
    if label is None or label.kind != "class" or len(vectors) < _FEWEST_ON_MAP:
        return []
    rows, plane = plane_of(vectors, seed=task.seed)
    labels = label.values[fold.split.test[rows]].astype(np.int64)
    if values and fold.outputs.shape[1]:
        what = "predicted factors"
    pictures = [factor_map(plane, labels, label.names, what=f"{what} of test tracks")]
    if values:
        rows, plane = plane_of(target.values.astype(np.float32), seed=task.seed)
        true = factor_map(
            plane, label.values[rows].astype(np.int64), label.names, what="true factors of all tracks"
        )
        pictures.append(true._replace(name="map-true"))
    return pictures
