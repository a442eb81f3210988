"""The classifiers that tell genres from vectors: linear ones, support vectors, neighbours, trees, a network.

Each is a scikit-learn pipeline that begins with scaling, has one setting to choose, and gives a score for
each class. Scores are compared within a row only; `segue.genres.calibration` makes probabilities of them.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.errors import SegueError, UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Matrix

BOOSTED = "xgboost"
"""The one that neither wants scaled columns nor is kept as a graph."""

_LEAST = 1e-9  # below this a probability is taken for this, so that its logarithm is finite


@dataclass(frozen=True, slots=True)
class ClassifierKind:
    """One kind of classifier.

    Attributes
    ----------
    name
        As a person says it.
    words
        What it is.
    settings
        Of which the validation tracks choose one; the first is for data without validation tracks.
    make
        Makes one that is not yet fitted, of a setting and a seed; with True, rare classes weigh as much as
        common ones.
    gives
        ``scores`` of any size, or ``probabilities``.
    """

    name: str
    words: str
    settings: tuple[float, ...]
    make: Callable[[float, int, bool], Any]
    gives: str


def classifier_names() -> tuple[str, ...]:
    """Those that can be asked for, simple ones first; `segue.genres.votes` lists sums of them."""
    return tuple(_KINDS)


def classifier_kind(name: str) -> ClassifierKind:
    """A classifier by its name.

    Raises
    ------
    UsageError
        If there is none of this name; the message names the choices.
    """
    if name not in _KINDS:
        close = difflib.get_close_matches(name, _KINDS, 1)
        meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(_KINDS)}"
        raise UsageError(f"no classifier is called {name!r}: {meant}")
    return _KINDS[name]


def scores_of(fitted: Any, vectors: Matrix) -> NDArray[np.float64]:
    """How much a fitted classifier holds each row to be of each class, ``(n, n_classes)``.

    Logarithms of probabilities, or distances from the borders of the classes.
    """
    if hasattr(fitted, "predict_proba"):
        return as_scores(fitted.predict_proba(vectors), "probabilities")
    return as_scores(fitted.decision_function(vectors), "scores")


def as_scores(given: NDArray[Any], gives: str) -> NDArray[np.float64]:
    """What a classifier gave as scores, one column a class.

    Parameters
    ----------
    given
        ``(n, n_classes)``, or ``(n,)`` where only the second of two classes is spoken of.
    gives
        ``scores``, ``probabilities``, or ``odds``: probabilities of which each stands by itself.

    Examples
    --------
    >>> as_scores(np.array([2.0, -1.0]), "scores")
    array([[-2.,  2.],
           [ 1., -1.]])
    """
    values = np.asarray(given, dtype=np.float64)
    if values.ndim == 1 or values.shape[1] == 1:
        values = values.reshape(-1)
        values = np.column_stack([-values if gives == "scores" else 1 - values, values])
    if gives == "scores":
        return values
    logs = np.log(np.clip(values, _LEAST, 1 - _LEAST))
    return logs if gives == "probabilities" else logs - np.log(np.clip(1 - values, _LEAST, 1))


def _weights(balanced: bool) -> str | None:
    return "balanced" if balanced else None


def _logistic(setting: float, seed: int, balanced: bool) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=setting, max_iter=2_000, tol=1e-3, class_weight=_weights(balanced))


def _linear_svm(setting: float, seed: int, balanced: bool) -> Any:
    from sklearn.svm import LinearSVC

    return LinearSVC(C=setting, max_iter=5_000, tol=1e-3, class_weight=_weights(balanced), random_state=seed)


def _rbf_svm(setting: float, seed: int, balanced: bool) -> Any:
    from sklearn.svm import SVC

    return SVC(C=setting, class_weight=_weights(balanced), decision_function_shape="ovr")


def _neighbours(setting: float, seed: int, balanced: bool) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    if balanced:
        raise UsageError("knn cannot weigh classes: leave --balanced out, or choose another classifier")
    return KNeighborsClassifier(round(setting))


def _forest(setting: float, seed: int, balanced: bool) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(
        300, min_samples_leaf=round(setting), class_weight=_weights(balanced), random_state=seed
    )


def _network(setting: float, seed: int, balanced: bool) -> Any:
    from sklearn.neural_network import MLPClassifier

    if balanced:
        raise UsageError("mlp cannot weigh classes: leave --balanced out, or choose another classifier")
    return MLPClassifier((128,), alpha=setting, max_iter=200, random_state=seed)


def _boosted(setting: float, seed: int, balanced: bool) -> Any:
    try:
        from xgboost import XGBClassifier
    except ImportError as error:
        raise SegueError("xgboost is not installed: pip install 'segue[genres]'") from error
    if balanced:
        raise UsageError("xgboost cannot weigh classes: leave --balanced out, or choose another classifier")
    return XGBClassifier(
        n_estimators=200,
        max_depth=round(setting),
        learning_rate=0.1,
        subsample=0.8,
        colsample_bytree=0.25,  # these two make it about five times as fast on 518 columns
        max_bin=64,
        n_jobs=1,
        random_state=seed,
    )


_PROBABILITIES, _SCORES = "probabilities", "scores"
_KINDS = {
    kind.name: kind
    for kind in (
        ClassifierKind(
            "logistic",
            "logistic regression",
            (0.01, 0.0003, 0.001, 0.003, 0.03, 0.1, 1.0),
            _logistic,
            _PROBABILITIES,
        ),
        ClassifierKind(
            "linear-svm", "linear support vectors", (0.001, 0.0001, 0.01, 0.1), _linear_svm, _SCORES
        ),
        ClassifierKind(
            "rbf-svm", "support vectors, Gaussian kernel", (3.0, 0.3, 1.0, 10.0, 30.0), _rbf_svm, _SCORES
        ),
        ClassifierKind("knn", "nearest neighbours", (9, 1, 3, 21), _neighbours, _PROBABILITIES),
        ClassifierKind("random-forest", "random forest", (1, 3), _forest, _PROBABILITIES),
        ClassifierKind("mlp", "one hidden layer", (0.01, 0.001, 0.1), _network, _PROBABILITIES),
        ClassifierKind(BOOSTED, "boosted trees", (4, 2), _boosted, _PROBABILITIES),
    )
}
