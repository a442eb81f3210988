"""One side of the factors solved against the other on the workers, with one lambda for all rows.

The given side is sent to every worker, and is once in the memory of each of their Python processes; each
row's normal equations are summed up from its pairs as they stream by, so a listener of everything and a track
of everybody cost no memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.spark import folders
from segue.spark.columns import column_of, matrix_of
from segue.spark.workers import mapped

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray
    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]

_CHUNK_BYTES = 64 << 20  # that come to the driver at once


def collected(frame: DataFrame, n_rows: int, width: int) -> Floats:
    """Factors as a matrix on the driver, brought in parts; rows that the frame does not have are zeros.

    Parameters
    ----------
    frame
        Columns id int below `n_rows`, and factor, array<float> of `width`.
    """
    factors = np.zeros((n_rows, width), dtype=np.float32)
    step = max(1, _CHUNK_BYTES // (4 * width))
    for first in range(0, n_rows, step):
        part = frame.where(f"id >= {first} and id < {first + step}").select("id", "factor").toArrow()
        if part.num_rows:
            factors[part["id"].to_numpy()] = matrix_of(part["factor"], "factors")
    return factors


def solved(
    session: SparkSession, ratings: DataFrame, side: str, given: Floats, strength: float, place: str
) -> DataFrame:
    """Half an iteration of alternating least squares: the factors of one side from those of the other.

    Parameters
    ----------
    ratings
        Columns listener int, track int, rating float: ``c - 1``.
    side
        ``listener`` or ``track``: whose factors are wanted.
    given : (n, n_factors) float32
        Of the other side; row i is that of id i.
    strength
        lambda.
    place
        A folder that all machines see, for the result.

    Returns
    -------
    DataFrame
        Columns id int, factor array<float>, read from `place`.

    References
    ----------
    Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM 2008, equations 4, 5.
    """
    other = "track" if side == "listener" else "listener"
    system = (given.T @ given).astype(np.float64) + strength * np.eye(given.shape[1])
    pairs = ratings.selectExpr(f"{side} as id", f"{other} as other", "rating")
    ordered = pairs.repartition("id").sortWithinPartitions("id")
    sent = session.sparkContext.broadcast(given)
    mapped(ordered, solve_rows, "id int, factor array<float>", sent, system).write.parquet(place)
    sent.unpersist()
    return folders.reader(session).parquet(place)


def solve_rows(
    batches: Iterator[pa.RecordBatch], given: Broadcast[Floats], system: Doubles
) -> Iterator[pa.RecordBatch]:
    """Solve rows whose pairs follow each other; done by the workers.

    Parameters
    ----------
    given : (n, n_factors) float32
        Of the other side.
    system : (n_factors, n_factors) float64
        What all pairs without plays say together, with lambda.
    """
    return rows_of(batches, given.value, system)


def rows_of(batches: Iterator[pa.RecordBatch], given: Floats, system: Doubles) -> Iterator[pa.RecordBatch]:
    """`solve_rows` with the factors themselves; a row may go on in the next batch."""
    current = -1
    left, right = system.copy(), np.zeros(len(system))
    for batch in batches:
        ids, others, added = (batch[name].to_numpy() for name in ("id", "other", "rating"))
        if not len(ids):
            continue
        done: list[tuple[int, NDArray[Any]]] = []
        borders = np.flatnonzero(np.diff(ids)) + 1
        for first, last in zip([0, *borders], [*borders, len(ids)], strict=True):
            if ids[first] != current:
                if current >= 0:
                    done.append((current, np.linalg.solve(left, right)))
                current = int(ids[first])
                left, right = system.copy(), np.zeros(len(system))
            chosen, weights = np.asarray(given[others[first:last]]), added[first:last, None]
            left += (chosen * weights).T @ chosen
            right += chosen.T @ (weights[:, 0] + 1)
        if done:
            yield _batch(done)
    if current >= 0:
        yield _batch([(current, np.linalg.solve(left, right))])


def _batch(done: list[tuple[int, NDArray[Any]]]) -> pa.RecordBatch:
    import pyarrow as pa

    ids, rows = zip(*done, strict=True)
    factors = column_of(np.stack(rows).astype(np.float32))
    return pa.RecordBatch.from_arrays([pa.array(ids, pa.int32()), factors], ["id", "factor"])
