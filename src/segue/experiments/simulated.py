"""Simulated listeners, plainly called so: tastes for genres, emotions, artists; plays drawn from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segue.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from segue.training.datasets.contract import Dataset

    Floats = NDArray[np.float64]

# What a taste is worth, as the logarithm of how much likelier a play becomes. Genre and emotion can be heard,
# the artist hardly, and being known not at all: a part of every play that no sound explains.
_GENRE, _EMOTION, _ARTIST, _KNOWN = 1.5, 1.2, 0.7, 0.4
_MEDIAN_PLAYS, _SPREAD_OF_PLAYS = 60, 0.7
_LEAST_LIKED = 0.02


def simulate_plays(dataset: Dataset, *, n_listeners: int, seed: int) -> csr_array:
    """Plays of listeners who do not exist.

    Each listener likes some genres (shares from a Dirichlet distribution), some emotions (a random direction
    among the data set's moods) and some artists; a track's chance of a play is the product of the three and
    of how well known the track is. The number of plays of a listener is log-normal. What the data set does
    not know (moods of GTZAN, an unknown artist) has no say.

    Parameters
    ----------
    dataset
        With the target ``genre`` (one a track) or ``mood`` (values), or both.
    n_listeners
        At least 2.
    seed
        The same seed gives the same plays.

    Returns
    -------
    csr_array
        (n_listeners, n_tracks) float32: plays.

    Raises
    ------
    UsageError
        If neither genres nor moods are known, or there are fewer than two listeners or tracks.
    """
    from scipy.sparse import csr_array

    if n_listeners < 2 or len(dataset) < 2:
        raise UsageError(f"{n_listeners} listeners of {len(dataset)} tracks: at least two of both are needed")
    rng = np.random.default_rng(seed)
    liking = _KNOWN * rng.standard_normal(len(dataset))[None, :]
    genre, moods = _genres(dataset), _moods(dataset)
    if genre is None and moods is None:
        raise UsageError(f"{dataset.name} has neither genres nor moods: listeners cannot be simulated")
    if genre is not None:
        shares = rng.dirichlet(np.full(genre.max() + 1, 0.4), n_listeners)
        taste = np.log(shares + _LEAST_LIKED)
        liking = liking + _GENRE * np.where(genre >= 0, taste[:, genre], taste.mean(axis=1, keepdims=True))
    if moods is not None:
        directions = rng.standard_normal((n_listeners, moods.shape[1])) / np.sqrt(moods.shape[1])
        liking = liking + _EMOTION * directions @ moods.T
    artist = np.unique(np.array(dataset.artists), return_inverse=True)[1]
    fondness = rng.exponential(size=(n_listeners, artist.max() + 1))
    known = np.array([bool(name) for name in dataset.artists])
    liking = liking + _ARTIST * np.where(known, fondness[:, artist], 1.0)
    return csr_array(_draw(liking, rng), dtype=np.float32)


def _draw(liking: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    chance = np.exp(liking - liking.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    times = np.exp(_SPREAD_OF_PLAYS * rng.standard_normal(len(liking)))
    return rng.multinomial(np.maximum(1, _MEDIAN_PLAYS * times).astype(np.int64), chance)


def _genres(dataset: Dataset) -> NDArray[np.int64] | None:
    """(n_tracks,) -1 where not known."""
    target = dataset.targets.get("genre")
    if target is None or target.kind != "class" or not target.known.any():
        return None
    return target.values.astype(np.int64)


def _moods(dataset: Dataset) -> Floats | None:
    """(n_tracks, n_moods), each of mean 0 and deviation 1 over the tracks; 0 where not known."""
    target = dataset.targets.get("mood")
    if target is None or target.kind != "values" or not target.known.any():
        return None
    values = target.values.astype(np.float64)
    deviation = np.nanstd(values, axis=0)
    scaled = (values - np.nanmean(values, axis=0)) / np.where(deviation > 0, deviation, 1)
    return np.where(np.isnan(scaled), 0, scaled)
