"""What is known of an artist helps to place a new track, as far as it should."""

from __future__ import annotations

import numpy as np
import pytest

from segue.errors import UsageError
from segue.factors.content import ArtistMeans, Content, fit_artists


def test_means_are_shrunk_towards_the_prediction() -> None:
    means = ArtistMeans(np.array([3, 7]), np.array([[4.0], [9.0]]), np.array([2, 3]), strength=2.0)
    shrunk = means.shrunk(np.array([[1.0], [1.0], [1.0]], np.float32), np.array([7, 3, 5]))
    np.testing.assert_allclose(shrunk[:, 0], [(9 + 2) / 5, (4 + 2) / 4, 1.0])


@pytest.mark.parametrize(("scatter", "believed"), [(0.05, True), (30.0, False)])
def test_how_far_is_chosen_by_how_alike_an_artists_tracks_are(scatter: float, believed: bool) -> None:
    rng = np.random.default_rng(0)
    artists = np.repeat(np.arange(60), 5)
    factors = rng.standard_normal((60, 3))[artists] + scatter * rng.standard_normal((300, 3))
    content = Content(rng.standard_normal((300, 2)))  # says nothing
    means = fit_artists(content, factors.astype(np.float32), artists, method="ridge")
    assert (means.strength <= 0.5) == believed


def test_artists_may_be_names() -> None:
    content, factors = Content(np.arange(30.0)[:, None]), np.ones((30, 2), np.float32)
    means = fit_artists(content, factors, np.array(["a", "b", "c"] * 10), method="ridge")
    assert means.artists.tolist() == ["a", "b", "c"]
    assert means.numbers.tolist() == [10, 10, 10]


def test_artists_must_fit_the_tracks() -> None:
    with pytest.raises(UsageError, match="2 artists do not fit 3 tracks"):
        fit_artists(Content(np.zeros((3, 1))), np.zeros((3, 1), np.float32), np.array([1, 2]), method="ridge")
