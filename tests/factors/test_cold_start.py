"""Tracks that nobody has played: two kinds of listeners, two kinds of content, and an obvious answer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from segue.errors import UsageError
from segue.factors.cold_start import METHODS, Content, fit_cold_start

_N = 240


def _world(seed: int = 0) -> tuple[csr_array, Content]:
    """Even listeners play tracks whose first attribute is low, odd ones those where it is high."""
    rng = np.random.default_rng(seed)
    numeric = np.column_stack([rng.uniform(-1, 1, _N), rng.uniform(-1, 1, _N), rng.integers(0, 3, _N)])
    likes = np.where(np.arange(40)[:, None] % 2 == 0, -numeric[:, 0], numeric[:, 0])
    played = rng.random((40, _N)) < np.where(likes > 0.2, 0.3, 0.01)
    return csr_array(played.astype(np.float32)), Content(numeric)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_learns_who_likes_what(method: str) -> None:
    matrix, content = _world()
    model = fit_cold_start(matrix, content, method=method, seed=1)
    new = Content(np.array([[-0.8, 0.1, 0.0], [0.8, 0.1, 0.0]]))
    scores = model.listener_factors @ model.predict(new).T
    assert model.method == method
    assert scores.shape == (40, 2)
    assert np.mean(scores[::2, 0] > scores[::2, 1]) > 0.95
    assert np.mean(scores[1::2, 1] > scores[1::2, 0]) > 0.95


def test_it_chooses_on_validation_and_says_what_it_saw() -> None:
    matrix, content = _world()
    model = fit_cold_start(matrix, content, groups=np.arange(_N) // 4, seed=1)
    assert set(model.choices) == set(METHODS)
    assert model.choices[model.method] == max(model.choices.values()) > 1.0


def test_the_same_seed_gives_the_same_factors() -> None:
    matrix, content = _world()
    one, other = (fit_cold_start(matrix, content, method="kernel + network", seed=3) for _ in range(2))
    assert np.array_equal(one.predict(content), other.predict(content))
    assert np.array_equal(one.listener_factors, other.listener_factors)


def test_shuffled_content_teaches_nothing() -> None:
    matrix, content = _world()
    shuffled = content.rows(np.random.default_rng(0).permutation(_N))
    choices = fit_cold_start(matrix, shuffled, groups=np.arange(_N), seed=1).choices
    real = fit_cold_start(matrix, content, groups=np.arange(_N), seed=1).choices
    assert max(choices.values()) < max(real.values()) - 0.2


def test_tracks_without_content_teach_nothing_but_who_is_alike() -> None:
    matrix, content = _world()
    missing = content.numeric.copy()
    missing[::3] = np.nan
    model = fit_cold_start(matrix, Content(missing), method="kernel", seed=1)
    assert np.isfinite(model.predict(Content(missing))).all()


def test_tags_are_content() -> None:
    matrix, content = _world()
    low = content.numeric[:, 0] < 0
    tags = np.zeros((_N, 6), np.float32)
    tags[low, 0], tags[~low, 1] = 2, 2
    tags[np.arange(_N), 2 + np.arange(_N) % 4] = 1
    without_numbers = np.zeros((_N, 0))
    model = fit_cold_start(matrix, Content(without_numbers, csr_array(tags)), method="kernel", seed=1)
    asked = csr_array(np.array([[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]], np.float32))
    scores = model.listener_factors @ model.predict(Content(np.zeros((2, 0)), asked)).T
    assert np.mean(scores[::2, 0] > scores[::2, 1]) > 0.95


def test_a_row_depends_on_its_own_content_alone() -> None:
    matrix, content = _world()
    model = fit_cold_start(matrix, content, method="kernel + network", seed=0)
    alone = np.concatenate([model.predict(content.rows(np.array([row]))) for row in range(5)])
    np.testing.assert_allclose(alone, model.predict(content)[:5], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("content", "method", "says"),
    [
        (Content(np.full((_N, 2), np.nan)), "auto", "0 played tracks have content"),
        (Content(np.zeros((3, 2))), "auto", "does not fit"),
        (Content(np.zeros((_N, 2))), "magic", "no method is called 'magic'"),
    ],
)
def test_what_cannot_be_learned_from_is_said(content: Content, method: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        fit_cold_start(_world()[0], content, method=method)


def test_other_columns_than_in_training_are_refused() -> None:
    matrix, content = _world()
    model = fit_cold_start(matrix, content, method="ridge")
    with pytest.raises(UsageError, match="content has 2 columns where training had 3"):
        model.predict(Content(np.zeros((1, 2))))
