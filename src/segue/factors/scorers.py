"""Scores of tracks for listeners: what every model here gives, and what evaluation and ranking take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float32]


class Scorer(Protocol):
    """Scores every track for the listeners asked about, a block of them at a time."""

    def scores(self, rows: Ints) -> Floats:
        """Scores of all tracks for these listeners, ``(len(rows), n_tracks)``; higher is better."""


@dataclass(frozen=True, slots=True)
class FactorScorer:
    """Scores that are dot products of factors.

    Attributes
    ----------
    listener_factors : (n_listeners, n_factors) float32
        One row a listener.
    track_factors : (n_tracks, n_factors) float32
        One row a track.
    """

    listener_factors: Floats
    track_factors: Floats

    def scores(self, rows: Ints) -> Floats:
        return np.asarray(self.listener_factors[rows] @ self.track_factors.T)


@dataclass(frozen=True, slots=True)
class SumScorer:
    """Scores that are what each listener's plays say, added up: ``plays[rows] @ similarities``.

    Attributes
    ----------
    plays : (n_listeners, n_tracks) csr_array
        Weights of what was played.
    similarities : (n_tracks, n_tracks) csr_array or float32
        How much a play of the row's track speaks for the column's.
    """

    plays: object
    similarities: object

    def scores(self, rows: Ints) -> Floats:
        given = self.plays[rows] @ self.similarities  # type: ignore[index]
        dense = given.toarray() if hasattr(given, "toarray") else given
        return np.ascontiguousarray(dense, dtype=np.float32)
