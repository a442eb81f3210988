"""Sums over parts give the numbers that all rows at once give."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.errors import UsageError
from segue.factors.content.ridge import fit_ridge
from segue.spark.moments import N_FOLDS, Moments, fit_linear, fold_of, merged, moments_of


def _made(n: int = 400, n_inputs: int = 7, n_factors: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Content far from 0 with one column that never changes, and factors that depend on it."""
    rng = np.random.default_rng(1)
    content = rng.standard_normal((n, n_inputs)) * [1, 10, 0.1, 1, 1, 1, 0] + [0, 4_000, 0, -3, 0, 0, 5]
    factors = (content - content.mean(axis=0)) @ rng.standard_normal((n_inputs, n_factors)) * 0.1 + 0.5
    factors += rng.standard_normal((n, n_factors))
    return content.astype(np.float32), factors.astype(np.float32)


def _folds(content: np.ndarray, factors: np.ndarray, folds: np.ndarray) -> list[Moments]:
    rows = np.hstack([content, factors])
    return [moments_of(rows[folds == fold]) for fold in range(N_FOLDS)]


def _standard(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    mean, deviation = rows.mean(axis=0, dtype=np.float64), rows.std(axis=0, dtype=np.float64)
    scale = np.where(deviation > 1e-9, deviation, 1.0)
    return (rows - mean) / scale, mean, scale


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_parts_merged_are_the_whole(sizes: list[int], seed: int) -> None:
    rows = np.random.default_rng(seed).normal(1_000, 3, (sum(sizes), 4))
    parts = np.split(rows, np.cumsum(sizes)[:-1])
    found, wanted = reduce(merged, map(moments_of, parts)), moments_of(rows)
    assert found.n == len(rows)
    np.testing.assert_allclose(found.mean, rows.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.scatter, wanted.scatter, atol=1e-8)


@pytest.mark.parametrize("penalty", [1.0, 100.0])
def test_the_regression_is_that_of_all_rows_at_once(penalty: float) -> None:
    content, factors = _made()
    model = fit_linear(_folds(content, factors, np.arange(len(content)) % N_FOLDS), 7, (penalty,))
    inputs, _, _ = _standard(content)
    targets, mean, scale = _standard(factors)
    (wanted,) = fit_ridge(inputs.astype(np.float32), targets.astype(np.float32), (penalty,))
    np.testing.assert_allclose(
        model.predict(content), wanted.predict(inputs.astype(np.float32)) * scale + mean, atol=2e-4
    )


def test_what_each_penalty_explains_is_measured_on_folds_left_out() -> None:
    content, factors = _made()
    folds = np.arange(len(content)) % N_FOLDS
    model = fit_linear(_folds(content, factors, folds), 7)
    inputs, _, _ = _standard(content)
    targets, _, _ = _standard(factors)
    for penalty, explained in model.choices.items():
        lost = spread = 0.0
        for fold in range(N_FOLDS):
            held = folds == fold
            (ridge,) = fit_ridge(inputs[~held].astype(np.float32), targets[~held], (penalty,))
            lost += ((ridge.predict(inputs[held].astype(np.float32)) - targets[held]) ** 2).sum()
            spread += ((targets[held] - targets[~held].mean(axis=0)) ** 2).sum()
        assert explained == pytest.approx(1 - lost / spread, abs=1e-4)
    assert model.choices[model.penalty] == max(model.choices.values())
    assert model.n_learned == len(content)


def test_a_fold_without_rows_changes_nothing() -> None:
    content, factors = _made()
    model = fit_linear([moments_of(np.hstack([content, factors]))], 7, (10.0,))
    assert np.isfinite(model.predict(content)).all()


def test_too_few_tracks_are_refused() -> None:
    content, factors = _made(9)
    with pytest.raises(UsageError, match="9 tracks have both"):
        fit_linear([moments_of(np.hstack([content, factors]))], 7)


def test_a_fold_depends_on_the_name_alone() -> None:
    names = [f"track {number}" for number in range(5_000)]
    folds = fold_of(names)
    assert (fold_of(names[::-1])[::-1] == folds).all()
    assert np.bincount(folds).min() > 900
