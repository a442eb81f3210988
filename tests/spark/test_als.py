"""What the workers and the driver compute around MLlib, without Spark."""

from __future__ import annotations

from dataclasses import asdict, replace

import hypothesis.extra.numpy as arrays
import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from segue.factors import WMFSettings
from segue.factors.wmf import confidences, evened
from segue.spark.als import mllib_strength, n_blocks, rate
from segue.spark.folders import address, local_path


@given(
    counts=arrays.arrays(np.int64, (6, 5), elements=st.integers(0, 50)),
    confidence=st.sampled_from(["log", "linear"]),
    powers=st.tuples(st.sampled_from([0.0, 0.3]), st.sampled_from([0.0, 0.5])),
)
def test_ratings_are_what_one_machine_adds_to_the_confidence(
    counts: np.ndarray, confidence: str, powers: tuple[float, float]
) -> None:
    matrix = csr_array(counts.astype(np.float32))
    matrix.eliminate_zeros()
    if not matrix.nnz:
        return
    settings = replace(
        WMFSettings(), confidence=confidence, popularity_power=powers[0], listener_power=powers[1]
    )
    places = matrix.tocoo()
    columns = {"listener": places.row, "track": places.col, "plays": places.data}
    for side, rows, power in (("track", places.col, powers[0]), ("listener", places.row, powers[1])):
        if power:
            n = np.bincount(rows)
            values, times = np.unique(n[n > 0], return_counts=True)
            weights = dict(zip(values.tolist(), evened(values, values * times, power).tolist(), strict=True))
            columns[f"{side}_weight"] = np.array([weights[n[row]] for row in rows.tolist()], np.float32)
    (batch,) = rate(iter([pa.RecordBatch.from_pydict(columns)]), asdict(settings))
    expected = confidences(matrix, settings).tocoo()
    assert np.array_equal(batch["listener"].to_numpy(), expected.row)
    np.testing.assert_allclose(batch["rating"].to_numpy(), expected.data - 1, rtol=1e-5)


@given(st.integers(1, 10**11), st.integers(1, 1024), st.integers(1, 512))
def test_blocks_are_as_many_for_each_core_and_none_is_too_large(
    n_pairs: int, n_factors: int, n_cores: int
) -> None:
    blocks = n_blocks(n_pairs, n_factors, n_cores)
    assert blocks % n_cores == 0 and blocks >= n_cores
    assert 4 * n_factors * n_pairs <= blocks * (128 << 20)


def test_lambda_is_that_of_one_machine_where_all_have_as_many_plays() -> None:
    assert mllib_strength(10.0, np.array([[5, 100]])) == 2.0


def test_a_path_without_a_scheme_is_on_this_machine() -> None:
    assert address("/a b/[c]*") == "file:/a b/[c]*"
    assert str(local_path(address("/a b/[c]*"))) == "/a b/[c]*"
    assert address("plays.parquet").endswith("/plays.parquet") and address("plays.parquet").startswith(
        "file:/"
    )
    assert address("hdfs://host:9000/a") == "hdfs://host:9000/a" and local_path("s3a://b/c") is None
    assert str(local_path("file:///music")) == "/music"
