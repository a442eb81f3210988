"""Which columns to drop, and what that costs a classifier."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.atlas.study.cleaning import filled
from segue.atlas.study.correlations import pearson_matrix
from segue.atlas.study.separation import separate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.atlas.study.separation import Separation

_SURE = 0.05
_NEGLIGIBLE = 0.01
_C, _MOST_STEPS = 1.0, 500
_TRIALS = (
    "all attributes",
    "without those proposed",
    "as many, drawn at random",
    "the better half of those left",
)


@dataclass(frozen=True, slots=True)
class Drop:
    """A column that may go.

    Attributes
    ----------
    column
        Its position.
    instead
        The kept column that says the same; None where it goes because it does not separate the classes.
    correlation
        Pearson's, with that column; 0 without one.
    """

    column: int
    instead: int | None
    correlation: float


def propose(
    pearson: NDArray[np.float64], separation: Separation | None, *, threshold: float
) -> tuple[Drop, ...]:
    """Columns that may go: copies of better ones, and those that tell no classes apart.

    Columns are gone through from the one that separates best; each is kept unless it correlates with one
    kept before. A column separates nothing if both tests are unsure of it at 0.05, or if the classes explain
    less than a hundredth of its variance and of that of its ranks. Without classes, the column that
    correlates less with all others comes first.

    Parameters
    ----------
    pearson : (n_columns, n_columns) float64
        Correlations.
    separation
        Of the same columns; None without classes.
    threshold
        From which absolute correlation on two columns say the same.

    Examples
    --------
    >>> propose(np.array([[1, 0.95, 0.1], [0.95, 1, 0.2], [0.1, 0.2, 1]]), None, threshold=0.9)
    (Drop(column=1, instead=0, correlation=0.95),)
    """
    strength = np.abs(pearson)
    if separation is None:
        order, blind = np.argsort(strength.mean(axis=0), kind="stable"), np.zeros(len(pearson), bool)
    else:
        order = separation.ranking()
        unsure = (separation.h_q > _SURE) & (separation.f_q > _SURE)
        # With many tracks everything is sure, and most of it means nothing.
        slight = (separation.epsilon_squared < _NEGLIGIBLE) & (separation.eta_squared < _NEGLIGIBLE)
        blind = unsure | slight
    kept: list[int] = []
    drops = []
    for column in order.tolist():
        if blind[column]:
            drops.append(Drop(column, None, 0.0))
            continue
        rival = max(kept, key=lambda other: float(strength[column, other]), default=None)
        if rival is not None and strength[column, rival] >= threshold:
            drops.append(Drop(column, rival, float(pearson[column, rival])))
        else:
            kept.append(column)
    if not kept:  # nothing separates the classes, and not everything can go: copies only
        return propose(pearson, None, threshold=threshold)
    return tuple(sorted(drops, key=lambda drop: drop.column))


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One choice of columns, judged.

    Attributes
    ----------
    name
        What was given to the classifier.
    n_columns
        How many columns, mean over the folds.
    predicted : (n_judged,) int64
        The class that was said of each track.
    """

    name: str
    n_columns: float
    predicted: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Cost:
    """What dropping costs.

    Attributes
    ----------
    rows : (n_judged,) int64
        The tracks, each judged once.
    truth : (n_judged,) int64
        Their classes.
    groups : (n_judged,) int64
        What was kept in one fold.
    trials
        All columns; without those proposed; as many drawn at random; the half of those left that separates
        better.
    n_folds
        How many.
    notes
        Which tracks were not judged.
    """

    rows: NDArray[np.int64]
    truth: NDArray[np.int64]
    groups: NDArray[np.int64]
    trials: tuple[Trial, ...]
    n_folds: int
    notes: tuple[str, ...]


def cost_of_dropping(
    values: NDArray[np.floating[Any]],
    labels: NDArray[np.int64],
    groups: NDArray[np.int64] | None,
    *,
    threshold: float,
    seed: int,
    n_folds: int = 5,
    most_tracks: int = 5_000,
    most_classes: int = 30,
) -> Cost | None:
    """Cross-validated logistic regression with all columns, without those proposed, and without random ones.

    The proposal is made anew in each fold from its training tracks alone, so that the tracks that judge had
    no say in it. Values are standardised over the training tracks; folds are stratified, and keep groups
    whole.

    Parameters
    ----------
    values : (n_tracks, n_columns) float
        NaN where not known: the training tracks' median stands in.
    labels : (n_tracks,) int64
        -1 where not known.
    groups : (n_tracks,) int64 or None
        Equal for tracks that must be in one fold.
    threshold
        As in `propose`.
    seed
        Of folds, of the tracks drawn, and of the random columns.
    n_folds
        At least 2; fewer where classes have fewer tracks.
    most_tracks, most_classes
        More than these are not needed: so many tracks are drawn, and the largest classes taken.

    Returns
    -------
    Cost or None
        None where fewer than two classes have two tracks (or groups) each.
    """
    rng = np.random.default_rng(seed)
    group_of = np.arange(len(labels), dtype=np.int64) if groups is None else groups
    rows, n_folds, notes = _judged(labels, group_of, n_folds, most_tracks, most_classes, rng)
    if n_folds < 2:
        return None
    chosen, truth, together = values[rows], labels[rows], group_of[rows]
    predicted = np.full((len(_TRIALS), len(rows)), -1, np.int64)
    sizes = []
    for train, test in _folds(truth, together, groups is not None, n_folds, seed):
        learned, asked = _standardised(chosen[train], chosen[test])
        trials = _choices(learned, truth[train], threshold, rng)
        sizes.append([len(columns) for columns in trials])
        for at, columns in enumerate(trials):
            # Where nothing is proposed, two choices are the same.
            same = next((n for n in range(at) if np.array_equal(trials[n], columns)), None)
            predicted[at, test] = (
                _predictions(learned[:, columns], truth[train], asked[:, columns])
                if same is None
                else predicted[same, test]
            )
    judged = predicted[0] >= 0
    tried = tuple(
        Trial(name, float(np.mean([size[at] for size in sizes])), predicted[at, judged])
        for at, name in enumerate(_TRIALS)
    )
    return Cost(rows[judged], truth[judged], together[judged], tried, n_folds, tuple(notes))


def _judged(
    labels: NDArray[np.int64],
    groups: NDArray[np.int64],
    n_folds: int,
    most_tracks: int,
    most_classes: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], int, list[str]]:
    """Rows that are judged, in how many folds, and notes."""
    notes = []
    known = np.flatnonzero(labels >= 0)
    if len(known) > most_tracks:
        notes.append(f"the classifier saw {most_tracks:,} of {len(known):,} tracks, drawn at random")
        known = np.sort(rng.permutation(known)[:most_tracks])
    classes, counts = np.unique(labels[known], return_counts=True)
    spread = np.array([len(np.unique(groups[known[labels[known] == one]])) for one in classes])
    usable = classes[spread >= 2]
    if len(usable) < len(classes):
        gone = int(counts[spread < 2].sum())
        notes.append(
            f"{len(classes) - len(usable)} classes ({gone:,} tracks) have one group of tracks only, such as "
            "one artist, and were not judged: one side of the folds would lack them"
        )
    if len(usable) > most_classes:
        size = counts[np.isin(classes, usable)]
        notes.append(f"the classifier tells the {most_classes} largest of {len(usable):,} classes apart")
        usable = usable[np.argsort(-size, kind="stable")[:most_classes]]
    if len(usable) < 2:
        return known, 0, notes
    rows = known[np.isin(labels[known], usable)]
    largest = int(counts[np.isin(classes, usable)].max())
    return rows, min(n_folds, largest, len(np.unique(groups[rows]))), notes


def _folds(
    truth: NDArray[np.int64], groups: NDArray[np.int64], grouped: bool, n_folds: int, seed: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    nothing = np.zeros(len(truth))
    kind = StratifiedGroupKFold if grouped else StratifiedKFold
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # small classes are not in every fold
        folds = list(kind(n_folds, shuffle=True, random_state=seed).split(nothing, truth, groups))
    return [(train, test) for train, test in folds if len(test) and len(np.unique(truth[train])) > 1]


def _standardised(
    learned: NDArray[np.floating[Any]], asked: NDArray[np.floating[Any]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both sides, with the medians, means and deviations of the training side."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column unknown on this side: 0 stands in
        medians = np.nan_to_num(np.nanmedian(learned.astype(np.float64), axis=0))
    one, other = (filled(side.astype(np.float64), medians) for side in (learned, asked))
    mean, deviation = one.mean(axis=0), one.std(axis=0)
    safe = np.where(deviation > 1e-12 * np.maximum(np.abs(mean), 1e-300), deviation, np.inf)
    # What is far out says no more than "unusual": a single value must not carry the whole sum away.
    return np.clip((one - mean) / safe, -10, 10), np.clip((other - mean) / safe, -10, 10)


def _choices(
    learned: NDArray[np.float64], truth: NDArray[np.int64], threshold: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], ...]:
    """The columns of each of `_TRIALS`, chosen by these tracks."""
    separation = separate(learned, truth, int(truth.max()) + 1)
    pearson = pearson_matrix(learned, np.zeros(learned.shape[1]))
    every = np.arange(learned.shape[1])
    dropped = [drop.column for drop in propose(pearson, separation, threshold=threshold)]
    kept = np.setdiff1d(every, dropped)
    random = np.sort(rng.permutation(every)[: len(kept)])
    best_first = [column for column in separation.ranking() if column in set(kept.tolist())]
    better = np.sort(np.array(best_first[: -(-len(best_first) // 2)], np.int64))
    return every, kept, random, better


def _predictions(
    learned: NDArray[np.float64], truth: NDArray[np.int64], asked: NDArray[np.float64]
) -> NDArray[np.int64]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near enough after so many steps
        model = LogisticRegression(C=_C, max_iter=_MOST_STEPS, tol=1e-3).fit(learned, truth)
    return np.asarray(model.predict(asked), np.int64)
