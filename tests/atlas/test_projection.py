"""Maps of made vectors whose neighbourhoods are known; nearest rows against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from segue.atlas import nearest, nearest_rows, nearest_to, place, project
from segue.errors import VectorsError


def styles(n: int, *, k: int = 4, dim: int = 16, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Unit rows around `k` middles, and of which each is."""
    rng = np.random.default_rng(seed)
    style = np.arange(n) % k
    vectors = 2 * rng.standard_normal((k, dim))[style] + 0.5 * rng.standard_normal((n, dim))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), style


def own_share(positions: np.ndarray, style: np.ndarray) -> float:
    """How many of the five nearest on the map are of the same style."""
    return float((style[nearest_rows(positions, 5)[0]] == style[:, None]).mean())


@pytest.mark.parametrize("n", [60, 3_100])  # every pair, and on a grid
def test_alike_tracks_lie_side_by_side(n: int) -> None:
    vectors, style = styles(n, k=6)
    positions = project(vectors)
    assert positions.shape == (n, 2)
    assert positions.dtype == np.float32
    assert np.abs(positions.mean(axis=0)).max() < 1e-3
    assert own_share(positions, style) > 0.95


def test_the_same_seed_gives_the_same_map() -> None:
    vectors, _ = styles(150)
    first, again, other = project(vectors), project(vectors), project(vectors, seed=1)
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


@given(n=st.integers(0, 14), dim=st.integers(1, 5), copies=st.booleans(), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_small_libraries_have_a_map_too(n: int, dim: int, copies: bool, seed: int) -> None:
    vectors = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    if copies:
        vectors[:] = vectors[:1]
    positions = project(vectors, seed=seed)
    assert positions.shape == (n, 2)
    assert np.isfinite(positions).all()


def test_copies_and_rows_of_zeros_do_no_harm() -> None:
    vectors, style = styles(200)
    vectors[:60] = vectors[0]
    vectors[60:70] = 0
    positions = project(vectors)
    assert np.isfinite(positions).all()
    assert own_share(positions[70:], style[70:]) > 0.9


def test_a_map_made_anew_keeps_its_left_and_right() -> None:
    vectors, style = styles(400, k=5)
    before = project(vectors) @ np.array([[0.0, 1.0], [-1.0, 0.0]])  # turned: not what it would be by itself
    after = project(vectors, start=before)
    assert own_share(after, style) > 0.95
    for axis in (0, 1):
        assert np.corrcoef(before[:, axis], after[:, axis])[0, 1] > 0.9


@pytest.mark.parametrize("start", [np.zeros((3, 2)), np.zeros((20, 3))])
def test_a_start_that_does_not_fit_is_refused(start: np.ndarray) -> None:
    with pytest.raises(VectorsError, match="do not fit 20"):
        project(styles(20)[0], start=start)


def test_what_is_no_number_is_refused() -> None:
    vectors = styles(20)[0]
    vectors[7, 3] = np.nan
    with pytest.raises(VectorsError, match="row 7"):
        project(vectors)


def test_new_tracks_lie_among_their_own() -> None:
    vectors, style = styles(400)
    old, new = np.arange(400) < 300, np.arange(400) >= 300
    positions = np.empty((400, 2), np.float32)
    positions[old] = project(vectors[old])
    positions[new] = place(vectors[new], vectors[old], positions[old])
    near = nearest_to(positions[new], positions[old], 5)[0]
    assert (style[old][near] == style[new][:, None]).mean() > 0.95


def test_a_copy_lies_where_its_original_does() -> None:
    vectors, _ = styles(100)
    positions = project(vectors)
    np.testing.assert_allclose(place(vectors[:9], vectors, positions), positions[:9], atol=1e-3)


def test_one_old_track_is_enough_to_place_by_and_none_is_not() -> None:
    vectors, _ = styles(5)
    placed = place(vectors[1:], vectors[:1], np.array([[3.0, 4.0]]))
    assert placed.tolist() == [[3.0, 4.0]] * 4
    with pytest.raises(VectorsError, match="nothing on the map"):
        place(vectors, vectors[:0], np.empty((0, 2)))


@given(n=st.integers(2, 40), k=st.integers(1, 12), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_nearest_rows_are_those_of_scikit_learn(n: int, k: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).standard_normal((n, 6)).astype(np.float32)
    places, distances = nearest_rows(vectors, k)
    k = min(k, n - 1)
    expected, rows = NearestNeighbors(n_neighbors=k).fit(vectors).kneighbors()
    np.testing.assert_array_equal(places, rows)
    np.testing.assert_allclose(distances, expected, atol=1e-3)


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_rows_have_no_nearest(n: int) -> None:
    places, distances = nearest_rows(np.zeros((n, 3), np.float32), 5)
    assert places.shape == distances.shape == (n, 0)


def test_lists_find_nearly_all_and_never_the_row_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, _ = styles(2_000, k=20)
    vectors[:50] = vectors[0]
    exact, _ = nearest_rows(vectors[50:], 10)
    monkeypatch.setattr(nearest, "LISTS_FROM", 1_000)
    found, _ = nearest_rows(vectors[50:], 10)
    assert np.mean([len(set(a) & set(b)) for a, b in zip(exact, found, strict=True)]) > 9
    places, distances = nearest_rows(vectors, 60)
    assert (places >= 0).all()
    assert not (places == np.arange(2_000)[:, None]).any()
    assert (np.diff(distances, axis=1) >= 0).all()
