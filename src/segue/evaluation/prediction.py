"""Predict moods and genres from vectors, each track by a model that never saw its artist."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Matrix

    Floats = NDArray[np.float64]

N_FOLDS = 5
ALPHAS = (1.0, 10.0, 100.0, 1_000.0, 10_000.0)
"""Strengths of the ridge penalty that are tried inside the training folds."""
CS = (0.001, 0.01, 0.1, 1.0)
"""Inverse strengths of the logistic penalty that are tried inside the training folds."""


def group_folds(groups: NDArray[np.int64], n_folds: int, *, seed: int) -> NDArray[np.int64]:
    """A fold for each track: groups stay whole, folds get about the same number of tracks.

    Parameters
    ----------
    groups : (n,) int64
        The artist of each track.
    n_folds
        At most the number of groups.
    seed
        Decides between groups of one size.

    Returns
    -------
    folds : (n,) int64
        From 0 to ``n_folds - 1``.

    Examples
    --------
    >>> sorted(group_folds(np.array([7, 7, 7, 8, 9, 9]), 2, seed=0).tolist())
    [0, 0, 0, 1, 1, 1]
    """
    _, member, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    shuffled = np.random.default_rng(seed).permutation(len(sizes))
    filled = np.zeros(n_folds, dtype=np.int64)
    fold_of = np.empty(len(sizes), dtype=np.int64)
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        fold_of[group] = int(np.argmin(filled))
        filled[fold_of[group]] += sizes[group]
    return fold_of[member]


def predict_moods(
    vectors: Matrix,
    moods: Floats,
    artists: NDArray[np.int64],
    *,
    seed: int,
    alphas: Sequence[float] = ALPHAS,
) -> Floats:
    """Ridge regression of each mood; the penalty is chosen inside the training folds, for each mood.

    Parameters
    ----------
    vectors : (n, dim) float32
        Raw; standardised by what the training folds show.
    moods : (n, n_moods) float64
        Finite.
    artists : (n,) int64
        At least two different ones in every training fold, so three in all.
    seed
        Of the folds.

    Returns
    -------
    predicted : (n, n_moods) float64
        Each row by a model that saw no track of its artist.
    """
    predicted = np.empty_like(moods)
    for train, test in _splits(artists, seed):
        inside = np.zeros((len(alphas), moods.shape[1]))
        for fit, check in _splits(artists[train], seed + 1):
            guesses = _ridge(vectors[train[fit]], moods[train[fit]], vectors[train[check]], alphas)
            inside += ((guesses - moods[train[check]]) ** 2).sum(axis=1)
        guesses = _ridge(vectors[train], moods[train], vectors[test], alphas)
        chosen = inside.argmin(axis=0)
        predicted[test] = guesses[chosen, :, np.arange(moods.shape[1])].T
    return predicted


def predict_genres(
    vectors: Matrix,
    genres: NDArray[np.int64],
    artists: NDArray[np.int64],
    *,
    seed: int,
    cs: Sequence[float] = CS,
) -> NDArray[np.int64]:
    """Logistic regression; the penalty is chosen inside the training folds by accuracy.

    Parameters
    ----------
    vectors : (n, dim) float32
        Raw; standardised by what the training folds show.
    genres : (n,) int64
        One class a track.
    artists : (n,) int64
        At least three different ones.
    seed
        Of the folds.

    Returns
    -------
    predicted : (n,) int64
        Each by a model that saw no track of its artist.
    """
    predicted = np.empty_like(genres)
    for train, test in _splits(artists, seed):
        right = np.zeros(len(cs))
        for fit, check in _splits(artists[train], seed + 1):
            guesses = _logistic(vectors[train[fit]], genres[train[fit]], vectors[train[check]], cs)
            right += [np.sum(guess == genres[train[check]]) for guess in guesses]
        best = cs[int(right.argmax())]
        (predicted[test],) = _logistic(vectors[train], genres[train], vectors[test], [best])
    return predicted


def _splits(groups: NDArray[np.int64], seed: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    folds = group_folds(groups, min(N_FOLDS, len(np.unique(groups))), seed=seed)
    for fold in range(folds.max() + 1):
        yield np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)


def _scaled(train: Matrix, test: Matrix) -> tuple[Floats, Floats]:
    mean, deviation = train.mean(axis=0, dtype=np.float64), train.std(axis=0, dtype=np.float64)
    deviation = np.where(deviation > 1e-9, deviation, 1.0)
    return (train - mean) / deviation, (test - mean) / deviation


def _ridge(train: Matrix, targets: Floats, test: Matrix, alphas: Sequence[float]) -> Floats:
    """Predictions for `test`, ``(n_alphas, n_test, n_targets)``, all penalties from one decomposition."""
    x, asked = _scaled(train, test)
    mean = targets.mean(axis=0)
    left, singular, right = np.linalg.svd(x, full_matrices=False)
    projected, asked = left.T @ (targets - mean), asked @ right.T
    shrunk = (singular / (singular**2 + alpha) for alpha in alphas)
    return np.stack([asked @ (factor[:, None] * projected) + mean for factor in shrunk])


def _logistic(
    train: Matrix, classes: NDArray[np.int64], test: Matrix, cs: Sequence[float]
) -> list[NDArray[np.int64]]:
    """Predictions for `test` under each penalty, from the strongest on."""
    if len(np.unique(classes)) == 1:
        return [np.full(len(test), classes[0]) for _ in cs]
    from sklearn.linear_model import LogisticRegression

    x, asked = _scaled(train, test)
    # The weaker penalty starts from the stronger one's answer: a third of the steps.
    model = LogisticRegression(warm_start=True, max_iter=2_000, tol=1e-3)
    guesses = []
    for c in cs:
        model.set_params(C=c)
        guesses.append(model.fit(x, classes).predict(asked))
    return guesses
