"""Tracks of several genres: one classifier for each, and from which probability a genre counts as told."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import UsageError
from segue.genres.calibration import fit_temperature_of_each, probabilities_of_each
from segue.genres.classifiers import as_scores, classifier_kind
from segue.genres.fitting import Fitted, Parts, Plan, spread_over
from segue.genres.model import up_the_tree
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from segue.types import Matrix

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

_CAN_BE_SEVERAL = ("logistic", "mlp")
_THRESHOLDS = np.linspace(0.05, 0.95, 19)


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutSeveral:
    """What was said of tracks by classifiers that had not seen them.

    Attributes
    ----------
    rows
        (n,) int64: the tracks, ascending.
    scores
        (n, n_genres) float64: logarithms of odds.
    told
        (n, n_genres) bool: by thresholds of the validation tracks of each fold, which also calibrate.
    by_setting
        (n_folds, n_settings) float64: mean logarithmic likelihood of the validation tracks.
    """

    rows: NDArray[np.int64]
    scores: Floats
    told: Bools
    by_setting: Floats


def fit_several(plan: Plan, vectors: Matrix, there: Bools, *, setting: float, seed: int) -> Fitted:
    """Learn several genres a track.

    Parameters
    ----------
    plan
        With a classifier that gives probabilities: ``logistic`` or ``mlp``; all columns are taken.
    vectors : (n, dim) float32
        Of the tracks to learn from.
    there : (n, n_genres) bool
        What each track is; a genre that none has, or all have, is not learned.
    setting, seed
        As in `segue.genres.fitting.fit_plan`.

    Raises
    ------
    UsageError
        If the classifier cannot, or no genre can be learned.
    """
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if plan.classifier not in _CAN_BE_SEVERAL:
        raise UsageError(
            f"{plan.classifier} tells one genre a track; several are told by {' and '.join(_CAN_BE_SEVERAL)}"
        )
    shown = np.flatnonzero(there.any(axis=0) & ~there.all(axis=0))
    if len(shown) < 2:
        raise UsageError("fewer than two genres can be told: each needs tracks that are of it and some not")
    model = OneVsRestClassifier(classifier_kind(plan.classifier).make(setting, seed, plan.balanced))
    pipeline = make_pipeline(StandardScaler(), model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline.fit(vectors, there[:, shown].astype(np.int64))
    return Fitted(pipeline, None, shown.astype(np.int64))


def scores_of_several(fitted: Fitted, vectors: Matrix, n_genres: int) -> Floats:
    """Logarithms of the odds of each genre, ``(n, n_genres)``; very low for one that was not learned."""
    odds = as_scores(fitted.pipeline.predict_proba(vectors), "odds")
    return spread_over(odds, fitted.shown, n_genres)


def cross_validated_several(
    plan: Plan,
    vectors: Matrix,
    there: Bools,
    *,
    folds: Sequence[Parts],
    names: tuple[str, ...],
    parents: Mapping[str, str],
    seed: int = 0,
    progress: Progress | None = None,
) -> HeldOutSeveral:
    """What is said of each fold's test tracks; settings and thresholds come from its validation tracks.

    Parameters
    ----------
    plan, vectors, folds, seed, progress
        As in `segue.genres.fitting.cross_validated`.
    there : (n_tracks, n_genres) bool
        What each track is.
    names, parents
        Of the genres, and of the tree above them.
    """
    progress = progress or Silent()
    rows = np.concatenate([fold.test for fold in folds])
    parts, by_setting = [], []
    for fold in folds:
        parts.append(_one_fold(plan, vectors, there, fold, names, parents, seed))
        by_setting.append(parts[-1][2])
        progress.advance()
    order = np.argsort(rows)
    scores = np.concatenate([part[0] for part in parts])[order]
    told = np.concatenate([part[1] for part in parts])[order]
    return HeldOutSeveral(rows[order], scores, told, np.array(by_setting))


def best_thresholds(said: Floats, there: Bools) -> NDArray[np.float32]:
    """For each genre the probability from which telling it gives the best F1, ``(n_genres,)`` float32.

    Parameters
    ----------
    said : (n, n_genres) float64
        Probabilities of tracks that were not learned from.
    there : (n, n_genres) bool
        What is true.

    Examples
    --------
    >>> best_thresholds(np.array([[0.2], [0.3], [0.6]]), np.array([[False], [True], [True]]))
    array([0.275], dtype=float32)
    """
    f1 = np.stack([_f1(said >= threshold, there) for threshold in _THRESHOLDS])
    best = f1.max(axis=0)
    return np.array(
        [
            0.5 if best[at] <= 0 else np.median(_THRESHOLDS[np.isclose(f1[:, at], best[at])])
            for at in range(said.shape[1])
        ],
        dtype=np.float32,
    )


def _f1(told: Bools, there: Bools) -> Floats:
    right = (told & there).sum(axis=0)
    return np.asarray(2 * right / np.maximum(told.sum(axis=0) + there.sum(axis=0), 1))


def _one_fold(
    plan: Plan,
    vectors: Matrix,
    there: Bools,
    fold: Parts,
    names: tuple[str, ...],
    parents: Mapping[str, str],
    seed: int,
) -> tuple[Floats, Bools, list[float]]:
    """Scores and told genres of the test tracks, and how good each setting was."""
    settings, n_genres = classifier_kind(plan.classifier).settings, there.shape[1]
    said = [
        scores_of_several(
            fit_several(plan, vectors[fold.train], there[fold.train], setting=one, seed=seed),
            vectors[fold.valid],
            n_genres,
        )
        for one in (settings if len(fold.valid) else ())
    ]
    goods = [-_loss(scores, there[fold.valid]) for scores in said]
    best = int(np.argmax(goods)) if goods else 0
    temperature = fit_temperature_of_each(said[best], there[fold.valid]) if said else 1.0
    both = np.concatenate([fold.train, fold.valid])
    fitted = fit_several(plan, vectors[both], there[both], setting=settings[best], seed=seed)
    scores = scores_of_several(fitted, vectors[fold.test], n_genres)
    likely = up_the_tree(probabilities_of_each(scores, temperature), names, parents)
    least = np.full(n_genres, 0.5, np.float32)
    if said:
        least = best_thresholds(
            up_the_tree(probabilities_of_each(said[best], temperature), names, parents), there[fold.valid]
        )
    return scores, likely >= least, goods or [0.0] * len(settings)


def _loss(scores: Floats, there: Bools) -> float:
    said = probabilities_of_each(scores)
    return float(-np.log(np.maximum(np.where(there, said, 1 - said), 1e-12)).mean())
