"""Similarity as a percentage: the share of the library's pairs that are less alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segue.neighbours.contract import Floats
from segue.neighbours.hubs import HubStatistics, mutual_proximity

if TYPE_CHECKING:
    from segue.types import Matrix

_PAIRS = 200_000
_PAIRS_AT_ONCE = 20_000
# Neighbours live in the last percent, so a third of the steps are spent on it.
_LEVELS = np.concatenate([np.linspace(0.0, 0.99, 701), 1.0 - np.logspace(-2, -5, 301)[1:]])


@dataclass(frozen=True, slots=True)
class Calibration:
    """Quantiles of the similarity of random pairs.

    Attributes
    ----------
    quantiles
        ``(1001,)`` float32, ascending: 701 steps up to the 99th percentile, then 300 ever finer ones.
    """

    quantiles: Floats

    def match(self, similarities: Floats) -> NDArray[np.float64]:
        """Percentiles in [0, 100], never falling as the similarity grows.

        Examples
        --------
        >>> calibration = Calibration(np.linspace(0, 1, 1001, dtype=np.float32))
        >>> calibration.match(np.array([-1.0, 0.5, 2.0], dtype=np.float32)).round(1).tolist()
        [0.0, 70.7, 100.0]
        """
        levels = np.interp(np.asarray(similarities, dtype=np.float64), self.quantiles, _LEVELS)
        # Above all sampled pairs: still short of 100, which is for what no pair can exceed.
        top = self.quantiles[-1]
        return np.where(np.asarray(similarities) > top, 1.0, levels) * 100.0


def similarity_quantiles(vectors: Matrix, *, seed: int, hubs: HubStatistics | None = None) -> Calibration:
    """Calibration from random pairs of a library: all pairs of a small one, 200,000 of a large one.

    Parameters
    ----------
    vectors
        ``(n_rows, dim)`` float32 unit rows.
    seed
        Of the draw.
    hubs
        If given, pairs are compared by `mutual_proximity`, else by the cosine.
    """
    first, second = _pairs(len(vectors), seed)
    similarities = np.empty(len(first), dtype=np.float32)
    for start in range(0, len(first), _PAIRS_AT_ONCE):
        part = slice(start, start + _PAIRS_AT_ONCE)
        a, b = first[part], second[part]
        cosines = np.einsum("ij,ij->i", vectors[a], vectors[b])
        if hubs is not None:
            cosines = mutual_proximity(cosines, hubs.mean[a], hubs.std[a], hubs.mean[b], hubs.std[b])
        similarities[part] = cosines
    if len(similarities) == 0:
        # One track alone: nothing to compare with, so the cosine itself is all there is.
        return Calibration(np.linspace(-1.0, 1.0, len(_LEVELS), dtype=np.float32))
    return Calibration(np.quantile(similarities, _LEVELS).astype(np.float32))


def _pairs(n: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of pairs of different rows."""
    if n * (n - 1) // 2 <= _PAIRS:
        first, second = np.triu_indices(n, 1)
        return first.astype(np.int64), second.astype(np.int64)
    rng = np.random.default_rng(seed)
    first = rng.integers(0, n, _PAIRS)
    return first, (first + rng.integers(1, n, _PAIRS)) % n
