"""EASE: a linear model that predicts each track from all others, in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segue.errors import SegueError, UsageError
from segue.factors.scorers import SumScorer
from segue.factors.usage import checked

if TYPE_CHECKING:
    from scipy.sparse import csr_array

MOST_TRACKS = 25_000


def fit_ease(matrix: csr_array, *, regularisation: float = 200.0) -> SumScorer:
    """Weights B with an empty diagonal that minimise ``|P - P B|² + lambda |B|²``.

    Parameters
    ----------
    matrix
        (n_listeners, n_tracks) CSR, plays; only whether a pair was played counts.
    regularisation
        lambda.

    Raises
    ------
    UsageError
        If there are more than 25,000 tracks: it inverts a dense matrix of all pairs of tracks
        (4 bytes a pair, and a time that grows with the cube).

    References
    ----------
    Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019: ``B = I - P / diag(P)`` with P
    the inverse of ``XᵀX + lambda I``.
    """
    from scipy.linalg import lapack
    from scipy.sparse import csr_array

    if not regularisation > 0:
        raise UsageError(f"regularisation must be above 0, not {regularisation:g}")
    counts = checked(matrix)
    n = counts.shape[1]
    if n > MOST_TRACKS:
        raise UsageError(
            f"EASE holds all pairs of tracks, and {n:,} tracks are too many (at most {MOST_TRACKS:,}): "
            "use WMF, or leave out rare tracks"
        )
    played = csr_array((np.ones_like(counts.data), counts.indices, counts.indptr), shape=counts.shape)
    gram = (played.T @ played).toarray()
    gram[np.diag_indices(n)] += np.float32(regularisation)
    # Symmetric, so its transpose is itself in Fortran order: LAPACK works in place, in what may be gigabytes.
    factor, wrong = lapack.spotrf(gram.T, overwrite_a=1)
    inverse, wrong_too = lapack.spotri(factor, overwrite_c=1)
    if wrong or wrong_too:
        raise SegueError("EASE could not invert its matrix: raise the regularisation")
    diagonal = np.diag(inverse).copy()
    _mirror(inverse)
    inverse /= -diagonal[None, :]
    inverse[np.diag_indices(n)] = 0
    return SumScorer(played, inverse)


def _mirror(upper: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> None:
    """Fill the lower half from the upper one, in place, block by block."""
    n, step = len(upper), 1024
    for first in range(0, n, step):
        last = min(first + step, n)
        square = upper[first:last, first:last]
        square[...] = np.triu(square) + np.triu(square, 1).T
        upper[last:, first:last] = upper[first:last, last:].T
