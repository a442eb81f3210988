"""How good neighbours and predictions are: arrays in, one value a track or one number out.

Values are given for each track, with NaN where a track cannot be asked (no label, nobody to find), so that a
mean, its interval over artists and a comparison of two encoders can all be made from the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Matrix

# Similarities in memory at a time: 32 MB.
_BLOCK = 4_000_000


def label_precision_at_k(
    unit: Matrix, labels: NDArray[np.int64], artists: NDArray[np.int64], *, k: int = 10
) -> NDArray[np.float64]:
    """Share of the same label among the `k` nearest tracks by other artists.

    Parameters
    ----------
    unit : (n, dim) float32
        Rows of length 1.
    labels : (n,) int64
        Below 0: no label; such a track neither asks nor answers.
    artists : (n,) int64
        Tracks of the same artist never count as neighbours.
    k
        How many neighbours; where fewer are left, their number.

    Returns
    -------
    precision : (n,) float64
        In [0, 1]; NaN for a track without label or without any candidate.
    """
    labels, artists = np.asarray(labels), np.asarray(artists)
    precision = np.full(len(unit), np.nan)
    for rows, similarity in _similarities(unit):
        allowed = (artists[rows, None] != artists) & (labels >= 0)
        ranked, count = _best(np.where(allowed, similarity, -np.inf), k)
        right = labels[ranked] == labels[rows, None]
        right &= np.arange(ranked.shape[1]) < np.minimum(count, k)[:, None]
        asked = (labels[rows] >= 0) & (count > 0)
        precision[rows[asked]] = right[asked].sum(axis=1) / np.minimum(count[asked], k)
    return precision


def hit_at_k(unit: Matrix, artists: NDArray[np.int64], *, k: int = 10) -> NDArray[np.float64]:
    """Whether another track of the same artist is among the `k` nearest.

    Parameters
    ----------
    unit : (n, dim) float32
        Rows of length 1.
    artists : (n,) int64
        The artist of each track.

    Returns
    -------
    hit : (n,) float64
        0 or 1; NaN for an artist's only track.
    """
    artists = np.asarray(artists)
    hit = np.full(len(unit), np.nan)
    alone = _group_sizes(artists) < 2
    for rows, similarity in _similarities(unit):
        ranked, count = _best(similarity, k)
        same = (artists[ranked] == artists[rows, None]) & (np.arange(ranked.shape[1]) < count[:, None])
        hit[rows] = same.any(axis=1)
    hit[alone] = np.nan
    return hit


def r_precision(unit: Matrix, artists: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of the same artist among the R nearest, R being the number of the artist's other tracks.

    Parameters
    ----------
    unit : (n, dim) float32
        Rows of length 1.
    artists : (n,) int64
        The artist of each track.

    Returns
    -------
    precision : (n,) float64
        In [0, 1]; NaN for an artist's only track.
    """
    artists = np.asarray(artists)
    others = _group_sizes(artists) - 1
    precision = np.full(len(unit), np.nan)
    longest = int(others.max(initial=0))
    if longest == 0:
        return precision
    for rows, similarity in _similarities(unit):
        ranked, _ = _best(similarity, longest)
        same = artists[ranked] == artists[rows, None]
        same &= np.arange(ranked.shape[1]) < others[rows, None]
        precision[rows] = same.sum(axis=1) / np.maximum(others[rows], 1)
    precision[others == 0] = np.nan
    return precision


def occurrences(unit: Matrix, *, k: int = 10) -> NDArray[np.float64]:
    """How often each track is among the `k` nearest of the others, ``(n,) float64``.

    Parameters
    ----------
    unit : (n, dim) float32
        Rows of length 1.
    """
    seen = np.zeros(len(unit))
    for _, similarity in _similarities(unit):
        ranked, count = _best(similarity, k)
        listed = ranked[np.arange(ranked.shape[1]) < count[:, None]]
        seen += np.bincount(listed, minlength=len(unit))
    return seen


def skewness(values: NDArray[np.float64], weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Third standardised moment; of `occurrences` it is the hubness (0: nobody is everybody's neighbour).

    Parameters
    ----------
    values : (n,) float64
        The sample.
    weights : (n_draws, n) float64, optional
        How often each value counts, one row a draw; once each by default.

    Returns
    -------
    skewness : (n_draws,) float64
        ``(1,)`` without weights; 0 where all values are equal.

    References
    ----------
    M. Radovanović, A. Nanopoulos, M. Ivanović, "Hubs in Space", JMLR 11, 2010.
    """
    weights = np.ones((1, len(values))) if weights is None else weights
    total = weights.sum(axis=1)
    offset = values - ((weights @ values) / total)[:, None]
    spread = np.sqrt((weights * offset**2).sum(axis=1) / total)
    third = (weights * offset**3).sum(axis=1) / total
    level = spread > 1e-12
    return np.where(level, third / np.where(level, spread, 1.0) ** 3, 0.0)


def pearson_r(
    truth: NDArray[np.float64], guess: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Pearson's correlation of each column, averaged over the columns.

    Parameters
    ----------
    truth, guess : (n, n_columns) float64
        What was to be said and what was said.
    weights : (n_draws, n) float64, optional
        How often each row counts, one row a draw; once each by default.

    Returns
    -------
    r : (n_draws,) float64
        In [-1, 1]; a column that does not vary counts as 0.
    """
    weights = np.ones((1, len(truth))) if weights is None else weights
    share = weights / weights.sum(axis=1, keepdims=True)
    x, y = truth - truth.mean(axis=0), guess - guess.mean(axis=0)
    mean_x, mean_y = share @ x, share @ y
    joint = share @ (x * y) - mean_x * mean_y
    spread = (share @ x**2 - mean_x**2) * (share @ y**2 - mean_y**2)
    level = spread > 1e-18
    correlation = np.where(level, joint / np.sqrt(np.where(level, spread, 1.0)), 0.0)
    return np.asarray(correlation.mean(axis=1))


def accuracy(truth: NDArray[np.int64], guess: NDArray[np.int64]) -> float:
    """Share of `guess` that is right.

    Examples
    --------
    >>> accuracy(np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2]))
    0.75
    """
    return float(np.mean(np.asarray(truth) == np.asarray(guess)))


def _group_sizes(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each track, how many tracks its group has, ``(n,) int64``."""
    _, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return np.asarray(counts[inverse], dtype=np.int64)


def _similarities(unit: Matrix) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float64]]]:
    """Blocks of rows and their cosines with every track, -inf with themselves."""
    # Rounded: what is equal but for the order of a sum shall tie, and ties go to the earlier track.
    step = max(1, _BLOCK // max(1, len(unit)))
    for start in range(0, len(unit), step):
        rows = np.arange(start, min(len(unit), start + step))
        similarity = np.round(unit[rows].astype(np.float64) @ unit.T.astype(np.float64), 12)
        similarity[np.arange(len(rows)), rows] = -np.inf
        yield rows, similarity


def _best(similarity: NDArray[np.float64], k: int) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """The `k` most similar of each row, ties to the earlier, and how many of the row are allowed at all."""
    count = np.isfinite(similarity).sum(axis=1)
    order = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
    return order, count
