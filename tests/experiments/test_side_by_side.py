"""Fixed queries: chosen by a rule, answered by every model beside the truth."""

from __future__ import annotations

import numpy as np
import pytest

from segue.errors import UsageError
from segue.experiments.side_by_side import choose_queries, side_by_side
from segue.training.datasets.contract import Dataset, Target

ROWS = np.arange(10, 40)


def _dataset(*, titles: bool = True, genres: bool = True) -> Dataset:
    n = 40
    target = Target("class", ("a", "b", "c"), np.arange(n) % 3)
    return Dataset(
        name="drawn",
        tracks=tuple(f"{row}.wav" for row in range(n)),
        audio=(),
        titles=tuple(f"Title {row}" if titles and row % 2 else "" for row in range(n)),
        artists=tuple(f"artist {row // 2}" for row in range(n)),
        albums=("",) * n,
        recordings=("",) * n,
        targets={"genre": target} if genres else {},
    )


def test_queries_are_one_a_class_and_have_titles() -> None:
    dataset = _dataset()
    queries = choose_queries(dataset, ROWS)
    assert (queries % 3).tolist() == [0, 1, 2] and set(queries) <= set(ROWS)
    assert all(dataset.titles[row] for row in queries)
    np.testing.assert_array_equal(choose_queries(dataset, ROWS[::-1]), queries)


def test_queries_without_classes_or_titles_are_four() -> None:
    queries = choose_queries(_dataset(titles=False, genres=False), ROWS)
    assert len(set(queries.tolist())) == 4 and set(queries) <= set(ROWS)


def test_lists_of_the_truth_agree_with_themselves() -> None:
    dataset = _dataset()
    truth, other = np.random.default_rng(0).normal(size=(2, 30, 4)).astype(np.float32)
    queries = choose_queries(dataset, ROWS)
    answers = side_by_side(dataset, ROWS, queries, {"same": truth * 7, "other": other}, truth=truth)
    assert [answer.track for answer in answers] == [dataset.tracks[row] for row in queries]
    for answer in answers:
        assert list(answer.lists) == ["truth", "same", "other"]
        true, same, other = answer.lists.values()
        assert [near.track for near in true] == [near.track for near in same] and len(true) == 10
        assert all(near.agrees for near in same)
        shared = {near.track for near in true} & {near.track for near in other}
        assert {near.track for near in other if near.agrees} == shared != {near.track for near in other}
        assert answer.track not in {near.track for near in true + other}
        assert [near.cosine for near in true] == sorted((near.cosine for near in true), reverse=True)


def test_where_the_truth_is_a_class_it_is_the_class_that_agrees() -> None:
    dataset = _dataset()
    classes = np.eye(3, dtype=np.float32)[ROWS % 3]
    (answer,) = side_by_side(dataset, ROWS, np.array([12]), {"model": classes})
    assert list(answer.lists) == ["model"] and answer.label == "a"
    assert all(near.agrees and near.label == "a" for near in answer.lists["model"][:9])
    assert not answer.lists["model"][9].agrees


def test_a_query_outside_the_test_part_is_refused() -> None:
    with pytest.raises(UsageError, match=r"3\.wav is asked for, and is none of the test tracks"):
        side_by_side(_dataset(), ROWS, np.array([3]), {"model": np.ones((30, 2), np.float32)})
