"""Lists by blocked products are those of a full sort."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.evaluation.list_metrics import top_k
from segue.evaluation.metrics import TrackLists, track_lists
from segue.spark import products
from segue.spark.products import best_tracks


def _drawn(rng: np.random.Generator, n_listeners: int, n_tracks: int) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers, so that scores are exact and many are equal."""
    return (
        rng.integers(-2, 3, (n_listeners, 3)).astype(np.float32),
        rng.integers(-2, 3, (n_tracks, 3)).astype(np.float32),
    )


def _played(rng: np.random.Generator, n_listeners: int, n_tracks: int) -> TrackLists:
    shares = rng.choice([0.0, 0.1, 1.0], n_listeners)  # somebody played everything
    return track_lists([np.flatnonzero(rng.random(n_tracks) < share).tolist() for share in shares])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 9), st.integers(1, 70), st.integers(0, 12))
def test_lists_are_those_of_a_full_sort(seed: int, n_listeners: int, n_tracks: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    listeners, tracks = _drawn(rng, n_listeners, n_tracks)
    excluded = _played(rng, n_listeners, n_tracks)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(products, "_LISTENERS", 4)
        patch.setattr(products, "_TRACKS", 8)
        found = best_tracks(listeners, tracks, n, excluded=excluded)
    wanted = top_k(listeners @ tracks.T, n, excluded=excluded)
    np.testing.assert_array_equal(found.tracks, wanted)
    scores = np.take_along_axis(listeners @ tracks.T, np.maximum(wanted, 0), axis=1)
    np.testing.assert_array_equal(found.scores, np.where(wanted < 0, -np.inf, scores))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 8))
def test_no_artist_has_more_than_the_limit(seed: int, per_artist: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    listeners, tracks = _drawn(rng, 5, 60)
    excluded = _played(rng, 5, 60)
    artists = rng.integers(-1, 4, 60)
    found = best_tracks(listeners, tracks, n, excluded=excluded, artists=artists, per_artist=per_artist)
    every = top_k(listeners @ tracks.T, 60, excluded=excluded)
    for row, order in enumerate(every.tolist()):
        wanted: list[int] = []
        for track in (track for track in order if track >= 0):
            same = sum(artists[other] == artists[track] for other in wanted)
            if len(wanted) < n and (artists[track] < 0 or same < per_artist):
                wanted.append(track)
        assert [track for track in found.tracks[row].tolist() if track >= 0] == wanted


def test_blocks_of_real_size_agree() -> None:
    rng = np.random.default_rng(0)
    listeners = rng.standard_normal((300, 16), dtype=np.float32)
    tracks = rng.standard_normal((9_001, 16), dtype=np.float32)
    excluded = track_lists([rng.choice(9_001, 20, replace=False).tolist() for _ in range(300)])
    found = best_tracks(listeners, tracks, 50, excluded=excluded)
    wanted = top_k(listeners @ tracks.T, 50, excluded=excluded)
    # The last bit of a product may depend on the size of its block.
    assert np.mean(found.tracks == wanted) > 0.999
