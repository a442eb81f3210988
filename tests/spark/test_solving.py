"""Half an iteration on the workers is what one machine solves."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from segue.factors import Solver, WMFSettings
from segue.factors.wmf import trust
from segue.spark.solving import rows_of


@pytest.mark.parametrize("n_a_batch", [1, 3, 7, 1_000])
def test_rows_are_solved_as_by_one_machine_wherever_batches_end(n_a_batch: int) -> None:
    rng = np.random.default_rng(0)
    settings = WMFSettings(regularisation=3.0)
    given = rng.standard_normal((30, 4)).astype(np.float32)
    ids = np.sort(rng.choice([0, 2, 3, 9], 40)).astype(np.int32)
    others = rng.integers(0, 30, 40).astype(np.int32)
    plays = rng.integers(1, 9, 40).astype(np.float32)
    whole = pa.RecordBatch.from_pydict({"id": ids, "other": others, "rating": trust(plays, settings)})
    batches = [whole.slice(first, n_a_batch) for first in range(0, 40, n_a_batch)]
    system = (given.T @ given).astype(np.float64) + 3.0 * np.eye(4)
    found = pa.Table.from_batches(list(rows_of(iter([whole.slice(0, 0), *batches]), given, system)))
    assert found["id"].to_pylist() == [0, 2, 3, 9]
    expected = [Solver(given, settings).solve(others[ids == one], plays[ids == one]) for one in (0, 2, 3, 9)]
    np.testing.assert_allclose(np.array(found["factor"].to_pylist()), expected, rtol=1e-4, atol=1e-6)


def test_an_empty_partition_gives_nothing() -> None:
    assert list(rows_of(iter([]), np.zeros((1, 2), np.float32), np.eye(2))) == []
