"""What lists are like, on lists whose figures are plain to see, and against loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.evaluation import overlap_by_cosine, overlap_by_dot, track_lists
from segue.evaluation.list_metrics import (
    coverage,
    diversity,
    gini,
    novelty,
    occurrence_counts,
    popularity_lift,
    same_for_all,
    serendipity,
    top_k,
)


@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(1, 12))
def test_the_best_k_agree_with_sorting(seed: int, m: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 4, (3, m)).astype(np.float32)
    excluded = [np.flatnonzero(rng.random(m) < 0.3).tolist() for _ in range(3)]
    order = rng.permutation(m)
    lists = top_k(scores, k, excluded=track_lists(excluded), tie_order=order)
    for row in range(3):
        left = [track for track in range(m) if track not in excluded[row]]
        best = sorted(left, key=lambda track: (-scores[row, track], order[track]))[:k]
        assert lists[row].tolist() == best + [-1] * (min(k, m) - len(best))


def test_one_order_for_all_skips_what_each_played() -> None:
    order = np.array([4, 2, 0, 1, 3])
    lists = same_for_all(order, 3, track_lists([[2], [], [0, 1, 2, 3]]), 3)
    assert lists.tolist() == [[4, 0, 1], [4, 2, 0], [4, -1, -1]]
    assert same_for_all(order, 9, None, 1).tolist() == [order.tolist()]


def test_coverage_and_gini_see_who_is_listed() -> None:
    counts = occurrence_counts(np.array([[0, 1], [0, -1]]), 4)
    assert counts.tolist() == [2, 1, 0, 0]
    assert coverage(counts) == 0.5
    # Mean absolute difference over twice the mean: pairs of (2, 1, 0, 0).
    differences = np.abs(counts[:, None] - counts).mean()
    assert gini(counts) == pytest.approx(differences / (2 * counts.mean()))
    assert np.isnan(gini(np.zeros(3)))


def test_rare_tracks_are_news() -> None:
    players = np.array([16, 4, 1, 0])
    lists = np.array([[0, 0], [1, 2], [3, -1], [-1, -1]])
    np.testing.assert_array_equal(novelty(lists, players, 16), [0, 3, 4, np.nan])


def test_a_hit_that_popularity_lists_is_no_surprise() -> None:
    lists, expected = np.array([[5, 6, 7, 8]]), np.array([[5, 1, 2, 3]])
    assert serendipity(lists, expected, track_lists([[5, 6]]))[0] == 0.25
    assert serendipity(expected, expected, track_lists([[5, 1]]))[0] == 0
    assert np.isnan(serendipity(np.array([[-1]]), expected, track_lists([[5]]))[0])


@given(st.integers(0, 1_000))
def test_diversity_agrees_with_all_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((9, 3)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    listed = rng.permutation(9)[: rng.integers(2, 7)]
    pairs = [1 - float(unit[a] @ unit[b]) for at, a in enumerate(listed) for b in listed[:at]]
    padded = np.array([[*listed, -1]])
    assert diversity(padded, unit)[0] == pytest.approx(np.mean(pairs), abs=1e-6)
    assert np.isnan(diversity(padded[:, :1], unit)[0])


def test_lift_compares_with_what_the_listener_plays() -> None:
    players = np.array([10, 20, 30, 0])
    lift = popularity_lift(np.array([[2, -1], [0, 1], [0, 1]]), track_lists([[0], [2], [3]]), players)
    np.testing.assert_allclose(lift, [2, -0.5, np.nan])


def test_equal_factors_overlap_fully_and_strangers_by_chance() -> None:
    rng = np.random.default_rng(0)
    true, other = rng.standard_normal((2, 400, 8)).astype(np.float32)
    for one in overlap_by_cosine(true, true, ks=(10, 50)):
        assert one.value == 1
    for one in overlap_by_cosine(true, other, ks=(10, 50, 399, 500)):
        assert one.chance == one.k / 399
        assert one.value == pytest.approx(one.chance, abs=0.02)
    assert [one.k for one in overlap_by_cosine(true, other, ks=(10, 399))] == [10]
    listeners = rng.standard_normal((30, 8)).astype(np.float32)
    # A space turned round as a whole gives the same lists; the listeners turn with it.
    turn = np.linalg.qr(rng.standard_normal((8, 8)))[0].astype(np.float32)
    for one in overlap_by_dot((listeners, true), (listeners @ turn, true @ turn), ks=(10, 100)):
        assert one.value > 0.99
        assert one.chance == one.k / 400


@pytest.mark.parametrize("k", [1, 3])
def test_overlap_agrees_with_loops(k: int) -> None:
    rng = np.random.default_rng(1)
    true, predicted = rng.standard_normal((12, 4)), rng.standard_normal((12, 3))

    def nearest(vectors: np.ndarray, track: int) -> set[int]:
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        order = sorted(set(range(12)) - {track}, key=lambda other: -(unit[other] @ unit[track]))
        return set(order[:k])

    expected = np.mean([len(nearest(true, t) & nearest(predicted, t)) / k for t in range(12)])
    (one,) = overlap_by_cosine(true.astype(np.float32), predicted.astype(np.float32), ks=[k])
    assert one.value == pytest.approx(expected)
