"""Fold-in solves exactly the listener equation, quickly."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from segue.errors import UsageError
from segue.factors import Solver, WMFSettings, fit_wmf, fold_in
from segue.factors.reference import half_step

WITH = WMFSettings(alpha=3.0, eps=0.1, regularisation=2.0, popularity_power=0.0, listener_power=0.0)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(0, 4))
@settings(deadline=None, max_examples=25)
def test_it_is_the_equation_written_out(seed: int, n_played: int, n_disliked: int) -> None:
    rng = np.random.default_rng(seed)
    tracks = rng.standard_normal((15, 4)).astype(np.float32)
    rows = rng.permutation(15)
    played, disliked = rows[:n_played], rows[n_played : n_played + n_disliked]
    plays = rng.integers(1, 50, n_played)
    c, p = np.ones((1, 15)), np.zeros((1, 15))
    c[0, played] += WITH.alpha * np.log(1 + plays / WITH.eps)
    c[0, disliked] += WITH.alpha * np.log(1 + 2 / WITH.eps)
    p[0, played] = 1
    wanted = half_step(c, p, tracks.astype(np.float64), 2.0)[0]
    given_ = Solver(tracks, WITH).solve(played, plays, disliked=disliked, dislikes=2)
    np.testing.assert_allclose(given_, wanted, atol=1e-4)


def test_a_known_listener_comes_back(scenes: csr_array) -> None:
    options = WMFSettings(n_factors=3, n_iterations=30, popularity_power=0.0, listener_power=0.0)
    x, y = fit_wmf(scenes, options)
    row = scenes[[7]].tocoo()
    again = fold_in(y, row.col, row.data, options)
    cosine = again @ x[7] / np.linalg.norm(again) / np.linalg.norm(x[7])
    assert cosine > 0.999


def test_dislikes_push_down_what_is_alike() -> None:
    embeddings = np.array([[1, 0.1], [0.9, 0.2], [0.1, 1], [0.2, 0.9]], dtype=np.float32)
    solver = Solver(embeddings, WITH)
    scores = solver.solve([0], [3]) @ embeddings.T
    after = solver.solve([0], [3], disliked=[2]) @ embeddings.T
    assert after[3] < scores[3]


def test_nothing_played_is_no_taste() -> None:
    solver = Solver(np.eye(3, dtype=np.float32), WITH)
    assert not solver.solve([], []).any()
    assert not solver.solve([], [], disliked=[1]).any()


@pytest.mark.parametrize(("rows", "plays"), [([9], [1]), ([-1], [1]), ([0], [-1]), ([0], [np.nan])])
def test_what_cannot_be_is_refused(rows: list[int], plays: list[float]) -> None:
    with pytest.raises(UsageError):
        Solver(np.eye(3, dtype=np.float32), WITH).solve(rows, plays)


def test_factors_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(UsageError, match="finite"):
        Solver(np.full((3, 2), np.nan, dtype=np.float32), WITH).solve([0], [1])


@pytest.mark.slow
def test_under_a_millisecond() -> None:
    rng = np.random.default_rng(0)
    solver = Solver(rng.standard_normal((30_000, 64)).astype(np.float32), WITH)
    rows, plays = rng.choice(30_000, 1_000, replace=False), rng.integers(1, 9, 1_000)
    times = []
    for _ in range(50):
        began = time.perf_counter()
        solver.solve(rows, plays)
        times.append(time.perf_counter() - began)
    assert np.median(times[1:]) < 1e-3
