"""Simulated listeners: seeded, of the right shape, and led by genre, emotion and artist."""

from __future__ import annotations

import numpy as np
import pytest

from segue.errors import UsageError
from segue.experiments.simulated import simulate_plays
from segue.training.datasets.contract import Dataset, Target


def _dataset(n_tracks: int = 40, *, genre: bool = True, mood: bool = True, artists: bool = True) -> Dataset:
    """Track i: genre i % 4, artist i // 4, a mood that only its place decides."""
    rows = np.arange(n_tracks)
    moods = np.random.default_rng(9).random((n_tracks, 3)).astype(np.float32)
    targets = {
        "genre": Target("class", ("a", "b", "c", "d"), rows % 4),
        "mood": Target("values", ("calm", "sad", "tense"), moods),
    }
    return Dataset(
        name="drawn",
        tracks=tuple(f"{row}.wav" for row in rows),
        audio=(),
        titles=("",) * n_tracks,
        artists=tuple(f"artist {row // 4}" if artists else "" for row in rows),
        albums=("",) * n_tracks,
        recordings=("",) * n_tracks,
        targets={name: targets[name] for name, there in (("genre", genre), ("mood", mood)) if there},
    )


def _alike(plays: np.ndarray) -> np.ndarray:
    """Correlation of tracks over listeners."""
    alike = np.corrcoef(np.log1p(plays).T)
    np.fill_diagonal(alike, np.nan)
    return alike


def test_plays_are_seeded_counts_of_every_listener() -> None:
    first, again, other = (simulate_plays(_dataset(), n_listeners=50, seed=seed) for seed in (1, 1, 2))
    assert first.shape == (50, 40) and first.format == "csr" and first.dtype == np.float32
    assert (first.data > 0).all() and (first.data == first.data.round()).all()
    assert (np.asarray(first.sum(axis=1)) > 0).all()
    assert (first != again).nnz == 0 and (first != other).nnz > 0


def test_tracks_of_one_genre_have_listeners_in_common() -> None:
    alike = _alike(simulate_plays(_dataset(mood=False), n_listeners=800, seed=0).toarray())
    same = np.arange(40)[:, None] % 4 == np.arange(40) % 4
    assert np.nanmean(alike[same]) > np.nanmean(alike[~same]) + 0.2


def test_tracks_of_one_mood_have_listeners_in_common() -> None:
    dataset = _dataset(genre=False)
    alike = _alike(simulate_plays(dataset, n_listeners=800, seed=0).toarray())
    moods = dataset.target("mood").values
    distance = np.linalg.norm(moods[:, None] - moods, axis=2)
    near, far = distance < np.quantile(distance, 0.2), distance > np.quantile(distance, 0.8)
    assert np.nanmean(alike[near]) > np.nanmean(alike[far]) + 0.2


def test_tracks_of_one_artist_have_listeners_in_common_if_the_artist_is_known() -> None:
    same = np.arange(40)[:, None] // 4 == np.arange(40) // 4
    known, unknown = (
        _alike(simulate_plays(_dataset(mood=False, artists=there), n_listeners=1_500, seed=0).toarray())
        for there in (True, False)
    )
    assert np.nanmean(known[same]) > np.nanmean(unknown[same]) + 0.05


def test_unknown_genres_and_moods_are_no_obstacle() -> None:
    dataset = _dataset()
    dataset.targets["genre"].values[:5] = -1
    dataset.targets["mood"].values[3:9] = np.nan
    assert np.isfinite(simulate_plays(dataset, n_listeners=10, seed=0).data).all()


def test_without_genres_and_moods_there_is_nothing_to_like() -> None:
    with pytest.raises(UsageError, match="neither genres nor moods"):
        simulate_plays(_dataset(genre=False, mood=False), n_listeners=10, seed=0)
    with pytest.raises(UsageError, match="at least two"):
        simulate_plays(_dataset(), n_listeners=1, seed=0)
