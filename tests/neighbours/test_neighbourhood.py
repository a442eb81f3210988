"""A neighbourhood: calibration, coming and going, storing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.errors import VectorsError
from segue.neighbours import (
    Calibration,
    Neighbourhood,
    add_tracks,
    fit_neighbourhood,
    fit_scaling,
    open_neighbourhood,
    remove_tracks,
    save_neighbourhood,
    similarity_quantiles,
)


def raw_vectors(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, 12)).astype(np.float32) * 3 + 1


def fitted(n: int = 400) -> Neighbourhood:
    raw = raw_vectors(n)
    return fit_neighbourhood(np.arange(n), raw, scaling=fit_scaling(raw))


def similarities(known: Neighbourhood, raw: np.ndarray) -> np.ndarray:
    ids = np.sort(known.index.ids)
    return known.similarity(known.unit(raw), known.index.vectors_of(ids), known.index.positions(ids))


def test_match_is_the_share_of_pairs_that_are_less_alike() -> None:
    vectors = raw_vectors(300)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    calibration = similarity_quantiles(vectors, seed=0)
    first, second = np.triu_indices(300, 1)
    pairs = np.sort(np.einsum("ij,ij->i", vectors[first], vectors[second]))
    for share in (0.01, 0.5, 0.9, 0.999):
        value = pairs[int(share * len(pairs))]
        assert calibration.match(np.array([value]))[0] == pytest.approx(share * 100, abs=0.3)
    fine = calibration.match(pairs[[-45, -4]])
    assert fine[1] > fine[0] > 99.8


@given(st.lists(st.floats(-1, 1, width=32), min_size=2, max_size=30), st.integers(0, 5))
def test_match_never_falls(values: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    calibration = Calibration(np.sort(rng.uniform(-1, 1, 1001).astype(np.float32)))
    matches = calibration.match(np.sort(np.array(values, dtype=np.float32)))
    assert np.all(np.diff(matches) >= 0)
    assert np.all((matches >= 0) & (matches <= 100))


def test_a_large_library_is_sampled_and_so_always_the_same() -> None:
    vectors = raw_vectors(1_500)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    once, again = (similarity_quantiles(vectors, seed=4).quantiles for _ in range(2))
    np.testing.assert_array_equal(once, again)
    other = similarity_quantiles(vectors, seed=5).quantiles
    np.testing.assert_allclose(once[:700], other[:700], atol=0.1)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_tiny_libraries(n: int) -> None:
    known = fitted(n)
    assert known.hubs is None
    assert np.all(np.isfinite(known.calibration.match(similarities(known, raw_vectors(1, seed=3)))))


def test_adding_and_removing_changes_only_what_came_and_went() -> None:
    known = fitted()
    before = similarities(known, raw_vectors(1, seed=9))
    more = raw_vectors(30, seed=1)
    known = add_tracks(known, np.arange(1_000, 1_030), more)
    known = remove_tracks(known, np.array([3, 5, 10**6]))
    known = add_tracks(known, np.array([7]), raw_vectors(400)[7:8])
    assert len(known.index) == 428
    assert known.hubs is not None
    assert known.hubs.mean.shape == (428,)
    after = similarities(known, raw_vectors(1, seed=9))
    np.testing.assert_allclose(after[:398], np.delete(before, [3, 5]), rtol=0.05, atol=1e-3)
    assert not known.outgrown
    assert add_tracks(known, np.arange(2_000, 2_200), raw_vectors(200, seed=2)).outgrown
    assert remove_tracks(known, np.arange(150)).outgrown


@pytest.mark.parametrize("n", [20, 400])
@pytest.mark.parametrize("scaled", [True, False])
def test_stored_and_opened_it_is_the_same(tmp_path: Path, n: int, scaled: bool) -> None:
    raw = raw_vectors(n)
    if not scaled:
        raw /= np.linalg.norm(raw, axis=1, keepdims=True)
    known = fit_neighbourhood(np.arange(n), raw, scaling=fit_scaling(raw) if scaled else None)
    save_neighbourhood(tmp_path, known, revision=3)
    opened = open_neighbourhood(tmp_path, revision=3)
    assert (opened.scaling is None) == (not scaled)
    np.testing.assert_array_equal(similarities(opened, raw[:1]), similarities(known, raw[:1]))
    np.testing.assert_array_equal(opened.calibration.quantiles, known.calibration.quantiles)
    assert opened.fitted_on == n
    with pytest.raises(VectorsError, match="revision"):
        open_neighbourhood(tmp_path, revision=4)


def test_an_index_alone_is_no_neighbourhood(tmp_path: Path) -> None:
    fitted().index.save(tmp_path)
    with pytest.raises(VectorsError, match="made again"):
        open_neighbourhood(tmp_path)


def test_unit_refuses_vectors_of_another_encoder() -> None:
    with pytest.raises(VectorsError):
        fitted().unit(np.ones((1, 5), dtype=np.float32))
