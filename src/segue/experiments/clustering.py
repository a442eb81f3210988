"""K-means as a recipe, as in system D: inertia for every k, the elbow, and whether clusters are genres."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from segue.atlas.kinds import elbow
from segue.errors import NothingFound, UsageError
from segue.evaluation.bootstrap import interval
from segue.experiments.inputs import Place, silent_note, vectors_of
from segue.experiments.judging import artist_numbers
from segue.experiments.kinds import scaled_columns
from segue.experiments.runs import ALL_TRACKS, Asked, Run, Size, StoredFigure
from segue.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from segue.experiments.recipe import Recipe
    from segue.experiments.task import Task
    from segue.types import Matrix

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

MOST_CLUSTERS = 12
_TRIES = 10
_OF_D = 3


def check_clusters(task: Task, start: Path | None) -> None:
    """Refuse what cannot be clustered, before anything is heard.

    Raises
    ------
    UsageError
        If there is a network to go on from, no classes to compare clusters with, or too few tracks.
    """
    if start is not None:
        raise UsageError("--from is for networks: K-means goes on from nothing")
    if task.known.kind != "class":
        raise UsageError(f"clusters are compared with classes, and the target is {task.known.kind}")
    if len(task.dataset) < MOST_CLUSTERS:
        raise UsageError(f"{len(task.dataset)} tracks cannot be put into {MOST_CLUSTERS} clusters")


def clustered_run(
    folder: Path, asked: Asked, recipe: Recipe, task: Task, place: Place, progress: Progress
) -> Run:
    """Cluster all tracks for every k; nothing is held out, since no label is learned from.

    Parameters
    ----------
    folder, asked
        Of the run.
    recipe, task
        Which vectors of which tracks.
    place
        Where vectors are kept.
    progress
        Told of each k.

    Raises
    ------
    NothingFound
        If fewer tracks than clusters can be heard.
    """
    matrix, available = vectors_of(recipe, task, place, progress)
    rows = np.flatnonzero(available & task.known.known)
    if len(rows) < MOST_CLUSTERS:
        raise NothingFound(
            f"{len(rows)} tracks with a class can be heard: too few for {MOST_CLUSTERS} clusters"
        )
    progress.start("clusters", MOST_CLUSTERS)
    inertia, clusters = k_means(matrix[rows], seed=task.seed, progress=progress)
    progress.finish()
    classes, artists = task.known.values[rows].astype(np.int64), artist_numbers(task.dataset, rows)
    figures = [
        StoredFigure("elbow", float(elbow(tuple(inertia)))),
        *(
            _agreement(k, clusters[k - 1], classes, artists, task.seed)
            for k in dict.fromkeys((_OF_D, min(len(task.known.names), MOST_CLUSTERS)))
        ),
        *(StoredFigure(f"inertia@{k}", float(value)) for k, value in enumerate(inertia, 1)),
    ]
    size = Size(len(task.dataset), task.size.artists, len(rows), 0, 0, len(task.known.names))
    notes = (*task.notes, *filter(None, [silent_note(available)]))
    return Run(folder, asked, ALL_TRACKS, size, tuple(figures), notes=notes)


def k_means(
    vectors: Matrix, *, seed: int, progress: Progress | None = None
) -> tuple[Floats, tuple[Ints, ...]]:
    """K-means for k = 1 to 12 of columns scaled to mean 0 and deviation 1.

    Returns
    -------
    inertia : (12,) float64
        Squared distances to the nearest centre, as a share of those with one cluster.
    clusters
        For each k the cluster of each row, ``(n,)`` int64.
    """
    from sklearn.cluster import KMeans

    rows, fitted = scaled_columns(vectors.astype(np.float64)), []
    for k in range(1, MOST_CLUSTERS + 1):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of fewer different tracks than clusters some stay empty
            fitted.append(KMeans(k, n_init=_TRIES, random_state=seed).fit(rows))
        if progress:
            progress.advance()
    inertia = np.array([one.inertia_ for one in fitted])
    return inertia / (inertia[0] or 1), tuple(one.labels_.astype(np.int64) for one in fitted)


def adjusted_rand(tables: Floats) -> Floats:
    """How far two partitions agree on which pairs belong together: 1 wholly, 0 as by chance.

    Parameters
    ----------
    tables : (..., n_clusters, n_classes) float64
        How many tracks are in both.

    References
    ----------
    L. Hubert, P. Arabie, "Comparing partitions", Journal of Classification 2, 1985.

    Examples
    --------
    >>> float(adjusted_rand(np.array([[3.0, 0.0], [0.0, 2.0]])))
    1.0
    """
    together = _pairs(tables).sum(axis=(-2, -1))
    rows, columns = (_pairs(tables.sum(axis=axis)).sum(axis=-1) for axis in (-1, -2))
    expected = rows * columns / np.maximum(_pairs(tables.sum(axis=(-2, -1))), 1)
    most = (rows + columns) / 2
    return np.asarray((together - expected) / np.where(most > expected, most - expected, 1))


def _pairs(counts: Floats) -> Floats:
    return np.asarray(counts * (counts - 1) / 2)


def _agreement(k: int, clusters: Ints, classes: Ints, artists: Ints, seed: int) -> StoredFigure:
    """Adjusted Rand index, and its interval when artists are drawn again."""
    cell = clusters * (classes.max() + 1) + classes
    cells = np.eye((clusters.max() + 1) * (classes.max() + 1))[cell]

    def statistic(weights: Floats) -> Floats:
        return adjusted_rand((weights @ cells).reshape(len(weights), clusters.max() + 1, -1))

    value = float(statistic(np.ones((1, len(classes))))[0])
    return StoredFigure(f"adjusted Rand@{k}", value, *interval(artists, statistic, seed=seed), chance=0.0)
