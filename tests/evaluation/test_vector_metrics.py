"""Metrics against brute force, other libraries, and toy data whose answer is obvious."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import accuracy_score

from segue.evaluation import (
    accuracy,
    hit_at_k,
    label_precision_at_k,
    occurrences,
    pearson_r,
    r_precision,
    skewness,
)
from segue.evaluation.vector_metrics import _similarities
from segue.neighbours import standardise


def _unit(rng: np.random.Generator, n: int, dim: int) -> np.ndarray:
    return standardise(rng.standard_normal((n, dim)).astype(np.float32))


def _ranked(unit: np.ndarray, query: int) -> list[int]:
    similarity = np.round(unit.astype(np.float64) @ unit[query].astype(np.float64), 12)
    return sorted((other for other in range(len(unit)) if other != query), key=lambda o: (-similarity[o], o))


@pytest.mark.parametrize("seed", range(5))
def test_neighbour_metrics_agree_with_loops(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, k = 60, 7
    unit = _unit(rng, n, 5)
    labels = rng.integers(-1, 4, n)
    artists = rng.integers(0, 20, n)
    precision, hit = label_precision_at_k(unit, labels, artists, k=k), hit_at_k(unit, artists, k=k)
    by_r, seen = r_precision(unit, artists), np.zeros(n)
    for query in range(n):
        order = _ranked(unit, query)
        seen[order[:k]] += 1
        others = [o for o in order if artists[o] != artists[query] and labels[o] >= 0][:k]
        if labels[query] < 0:
            assert np.isnan(precision[query])
        else:
            assert precision[query] == pytest.approx(np.mean([labels[o] == labels[query] for o in others]))
        total = int((artists == artists[query]).sum()) - 1
        if total == 0:
            assert np.isnan(hit[query])
            assert np.isnan(by_r[query])
        else:
            assert hit[query] == any(artists[o] == artists[query] for o in order[:k])
            assert by_r[query] == pytest.approx(
                np.mean([artists[o] == artists[query] for o in order[:total]])
            )
    np.testing.assert_array_equal(occurrences(unit, k=k), seen)


def test_two_far_clusters_give_perfect_figures() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 20)
    vectors = (labels[:, None] * 20 - 10 + rng.standard_normal((40, 3))).astype(np.float32)
    unit = standardise(vectors)
    artists = np.arange(40) // 2
    assert (label_precision_at_k(unit, labels, artists) == 1).all()
    # Artists as the two clusters themselves: everything nearby is theirs.
    assert (r_precision(unit, labels) == 1).all()
    assert (hit_at_k(unit, labels) == 1).all()


def test_neighbours_by_the_same_artist_do_not_count() -> None:
    # Three copies by one artist, and one far track of the same genre: only the far one may answer.
    vectors = np.array([[1, 0], [1, 0], [1, 0], [-1, 0.1], [0.9, 0.1]], dtype=np.float32)
    precision = label_precision_at_k(vectors, np.array([0, 0, 0, 0, 1]), np.array([0, 0, 0, 1, 2]), k=1)
    np.testing.assert_array_equal(precision[:3], [0, 0, 0])


def test_nobody_to_ask_is_nan_not_zero() -> None:
    unit = _unit(np.random.default_rng(0), 4, 2)
    one_artist = np.zeros(4, dtype=np.int64)
    assert np.isnan(label_precision_at_k(unit, np.zeros(4, dtype=np.int64), one_artist)).all()
    assert np.isnan(hit_at_k(unit, np.arange(4))).all()
    assert np.isnan(r_precision(unit, np.arange(4))).all()


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = _unit(np.random.default_rng(3), 50, 4)
    artists = np.arange(50) // 3
    metrics = (
        lambda: hit_at_k(unit, artists, k=3),
        lambda: r_precision(unit, artists),
        lambda: occurrences(unit, k=3),
    )
    whole = [metric() for metric in metrics]
    monkeypatch.setattr("segue.evaluation.vector_metrics._BLOCK", 70)
    assert len(list(_similarities(unit))) == 50
    for before, metric in zip(whole, metrics, strict=True):
        np.testing.assert_array_equal(before, metric())


@given(st.integers(0, 10_000), st.integers(4, 30))
def test_the_order_of_the_tracks_does_not_matter(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    unit = _unit(rng, n, 6)
    labels, artists = rng.integers(0, 3, n), rng.integers(0, n, n)
    order = rng.permutation(n)
    np.testing.assert_array_equal(
        label_precision_at_k(unit, labels, artists, k=3)[order],
        label_precision_at_k(unit[order], labels[order], artists[order], k=3),
    )
    assert occurrences(unit, k=3).sum() == 3 * n


def test_skewness_agrees_with_scipy() -> None:
    values = np.random.default_rng(1).exponential(size=80)
    assert skewness(values)[0] == pytest.approx(stats.skew(values))
    times = np.random.default_rng(2).integers(0, 3, (4, 80)).astype(np.float64)
    expected = [stats.skew(np.repeat(values, row.astype(int))) for row in times]
    np.testing.assert_allclose(skewness(values, times), expected)
    assert skewness(np.ones(5))[0] == 0


def test_pearson_agrees_with_scipy() -> None:
    rng = np.random.default_rng(1)
    truth, noise = rng.standard_normal((50, 3)), rng.standard_normal((50, 3))
    guess = truth + noise
    expected = np.mean([stats.pearsonr(truth[:, c], guess[:, c]).statistic for c in range(3)])
    assert pearson_r(truth, guess)[0] == pytest.approx(expected)
    times = rng.integers(0, 3, (2, 50))
    for draw, value in zip(times, pearson_r(truth, guess, times.astype(np.float64)), strict=True):
        rows = np.repeat(np.arange(50), draw)
        expected = np.mean([stats.pearsonr(truth[rows, c], guess[rows, c]).statistic for c in range(3)])
        assert value == pytest.approx(expected)


def test_pearson_of_a_constant_is_zero() -> None:
    assert pearson_r(np.arange(5.0)[:, None], np.full((5, 1), 3.0))[0] == 0


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.integers(0, 100))
def test_accuracy_agrees_with_sklearn(truth: list[int], seed: int) -> None:
    guess = np.random.default_rng(seed).integers(0, 4, len(truth))
    assert accuracy(np.array(truth), guess) == pytest.approx(accuracy_score(truth, guess))
