"""Content to factors on a cluster: learned from sums of all or from a sample, predicted everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from segue.errors import SegueError, UsageError
from segue.factors.content import Content, ContentModel, fit_content
from segue.spark.columns import column_of, matrix_of
from segue.spark.moments import N_FOLDS, LinearContent, Moments, fit_linear, fold_of, merged, moments_of
from segue.spark.workers import mapped

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray
    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

    Batches = Iterator[pa.RecordBatch]

_SUMMED_AT_ONCE = 8_192  # rows
_SUMS = "fold int, part int, n long, mean binary, scatter binary"
_SAMPLE = 20_000  # tracks: what one machine learns from in a minute


class ContentPredicts(Protocol):
    """What both ways give."""

    def predict(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Factors, ``(n, n_factors) float32``, of content ``(n, n_inputs)``."""


@dataclass(frozen=True, slots=True)
class SampledContent:
    """A model learned on the driver; see `fit_on_sample`."""

    model: ContentModel

    @property
    def method(self) -> str:
        """What it is, in words."""
        return f"{self.model.method} {self.model.setting}".strip()

    @property
    def explained(self) -> float:
        """Share of the variance of factors that content explains, on artists left out."""
        return self.model.choices[self.model.method]

    def predict(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Factors, ``(n, n_factors) float32``."""
        return self.model.factors(Content(vectors.astype(np.float64)))


def read_vectors(session: SparkSession, folder: str) -> DataFrame:
    """Vectors of one encoder, ``name`` and ``vector``; of a name with several rows the newest counts.

    Raises
    ------
    UsageError
        If there is no such folder, it holds something else, or vectors of several encoders.
    """
    from pyspark.errors import AnalysisException
    from pyspark.sql import functions as f

    try:
        given = session.read.parquet(folder)
    except AnalysisException as error:
        raise UsageError(f"{folder} holds no vectors: `segue spark embed` makes them") from error
    missing = [name for name in ("name", "encoder", "vector") if name not in given.columns]
    if missing:
        raise UsageError(f"{folder} has no column {missing[0]!r}: `segue spark embed` makes such folders")
    encoders = sorted(str(row[0]) for row in given.select("encoder").distinct().collect())
    if not encoders:
        raise UsageError(f"{folder} holds no vectors: it has no rows")
    if len(encoders) > 1:
        raise UsageError(
            f"{folder} holds vectors of {len(encoders)} encoders ({', '.join(encoders)}), which cannot be "
            "compared: keep each encoder's in a folder of its own"
        )
    n_rows, n_names = given.agg(f.count("name"), f.count_distinct("name")).collect()[0]
    if n_rows == n_names or "modified_ns" not in given.columns:
        return given.select("name", "vector")
    return given.groupBy("name").agg(f.max_by("vector", "modified_ns").alias("vector"))


def fit_by_sums(vectors: DataFrame, tracks: DataFrame, artists: DataFrame | None = None) -> LinearContent:
    """Learn ridge regression from all tracks with content and factors, in one pass over them.

    Each partition adds up its rows in float64, folds apart, and the sums of one fold meet in one task; the
    driver gets one matrix a fold, however many tracks there are.

    Parameters
    ----------
    vectors
        ``name``, ``vector``.
    tracks
        ``track`` and ``factor``, none of them all 0; the track as text is the name.
    artists
        ``track`` as text and ``artist``: the penalty is chosen on artists left out, without them on tracks.

    Raises
    ------
    UsageError
        If fewer than ten tracks have both.
    """
    pairs = _pairs(vectors, tracks, artists)
    sums = mapped(pairs, sum_of_partition, _SUMS).repartition(N_FOLDS, "fold")
    rows = mapped(sums.sortWithinPartitions("fold", "part"), sum_of_folds, _SUMS).collect()
    if not rows:
        raise _no_pairs(vectors, tracks)
    rows.sort(key=lambda row: int(row["fold"]))
    folds = [_moments(row["n"], row["mean"], row["scatter"]) for row in rows]
    n_factors = _width(tracks, "factor")
    return fit_linear(folds, len(folds[0].mean) - n_factors)


def fit_on_sample(
    vectors: DataFrame,
    tracks: DataFrame,
    artists: DataFrame | None = None,
    *,
    method: str = "auto",
    seed: int = 0,
) -> SampledContent:
    """Learn on the driver, by any method of one machine, from at most 20,000 tracks with content and factors.

    Parameters
    ----------
    vectors, tracks, artists
        As in `fit_by_sums`.
    method, seed
        As in `segue.factors.content.fit_content`.

    Raises
    ------
    UsageError
        If fewer than ten tracks have both.
    """
    from pyspark.sql import functions as f

    pairs = _pairs(vectors, tracks, artists)
    # The same tracks each time, whatever the partitions.
    drawn = pairs.orderBy(f.xxhash64("name", f.lit(seed)), "name").limit(_SAMPLE).toArrow()
    if not drawn.num_rows:
        raise _no_pairs(vectors, tracks)
    content = matrix_of(drawn["vector"], "vectors").astype(np.float64)
    groups = np.unique(np.array(drawn["group"].to_pylist(), dtype=np.str_), return_inverse=True)[1]
    model = fit_content(
        Content(content),
        matrix_of(drawn["factor"], "factors"),
        groups=groups.astype(np.int64),
        method=method,
        seed=seed,
    )
    return SampledContent(model)


def predicted(session: SparkSession, vectors: DataFrame, model: ContentPredicts) -> DataFrame:
    """Factors of all vectors: ``track`` (text), ``factor``. What is not finite gets none."""
    from pyspark import cloudpickle

    sent = session.sparkContext.broadcast(cloudpickle.dumps(model))  # type: ignore[no-untyped-call]
    return mapped(
        vectors.select("name", "vector"), predict_partition, "track string, factor array<float>", sent
    )


def _pairs(vectors: DataFrame, tracks: DataFrame, artists: DataFrame | None) -> DataFrame:
    """``name, vector, factor, group`` of the tracks that have both."""
    from pyspark.sql import functions as f

    known = tracks.select(f.col("track").cast("string").alias("name"), "factor")
    both = vectors.join(known, "name")
    if artists is None:
        return both.select("name", "vector", "factor", f.col("name").alias("group"))
    told = artists.select(f.col("track").alias("name"), "artist")
    group = f.when(f.length("artist") > 0, f.col("artist")).otherwise(f.concat(f.lit("\0"), "name"))
    return both.join(told, "name", "left").select("name", "vector", "factor", group.alias("group"))


def _no_pairs(vectors: DataFrame, tracks: DataFrame) -> UsageError:
    name, track = vectors.select("name").first(), tracks.select("track").first()
    return UsageError(
        "no name of the vectors is a track of the factors: they must be its tracks as text, such as "
        f"{str(track[0] if track else '')!r}, not {str(name[0] if name else '')!r}"
    )


def _width(frame: DataFrame, column: str) -> int:
    row = frame.select(column).first()
    return 0 if row is None else len(row[0])


def sum_of_partition(batches: Batches) -> Batches:
    """On a worker: the moments of the rows of a partition, one row for each fold that has any."""
    from pyspark import TaskContext

    context = TaskContext.get()
    part = 0 if context is None else context.partitionId()
    sums: dict[int, Moments] = {}
    waiting: list[tuple[NDArray[np.int64], NDArray[np.float32]]] = []

    def add() -> None:
        if not waiting:
            return
        folds, rows = (np.concatenate(column) for column in zip(*waiting, strict=True))
        waiting.clear()
        for fold in np.unique(folds).tolist():
            found = moments_of(rows[folds == fold])
            sums[fold] = merged(sums[fold], found) if fold in sums else found

    for batch in batches:
        rows = np.hstack([matrix_of(batch["vector"], "vectors"), matrix_of(batch["factor"], "factors")])
        if not len(rows):
            continue
        if waiting and waiting[0][1].shape[1] != rows.shape[1]:
            raise SegueError(_DIFFER)
        finite = np.isfinite(rows).all(axis=1)
        waiting.append((fold_of(batch["group"].to_pylist())[finite], rows[finite]))
        if sum(len(folds) for folds, _ in waiting) >= _SUMMED_AT_ONCE:
            add()
    add()
    for fold, found in sorted(sums.items()):
        yield _as_batch(fold, part, found)


_DIFFER = "vectors differ in length: they are of several encoders; make them again, all in one run"


def sum_of_folds(batches: Batches) -> Batches:
    """On a worker: rows of one fold, in order, become one."""
    sums: dict[int, Moments] = {}
    for batch in batches:
        for row in batch.to_pylist():
            found = _moments(row["n"], row["mean"], row["scatter"])
            before = sums.get(row["fold"])
            if before is not None and len(before.mean) != len(found.mean):
                raise SegueError(_DIFFER)
            sums[row["fold"]] = found if before is None else merged(before, found)
    for fold, found in sorted(sums.items()):
        yield _as_batch(fold, 0, found)


def predict_partition(batches: Batches, sent: Broadcast[bytes]) -> Batches:
    """On a worker: factors of named vectors."""
    import pyarrow as pa
    from pyspark import cloudpickle

    model: ContentPredicts = cloudpickle.loads(sent.value)
    for batch in batches:
        vectors = matrix_of(batch["vector"], "vectors")
        finite = np.flatnonzero(np.isfinite(vectors).all(axis=1))
        if not len(finite):
            continue
        try:
            factors = model.predict(vectors[finite])
        except ValueError:
            raise SegueError(_DIFFER) from None
        names = batch["name"].take(pa.array(finite)).cast(pa.string())
        yield pa.RecordBatch.from_arrays([names, column_of(factors)], ["track", "factor"])


def _as_batch(fold: int, part: int, found: Moments) -> pa.RecordBatch:
    import pyarrow as pa

    return pa.RecordBatch.from_arrays(
        [
            pa.array([fold], pa.int32()),
            pa.array([part], pa.int32()),
            pa.array([found.n], pa.int64()),
            pa.array([found.mean.astype("<f8").tobytes()]),
            pa.array([found.scatter.astype("<f8").tobytes()]),
        ],
        ["fold", "part", "n", "mean", "scatter"],
    )


def _moments(n: int, mean: bytes, scatter: bytes) -> Moments:
    centre = np.frombuffer(mean, "<f8")
    return Moments(n, centre, np.frombuffer(scatter, "<f8").reshape(len(centre), -1))
