"""Intervals over artists: coverage, width, repeatability."""

from __future__ import annotations

import numpy as np
import pytest

from segue.evaluation import interval, mean_of, random_vectors, shuffled_vectors


def test_about_95_of_100_intervals_hold_the_truth() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for trial in range(200):
        artists = np.repeat(np.arange(40), rng.integers(1, 6, 40))
        values = rng.standard_normal(40)[artists] + 0.5 * rng.standard_normal(len(artists))
        low, high = interval(artists, mean_of(values), seed=trial, n_draws=300)
        held += low <= 0 <= high
    assert 0.88 <= held / 200 <= 0.99


def test_alike_tracks_of_an_artist_widen_the_interval() -> None:
    rng = np.random.default_rng(1)
    artists = np.repeat(np.arange(20), 10)
    values = rng.standard_normal(20)[artists]
    by_artist = interval(artists, mean_of(values), seed=0)
    by_track = interval(np.arange(200), mean_of(values), seed=0)
    assert by_artist[1] - by_artist[0] > 2 * (by_track[1] - by_track[0])


def test_the_seed_decides() -> None:
    values = np.random.default_rng(2).standard_normal(30)
    first, again, other = (interval(np.arange(30), mean_of(values), seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_a_wider_level_is_a_wider_interval() -> None:
    values = np.random.default_rng(2).standard_normal(30)
    half, most = (interval(np.arange(30), mean_of(values), seed=0, level=level) for level in (0.5, 0.99))
    assert most[0] < half[0] < half[1] < most[1]


def test_controls_know_nothing_but_keep_the_shape() -> None:
    vectors = np.arange(30, dtype=np.float32).reshape(10, 3)
    shuffled = shuffled_vectors(vectors, seed=0)
    assert not np.array_equal(shuffled, vectors)
    np.testing.assert_array_equal(np.sort(shuffled, axis=0), vectors)
    drawn = random_vectors(500, 4, seed=0)
    assert drawn.shape == (500, 4)
    assert drawn.dtype == np.float32
    assert np.abs(drawn.mean()) < 0.1
    assert drawn.std() == pytest.approx(1, abs=0.1)
