"""Fewer columns for a classifier: principal components, columns that others repeat, columns that matter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from segue.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Matrix

Selection = Literal["all", "pca", "mda", "uncorrelated"]
"""``all`` columns; ``pca``: components that hold 95 % of the variance; ``mda``: the columns whose permutation
costs accuracy; ``uncorrelated``: without those that another repeats."""

_VARIANCE = 0.95
_REPEATED = 0.9
_PERMUTED_TRACKS = 2_000


def check_selection(name: str) -> None:
    """Refuse a selection that does not exist.

    Raises
    ------
    UsageError
        Naming the choices.
    """
    if name not in get_args(Selection):
        raise UsageError(f"no selection is called {name!r}: there are {', '.join(get_args(Selection))}")


def components() -> Any:
    """A scikit-learn step that keeps the principal components with 95 % of the variance."""
    from sklearn.decomposition import PCA

    return PCA(n_components=_VARIANCE, svd_solver="full")


def uncorrelated_columns(vectors: Matrix, *, most: float = _REPEATED) -> NDArray[np.int64]:
    """Columns of which no two are more alike than `most`, the first of each pair kept; constant ones go.

    Parameters
    ----------
    vectors : (n, dim) float32
        At least two rows.
    most
        Absolute correlation (Pearson).

    Returns
    -------
    columns : (n_kept,) int64

    Examples
    --------
    >>> uncorrelated_columns(np.array([[1, 2, 0, 7], [2, 4, 1, 7], [3, 6, 0, 7]], np.float32))
    array([0, 2])
    """
    values = vectors.astype(np.float64)
    spread = values.std(axis=0)
    varied = np.flatnonzero(spread > 1e-9 * (1 + np.abs(values.mean(axis=0))))
    scaled = (values[:, varied] - values[:, varied].mean(axis=0)) / spread[varied]
    alike = np.abs(scaled.T @ scaled) / len(values) > most
    kept: list[int] = []
    for column in range(len(varied)):
        if not alike[column, kept].any():
            kept.append(column)
    return np.asarray(varied[kept], dtype=np.int64)


def permutation_importance(
    predict: Any,
    vectors: Matrix,
    classes: NDArray[np.int64],
    groups: Sequence[NDArray[np.int64]],
    *,
    seed: int,
) -> NDArray[np.float64]:
    """Mean decrease in accuracy when columns are shuffled over tracks, ``(n_groups,)``.

    Parameters
    ----------
    predict
        Classes ``(n,)`` of vectors ``(n, dim)``.
    vectors, classes
        Tracks that the classifier did not learn from.
    groups
        Columns that are shuffled together: single ones, or families of descriptors.
    seed
        Of the shuffling.

    References
    ----------
    L. Breiman, "Random forests", Machine Learning 45, 2001.
    """
    chance = np.random.default_rng(seed)
    rows = chance.permutation(len(vectors))[:_PERMUTED_TRACKS]
    vectors, classes = vectors[rows], classes[rows]
    right = float(np.mean(predict(vectors) == classes))
    lost = np.empty(len(groups))
    for at, columns in enumerate(groups):
        shuffled = vectors.copy()
        shuffled[:, columns] = vectors[chance.permutation(len(vectors))][:, columns]
        lost[at] = right - float(np.mean(predict(shuffled) == classes))
    return lost


def importance_of_columns(
    fitted: Any, vectors: Matrix, classes: NDArray[np.int64], *, seed: int
) -> NDArray[np.float64]:
    """Mean decrease in accuracy of each column by itself, ``(dim,)``; see `permutation_importance`."""
    single = [np.array([column]) for column in range(vectors.shape[1])]
    return permutation_importance(fitted.predict, vectors, classes, single, seed=seed)
