"""Bootstrap intervals: whole artists are drawn again, or whole listeners, since what is theirs is alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

# Draws whose weights are in memory together.
_BATCH = 100


def mean_of(values: NDArray[np.float64]) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """The weighted mean of `values` as a statistic for `interval`.

    Parameters
    ----------
    values : (n,) float64
        One value a track.

    Examples
    --------
    >>> mean_of(np.array([0.0, 1.0]))(np.array([[1.0, 3.0]]))
    array([0.75])
    """
    return lambda weights: (weights @ values) / weights.sum(axis=1)


def interval(
    clusters: NDArray[np.int64],
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    seed: int,
    n_draws: int = 1_000,
    level: float = 0.95,
) -> tuple[float, float]:
    """Percentile interval of a statistic when clusters are drawn with replacement.

    Parameters
    ----------
    clusters : (n,) int64
        The artist of each track; all of an artist's tracks are drawn together.
    statistic
        Takes weights ``(n_draws, n) float64`` (how often each track was drawn) and returns one number a draw.
    seed
        The same seed gives the same interval.
    n_draws
        How many times the artists are drawn.
    level
        Share of the draws inside the interval.

    Returns
    -------
    low, high : float

    References
    ----------
    B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993; C. A. Field, A. H. Welsh,
    "Bootstrapping clustered data", JRSS B 69, 2007.

    Examples
    --------
    >>> interval(np.arange(4), mean_of(np.array([1.0, 1.0, 1.0, 1.0])), seed=0)
    (1.0, 1.0)
    """
    rng = np.random.default_rng(seed)
    names, member = np.unique(clusters, return_inverse=True)
    chance = np.full(len(names), 1 / len(names))
    draws = []
    for start in range(0, n_draws, _BATCH):
        times = rng.multinomial(len(names), chance, size=min(_BATCH, n_draws - start))
        draws.append(statistic(times[:, member].astype(np.float64)))
    tail = (1 - level) / 2
    low, high = np.quantile(np.concatenate(draws), (tail, 1 - tail))
    return float(low), float(high)


def intervals_of_means(
    values: NDArray[np.float64], *, seed: int, n_draws: int = 1_000, level: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Percentile intervals of the means of many columns when rows are drawn with replacement.

    All columns are taken from the same draws, so two models of one table see the same listeners each time.

    Parameters
    ----------
    values : (n_listeners, n_figures) float64
        NaN where a listener cannot be asked; such a listener does not count in that column.
    seed, n_draws, level
        As in `interval`.

    Returns
    -------
    low, high : (n_figures,) float64
        NaN for a column without any value.

    Examples
    --------
    >>> low, high = intervals_of_means(np.array([[1.0, np.nan], [1.0, 3.0]]), seed=0)
    >>> low, high
    (array([1., 3.]), array([1., 3.]))
    """
    rng = np.random.default_rng(seed)
    n, n_figures = values.shape
    asked = np.isfinite(values)
    filled = np.where(asked, values, 0.0)
    low, high = np.full(n_figures, np.nan), np.full(n_figures, np.nan)
    known = np.flatnonzero(asked.any(axis=0))
    if len(known) == 0:
        return low, high
    asked_as_number = asked[:, known].astype(np.float64)
    draws = []
    for start in range(0, n_draws, _BATCH):
        size = min(_BATCH, n_draws - start)
        times = np.stack([np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(size)])
        counted = times @ asked_as_number
        total = times @ filled[:, known]
        draws.append(np.where(counted > 0, total / np.maximum(counted, 1), np.nan))
    tail = (1 - level) / 2
    low[known], high[known] = np.nanquantile(np.concatenate(draws), (tail, 1 - tail), axis=0)
    return low, high
