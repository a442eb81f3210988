"""Objectives of a network: what its predictions are judged by while it learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from segue.factors.content.network import Objective

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]


def list_objective(tracks: csr_array, listener_factors: Floats | None) -> Objective:
    """Each listener's plays above the other tracks of a batch: cross-entropy of a softmax over its tracks.

    Parameters
    ----------
    tracks
        (n_tracks, n_listeners) CSR, who plays each track.
    listener_factors : (n_listeners, n_factors) float32 or None
        Scores are dot products with them; None where the outputs are the scores, one a listener.

    References
    ----------
    Cao et al., "Learning to rank: from pairwise approach to listwise approach", ICML 2007 (top one).
    """

    def gradient(rows: Ints, outputs: Floats) -> Floats:
        played = tracks[rows]
        listeners = np.unique(played.indices)
        plays = played[:, listeners].toarray()
        scores = (
            outputs[:, listeners] if listener_factors is None else outputs @ listener_factors[listeners].T
        )
        share = np.exp(scores - scores.max(axis=0))
        share /= share.sum(axis=0)
        wrong = ((share * plays.sum(axis=0) - plays) / len(rows)).astype(np.float32)
        if listener_factors is not None:
            return np.asarray(wrong @ listener_factors[listeners])
        whole = np.zeros_like(outputs)
        whole[:, listeners] = wrong
        return whole

    return gradient


def squares_objective(targets: Floats) -> Objective:
    """Mean squared error of the factors."""

    def gradient(rows: Ints, outputs: Floats) -> Floats:
        return np.asarray((outputs - targets[rows]) * np.float32(2 / len(rows)))

    return gradient


def wpe_objective(added: csr_array, listeners: Floats, centre: Floats, scale: Floats) -> Objective:
    """Weighted prediction error: WMF's own, with the track's factors predicted.

    ``sum_u c (p - x_u·y)²`` over all listeners, y being ``output * scale + centre``.

    Parameters
    ----------
    added
        (n_tracks, n_listeners) CSR, ``c - 1`` of the pairs that were played.
    listeners : (n_listeners, n_factors) float32
        x, which stay as they are.
    centre, scale : (n_factors,) float32
        Of standardised factors.

    References
    ----------
    van den Oord, Dieleman, Schrauwen, "Deep content-based music recommendation", NIPS 2013, equation 5.
    """
    from scipy.sparse import csr_array

    everywhere = listeners.T @ listeners
    size = np.float32(2 / max(float(np.trace(everywhere)) / len(everywhere), 1e-9))

    def gradient(rows: Ints, outputs: Floats) -> Floats:
        factors = outputs * scale + centre
        part = added[rows]
        row_of = np.repeat(np.arange(len(rows)), np.diff(part.indptr))
        given = np.einsum("nf,nf->n", listeners[part.indices], factors[row_of])
        pull = csr_array((part.data * given - (part.data + 1), part.indices, part.indptr), shape=part.shape)
        slope = factors @ everywhere + pull @ listeners
        return np.asarray(slope * scale * (size / len(rows)), dtype=np.float32)

    return gradient


def mcos_objective(targets: Floats) -> Objective:
    """Each prediction towards its own target and away from the batch's others, by cosine (MCOS, thesis A).

    With ``S[i, j] = cos(target i, prediction j) + 1`` the score of k is ``cos(k, k) / sum_i S[i, k]``; its
    mean is to be high. Lengths are not learned.
    """
    lengths = np.maximum(np.linalg.norm(targets, axis=1, keepdims=True), 1e-9)
    directions = targets / lengths

    def gradient(rows: Ints, outputs: Floats) -> Floats:
        own = directions[rows]
        norms = np.maximum(np.linalg.norm(outputs, axis=1, keepdims=True), 1e-6)
        predicted = outputs / norms
        right = (own * predicted).sum(axis=1)
        whole = (predicted @ own.sum(axis=0)) + len(rows)
        # d(right / whole) with respect to the direction of each prediction, then to its outputs.
        slope = own / whole[:, None] - (right / whole**2)[:, None] * own.sum(axis=0)
        along = (slope * predicted).sum(axis=1, keepdims=True)
        return np.asarray(-(slope - along * predicted) / norms, dtype=np.float32)

    return gradient
