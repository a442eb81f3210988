"""Standardising: unit rows, dead dimensions, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from segue.encoders import Scaling
from segue.errors import VectorsError
from segue.neighbours import fit_scaling, standardise

_MATRICES = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=20),
    elements=st.floats(-1e6, 1e6, width=32),
)


@given(_MATRICES)
def test_rows_have_length_one_or_none(vectors: np.ndarray) -> None:
    unit = standardise(vectors)
    lengths = np.linalg.norm(unit.astype(np.float64), axis=1)
    assert unit.dtype == np.float32
    assert unit.flags.c_contiguous
    assert np.all((np.abs(lengths - 1) < 1e-3) | (lengths == 0))


@given(st.floats(1e-12, 1e12), st.floats(-100, 100))
def test_a_unit_of_measurement_does_not_matter(factor: float, offset: float) -> None:
    vectors = np.random.default_rng(0).standard_normal((30, 4)).astype(np.float32)
    moved = (vectors + np.float32(offset)) * np.float32(factor)
    np.testing.assert_allclose(standardise(vectors), standardise(moved), atol=1e-3)


def test_scaling_is_that_of_numpy() -> None:
    vectors = np.random.default_rng(0).standard_normal((70_000, 3)).astype(np.float32) * 5 + 100
    scaling = fit_scaling(vectors)
    np.testing.assert_allclose(scaling.mean, vectors.mean(axis=0, dtype=np.float64), rtol=1e-6)
    np.testing.assert_allclose(scaling.std, vectors.std(axis=0, dtype=np.float64), rtol=1e-5)


def test_a_dimension_that_never_changes_says_nothing() -> None:
    vectors = np.array([[1, 7.1], [2, 7.1], [3, 7.1]], dtype=np.float32)
    assert np.all(fit_scaling(vectors).std > 0)
    np.testing.assert_array_equal(standardise(vectors)[:, 1], 0)


def test_a_given_scaling_is_used() -> None:
    scaling = Scaling(np.array([1, 1], dtype=np.float32), np.array([2, 1], dtype=np.float32))
    unit = standardise(np.array([[7, 5]], dtype=np.float32), scaling)
    np.testing.assert_allclose(unit, [[0.6, 0.8]], rtol=1e-6)
    np.testing.assert_array_equal(standardise(np.array([[1, 1]], dtype=np.float32), scaling), 0)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_refused_with_its_row(bad: float) -> None:
    vectors = np.ones((3, 2), dtype=np.float32)
    vectors[1, 0] = bad
    with pytest.raises(VectorsError, match="row 1"):
        standardise(vectors)


def test_shapes_are_checked() -> None:
    with pytest.raises(VectorsError):
        standardise(np.ones(3, dtype=np.float32))
    with pytest.raises(VectorsError):
        standardise(np.ones((1, 3), dtype=np.float32), Scaling(np.zeros(2), np.ones(2)))
    with pytest.raises(VectorsError):
        fit_scaling(np.empty((0, 3), dtype=np.float32))
    assert standardise(np.empty((0, 3), dtype=np.float32)).shape == (0, 3)
