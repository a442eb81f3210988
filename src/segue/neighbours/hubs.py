"""Hubs: songs that are near to too many others. How strong they are, and a similarity without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segue.neighbours.contract import Floats, Ids

if TYPE_CHECKING:
    from segue.types import Matrix

_REFERENCES = 500
_ROWS_AT_ONCE = 16_384
# A spread this small happens only among copies; it must not turn rounding into a great distance.
_LEAST_STD = 1e-3


@dataclass(frozen=True, slots=True)
class HubStatistics:
    """How similar each song is to songs at large.

    Attributes
    ----------
    mean, std
        ``(n_rows,)`` float32: mean and standard deviation of a row's cosines with the references.
    references
        ``(n_references, dim)`` float32 unit vectors drawn from the library, kept for songs to come.
    """

    mean: Floats
    std: Floats
    references: Matrix

    def of(self, vectors: Matrix) -> tuple[Floats, Floats]:
        """Mean and standard deviation, ``(n,)`` each, of unit vectors that are not references."""
        mean = np.empty(len(vectors), dtype=np.float32)
        std = np.empty(len(vectors), dtype=np.float32)
        for start in range(0, len(vectors), _ROWS_AT_ONCE):
            cosines = vectors[start : start + _ROWS_AT_ONCE] @ self.references.T
            mean[start : start + _ROWS_AT_ONCE] = cosines.mean(axis=1)
            std[start : start + _ROWS_AT_ONCE] = cosines.std(axis=1)
        return mean, np.maximum(std, np.float32(_LEAST_STD))


def fit_hubs(vectors: Matrix, *, seed: int) -> HubStatistics:
    """Statistics of every row against 500 references drawn from the rows.

    Parameters
    ----------
    vectors
        ``(n_rows, dim)`` float32 unit rows; at least three.
    seed
        Of the draw.

    Notes
    -----
    The work is n x 500 products, not n x n, and a new song needs only its own.
    """
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.choice(len(vectors), min(_REFERENCES, len(vectors)), replace=False))
    empty = np.empty(0, dtype=np.float32)
    fitted = HubStatistics(empty, empty, np.ascontiguousarray(vectors[chosen]))
    mean, std = fitted.of(vectors)
    # A reference meets itself once; that one cosine of 1 is taken out of its sums again.
    n = len(chosen)
    others = (mean[chosen] * n - 1) / (n - 1)
    square = (std[chosen] ** 2 + mean[chosen] ** 2) * n - 1
    mean[chosen] = others
    std[chosen] = np.sqrt(np.maximum(square / (n - 1) - others**2, _LEAST_STD**2))
    return HubStatistics(mean, std, fitted.references)


def mutual_proximity(
    cosines: Floats, mean_a: Floats, std_a: Floats, mean_b: Floats, std_b: Floats
) -> NDArray[np.float32]:
    """Similarity that asks both songs: how unusual is this closeness for the one, and for the other?

    With each song's cosines taken as normal, the probability P that a song at large is closer to *neither*
    of the two is ``(1 - Q_a) (1 - Q_b)``, Q being the upper tails. Returned is ``-log(1 - P)``, which keeps
    apart what in P would all be rounded to 1. A hub is close to many, so that its closeness counts less.

    Parameters
    ----------
    cosines, mean_a, std_a, mean_b, std_b
        Arrays that broadcast; see `HubStatistics`.

    Returns
    -------
    similarity : float32
        Zero or more; grows with the cosine.

    Notes
    -----
    Schnitzer, Flexer, Schedl, Widmer: Local and global scaling reduce hubs in space, JMLR 13, 2012 (mutual
    proximity, Gaussian). The tails are Bowling's logistic approximation (2009).

    Examples
    --------
    >>> mutual_proximity(*(np.float32(x) for x in (0.5, 0.0, 0.1, 0.2, 0.1))).round(2)
    np.float32(6.7)
    """
    tail_a = _log_tail((cosines - mean_a) / std_a)
    tail_b = _log_tail((cosines - mean_b) / std_b)
    # log(1 - P) = log(Q_a + Q_b (1 - Q_a)), and 1 - Q_a is the lower tail.
    rest = -np.logaddexp(tail_a, tail_b + _log_tail(-(cosines - mean_a) / std_a))
    similarity: NDArray[np.float32] = np.maximum(rest, 0.0).astype(np.float32)
    return similarity


def hubness(neighbours: Ids, n_items: int) -> float:
    """Skewness of how often each item is among the neighbours of others; 0 without hubs, above 1 is strong.

    Parameters
    ----------
    neighbours
        ``(n_queries, k)`` positions in ``range(n_items)``; k is usually 10.

    Examples
    --------
    >>> hubness(np.array([[1], [2], [0]]), 3)
    0.0
    >>> round(hubness(np.array([[3], [3], [3], [0]]), 4), 2)
    0.82
    """
    counts = np.bincount(np.asarray(neighbours).ravel(), minlength=n_items).astype(np.float64)
    spread = counts.std()
    return 0.0 if spread == 0 else float(np.mean(((counts - counts.mean()) / spread) ** 3))


def _log_tail(z: Floats) -> NDArray[np.float32]:
    """Logarithm of the normal upper tail at `z`, monotone and finite everywhere."""
    tail: NDArray[np.float32] = -np.logaddexp(0.0, z * (1.5976 + 0.07056 * z * z))
    return tail
