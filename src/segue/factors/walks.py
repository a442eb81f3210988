"""Random walks from what a listener played to others who played it and on to what else they played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Walks:
    """Who played what, ready to be walked.

    Attributes
    ----------
    played : (n_listeners, n_items) csr_array
        1 where a listener played an item.
    from_item : (n_items,) float32
        1 / number of its listeners; 0 without any.
    from_listener : (n_listeners,) float32
        1 / number of its items; 0 without any.
    """

    played: csr_array
    from_item: Floats
    from_listener: Floats

    def arrivals(self, rows: Ints, steps: int) -> Floats:
        """Where walks from an item of the listener, drawn evenly, are after `steps` steps.

        A step goes from an item to one of its listeners and on to one of this listener's items, all equally
        likely. After many steps, items are met as often as they are popular; after few, by those who share
        the listener's items.

        Parameters
        ----------
        rows : (n,) int64
            Listeners.
        steps
            At least 1.

        Returns
        -------
        chances : (n, n_items) float32
            Each row sums to 1, or to 0 for a listener without plays.

        References
        ----------
        F. Fouss et al., "Random-Walk Computation of Similarities between Nodes of a Graph with Application
        to Collaborative Recommendation", IEEE TKDE 19(3), 2007.
        C. Cooper et al., "Random Walks in Recommender Systems: Exact Computation and Simulations", 2014.
        """
        # The first half step is that from a listener to its items.
        at = self.played[rows] * self.from_listener[rows][:, None]
        arrived = np.asarray(at.T.toarray(), dtype=np.float32)
        for _ in range(steps):
            people = self.played @ (arrived * self.from_item[:, None])
            arrived = self.played.T @ (people * self.from_listener[:, None])
        return np.ascontiguousarray(arrived.T, dtype=np.float32)


def walks(matrix: csr_array) -> Walks:
    """Prepare walks over plays.

    Parameters
    ----------
    matrix : (n_listeners, n_items) csr_array
        Plays, above 0; how many does not matter.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> walks(csr_array([[1, 1, 0], [0, 1, 1]])).arrivals(np.array([0]), 1)
    array([[0.375, 0.5  , 0.125]], dtype=float32)
    """
    from scipy.sparse import csr_array

    ones = np.ones(matrix.nnz, dtype=np.float32)
    played = csr_array((ones, matrix.indices, matrix.indptr), shape=matrix.shape)
    n_listeners = np.bincount(matrix.indices, minlength=matrix.shape[1])
    return Walks(played, _shares(n_listeners), _shares(np.diff(matrix.indptr)))


def _shares(counts: NDArray[np.integer]) -> Floats:
    return np.where(counts > 0, 1 / np.maximum(counts, 1), 0).astype(np.float32)
