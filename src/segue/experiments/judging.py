"""Judge what a model says of tracks against what is known: figures with intervals, and chance beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segue.errors import NothingFound, SegueError
from segue.evaluation.bootstrap import interval, mean_of
from segue.evaluation.class_metrics import (
    ClassCounts,
    accuracies,
    class_counts,
    class_scores,
    confusion_matrix,
    kappas,
    macro_f1s,
)
from segue.evaluation.overlap import Shares, shares_by_cosine, shares_by_dot
from segue.evaluation.tag_metrics import roc_and_precision
from segue.evaluation.vector_metrics import pearson_r

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.training.datasets.contract import Dataset, Target

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Statistic = Callable[[Doubles], Doubles]

# Of fewer artists no interval says anything.
_FEWEST_ARTISTS = 5
# A mean over many tags is costly to draw again: fewer draws.
_TAG_DRAWS = 200
# Overlap by dot product asks this many listeners, drawn by the seed: more would not move it.
_MOST_LISTENERS = 2_000
# A larger table of confusions tells nobody anything.
_MOST_CONFUSED = 200


class Figure(NamedTuple):
    """One figure.

    Attributes
    ----------
    name
        Such as ``accuracy`` or ``overlap@10 cosine``.
    value
        The figure.
    low, high
        Its 95 % interval when artists (of ``overlap@k dot``: listeners) are drawn again; None where they are
        too few.
    chance
        What it is of a model that knows nothing of the sound: of one that always says the commonest class or
        the mean, or of lists drawn at random.
    """

    name: str
    value: float
    low: float | None
    high: float | None
    chance: float


class ClassFigures(NamedTuple):
    """How well one class (or tag) is told from the others.

    Attributes
    ----------
    name
        Of the class.
    n_tracks
        That belong to it, among those judged.
    figures
        By name: precision, recall and F1 of a class; AUC and average precision of a tag. What cannot be said
        is left out.
    """

    name: str
    n_tracks: int
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that is said about one set of predictions.

    Attributes
    ----------
    figures
        Of classes: accuracy, kappa, macro F1. Of values: test loss (squared error of values scaled to
        deviation 1), R2, correlation, overlaps. Of tags: AUC, average precision.
    n_tracks, n_artists
        On how many they rest.
    names
        Of the classes or tags; empty for values.
    confusion
        Row = true class, column = predicted one, in the order of `names`; empty unless classes, and of more
        than 200.
    classes
        Each class or tag by itself.
    """

    figures: tuple[Figure, ...]
    n_tracks: int
    n_artists: int
    names: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    classes: tuple[ClassFigures, ...] = ()


def judge_predictions(
    target: Target,
    predictions: Floats,
    rows: Rows,
    dataset: Dataset,
    *,
    seed: int,
    listeners: Floats | None = None,
) -> Figures:
    """Judge predictions for test tracks.

    Parameters
    ----------
    target
        What is known about all tracks.
    predictions : (n_rows, n_names) float32
        Probabilities of classes or tags, or values in the units of the target, for `rows`.
    rows : (n_rows,) int64
        The judged tracks; those whose target is not known are left out.
    dataset
        Whose artists are drawn again for the intervals (a track without artist is its own).
    seed
        Of the intervals.
    listeners : (n_listeners, n_names) float32, optional
        Factors of listeners, where the values are factors of tracks: for the overlap by dot product.

    Returns
    -------
    Figures

    Raises
    ------
    NothingFound
        If the target of none of the rows is known.
    SegueError
        If a prediction is not finite.
    """
    known = target.known[rows]
    if not known.any():
        raise NothingFound(f"none of {len(rows):,} test tracks has a known target: nothing can be judged")
    rows, predictions = rows[known], predictions[known]
    if not np.isfinite(predictions).all():
        wrong = np.flatnonzero(~np.isfinite(predictions).all(axis=1))
        raise SegueError(
            f"{len(wrong):,} predictions are not finite; the first is of {dataset.tracks[rows[wrong[0]]]}"
        )
    artists = artist_numbers(dataset, rows)
    if target.kind == "class":
        return _of_classes(target, predictions, rows, artists, seed)
    if target.kind == "tags":
        return _of_tags(target, predictions, rows, artists, seed)
    return _of_values(target, predictions, rows, artists, seed, listeners)


def artist_numbers(dataset: Dataset, rows: Rows) -> Rows:
    """A number for the artist of each row, ``(n_rows,) int64``; a track without artist is its own."""
    names = [dataset.artists[row] or f"\0{row}" for row in rows]
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def control_predictions(
    target: Target, predictions: Floats, train: Rows, rows: Rows, *, seed: int
) -> dict[str, Floats]:
    """What models without ears would say of `rows`: every figure must be better than theirs.

    Parameters
    ----------
    target
        What is known about all tracks.
    predictions : (n_rows, n_names) float32
        Of a model, for `rows`.
    train
        Tracks that may be learned from.
    rows
        Tracks to be judged.
    seed
        Of what is drawn.

    Returns
    -------
    dict
        ``majority``: the shares of the classes or tags, or the mean, of the training tracks. ``random``: what
        is known of a training track drawn for each. ``shuffled``: the model's own predictions, each given to
        another track.
    """
    rng = np.random.default_rng(seed)
    known = train[target.known[train]]
    taught = truths(target, known)
    return {
        "majority": np.tile(np.nanmean(taught, axis=0, dtype=np.float64), (len(rows), 1)).astype(np.float32),
        "random": np.nan_to_num(taught[rng.integers(0, len(known), len(rows))]),
        "shuffled": predictions[rng.permutation(len(rows))],
    }


def truths(target: Target, rows: Rows) -> Floats:
    """What is known as it would be predicted, ``(n_rows, n_names) float32``: a class has 1 in its column."""
    if target.kind != "class":
        return np.asarray(target.values[rows], dtype=np.float32)
    return np.eye(len(target.names), dtype=np.float32)[target.values[rows]]


def _figure(
    name: str, statistic: Statistic, clusters: Rows, chance: float, seed: int, n_draws: int = 1_000
) -> Figure:
    """Takes the figure with all weights 1, and again with artists drawn."""
    value = float(statistic(np.ones((1, len(clusters))))[0])
    if len(np.unique(clusters)) < _FEWEST_ARTISTS:
        return Figure(name, value, None, None, chance)
    low, high = interval(clusters, statistic, seed=seed, n_draws=n_draws)
    return Figure(name, value, low, high, chance)


def _of_classes(target: Target, predictions: Floats, rows: Rows, artists: Rows, seed: int) -> Figures:
    truth, guess = target.values[rows].astype(np.int64), predictions.argmax(axis=1)
    n_classes = len(target.names)

    def measured(of: Callable[[ClassCounts], Doubles]) -> Statistic:
        return lambda weights: of(class_counts(truth, guess, n_classes, weights))

    counts = class_counts(truth, guess, n_classes)
    commonest = np.full(len(rows), np.bincount(truth).argmax())
    always = class_counts(truth, commonest, n_classes)
    figures = tuple(
        _figure(name, measured(of), artists, float(of(always)[0]), seed)
        for name, of in (("accuracy", accuracies), ("kappa", kappas), ("macro F1", macro_f1s))
    )
    scores = dict(zip(("precision", "recall", "F1"), class_scores(counts), strict=True))
    classes = tuple(
        ClassFigures(
            name,
            int(counts.there[0, at]),
            {figure: float(values[0, at]) for figure, values in scores.items() if np.isfinite(values[0, at])},
        )
        for at, name in enumerate(target.names)
    )
    table: tuple[tuple[int, ...], ...] = ()
    if n_classes <= _MOST_CONFUSED:
        table = tuple(tuple(row) for row in confusion_matrix(truth, guess, n_classes).tolist())
    return Figures(figures, len(rows), len(np.unique(artists)), target.names, table, classes)


def _of_tags(target: Target, predictions: Floats, rows: Rows, artists: Rows, seed: int) -> Figures:
    truth = truths(target, rows)
    judged = [column for column in range(len(target.names)) if len(np.unique(_known(truth[:, column]))) == 2]
    if not judged:
        raise NothingFound("no tag is known to be on some test tracks and not on others")

    def measured(weights: Doubles) -> Doubles:
        """(2, n_tags, n_draws): AUC and average precision."""
        columns = []
        for column in judged:
            asked = ~np.isnan(truth[:, column])
            columns.append(
                roc_and_precision(truth[asked, column] > 0, predictions[asked, column], weights[:, asked])
            )
        return np.stack(columns, axis=1)

    def mean_over_tags(which: int) -> Statistic:
        # A tag that a draw leaves to all or to none keeps the figure that it has without drawing.
        return lambda weights: _filled(measured(weights)[which], once[which]).mean(axis=0)

    once = measured(np.ones((1, len(rows))))
    prevalence = float(np.mean([_known(truth[:, column]).mean() for column in judged]))
    figures = (
        _figure("AUC", mean_over_tags(0), artists, 0.5, seed, _TAG_DRAWS),
        _figure("average precision", mean_over_tags(1), artists, prevalence, seed, _TAG_DRAWS),
    )
    auc, precision = once[..., 0]
    classes = tuple(
        ClassFigures(
            target.names[column],
            int(np.nansum(truth[:, column])),
            {"AUC": float(auc[at]), "average precision": float(precision[at])},
        )
        for at, column in enumerate(judged)
    )
    return Figures(figures, len(rows), len(np.unique(artists)), target.names, classes=classes)


def _filled(values: Doubles, instead: Doubles) -> Doubles:
    return np.where(np.isnan(values), instead, values)


def _known(values: Floats) -> Floats:
    return values[~np.isnan(values)]


def _of_values(
    target: Target, predictions: Floats, rows: Rows, artists: Rows, seed: int, listeners: Floats | None
) -> Figures:
    mean = np.nanmean(target.values, axis=0, dtype=np.float64)
    deviation = np.nanstd(target.values, axis=0, dtype=np.float64)
    deviation = np.where(deviation > 0, deviation, 1)
    truth, guess = (target.values[rows] - mean) / deviation, (predictions - mean) / deviation
    error, usual = (truth - guess) ** 2, truth**2
    # About the mean of all judged tracks, in every draw: about a draw's own mean few artists differ too
    # little, and the interval would lie beside the figure.
    about_mean = (truth - truth.mean(axis=0)) ** 2

    def explained(weights: Doubles) -> Doubles:
        """R2 of each column, averaged; a column that does not vary counts as 0."""
        left, spread = weights @ error, weights @ about_mean
        varies = spread > 1e-12 * weights.sum(axis=1, keepdims=True)
        return np.asarray(np.where(varies, 1 - left / np.where(varies, spread, 1), 0).mean(axis=1))

    figures = [
        _figure("test loss", mean_of(error.mean(axis=1)), artists, float(usual.mean()), seed),
        _figure("R2", explained, artists, 0.0, seed),
        _figure("correlation", lambda weights: pearson_r(truth, guess, weights), artists, 0.0, seed),
    ]
    true = np.asarray(target.values[rows], dtype=np.float32)
    figures += _overlaps("cosine", shares_by_cosine(true, predictions), artists, seed)
    if listeners is not None:
        asked = _some(listeners, seed)
        shares = shares_by_dot((asked, true), (asked, predictions))
        figures += _overlaps("dot", shares, np.arange(len(asked)), seed)
    return Figures(tuple(figures), len(rows), len(np.unique(artists)))


def _overlaps(kind: str, shares: Shares, clusters: Rows, seed: int) -> list[Figure]:
    return [
        _figure(f"overlap@{k} {kind}", mean_of(shares.values[:, at]), clusters, shares.chance[at], seed)
        for at, k in enumerate(shares.ks)
    ]


def _some(listeners: Floats, seed: int) -> Floats:
    """Listeners who have factors, at most `_MOST_LISTENERS` of them."""
    playing = listeners[np.any(listeners != 0, axis=1)]
    if len(playing) <= _MOST_LISTENERS:
        return playing
    drawn = np.random.default_rng(seed).choice(len(playing), _MOST_LISTENERS, replace=False)
    return np.asarray(playing[np.sort(drawn)])
