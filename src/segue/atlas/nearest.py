"""The nearest rows of every row of a matrix: exact while that is quick, by inverted lists above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from segue.types import Matrix

    Places = NDArray[np.int64]
    Distances = NDArray[np.float32]

LISTS_FROM = 20_000
"""Rows from which lists are searched: at 100,000 every pair takes minutes on two cores, the lists seconds."""
# Of the lists, of which there are 4 sqrt(n), this many are searched: recall 0.99 (``benchmarks/maps.py``).
_LISTS_SEARCHED = 16
_TRAINING_ROWS_A_LIST = 40
_ROUNDS = 10


def nearest_rows(vectors: Matrix, k: int, *, seed: int = 0) -> tuple[Places, Distances]:
    """The `k` other rows nearest to each row by Euclidean distance, nearest first.

    Parameters
    ----------
    vectors
        ``(n, dim)`` float32.
    k
        How many; ``n - 1`` where there are no more.
    seed
        Of the lists.

    Returns
    -------
    places : (n, k) int64
    distances : (n, k) float32

    Examples
    --------
    >>> nearest_rows(np.array([[0.0], [1.0], [3.0]], dtype=np.float32), 1)
    (array([[1], [0], [1]]), array([[1.], [1.], [2.]], dtype=float32))
    """
    n = len(vectors)
    k = max(0, min(k, n - 1))
    places, distances = nearest_to(vectors, vectors, k + 1, seed=seed)
    # Among copies of a row it may stand anywhere, or not at all: then the farthest goes.
    itself = places == np.arange(n)[:, None]
    itself[~itself.any(axis=1), -1:] = True
    return places[~itself].reshape(n, k), distances[~itself].reshape(n, k)


def nearest_to(queries: Matrix, vectors: Matrix, k: int, *, seed: int = 0) -> tuple[Places, Distances]:
    """The `k` rows of `vectors` nearest to each query by Euclidean distance, nearest first.

    Parameters
    ----------
    queries, vectors
        ``(m, dim)`` and ``(n, dim)`` float32.
    k
        How many; ``n`` where there are no more.
    seed
        Of the lists.

    Returns
    -------
    places : (m, k) int64
    distances : (m, k) float32
    """
    import faiss

    k = max(0, min(k, len(vectors)))
    queries, vectors = (np.ascontiguousarray(rows, dtype=np.float32) for rows in (queries, vectors))
    if k == 0 or len(queries) == 0:
        return np.empty((len(queries), k), np.int64), np.empty((len(queries), k), np.float32)
    if len(vectors) < LISTS_FROM or len(queries) < LISTS_FROM // 100:
        squares, places = faiss.knn(queries, vectors, k)
    else:
        squares, places = _lists(vectors, seed).search(queries, k)
        short = np.flatnonzero(places[:, -1] < 0)  # the lists searched held fewer rows
        if len(short):
            squares[short], places[short] = faiss.knn(queries[short], vectors, k)
    return places.astype(np.int64), np.sqrt(np.maximum(squares, 0)).astype(np.float32)


def _lists(vectors: Matrix, seed: int) -> Any:
    import faiss

    n, dim = vectors.shape
    lists = int(4 * np.sqrt(n))
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(dim), dim, lists)
    index.cp.seed, index.cp.niter, index.cp.min_points_per_centroid = seed % 2**31, _ROUNDS, 1
    index.nprobe = _LISTS_SEARCHED
    size = min(n, lists * _TRAINING_ROWS_A_LIST)
    index.train(vectors[np.sort(np.random.default_rng(seed).choice(n, size, replace=False))])
    index.add(vectors)
    return index
