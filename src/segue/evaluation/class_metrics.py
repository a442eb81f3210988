"""How good predicted classes are: confusion, accuracy, kappa, F1."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


class ClassCounts(NamedTuple):
    """What every figure of classes is made of, small also where there are hundreds of them.

    Attributes
    ----------
    right
        (n_draws, n_classes) float64: tracks of each class that were taken for it.
    there
        (n_draws, n_classes) float64: tracks of each class.
    said
        (n_draws, n_classes) float64: tracks that were taken for each class.
    """

    right: Floats
    there: Floats
    said: Floats


def class_counts(truth: Ints, guess: Ints, n_classes: int, weights: Floats | None = None) -> ClassCounts:
    """Count.

    Parameters
    ----------
    truth, guess : (n,) int64
        From 0 to ``n_classes - 1``.
    n_classes
        How many there are.
    weights : (n_draws, n) float64, optional
        How often each track counts, one row a draw; once each by default.
    """
    weights = np.ones((1, len(truth))) if weights is None else weights
    classes = np.arange(n_classes)
    is_there = (truth[:, None] == classes).astype(np.float64)
    is_said = (guess[:, None] == classes).astype(np.float64)
    return ClassCounts(weights @ (is_there * is_said), weights @ is_there, weights @ is_said)


def confusion_matrix(truth: Ints, guess: Ints, n_classes: int) -> Ints:
    """How often each class (row) was taken for each (column), ``(n_classes, n_classes) int64``.

    >>> confusion_matrix(np.array([0, 1, 1]), np.array([0, 0, 1]), 2)
    array([[1, 0],
           [1, 1]])
    """
    cells = np.bincount(truth * n_classes + guess, minlength=n_classes**2)
    return cells.reshape(n_classes, n_classes)


def accuracies(counts: ClassCounts) -> Floats:
    """Share that is right, ``(n_draws,)``.

    >>> accuracies(class_counts(np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1]), 2))
    array([0.75])
    """
    return np.asarray(counts.right.sum(axis=1) / counts.there.sum(axis=1))


def kappas(counts: ClassCounts) -> Floats:
    """Cohen's kappa, ``(n_draws,)``: agreement beyond that of two who know only how common each class is.

    Where that alone explains everything (one class only) it is 0.

    References
    ----------
    J. Cohen, "A coefficient of agreement for nominal scales", 1960.

    Examples
    --------
    >>> kappas(class_counts(np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1]), 2))
    array([0.5])
    """
    expected = (counts.there * counts.said).sum(axis=1) / counts.there.sum(axis=1) ** 2
    beyond = accuracies(counts) - expected
    return np.where(expected < 1, beyond / np.where(expected < 1, 1 - expected, 1), 0.0)


def class_scores(counts: ClassCounts) -> tuple[Floats, Floats, Floats]:
    """Precision, recall and F1 of each class, ``(n_draws, n_classes)`` each.

    NaN is the recall and F1 of a class without tracks, and the precision of one that nobody predicted.
    """
    right, there, said = counts
    precision = np.where(said > 0, right / np.where(said > 0, said, 1), np.nan)
    recall = np.where(there > 0, right / np.where(there > 0, there, 1), np.nan)
    f1 = np.where(there > 0, 2 * right / np.where(there > 0, said + there, 1), np.nan)
    return precision, recall, f1


def macro_f1s(counts: ClassCounts) -> Floats:
    """Mean F1 of the classes that have tracks, ``(n_draws,)``.

    >>> macro_f1s(class_counts(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 3)).round(3)
    array([0.733])
    """
    return np.asarray(np.nanmean(class_scores(counts)[2], axis=1))


def mcnemar(right: NDArray[np.bool_], other_right: NDArray[np.bool_]) -> tuple[int, int, float]:
    """Whether two classifiers differ on the same tracks: McNemar's test, exact.

    Parameters
    ----------
    right, other_right : (n,) bool
        Which tracks each gets right.

    Returns
    -------
    only_first, only_second : int
        Tracks that only this one gets right.
    p_value : float
        How often a difference at least as large comes by chance, two-sided.

    References
    ----------
    Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
    percentages", Psychometrika 12, 1947.

    Examples
    --------
    >>> mcnemar(np.array([True] * 6), np.array([False] * 6))
    (6, 0, 0.03125)
    """
    from scipy.stats import binomtest

    first, second = int(np.sum(right & ~other_right)), int(np.sum(other_right & ~right))
    if first + second == 0:
        return 0, 0, 1.0
    return first, second, float(binomtest(first, first + second).pvalue)
