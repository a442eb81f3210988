"""Vectors on a plane: what is alike lies side by side (t-SNE); new ones are placed among old ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segue.atlas.nearest import nearest_rows, nearest_to
from segue.errors import VectorsError
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from segue.types import Matrix

    Positions = NDArray[np.float32]

_PERPLEXITY = 30
_TOO_FEW = 10
"""Below this many rows there are no neighbourhoods to keep: their two main directions are the map."""
_GATHERING, _SPREADING = 150, 300
_GATHERING_STRENGTH = 12.0
_STEPS_A_WORD = 10
# Two units an interval: four times faster than openTSNE's one, with the same neighbours (benchmarks/maps.py).
_UNITS_AN_INTERVAL = 2
_GRID_FROM = 3_000
_START_SPREAD = 1e-4
_PLACED_BY = 10


def project(
    vectors: Matrix,
    *,
    seed: int = 0,
    start: Positions | None = None,
    progress: Progress | None = None,
) -> Positions:
    """A map of vectors: t-SNE (van der Maaten and Hinton 2008) on a grid (Linderman et al. 2019).

    The learning rate grows with the number of rows (Belkina et al. 2019) and the start is not random
    (Kobak and Berens 2019), so that large distances mean something too.

    Parameters
    ----------
    vectors
        ``(n, dim)`` float32, compared by Euclidean distance: unit rows, to compare by the cosine.
    seed
        Tells copies apart, and chooses how neighbours are found among many rows.
    start
        ``(n, 2)`` positions to start from, such as an older map: left stays left and up stays up. None starts
        from the two main directions of the vectors.
    progress
        Is told how far it is.

    Returns
    -------
    positions : (n, 2) float32
        Centred; the same on one machine for the same input.

    Raises
    ------
    VectorsError
        If the vectors are not finite, or `start` does not fit them.

    Examples
    --------
    >>> corners = np.array([[0, 0, 0], [4, 0, 0], [2, 1, 0]], dtype=np.float32)
    >>> abs(project(corners)).round(2)
    array([[2.  , 0.33], [2.  , 0.33], [0.  , 0.67]], dtype=float32)
    """
    vectors = _checked(vectors)
    if start is not None and np.shape(start) != (len(vectors), 2):
        raise VectorsError(f"positions {np.shape(start)} to start from do not fit {len(vectors)} vectors")
    positions: NDArray[np.floating] = _main_directions(vectors)
    if len(vectors) >= _TOO_FEW:
        progress = progress or Silent()
        # An older map has its groups already: gathering them would only lose where they were.
        gathering = _GATHERING_STRENGTH if start is None else 1.0
        first = positions if start is None else np.asarray(start)
        positions = _tsne(vectors, first, gathering, seed, progress)
        progress.finish()
    if len(vectors):
        positions = positions - positions.mean(axis=0)
    if start is not None:
        positions = _turned(positions, np.asarray(start, dtype=np.float64))
    return np.ascontiguousarray(positions, dtype=np.float32)


def place(new: Matrix, old: Matrix, positions: Positions, *, seed: int = 0) -> Positions:
    """Where new tracks belong on a map that stays as it is.

    A new track lies amid its ten nearest old ones, those left out that the map has put elsewhere than most.

    Parameters
    ----------
    new, old
        ``(m, dim)`` and ``(n, dim)`` float32, n at least 1.
    positions
        ``(n, 2)``: of the old ones.
    seed
        As in `project`.

    Returns
    -------
    positions : (m, 2) float32

    Examples
    --------
    >>> old = np.array([[0.0], [1.0], [9.0]], dtype=np.float32)
    >>> place(np.array([[9.0]], dtype=np.float32), old, np.array([[0, 0], [1, 0], [5, 5]]))
    array([[5., 5.]], dtype=float32)
    """
    new, old = _checked(new), _checked(old)
    if len(old) == 0:
        raise VectorsError("there is nothing on the map to place tracks among: make it anew")
    rows, distances = nearest_to(new, old, _PLACED_BY, seed=seed)
    near = np.asarray(positions, dtype=np.float64)[rows]
    # A copy of an old track has nearly all of the weight; others share it by how much nearer they are.
    weight = 1.0 / np.maximum(distances, 1e-6).astype(np.float64) ** 2
    weight /= weight.sum(axis=1, keepdims=True)
    apart = np.linalg.norm(near[:, :, None] - near[:, None], axis=3)
    middle = np.argmin((apart * weight[:, None]).sum(axis=2), axis=1)
    from_middle = np.take_along_axis(apart, middle[:, None, None], axis=1)[:, 0]
    weight *= from_middle <= np.median(from_middle, axis=1, keepdims=True)
    weight /= weight.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("ij,ijk->ik", weight, near), dtype=np.float32)


def _checked(vectors: Matrix) -> Matrix:
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    if vectors.ndim != 2:
        raise VectorsError(f"vectors must be (n, dim), not {vectors.shape}")
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        raise VectorsError(f"the vector in row {int(np.argmin(finite))} is not finite: leave it out")
    return vectors


def _main_directions(vectors: Matrix) -> Positions:
    """The first two principal components ``(n, 2)``, with signs that do not depend on the library used."""
    n = len(vectors)
    positions = np.zeros((n, 2), dtype=np.float32)
    if n < 2:
        return positions
    centred = vectors - vectors.mean(axis=0, dtype=np.float64)
    if n <= vectors.shape[1]:
        values, directions = np.linalg.eigh(centred @ centred.T)
        found = directions[:, ::-1][:, :2] * np.sqrt(np.maximum(values[::-1][:2], 0))
    else:
        found = centred @ np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :2]
    found *= np.where(found[np.abs(found).argmax(axis=0), np.arange(found.shape[1])] < 0, -1, 1)
    positions[:, : found.shape[1]] = found
    return positions


def _turned(positions: NDArray[np.floating], like: NDArray[np.float64]) -> NDArray[np.floating]:
    """Centred positions turned, or mirrored, as near to others as that can bring them (Procrustes)."""
    left, _, right = np.linalg.svd(
        positions.T.astype(np.float64) @ (like - (like.mean(axis=0) if len(like) else 0.0))
    )
    return np.asarray(positions @ (left @ right))


def _tsne(
    vectors: Matrix, first: Positions, gathering: float, seed: int, progress: Progress
) -> NDArray[np.float64]:
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    n = len(vectors)
    perplexity = min(_PERPLEXITY, (n - 1) / 3)
    progress.start("Finding neighbours", None)
    rows, distances = nearest_rows(vectors, int(3 * perplexity), seed=seed)
    likeness = PerplexityBasedNN(
        perplexity=perplexity, knn_index=PrecomputedNeighbors(rows, distances.astype(np.float64))
    )
    del rows, distances
    map_ = TSNEEmbedding(
        _small(first, seed),
        likeness,
        negative_gradient_method="fft" if n >= _GRID_FROM else "bh",
        ints_in_interval=_UNITS_AN_INTERVAL,
        n_jobs=1,  # with more, sums come in another order each time and the map is another
        random_state=seed % 2**32,
        callbacks=lambda *_: progress.advance(_STEPS_A_WORD),
        callbacks_every_iters=_STEPS_A_WORD,
    )
    progress.start("Drawing the map", _GATHERING + _SPREADING)
    map_.optimize(_GATHERING, exaggeration=gathering, momentum=0.5, inplace=True)
    map_.optimize(_SPREADING, momentum=0.8, inplace=True)
    return np.array(map_, dtype=np.float64)


def _small(first: Positions, seed: int) -> NDArray[np.float64]:
    """A start near the middle, where t-SNE begins; a hundredth of it drawn, so that copies can part."""
    drawn = np.random.default_rng(seed).standard_normal(first.shape)
    spread = np.std(first[:, 0], dtype=np.float64) or 1.0
    centred = (first - first.mean(axis=0, dtype=np.float64)) / spread
    return np.asarray((centred + 0.01 * drawn) * _START_SPREAD)
