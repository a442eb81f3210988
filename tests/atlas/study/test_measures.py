"""The measures of a study against SciPy's, and against what must be true of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from segue.atlas.study.correlations import correlate, pearson_matrix
from segue.atlas.study.distributions import box_of, distribution_of, plane_of_two, spread_of
from segue.atlas.study.dropping import cost_of_dropping, propose
from segue.atlas.study.outliers import find_outliers
from segue.atlas.study.separation import corrected, separate


def _drawn(n_tracks: int, n_columns: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_tracks, n_columns)) * rng.uniform(0.1, 1e4, n_columns) + rng.normal(
        size=n_columns
    )


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_correlations_are_those_of_numpy_and_scipy(kind: type) -> None:
    values = _drawn(9_000, 5).astype(kind)
    values[:, 3] = np.round(values[:, 0] / np.abs(values[:, 0]).max() * 4) + 0.1 * values[:, 1]
    medians = np.median(values, axis=0).astype(np.float64)
    found = correlate(values, medians)
    assert np.allclose(found.pearson, np.corrcoef(values.T.astype(np.float64)), atol=1e-6)
    assert np.allclose(found.spearman, stats.spearmanr(values).statistic, atol=1e-6)


def test_unknown_values_count_as_the_median_in_correlations() -> None:
    values = _drawn(50, 3)
    values[4, 1] = np.nan
    medians = np.nanmedian(values, axis=0)
    whole = np.where(np.isnan(values), medians, values)
    assert np.allclose(pearson_matrix(values, medians), np.corrcoef(whole.T))


def test_the_order_puts_what_goes_together_side_by_side() -> None:
    base = _drawn(400, 3)
    values = np.column_stack(
        [base[:, at % 3] * (-1) ** at + 0.01 * _drawn(400, 1, at)[:, 0] for at in range(9)]
    )
    found = correlate(values, np.median(values, axis=0), threshold=0.5)
    kinds = found.order % 3
    assert (np.diff(kinds) != 0).sum() == 2
    assert found.groups == ((0, 3, 6), (1, 4, 7), (2, 5, 8))
    assert len(found.pairs()) == 9


@settings(max_examples=40, deadline=None)
@example(3550, 2, True)
@given(st.integers(0, 10_000), st.integers(2, 5), st.booleans())
def test_separation_is_that_of_scipy(seed: int, n_classes: int, ties: bool) -> None:
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.repeat(np.arange(n_classes), 4), rng.integers(-1, n_classes, 20)])
    values = rng.normal(size=(len(labels), 2)) + labels[:, None] * 0.3
    values = np.round(values) if ties else values
    values[rng.integers(len(labels)), 0] = np.nan
    found = separate(values, labels, n_classes)
    for at in range(2):
        known = ~np.isnan(values[:, at])
        groups = [values[(labels == one) & known, at] for one in range(n_classes)]
        f, h = stats.f_oneway(*groups), stats.kruskal(*groups)
        assert found.f[at] == pytest.approx(f.statistic) and found.h[at] == pytest.approx(h.statistic)
        f_p = f.pvalue if f.statistic >= 0 else 1.0  # SciPy has none where rounding makes F negative
        assert found.f_q[at] >= f_p - 1e-12 and found.h_q[at] >= h.pvalue - 1e-12
        assert 0 <= found.eta_squared[at] <= 1 and 0 <= found.epsilon_squared[at] <= 1


def test_ranks_do_not_care_for_scales_and_outliers() -> None:
    values = _drawn(60, 1)
    labels = np.arange(60) % 3
    bent = np.column_stack([values[:, 0], np.exp(values[:, 0] / np.abs(values).max() * 200)])
    found = separate(bent, labels, 3)
    assert found.h[0] == pytest.approx(found.h[1]) and found.f[0] != pytest.approx(found.f[1])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_corrected_p_values_are_those_of_scipy(p: list[float]) -> None:
    assert np.allclose(corrected(np.array(p)), stats.false_discovery_control(p))


def test_of_two_that_say_the_same_the_better_stays() -> None:
    labels = np.repeat([0, 1], 40)
    rng = np.random.default_rng(0)
    good = labels + 0.1 * rng.normal(size=80)
    worse = good + 0.12 * rng.normal(size=80)
    noise = rng.normal(size=80)
    noise -= np.where(labels, noise[labels == 1].mean(), noise[labels == 0].mean())
    values = np.column_stack([worse, good, noise])
    separation = separate(values, labels, 2)
    pearson = pearson_matrix(values, np.median(values, axis=0))
    drops = propose(pearson, separation, threshold=0.9)
    assert [(drop.column, drop.instead) for drop in drops] == [(0, 1), (2, None)]
    assert drops[0].correlation == pytest.approx(pearson[0, 1])
    assert propose(pearson, separation, threshold=1.01) == (drops[1],)


def test_where_nothing_separates_only_copies_go() -> None:
    values = np.repeat(_drawn(30, 1), 2, axis=1)
    labels = np.argsort(np.argsort(values[:, 0])) % 2
    drops = propose(pearson_matrix(values, np.zeros(2)), separate(values, labels, 2), threshold=0.9)
    assert len(drops) == 1 and drops[0].instead is not None


def test_what_dropping_costs() -> None:
    rng = np.random.default_rng(1)
    labels = np.repeat(np.arange(3), 40)
    told = np.eye(3)[labels] + 0.2 * rng.normal(size=(120, 3))
    values = np.column_stack([told, told + 0.01 * rng.normal(size=(120, 3)), rng.normal(size=(120, 4))])
    values[3, 2] = np.nan
    cost = cost_of_dropping(values, labels, np.arange(120) // 2, threshold=0.9, seed=0)
    assert cost is not None and cost.n_folds == 5
    every, kept, random, _ = cost.trials
    assert every.n_columns == 10 and kept.n_columns == random.n_columns < 8
    for trial in (every, kept):
        assert np.mean(trial.predicted == cost.truth) > 0.95
    again = cost_of_dropping(values, labels, np.arange(120) // 2, threshold=0.9, seed=0)
    assert again is not None
    assert all((a.predicted == b.predicted).all() for a, b in zip(cost.trials, again.trials, strict=True))


def test_a_group_is_never_on_both_sides() -> None:
    # The label is a matter of the group alone: who has heard the group knows it, others can only guess.
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(40), 5)
    labels = rng.integers(0, 2, 40)[groups]
    values = rng.normal(size=(40, 6))[groups] + 0.01 * rng.normal(size=(200, 6))
    apart = cost_of_dropping(values, labels, groups, threshold=0.9, seed=0)
    mixed = cost_of_dropping(values, labels, None, threshold=0.9, seed=0)
    assert apart is not None and mixed is not None
    right = [float(np.mean(cost.trials[0].predicted == cost.truth)) for cost in (apart, mixed)]
    assert right[0] < right[1] - 0.05


def test_classes_of_one_group_are_not_judged() -> None:
    labels = np.repeat([0, 1, 2], 10)
    groups = np.where(labels == 2, 0, 1 + np.arange(30))
    cost = cost_of_dropping(_drawn(30, 2), labels, groups, threshold=0.9, seed=0)
    assert cost is not None and set(cost.truth.tolist()) == {0, 1}
    assert "1 classes (10 tracks) have one group" in cost.notes[0]
    assert cost_of_dropping(_drawn(30, 2), np.zeros(30, int), None, threshold=0.9, seed=0) is None


def test_most_tracks_are_drawn_and_said() -> None:
    cost = cost_of_dropping(_drawn(60, 2), np.arange(60) % 2, None, threshold=0.9, seed=0, most_tracks=20)
    assert cost is not None and len(cost.rows) == 20 and "20 of 60 tracks" in cost.notes[0]


def test_outliers_are_named() -> None:
    values = _drawn(200, 4) / 1e4
    values[17, 1:] += 1e3
    values[23, 2] -= 1e3
    values[5, 0] = np.nan
    found = find_outliers(values, spread_of(values).quartiles)
    assert found.tracks[0].row == 17 and found.tracks[0].n_far == 3
    assert 23 in [track.row for track in found.tracks]
    assert found.far[2] >= 2 and (found.unusual >= found.far).all()


def test_a_column_with_no_spread_calls_nothing_far() -> None:
    values = np.zeros((20, 1))
    values[3] = 9
    assert find_outliers(values, spread_of(values).quartiles).tracks == ()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_boxes_are_in_order(values: list[float]) -> None:
    box = box_of("all", np.array(values))
    assert box.least <= box.low <= box.lower <= box.middle <= box.upper <= box.high <= box.most
    assert 0 <= box.n_beyond < box.n


def test_spread_and_histogram() -> None:
    values = _drawn(300, 2)
    values[7, 1] = np.nan
    spread = spread_of(values)
    known = np.delete(values[:, 1], 7)
    assert spread.skewness[1] == pytest.approx(stats.skew(known))
    assert spread.quartiles[:, 1] == pytest.approx(np.quantile(known, (0.25, 0.5, 0.75)))
    labels = np.where(np.arange(300) < 150, 0, -1)
    shown = distribution_of(values, 1, "", labels, ("a", "nobody"))
    assert [box.name for box in shown.boxes] == ["all", "a"] and shown.boxes[0].n == 299
    assert shown.counts.sum() == np.sum((known >= shown.edges[0]) & (known <= shown.edges[-1]))
    plane = plane_of_two(values, (0, 1), "", labels, ("a", "b"))
    assert plane.quartiles[0, 0, 1] == pytest.approx(np.median(values[:150][~np.isnan(values[:150, 1]), 0]))
    assert np.isnan(plane.quartiles[1]).all()


def test_of_many_classes_the_largest_are_judged() -> None:
    labels = np.concatenate([np.arange(6), np.arange(6), [4, 4, 2]])
    cost = cost_of_dropping(_drawn(15, 2), labels, None, threshold=0.9, seed=0, most_classes=2)
    assert cost is not None and set(cost.truth.tolist()) == {2, 4}
    assert "the 2 largest of 6 classes" in cost.notes[0]
