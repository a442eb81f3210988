"""Neighbourhoods: tracks liked by the same people, and people who like the same tracks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from segue.errors import UsageError
from segue.factors.scorers import SumScorer
from segue.factors.usage import checked

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float32]

Metric = Literal["cosine", "pearson", "adjusted-cosine"]
METRICS = ("cosine", "pearson", "adjusted-cosine")

_BLOCK = 512


def fit_item_knn(matrix: csr_array, *, metric: Metric = "cosine", neighbours: int = 100) -> SumScorer:
    """A track's score is the similarity of the tracks that the listener plays, added up.

    Parameters
    ----------
    matrix
        (n_listeners, n_tracks) CSR, plays; they count as ``log(1 + plays)``.
    metric
        ``cosine``; ``pearson``, which takes from each play the track's mean over all listeners;
        ``adjusted-cosine``, which takes from it the listener's mean over all tracks. Pairs never played are
        zeros and belong to the means, as they do in WMF.
    neighbours
        How many similar tracks each track keeps.
    """
    plays = damped(checked(matrix))
    return SumScorer(plays, _similar_columns(plays, metric, neighbours))


@dataclass(frozen=True, slots=True)
class ListenerKNN:
    """A track's score is what the most similar listeners play of it, each by his similarity.

    Attributes
    ----------
    plays : (n_listeners, n_tracks) csr_array
        Damped counts.
    metric
        As in `fit_item_knn`, with listeners and tracks in each other's place.
    neighbours
        How many similar listeners are asked.
    """

    plays: csr_array
    metric: Metric
    neighbours: int

    def scores(self, rows: Ints) -> Floats:
        columns = self.plays.T.tocsc()  # listeners as columns; a view
        everyone = _Columns.of(columns, self.metric)
        similar = everyone.similar(rows)
        similar[np.arange(len(rows)), rows] = 0
        near = _keep_highest(similar, self.neighbours)
        return np.ascontiguousarray((near @ self.plays).toarray(), dtype=np.float32)


def fit_listener_knn(matrix: csr_array, *, metric: Metric = "cosine", neighbours: int = 200) -> ListenerKNN:
    """Ask the listeners most like the one in question; they are looked for when scores are asked for."""
    if metric not in METRICS:
        raise UsageError(f"no similarity is called {metric!r}: {', '.join(METRICS)}")
    return ListenerKNN(damped(checked(matrix)), metric, neighbours)


def damped(matrix: csr_array) -> csr_array:
    """Counts as ``log(1 + plays)``; the tenth play says less than the first."""
    from scipy.sparse import csr_array

    return csr_array((np.log1p(matrix.data), matrix.indices, matrix.indptr), shape=matrix.shape)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Columns to be compared, each with what has to be taken from products to centre them.

    With m the mean that is taken from every entry of a row (adjusted cosine), the product of centred
    columns i and j is ``x_i·x_j - m·x_i - m·x_j + m·m``; with the mean of each column (Pearson) it is
    ``x_i·x_j - n mean_i mean_j``. So nothing dense of the size of the plays is ever made.
    """

    columns: csr_array
    rows: csr_array
    metric: Metric
    offsets: NDArray[np.float64]
    constant: float
    norms: NDArray[np.float64]

    @classmethod
    def of(cls, matrix: csr_array, metric: Metric) -> _Columns:
        columns = matrix.tocsc()
        n = matrix.shape[0]
        squares = np.asarray(columns.multiply(columns).sum(axis=0), dtype=np.float64).ravel()
        offsets, constant = np.zeros(matrix.shape[1]), 0.0
        if metric == "pearson":
            offsets = np.asarray(columns.sum(axis=0), dtype=np.float64).ravel() / np.sqrt(n)
            squares = squares - offsets**2
        elif metric == "adjusted-cosine":
            means = np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel() / matrix.shape[1]
            offsets, constant = np.asarray(columns.T @ means), float(means @ means)
            squares = squares - 2 * offsets + constant
        elif metric != "cosine":
            raise UsageError(f"no similarity is called {metric!r}: {', '.join(METRICS)}")
        norms = np.sqrt(np.maximum(squares, 1e-12))
        return cls(columns.T.tocsr(), matrix.tocsr(), metric, offsets, constant, norms)

    def similar(self, some: Ints) -> Floats:
        """Similarity of some columns to all, ``(len(some), n)``."""
        products = np.asarray((self.columns[some] @ self.rows).todense(), dtype=np.float32)
        mine, all_ = self.offsets[some][:, None].astype(np.float32), self.offsets[None].astype(np.float32)
        if self.metric == "pearson":
            products -= mine * all_
        elif self.metric == "adjusted-cosine":
            products += np.float32(self.constant) - mine - all_
        products /= self.norms[None].astype(np.float32)
        products /= self.norms[some][:, None].astype(np.float32)
        return products


def _similar_columns(matrix: csr_array, metric: Metric, keep: int) -> csr_array:
    """The `keep` columns most similar to each, as a sparse matrix: row i is what i says of the others."""
    from scipy.sparse import vstack

    every = _Columns.of(matrix, metric)
    n = matrix.shape[1]
    blocks = []
    for first in range(0, n, _BLOCK):
        some = np.arange(first, min(first + _BLOCK, n))
        similar = every.similar(some)
        similar[np.arange(len(some)), some] = 0
        blocks.append(_keep_highest(similar, keep))
    return vstack(blocks, format="csr")


def _keep_highest(similar: Floats, keep: int) -> csr_array:
    """The highest positive entries of each row."""
    from scipy.sparse import csr_array

    n_rows, n = similar.shape
    if keep < n:
        chosen = np.argpartition(similar, n - keep, axis=1)[:, n - keep :]
    else:
        chosen = np.tile(np.arange(n), (n_rows, 1))
    values = np.take_along_axis(similar, chosen, axis=1)
    rows = np.repeat(np.arange(n_rows), chosen.shape[1])
    positive = values.ravel() > 0
    places = (rows[positive], chosen.ravel()[positive])
    return csr_array((values.ravel()[positive], places), shape=similar.shape)
