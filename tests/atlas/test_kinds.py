"""K-means, and the three ways to say how many kinds there are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, pairwise_distances_argmin

from segue.atlas import check_number, draw_curve, find_clusters, nearest_centres
from segue.atlas import kinds as room
from segue.atlas.kinds import elbow
from segue.errors import UsageError


def heaps(n_heaps: int, n: int = 120, *, spread: float = 0.3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points around corners that are all equally far from each other, and the corner of each."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(n_heaps, size=n)
    rows = np.eye(n_heaps + 2)[labels] * 3 + rng.normal(0, spread, (n, n_heaps + 2))
    return rows.astype(np.float32), labels


@pytest.mark.parametrize("n_heaps", [2, 3, 5])
def test_all_three_ways_find_heaps_that_stand_apart(n_heaps: int) -> None:
    rows, labels = heaps(n_heaps)
    curve = draw_curve(rows)
    assert (curve.elbow, curve.by_silhouette, curve.by_stability) == (n_heaps,) * 3
    found = find_clusters(rows, curve.elbow)
    assert adjusted_rand_score(labels, found.labels) == 1.0
    assert len(curve.inertia) == len(curve.silhouette) == len(curve.stability) == 12
    assert np.isnan(curve.silhouette[0]) and np.isnan(curve.stability[0])
    assert all(later <= earlier for earlier, later in zip(curve.inertia, curve.inertia[1:], strict=False))


def test_small_libraries_are_clustered_as_scikit_learn_does() -> None:
    rows, _ = heaps(4, spread=1.0)
    ours, theirs = find_clusters(rows, 4, seed=3), KMeans(4, n_init=10, random_state=3).fit(rows)
    assert np.array_equal(ours.labels, theirs.labels_)
    assert np.array_equal(ours.centres, theirs.cluster_centers_)
    assert ours.inertia == theirs.inertia_


def test_large_libraries_start_from_a_sample_and_end_with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_SAMPLE", 100)
    rows, labels = heaps(4, 400)
    found = find_clusters(rows, 4)
    assert adjusted_rand_score(labels, found.labels) == 1.0
    for cluster in range(4):  # the centres are those of all rows, not of the sample
        np.testing.assert_allclose(
            found.centres[cluster], rows[found.labels == cluster].mean(axis=0), atol=1e-5
        )
    assert draw_curve(rows).elbow == 4


def test_the_same_seed_gives_the_same_bytes() -> None:
    rows, _ = heaps(3, 40, spread=1.5)
    first, again = find_clusters(rows, 5, seed=7), find_clusters(rows, 5, seed=7)
    assert first.centres.tobytes() == again.centres.tobytes()
    assert str(draw_curve(rows, seed=7)) == str(draw_curve(rows, seed=7))


def test_stability_is_low_where_there_are_no_kinds() -> None:
    rng = np.random.default_rng(1)
    cloud = rng.normal(size=(120, 8)).astype(np.float32)
    assert max(draw_curve(cloud).stability[4:]) < 0.6 < draw_curve(heaps(5)[0]).stability[4]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_the_nearest_centre_is_the_nearest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, centres = rng.normal(size=(50, 4)), rng.normal(size=(6, 4))
    assert np.array_equal(nearest_centres(rows, centres), pairwise_distances_argmin(rows, centres))


@given(st.lists(st.floats(0.01, 100), min_size=2, max_size=12), st.floats(0.1, 1000), st.floats(0, 1000))
def test_the_elbow_does_not_depend_on_unit_or_origin(falls: list[float], unit: float, origin: float) -> None:
    inertia = np.cumsum(falls[::-1])[::-1]
    curve = tuple(float(value) for value in inertia)
    below = np.linspace(1, 0, len(curve)) - (inertia - inertia[-1]) / (inertia[0] - inertia[-1])
    found = elbow(curve)
    assert below[found - 1] >= below.max() - 1e-9
    moved = elbow(tuple(float(unit * value + origin) for value in inertia))
    assert below[moved - 1] == pytest.approx(below[found - 1], abs=1e-4)


@pytest.mark.parametrize("inertia", [(), (1.0,), (2.0, 1.0), (4.0, 3.0, 2.0, 1.0), (1.0, 1.0, 1.0)])
def test_a_curve_without_a_bend_is_one_kind(inertia: tuple[float, ...]) -> None:
    assert elbow(inertia) == 1


def test_more_kinds_than_tracks_are_refused() -> None:
    rows, _ = heaps(2, 5)
    check_number(rows, 5)
    with pytest.raises(UsageError, match="5 tracks cannot be put into 6 kinds: take 5 or fewer"):
        find_clusters(rows, 6)
    with pytest.raises(UsageError, match="1 kind or more"):
        find_clusters(rows, 0)
    copies = np.repeat(rows[:2], 30, axis=0)
    with pytest.raises(UsageError, match="60 tracks of which only 2 differ"):
        find_clusters(copies, 3)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_the_smallest_libraries_have_a_curve(n: int) -> None:
    rows, _ = heaps(2, n)
    curve = draw_curve(rows)
    assert len(curve.inertia) == max(1, n // 2)
    assert 1 <= curve.elbow <= len(curve.inertia)
    copies = np.repeat(rows[:1], n, axis=0)
    assert draw_curve(copies).inertia == pytest.approx((0.0,), abs=1e-6)
