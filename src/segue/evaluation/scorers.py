"""Scorers that know nothing of taste: what every model is to be compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SameForAll:
    """One score a track, whoever listens: popularity.

    Attributes
    ----------
    track_scores : (n_tracks,) float32
        Such as the number of listeners.
    """

    track_scores: Scores

    def scores(self, rows: Ints) -> Scores:
        return np.tile(self.track_scores, (len(rows), 1))


@dataclass(frozen=True, slots=True)
class RandomScorer:
    """Random scores, the same for a listener each time.

    Attributes
    ----------
    n_tracks
        How many tracks there are.
    seed
        The same seed gives the same scores.
    """

    n_tracks: int
    seed: int

    def scores(self, rows: Ints) -> Scores:
        drawn = [
            np.random.default_rng((self.seed, row)).random(self.n_tracks, dtype=np.float32)
            for row in rows.tolist()
        ]
        return np.stack(drawn) if drawn else np.empty((0, self.n_tracks), dtype=np.float32)
