"""Ranking figures against cases worked out by hand, loops, scikit-learn, and what must always hold."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import average_precision_score, ndcg_score, roc_auc_score

from segue.evaluation import (
    Ranked,
    TrackLists,
    auc,
    average_precision_at_k,
    ndcg_at_k,
    precision_at_k,
    rank_relevant,
    recall_at_k,
    track_lists,
)


def _one(scores: list[float], relevant: list[int], excluded: list[int] | None = None) -> Ranked:
    out = None if excluded is None else track_lists([excluded])
    return rank_relevant(np.array([scores], dtype=np.float32), track_lists([relevant]), excluded=out)


def test_a_case_worked_out_by_hand() -> None:
    # In order: track 3, 1, 0, 4, 2. Relevant are 1 (second) and 4 (fourth).
    ranked = _one([0.5, 0.8, 0.1, 0.9, 0.3], [4, 1])
    assert ranked.ranks.tolist() == [1, 3]
    # Pairs (relevant, other): 1 beats 0 and 2 but not 3; 4 beats 2 only: 3 of 6.
    assert auc(ranked)[0] == pytest.approx(3 / 6)
    assert recall_at_k(ranked, 2)[0] == 1 / 2
    assert precision_at_k(ranked, 2)[0] == 1 / 2
    assert precision_at_k(ranked, 10)[0] == 2 / 5
    assert average_precision_at_k(ranked, 10)[0] == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert average_precision_at_k(ranked, 1)[0] == 0
    # Of the three best only one is relevant, and at most two could be.
    assert average_precision_at_k(ranked, 3)[0] == pytest.approx((1 / 2) / 2)
    gained, best = 1 / np.log2(3) + 1 / np.log2(5), 1 + 1 / np.log2(3)
    assert ndcg_at_k(ranked, 10)[0] == pytest.approx(gained / best)
    assert ndcg_at_k(ranked, 2)[0] == pytest.approx(1 / np.log2(3) / best)


def test_what_was_played_is_no_candidate() -> None:
    # Without tracks 3 and 0 the order is 1, 4, 2.
    ranked = _one([0.5, 0.8, 0.1, 0.9, 0.3], [4], [0, 3])
    assert ranked.ranks.tolist() == [1]
    assert ranked.n_candidates.tolist() == [3]
    assert auc(ranked)[0] == 1 / 2


def test_a_list_of_k_full_of_relevant_tracks_is_perfect() -> None:
    ranked = _one(list(range(100)), list(range(50, 100)))
    for figure in (precision_at_k, average_precision_at_k, ndcg_at_k):
        assert figure(ranked, 10)[0] == pytest.approx(1)
    assert recall_at_k(ranked, 10)[0] == 10 / 50
    assert auc(ranked)[0] == 1


def test_ties_count_half_in_auc_and_are_ordered_elsewhere() -> None:
    equal = np.zeros((1, 4), dtype=np.float32)
    ranked = rank_relevant(equal, track_lists([[2]]))
    assert auc(ranked)[0] == 0.5
    assert ranked.ranks.tolist() == [2]
    other = rank_relevant(equal, track_lists([[2]]), tie_order=np.array([3, 2, 0, 1]))
    assert other.ranks.tolist() == [0]
    without = rank_relevant(equal, track_lists([[2]]), excluded=track_lists([[0]]))
    assert without.ranks.tolist() == [1]


def test_who_cannot_be_asked_has_nan() -> None:
    scores = np.random.default_rng(0).random((3, 4), dtype=np.float32)
    ranked = rank_relevant(scores, track_lists([[], [0, 1, 2, 3], [1]]))
    np.testing.assert_array_equal(np.isnan(auc(ranked)), [True, True, False])
    for figure in (recall_at_k, precision_at_k, average_precision_at_k, ndcg_at_k):
        np.testing.assert_array_equal(np.isnan(figure(ranked, 2)), [True, False, False])
    everything = rank_relevant(
        scores, track_lists([[], [], []]), excluded=track_lists([[0, 1, 2, 3], [], []])
    )
    assert np.isnan(auc(everything)).all()


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_scores_that_are_no_numbers_are_refused(wrong: float) -> None:
    scores = np.zeros((2, 5), dtype=np.float32)
    scores[1, 2] = wrong
    with pytest.raises(ValueError, match="finite"):
        rank_relevant(scores, track_lists([[0], [1]]))


@st.composite
def _cases(draw: st.DrawFn) -> tuple[np.ndarray, TrackLists, TrackLists]:
    n, m = draw(st.integers(1, 4)), draw(st.integers(2, 12))
    # Few different scores, so that many tie.
    scores = draw(arrays.arrays(np.float32, (n, m), elements=st.integers(0, 5).map(float)))
    kinds = draw(arrays.arrays(np.int8, (n, m), elements=st.integers(0, 2)))
    lists = [track_lists([np.flatnonzero(row == kind).tolist() for row in kinds]) for kind in (1, 2)]
    return scores, lists[0], lists[1]


def _by_hand(scores: np.ndarray, relevant: list[int], excluded: list[int]) -> list[int]:
    """Ranks of the relevant tracks, ties to the earlier."""
    candidates = [track for track in range(len(scores)) if track not in excluded]
    order = sorted(candidates, key=lambda track: (-scores[track], track))
    return sorted(order.index(track) for track in relevant)


@given(_cases())
def test_ranks_agree_with_loops_and_auc_with_scikit_learn(
    case: tuple[np.ndarray, TrackLists, TrackLists],
) -> None:
    scores, relevant, excluded = case
    ranked = rank_relevant(scores, relevant, excluded=excluded)
    for row in range(len(scores)):
        mine = relevant.tracks[relevant.starts[row] : relevant.starts[row + 1]].tolist()
        out = excluded.tracks[excluded.starts[row] : excluded.starts[row + 1]].tolist()
        got = ranked.ranks[relevant.starts[row] : relevant.starts[row + 1]].tolist()
        assert got == _by_hand(scores[row], mine, out)
        left = np.setdiff1d(np.arange(scores.shape[1]), out)
        truth = np.isin(left, mine)
        if truth.any() and not truth.all():
            assert auc(ranked)[row] == pytest.approx(roc_auc_score(truth, scores[row, left]))
        else:
            assert np.isnan(auc(ranked)[row])


@pytest.mark.parametrize("seed", range(10))
def test_without_ties_scikit_learn_says_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = 20, 60
    scores = rng.permuted(np.tile(np.arange(m, dtype=np.float32), (n, 1)), axis=1)
    truth = rng.random((n, m)) < 0.2
    truth[:, 0] = True
    lists = track_lists([np.flatnonzero(row).tolist() for row in truth])
    ranked = rank_relevant(scores, lists)
    expected = [roc_auc_score(t, s) for t, s in zip(truth, scores, strict=True)]
    np.testing.assert_allclose(auc(ranked), expected)
    for k in (5, 10, 50):
        expected = [ndcg_score(t[None].astype(int), s[None], k=k) for t, s in zip(truth, scores, strict=True)]
        np.testing.assert_allclose(ndcg_at_k(ranked, k), expected)
    # At the length of the whole list the two definitions of average precision are one.
    expected = [average_precision_score(t, s) for t, s in zip(truth, scores, strict=True)]
    np.testing.assert_allclose(average_precision_at_k(ranked, m), expected)


@given(_cases(), st.integers(1, 12))
def test_figures_stay_in_their_bounds_and_grow_with_k(
    case: tuple[np.ndarray, TrackLists, TrackLists], k: int
) -> None:
    scores, relevant, excluded = case
    ranked = rank_relevant(scores, relevant, excluded=excluded)
    for figure in (recall_at_k, precision_at_k, average_precision_at_k, ndcg_at_k):
        values = figure(ranked, k)
        known = np.isfinite(values)
        assert ((values[known] >= 0) & (values[known] <= 1 + 1e-12)).all()
    more, less = recall_at_k(ranked, k + 1), recall_at_k(ranked, k)
    known = np.isfinite(less)
    assert (more[known] >= less[known]).all()


@given(_cases())
def test_only_the_order_of_scores_matters(case: tuple[np.ndarray, TrackLists, TrackLists]) -> None:
    scores, relevant, excluded = case
    ranked = rank_relevant(scores, relevant, excluded=excluded)
    moved = rank_relevant(np.exp(scores) * 3 - 7, relevant, excluded=excluded)
    np.testing.assert_array_equal(ranked.ranks, moved.ranks)
    np.testing.assert_array_equal(auc(ranked), auc(moved))
    turned = auc(rank_relevant(-scores, relevant, excluded=excluded))
    np.testing.assert_allclose(auc(ranked), 1 - turned)


def test_lenskit_says_the_same() -> None:
    """LensKit 2025.8.1 (too heavy to install for this) on drawn lists of 30, discount ``log2(rank + 1)``.

    Its recall is over at most k relevant tracks; mAP it has not.
    """
    golden = Path(__file__).with_name("golden") / "lenskit-2025.8.1.json"
    for row in json.loads(golden.read_text()):
        ranked = _one(row["scores"], row["relevant"])
        for k in (5, 20):
            most = min(k, len(row["relevant"])) / len(row["relevant"])
            assert recall_at_k(ranked, k)[0] == pytest.approx(row[f"recall@{k}"] * most)
            assert precision_at_k(ranked, k)[0] == pytest.approx(row[f"precision@{k}"])
            assert ndcg_at_k(ranked, k)[0] == pytest.approx(row[f"ndcg@{k}"])
