"""Content to factors on a cluster gives the numbers of one machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segue.errors import SegueError, UsageError
from segue.spark.moments import N_FOLDS, fit_linear, fold_of, moments_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


pytestmark = [pytest.mark.spark, pytest.mark.timeout(600)]
N_TRACKS, N_INPUTS, N_FACTORS = 60, 8, 3


@pytest.fixture(scope="module")
def made() -> tuple[list[str], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    content = rng.normal(50, 3, (N_TRACKS, N_INPUTS)).astype(np.float32)
    factors = (content - 50) @ rng.standard_normal((N_INPUTS, N_FACTORS)) * 0.1
    return [f"track {row:03}" for row in range(N_TRACKS)], content, factors.astype(np.float32)


def write_vectors(folder: Path, names: list[str], content: np.ndarray, encoder: str = "one") -> None:
    folder.mkdir(exist_ok=True)
    table = pa.table(
        {
            "name": names,
            "encoder": [encoder] * len(names),
            "vector": pa.array(list(content), pa.list_(pa.float32())),
            "digest": ["0" * 64] * len(names),
            "size": np.arange(len(names)),
            "modified_ns": np.full(len(names), len(list(folder.iterdir())), dtype=np.int64),
        }
    )
    pq.write_table(table, folder / f"part-{len(list(folder.iterdir())):016x}.parquet")


def _tracks(session: SparkSession, names: list[str], factors: np.ndarray) -> DataFrame:
    table = pa.table({"track": names, "factor": pa.array(list(factors), pa.list_(pa.float32()))})
    return session.createDataFrame(table)


def test_sums_over_partitions_are_the_regression_of_one_machine(
    session: SparkSession, made: tuple[list[str], np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    from segue.spark.content import fit_by_sums, predicted, read_vectors

    names, content, factors = made
    write_vectors(tmp_path / "vectors", names[:20], content[:20])
    write_vectors(tmp_path / "vectors", [], content[:0])  # a part without rows
    write_vectors(tmp_path / "vectors", names[20:], content[20:])
    write_vectors(tmp_path / "vectors", names[:3], content[:3])  # left by a run that was killed
    vectors = read_vectors(session, str(tmp_path / "vectors"))
    # Every second track has factors; a dozen partitions of thirty rows leave some empty.
    tracks = _tracks(session, names[::2], factors[::2]).repartition(12)
    model = fit_by_sums(vectors, tracks)
    rows, folds = np.hstack([content, factors])[::2], fold_of(names[::2])
    alone = fit_linear([moments_of(rows[folds == fold]) for fold in range(N_FOLDS)], N_INPUTS)
    np.testing.assert_allclose(model.weights, alone.weights, rtol=1e-4, atol=1e-6)
    assert model.penalty == alone.penalty
    assert model.n_learned == len(names[::2])
    found = predicted(session, vectors, model).toArrow().sort_by("track")
    assert found["track"].to_pylist() == names
    np.testing.assert_allclose(np.stack(found["factor"].to_pylist()), alone.predict(content), atol=1e-4)


def test_a_sample_teaches_any_method(
    session: SparkSession, made: tuple[list[str], np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    from segue.spark.content import fit_on_sample, predicted, read_vectors

    names, content, factors = made
    write_vectors(tmp_path / "vectors", names, content)
    vectors = read_vectors(session, str(tmp_path / "vectors"))
    artists = session.createDataFrame(pa.table({"track": names, "artist": [name[-2:] for name in names]}))
    model = fit_on_sample(vectors, _tracks(session, names, factors), artists, method="ridge")
    assert model.model.choices["ridge"] > 0.5
    found = predicted(session, vectors, model).toArrow().sort_by("track")
    np.testing.assert_allclose(np.stack(found["factor"].to_pylist()), model.predict(content), atol=1e-4)


def test_vectors_of_several_encoders_are_refused(session: SparkSession, tmp_path: Path) -> None:
    from segue.spark.content import read_vectors

    write_vectors(tmp_path / "vectors", ["a"], np.ones((1, 3)), "one")
    write_vectors(tmp_path / "vectors", ["b"], np.ones((1, 3)), "two")
    with pytest.raises(UsageError, match="2 encoders \\(one, two\\)"):
        read_vectors(session, str(tmp_path / "vectors"))


def test_vectors_of_several_lengths_are_refused(session: SparkSession, tmp_path: Path) -> None:
    from segue.spark.content import fit_by_sums, read_vectors
    from segue.spark.failures import translated

    names = [f"{row}" for row in range(40)]
    write_vectors(tmp_path / "vectors", names[:20], np.ones((20, 3)))
    write_vectors(tmp_path / "vectors", names[20:], np.ones((20, 4)))
    vectors = read_vectors(session, str(tmp_path / "vectors"))
    with pytest.raises(SegueError, match="differ in length"), translated():
        fit_by_sums(vectors, _tracks(session, names, np.ones((40, 2))))


def test_names_that_are_no_tracks_are_told(session: SparkSession, tmp_path: Path) -> None:
    from segue.spark.content import fit_by_sums, read_vectors

    write_vectors(tmp_path / "vectors", ["/music/a.mp3"], np.ones((1, 3)))
    vectors = read_vectors(session, str(tmp_path / "vectors"))
    with pytest.raises(UsageError, match=r"such as 'a', not '/music/a.mp3'"):
        fit_by_sums(vectors, _tracks(session, ["a"], np.ones((1, 2))))


def test_a_folder_of_something_else_is_no_vectors(session: SparkSession, tmp_path: Path) -> None:
    from segue.spark.content import read_vectors

    with pytest.raises(UsageError, match="holds no vectors"):
        read_vectors(session, str(tmp_path / "nothing"))
    pq.write_table(pa.table({"x": [1]}), tmp_path / "x.parquet")
    with pytest.raises(UsageError, match="no column 'name'"):
        read_vectors(session, str(tmp_path / "x.parquet"))
