"""Hubs: their measure, and that mutual proximity lessens them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, skew

from segue.neighbours import HubStatistics, fit_hubs, hubness, mutual_proximity


def neighbours(similarities: np.ndarray, k: int = 10) -> np.ndarray:
    similarities = similarities.copy()
    np.fill_diagonal(similarities, -np.inf)
    return np.argsort(-similarities, axis=1, kind="stable")[:, :k]


def corrected(vectors: np.ndarray, hubs: HubStatistics) -> np.ndarray:
    mean, std = hubs.mean, hubs.std
    return mutual_proximity(vectors @ vectors.T, mean[:, None], std[:, None], mean, std)


@pytest.mark.parametrize(("dim", "offset"), [(200, 0.5), (50, 0.5), (400, 0.2)])
def test_mutual_proximity_lessens_hubs(dim: int, offset: float) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((1_500, dim)).astype(np.float32) + np.float32(offset)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    before = hubness(neighbours(vectors @ vectors.T), len(vectors))
    after = hubness(neighbours(corrected(vectors, fit_hubs(vectors, seed=0))), len(vectors))
    assert before > 0.8
    assert after < before * 0.7


def test_hubness_is_the_skewness_of_counts() -> None:
    found = np.random.default_rng(0).integers(0, 50, (50, 10)) ** 2 // 50
    assert hubness(found, 50) == pytest.approx(skew(np.bincount(found.ravel(), minlength=50)))


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-0.5, 0.5), st.floats(0.01, 0.5), st.floats(-0.5, 0.5))
def test_grows_with_the_cosine_and_asks_both_alike(
    low: float, high: float, mean_a: float, std: float, mean_b: float
) -> None:
    low, high = sorted((np.float32(low), np.float32(high)))
    a = mutual_proximity(np.array([low, high], dtype=np.float32), mean_a, std, mean_b, std * 2)
    b = mutual_proximity(np.array([low, high], dtype=np.float32), mean_b, std * 2, mean_a, std)
    assert np.isfinite(a).all()
    assert 0 <= a[0] <= a[1]
    np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


def test_is_the_probability_it_says() -> None:
    cosines = np.linspace(-0.3, 0.6, 50, dtype=np.float32)
    closer_to_neither = norm.cdf((cosines - 0.1) / 0.2) * norm.cdf((cosines + 0.05) / 0.3)
    found = 1 - np.exp(-mutual_proximity(cosines, 0.1, 0.2, -0.05, 0.3))
    np.testing.assert_allclose(found, closer_to_neither, atol=1e-3)


def test_keeps_apart_what_is_very_near() -> None:
    near = mutual_proximity(np.array([0.9, 0.95, 0.999], dtype=np.float32), 0.0, 0.07, 0.0, 0.07)
    assert np.all(np.diff(near) > 0.1)


def test_statistics_are_those_of_all_pairs_in_a_small_library() -> None:
    vectors = np.random.default_rng(0).standard_normal((200, 20)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = vectors @ vectors.T
    others = cosines[~np.eye(200, dtype=bool)].reshape(200, 199)
    hubs = fit_hubs(vectors, seed=0)
    np.testing.assert_allclose(hubs.mean, others.mean(axis=1), atol=1e-5)
    np.testing.assert_allclose(hubs.std, others.std(axis=1), atol=1e-4)


def test_a_song_to_come_needs_only_its_own() -> None:
    vectors = np.random.default_rng(0).standard_normal((2_000, 30)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    hubs = fit_hubs(vectors[:1_900], seed=3)
    assert hubs.references.shape == (500, 30)
    mean, std = hubs.of(vectors[1_900:])
    truth = vectors[1_900:] @ vectors[:1_900].T
    np.testing.assert_allclose(mean, truth.mean(axis=1), atol=0.03)
    np.testing.assert_allclose(std, truth.std(axis=1), rtol=0.15)


def test_copies_do_not_divide_by_zero() -> None:
    vectors = np.repeat(np.eye(1, 5, dtype=np.float32), 120, axis=0)
    hubs = fit_hubs(vectors, seed=0)
    assert np.isfinite(corrected(vectors, hubs)).all()
