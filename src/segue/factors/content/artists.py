"""What is known of a new track's artist: the mean of the known factors, shrunk towards the prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import UsageError
from segue.factors.content.folds import hold_out_groups
from segue.factors.content.inputs import Content
from segue.factors.content.regression import fit_content

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Artists = NDArray[np.int64] | NDArray[np.str_]

_STRENGTHS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 1e6)


@dataclass(frozen=True, slots=True)
class ArtistMeans:
    """The factors of known artists; see `fit_artists`.

    Attributes
    ----------
    artists : (n_artists,)
        Sorted.
    sums : (n_artists, n_factors) float64
        Of the factors of each artist's known tracks.
    numbers : (n_artists,) int64
        How many known tracks each has.
    strength
        How many known tracks a prediction from content is worth.
    """

    artists: Artists
    sums: NDArray[np.float64]
    numbers: NDArray[np.int64]
    strength: float

    def shrunk(self, predicted: Floats, artists: Artists) -> Floats:
        """Predictions drawn to what is known of the artist, ``(n, n_factors) float32``.

        ``(sum of the artist's known factors + strength * prediction) / (number + strength)``: the posterior
        mean when tracks scatter around their artist and artists around what content says.

        Parameters
        ----------
        predicted : (n, n_factors) float32
            From content alone.
        artists : (n,)
            Of the same tracks; an artist without known tracks changes nothing.
        """
        at = np.minimum(np.searchsorted(self.artists, artists), len(self.artists) - 1)
        known = (self.artists[at] == artists)[:, None]
        sums = np.where(known, self.sums[at], 0.0)
        numbers = np.where(known, self.numbers[at][:, None], 0)
        return np.asarray((sums + self.strength * predicted) / (numbers + self.strength), dtype=np.float32)


def fit_artists(
    content: Content, factors: Floats, artists: Artists, *, method: str, seed: int = 0
) -> ArtistMeans:
    """Gather what is known of each artist; how much a prediction is worth, artists left out decide.

    Their tracks are predicted by a model that never saw them, and each is estimated from the artist's others
    and its own content; the strength with the least squared error is taken.

    Parameters
    ----------
    content
        Of the known tracks.
    factors : (n_tracks, n_factors) float32
        Of the same tracks.
    artists : (n_tracks,)
        Of the same tracks.
    method
        Of prediction, as in `fit_content`.
    seed
        Of everything drawn.

    Raises
    ------
    UsageError
        If artists do not fit the tracks, or as in `fit_content`.
    """
    if len(artists) != len(factors):
        raise UsageError(f"{len(artists)} artists do not fit {len(factors)} tracks")
    _, first, member, numbers = np.unique(artists, return_index=True, return_inverse=True, return_counts=True)
    sums = np.zeros((len(first), factors.shape[1]))
    np.add.at(sums, member, factors)
    held = hold_out_groups(member, seed=seed)
    asked = np.flatnonzero(held & (numbers[member] > 1))
    strength = _STRENGTHS[-1]
    if len(asked):
        model = fit_content(
            content.rows(~held), factors[~held], groups=member[~held], method=method, seed=seed
        )
        predicted, _ = model.predict(content.rows(asked))
        others, n_others = sums[member[asked]] - factors[asked], (numbers[member[asked]] - 1)[:, None]
        errors = [
            float((((others + k * predicted) / (n_others + k) - factors[asked]) ** 2).sum())
            for k in _STRENGTHS
        ]
        strength = _STRENGTHS[int(np.argmin(errors))]
    known: Artists = artists[first]
    return ArtistMeans(known, sums, numbers, strength)
