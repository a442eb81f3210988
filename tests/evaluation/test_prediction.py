"""Predictions by grouped cross-validation: folds, agreement with scikit-learn, no leak between artists."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.evaluation import accuracy, group_folds, pearson_r, predict_genres, predict_moods
from segue.evaluation.prediction import _ridge


@given(st.lists(st.integers(0, 12), min_size=2, max_size=60), st.integers(0, 50))
def test_folds_keep_groups_whole_and_leave_none_empty(groups: list[int], seed: int) -> None:
    names = np.array(groups)
    n_folds = min(5, len(set(groups)))
    folds = group_folds(names, n_folds, seed=seed)
    assert set(folds.tolist()) == set(range(n_folds))
    for group in set(groups):
        assert len(set(folds[names == group].tolist())) == 1
    sizes = np.bincount(folds)
    assert sizes.max() - sizes.min() <= np.bincount(names).max()


def test_ridge_agrees_with_sklearn() -> None:
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    train, test = (rng.standard_normal((n, 50)).astype(np.float32) * 3 + 1 for n in (40, 9))
    targets = rng.standard_normal((40, 3))
    guesses = _ridge(train, targets, test, (1.0, 100.0))
    for guess, alpha in zip(guesses, (1.0, 100.0), strict=True):
        model = make_pipeline(StandardScaler(), Ridge(alpha=alpha)).fit(train.astype(np.float64), targets)
        np.testing.assert_allclose(guess, model.predict(test.astype(np.float64)), atol=1e-6)


def test_what_is_linear_is_found() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((120, 8)).astype(np.float32)
    artists = np.arange(120) // 4
    moods = vectors[:, :2] + 0.1 * rng.standard_normal((120, 2))
    assert pearson_r(moods, predict_moods(vectors, moods, artists, seed=0))[0] > 0.95
    genres = (vectors[:, 0] > 0).astype(np.int64)
    assert accuracy(genres, predict_genres(vectors, genres, artists, seed=0)) > 0.9


def test_knowing_the_artist_does_not_help() -> None:
    # The vector names the artist exactly and nothing else; genre goes with the artist. A split by tracks
    # would be nearly always right.
    rng = np.random.default_rng(0)
    artists = np.repeat(np.arange(40), 5)
    vectors = np.eye(40, dtype=np.float32)[artists] + 0.01 * rng.standard_normal((200, 40)).astype(np.float32)
    genres = rng.integers(0, 2, 40)[artists]
    assert accuracy(genres, predict_genres(vectors, genres, artists, seed=0)) < 0.65
    moods = rng.standard_normal((40, 1))[artists]
    assert abs(pearson_r(moods, predict_moods(vectors, moods, artists, seed=0))[0]) < 0.45


def test_the_same_seed_predicts_the_same() -> None:
    rng = np.random.default_rng(5)
    vectors, artists = rng.standard_normal((60, 5)).astype(np.float32), np.arange(60) // 3
    moods, genres = rng.standard_normal((60, 2)), rng.integers(0, 3, 60)
    for predict, target in ((predict_moods, moods), (predict_genres, genres)):
        first, second = (predict(vectors, target, artists, seed=4) for _ in range(2))
        np.testing.assert_array_equal(first, second)


def test_a_training_fold_of_one_genre_is_no_crash() -> None:
    vectors = np.random.default_rng(0).standard_normal((12, 3)).astype(np.float32)
    genres = np.array([0] * 11 + [1])
    guess = predict_genres(vectors, genres, np.arange(12), seed=0)
    assert set(guess.tolist()) <= {0, 1}


@pytest.mark.parametrize("dim", [1, 300])
def test_any_shape_of_vectors_is_handled(dim: int) -> None:
    rng = np.random.default_rng(0)
    vectors, artists = rng.standard_normal((50, dim)).astype(np.float32), np.arange(50) // 2
    assert predict_moods(vectors, rng.standard_normal((50, 2)), artists, seed=0).shape == (50, 2)
    assert predict_genres(vectors, rng.integers(0, 3, 50), artists, seed=0).shape == (50,)
