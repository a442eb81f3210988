"""Fit a classifier, and say of every track what one that has not seen it would say."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from segue.genres.calibration import fit_temperature, probabilities
from segue.genres.classifiers import BOOSTED, classifier_kind, scores_of
from segue.genres.selection import Selection, components, importance_of_columns, uncorrelated_columns
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Matrix

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

_MOST_TO_CHOOSE = 20_000
"""Tracks that are learned from while settings are tried; which is best does not change with more."""
_PARTS = 5
_LEAST_KEPT = 0.1
"""Share of the columns that selection by importance keeps at least."""
_NEVER = -25.0
"""Logarithm of the probability of a class that the training tracks do not show."""


class Parts(Protocol):
    """Rows that are learned from, that choose the setting, and that judge."""

    @property
    def train(self) -> Ints: ...
    @property
    def valid(self) -> Ints: ...
    @property
    def test(self) -> Ints: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """Which classifier, on which columns.

    Attributes
    ----------
    classifier
        One of `segue.genres.classifiers.classifier_names`.
    selection
        See `Selection`.
    balanced
        Rare classes weigh as much as common ones.
    """

    classifier: str
    selection: Selection = "all"
    balanced: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A classifier that has learned.

    Attributes
    ----------
    pipeline
        Of scikit-learn, from the kept columns to scores.
    columns
        (n_kept,) int64: those it takes; None for all.
    shown
        (n_shown,) int64: the classes that its training tracks show, in the order of its scores.
    """

    pipeline: Any
    columns: Ints | None
    shown: Ints

    def scores(self, vectors: Matrix, n_classes: int) -> Floats:
        """Scores of all classes, ``(n, n_classes)``; of a class that was not shown, lower than all others."""
        return spread_over(scores_of(self.pipeline, self._kept(vectors)), self.shown, n_classes)

    def predict(self, vectors: Matrix) -> Ints:
        """The most likely class of each row, ``(n,)``."""
        return np.asarray(self.shown[scores_of(self.pipeline, self._kept(vectors)).argmax(axis=1)])

    def _kept(self, vectors: Matrix) -> Matrix:
        return vectors if self.columns is None else vectors[:, self.columns]


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """What was said of tracks by classifiers that had not seen them.

    Attributes
    ----------
    rows
        (n,) int64: the tracks, ascending.
    scores
        (n, n_classes) float64.
    probabilities
        (n, n_classes) float64, calibrated by the validation tracks of each fold.
    settings
        Chosen in each fold.
    by_setting
        (n_folds, n_settings) float64: share of the validation tracks that each setting gets right.
    importance
        (dim,) float64: mean decrease in accuracy of each column, where columns were selected by it.
    """

    rows: Ints
    scores: Floats
    probabilities: Floats
    settings: tuple[float, ...]
    by_setting: Floats
    importance: Floats | None = None


def spread_over(given: Floats, shown: Ints, n_classes: int) -> Floats:
    """Scores of all classes, ``(n, n_classes)``, from those of the classes that were shown.

    A class that no training track shows is far behind all others.
    """
    if len(shown) == n_classes:
        return given
    full = np.repeat(given.min(axis=1, keepdims=True) + _NEVER, n_classes, axis=1)
    full[:, shown] = given
    return full


def fit_plan(
    plan: Plan,
    vectors: Matrix,
    classes: Ints,
    *,
    setting: float,
    seed: int,
    importance: Floats | None = None,
) -> Fitted:
    """Learn classes from vectors.

    Parameters
    ----------
    plan
        What learns.
    vectors : (n, dim) float32
        Of the tracks to learn from.
    classes : (n,) int64
        From 0; at least two of them.
    setting
        Of the classifier, see `ClassifierKind.settings`.
    seed
        Of what is drawn.
    importance
        Of each column; those above 0 are kept where `plan.selection` is ``mda``, and at least a tenth of all.
    """
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    shown, codes = np.unique(classes, return_inverse=True)
    columns = _columns(plan.selection, vectors, importance)
    kept = vectors if columns is None else vectors[:, columns]
    kind = classifier_kind(plan.classifier)
    model = kind.make(_possible(plan, setting, len(kept)), seed, plan.balanced)
    scaling = [] if plan.classifier == BOOSTED else [StandardScaler()]
    steps = [*scaling, *([components()] if plan.selection == "pca" else []), model]
    pipeline = make_pipeline(*steps)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those who stop before they stand still are judged as they are
        pipeline.fit(kept, codes)
    return Fitted(pipeline, columns, shown.astype(np.int64))


def cross_validated(
    plan: Plan,
    vectors: Matrix,
    classes: Ints,
    *,
    n_classes: int,
    folds: Sequence[Parts],
    seed: int = 0,
    progress: Progress | None = None,
) -> HeldOut:
    """Scores of each fold's test tracks by a classifier of its training and validation tracks.

    The validation tracks choose setting and columns and calibrate; the test tracks are asked once.

    Parameters
    ----------
    plan
        What learns.
    vectors : (n_tracks, dim) float32
        Of all tracks.
    classes : (n_tracks,) int64
        -1 where not known: neither learned from nor asked.
    n_classes
        How many there are.
    folds
        Whose test tracks do not overlap.
    seed
        Of what is drawn.
    progress
        Is told of folds.
    """
    progress = progress or Silent()
    parts = [_Known.of(fold, classes) for fold in folds]
    told = [_one_fold(plan, vectors, classes, fold, n_classes, seed, progress) for fold in parts]
    rows = np.concatenate([fold.test for fold in parts])
    order = np.argsort(rows)
    found = [one.importance for one in told if one.importance is not None]
    return HeldOut(
        rows=rows[order],
        scores=np.concatenate([one.scores for one in told])[order],
        probabilities=np.concatenate([one.probabilities for one in told])[order],
        settings=tuple(one.settings[0] for one in told),
        by_setting=np.concatenate([one.by_setting for one in told]),
        importance=np.mean(found, axis=0) if found else None,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """The rows of a fold whose class is known."""

    train: Ints
    valid: Ints
    test: Ints

    @staticmethod
    def of(parts: Parts, classes: Ints) -> _Known:
        return _Known(*(rows[classes[rows] >= 0] for rows in (parts.train, parts.valid, parts.test)))


def _one_fold(
    plan: Plan, vectors: Matrix, classes: Ints, fold: _Known, n_classes: int, seed: int, progress: Progress
) -> HeldOut:
    train, valid, test = fold.train, fold.valid, fold.test
    settings = classifier_kind(plan.classifier).settings
    importance = _importance(plan, vectors, classes, fold, seed)
    some = np.random.default_rng(seed).permutation(train)[:_MOST_TO_CHOOSE]
    tried = [
        fit_plan(plan, vectors[some], classes[some], setting=one, seed=seed, importance=importance)
        for one in (settings if len(valid) else ())
    ]
    rights = [float(np.mean(one.predict(vectors[valid]) == classes[valid])) for one in tried]
    best = int(np.argmax(rights)) if rights else 0
    temperature = (
        fit_temperature(tried[best].scores(vectors[valid], n_classes), classes[valid]) if tried else 1.0
    )
    both = np.concatenate([train, valid])
    fitted = fit_plan(
        plan, vectors[both], classes[both], setting=settings[best], seed=seed, importance=importance
    )
    scores = fitted.scores(vectors[test], n_classes)
    progress.advance()
    by_setting = np.array([rights or [0.0] * len(settings)])
    return HeldOut(
        test, scores, probabilities(scores, temperature), (settings[best],), by_setting, importance
    )


def _importance(plan: Plan, vectors: Matrix, classes: Ints, fold: _Known, seed: int) -> Floats | None:
    """Mean decrease in accuracy of each column on parts of the training tracks that were held out of them."""
    if plan.selection != "mda":
        return None
    every = Plan(plan.classifier, "all", plan.balanced)
    setting = classifier_kind(plan.classifier).settings[0]
    mixed = np.random.default_rng(seed).permutation(fold.train)[:_MOST_TO_CHOOSE]
    lost = []
    for part in range(_PARTS):
        held, rest = mixed[part::_PARTS], np.delete(mixed, np.s_[part::_PARTS])
        if len(held) and len(np.unique(classes[rest])) > 1:
            fitted = fit_plan(every, vectors[rest], classes[rest], setting=setting, seed=seed)
            lost.append(importance_of_columns(fitted, vectors[held], classes[held], seed=seed + part))
    return np.mean(lost, axis=0) if lost else None


def _columns(selection: Selection, vectors: Matrix, importance: Floats | None) -> Ints | None:
    if selection == "uncorrelated":
        return uncorrelated_columns(vectors)
    if selection == "mda" and importance is not None:
        least = max(1, round(_LEAST_KEPT * len(importance)))
        n_kept = max(least, int(np.count_nonzero(importance > 0)))
        return np.sort(np.argsort(-importance, kind="stable")[:n_kept])
    return None


def _possible(plan: Plan, setting: float, n_tracks: int) -> float:
    """More neighbours than tracks cannot be asked."""
    return min(setting, n_tracks) if plan.classifier == "knn" else setting
