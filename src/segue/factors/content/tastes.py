"""Who listens alike: the space in which listeners share what is known of their tastes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segue.factors.usage import listeners_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float32]

_MOST_FACTORS = 2_048
_POPULARITY_POWER = 0.25


@dataclass(frozen=True, slots=True)
class Tastes:
    """Listeners as points between which plays are shared; see `fit_tastes`.

    Attributes
    ----------
    listeners : (n_listeners, n_factors) float32
        Orthonormal columns.
    spectrum : (n_factors,) float32
        How much of what listeners have in common lies along each, largest first; mean over listeners 1.
    """

    listeners: Floats
    spectrum: Floats

    def targets(self, matrix: csr_array, *, sharing: float) -> Floats:
        """Each track as those who play it, shared among those who listen alike, ``(n_tracks, n_factors)``.

        Kernel ridge regression over listeners: along a factor of spectrum s it keeps ``s / (s + sharing)``.

        Parameters
        ----------
        matrix
            (n_listeners, n_tracks) CSR, plays; that there are plays counts, not how many.
        sharing
            0 keeps each listener's own plays alone.
        """
        from scipy.sparse import csr_array

        # Popular tracks speak a little less: a listener who plays what all play tells little of taste.
        even = np.maximum(listeners_of(matrix), 1.0) ** -_POPULARITY_POWER
        played = csr_array(
            (even[matrix.indices].astype(np.float32), matrix.indices, matrix.indptr), matrix.shape
        )
        places = np.asarray(played.T @ self.listeners)
        return np.asarray(places * self.kept(sharing))

    def kept(self, sharing: float) -> Floats:
        """The share of a listener's own plays that is kept along each factor, ``(n_factors,)``."""
        if sharing == 0:
            return np.ones_like(self.spectrum)
        return np.asarray(self.spectrum / (self.spectrum + np.float32(sharing)))


def fit_tastes(matrix: csr_array, *, listener_power: float = 0.0, track_power: float = 0.5) -> Tastes:
    """Find what listeners have in common.

    Parameters
    ----------
    matrix
        (n_listeners, n_tracks) CSR, plays; also of tracks without content.
    listener_power, track_power
        How much those with many plays weigh less.

    Returns
    -------
    Tastes
        With all factors up to 2,048 listeners, else with the 2,048 largest.
    """
    from scipy.sparse import csr_array, diags_array

    played = csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    n_tracks = np.maximum(np.diff(matrix.indptr), 1.0)
    n_listeners = np.maximum(listeners_of(matrix), 1.0)
    weighed = diags_array(n_tracks**-listener_power) @ played @ diags_array(n_listeners ** -(track_power / 2))
    if matrix.shape[0] <= _MOST_FACTORS:
        spectrum, listeners = np.linalg.eigh((weighed @ weighed.T).toarray())
    else:
        from scipy.sparse.linalg import svds

        k = min(_MOST_FACTORS // 4, min(matrix.shape) - 1)
        listeners, singular, _ = svds(weighed, k=k, random_state=0)
        spectrum = singular**2
    order = np.argsort(-spectrum)
    spectrum = np.maximum(spectrum[order], 0.0)
    spectrum *= matrix.shape[0] / max(float(spectrum.sum()), 1e-12)
    return Tastes(np.ascontiguousarray(listeners[:, order], dtype=np.float32), spectrum.astype(np.float32))
