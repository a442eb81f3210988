"""Orders with smooth transitions."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.atlas import Transitions, smooth_order, step_costs, way_cost
from segue.atlas.ordering import _moved, _turned, key_distance, tempo_distance


def drawn(n: int, seed: int, unknown: float = 0.0) -> Transitions:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    lost = rng.random((3, n)) < unknown
    return Transitions(
        np.where(lost[0], np.nan, rng.uniform(60, 180, n)),
        np.where(lost[1], -1, rng.integers(0, 24, n)),
        np.where(lost[2], np.nan, rng.uniform(-30, -8, n)),
        np.where(lost[2], np.nan, rng.uniform(-30, -8, n)),
        vectors,
    )


@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.sampled_from([0.0, 0.3, 1.0]))
@settings(max_examples=30, deadline=None)
def test_the_order_holds_every_track_once_and_beats_chance(seed: int, n: int, unknown: float) -> None:
    costs = step_costs(drawn(n, seed, unknown))
    assert np.isfinite(costs).all() and (costs >= 0).all() and (costs <= 3.5).all()
    order = smooth_order(costs, seed=1)
    assert sorted(order.tolist()) == list(range(n))
    assert np.array_equal(order, smooth_order(costs, seed=1))
    rng = np.random.default_rng(seed)
    chance = min((way_cost(costs, rng.permutation(n)) for _ in range(20)), default=0.0)
    assert way_cost(costs, order) <= chance + 1e-9


def test_an_order_of_thirty_tracks_costs_much_less_than_a_random_one() -> None:
    shares = []
    for seed in range(5):
        costs = step_costs(drawn(30, seed))
        rng = np.random.default_rng(seed)
        usual = np.mean([way_cost(costs, rng.permutation(30)) for _ in range(50)])
        shares.append(way_cost(costs, smooth_order(costs)) / usual)
    assert max(shares) < 0.6


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_orders_of_six_tracks_are_nearly_the_best(seed: int) -> None:
    costs = np.random.default_rng(seed).uniform(0, 1, (6, 6))
    best = min(way_cost(costs, np.array(way)) for way in itertools.permutations(range(6)))
    assert way_cost(costs, smooth_order(costs)) <= 1.25 * best + 0.1


def test_a_stretch_the_wrong_way_round_is_turned_and_a_misplaced_track_moved() -> None:
    places = np.arange(12.0)
    costs = np.abs(places[:, None] - places[None])
    turned = _turned(costs, np.array([0, 1, 2, 8, 7, 6, 5, 4, 3, 9, 10, 11]))
    assert turned is not None and turned.tolist() == list(range(12))
    moved = _moved(costs, np.array([0, 1, 9, 10, 2, 3, 4, 5, 6, 7, 8, 11]))
    assert moved is not None and moved.tolist() == list(range(12))
    assert _turned(costs, np.arange(12)) is None and _moved(costs, np.arange(12)) is None


@given(st.integers(0, 2**32 - 1), st.integers(2, 9))
@settings(max_examples=40, deadline=None)
def test_each_step_saves_what_no_other_turn_or_move_saves_more_of(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    costs, way = rng.uniform(0, 1, (n, n)), rng.permutation(n)
    turns = [
        np.concatenate([way[:low], way[low : high + 1][::-1], way[high + 1 :]])
        for low in range(n)
        for high in range(low + 1, n)
    ]
    best = min(way_cost(costs, other) for other in turns)
    found = _turned(costs, way)
    assert way_cost(costs, way if found is None else found) == pytest.approx(min(best, way_cost(costs, way)))


def test_a_ladder_of_tempi_is_climbed() -> None:
    n = 12
    shuffled = np.random.default_rng(0).permutation(n)
    tempo = 80 * 2 ** (shuffled / 30)
    same = np.full(n, -14.0)
    tracks = Transitions(tempo, np.zeros(n, np.int64), same, same, np.ones((n, 1), np.float32))
    climbed = shuffled[smooth_order(step_costs(tracks))]
    assert np.abs(np.diff(climbed)).tolist() == [1] * (n - 1)


def test_the_end_of_one_meets_the_beginning_of_the_next() -> None:
    start, end = np.array([-10.0, -30.0, -20.0]), np.array([-30.0, -20.0, -10.0])
    tracks = Transitions(np.full(3, np.nan), np.full(3, -1), start, end, np.ones((3, 1), np.float32))
    # 0 ends as quietly as 1 begins, and 1 as 2: no other way is as smooth, and not the way back.
    order = smooth_order(step_costs(tracks)).tolist()
    assert order in ([0, 1, 2], [1, 2, 0], [2, 0, 1])


@given(st.floats(30, 300), st.floats(30, 300))
def test_tempi_an_octave_apart_are_nearly_the_same(first: float, second: float) -> None:
    a, b = np.array([first]), np.array([second])
    assert 0 <= tempo_distance(a, b)[0] <= 0.5
    assert tempo_distance(a, b)[0] == pytest.approx(tempo_distance(b, a)[0])
    assert tempo_distance(a, 2 * a)[0] == pytest.approx(0.15)
    assert tempo_distance(a, a)[0] == 0


def test_keys_are_as_far_apart_as_on_the_circle_of_fifths() -> None:
    every = np.arange(24)
    distance = key_distance(every[:, None], every[None])
    assert np.array_equal(distance, distance.T)
    assert (np.diag(distance) == 0).all() and (distance[~np.eye(24, dtype=bool)] > 0).all()
    neighbours = {key: set(np.flatnonzero(np.isclose(distance[key], 1 / 7)).tolist()) for key in (0, 21)}
    assert neighbours == {0: {5, 7, 21}, 21: {0, 16, 14}}  # C: F, G, Am; Am: C, Em, Dm
    assert key_distance(np.array([-1]), np.array([3]))[0] == 0.4
