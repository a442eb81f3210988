"""Raw vectors to comparable ones: every dimension in its own spread, every row of length 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segue.encoders import Scaling
from segue.errors import VectorsError

if TYPE_CHECKING:
    from segue.types import Matrix

_ROWS_AT_ONCE = 65_536


def fit_scaling(vectors: Matrix) -> Scaling:
    """Mean and standard deviation of each dimension over a library.

    A dimension that never changes gets an infinite standard deviation: it says nothing about the library, and
    a new track that differs in it is not thrown to the end of the world by it.

    Parameters
    ----------
    vectors
        ``(n_tracks, dim)`` float32, as an encoder gave them.

    Raises
    ------
    VectorsError
        If there is no row or a value is not finite.

    Examples
    --------
    >>> scaling = fit_scaling(np.array([[1, 5], [3, 5]], dtype=np.float32))
    >>> scaling.mean.tolist(), scaling.std.tolist()
    ([2.0, 5.0], [1.0, inf])
    """
    vectors = _checked(vectors)
    if len(vectors) == 0:
        raise VectorsError("no vectors to take a scaling from: scan some music first")
    mean = vectors.mean(axis=0, dtype=np.float64)
    square = np.zeros_like(mean)
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        centred = vectors[start : start + _ROWS_AT_ONCE] - mean
        square += np.einsum("ij,ij->j", centred, centred)
    std = np.sqrt(square / len(vectors))
    # Below the rounding of float32 a spread is noise, not a difference between songs.
    silent = std <= np.maximum(1e-6 * np.abs(mean), 1e-30)
    return Scaling(mean.astype(np.float32), np.where(silent, np.inf, std).astype(np.float32))


def standardise(vectors: Matrix, scaling: Scaling | None = None) -> Matrix:
    """Rows ready for the cosine: centred and scaled by dimension, then brought to length 1.

    Parameters
    ----------
    vectors
        ``(n_tracks, dim)`` float32.
    scaling
        The library's, or the encoder's published one; None takes it from these vectors.

    Returns
    -------
    unit : (n_tracks, dim) float32
        C order. A row that is exactly the mean has no direction and stays zero.

    Raises
    ------
    VectorsError
        If a value is not finite or the scaling is of other dimensions.

    Examples
    --------
    >>> standardise(np.array([[1, 0, 2], [3, 0, 6]], dtype=np.float32)).round(3)
    array([[-0.707,  0.   , -0.707], [ 0.707,  0.   ,  0.707]], dtype=float32)
    """
    vectors = _checked(vectors)
    if scaling is None:
        if len(vectors) == 0:
            return vectors
        scaling = fit_scaling(vectors)
    if scaling.mean.shape != vectors.shape[1:]:
        raise VectorsError(
            f"a scaling of {scaling.mean.size} dimensions does not fit vectors of {vectors.shape[1]}"
        )
    unit = (vectors - scaling.mean) / scaling.std
    lengths = np.sqrt(np.einsum("ij,ij->i", unit, unit))
    lengths[lengths == 0] = 1.0
    unit /= lengths[:, None]
    return np.ascontiguousarray(unit, dtype=np.float32)


def _checked(vectors: Matrix) -> Matrix:
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    if vectors.ndim != 2:
        raise VectorsError(f"vectors must be (n_tracks, dim), not {vectors.shape}")
    finite = np.isfinite(vectors).all(axis=1)
    if not finite.all():
        raise VectorsError(
            f"the vector in row {int(np.argmin(finite))} is not finite: encode the track again"
        )
    return vectors
