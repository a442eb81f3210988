"""One suite for every index: what `Index` promises, whatever is behind it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segue.errors import VectorsError
from segue.neighbours import (
    APPROXIMATE_FROM,
    ApproximateIndex,
    ExactIndex,
    Index,
    build_index,
    open_index,
)
from segue.neighbours import approximate as approximate_module

DIM = 24


def unit_rows(n: int, dim: int = DIM, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def brute_force(ids: np.ndarray, vectors: np.ndarray, query: np.ndarray, n: int) -> list[int]:
    distances = 1 - vectors.astype(np.float64) @ query.astype(np.float64)
    return ids[np.lexsort((ids, distances))][:n].tolist()


class IndexContract:
    """Subclasses give `make` and the number of rows at which their own way of searching is at work."""

    n_rows = 300
    least_recall = 1.0

    @pytest.fixture
    def make(self) -> Callable[[int], Index]:
        raise NotImplementedError

    @pytest.fixture
    def filled(self, make: Callable[[int], Index]) -> Index:
        index = make(DIM)
        index.add(self.ids, self.vectors)
        return index

    @property
    def ids(self) -> np.ndarray:
        return np.random.default_rng(9).permutation(self.n_rows * 2)[: self.n_rows].astype(np.int64)

    @property
    def vectors(self) -> np.ndarray:
        return unit_rows(self.n_rows)

    def recall(self, index: Index, allowed: np.ndarray | None = None, n: int = 10) -> float:
        queries = unit_rows(20, seed=5)
        found, distances = index.search(queries, n, allowed=allowed)
        ids, vectors = index.ids, index.vectors_of(index.ids)
        if allowed is not None:
            keep = allowed if allowed.dtype == np.bool_ else np.isin(ids, allowed)
            assert set(found.ravel().tolist()) <= set(ids[keep].tolist())
            ids, vectors = ids[keep], vectors[keep]
        assert np.all(np.diff(distances, axis=1) >= 0)
        for row, query in zip(found, queries, strict=True):
            assert len(set(row.tolist())) == len(row) == min(n, len(ids))
            assert query.shape == (DIM,)
        hits = [
            len(set(row.tolist()) & set(brute_force(ids, vectors, query, n))) / max(1, len(row))
            for row, query in zip(found, queries, strict=True)
        ]
        return float(np.mean(hits))

    def test_it_is_an_index(self, filled: Index) -> None:
        assert isinstance(filled, Index)
        assert len(filled) == self.n_rows
        assert filled.dim == DIM
        assert filled.ids.tolist() == self.ids.tolist()

    def test_a_vector_is_its_own_nearest(self, filled: Index) -> None:
        found, distances = filled.search(self.vectors[:50], 1)
        assert found[:, 0].tolist() == self.ids[:50].tolist()
        assert np.all(distances < 1e-6)
        assert found.dtype == np.int64
        assert distances.dtype == np.float32

    def test_finds_what_brute_force_finds(self, filled: Index) -> None:
        assert self.recall(filled) >= self.least_recall

    @pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
    def test_filters_before_the_cut(self, filled: Index, share: float) -> None:
        mask = np.random.default_rng(2).random(self.n_rows) < share
        assert self.recall(filled, mask) >= self.least_recall
        by_mask = filled.search(unit_rows(3, seed=6), 7, allowed=mask)
        by_ids = filled.search(unit_rows(3, seed=6), 7, allowed=filled.ids[mask])
        np.testing.assert_array_equal(by_mask[0], by_ids[0])
        np.testing.assert_array_equal(by_mask[1], by_ids[1])

    def test_filters_that_leave_only_what_is_far(self, filled: Index) -> None:
        query = unit_rows(1, seed=6)
        far = self.vectors @ query[0] < np.median(self.vectors @ query[0])
        found, _ = filled.search(query, 10, allowed=far)
        right = brute_force(self.ids[far], self.vectors[far], query[0], 10)
        assert len(set(found[0].tolist()) & set(right)) >= 10 * self.least_recall

    def test_fewer_come_back_only_when_fewer_are_allowed(self, filled: Index) -> None:
        few = filled.ids[:3]
        assert sorted(filled.search(self.vectors[:1], 10, allowed=few)[0][0].tolist()) == sorted(few.tolist())
        assert filled.search(self.vectors[:1], self.n_rows + 5)[0].shape == (1, self.n_rows)
        assert filled.search(self.vectors[:2], 4, allowed=np.empty(0, dtype=np.int64))[0].shape == (2, 0)
        assert filled.search(self.vectors[:2], 0)[0].shape == (2, 0)
        assert filled.search(np.empty((0, DIM), dtype=np.float32), 4)[0].shape == (0, 4)

    def test_unknown_allowed_ids_are_passed_over(self, filled: Index) -> None:
        allowed = np.array([filled.ids[4], 10**9], dtype=np.int64)
        assert filled.search(self.vectors[:1], 5, allowed=allowed)[0].tolist() == [[int(filled.ids[4])]]

    def test_ties_come_in_the_order_of_ids(self, make: Callable[[int], Index]) -> None:
        index = make(DIM)
        copies = np.repeat(unit_rows(1), 40, axis=0)
        ids = np.random.default_rng(1).permutation(40).astype(np.int64)
        index.add(ids, copies)
        assert index.search(copies[:1], 5)[0].tolist() == [[0, 1, 2, 3, 4]]

    def test_a_vector_without_direction_is_at_distance_one(self, make: Callable[[int], Index]) -> None:
        index = make(DIM)
        index.add(np.array([3]), np.zeros((1, DIM), dtype=np.float32))
        assert index.search(unit_rows(1), 1)[1].tolist() == [[1.0]]

    def test_one_query_and_many_give_the_same(self, filled: Index) -> None:
        queries = unit_rows(12, seed=7)
        together = filled.search(queries, 9)
        for row, query in enumerate(queries):
            alone = filled.search(query[None], 9)
            np.testing.assert_array_equal(alone[0][0], together[0][row])
            np.testing.assert_array_equal(alone[1][0], together[1][row])

    def test_add_and_remove_are_as_if_built_so(self, make: Callable[[int], Index], filled: Index) -> None:
        gone, new_ids = self.ids[::7], np.arange(10_000, 10_050, dtype=np.int64)
        new = unit_rows(50, seed=3)
        filled.remove(gone)
        filled.add(new_ids, new)
        keep = ~np.isin(self.ids, gone)
        again = make(DIM)
        again.add(np.concatenate([self.ids[keep], new_ids]), np.concatenate([self.vectors[keep], new]))
        assert filled.ids.tolist() == again.ids.tolist()
        assert self.recall(filled) >= self.least_recall
        assert filled.search(new[:5], 1)[0][:, 0].tolist() == new_ids[:5].tolist()
        if self.least_recall == 1.0:
            for left, right in zip(filled.search(new, 10), again.search(new, 10), strict=True):
                np.testing.assert_array_equal(left, right)

    def test_adding_a_known_id_replaces_it(self, filled: Index) -> None:
        filled.add(self.ids[:1], self.vectors[1:2])
        assert len(filled) == self.n_rows
        assert set(filled.search(self.vectors[1:2], 2)[0][0].tolist()) == set(self.ids[:2].tolist())

    def test_removing_all_and_unknown_ids(self, filled: Index) -> None:
        filled.remove(np.array([10**9]))
        assert len(filled) == self.n_rows
        filled.remove(self.ids)
        assert len(filled) == 0
        assert filled.search(self.vectors[:1], 3)[0].shape == (1, 0)
        filled.add(self.ids[:5], self.vectors[:5])
        assert filled.search(self.vectors[:1], 1)[0].tolist() == [[int(self.ids[0])]]

    def test_saved_and_opened_it_is_the_same(self, filled: Index, tmp_path: Path) -> None:
        filled.save(tmp_path, revision=4)
        opened = open_index(tmp_path, revision=4)
        assert type(opened) is type(filled)
        queries = unit_rows(5, seed=8)
        for left, right in zip(filled.search(queries, 10), opened.search(queries, 10), strict=True):
            np.testing.assert_array_equal(left, right)
        opened.add(np.array([77_777]), queries[:1])
        opened.remove(opened.ids[:3])
        opened.save(tmp_path, revision=5)
        assert open_index(tmp_path).search(queries[:1], 1)[0].tolist() == [[77_777]]
        assert len(list(tmp_path.glob("*.npy"))) == len(opened.parts().arrays)

    def test_an_empty_index_can_be_saved(self, make: Callable[[int], Index], tmp_path: Path) -> None:
        make(DIM).save(tmp_path)
        opened = open_index(tmp_path)
        assert (len(opened), opened.dim) == (0, DIM)
        opened.add(self.ids[:4], self.vectors[:4])
        assert opened.search(self.vectors[:1], 1)[0].tolist() == [[int(self.ids[0])]]

    def test_two_builds_are_the_same_byte_by_byte(
        self, make: Callable[[int], Index], filled: Index, tmp_path: Path
    ) -> None:
        again = make(DIM)
        again.add(self.ids, self.vectors)
        filled.save(tmp_path / "a")
        again.save(tmp_path / "b")
        assert (tmp_path / "a/header.json").read_bytes() == (tmp_path / "b/header.json").read_bytes()

    @pytest.mark.parametrize(
        ("ids", "vectors", "words"),
        [
            (np.arange(2), unit_rows(3), "must be"),
            (np.array([1, 1]), unit_rows(2), "twice"),
            (np.arange(2), unit_rows(2) * 2, "length 1"),
            (np.arange(2), np.full((2, DIM), np.nan, dtype=np.float32), "finite"),
            (np.arange(2), unit_rows(2, dim=DIM + 1), "dimensions"),
        ],
    )
    def test_what_does_not_fit_is_refused(
        self, filled: Index, ids: np.ndarray, vectors: np.ndarray, words: str
    ) -> None:
        with pytest.raises(VectorsError, match=words):
            filled.add(ids, vectors)
        assert len(filled) == self.n_rows

    def test_questions_that_do_not_fit_are_refused(self, filled: Index) -> None:
        with pytest.raises(VectorsError, match="queries"):
            filled.search(unit_rows(1, dim=3), 1)
        with pytest.raises(VectorsError, match="mask"):
            filled.search(self.vectors[:1], 1, allowed=np.ones(3, dtype=np.bool_))
        with pytest.raises(VectorsError, match="not in the index"):
            filled.vectors_of(np.array([10**9]))

    def test_positions(self, filled: Index) -> None:
        assert filled.positions(np.array([self.ids[5], 10**9, self.ids[0]])).tolist() == [5, -1, 0]


class TestExactIndex(IndexContract):
    @pytest.fixture
    def make(self) -> Callable[[int], Index]:
        return ExactIndex

    @settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(1, 60), st.integers(0, 2**16), st.integers(1, 12))
    def test_agrees_with_brute_force(self, n_rows: int, seed: int, n: int) -> None:
        vectors, ids = unit_rows(n_rows, 5, seed), np.arange(n_rows)
        index = ExactIndex(5)
        index.add(ids, vectors)
        query = unit_rows(1, 5, seed + 1)
        found, distances = index.search(query, n)
        expected = np.sort(1 - vectors.astype(np.float64) @ query[0])[:n]
        np.testing.assert_allclose(distances[0], expected, atol=1e-6)
        assert len(set(found[0].tolist())) == min(n, n_rows)


class TestApproximateIndex(IndexContract):
    n_rows = 3_000
    least_recall = 0.98

    @pytest.fixture
    def make(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Index]:
        # Small enough for a test, yet searched by codes and not by falling back to the exact product.
        monkeypatch.setattr(approximate_module, "_FEW_ALLOWED", 200)
        monkeypatch.setattr(approximate_module, "_FETCHED", 300)
        return lambda dim: ApproximateIndex(dim, seed=0)

    def test_the_codes_are_asked(self, filled: Index, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> None:
            raise AssertionError("the exact search was asked")

        monkeypatch.setattr(approximate_module.Rows, "nearest", refuse)
        assert filled.search(self.vectors[:1], 5)[0][0, 0] == self.ids[0]

    def test_codes_learned_on_few_are_learned_again_when_there_are_many(
        self, make: Callable[[int], Index]
    ) -> None:
        index = make(DIM)
        for part in np.array_split(np.arange(self.n_rows), [100, 300, 1000]):
            index.add(self.ids[part], self.vectors[part])
        assert self.recall(index) >= self.least_recall

    @pytest.mark.parametrize("dim", [5, 2, 1])
    def test_odd_and_tiny_dimensions(self, make: Callable[[int], Index], dim: int) -> None:
        index = make(dim)
        vectors = unit_rows(1_000, dim)
        index.add(np.arange(1_000), vectors)
        np.testing.assert_allclose(index.search(vectors[:3], 1)[1], 0, atol=1e-6)


@pytest.mark.parametrize(("n_rows", "kind"), [(10, ExactIndex), (APPROXIMATE_FROM, ApproximateIndex)])
def test_size_decides(n_rows: int, kind: type) -> None:
    index = build_index(np.arange(n_rows), unit_rows(n_rows, 4))
    assert isinstance(index, kind)
    vectors = index.vectors_of(np.arange(0, n_rows, max(1, n_rows // 10)))
    np.testing.assert_allclose(index.search(vectors, 1)[1], 0, atol=1e-6)


def test_vectors_that_are_no_matrix_are_refused() -> None:
    with pytest.raises(VectorsError):
        build_index(np.arange(3), np.zeros(3, dtype=np.float32))


@pytest.mark.slow
@pytest.mark.parametrize("clustered", [False, True])
def test_recall_at_a_hundred_thousand(clustered: bool) -> None:
    rng = np.random.default_rng(0)
    n, dim = 100_000, 200
    vectors = rng.standard_normal((n, dim)).astype(np.float32)
    if clustered:
        vectors = vectors * 0.5 + rng.standard_normal((500, dim)).astype(np.float32)[rng.integers(0, 500, n)]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = build_index(np.arange(n), vectors)
    queries = unit_rows(50, dim, 1) if not clustered else vectors[:50]
    exact = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]
    found, _ = index.search(queries, 10)
    hits = [len(set(a) & set(b)) / 10 for a, b in zip(exact.tolist(), found.tolist(), strict=True)]
    assert np.mean(hits) >= 0.98
