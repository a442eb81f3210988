"""`duplicates`: the same recording in another encoding, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.ranking import duplicates
from segue.ranking import recordings as recordings_module

from .conftest import space_of, table  # isort: skip


def noisy(rows: np.ndarray, cosine: float, seed: int = 1) -> np.ndarray:
    """Rows at this cosine from the given ones."""
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    noise = np.random.default_rng(seed).standard_normal(rows.shape)
    noise -= np.sum(noise * rows, axis=1, keepdims=True) * rows
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    return cosine * rows + np.sqrt(1 - cosine**2) * noise


@pytest.fixture
def rows() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((300, 40))


def test_copies_are_found_in_groups(rows: np.ndarray) -> None:
    vectors = np.concatenate([rows, noisy(rows[:3], 0.98), noisy(rows[:1], 0.99, 2)])
    lengths = np.concatenate([100 + 3.0 * np.arange(300), [100.2, 102.9, 106.0, 99.8]])
    space = space_of(vectors, table(304, duration_s=lengths))
    assert duplicates(space) == [(1, 301, 304), (2, 302), (3, 303)]


def test_length_and_sound_must_agree(rows: np.ndarray) -> None:
    vectors = np.concatenate([rows, noisy(rows[:1], 0.99), noisy(rows[1:2], 0.9)])
    lengths = np.concatenate([100 + 3.0 * np.arange(300), [101.0, 103.0]])
    assert duplicates(space_of(vectors, table(302, duration_s=lengths))) == []


def test_artist_and_title_let_poor_encodings_pass(rows: np.ndarray) -> None:
    vectors = np.concatenate([rows, noisy(rows[:3], 0.85)])
    lengths = np.concatenate([100 + 10.0 * np.arange(300), [101.5, 111.5, 121.5]])
    titles = [f"Song of {chr(97 + i % 26)}" for i in range(303)]
    titles[300], titles[301], titles[302] = "SONG OF A", "Song of b (Live)", "Song of c"
    artists = np.concatenate([np.arange(300), [0, 1, 999]])
    space = space_of(vectors, table(303, duration_s=lengths, titles=titles, artist_code=artists))
    assert duplicates(space) == [(1, 301)]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([50, 1_000, 8_000_000]))
def test_blocks_find_what_all_pairs_find(seed: int, at_once: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((60, 12))
    vectors = np.concatenate([rows, noisy(rows, 0.97, seed)])
    lengths = rng.uniform(100, 110, 60)
    lengths = np.concatenate([lengths, lengths + rng.uniform(-0.8, 0.8, 60)])
    space = space_of(vectors, table(120, duration_s=lengths))
    unit = space.vectors(np.arange(120))
    linked = (np.abs(lengths[:, None] - lengths) <= 0.5) & (unit @ unit.T >= 0.96)
    reached = linked.copy()
    for _ in range(7):
        reached = reached @ reached
    expected = sorted({tuple((np.flatnonzero(row) + 1).tolist()) for row in reached if row.sum() > 1})
    before = recordings_module._SCORES_AT_ONCE
    try:
        recordings_module._SCORES_AT_ONCE = at_once
        assert duplicates(space) == expected
    finally:
        recordings_module._SCORES_AT_ONCE = before


def test_a_library_without_tracks() -> None:
    assert duplicates(space_of(np.eye(1, 3))) == []
