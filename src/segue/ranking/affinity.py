"""How near each track of a library is to what a listener played, and to what the listener refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.ranking.space import Floats, Ids, Space

Doubles = NDArray[np.float64]

WIDTH = 1.0
"""Width of the kernel, in standard deviations of the library's cosines (benchmarks/tastes.py)."""

_CELLS = 4_000_000
_HIGHEST = 80.0
_SAMPLE = 500


@dataclass(frozen=True, slots=True)
class Closeness:
    """Cosines of a library in units of its spread, hubs corrected: what a cosine of 0.4 means differs
    from encoder to encoder and from track to track.

    Attributes
    ----------
    mean, std
        ``(n,)`` float32 of each track's cosines with tracks at large.
    """

    mean: Floats
    std: Floats

    def of(self, cosines: Floats, rows: Ids, columns: Ids) -> Floats:
        """Cosines ``(r, c)`` of some tracks with others as standard scores, the mean of both sides'."""
        row, column = 1 / self.std[rows], 1 / self.std[columns]
        scores = cosines * (row[:, None] + column[None])
        scores -= (self.mean[rows] * row)[:, None]
        scores -= (self.mean[columns] * column)[None]
        scores *= np.float32(0.5)
        return np.asarray(scores, dtype=np.float32)


def closeness(space: Space, *, seed: int = 0) -> Closeness:
    """The hub statistics of the index; a small library, which has none, takes one mean and one spread."""
    hubs = space.neighbourhood.hubs
    if hubs is not None:
        return Closeness(hubs.mean, hubs.std)
    rng = np.random.default_rng(seed)
    n = len(space)
    drawn = space.vectors(np.sort(rng.choice(n, min(n, _SAMPLE), replace=False)))
    cosines = (drawn @ drawn.T)[np.triu_indices(len(drawn), 1)]
    mean, std = (float(cosines.mean()), float(cosines.std())) if len(cosines) > 1 else (0.0, 1.0)
    return Closeness(np.full(n, mean, np.float32), np.full(n, max(std, 1e-3), np.float32))


def affinities(
    space: Space, near: Closeness, positions: Ids, weights: Doubles, *, width: float = WIDTH
) -> Floats:
    """Soft nearest neighbours: the kernels ``exp(closeness / width)`` around some tracks, summed by weight.

    Parameters
    ----------
    positions
        ``(m,)`` rows of the space: played or refused tracks.
    weights
        ``(m, t)``: what each counts in each of `t` sums.
    width
        In standard deviations. A small one asks the nearest track only, a large one all together.

    Returns
    -------
    sums : (t, n) float32
        A track does not count for itself.
    """
    n, m = len(space), len(positions)
    sums = np.zeros((weights.shape[1], n), dtype=np.float32)
    if m == 0:
        return sums
    anchors = space.vectors(positions)
    columns = np.ascontiguousarray(weights, dtype=np.float32)
    place = np.full(n, -1, dtype=np.int64)
    place[positions] = np.arange(m)
    step = max(1, _CELLS // m)
    for start in range(0, n, step):
        rows = np.arange(start, min(n, start + step))
        scores = near.of(space.vectors(rows) @ anchors.T, rows, positions)
        scores /= np.float32(width)
        kernels = np.exp(np.minimum(scores, _HIGHEST, out=scores), out=scores)
        own = np.flatnonzero(place[rows] >= 0)
        kernels[own, place[rows[own]]] = 0.0
        sums[:, rows] = (kernels @ columns).T
    return sums
