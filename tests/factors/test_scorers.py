"""What every model that scores has to do, and each against another way to compute it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.sparse import csr_array

from segue.errors import UsageError
from segue.factors import (
    DEFAULT_WARM,
    Scorer,
    ease,
    fit_ease,
    fit_item_knn,
    fit_listener_knn,
    fit_popularity,
    hold_out,
    judge,
    warm_models,
)

NAMES = tuple(warm_models())


@pytest.mark.parametrize("name", NAMES)
def test_scores_are_one_row_a_listener(scenes: csr_array, name: str) -> None:
    scorer = warm_models()[name](scenes, 0)
    rows = np.array([5, 0, 7])
    scores = scorer.scores(rows)
    assert scores.shape == (3, 80) and scores.dtype == np.float32 and np.isfinite(scores).all()
    np.testing.assert_allclose(scores[1], scorer.scores(np.array([0]))[0], atol=1e-5)
    assert scorer.scores(np.array([], dtype=np.int64)).shape == (0, 80)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_scores(scenes: csr_array, name: str) -> None:
    one, same = (warm_models()[name](scenes, 4).scores(np.arange(9)) for _ in range(2))
    np.testing.assert_array_equal(one, same)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "popularity"])
def test_it_tells_two_scenes_apart(scenes: csr_array, name: str) -> None:
    train, held = hold_out(scenes, seed=2)
    found = judge(warm_models()[name](train, 0), train, held)
    popular = judge(fit_popularity(train), train, held)
    assert found.auc > popular.auc + 0.05


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "wrong", [np.zeros((4, 3)), np.eye(3)[:1], -np.eye(3)], ids=["empty", "one", "negative"]
)
def test_bad_plays_are_refused(name: str, wrong: np.ndarray) -> None:
    with pytest.raises(UsageError):
        warm_models()[name](csr_array(wrong), 0)


def test_the_default_stands_first() -> None:
    assert NAMES[0] == DEFAULT_WARM


def _cosine(x: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(x, axis=0)
    similar = x.T @ x / np.outer(lengths, lengths)
    np.fill_diagonal(similar, 0)
    return np.maximum(similar, 0)


CENTRED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "cosine": lambda x: x,
    "pearson": lambda x: x - x.mean(axis=0),
    "adjusted-cosine": lambda x: x - x.mean(axis=1, keepdims=True),
}


@pytest.mark.parametrize("metric", CENTRED)
def test_item_neighbours_are_those_of_dense_arithmetic(scenes: csr_array, metric: str) -> None:
    plays = np.log1p(scenes.toarray().astype(np.float64))
    wanted = plays @ _cosine(CENTRED[metric](plays))
    given = fit_item_knn(scenes, metric=metric, neighbours=80).scores(np.arange(120))  # type: ignore[arg-type]
    np.testing.assert_allclose(given, wanted, atol=1e-3)


@pytest.mark.parametrize("metric", CENTRED)
def test_listener_neighbours_are_those_of_dense_arithmetic(scenes: csr_array, metric: str) -> None:
    plays = np.log1p(scenes.toarray().astype(np.float64))
    wanted = _cosine(CENTRED[metric](plays.T)) @ plays
    given = fit_listener_knn(scenes, metric=metric, neighbours=120).scores(np.arange(120))  # type: ignore[arg-type]
    np.testing.assert_allclose(given, wanted, atol=1e-3)


def test_few_neighbours_are_the_nearest(scenes: csr_array) -> None:
    similarities = fit_item_knn(scenes, neighbours=5).similarities
    dense = _cosine(np.log1p(scenes.toarray().astype(np.float64)))
    for row in range(80):
        kept = set(similarities[[row]].indices.tolist())  # type: ignore[index]
        assert kept == set(np.argsort(-dense[row])[:5].tolist())


def test_ease_is_its_closed_form(scenes: csr_array) -> None:
    x = (scenes.toarray() > 0).astype(np.float64)
    inverse = np.linalg.inv(x.T @ x + 7 * np.eye(80))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    given: Scorer = fit_ease(scenes, regularisation=7)
    np.testing.assert_allclose(given.scores(np.arange(120)), x @ weights, atol=1e-4)


def test_ease_refuses_too_many_tracks(scenes: csr_array, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ease, "MOST_TRACKS", 10)
    with pytest.raises(UsageError, match="80 tracks are too many"):
        fit_ease(scenes)


def test_an_unknown_metric_is_named(scenes: csr_array) -> None:
    for fit in (fit_item_knn, fit_listener_knn):
        with pytest.raises(UsageError, match=r"'jaccard'.*cosine, pearson"):
            fit(scenes, metric="jaccard")
